"""`mixdesk jobs watch`: lines, JSON and live bars, over connections that break."""

from __future__ import annotations

import json
from typing import Any

import pytest

JOB = "0193a8f0-1111-7000-8000-000000000001"


@pytest.fixture
def desk(small_desk: Any, training: Any) -> Any:
    small_desk.put(training(JOB))
    return small_desk


@pytest.mark.parametrize(("status", "code"), [("succeeded", 0), ("failed", 1), ("canceled", 1)])
def test_it_ends_with_the_job_and_says_how(call: Any, desk: Any, status: str, code: int) -> None:
    desk.change(JOB, status=status, error="out of memory" if status == "failed" else None)
    done = call("jobs", "watch", JOB)
    assert done.exit_code == code
    assert f"anton: {status}" in done.stdout
    assert ("out of memory" in done.stdout) == (status == "failed")


def test_lines_where_there_is_no_terminal(terminal: Any, desk: Any) -> None:
    watching = terminal("jobs", "watch")
    watching.expect("anton: running, 56.5 %, Training 33.0 %, epoch 4/10, step 12/80, 14–19 min left\n")
    for percent in (56.6, 56.7, 57.1):  # the first two are less than a percent more: no line
        desk.change(JOB, progress_percent=percent)
    watching.expect("57.1 %")
    desk.change(JOB, status="succeeded", progress_percent=100.0)
    assert watching.end() == 0
    assert [line.split(", ")[1] for line in watching.text.splitlines()] == ["56.5 %", "57.1 %", "100 %"]
    assert watching.errors == ""


def test_json_is_one_object_per_change(terminal: Any, desk: Any) -> None:
    watching = terminal("jobs", "watch", "--json")
    watching.expect("56.5")
    desk.change(JOB, progress_percent=56.6)
    watching.expect("56.6")
    desk.change(JOB, status="failed")
    assert watching.end() == 1
    assert [json.loads(line)["progress_percent"] for line in watching.text.splitlines()] == [56.5, 56.6, 56.6]


def test_bars_on_a_terminal(terminal: Any, desk: Any) -> None:
    watching = terminal("jobs", "watch", tty=True)
    watching.expect("14–19 min left")
    for words in ("Preprocessing audio", "Building index", "━", "33.0 %", "epoch 4/10", "▶ running"):
        watching.expect(words)
    desk.change(JOB, status="succeeded", progress_percent=100.0)
    assert watching.end() == 0
    assert "✔ succeeded" in watching.text


def test_it_connects_again_where_it_was(terminal: Any, desk: Any) -> None:
    watching = terminal("jobs", "watch")
    watching.expect("56.5 %")
    desk.change(JOB, progress_percent=60.0)
    watching.expect("60.0 %")
    desk.stop()
    desk.change(JOB, progress_percent=70.0)
    desk.start()
    watching.expect("70.0 %")
    assert desk.streams_opened[0] == {"id": JOB}
    assert desk.streams_opened[-1] == {"id": JOB, "after": "2"}
    desk.change(JOB, status="succeeded")
    assert watching.end() == 0
    assert "mixdesk: the desk does not answer (" in watching.errors


def test_a_job_that_is_deleted_ends_it(terminal: Any, desk: Any) -> None:
    watching = terminal("jobs", "watch")
    watching.expect("56.5 %")
    desk.forget(JOB)
    assert watching.end() == 1
    assert watching.errors == "mixdesk: the job was deleted at the desk\n"


def test_a_desk_that_has_forgotten_is_no_deletion(terminal: Any, desk: Any) -> None:
    watching = terminal("jobs", "watch")
    watching.expect("56.5 %")
    desk.reset()
    desk.change(JOB, progress_percent=71.0)
    watching.expect("71.0 %")
    desk.change(JOB, status="succeeded")
    assert watching.end() == 0


def test_ctrl_c_ends_it_quietly(terminal: Any, desk: Any) -> None:
    watching = terminal("jobs", "watch", tty=True)
    watching.expect("epoch 4/10")
    watching.interrupt()
    assert watching.end() == 130
    assert "Traceback" not in watching.text


def test_a_pipe_that_closes_is_no_traceback(terminal: Any, desk: Any, cli_env: dict[str, str]) -> None:
    import subprocess
    import sys

    code = "from mixdesk_control.cli.jobs import app; app(prog_name='mixdesk jobs')"
    first = subprocess.Popen(
        [sys.executable, "-c", code, "watch", "--json"], env=cli_env, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert first.stdout is not None and first.stderr is not None
    first.stdout.readline()
    first.stdout.close()
    for percent in range(60, 63):
        desk.change(JOB, progress_percent=float(percent))
    first.wait(60)
    errors = first.stderr.read().decode()
    first.stderr.close()
    assert "Traceback" not in errors, errors
