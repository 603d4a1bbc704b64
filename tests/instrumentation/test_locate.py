"""Which desk and token a trainer finds, and whose token it never sends where."""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import mixdesk
from mixdesk import identity, link
from mixdesk.locate import Desk, find_desk, state_dir


def at_home(folder: Path, url: str = "http://127.0.0.1:9770", token: str | None = "local") -> dict[str, str]:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "desk.json").write_text(json.dumps({"url": url, "version": "0", "pid": 1}))
    if token is not None:
        (folder / "tokens").mkdir(exist_ok=True)
        (folder / "tokens" / "reporter").write_text(token + "\n")
    return {"MIXDESK_STATE_DIR": str(folder)}


def test_the_state_folder() -> None:
    assert state_dir({"MIXDESK_STATE_DIR": "/a", "XDG_STATE_HOME": "/b"}) == Path("/a")
    assert state_dir({"XDG_STATE_HOME": "/b"}) == Path("/b/mixdesk")
    assert state_dir({}) == Path.home() / ".local/state/mixdesk"


def test_no_desk(tmp_path: Path) -> None:
    assert find_desk({"MIXDESK_STATE_DIR": str(tmp_path)}) is None
    (tmp_path / "desk.json").write_text("not json")
    assert find_desk({"MIXDESK_STATE_DIR": str(tmp_path)}) is None
    (tmp_path / "desk.json").write_text('["a list"]')
    assert find_desk({"MIXDESK_STATE_DIR": str(tmp_path)}) is None


def test_on_the_desks_own_host_both_are_found(tmp_path: Path) -> None:
    assert find_desk(at_home(tmp_path)) == Desk("http://127.0.0.1:9770", "local")


def test_the_environment_is_first(tmp_path: Path) -> None:
    env = {**at_home(tmp_path), "MIXDESK_URL": "https://desk.example/", "MIXDESK_TOKEN": " theirs "}
    assert find_desk(env) == Desk("https://desk.example", "theirs")


@pytest.mark.parametrize(
    ("url", "sent"),
    [
        ("http://127.0.0.1:9770", True), ("http://localhost:9999/", True), ("http://[::1]:9770", True),
        ("https://desk.example", False), ("http://127.0.0.1.evil.example", False), ("http://192.168.1.5:9770", False),
        ("http://[", False),
    ],
)  # fmt: skip
def test_this_hosts_token_is_not_for_another_hosts_desk(tmp_path: Path, url: str, sent: bool) -> None:
    desk = find_desk({**at_home(tmp_path), "MIXDESK_URL": url})
    assert desk is not None
    assert desk.token == ("local" if sent else None)
    assert sent or "another host" in str(desk.why)


def test_a_public_url_of_ones_own_desk(tmp_path: Path) -> None:
    env = at_home(tmp_path, url="https://desk.example/")
    assert find_desk(env) == Desk("https://desk.example", "local")


@pytest.mark.parametrize("token", [None, ""])
def test_a_token_that_is_missing_is_one_warning_that_names_the_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, token: str | None
) -> None:
    for name, value in at_home(tmp_path, token=token).items():
        monkeypatch.setenv(name, value)
    assert link.connect_to_desk() is None
    assert link.connect_to_desk() is None
    (record,) = caplog.records
    assert "desk http://127.0.0.1:9770: no token" in record.message
    assert "set MIXDESK_TOKEN" in record.message
    with mixdesk.job("training_rvc") as job:
        pass
    assert job.status == "succeeded"


def test_a_user_without_a_home() -> None:
    """A container run under a number that no passwd knows."""
    script = (
        "import pwd, os, mixdesk\n"
        "pwd.getpwuid = lambda uid: (_ for _ in ()).throw(KeyError(uid))\n"
        "with mixdesk.job('training_rvc') as job, job.phase('training'): pass\n"
        "print('status', job.status)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env={"PATH": "/usr/bin:/bin"})
    assert "status succeeded" in done.stdout, done.stderr
    assert "no spool in" in done.stderr


# -- identity ------------------------------------------------------------------------------------------------


@given(st.integers(0, 2**48 - 1))
def test_job_ids_are_uuid7_and_sort_by_time(ms: int) -> None:
    value = uuid.UUID(identity.new_job_id(ms))
    assert (value.version, value.variant, value.int >> 80) == (7, uuid.RFC_4122, ms)
    later = identity.new_job_id(min(ms + 1, 2**48 - 1))
    assert ms == 2**48 - 1 or str(value) < later


def test_keys_and_span_ids() -> None:
    assert len({identity.new_key() for _ in range(50)}) == 50
    assert all(len(key) == 64 and int(key, 16) >= 0 for key in (identity.new_key(),))
    assert len(identity.new_trace_id()) == 32
    assert len(identity.new_span_id()) == 16


@pytest.mark.parametrize(
    ("stat", "ticks"),
    [
        ("12 (python) S 1 12 12 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 98765 1 2", 98765),
        ("12 (a) b (c) S 1 12 12 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 98765 1 2", 98765),
        ("12 (python", None),
        ("", None),
    ],
)
def test_start_ticks(tmp_path: Path, stat: str, ticks: int | None) -> None:
    (tmp_path / "stat").write_text(stat)
    assert identity.start_ticks(tmp_path / "stat") == ticks


def test_where_there_is_no_procfs(tmp_path: Path) -> None:
    process = identity.this_process(tmp_path)
    assert (process.boot_id, process.pid_start) == (None, None)
