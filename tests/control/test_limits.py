"""What one client that has gone mad may take: seats, pace, connections that never finish a request."""

from __future__ import annotations

import asyncio
import contextlib
import json
import resource
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI, Request, Response, WebSocket
from fastapi.responses import StreamingResponse
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from mixdesk_control import protocol
from mixdesk_control.auth.principal import Principal
from mixdesk_control.auth.watch import Watches
from mixdesk_control.web import problems
from mixdesk_control.web.problems import Problem
from mixdesk_control.web.seats import Pace, Seats
from mixdesk_control.web.streams import pump

ANN = Principal("ann", frozenset({"viewer"}), token_id="t1")
BOB = Principal("bob", frozenset({"viewer"}), token_id="t2")


def refused(take: Callable[[], Any]) -> Problem:
    with pytest.raises(Problem) as caught:
        take()
    assert int((caught.value.headers or {})["Retry-After"]) > 0
    return caught.value


def test_one_token_takes_three_quarters_of_the_seats_and_others_the_rest() -> None:
    seats = Seats("streams", 8)
    with contextlib.ExitStack() as held:
        for _ in range(6):
            held.enter_context(seats.one(ANN))
        problem = refused(lambda: held.enter_context(seats.one(ANN)))
        assert problem.status_code == 429 and "ann holds 6 streams" in problem.detail
        for _ in range(2):
            held.enter_context(seats.one(BOB))
        problem = refused(lambda: held.enter_context(seats.one(BOB)))
        assert problem.status_code == 503 and "8 streams" in problem.detail
    assert seats.taken == 0
    with seats.one(ANN):
        assert seats.taken == 1


def test_a_pace_has_a_burst_and_says_when_there_is_one_again() -> None:
    now = [0.0]
    pace = Pace("jobs", 60, 3, lambda: now[0])
    for _ in range(3):
        pace.one(ANN)
    problem = refused(lambda: pace.one(ANN))
    assert problem.status_code == 429 and "60 jobs a minute" in problem.detail
    pace.one(BOB)
    now[0] += int((problem.headers or {})["Retry-After"])
    pace.one(ANN)
    now[0] += 3600.0
    for _ in range(3):
        pace.one(ANN)
    refused(lambda: pace.one(ANN))


def test_one_who_takes_many_seats_at_once_has_the_same_share() -> None:
    seats = Seats("jobs in long polls", 8)
    with seats.one(ANN, 4), seats.one(ANN, 2):
        assert refused(lambda: seats.one(ANN, 1).__enter__()).status_code == 429
        with seats.one(BOB, 2):
            assert refused(lambda: seats.one(BOB, 1).__enter__()).status_code == 503
    assert seats.taken == 0
    assert refused(lambda: seats.one(ANN, 7).__enter__()).status_code == 429


def test_what_fails_counts_against_no_pace() -> None:
    pace = Pace("jobs", 60, 1, lambda: 0.0)
    for _ in range(5):
        with pytest.raises(ValueError, match="no"), pace.tried(ANN):
            raise ValueError("no")
    with pace.tried(ANN):
        pass
    refused(lambda: pace.tried(ANN).__enter__())


def test_who_comes_beyond_the_limit_is_closed_and_those_who_are_connected_are_served() -> None:
    app = FastAPI()

    @app.get("/here")
    async def here() -> str:
        return "yes"

    async def works(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        writer.write(b"GET /here HTTP/1.1\r\nHost: x\r\n\r\n")
        return (await answer(reader))[0] == 200

    async def scenario() -> None:
        async with served(app, kind=protocol.limited(3)) as port:
            held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3)]
            assert [await works(*each) for each in held] == [True] * 3
            late, writer = await asyncio.open_connection("127.0.0.1", port)
            assert await asyncio.wait_for(late.read(), 60) == b""
            writer.close()
            assert [await works(*each) for each in held] == [True] * 3
            held.pop()[1].close()
            await asyncio.sleep(0.2)
            held.append(await asyncio.open_connection("127.0.0.1", port))
            assert [await works(*each) for each in held] == [True] * 3
            for _, each in held:
                each.close()

    asyncio.run(asyncio.wait_for(scenario(), 60))


def test_who_takes_nothing_of_an_answer_is_dropped_and_who_is_slow_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "TAKE_S", 1.0)
    app, size, gone = FastAPI(), 30_000_000, asyncio.Event()

    @app.get("/large")
    async def large() -> Response:
        return Response(b"x" * size)

    @app.get("/parts")
    async def parts() -> StreamingResponse:
        async def made() -> AsyncIterator[bytes]:
            try:
                while True:
                    yield b"x" * 65536
                    await asyncio.sleep(0)
            finally:
                gone.set()

        return StreamingResponse(made())

    async def asks(port: int, path: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
        writer.write(f"GET /{path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        return reader, writer

    async def slowly(port: int) -> int:
        reader, writer = await asks(port, "large")
        taken = 0
        while taken < size:
            part = await reader.read(250_000)
            assert part, taken
            taken += len(part)
            await asyncio.sleep(0.03)
        writer.close()
        return taken

    async def scenario() -> None:
        async with served(app) as port:
            _, mute = await asks(port, "parts")
            await asyncio.wait_for(gone.wait(), 20)
            assert await slowly(port) >= size
            mute.close()

    asyncio.run(asyncio.wait_for(scenario(), 60))


# -- over real sockets ---------------------------------------------------------------------------------


@contextlib.asynccontextmanager
async def served(app: Any, kind: Any = protocol.PatientProtocol, **options: Any) -> AsyncIterator[int]:
    """The port of a server as the desk runs it."""
    config = uvicorn.Config(
        app,
        port=0,
        http=kind,
        ws="websockets-sansio",
        log_level="critical",
        lifespan="off",
        timeout_graceful_shutdown=1,
        **options,
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await task


async def answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    return int(head[9:12]), await reader.readexactly(length)


def test_a_request_that_never_becomes_whole_is_cut_off_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "HEAD_S", 1.0)
    monkeypatch.setattr(protocol, "BODY_S", 2.0)
    app = FastAPI()

    @app.post("/slow")
    async def slow(request: Request) -> str:
        await request.body()
        await asyncio.sleep(2.5)  # longer than both: the desk itself may take its time
        return "done"

    async def drips(port: int, begins: bytes) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(begins)
        with contextlib.suppress(ConnectionError):
            while not reader.at_eof():
                writer.write(b"x")
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(reader.read(1), 0.1)
        writer.close()

    async def asks(port: int, pause: float, times: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(times):
            writer.write(b"POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nab")
            await asyncio.sleep(pause)
            writer.write(b"cd")
            assert (await answer(reader))[0] == 200
        await asyncio.sleep(1.0)
        assert not reader.at_eof(), "idle between two requests is uvicorn's to end, after its own time"
        writer.close()

    async def scenario() -> None:
        async with served(app) as port:
            silent, mute = await asyncio.open_connection("127.0.0.1", port)
            head = b"POST /slow HTTP/1.1\r\nHost: x\r\n"
            whole = head + b"Content-Length: 0\r\n\r\n"
            await asyncio.gather(
                silent.read(),
                drips(port, b""),
                drips(port, head + b"X-Drip: "),
                drips(port, head + b"Content-Length: 100000\r\n\r\n"),
                drips(port, whole + head + b"X-Drip: "),
                asks(port, 0.0, 1),
                asks(port, 0.2, 2),
            )
            mute.close()

    asyncio.run(asyncio.wait_for(scenario(), 60))


def test_a_stream_outlives_the_time_that_a_request_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "HEAD_S", 0.3)
    monkeypatch.setattr(protocol, "BODY_S", 0.3)
    app = FastAPI()
    app.state.auth, app.state.streams = Watches(lambda: 0.0), Seats("streams", 2)
    problems.install(app)

    async def frames() -> AsyncIterator[str]:
        for number in range(4):
            await asyncio.sleep(0.25)
            yield str(number)

    @app.websocket("/s")
    async def stream(websocket: WebSocket) -> None:
        await pump(websocket, frames(), principal=ANN)

    async def scenario() -> None:
        async with served(app) as port:
            url = f"ws://127.0.0.1:{port}/s"
            async with (
                connect(url, proxy=None, open_timeout=60) as one,
                connect(url, proxy=None, open_timeout=60) as two,
            ):
                with pytest.raises(InvalidStatus) as caught:
                    await connect(url, proxy=None, open_timeout=60)
                assert caught.value.response.status_code == 503
                assert "2 streams" in json.loads(caught.value.response.body or b"")["detail"]
                assert [frame async for frame in one] == [frame async for frame in two] == ["0", "1", "2", "3"]
            async with connect(url, proxy=None, open_timeout=60) as again:
                assert await again.recv() == "0"

    asyncio.run(asyncio.wait_for(scenario(), 60))


@pytest.mark.process
def test_a_desk_takes_as_many_open_files_as_it_may(new_desk: Callable[..., Any]) -> None:
    """A thousand trainers hold two thousand connections; the usual limit is 1,024 files."""
    desk = new_desk()
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(1024, before[1]), before[1]))
    try:
        desk.start()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    soft, _ = resource.prlimit(desk.pid, resource.RLIMIT_NOFILE)
    assert soft == min(8192 + 128, before[1])
    code = f"""
import resource, socket
resource.setrlimit(resource.RLIMIT_NOFILE, ({before[1]}, {before[1]}))
held = []
for _ in range(1500):
    held.append(socket.create_connection(("127.0.0.1", {desk.port})))
held[-1].sendall(b"GET /healthz HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n")
print(held[-1].recv(100)[:12].decode())
"""
    if before[1] > 2000:
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
        assert done.stdout.strip() == "HTTP/1.1 200", done.stderr[-500:]
