"""A real desk in a process of its own, and trainers that are forked with torch loaded."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

import pytest
import standin_gpu
from asset_world import AssetDesk, Card
from docker_engine import DockerEngine, wait_for
from forker import Forker
from live_desk import Desk, free_port
from runners import Runner, Runners


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A desk on its own state folder and port."""
    desk = Desk(tmp_path / "state", free_port())
    desk.start()
    yield desk
    desk.close()


@pytest.fixture
def new_desk(tmp_path: Path) -> Iterator[Callable[[str], Desk]]:
    """Makes one desk with the settings of a test (not started): `new_desk("[jobs]\\nlease_s = 1")`."""
    made: list[Desk] = []

    def make(settings: str = "") -> Desk:
        config = tmp_path / "mixdesk.toml"
        config.write_text(settings)
        made.append(Desk(tmp_path / "state", free_port(), config=config))
        return made[-1]

    yield make
    for desk in made:
        desk.close()


@pytest.fixture
def runners(forker: Forker, tmp_path: Path) -> Iterator[Callable[..., Runner]]:
    """Starts steered trainers beside a desk; what still runs in the end is killed."""
    made = Runners(forker, tmp_path)
    yield made.start
    made.close()


@pytest.fixture(scope="session")
def gpu_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the fake driver."""
    return standin_gpu.build(tmp_path_factory.mktemp("nvml"))


@pytest.fixture(scope="module")
def card(gpu_library: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Card]:
    """A fake card whose memory processes claim."""
    with Card(tmp_path_factory.mktemp("card"), gpu_library) as made:
        yield made


@pytest.fixture(scope="module")
def new_asset_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., AssetDesk]]:
    """Makes a desk with these assets (not started): `new_asset_desk([entry(...)], settings="", env={})`."""
    made: list[AssetDesk] = []

    def make(entries: Iterable[str], *, settings: str = "", env: Mapping[str, str] | None = None) -> AssetDesk:
        made.append(AssetDesk(tmp_path_factory.mktemp("desk"), free_port(), entries, settings=settings))
        made[-1].env |= env or {}
        return made[-1]

    yield make
    for desk in made:
        desk.close()


@pytest.fixture(scope="session")
def docker_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DockerEngine]:
    """With the image. Who stops it starts it again."""
    made = DockerEngine(tmp_path_factory.mktemp("docker"))
    try:
        made.start()
        made.make_image()
        yield made
    finally:
        made.close()


@pytest.fixture
def engine(docker_engine: DockerEngine) -> Iterator[DockerEngine]:
    """That engine, without any container before and after."""
    yield docker_engine
    wait_for(lambda: is_empty(docker_engine), "the end of all containers")


def is_empty(engine: DockerEngine) -> bool:
    """Once all containers are removed; one that just ends may still write into the folder that is to go."""
    with contextlib.suppress(AssertionError):
        if left := engine.docker("ps", "--all", "--quiet").split():
            engine.docker("rm", "--force", *left)
    return not engine.docker("ps", "--all", "--quiet")
