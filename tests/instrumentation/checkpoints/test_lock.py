from __future__ import annotations

import json
import os
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mixdesk import checkpoints
from mixdesk.checkpoints.lock import holder, is_alive, try_lock
from mixdesk.errors import Busy


def wait_for(holds: Callable[[], Any], what: str) -> Any:
    deadline = time.monotonic() + 60
    while not (value := holds()):
        assert time.monotonic() < deadline, what
        time.sleep(0.005)
    return value


def test_a_second_run_is_refused_with_pid_and_host(tmp_path: Path) -> None:
    with checkpoints.claim(tmp_path, "anton", "0.5", "job"):
        with pytest.raises(Busy, match=f"anton 0.5 is already open in {tmp_path}: process {os.getpid()}") as refusal:
            checkpoints.claim(tmp_path, "anton", "0.5")
        assert (refusal.value.pid, refusal.value.host) == (os.getpid(), socket.gethostname())
    assert [path.name for path in tmp_path.iterdir()] == []


def test_another_name_version_or_folder_is_free(tmp_path: Path) -> None:
    pairs = [
        ("anton", "0.5"),
        ("anton", "0.6"),
        ("anton-v0.5", "0.5"),
        ("a/b", "0.5"),
        ("a", "1-v2"),
        ("a-v1", "2"),
        ("日" * 200, "1"),
    ]
    claims = [checkpoints.claim(tmp_path, *pair) for pair in pairs] + [
        checkpoints.claim(tmp_path / "new", "anton", "0.5")
    ]
    assert all(claim.held for claim in claims)
    for claim in claims:
        claim.release()


def test_released_it_is_free_and_a_second_release_harms_nobody(tmp_path: Path) -> None:
    first = checkpoints.claim(tmp_path, "anton", "0.5")
    first.release()
    second = checkpoints.claim(tmp_path, "anton", "0.5")
    first.release()
    assert (first.held, second.held) == (False, True)
    with pytest.raises(Busy):
        checkpoints.claim(tmp_path, "anton", "0.5")
    second.release()


def test_the_lock_file_says_who_has_it(tmp_path: Path) -> None:
    with checkpoints.claim(tmp_path, "anton", "0.5", "job") as claim:
        note = holder(claim.path)
        assert (note["pid"], note["host"], note["job_id"]) == (os.getpid(), socket.gethostname(), "job")
        assert claim.path.name.startswith(".anton.")


def test_a_killed_run_is_free_though_its_forked_child_lives(tmp_path: Path, savers: Any) -> None:
    note = tmp_path / "child"
    pid = savers.start("claim_with_child", folder=str(tmp_path / "runs"), note=str(note))
    child = int(wait_for(lambda: note.exists() and note.read_text().strip(), "no child"))
    try:
        with pytest.raises(Busy) as refusal:
            checkpoints.claim(tmp_path / "runs", "anton", "0.5")
        assert refusal.value.pid == pid
        os.kill(pid, signal.SIGKILL)
        savers.wait()
        assert is_alive(child)
        checkpoints.claim(tmp_path / "runs", "anton", "0.5").release()
    finally:
        os.kill(child, signal.SIGKILL)


def test_a_forked_child_neither_holds_nor_gives_up_the_lock(tmp_path: Path) -> None:
    claim = checkpoints.claim(tmp_path, "anton", "0.5")
    child = os.fork()
    if child == 0:
        held = claim.held
        claim.release()
        os._exit(int(held))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert claim.path.exists()
    with pytest.raises(Busy):
        checkpoints.claim(tmp_path, "anton", "0.5")
    claim.release()


def test_many_that_want_it_at_once_get_it_one_by_one(tmp_path: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    inside: list[int] = []

    def take(number: int) -> int:
        for _ in range(10_000):
            try:
                with checkpoints.claim(tmp_path, "anton", "0.5"):
                    inside.append(number)
                    assert inside == [number]
                    inside.remove(number)
                return 1
            except Busy:
                time.sleep(0.001)
        return 0

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(take, range(40))) == [1] * 40


def test_a_lock_file_that_was_removed_before_it_was_locked_is_not_the_lock(tmp_path: Path) -> None:
    first = checkpoints.claim(tmp_path, "anton", "0.5")

    def lock(fd: int) -> bool | None:
        first.release()  # between the opening of its file and the locking of it
        return try_lock(fd)

    with checkpoints.claim(tmp_path, "anton", "0.5", lock=lock) as second:
        assert second.path.exists()
        with pytest.raises(Busy):
            checkpoints.claim(tmp_path, "anton", "0.5")


def test_without_locks_the_content_decides(tmp_path: Path, savers: Any) -> None:
    dead = savers.start("save_some", folder=str(tmp_path), count=0, floats=1, step=1)
    savers.wait()
    claim = checkpoints.claim(tmp_path, "anton", "0.5", lock=lambda fd: None)
    with pytest.raises(Busy, match=f"delete {claim.path}"):
        checkpoints.claim(tmp_path, "anton", "0.5", lock=lambda fd: None)
    claim.release()
    assert not claim.path.exists()
    for pid, host, free in (
        (dead, socket.gethostname(), True),
        (dead, "elsewhere", False),
        (os.getppid(), socket.gethostname(), False),
    ):
        claim.path.write_text(json.dumps({"pid": pid, "host": host}))
        if free:
            checkpoints.claim(tmp_path, "anton", "0.5", lock=lambda fd: None).release()
        else:
            with pytest.raises(Busy):
                checkpoints.claim(tmp_path, "anton", "0.5", lock=lambda fd: None)


def test_a_lock_of_another_user_can_be_tried(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    path.touch()
    fds = [os.open(path, os.O_RDONLY) for _ in range(2)]
    assert [try_lock(fd) for fd in fds] == [True, False]
    os.close(fds[0])
    assert try_lock(fds[1]) is True
    os.close(fds[1])


def test_processes_that_are_gone_are_told_from_others() -> None:
    assert is_alive(os.getpid())
    assert is_alive(1)
    assert not is_alive(2**22 + 1)
