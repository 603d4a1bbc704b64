"""Containers and folders for the tests of logs, which end with their test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from docker_engine import DockerEngine
from jail import Jail, descriptors, emptied, jailed
from log_world import LogWorld

from mixdesk_control.logs.place import Place
from mixdesk_control.logs.places import HostPlace, RootPlace


@pytest.fixture
def log_world(docker_engine: DockerEngine, request: pytest.FixtureRequest) -> Iterator[LogWorld]:
    """A compose project of this test's own."""
    made = LogWorld(docker_engine, f"p{abs(hash(request.node.nodeid)) % 10**8}")
    yield made
    made.close()


@pytest.fixture(scope="module")
def one_jail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jail]:
    """For the tests of a module, one after the other."""
    with jailed(tmp_path_factory.mktemp("jail")) as made:
        yield made


@pytest.fixture
def jail(one_jail: Jail) -> Iterator[Jail]:
    """With empty folders; whatever is done with it leaves no descriptor open."""
    emptied(one_jail)
    before = descriptors()
    yield one_jail
    assert descriptors() <= before  # fewer where an earlier test has ended late


@pytest.fixture(params=[True, False], ids=["openat2", "by-hand"])
def openat2(request: pytest.FixtureRequest) -> bool:
    """Whether the kernel resolves paths, or we do it by hand."""
    return bool(request.param)


@pytest.fixture(params=["host", "root"])
def place(request: pytest.FixtureRequest, jail: Jail, openat2: bool) -> Place:
    """The jail's `/var/log`, by both ways."""
    if request.param == "host":
        return HostPlace((("/var/log", str(jail.logs)),), openat2)
    return RootPlace(jail.pid, jail.ticks, openat2=openat2)
