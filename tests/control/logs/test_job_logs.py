"""The service `jobs`: files of jobs, jobs in containers, and why others have no log."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from told_engine import ToldEngine
from torture import times

from mixdesk import joblog
from mixdesk_control.docker_engine.engine import Engine, Link
from mixdesk_control.logs.discovery.job_runs import MOST_RUNS, JobRun, JobRuns
from mixdesk_control.logs.discovery.job_tidying import JobLogTidying
from mixdesk_control.logs.discovery.jobs import MOST_WITHOUT, NOWHERE, JobLogs
from mixdesk_control.logs.discovery.terminals import AGAIN_S, Terminals
from mixdesk_control.logs.source import InEngine, InFiles, Source

BEGAN = 1_790_000_000.0


@dataclass(frozen=True)
class Goes:
    """Where the output of an asset goes."""

    asset: str
    file: Path | None = None
    container: str | None = None
    state: str = "running"


class World:
    """Jobs and assets of a desk that was started at BEGAN."""

    def __init__(self, state: Path) -> None:
        self.state, self.now = state, BEGAN
        self.outputs: list[Goes] = []
        self.runs = JobRuns(lambda: self.outputs, clock=lambda: self.now)
        self.logs = JobLogs(state, self.runs)

    def file(self, job_id: str, text: str = "line\n", *, type: str = "t", at: float = BEGAN, older: str = "") -> Path:
        path = self.state / "logs" / "jobs" / type / f"{job_id}.log"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        os.utime(path, (at, at))
        if older:
            path.with_name(path.name + ".1").write_text(older)
        return path

    def run(self, job_id: str, start: float | None, end: float | None = None, **more: Any) -> JobRun:
        """Seconds after BEGAN."""
        began, ended = (None if at is None else BEGAN + at for at in (start, end))
        given = {"job_type": "t", "started_at": began, "ended_at": ended, "host": "box", "is_here": True, **more}
        return JobRun(job_id=job_id, **given)

    def sources(self) -> Sequence[Source]:
        return self.logs.service().sources

    def source(self, job_id: str) -> Source:
        """The same by listing all and by asking for it alone."""
        listed, found = self.logs.service().source(job_id), self.logs.find(job_id)
        assert listed is not None and listed == found
        return listed


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.fixture
def told(world: World, tmp_path: Path) -> Iterator[ToldEngine]:
    with ToldEngine(tmp_path / "engine.sock") as engine:
        world.logs = JobLogs(world.state, world.runs, engine=Engine(tmp_path / "engine.sock"))
        yield engine


def read(source: Source) -> bytes:
    assert isinstance(source.origin, InFiles)
    with os.fdopen(source.origin.place.open(source.origin.path), "rb") as file:
        return file.read()


# -- files -----------------------------------------------------------------------------------------------------


def test_one_source_a_file_and_the_newest_first(world: World) -> None:
    assert world.sources() == () and world.logs.types() == []
    world.file("old", at=BEGAN)
    path = world.file("new", "ä\n", type="training_rvc", at=BEGAN + 9, older="before\n")
    world.file("middle", at=BEGAN + 5)
    assert [source.id for source in world.sources()] == ["new", "middle", "old"]
    source = world.source("new")
    assert (source.service, source.job_id, source.job_type, source.kind) == (
        "jobs",
        "new",
        "training_rvc",
        "application",
    )
    assert (source.size, source.modified, source.path) == (3, BEGAN + 9, str(path))
    assert isinstance(source.origin, InFiles) and source.reason is None
    assert [part.path for part in source.origin.rotated] == [f"{path}.1"] and source.origin.rotated[0].size == 7
    assert read(source) == "ä\n".encode()
    assert world.logs.types() == ["t", "training_rvc"]


def test_a_file_that_grows_is_seen(world: World) -> None:
    path = world.file("a")
    assert world.source("a").size == 5
    path.write_text("line\nline\n")
    assert world.source("a").size == 10
    path.unlink()
    assert world.sources() == () and world.logs.find("a") is None


def test_the_type_is_that_of_the_job_and_else_of_its_folder(world: World) -> None:
    job_type = "my own/../type"
    world.file("a", type=joblog.slug(job_type))
    assert world.source("a").job_type == job_type
    long = "x" * 500
    world.file("b", type=joblog.slug(long))
    world.runs.note({}, [world.run("b", 0, job_type=long)])
    assert world.source("b").job_type == long


def test_what_is_no_log_of_a_job_is_no_source(world: World) -> None:
    folder = world.file("good").parent
    for name in ("no log", ".log", "a b.log", "a.log.gz", "a.log.2", "x" * 65 + ".log", "..log"):
        (folder / name).write_text("no")
    os.mkfifo(folder / "fifo.log")
    (folder / "folder.log").mkdir()
    (folder / "link.log").symlink_to("/etc/passwd")
    (world.state / "logs/jobs/elsewhere").symlink_to("/etc")
    (world.state / "logs/jobs/file.log").write_text("no")
    assert [source.id for source in world.sources() if source.reason is None] == ["good"]
    for name in ("fifo", "folder", "link"):
        assert world.source(name).reason == "it is no regular file" and world.source(name).origin is None
    for job_id in ("../good", "", "\0", "a" * 65, "t/good", "."):
        assert world.logs.find(job_id) is None


def test_a_log_that_becomes_a_link_is_not_read(world: World) -> None:
    path = world.file("a")
    source = world.source("a")
    path.unlink()
    path.symlink_to("/etc/passwd")
    with pytest.raises(Exception, match=r"link|outside|lies|leads"):
        read(source)


def test_thousands_of_them(world: World) -> None:
    many = times(20_000, 2_000)
    for number in range(many):
        world.file(f"job-{number:05d}", "", type=f"t{number % 7}", at=BEGAN + number)
    first = world.sources()
    assert len(first) == many and first[0].id == f"job-{many - 1:05d}" and first[-1].id == "job-00000"
    again = world.sources()
    assert all(one is other for one, other in zip(first, again, strict=True)), "what did not change is not made anew"


# -- jobs without one ------------------------------------------------------------------------------------------


def test_a_job_that_keeps_none_says_so(world: World) -> None:
    world.runs.note(
        {}, [world.run("a", 1), world.run("far", 2, host="other", is_here=False), world.run("queued", None)]
    )
    assert {source.id for source in world.sources()} == {"a", "far"}
    assert world.source("a").reason == NOWHERE and "capture_output=True" in NOWHERE
    assert world.source("far").reason == "it runs on other: if it keeps a log, that is there"


def test_the_newest_of_them_are_listed_and_all_are_found(world: World) -> None:
    world.runs.note({}, [world.run(f"a{number}", number, number + 1) for number in range(MOST_WITHOUT + 50)])
    world.runs.note({}, [world.run("running", 0)])
    service = world.logs.service()
    assert len(service.sources) == MOST_WITHOUT and service.notes == ("51 more jobs have no log",)
    assert service.sources[0].id == "running" and service.sources[1].id == f"a{MOST_WITHOUT + 49}"
    assert world.logs.find("a0") is not None


def test_a_job_in_a_process_asset_points_to_its_log(world: World) -> None:
    world.outputs = [Goes("studio", file=Path("/x/output.log"))]
    world.runs.note({"studio": ["a"]}, [world.run("a", 1)])
    source = world.source("a")
    assert source.origin is None and source.reason is not None
    assert "asset studio" in source.reason and "capture_output=True" in source.reason


def test_a_job_alone_in_a_container_has_its_part_of_the_output(world: World, told: ToldEngine) -> None:
    container = told.put("box")
    told.inspected[container]["Config"] = {"Tty": True}
    world.outputs = [Goes("box", container=container)]
    for world.now in (BEGAN + 2, BEGAN + 8):
        world.runs.note({"box": ["a"]}, [world.run("a", 1)])
        assert world.source("a").origin == InEngine(container, True, since=BEGAN + 1)
    world.now, world.outputs = BEGAN + 10, []
    world.runs.note({}, [world.run("a", 1, 8), world.run("far", 2, is_here=False)])
    source = world.source("a")
    assert source.origin == InEngine(container, True, since=BEGAN + 1, until=BEGAN + 10)
    assert source.reason is None and source.why
    world.source("a")
    assert told.asked[f"/containers/{container}/json"] == 1, "what does not change is asked once"


@pytest.mark.parametrize(("said", "last"), [((-0.0, None), 50), ((1, 70), 50), ((1, 45), 45)])
def test_its_part_is_what_the_desk_saw_of_it_there(
    world: World, told: ToldEngine, said: tuple[float, float | None], last: float
) -> None:
    """Whatever its trainer says of its times."""
    container = told.put("box")
    told.inspected[container]["Config"] = {"Tty": False}
    world.outputs = [Goes("box", container=container)]
    for world.now in (BEGAN + 40, BEGAN + 50):
        world.runs.note({"box": ["a"]}, [world.run("a", said[0])])
    assert world.source("a").origin == InEngine(container, since=BEGAN + 38)
    world.now = BEGAN + 90
    world.runs.note({}, [world.run("a", *said)])
    assert world.source("a").origin == InEngine(container, since=BEGAN + 38, until=BEGAN + last + 2)


def test_nobody_sees_the_lines_of_another_job(world: World, told: ToldEngine) -> None:
    container = told.put("box")
    told.inspected[container]["Config"] = {"Tty": False}
    world.outputs = [Goes("box", container=container), Goes("other", container=told.put("other"))]
    world.now = BEGAN + 20
    world.runs.note({"box": ["alone"]}, [world.run("alone", 20)])
    world.now = BEGAN + 100
    world.runs.note(
        {"box": ["a", "b", "alone", "early"], "other": ["elsewhere"]},
        [
            world.run("a", 1, 10), world.run("b", 5, 6),
            world.run("alone", 20, 30), world.run("elsewhere", 25, 40),
            world.run("c", 50, 60), world.run("early", -1, 0.5),
        ],
    )  # fmt: skip
    for job_id in ("a", "b", "early"):
        assert world.source(job_id).origin is None, job_id
    assert "another job ran at the same time" in str(world.source("a").reason)
    assert "before this desk was started" in str(world.source("early").reason)
    assert world.source("alone").origin == InEngine(container, since=BEGAN + 20, until=BEGAN + 32)
    # one that nobody saw anywhere may have been in the same container
    world.runs.note({}, [world.run("unplaced", 31, 31.5)])
    assert world.source("alone").origin is None
    assert "unplaced" not in str(world.source("alone").reason), "nor does it name a job that the viewer may not see"


def test_what_was_forgotten_may_have_been_there(world: World, told: ToldEngine) -> None:
    world.outputs = [Goes("box", container=told.put("box"))]
    told.inspected[str(world.outputs[0].container)]["Config"] = {"Tty": False}
    world.runs.note({}, [world.run("first", 1, 2)])
    world.runs.note({"box": ["long"]}, [world.run("long", 0.5)])
    world.runs.note({}, [world.run(f"n{number}", 10, 11, is_here=False) for number in range(MOST_RUNS - 1)])
    assert world.runs.of("first") is None
    assert world.logs.find("long") is not None and world.logs.find("long").origin is None  # type: ignore[union-attr]


def test_an_engine_that_is_gone(world: World, told: ToldEngine, tmp_path: Path) -> None:
    world.logs = JobLogs(world.state, world.runs, engine=Engine(tmp_path / "none.sock"))
    world.outputs = [Goes("box", container="f" * 64)]
    world.runs.note({"box": ["a"]}, [world.run("a", 1)])
    assert "the Docker engine says nothing" in str(world.source("a").reason)


def test_an_engine_that_fails_is_asked_once(tmp_path: Path) -> None:
    asked, now = list[float](), [0.0]

    class Dead(Engine):
        def link(self, timeout_s: float = 3.0) -> Link:
            asked.append(now[0])
            return super().link(timeout_s)

    terminals = Terminals(Dead(tmp_path / "none.sock"), monotonic=lambda: now[0])
    assert [terminals.of(f"{number:064}") for number in range(200)] == [None] * 200 and asked == [0.0]
    now[0] = AGAIN_S
    assert terminals.of("f" * 64) is None and asked == [0.0, AGAIN_S]


def test_a_container_that_is_gone_keeps_nobody_from_asking_for_others(told: ToldEngine, tmp_path: Path) -> None:
    container = told.put("box")
    told.inspected[container]["Config"] = {"Tty": True}
    terminals = Terminals(Engine(tmp_path / "engine.sock"))
    assert [terminals.of("e" * 64), terminals.of(container), terminals.of("e" * 64)] == [None, True, None]
    assert told.asked[f"/containers/{'e' * 64}/json"] == 1


def test_a_job_that_ended_need_not_be_told_again(world: World) -> None:
    assert not world.runs.knows("a", None)
    world.runs.note({}, [world.run("a", 1)])
    assert not world.runs.knows("a", None)
    world.runs.note({}, [world.run("a", 1, 2)])
    assert world.runs.knows("a", BEGAN + 2) and not world.runs.knows("a", BEGAN + 3) and not world.runs.knows("a", None)


# -- what goes -------------------------------------------------------------------------------------------------


def tidy(world: World, known: set[str], *, keep_s: float = 100.0, most_bytes: int = 1 << 30) -> int:
    async def run() -> int:
        async def which(job_ids: object) -> set[str]:
            return known

        clock = lambda: BEGAN + 1000  # noqa: E731
        made = JobLogTidying(world.logs, which, keep_s=keep_s, most_bytes=most_bytes, clock=clock)
        return await made.tidy()

    return asyncio.run(run())


def test_a_log_goes_when_its_job_has_gone_and_it_is_old(world: World) -> None:
    world.file("old", at=BEGAN, type="gone", older="x")
    world.file("known", at=BEGAN)
    world.file("fresh", at=BEGAN + 950)
    assert tidy(world, {"known"}) == 1
    assert {source.id for source in world.sources()} == {"known", "fresh"}
    assert world.logs.types() == ["t"], "an empty folder goes too"


def test_the_oldest_go_where_all_are_too_large(world: World) -> None:
    for number in range(5):
        world.file(f"n{number}", "x" * 100, at=BEGAN + number, older="y" * 100)
    world.file("written", "x" * 1000, at=BEGAN + 999)
    assert tidy(world, {f"n{number}" for number in range(5)}, keep_s=1e9, most_bytes=1500) == 3
    assert [source.id for source in world.sources()] == ["written", "n4", "n3"]
    assert tidy(world, set(), keep_s=1e9, most_bytes=1) == 2
    assert [source.id for source in world.sources()] == ["written"], "one in use stays"


def test_nothing_outside_is_ever_removed(world: World, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "a.log").write_text("mine")
    world.file("b")
    (world.state / "logs/jobs/link").symlink_to(other)
    assert world.logs.forget(["a", "../../other/a", "b"]) == 1
    assert (other / "a.log").read_text() == "mine"
