"""`desk.json` is true as long as it is locked: the desk that wrote it lives and holds its port."""

from __future__ import annotations

import signal
import socket
import stat
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mixdesk.locate import witness
from mixdesk_control import state

NewDesk = Callable[..., Any]


def running(pid: int = 1) -> state.Running:
    return state.Running(url="http://127.0.0.1:9770", version="0", pid=pid, started_at=0.0, port=9770)


def announced(folder: Path, pid: int = 1) -> state.Announcement:
    announcement = state.Announcement(folder)
    announcement.publish(running(pid))
    return announcement


def test_it_is_believed_until_it_is_withdrawn(tmp_path: Path) -> None:
    announcement = state.Announcement(tmp_path)
    assert state.found(tmp_path) is None, "nobody answers yet"
    announcement.publish(running())
    assert state.living(tmp_path) == state.found(tmp_path) == running()
    assert stat.S_IMODE((tmp_path / "desk.json").stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [tmp_path / "desk.json"]
    announcement.withdraw()
    announcement.withdraw()
    assert state.found(tmp_path) is None


def test_that_of_another_desk_is_not_withdrawn(tmp_path: Path) -> None:
    first, second = announced(tmp_path, 1), announced(tmp_path, 2)
    first.withdraw()
    assert state.living(tmp_path) == running(2)
    second.withdraw()


def test_one_that_never_answered_leaves_nothing(tmp_path: Path) -> None:
    state.Announcement(tmp_path).withdraw()
    assert list(tmp_path.iterdir()) == []


def test_on_a_full_disk_it_is_one_line_and_nothing_is_left(tmp_path: Path) -> None:
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4k", "none", tmp_path]).returncode:
        pytest.skip("needs a loop device")  # or rather the right to mount, without which there is none either
    try:
        announcement = state.Announcement(tmp_path)
        (tmp_path / "full").write_bytes(bytes(4096))
        with pytest.raises(state.StateError, match=r"desk\.json cannot be written: No space left on device") as error:
            announcement.publish(running())
        assert "\n" not in str(error.value)
        assert [path.name for path in tmp_path.iterdir()] == ["full"]
    finally:
        subprocess.run(["umount", tmp_path], check=True)
    with pytest.raises(state.StateError, match=r"desk\.json cannot be written: No such file"):
        state.Announcement(tmp_path / "gone")


def test_a_process_that_ends_gives_up_the_lock_before_the_port(new_desk: NewDesk) -> None:
    """Linux lets go of the files of a killed process from the highest number down."""
    desk = new_desk().start()
    files = {int(path.name): path.readlink() for path in Path(f"/proc/{desk.pid}/fd").iterdir() if path.is_symlink()}
    inodes = {line.split()[9] for line in Path("/proc/net/tcp").read_text().splitlines()[1:] if line.split()[3] == "0A"}
    listening = [number for number, name in files.items() if str(name)[8:-1] in inodes and "socket" in str(name)]
    (announcement,) = [number for number, name in files.items() if name == desk.state_dir / "desk.json"]
    assert listening and announcement > max(listening)


def test_a_killed_desk_is_not_believed(new_desk: NewDesk) -> None:
    desk = new_desk().start()
    first = witness(desk.state_dir / "desk.json")
    assert first is not None and state.living(desk.state_dir).pid == desk.pid
    desk.kill()
    assert state.found(desk.state_dir) is not None and state.living(desk.state_dir) is None
    found = {item["check"]: item for item in _doctor(desk)}
    assert found["desk"]["verdict"] == "broken" and "ended without a word" in found["desk"]["found"]
    assert found["port"]["verdict"] == "ok" and "free" in found["port"]["found"]
    desk.start()
    assert witness(desk.state_dir / "desk.json") not in (None, first)


def _doctor(desk: Any) -> Any:
    import json

    return json.loads(desk.run("doctor", "--json", MIXDESK_SERVER__PORT=str(desk.port)).stdout)


def test_those_who_look_never_keep_a_desk_from_starting(new_desk: NewDesk) -> None:
    desk = new_desk()
    ends = threading.Event()

    def look() -> None:
        while not ends.is_set():
            witness(desk.state_dir / "desk.json")

    lookers = [threading.Thread(target=look) for _ in range(2)]
    for looker in lookers:
        looker.start()
    try:
        for _ in range(2):
            desk.start()
            desk.kill()
    finally:
        ends.set()
        for looker in lookers:
            looker.join()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_whoever_is_believed_holds_the_port(new_desk: NewDesk, number: signal.Signals) -> None:
    """A connection between two looks that agree was made while the desk listened: it can have been refused by none."""
    desk = new_desk().start()
    path = desk.state_dir / "desk.json"
    looked = 0
    while (before := witness(path)) is not None:
        reached = _connects(desk.port)
        if witness(path) == before:
            looked += 1
            assert reached, "believed, and its port is free for anybody"
        if looked == 20:
            desk.process.send_signal(number)
    assert looked >= 20
    desk.process.wait(30)


def _connects(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 5).close()
    except OSError:
        return False
    return True
