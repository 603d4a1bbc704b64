"""A Docker engine with many containers, and how long it takes itself for what the desk asks of it."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "fixtures"))
from docker_engine import IMAGE, DockerEngine

from shared.desk import cpu_of

SLEEPER = ("/bin/busybox", "sleep", "1000000")
AT_ONCE = 4  # containers that are made beside each other


class Engine:
    """The engine behind a socket; a new connection for each call, as it costs 0.1 ms."""

    def __init__(self, engine: DockerEngine) -> None:
        self.address = f"unix://{engine.socket}"
        self._socket, self._pid = str(engine.socket), int((engine.folder / "pid").read_text())

    def cpu_s(self) -> float:
        """CPU seconds of dockerd so far."""
        return cpu_of(self._pid)

    async def ask(self, method: str, path: str, body: Any = None) -> Any:
        """The answer's JSON, None where it is empty. Raises RuntimeError for a refusal."""
        content = b"" if body is None else json.dumps(body).encode()
        head = f"{method} {path} HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
        reader, writer = await asyncio.open_unix_connection(self._socket)
        try:
            writer.write(head.encode() + content)
            answer = await reader.read()
        finally:
            writer.close()
        start, _, found = answer.partition(b"\r\n\r\n")
        if int(start.split(b" ", 2)[1]) >= 400:
            raise RuntimeError(f"{method} {path}: {answer.decode('utf-8', 'replace')}")
        return json.loads(found) if found.strip() else None

    async def start(self, name: str) -> float:
        """Milliseconds until the engine says that it has."""
        began = time.monotonic()
        await self.ask("POST", f"/containers/{name}/start")
        return (time.monotonic() - began) * 1e3

    async def kill(self, name: str) -> None:
        """SIGKILL, as `docker kill`."""
        await self.ask("POST", f"/containers/{name}/kill")

    async def state(self, name: str) -> dict[str, Any]:
        """What it says of a container's state."""
        found: dict[str, Any] = (await self.ask("GET", f"/containers/{name}/json"))["State"]
        return found

    async def fill(self, names: Sequence[str]) -> None:
        """Containers of these names that run and do nothing."""
        turns = asyncio.Semaphore(AT_ONCE)
        await asyncio.gather(*(self._add(name, turns) for name in names))

    async def _add(self, name: str, turns: asyncio.Semaphore) -> None:
        async with turns:
            made = {"Image": IMAGE, "Cmd": SLEEPER, "HostConfig": {"NetworkMode": "none"}}
            await self.ask("POST", f"/containers/create?name={name}", made)
            await self.start(name)

    async def empty(self, names: Sequence[str]) -> None:
        """Without them, those that were never made too."""
        turns = asyncio.Semaphore(AT_ONCE)
        await asyncio.gather(*(self._remove(name, turns) for name in names), return_exceptions=True)

    async def _remove(self, name: str, turns: asyncio.Semaphore) -> None:
        async with turns:
            await self.ask("DELETE", f"/containers/{name}?force=1")


@contextmanager
def engine_with(names: Sequence[str], folder: Path) -> Iterator[Engine]:
    """An engine on its own socket below `folder` with these containers; none of them is left in the end."""
    folder.mkdir()
    daemon = DockerEngine(folder)
    try:
        daemon.start()
        daemon.make_image()
        engine = Engine(daemon)
        try:
            asyncio.run(engine.fill(names))
            yield engine
        finally:
            asyncio.run(engine.empty(names))
    finally:
        daemon.close()
