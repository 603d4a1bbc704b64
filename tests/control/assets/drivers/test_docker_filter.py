"""What the driver asks of the engine is what it says that it asks: through a filter that lets nothing else pass."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection
from contextlib import aclosing
from pathlib import Path

import pytest
from containers import POLITE, asset, closing, seen, until
from docker_engine import DockerEngine
from socket_filter import SocketFilter

from mixdesk_control.assets.asset import RUNNING, STARTING, STOPPED, Asset
from mixdesk_control.assets.drivers.docker.driver import DockerDriver
from mixdesk_control.docker_engine.engine import ASSET_CALLS

pytestmark = pytest.mark.process

Create = Callable[..., str]
CHECK = ("--health-cmd", "test -e /mnt/well", "--health-interval", "200ms", "--health-start-period", "1h")


async def life(socket: Path, bark: Asset, well: Path) -> None:
    """Everything that the driver does, to the end."""
    told = asyncio.Event()
    async with closing(DockerDriver(socket)) as driver:
        follower = asyncio.create_task(driver.follow(lambda: [bark], lambda _: told.set()))
        try:
            assert (await seen(driver, bark)).doing == STOPPED
            await driver.start(bark)
            assert (await seen(driver, bark)).doing == STARTING
            async with aclosing(driver.lines(bark)) as lines:
                assert await asyncio.wait_for(anext(lines), 60) == "here"
            well.touch()
            await until(driver, bark, lambda now: now.doing == RUNNING)
            await driver.usage([bark])
            told.clear()
            await driver.stop(bark, 30)
            assert (await seen(driver, bark)).doing == STOPPED
            await asyncio.wait_for(told.wait(), 60)
        finally:
            follower.cancel()
            await asyncio.gather(follower, return_exceptions=True)


@pytest.fixture
def bark(create: Create, tmp_path: Path) -> Asset:
    """Well once there is a file `well` in the test's folder."""
    create("bark", f"echo here; {POLITE}", "--volume", f"{tmp_path}:/mnt", *CHECK)
    return asset("bark")


def filtered(engine: DockerEngine, folder: Path, allowed: Collection[tuple[str, str]]) -> SocketFilter:
    return SocketFilter(folder / "filtered.sock", engine.socket, allowed)


def test_the_list_is_complete(docker_engine: DockerEngine, tmp_path: Path, bark: Asset) -> None:
    with filtered(docker_engine, tmp_path, ASSET_CALLS) as through:
        asyncio.run(life(through.path, bark, tmp_path / "well"))
    assert through.refused == []
    assert through.passed == set(ASSET_CALLS)


@pytest.mark.parametrize("left_out", ASSET_CALLS, ids=" ".join)
def test_nothing_in_the_list_is_superfluous(
    docker_engine: DockerEngine, tmp_path: Path, bark: Asset, left_out: tuple[str, str]
) -> None:
    through = filtered(docker_engine, tmp_path, set(ASSET_CALLS) - {left_out})

    async def live_until_refused() -> None:
        living = asyncio.create_task(life(through.path, bark, tmp_path / "well"))
        deadline = time.monotonic() + 60
        while not through.refused:
            assert time.monotonic() < deadline and not living.done()
            await asyncio.sleep(0.02)
        living.cancel()
        await asyncio.gather(living, return_exceptions=True)

    with through:
        asyncio.run(live_until_refused())
    method, path = left_out
    assert all((one, len(two.split("/"))) == (method, len(path.split("/"))) for one, two in through.refused)


def test_the_filter_refuses(docker_engine: DockerEngine, tmp_path: Path, create: Create) -> None:
    """So that the tests above can fail: other paths, other methods, names and beginnings instead of ids."""
    identity = create("other", POLITE)
    with filtered(docker_engine, tmp_path, ASSET_CALLS) as through:
        with pytest.raises(AssertionError, match="the filter does not let this through"):
            told = {**docker_engine.env, "DOCKER_HOST": f"unix://{through.path}"}
            other = DockerEngine(tmp_path)
            other.env = told
            other.docker("rm", "other")
        for path in ("/containers/other/start", f"/containers/{identity[:12]}/start", f"/containers/{identity}/kill"):
            assert not through._lets_through(f"POST /v1.41{path} HTTP/1.1\r\n\r\n".encode())
        assert not through._lets_through(b"GET /containers/json/../../images/json HTTP/1.1\r\n\r\n")
        assert through._lets_through(f"POST /v1.41/containers/{identity}/start?x=1 HTTP/1.1\r\n\r\n".encode())


def test_one_that_may_not_be_looked_at_takes_no_other_along(
    docker_engine: DockerEngine, tmp_path: Path, create: Create
) -> None:
    create("other", POLITE)
    allowed = set(ASSET_CALLS) - {("GET", "/containers/{id}/json")}

    async def look(path: Path) -> tuple[str, str, str]:
        async with closing(DockerDriver(path)) as driver:
            found = await driver.observe([asset("other"), asset("gone")])
            return found["other"].doing, str(found["other"].reason), found["gone"].doing

    with filtered(docker_engine, tmp_path, allowed) as through:
        doing, reason, gone = asyncio.run(look(through.path))
    assert (doing, gone) == ("unknown", "absent")
    assert reason.endswith("answers GET /containers/{id}/json with 403: the filter does not let this through")
