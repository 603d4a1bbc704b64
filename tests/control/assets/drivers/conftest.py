"""A real Docker engine for all tests of the drivers, and containers that end with their test."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

import pytest
from containers import created
from docker_engine import DockerEngine

from mixdesk_control.assets.drivers.docker.driver import DockerDriver

Create = Callable[..., str]


@pytest.fixture(scope="session")
def docker_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DockerEngine]:
    """With the image; for tests that neither stop it nor count what is in it."""
    made = DockerEngine(tmp_path_factory.mktemp("docker"))
    try:
        made.start()
        made.make_image()
        yield made
    finally:
        made.close()


@pytest.fixture
def driver(docker_engine: DockerEngine) -> Iterator[DockerDriver]:
    """Of that engine."""
    made = DockerDriver(docker_engine.socket)
    yield made
    asyncio.run(made.close())


@pytest.fixture
def create(docker_engine: DockerEngine) -> Iterator[Create]:
    """Makes containers that do not run yet, `create(name, script, *options)`: their ids; they go with the test."""
    names: set[str] = set()

    def one(name: str, script: str, *options: str) -> str:
        names.add(name)
        return created(docker_engine, name, script, *options)

    yield one
    left = names & set(docker_engine.docker("ps", "--all", "--format", "{{.Names}}").split())
    if left:
        docker_engine.docker("rm", "--force", *left)
