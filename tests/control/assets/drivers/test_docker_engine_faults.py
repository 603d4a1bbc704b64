"""What goes wrong with the engine: it is said, nobody waits for it, and it is found again."""

from __future__ import annotations

import asyncio
import os
import signal
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from containers import POLITE, asset, closing, created, seen, until
from docker_engine import DockerEngine, wait_for

from mixdesk_control.assets.asset import RUNNING, STOPPED, UNKNOWN, Asset, Observed
from mixdesk_control.assets.drivers.docker.driver import DockerDriver
from mixdesk_control.assets.drivers.docker.watcher import PATIENCE_S
from mixdesk_control.assets.drivers.driver import DriverError

pytestmark = pytest.mark.process

Create = Callable[..., str]


@pytest.fixture
def own(tmp_path: Path) -> Iterator[DockerEngine]:
    """An engine that may be stopped, with a container `bark` that runs."""
    made = DockerEngine(tmp_path)
    try:
        made.start()
        made.make_image()
        created(made, "bark", f"echo here; {POLITE}")
        made.docker("start", "bark")
        yield made
    finally:
        made.close()


END = {"stop": DockerEngine.stop, "kill": DockerEngine.kill}


@pytest.mark.parametrize("how", END)
def test_an_engine_that_is_started_again(own: DockerEngine, how: str) -> None:
    """Under one who observes, follows and reads: each sees it go and come back."""
    bark, told, lines = asset("bark"), list[list[Asset]](), list[str]()

    async def read(driver: DockerDriver) -> None:
        async for line in driver.lines(bark):
            lines.append(line)

    async def watch() -> None:
        async with closing(DockerDriver(own.socket)) as driver:
            tasks = [asyncio.create_task(driver.follow(lambda: [bark], lambda assets: told.append(list(assets))))]
            tasks.append(asyncio.create_task(read(driver)))
            first = await until(driver, bark, lambda now: now.doing == RUNNING and told and lines)
            told.clear()
            await asyncio.to_thread(END[how], own)
            gone = await seen(driver, bark)
            assert gone.doing == UNKNOWN and "no Docker engine answers here" in str(gone.reason)
            with pytest.raises(DriverError, match="no Docker engine answers here"):
                await driver.stop(bark, 1)
            await until(driver, bark, lambda now: told)  # that it has gone
            told.clear()
            await asyncio.to_thread(own.start)
            await until(driver, bark, lambda now: told)  # that it is back
            await driver.start(bark)
            second = await until(driver, bark, lambda now: now.doing == RUNNING)
            assert second.instance != first.instance or how == "kill"
            await until(driver, bark, lambda now: len(lines) > 1)
            assert set(lines) == {"here"}
            told.clear()
            await driver.stop(bark, 30)
            await until(driver, bark, lambda now: now.doing == STOPPED and told)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(watch())


def test_an_engine_that_hangs(own: DockerEngine) -> None:
    """It is waited for once; while it hangs nobody else waits, and the event loop least of all."""
    pid, bark = int((own.folder / "pid").read_text()), asset("bark")

    async def watch() -> None:
        async with closing(DockerDriver(own.socket)) as driver:
            assert (await seen(driver, bark)).doing == RUNNING
            os.kill(pid, signal.SIGSTOP)
            try:
                wait_for(lambda: all(is_stopped(task) for task in Path(f"/proc/{pid}/task").iterdir()), "its stop")
                began = time.monotonic()
                answers = await asyncio.gather(*(seen(driver, bark) for _ in range(20)))
                assert {found.doing for found in answers} == {UNKNOWN}
                assert all("has not answered" in str(found.reason) for found in answers)
                assert time.monotonic() - began > 0.9 * PATIENCE_S
                assert sum(thread.name == "mixdesk-docker" for thread in threading.enumerate()) <= 1
            finally:
                os.kill(pid, signal.SIGCONT)
            assert (await until(driver, bark, lambda now: now.doing != UNKNOWN)).doing == RUNNING

    asyncio.run(watch())


def is_stopped(task: Path) -> bool:
    return (task / "stat").read_text().rpartition(")")[2].split()[0] == "T"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"HTTP/1.1 500 No\r\nContent-Length: 23\r\n\r\n" + b'{"message": "disk\\nup"}', "with 500: disk up"),
        (b"HTTP/1.1 403 No\r\nContent-Length: 9\r\n\r\nForbidden", "with 403: Forbidden"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnone", "GET /version failed"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]", "GET /version failed"),
        (b'HTTP/1.1 200 OK\r\nContent-Length: 22\r\n\r\n{"ApiVersion": "1.41"}', "GET /containers/json failed"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf", "GET /version failed"),
        (b"SSH-2.0-x\r\n\r\n", "GET /version failed"),
        (b"", "GET /version failed"),
    ],
    ids=["500", "403", "no JSON", "list", "object", "half", "SSH", "nothing"],
)
def test_what_is_no_engine(tmp_path: Path, answer: bytes, reason: str) -> None:
    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            while self.rfile.readline() not in (b"\r\n", b""):
                pass
            self.wfile.write(answer)

    async def look() -> Observed:
        async with closing(DockerDriver(path)) as driver:
            with pytest.raises(DriverError):
                await driver.start(asset("bark"))
            return await seen(driver, asset("bark"))

    path = tmp_path / "docker.sock"
    with socketserver.ThreadingUnixStreamServer(str(path), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            found = asyncio.run(look())
        finally:
            server.shutdown()
            thread.join()
    assert found.doing == UNKNOWN and reason in str(found.reason)
    assert "\n" not in str(found.reason) and str(path) in str(found.reason)
