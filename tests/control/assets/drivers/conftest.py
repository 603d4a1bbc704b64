"""Drivers of a real Docker engine, and containers that end with their test."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

import pytest
from containers import created
from docker_engine import DockerEngine

from mixdesk_control.assets.drivers.docker.driver import DockerDriver

Create = Callable[..., str]


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
