"""The log on a disk that takes nothing for a while, or whose files are taken away."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest
from captured import Captured

from mixdesk.capture.tee import LogFile

pytestmark = pytest.mark.process


def test_a_full_disk_stops_nobody_and_is_said_when_it_is_over(captured: Captured) -> None:
    """A limit on the size of files stands for the disk: the same calls fail."""
    limit = "resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))"
    code = """
for i in range(4000): print(f"{i:07d}", flush=True)
go()
print("again", flush=True)
"""
    trainer = captured.start(code, before=f"import resource\n{limit}")
    assert trainer.stdout is not None
    out = trainer.stdout.read(32_000)  # what arrives here is in the log, or not, already
    [helper] = captured.helpers()
    _lift(helper)
    captured.go()
    out += trainer.stdout.read()
    assert trainer.wait(60) == 0
    assert out == b"".join(b"%07d\n" % number for number in range(4000)) + b"again\n"
    kept, _, rest = captured.text().partition("\n[mixdesk: ")
    assert len(kept) <= 20_000 and kept.startswith("0000000\n")
    assert rest == f"{32_000 - len(kept)} bytes are missing here: File too large]\nagain\n"


def _lift(pid: int) -> None:
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def test_a_log_that_is_removed_or_moved_begins_anew(tmp_path: Path) -> None:
    path = tmp_path / "job.log"
    log = LogFile(str(path), 1000)
    log.write(b"one\n")
    path.unlink()
    log.write(b"two\n")
    assert path.read_bytes() == b"two\n"
    path.rename(tmp_path / "other")
    log.write(b"three\n")
    assert path.read_bytes() == b"three\n"
    log.close()


def test_it_is_no_link_that_is_written_to(tmp_path: Path) -> None:
    path, target = tmp_path / "job.log", tmp_path / "elsewhere"
    target.write_bytes(b"mine\n")
    path.symlink_to(target)
    log = LogFile(str(path), 1000)
    log.write(b"one\n")
    log.close()
    assert target.read_bytes() == b"mine\n"


def test_a_line_without_end_is_turned_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "job.log"
    log = LogFile(str(path), 1000)
    for _ in range(200):
        log.write(b"x" * (64 << 10))
    log.close()
    assert path.stat().st_size + (tmp_path / "job.log.1").stat().st_size < 4 << 20


def test_a_progress_bar_without_lines_is_turned_at_its_states(tmp_path: Path) -> None:
    path = tmp_path / "job.log"
    log = LogFile(str(path), 1000)
    for number in range(1000):
        log.write(b"\r%4d%%" % number)
    log.close()
    assert path.stat().st_size <= 1010
    assert path.read_bytes().endswith(b" 999%") and len(path.read_bytes().split(b"\r")[0]) in (0, 5)
