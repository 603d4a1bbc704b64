"""In which container a process is: a /proc of a test's own, and the real one."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from mixdesk_control.whereabouts import AGAIN_S, EVERY_S, Whereabouts
from mixdesk_exporter.processes import identify

BOX, OTHER = "0123456789abcdef" * 4, "fedcba9876543210" * 4


class Host:
    """Processes as files, a clock, and searches that are made when a test says so."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.now = folder, 0.0
        self.searches: list[Callable[[], None]] = []
        self.found = Whereabouts(folder, lambda: self.now, self.searches.append)

    def search(self) -> None:
        """The one that was begun comes to its end."""
        (work,) = self.searches
        self.searches.clear()
        work()

    def sought(self, *keys: tuple[int, int]) -> dict[tuple[int, int], str]:
        """What is known after the search that is begun now."""
        self.found.containers(keys)
        self.search()
        return self.found.containers(keys)

    def live(self, pid: int, start: int, inner: int | None = None, box: str | None = None) -> None:
        """A process; `inner` is its pid in its own namespace."""
        place = self.folder / str(pid)
        place.mkdir(exist_ok=True)
        (place / "stat").write_text(f"{pid} (python) S {' '.join(['0'] * 18)} {start} 0")
        (place / "status").write_text("NSpid:\t" + "\t".join(map(str, [pid] if inner is None else [pid, inner])) + "\n")
        (place / "cgroup").write_text("0::/" + (f"system.slice/docker-{box}.scope" if box else "user.slice") + "\n")

    def die(self, pid: int) -> None:
        for file in (self.folder / str(pid)).iterdir():
            file.unlink()
        (self.folder / str(pid)).rmdir()


def test_one_in_a_container_is_found_by_what_it_calls_itself(tmp_path: Path) -> None:
    host = Host(tmp_path)
    host.live(7, 50)  # its pid on the host is what the one in the container has inside
    host.live(4711, 100, inner=7, box=BOX)
    host.live(4712, 100, inner=8, box=OTHER)
    host.live(4713, 99, inner=8, box=BOX)  # the same pid in a namespace of its own
    (tmp_path / "self").mkdir()
    assert host.sought((7, 100), (8, 100), (7, 50)) == {(7, 100): BOX, (8, 100): OTHER}


def test_without_a_namespace_no_search_is_made(tmp_path: Path) -> None:
    host = Host(tmp_path)
    host.live(42, 1, box=BOX)
    host.live(43, 1)
    assert host.found.containers([(42, 1), (43, 1)]) == {(42, 1): BOX}
    assert not host.searches


def test_a_search_is_made_aside_and_known_at_the_next_question(tmp_path: Path) -> None:
    host = Host(tmp_path)
    host.live(4711, 100, inner=7, box=BOX)
    assert host.found.containers([(7, 100)]) == {}
    host.now += 2 * AGAIN_S
    assert host.found.containers([(7, 100)]) == {} and len(host.searches) == 1, "one at a time, however long it takes"
    host.search()
    assert host.found.containers([(7, 100)]) == {(7, 100): BOX} and not host.searches


def test_searches_are_made_once_in_a_while(tmp_path: Path) -> None:
    host = Host(tmp_path)
    assert host.sought((7, 100)) == {}
    host.live(4711, 100, inner=8, box=BOX)
    host.found.containers([(7, 100), (8, 100)])
    assert not host.searches
    host.now += EVERY_S
    assert host.sought((7, 100), (8, 100)) == {(8, 100): BOX}


def test_whom_a_search_did_not_find_is_sought_again_much_later(tmp_path: Path) -> None:
    host = Host(tmp_path)
    assert host.sought((7, 100)) == {}
    host.live(4711, 100, inner=7, box=BOX)
    host.now += AGAIN_S - 1
    host.found.containers([(7, 100)])
    assert not host.searches
    host.now += 1
    assert host.sought((7, 100)) == {(7, 100): BOX}


def test_a_lost_one_is_not_sought_and_counts_where_it_is_known(tmp_path: Path) -> None:
    host = Host(tmp_path)
    host.live(4711, 100, inner=7, box=BOX)
    host.found.containers([(7, 100)], silent={(7, 100)})
    assert not host.searches
    assert host.sought((7, 100))
    assert host.found.containers([(7, 100)], silent={(7, 100)}) == {(7, 100): BOX}


def test_what_is_known_is_kept_while_it_lives_and_is_asked_for(tmp_path: Path) -> None:
    host = Host(tmp_path)
    host.live(4711, 100, inner=7, box=BOX)
    assert host.sought((7, 100))
    host.live(4711, 101, inner=7, box=BOX)
    assert host.found.containers([(7, 100)]) == {}, "another one has its pid"
    host.live(4711, 100, inner=7, box=BOX)
    host.now += AGAIN_S
    assert host.sought((7, 100))
    assert host.found.containers([]) == {}
    host.die(4711)
    host.now += AGAIN_S
    assert host.sought((7, 100)) == {}


def test_another_process_under_the_same_pid_is_another(tmp_path: Path) -> None:
    host = Host(tmp_path)
    host.live(42, 1, box=BOX)
    assert host.found.containers([(42, 1)]) == {(42, 1): BOX}
    host.live(42, 2, box=OTHER)
    assert host.found.containers([(42, 1), (42, 2)]) == {(42, 2): OTHER}, "the first has ended"


def test_a_proc_that_is_not_there(tmp_path: Path) -> None:
    assert Host(tmp_path / "none").sought((1, 1)) == {}


def test_the_thread_of_its_own(tmp_path: Path) -> None:
    host = Host(tmp_path)
    host.live(4711, 100, inner=7, box=BOX)
    found, deadline = Whereabouts(tmp_path), time.monotonic() + 30
    while not (known := found.containers([(7, 100)])) and time.monotonic() < deadline:
        time.sleep(0.005)
    assert known == {(7, 100): BOX}


def test_this_very_process() -> None:
    me = identify(Path("/proc"), os.getpid())
    assert me.inner_pid is not None and me.start_ticks is not None
    expected = {} if me.container is None else {(me.inner_pid, me.start_ticks): me.container}
    asked = [(me.inner_pid, me.start_ticks), (me.inner_pid, me.start_ticks + 1)]
    assert Whereabouts().containers(asked) == expected
