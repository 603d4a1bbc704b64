"""Desks with many assets: their registry, a person who starts them, a client that sees what becomes of them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from websockets.asyncio.client import connect

from shared.cheap import Connection, request
from shared.desk import Desk

STREAM_S = 60.0
UP, DOWN = ("running",), ("error", "stopped")


def containers(names: Sequence[str]) -> list[str]:
    """A table of the registry for each container; its id is its name."""
    return [f'[[assets]]\nid = "{name}"\ncontainer = "{name}"\n' for name in names]


def processes(names: Sequence[str], mark: str, *, with_memory: bool = False) -> list[str]:
    """Sleepers, with `mark` in their environment. They outlive the desk, which is started more than once.

    `with_memory`: each is to hold some of a GPU's, no two the same.
    """
    process = f'process = {{ argv = ["sleep", "1000000"], env = {{ BENCH = "{mark}" }} }}\n'
    memory = [f"gpus = [0]\nvram_mb = {50 + place}\n" if with_memory else "" for place in range(len(names))]
    return [
        f'[[assets]]\nid = "{name}"\ndetach = true\n{more}{process}' for name, more in zip(names, memory, strict=True)
    ]


def layers(count: int, width: int) -> list[str]:
    """Assets with GPU memory, `width` in a layer, each of which needs two of the layer below; none of them runs."""
    found = []
    for number in range(count):
        below = number - number % width - width
        needs = sorted({below + (number + side) % width for side in (0, 1)}) if below >= 0 else []
        dependencies = ", ".join(f'"model-{need}"' for need in needs)
        found.append(
            f'[[assets]]\nid = "model-{number}"\ntype = "model"\ngpus = [0]\nvram_mb = 16\n'
            f'dependencies = [{dependencies}]\nprocess = {{ argv = ["sleep", "1000000"] }}\n'
        )
    return found


def too_large(asset_id: str, vram_mb: float) -> str:
    """One that fits only where others stop."""
    return (
        f'[[assets]]\nid = "{asset_id}"\ngpus = [0]\nvram_mb = {vram_mb}\nprocess = {{ argv = ["sleep", "1000000"] }}\n'
    )


def desk_with(folder: Path, tables: Sequence[str], env: Mapping[str, str], *options: str) -> Desk:
    """A desk that is not started yet, with this registry."""
    folder.mkdir(parents=True, exist_ok=True)
    desk = Desk(folder, ["--config", str(folder / "mixdesk.toml"), *options])
    desk.env |= env
    write(desk, tables)
    return desk


def write(desk: Desk, tables: Sequence[str]) -> None:
    """Another registry, for the next start or reload."""
    Path(desk.options[1]).write_text("\n".join(tables))


class Person:
    """Asks things of one desk over one connection."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._connection: Connection | None = None

    async def ask(self, method: str, path: str, *, role: str = "operator") -> tuple[float, Any]:
        """When it was answered, in monotonic seconds, and the answer. Raises RuntimeError for a refusal."""
        if self._connection is None:
            self._connection = await Connection.open(self._desk.port)
        content = b"{}" if method == "POST" else b""
        status, body = await self._connection.ask(request(method, path, self._desk.tokens[role], content))
        answered = time.monotonic()
        if status >= 300:
            raise RuntimeError(f"{method} {path}: {status} {body!r}")
        return answered, json.loads(body)

    async def takes_ms(self, method: str, path: str, times: int) -> list[float]:
        """The same again and again, in milliseconds."""
        taken = []
        for _ in range(times):
            began = time.monotonic()
            answered, _ = await self.ask(method, path)
            taken.append((answered - began) * 1e3)
            await asyncio.sleep(0.02)
        return taken


class _Seen(msgspec.Struct):
    id: str
    status: str


class _Frame(msgspec.Struct):
    asset: _Seen | None = None


class Stream:
    """A client of `WS /admin/assets/stream`: when it saw which status of which asset."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._seen: defaultdict[str, list[tuple[float, str]]] = defaultdict(list)
        self._news = asyncio.Event()

    async def run(self) -> None:
        """Reads until it is cancelled."""
        headers = {"Authorization": f"Bearer {self._desk.tokens['viewer']}"}
        url = f"ws://127.0.0.1:{self._desk.port}/admin/assets/stream"
        decoder = msgspec.json.Decoder(_Frame)
        async with connect(url, additional_headers=headers, compression=None, proxy=None) as stream:
            async for frame in stream:
                now, asset = time.monotonic(), decoder.decode(frame).asset
                if asset is not None:
                    self._seen[asset.id].append((now, asset.status))
                    self._news.set()

    async def sees(self, asset_id: str, statuses: Collection[str], since: float = 0.0) -> float:
        """When a frame after `since` first had it in one of these, in monotonic seconds. Raises TimeoutError."""
        async with asyncio.timeout(STREAM_S):
            while True:
                found = (at for at, status in self._seen[asset_id] if at >= since and status in statuses)
                if (first := next(found, None)) is not None:
                    return first
                self._news.clear()
                await self._news.wait()


@contextlib.asynccontextmanager
async def watching(desk: Desk) -> AsyncIterator[Stream]:
    """A stream client meanwhile."""
    stream = Stream(desk)
    task = asyncio.create_task(stream.run())
    try:
        yield stream
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def program_of(desk: Desk, asset_id: str) -> int:
    """The pid of the program of a process asset, from the record of its runner."""
    return int(json.loads((desk.state / "assets" / asset_id / "run.json").read_text())["child"][0])


def runner_of(desk: Desk, asset_id: str) -> int:
    """The pid of its runner."""
    return int(json.loads((desk.state / "assets" / asset_id / "run.json").read_text())["runner"][0])


@contextlib.contextmanager
def swept(folder: Path) -> Iterator[Path]:
    """A new folder for desks; whatever names it in its arguments or environment is ended with it."""
    folder.mkdir()
    try:
        yield folder
    finally:
        while found := _processes_of(str(folder).encode()):
            for pid in found:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.05)


def _processes_of(mark: bytes) -> list[int]:
    pids = (int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit())
    return [pid for pid in pids if pid != os.getpid() and mark in _told(pid)]


def _told(pid: int) -> bytes:
    found = b""
    for name in ("cmdline", "environ"):
        with contextlib.suppress(OSError):
            found += Path(f"/proc/{pid}/{name}").read_bytes()
    return found
