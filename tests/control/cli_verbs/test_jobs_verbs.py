"""`mixdesk jobs`: what it prints, what it asks, how it ends."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from stranger import Stranger

JOB = "0193a8f0-1111-7000-8000-000000000001"
OTHER = "0193a8f0-2222-7000-8000-000000000002"
FILE = "/runs/anton-v0.5-e4-s332-20261124.pth"


@pytest.fixture
def two_jobs(small_desk: Any, training: Any) -> Any:
    small_desk.put(training(JOB))
    small_desk.put(training(OTHER, name="berta", status="succeeded", progress_percent=100.0))
    return small_desk


def test_list_shows_a_line_a_job_newest_first(call: Any, two_jobs: Any) -> None:
    done = call("jobs", "list")
    assert done.exit_code == 0, done.stderr
    head, first, second = done.stdout.splitlines()
    assert head.split()[:4] == ["ID", "NAME", "TYPE", "STATUS"]
    assert first.split()[:5] == ["0193a8f0-2", "berta", "training_rvc", "✔", "succeeded"]
    assert "▶ running" in second and "56.5 %" in second and "14–19 min" in second


def test_list_as_json_is_the_array_alone(call: Any, two_jobs: Any) -> None:
    assert [job["job_id"] for job in json.loads(call("jobs", "list", "--json").stdout)] == [OTHER, JOB]
    assert [job["job_id"] for job in json.loads(call("jobs", "list", "--json", "--limit", "1").stdout)] == [OTHER]
    assert [job["job_id"] for job in json.loads(call("jobs", "list", "--json", "--status", "running").stdout)] == [JOB]


def test_list_follows_the_pages(call: Any, small_desk: Any, training: Any) -> None:
    for number in range(2100):
        small_desk.put(training(f"job-{number:04d}"))
    done = call("jobs", "list", "--json", "--limit", "2050")
    assert len({job["job_id"] for job in json.loads(done.stdout)}) == 2050


def test_an_empty_list_is_an_empty_array(call: Any, small_desk: Any) -> None:
    assert call("jobs", "list", "--json").stdout == "[]\n"
    done = call("jobs", "list")
    assert (done.exit_code, done.stdout, done.stderr) == (0, "", "no jobs\n")


@pytest.mark.parametrize("ref", [JOB, "0193a8f0-1", "anton"])
def test_a_job_is_named_by_id_beginning_or_name(call: Any, two_jobs: Any, ref: str) -> None:
    assert json.loads(call("jobs", "show", ref, "--json").stdout)["job_id"] == JOB


def test_the_newest_of_a_name_is_meant(call: Any, two_jobs: Any, training: Any) -> None:
    two_jobs.put(training("zzz", status="failed"))
    assert json.loads(call("jobs", "show", "anton", "--json").stdout)["job_id"] == "zzz"


def test_the_one_that_runs_needs_no_name(call: Any, two_jobs: Any) -> None:
    assert json.loads(call("jobs", "show", "--json").stdout)["job_id"] == JOB


def test_a_lost_job_does_not_stand_in_the_way_of_the_one_that_runs(call: Any, two_jobs: Any, training: Any) -> None:
    two_jobs.put(training("silent", lost=True))
    assert json.loads(call("jobs", "show", "--json").stdout)["job_id"] == JOB


def test_several_that_run_must_be_named(call: Any, two_jobs: Any, training: Any) -> None:
    two_jobs.put(training("third", name="carla"))
    done = call("jobs", "pause")
    assert (done.exit_code, two_jobs.asked) == (1, [])
    assert done.stderr == f"mixdesk: 2 jobs run: name one of them (third carla, {JOB} anton)\n"


@pytest.mark.parametrize(
    ("ref", "message"),
    [
        ("0193a8f0", "'0193a8f0' is the beginning of several ids"),
        ("nobody", "there is no job 'nobody': `mixdesk jobs list` shows those there are"),
        ("a/../b", "there is no job 'a/../b'"),
    ],
)
def test_what_names_no_job_is_refused(call: Any, two_jobs: Any, ref: str, message: str) -> None:
    done = call("jobs", "cancel", ref)
    assert (done.exit_code, done.stdout, two_jobs.asked) == (1, "", [])
    assert message in done.stderr


def test_nothing_runs(call: Any, small_desk: Any) -> None:
    done = call("jobs", "watch")
    assert (done.exit_code, done.stderr) == (1, "mixdesk: no job runs: name one (`mixdesk jobs list` shows them)\n")


def test_show_tells_phases_checkpoints_and_what_happened(call: Any, two_jobs: Any) -> None:
    loss = {"value": 0.4123, "history": [3, 2, 1, "NaN", 0.4123]}
    saved = {"checkpoint_status": "saved", "last_checkpoint_path": FILE}
    two_jobs.change(JOB, metrics={"loss": loss}, details=saved)
    two_jobs.history[JOB] = {
        "transitions": [{"at": "2026-11-24T12:00:01Z", "before": "starting", "after": "running", "reason": None}],
        "phases": [],
        "checkpoints": [
            {"path": FILE, "epoch": 4, "step": 332, "size": 12_900_000, "saved_at": None, "verified": True}
        ],
        "scores": {"progress_error": 0.0125, "eta_error_50": 0.031},
    }
    done = call("jobs", "show", "anton")
    assert done.exit_code == 0, done.stderr
    facts = ("Preprocessing audio", "33.0 %", "0.4123 █▅▃ ▁", "box1, pid 4242", "▶ running")
    for words in (*facts, "12.3 MiB", FILE, "verified", "1.2 %", "3.1 %"):
        assert words in done.stdout, done.stdout


# -- actions -------------------------------------------------------------------------------------------


def saves(desk: Any, **end: Any) -> Callable[[str, str, str], None]:
    """A trainer that saves a while after it was asked."""

    def act(job_id: str, action: str, operation: str) -> None:
        time.sleep(0.2)
        desk.change(job_id, details={"checkpoint_status": "saving"})
        time.sleep(0.2)
        record = {"path": FILE, "epoch": 4, "step": 332, "size": 12_900_000, "hash": "00", "verified": True}
        desk.change(job_id, checkpoints=[record], details={"checkpoint_status": "saved", "last_checkpoint_path": FILE})
        desk.change(job_id, **end)
        desk.operations[operation] |= {"state": "succeeded"}

    return act


def test_checkpoint_waits_and_tells_the_file(call: Any, two_jobs: Any) -> None:
    two_jobs.on_action = saves(two_jobs)
    done = call("jobs", "checkpoint")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "anton: checkpoint requested",
        "anton: saving",
        f"anton: saved {FILE} (12.3 MiB)",
    ]
    assert two_jobs.asked == [(JOB, "checkpoint", {"then": "continue"})]


def test_checkpoint_then_cancel_tells_the_end_too(call: Any, two_jobs: Any) -> None:
    two_jobs.on_action = saves(two_jobs, status="canceled")
    done = call("jobs", "checkpoint", "anton", "--then", "cancel")
    assert done.exit_code == 0, done.stderr
    assert done.stdout.splitlines()[-2:] == [f"anton: saved {FILE} (12.3 MiB)", "anton: canceled"]
    assert two_jobs.asked == [(JOB, "checkpoint", {"then": "cancel"})]


def test_a_failed_save_is_no_success(call: Any, two_jobs: Any) -> None:
    def act(job_id: str, action: str, operation: str) -> None:
        two_jobs.change(job_id, details={"checkpoint_status": "failed"})
        two_jobs.operations[operation] |= {"state": "failed", "error": "No space left on device"}

    two_jobs.on_action = act
    done = call("jobs", "checkpoint")
    assert (done.exit_code, done.stderr) == (1, "mixdesk: checkpoint failed: No space left on device\n")


@pytest.mark.parametrize("state", ["superseded", "moot", "canceled"])
def test_an_operation_that_came_to_nothing_is_no_success(call: Any, two_jobs: Any, state: str) -> None:
    two_jobs.on_action = lambda job_id, action, operation: two_jobs.operations[operation].update(state=state)
    done = call("jobs", "pause", "--wait")
    assert done.exit_code == 1
    assert done.stderr.startswith(f"mixdesk: pause {state}: ")


@pytest.mark.parametrize("action", ["pause", "resume", "cancel"])
def test_other_actions_return_once_they_hold(call: Any, two_jobs: Any, action: str) -> None:
    done = call("jobs", action)
    assert (done.exit_code, done.stdout) == (0, f"anton: {action} requested (operation op1)\n")
    assert two_jobs.asked == [(JOB, action, {})]


def test_no_wait_returns_at_the_answer(call: Any, two_jobs: Any) -> None:
    done = call("jobs", "checkpoint", "--no-wait", "--json")
    assert (done.exit_code, json.loads(done.stdout)) == (0, {"generation": 1, "operation": "op1"})


def test_json_of_a_request_is_its_operation(call: Any, two_jobs: Any) -> None:
    two_jobs.on_action = saves(two_jobs)
    done = call("jobs", "checkpoint", "--json")
    assert json.loads(done.stdout)["state"] == "succeeded"


def test_the_desks_reason_is_what_people_read(call: Any, two_jobs: Any) -> None:
    done = call("jobs", "cancel", "berta")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == "mixdesk: the job has ended (succeeded)\n"


def test_a_wrong_then_is_wrong_usage(call: Any, two_jobs: Any) -> None:
    assert call("jobs", "checkpoint", "--then", "explode").exit_code == 2
    assert two_jobs.asked == []


def test_delete(call: Any, two_jobs: Any) -> None:
    done = call("jobs", "delete", "anton")
    assert (done.exit_code, done.stderr) == (
        1,
        "mixdesk: the job is running: only a job that has ended can be deleted\n",
    )
    done = call("jobs", "delete", "berta")
    assert (done.exit_code, done.stdout) == (0, f"berta ({OTHER}) is deleted; its files stay\n")
    assert OTHER not in two_jobs.jobs
    assert call("jobs", "delete").exit_code == 2  # never the one that runs, unnamed


def test_ctrl_c_while_waiting_says_that_the_request_stands(terminal: Any, two_jobs: Any) -> None:
    waiting = terminal("jobs", "checkpoint")
    waiting.expect("anton: checkpoint requested")
    waiting.interrupt()
    assert waiting.end() == 130
    assert waiting.errors == (
        "mixdesk: stopped waiting; the checkpoint request stands. `mixdesk jobs watch anton` shows it\n"
    )


def test_a_desk_that_goes_and_comes_while_it_is_waited_for(terminal: Any, two_jobs: Any) -> None:
    waiting = terminal("jobs", "checkpoint")
    waiting.expect("anton: checkpoint requested")
    two_jobs.stop()
    two_jobs.operations["op1"] |= {"state": "succeeded"}
    record = {"path": FILE, "epoch": 4, "step": 332, "size": 1, "hash": "00", "verified": True}
    two_jobs.change(JOB, checkpoints=[record], details={"checkpoint_status": "saved"})
    two_jobs.start()
    assert waiting.end() == 0, waiting.errors
    assert waiting.text.splitlines()[-1] == f"anton: saved {FILE} (1 B)"


def test_a_save_of_a_type_without_checkpoint_details_names_its_file(call: Any, two_jobs: Any, training: Any) -> None:
    two_jobs.put(training("song", name="song", job_type="generate_song"))
    del two_jobs.jobs["song"]["details"]["checkpoint_status"]
    result = {"path": FILE, "size": 2048}
    two_jobs.on_action = lambda _job, _action, op: two_jobs.operations[op].update(state="succeeded", result=result)
    done = call("jobs", "checkpoint", "song")
    assert (done.exit_code, done.stdout.splitlines()[-1]) == (0, f"song: saved {FILE} (2.0 KiB)")


# -- weights -------------------------------------------------------------------------------------------


def phases(*seconds: float) -> list[dict[str, Any]]:
    return [{"key": f"p{number}", "state": "done", "seconds": took} for number, took in enumerate(seconds)]


def test_weights_are_measured_from_finished_runs(call: Any, small_desk: Any, training: Any) -> None:
    for number, seconds in enumerate([(10, 30), (20, 20)]):
        small_desk.put(training(f"run-{number}", status="succeeded"))
        small_desk.history[f"run-{number}"] = {"phases": phases(*seconds)}
    small_desk.put(training("resumed", status="succeeded"))
    small_desk.history["resumed"] = {"phases": [{"key": "p0", "state": "skipped", "seconds": None}, *phases(1)]}
    done = call("jobs", "weights", "training_rvc")
    assert done.stdout.splitlines() == [
        "# training_rvc: measured over 2 finished runs",
        "[jobs.weights.training_rvc]",
        "p0 = 37.5",
        "p1 = 62.5",
    ]


def test_weights_leave_out_runs_that_did_not_do_it_all(call: Any, small_desk: Any, training: Any) -> None:
    """A run that went on from a checkpoint, and one that found the work of its first phase in a cache."""
    for number in range(4):
        small_desk.put(training(f"run-{number}", status="succeeded"))
        small_desk.history[f"run-{number}"] = {"phases": phases(10, 30)}
    small_desk.put(training("again", status="succeeded", attempt=2, parent_id="run-0"))
    small_desk.history["again"] = {"phases": phases(1, 3000)}
    small_desk.put(training("cached", status="succeeded"))
    small_desk.history["cached"] = {"phases": phases(0.1, 30)}
    done = call("jobs", "weights", "training_rvc")
    assert done.stdout.splitlines() == [
        "# training_rvc: measured over 4 finished runs",
        "[jobs.weights.training_rvc]",
        "p0 = 25",
        "p1 = 75",
    ]


def test_weights_are_those_of_the_last_twenty(call: Any, small_desk: Any, training: Any) -> None:
    for number in range(25):
        small_desk.put(training(f"run-{number:02}", status="succeeded"))
        small_desk.history[f"run-{number:02}"] = {"phases": phases(10, 10)}
    assert "measured over 20 finished runs" in call("jobs", "weights", "training_rvc").stdout


def test_weights_without_finished_runs_say_so(call: Any, small_desk: Any) -> None:
    done = call("jobs", "weights", "training_rvc")
    assert "not measured ones" in done.stdout.splitlines()[0]
    assert "training = 50" in done.stdout
    assert sum(json.loads(call("jobs", "weights", "training_rvc", "--json").stdout).values()) == 100
    done = call("jobs", "weights", "my_own")
    assert done.exit_code == 1 and "no job of type 'my_own' has run here" in done.stderr


def test_weights_can_be_read_back_as_settings(call: Any, small_desk: Any, training: Any) -> None:
    import tomllib

    small_desk.put(training("run", status="succeeded", job_type='odd "type"'))
    small_desk.history["run"] = {"phases": phases(1, 1, 1)}
    text = call("jobs", "weights", 'odd "type"').stdout
    assert tomllib.loads(text) == {"jobs": {"weights": {'odd "type"': {"p0": 33.4, "p1": 33.3, "p2": 33.3}}}}


# -- which desk, which token ---------------------------------------------------------------------------


def test_no_desk_is_one_line(call: Any, tmp_path: Path) -> None:
    done = call("jobs", "list", MIXDESK_STATE_DIR=str(tmp_path / "nothing"))
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == (
        "mixdesk: no desk is known here: start one with `mixdesk up`, or pass --url or set MIXDESK_URL\n"
    )


def test_a_desk_that_does_not_answer_is_one_line(call: Any, small_desk: Any) -> None:
    small_desk.stop()
    done = call("jobs", "list")
    assert done.exit_code == 1
    assert done.stderr.startswith(f"mixdesk: no desk answers at {small_desk.url} (Connection refused): start it")


def test_the_trainers_token_is_never_used(call: Any, small_desk: Any, cli_env: dict[str, str]) -> None:
    (Path(cli_env["MIXDESK_STATE_DIR"]) / "tokens" / "operator").unlink()
    done = call("jobs", "list")
    assert done.exit_code == 1
    assert done.stderr.startswith("mixdesk: no token: pass --token-file or set MIXDESK_CLI_TOKEN (")


def test_token_and_desk_by_flag_then_environment(call: Any, small_desk: Any, tmp_path: Path, cli_env: Any) -> None:
    token = (Path(cli_env["MIXDESK_STATE_DIR"]) / "tokens" / "operator").read_text()
    nowhere = {"MIXDESK_STATE_DIR": str(tmp_path / "nothing")}
    assert call("jobs", "list", MIXDESK_URL=small_desk.url, MIXDESK_CLI_TOKEN=token, **nowhere).exit_code == 0
    (tmp_path / "token").write_text(token)
    flags = ("--url", small_desk.url + "/", "--token-file", str(tmp_path / "token"))
    wrong = {"MIXDESK_URL": "http://127.0.0.1:1", "MIXDESK_CLI_TOKEN": "wrong", **nowhere}
    assert call("jobs", "list", *flags, **wrong).exit_code == 0
    assert call("jobs", "list", "--url", f"127.0.0.1:{small_desk.port}").exit_code == 0


def test_a_token_of_the_folder_is_for_the_port_that_its_desk_has(call: Any, small_desk: Any, tmp_path: Path) -> None:
    """The desk was started again on another port, and a stranger has the old one."""
    stranger = Stranger(0)
    done = call("jobs", "list", "--url", f"http://127.0.0.1:{stranger.port}")
    assert done.exit_code == 1 and "the desk that was here has gone" in done.stderr
    assert (stranger.visits, bytes(stranger.heard)) == (0, b"")
    (tmp_path / "token").write_text("said-outright")

    def goes_once_it_has_heard() -> None:
        while b"said-outright" not in stranger.heard and not gone.wait(0.02):
            pass
        stranger.close()

    gone = threading.Event()
    threading.Thread(target=goes_once_it_has_heard, daemon=True).start()
    call("jobs", "list", "--url", f"http://127.0.0.1:{stranger.port}", "--token-file", str(tmp_path / "token"))
    gone.set()
    assert b"said-outright" in bytes(stranger.heard)
    assert call("jobs", "list", "--url", f"http://localhost:{small_desk.port}").exit_code == 0


def test_a_wrong_token_names_where_it_is_from(call: Any, small_desk: Any) -> None:
    done = call("jobs", "list", MIXDESK_CLI_TOKEN="wrong")
    assert done.stderr == "mixdesk: this token is not known here (token: MIXDESK_CLI_TOKEN)\n"


@pytest.mark.parametrize(
    "url",
    [
        "ftp://box",
        "http://",
        "http://bad host",
        "http://127.0.0.1:999999",
        "http://127.0.0.1:0",
        "http://[::1",
        f"http://{'a' * 64}.example",
        f"http://{'ü' * 64}.example",
        "http://a..b",
        "http://box:port",
    ],
)
def test_a_wrong_address_is_one_line(call: Any, small_desk: Any, url: str) -> None:
    done = call("jobs", "list", "--url", url)
    assert done.exit_code == 1
    assert done.stderr.startswith("mixdesk: ") and done.stderr.count("\n") == 1


def test_a_missing_token_file_is_one_line(call: Any, small_desk: Any) -> None:
    done = call("jobs", "list", "--token-file", "/nowhere/token")
    assert done.stderr == "mixdesk: --token-file /nowhere/token cannot be read: No such file or directory\n"


def test_something_else_at_that_address_is_named(call: Any, small_desk: Any) -> None:
    done = call("jobs", "list", "--url", small_desk.url + "/nothing")
    assert done.stderr == f"mixdesk: {small_desk.url}/nothing answered 404, and not as a desk of Mixdesk does\n"
