"""The engine's containers, while the engine answers, hangs, dies and comes back."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from docker_engine import wait_for
from told_engine import ToldEngine

from mixdesk_control.docker_engine.engine import Engine
from mixdesk_control.logs.discovery.asking import KEEP_S, PAUSE_S, UNSEEN_S, Asking, Seen
from mixdesk_control.logs.discovery.mounts import agreeing
from mixdesk_control.logs.places import RootPlace, started

LONG_S = 60.0


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def told(tmp_path: Path) -> Iterator[ToldEngine]:
    with ToldEngine(tmp_path / "docker.sock") as engine:
        yield engine


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def asking(told: ToldEngine, tmp_path: Path, clock: Clock) -> Iterator[Asking]:
    made = Asking(Engine(tmp_path / "docker.sock"), procfs=tmp_path / "proc", monotonic=clock)
    yield made
    wait_for(lambda: not _asked_now(), "the end of a question")
    made.close()


def _asked_now() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "mixdesk-logs-engine"]


def names(seen: Seen) -> list[str]:
    return [one.name for one in seen.containers]


def inspections(told: ToldEngine) -> int:
    return sum(count for path, count in told.asked.items() if path.endswith("/json") and path != "/containers/json")


def test_what_has_not_changed_is_not_asked_again(told: ToldEngine, asking: Asking) -> None:
    told.put("api", Running=False, Pid=0, Status="exited")
    told.listed["api"]["State"] = "exited"
    assert names(asking.look(LONG_S)) == ["api"]
    assert names(asking.look(LONG_S)) == ["api"]
    assert inspections(told) == 1


def test_one_that_stops_between_two_questions_and_starts_again_runs(told: ToldEngine, asking: Asking) -> None:
    told.put("api", Running=False, Pid=0, Status="exited")  # it was listed as running
    assert asking.look(LONG_S).containers[0].state == "exited"
    told.put("api", Status="running")
    assert asking.look(LONG_S).containers[0].state == "running"


def test_what_cannot_be_seen_is_asked_again_now_and_then(told: ToldEngine, asking: Asking, clock: Clock) -> None:
    told.put("api", Status="running")
    asking.look(LONG_S)
    asking.look(LONG_S)
    assert inspections(told) == 1
    clock.now += UNSEEN_S
    asking.look(LONG_S)
    assert inspections(told) == 2


def test_a_process_of_another_container_is_not_taken_for_its_own(
    told: ToldEngine, asking: Asking, tmp_path: Path
) -> None:
    identity = told.put("api", Status="running", Pid=7)
    process = tmp_path / "proc/7"
    process.mkdir(parents=True)
    (process / "stat").write_text("7 (a) b) S " + " ".join(str(number) for number in range(4, 30)))
    (process / "cgroup").write_text("0::/system.slice/docker-other.scope")
    assert asking.look(LONG_S).containers[0].ticks is None
    (process / "cgroup").write_text(f"0::/system.slice/docker-{identity}.scope")
    told.put("web", Status="running", Pid=8)
    asking_anew = Asking(asking.engine, procfs=tmp_path / "proc")
    seen = {one.name: one.ticks for one in asking_anew.look(LONG_S).containers}
    asking_anew.close()
    assert seen == {"api": 22, "web": None}


def test_an_engine_that_hangs_holds_nobody_up(told: ToldEngine, asking: Asking, clock: Clock) -> None:
    told.put("api", Status="running")
    asking.look(LONG_S)
    told.flows.clear()
    seen = asking.look(0.0)
    assert names(seen) == ["api"] and "in time" in str(seen.trouble)
    asking.look(0.0)
    assert len(_asked_now()) == 1
    told.flows.set()

    def answers() -> bool:
        clock.now += PAUSE_S
        return asking.look(0.1).trouble is None

    wait_for(answers, "its answer")


def test_what_was_known_is_kept_for_a_while(asking: Asking, told: ToldEngine, tmp_path: Path, clock: Clock) -> None:
    told.put("api", Status="running")
    asking.look(LONG_S)
    (tmp_path / "docker.sock").rename(tmp_path / "away")
    asking.close()  # else the connection lives on
    seen = asking.look(LONG_S)
    assert names(seen) == ["api"] and "no Docker engine answers" in str(seen.trouble)
    clock.now += PAUSE_S / 2
    assert asking.look(LONG_S).trouble is not None
    clock.now += KEEP_S
    assert names(asking.look(LONG_S)) == []
    (tmp_path / "away").rename(tmp_path / "docker.sock")
    clock.now += PAUSE_S
    seen = asking.look(LONG_S)
    assert names(seen) == ["api"] and seen.trouble is None


def test_an_answer_in_another_shape_is_trouble_and_no_more(told: ToldEngine, asking: Asking) -> None:
    identity = told.put("api")
    told.inspected[identity] = {"Id": identity, "Name": "/api", "State": {"Pid": "many"}}
    assert "ValueError" in str(asking.look(LONG_S).trouble)


def test_one_that_goes_between_two_questions_is_left_out(told: ToldEngine, asking: Asking) -> None:
    identity = told.put("api")
    told.put("web")
    del told.inspected[identity]
    seen = asking.look(LONG_S)
    assert (names(seen), seen.trouble) == (["web"], None)


def test_mounts_that_are_something_else_here_are_left_out(tmp_path: Path) -> None:
    for name in ("same", "other"):
        (tmp_path / name).mkdir()
    ticks = started(os.getpid())
    assert ticks is not None
    same, other, none = ((f"{tmp_path}/same", f"{tmp_path}/{name}") for name in ("same", "other", "none"))
    nowhere = (f"{tmp_path}/nowhere", f"{tmp_path}/same")
    mounts = (same, other, none, nowhere)
    assert agreeing(mounts, RootPlace(os.getpid(), ticks)) == (same,)
    assert agreeing(mounts, RootPlace(os.getpid(), ticks + 1)) == mounts
