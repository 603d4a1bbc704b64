"""`capture_output`: what a trainer and its children print is in the job's log, and reaches where it went before."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest
from captured import Captured, wait_until

import mixdesk
from mixdesk import joblog

pytestmark = pytest.mark.process

PRINTS = """
print("from Python")
print("an error", file=sys.stderr)
subprocess.run(["sh", "-c", "echo from a child; echo its error >&2"])
sys.stdout.flush()
libc = ctypes.CDLL(None)
libc.puts(b"from C")
libc.fflush(None)
os.write(1, bytes(range(256)) + b"\\n")
for i in range(50):
    sys.stderr.write(f"\\r{i:3d}%|" + "#" * (i // 5))
    sys.stderr.flush()
print("", file=sys.stderr)
print("the last line", flush=True)
os.write(2, b"no newline")
"""


def test_the_same_bytes_arrive_as_without_it(captured: Captured) -> None:
    """Each stream for itself, both in one, and in a file."""
    for streams in ("apart", "joined", "file"):
        without, with_it = (captured.bytes(PRINTS, streams=streams, capture=capture) for capture in (False, True))
        assert with_it == without, streams
        [log] = captured.logs()
        if streams != "apart":
            assert log.read_bytes() == with_it[0], "one stream: the log is that stream, in its order"
        else:
            lines = log.read_bytes().splitlines(keepends=True)
            assert sorted(lines) != [] and b"from a child\n" in lines and b"from C\n" in lines
            assert bytes(range(256)) in log.read_bytes()
            assert log.read_bytes().count(b"%|") == 50
        log.unlink()


def test_the_files_are_for_this_user_alone(captured: Captured) -> None:
    captured.bytes("print('x')", job_type="../of\\0my own", mask=0o022)
    [log] = captured.logs()
    assert log == joblog.path_of(captured.state, "../of\0my own", log.name.removesuffix(".log"))
    assert log.stat().st_mode & 0o777 == 0o600
    for folder in (log.parent, log.parent.parent, log.parent.parent.parent):
        assert folder.stat().st_mode & 0o777 == 0o700
    assert log.parent.parent == captured.state / "logs" / "jobs"


def test_what_comes_before_and_after_the_block_is_not_in_the_log(captured: Captured) -> None:
    (out, _) = captured.bytes("print('within')", before="print('before')", after="print('after')")
    assert out == b"before\nwithin\nafter\n"
    assert captured.text() == "within\n"


def test_an_error_that_leaves_the_block_is_in_the_log(captured: Captured) -> None:
    trainer = captured.start("raise ValueError('too much')")
    out, _ = trainer.communicate(timeout=60)
    assert trainer.returncode == 1
    assert captured.text().startswith("Traceback") and captured.text().endswith("ValueError: too much\n")
    assert out.count(b"too much") == 2, "in the line of code and at the end: people see it once"


@pytest.mark.parametrize(("leave", "code"), [("os._exit(3)", 3), ("sys.exit(4)", 4), ("os.abort()", -6)])
def test_nothing_is_lost_however_it_ends(captured: Captured, leave: str, code: int) -> None:
    trainer = captured.start(f"for i in range(3000): os.write(1, b'%05d\\n' % i)\n{leave}")
    out, _ = trainer.communicate(timeout=60)
    assert trainer.returncode == code
    wanted = b"".join(b"%05d\n" % number for number in range(3000))
    assert out == wanted and wait_until(lambda: captured.text().encode() == wanted)


def test_a_killed_trainer_leaves_what_it_wrote(captured: Captured) -> None:
    trainer = captured.start("print('so far', flush=True)\nos.write(1, b'half a line')\nready()\ntime.sleep(600)")
    captured.wait_ready()
    trainer.kill()
    assert trainer.communicate(timeout=60)[0] == b"so far\nhalf a line"
    assert wait_until(lambda: captured.text() == "so far\nhalf a line")


def test_a_child_outlives_the_job_and_the_trainer(captured: Captured) -> None:
    """It is sent no SIGPIPE, and what it prints is still logged."""
    go = captured.folder / "go"
    child = f"while [ ! -e {go} ]; do sleep 0.02; done; echo late; echo later; touch {captured.folder}/done"
    trainer = captured.start(f"subprocess.Popen(['sh', '-c', {child!r}])\nprint('begun', flush=True)")
    assert trainer.wait(60) == 0
    go.touch()
    out, _ = trainer.communicate(timeout=60)
    assert out == b"begun\nlate\nlater\n" and (captured.folder / "done").exists()
    assert wait_until(lambda: captured.text() == "begun\nlate\nlater\n")


def test_ctrl_c_reaches_the_trainer_and_not_its_log(captured: Captured) -> None:
    code = "try:\n    ready(); time.sleep(600)\nexcept KeyboardInterrupt:\n    print('saved what there was')"
    trainer = captured.start(code)
    captured.wait_ready()
    os.killpg(trainer.pid, signal.SIGINT)
    assert trainer.communicate(timeout=60)[0] == b"saved what there was\n"
    assert captured.text() == "saved what there was\n"


def test_its_process_may_be_killed(captured: Captured) -> None:
    """Again and again: another one goes on, and in the end the trainer without."""
    code = """
for i in range(8):
    print(f"line {i}", flush=True)
    ready(); go()
subprocess.run(["echo", "still there"])
"""
    trainer = captured.start(code)
    for _ in range(8):
        captured.wait_ready()
        for pid in captured.helpers():
            os.kill(pid, signal.SIGKILL)
        captured.go()
    out, _ = trainer.communicate(timeout=60)
    assert trainer.returncode == 0
    lines = [line for line in out.decode().splitlines() if not line.startswith("capture_output")]
    assert set(lines) <= {*(f"line {i}" for i in range(8)), "still there"} and lines[-1] == "still there"
    assert captured.text().splitlines()[0] == "line 0"


def test_who_reads_may_go_away(captured: Captured) -> None:
    """`python train.py | head -1`: the run goes on, and the log has all of it."""
    read, write = os.pipe()
    trainer = captured.start("go()\nfor i in range(2000): print(i, flush=True)", stdout=write, stderr=write)
    os.close(write)
    os.close(read)
    captured.go()
    assert trainer.wait(60) == 0
    assert captured.text().splitlines() == [str(number) for number in range(2000)]


def test_a_slow_reader_of_a_pipe_gets_every_byte(captured: Captured) -> None:
    size = 4 << 20
    trainer = captured.start(f"for i in range({size >> 10}): os.write(1, b'%07d' % i + b'x' * 1016 + b'\\n')")
    assert trainer.stdout is not None
    first = os.read(trainer.stdout.fileno(), 1000)
    time.sleep(0.3)  # it is slow: nothing hangs on how much
    out = first + trainer.communicate(timeout=60)[0]
    assert len(out) == size and out == captured.logs()[0].read_bytes()


def test_the_log_is_bounded_and_turns_at_the_end_of_a_line(captured: Captured) -> None:
    captured.bytes("for i in range(12000): print(f'{i:09d}')", more=f"log_bytes={joblog.LEAST_BYTES}")
    [log] = captured.logs()
    older = log.with_name(log.name + ".1")
    assert older.stat().st_mode & 0o777 == 0o600
    for file in (log, older):
        assert 0 < file.stat().st_size <= joblog.LEAST_BYTES + 10
    numbers = [int(line) for file in (older, log) for line in file.read_text().splitlines()]
    assert numbers == list(range(numbers[0], 12000))


def test_jobs_one_after_the_other_and_one_within_the_other(captured: Captured) -> None:
    code = """
print("outer", flush=True)
with mixdesk.job("tts_generate", capture_output=True) as inner:
    print("inner", flush=True)
print("outer again", flush=True)
"""
    after = """
print("between", flush=True)
with mixdesk.job("voice_convert", capture_output=True):
    print("second", flush=True)
print("after", flush=True)
"""
    out, _ = captured.bytes(code, after=after)
    assert out.decode().split("\n") == ["outer", "inner", "outer again", "between", "second", "after", ""]
    assert captured.text("training_rvc") == "outer\ninner\nouter again\n"
    assert captured.text("tts_generate") == "inner\n"
    assert captured.text("voice_convert") == "second\n"


def test_jobs_that_end_in_another_order_than_they_began(captured: Captured) -> None:
    code = """
inner = mixdesk.job("tts_generate", capture_output=True).start()
print("both", flush=True)
job.close()
print("inner alone", flush=True)
inner.close()
print("none", flush=True)
"""
    out, _ = captured.bytes(code)
    assert out == b"both\ninner alone\nnone\n"
    assert captured.text("tts_generate") == "both\ninner alone\n"


def test_processes_of_one_job_write_each_line_once(captured: Captured) -> None:
    """Also where a child captures for itself what its parent does not."""
    script = captured.script("print('joined')\nprint('its error', file=sys.stderr)")
    code = f"""
run = [sys.executable, {str(script)!r}]
subprocess.run(run, env=os.environ | job.environ(), check=True)
subprocess.run(run, env=os.environ | job.environ(), check=True, stderr=subprocess.DEVNULL)
"""
    captured.bytes(code)
    assert sorted(captured.text().splitlines()) == ["its error"] * 2 + ["joined"] * 2


def test_forked_workers_are_captured_and_leave_the_log_alone(captured: Captured) -> None:
    code = """
pid = os.fork()
if not pid:
    os.write(1, b"worker\\n")
    job.close()
    sys.stdout.flush()
    os._exit(0)
os.waitpid(pid, 0)
print("parent", flush=True)
"""
    out, _ = captured.bytes(code)
    assert out == b"worker\nparent\n" and captured.text() == "worker\nparent\n"


def test_with_very_many_files_open(captured: Captured) -> None:
    before = """
import resource
soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))
held = [os.dup(0) for _ in range(1100)]
"""
    assert captured.bytes("print('x')", before=before)[0] == b"x\n"
    assert captured.text() == "x\n"


@pytest.mark.parametrize("before", ["sys.stdout = io.StringIO()", "sys.stderr = open(1, 'w', closefd=False)"])
def test_where_it_cannot_work_it_says_so_once(captured: Captured, before: str) -> None:
    after = "with mixdesk.job('tts_generate', capture_output=True): pass"
    trainer = captured.start("print('x')", before=before, after=after)
    out, _ = trainer.communicate(timeout=60)
    assert trainer.returncode == 0
    assert out.count(b"capture_output: ") == 1, out
    assert captured.logs() == []


def test_a_state_folder_that_cannot_be_written(captured: Captured) -> None:
    captured.state.mkdir()
    (captured.state / "logs").write_text("no folder")
    out, _ = captured.start("print('goes on')").communicate(timeout=60)
    assert b"goes on\n" in out and out.count(b"capture_output: ") == 1


def test_its_process_is_small_and_ends(captured: Captured) -> None:
    trainer = captured.start("ready(); go()")
    captured.wait_ready()
    [helper] = captured.helpers()
    status = Path(f"/proc/{helper}/status").read_text()
    size = int(status.partition("VmRSS:")[2].split()[0])
    print("VmRSS", size, "kB")
    assert size < 24 << 10
    assert os.getsid(helper) != os.getsid(trainer.pid), "no signal of the trainer's terminal or group"
    captured.go()
    trainer.communicate(timeout=60)
    assert wait_until(lambda: captured.helpers() == [])


def test_the_bound_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="log_bytes=1000: must be 65536 or more"):
        mixdesk.job("tts_generate", log_bytes=1000)


def test_ids_and_types_as_names_of_files(tmp_path: Path) -> None:
    for job_type in ("..", ".", "", "a/b", "\0", "x" * 4000, "日本", "\udce9"):
        path = joblog.path_of(tmp_path, job_type, "id")
        assert path.parent.parent == tmp_path / "logs" / "jobs" and path.parent.name not in ("", ".", "..")
        assert len(os.fsencode(path.parent.name)) < 200 and "/" not in path.parent.name
    for job_id in ("../x", "", "a\0", "a" * 65, "a.b"):
        with pytest.raises(ValueError, match="is no job id"):
            joblog.path_of(tmp_path, "t", job_id)
    assert joblog.job_id_of("abc.log") == "abc"
    assert [joblog.job_id_of(name) for name in (".log", "a.log.1", "a b.log", "abc")] == [None] * 4


@pytest.mark.parametrize(
    ("asked", "in_env", "kept"), [("None", "1", True), ("None", "0", False), ("False", "1", False)]
)
def test_where_nothing_is_asked_the_environment_decides(
    captured: Captured, asked: str, in_env: str, kept: bool
) -> None:
    """As in an asset that the desk starts."""
    captured.env["MIXDESK_CAPTURE_OUTPUT"] = in_env
    captured.bytes("print('x')", capture=asked)
    assert [log.read_bytes() for log in captured.logs()] == ([b"x\n"] if kept else [])
