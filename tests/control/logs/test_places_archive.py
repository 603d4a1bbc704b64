"""Files that only the engine's copies reach: listed and read in memory, and nothing else."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from docker_engine import DockerEngine, wait_for
from log_world import LogWorld

from mixdesk_control.docker_engine.engine import Engine
from mixdesk_control.logs.place import Found, Unreadable
from mixdesk_control.logs.places import ArchivePlace
from mixdesk_control.logs.places import listings as kept
from mixdesk_control.logs.places.listing import A_FOLDER
from mixdesk_control.logs.places.listings import KEEP_S, Listings

pytestmark = pytest.mark.process

SCRIPT = """
busybox mkdir -p /app/logs/sub /app/logs/folder.log
cd /app/logs
echo one > a.log
echo two > sub/b.log
busybox ln -s a.log link.log
busybox ln -s /etc/shadow evil.log
busybox ln -s /dev/stdout out.log
busybox ln -s logs /app/again
busybox mkfifo fifo.log
busybox truncate -s 100M big.log
echo x > /app/server.key
echo > /ready
"""


@pytest.fixture(scope="module")
def place(docker_engine: DockerEngine) -> Iterator[ArchivePlace]:
    """Of a container that has ended."""
    world = LogWorld(docker_engine, "archive")
    identity = world.run("archive-1", SCRIPT)
    docker_engine.docker("wait", "archive-1")
    yield ArchivePlace(Engine(docker_engine.socket), identity)
    world.close()


def read(place: ArchivePlace, path: str) -> bytes:
    with os.fdopen(place.open(path), "rb") as file:
        return file.read()


def test_a_file_is_copied_into_memory(place: ArchivePlace) -> None:
    descriptor = place.open("/app/logs/a.log")
    try:
        assert "memfd:" in str(Path(f"/proc/self/fd/{descriptor}").readlink())
    finally:
        os.close(descriptor)
    assert read(place, "/app/logs/a.log") == b"one\n"
    assert read(place, "/app/logs/sub/b.log") == b"two\n"
    assert not place.can_follow
    assert place.on_host("/app/logs/a.log") is None


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("logs/link.log", "a link"),
        ("logs/evil.log", "a link"),
        ("logs/fifo.log", "a fifo"),
        ("logs/folder.log", "a folder"),
        ("logs/big.log", "at most"),
        ("server.key", "secrets"),
    ],
)
def test_nothing_but_small_regular_files(place: ArchivePlace, name: str, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        place.open(f"/app/{name}")


def test_what_is_not_there(place: ArchivePlace) -> None:
    with pytest.raises(FileNotFoundError):
        place.open("/app/logs/none.log")
    assert place.scan("/none") == []
    with pytest.raises(Unreadable, match="no place for logs"):
        place.scan("/etc")
    with pytest.raises(Unreadable):
        place.open_folder("/app/logs")


def test_a_folder_is_listed_though_not_all_of_it_is_taken(place: ArchivePlace) -> None:
    found = {one.name: one for one in listed(place, "/app/logs")}
    assert {"a.log"} <= set(found) <= {"a.log", "big.log"} | set(NAMES)
    assert (found["a.log"].size, found["a.log"].reason) == (4, None)


NAMES = ("a.log", "link.log", "evil.log", "out.log", "fifo.log", "folder.log", "sub")


def test_a_link_to_a_folder_is_listed_as_that_folder(place: ArchivePlace) -> None:
    assert {one.name for one in listed(place, "/app/again")} == {one.name for one in listed(place, "/app/logs")}


def test_only_names_that_are_wanted_and_folders(place: ArchivePlace) -> None:
    found = {one.name: one.reason for one in listed(place, "/app", lambda name: False)}
    assert found == {"logs": A_FOLDER}


def listed(place: ArchivePlace, folder: str, wanted: Callable[[str], bool] | None = None) -> list[Found]:
    """Once it is packed in time."""
    deadline = time.monotonic() + 60
    while True:
        try:
            return ArchivePlace(place.engine, place.container).scan(folder, wanted)
        except Unreadable:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


# -- listings --------------------------------------------------------------------------------------


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_listing_is_kept_for_a_while() -> None:
    clock, made = Clock(), []
    listings = Listings(clock)

    def listing() -> list[Found]:
        made.append(1)
        return [Found("a.log")]

    assert listings.get("c", "/logs", listing) == listings.get("c", "/logs", listing) == [Found("a.log")]
    assert len(made) == 1
    clock.now += KEEP_S
    listings.get("c", "/logs", listing)
    assert len(made) == 2


def test_a_listing_that_hangs_holds_nobody_up_and_is_not_asked_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "WAIT_S", 0.01)
    go, clock = threading.Event(), Clock()
    listings = Listings(clock)

    def hanging() -> list[Found]:
        go.wait(60)
        return [Found("late.log")]

    def waiting() -> list[threading.Thread]:
        return [thread for thread in threading.enumerate() if thread.name == "mixdesk-logs-archive"]

    for number in range(10):
        with pytest.raises(Unreadable, match="ask again"):
            listings.get("c", f"/{number}", hanging)
    clock.now += 2 * KEEP_S
    with pytest.raises(Unreadable, match="ask again"):
        listings.get("c", "/0", hanging)
    assert len(waiting()) == kept.MOST_AT_ONCE
    go.set()
    wait_for(lambda: not waiting(), "the end of the threads")
    assert listings.get("c", "/9", lambda: [Found("now.log")]) == [Found("now.log")]


def test_what_goes_wrong_is_said_and_kept_too() -> None:
    listings, asked = Listings(Clock()), []

    def broken() -> list[Found]:
        asked.append(1)
        raise RuntimeError("broken")

    for _ in range(2):
        with pytest.raises(Unreadable, match="RuntimeError: broken"):
            listings.get("c", "/logs", broken)
    assert len(asked) == 1


def test_equal_places_compare_equal(tmp_path: Path) -> None:
    engine = Engine(tmp_path)
    assert ArchivePlace(engine, "a") == ArchivePlace(engine, "a") != ArchivePlace(engine, "b")
