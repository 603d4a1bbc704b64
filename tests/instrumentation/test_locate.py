"""Which desk and token a trainer finds, and whose token it never sends where."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest
from announcing import announce
from hypothesis import given
from hypothesis import strategies as st

import mixdesk
from mixdesk import identity, link
from mixdesk.locate import Desk, find_desk, state_dir

_desks: list[IO[str]] = []


@pytest.fixture(autouse=True)
def desks_end_with_their_test() -> Iterator[None]:
    yield
    while _desks:
        _desks.pop().close()


def at_home(folder: Path, url: str = "http://127.0.0.1:9770", token: str | None = "local") -> dict[str, str]:
    """The environment of a trainer beside a living desk."""
    _desks.append(announce(folder, url))
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
        ("http://127.0.0.1:9770", True), ("http://localhost:9770/", True), ("http://[::1]:9770", True),
        ("https://desk.example", False), ("http://127.0.0.1.evil.example", False), ("http://192.168.1.5:9770", False),
        ("http://[", False),
    ],
)  # fmt: skip
def test_this_hosts_token_is_not_for_another_hosts_desk(tmp_path: Path, url: str, sent: bool) -> None:
    desk = find_desk({**at_home(tmp_path), "MIXDESK_URL": url})
    assert desk is not None
    assert desk.token == ("local" if sent else None)
    assert sent or "another host" in str(desk.why)


@pytest.mark.parametrize(
    "url", ["http://localhost:9999", "http://127.0.0.1:9771", "https://localhost:9770", "http://127.0.0.1:999999"]
)
def test_a_desk_that_lives_on_another_port_does_not_vouch_for_whoever_has_this_one(tmp_path: Path, url: str) -> None:
    """It was started again elsewhere, say, and MIXDESK_URL still names the old port."""
    desk = find_desk({**at_home(tmp_path), "MIXDESK_URL": url})
    assert desk is not None and desk.url == url
    assert desk.witness() is None


@pytest.mark.parametrize("name", ["localhost", "[::1]", "127.0.0.1"])
def test_another_name_of_the_desks_address_is_taken_as_its_own(tmp_path: Path, name: str) -> None:
    """A stranger may listen on that port of ::1, which localhost is looked for at first."""
    desk = find_desk({**at_home(tmp_path), "MIXDESK_URL": f"http://{name}:9770"})
    assert desk == Desk("http://127.0.0.1:9770", "local")
    assert desk.witness() is not None


def test_with_tls_the_name_stays_for_the_certificate_is_of_that(tmp_path: Path) -> None:
    env = {**at_home(tmp_path, url="https://127.0.0.1:9770"), "MIXDESK_URL": "https://localhost:9770"}
    desk = find_desk(env)
    assert desk == Desk("https://localhost:9770", "local")
    assert desk.witness() is not None
    _desks.pop().close()
    assert desk.witness() is None


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


# -- a desk that is gone ---------------------------------------------------------------------------------------


def lives(env: dict[str, str]) -> bool:
    desk = find_desk(env)
    assert desk is not None and desk.token is not None
    return desk.witness() is not None


def test_a_desk_json_whose_desk_is_gone_is_not_believed(tmp_path: Path) -> None:
    env = at_home(tmp_path)
    by_name = {**env, "MIXDESK_URL": "http://127.0.0.1:9770"}
    with_token = {**env, "MIXDESK_TOKEN": "given"}
    assert lives(env) and lives(by_name) and lives(with_token)
    _desks.pop().close()
    assert (tmp_path / "desk.json").exists()
    assert not (lives(env) or lives(by_name) or lives(with_token))
    assert lives(by_name | with_token), "both were said outright"
    (tmp_path / "desk.json").unlink()
    assert not lives(by_name), "nor is the token of a desk that was stopped for whoever has its port now"


def test_the_witness_tells_one_desk_from_the_next(tmp_path: Path) -> None:
    desk = find_desk(at_home(tmp_path))
    assert desk is not None
    first = desk.witness()
    assert first is not None and desk.witness() == first
    _desks.pop().close()
    assert desk.witness() is None
    at_home(tmp_path)
    assert desk.witness() not in (None, first)
    at_home(tmp_path, url="http://127.0.0.1:9771")
    assert desk.witness() is None, "it lives elsewhere"


def test_those_who_look_at_once_do_not_take_each_other_for_a_desk(tmp_path: Path) -> None:
    env = at_home(tmp_path)
    _desks.pop().close()
    with (tmp_path / "desk.json").open() as other:
        fcntl.flock(other, fcntl.LOCK_SH)
        assert not lives(env)


def test_a_state_folder_that_is_mounted_read_only_serves(tmp_path: Path) -> None:
    """As in a container: the lock of a file needs no right to write to it."""
    env = at_home(tmp_path / "state")
    mounted = tmp_path / "mounted"
    mounted.mkdir()
    if os.geteuid() or subprocess.run(["mount", "--bind", "-o", "ro", tmp_path / "state", mounted]).returncode:
        pytest.skip("needs a loop device")  # or rather the right to mount, without which there is none either
    try:
        within = {**env, "MIXDESK_STATE_DIR": str(mounted)}
        assert lives(within)
        _desks.pop().close()
        assert not lives(within)
    finally:
        subprocess.run(["umount", mounted], check=True)


def test_where_locks_do_not_tell_the_file_is_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    env = at_home(tmp_path)
    _desks.pop().close()
    monkeypatch.setattr("mixdesk.locate._is_remote", lambda path: True)
    assert lives(env)
    monkeypatch.setattr("mixdesk.locate._is_remote", lambda path: False)
    assert not lives(env)
    monkeypatch.setattr("mixdesk.locate.fcntl", None)
    assert lives(env)


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
