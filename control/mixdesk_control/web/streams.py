"""One way to serve a WebSocket: frames out, nothing in, an end when the right to them ends."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

import msgspec
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from mixdesk_control.auth.principal import Principal

PROTOCOL = "mixdesk.v1"
SLOW_S = 10.0
CLOSE_S = 1.0

MOST_STREAMS = 256

GONE, CRASHED, TOO_SLOW, ENDED = 1001, 1011, 1013, 4401

Frame = bytes | str | dict[str, Any]
log = logging.getLogger("mixdesk.streams")


async def pump(
    websocket: WebSocket, frames: AsyncIterator[Frame], *, principal: Principal, slow_s: float = SLOW_S
) -> None:
    """Accepts and sends `frames` until they end, the client goes, or the principal's right ends.

    Frames are pulled one at a time and the transport holds 64 KiB at most, so a source should merge what piles up
    while it is not asked. A client that takes nothing for `slow_s` is dropped with 1013, one whose token, session or
    ticket ends with 4401, a desk that stops says 1001. Pings are uvicorn's.
    """
    with websocket.app.state.streams.one(principal):  # a Problem 503 or 429 before the handshake
        await _pump(websocket, frames, principal, slow_s)


async def _pump(websocket: WebSocket, frames: AsyncIterator[Frame], principal: Principal, slow_s: float) -> None:
    offered = websocket.scope.get("subprotocols", ())
    await websocket.accept(subprotocol=PROTOCOL if PROTOCOL in offered else None)
    with websocket.app.state.auth.watching(principal) as ended:
        code = await _first(
            asyncio.ensure_future(_send(websocket, frames, slow_s)),
            asyncio.ensure_future(_listen(websocket)),
            asyncio.ensure_future(_until(ended)),
        )
    await _close(websocket, code)


async def _first(*tasks: asyncio.Future[int | None]) -> int | None:
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        return next(iter(done)).result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _send(websocket: WebSocket, frames: AsyncIterator[Frame], slow_s: float) -> int | None:
    clock = asyncio.get_running_loop().time
    try:
        async with asyncio.timeout(None) as limit:  # one for all frames: a busy desk sends a thousand a second
            async for frame in frames:
                limit.reschedule(clock() + slow_s)
                await _send_one(websocket, frame)
                limit.reschedule(None)
    except TimeoutError:
        return TOO_SLOW
    except (WebSocketDisconnect, OSError):
        return None
    except Exception:  # the edge of a background task: a crash of the source ends this stream alone
        log.exception("the stream %s failed", websocket.url.path)
        return CRASHED
    finally:
        if isinstance(frames, AsyncGenerator):
            await frames.aclose()
    return GONE


async def _send_one(websocket: WebSocket, frame: Frame) -> None:
    if isinstance(frame, dict):
        frame = msgspec.json.encode(frame)
    # Text in any case: browsers hand binary frames out as blobs.
    await websocket.send_text(frame.decode() if isinstance(frame, bytes) else frame)


async def _listen(websocket: WebSocket) -> None:
    """Reads, so that a close is seen; what clients say is not used."""
    while (await websocket.receive())["type"] != "websocket.disconnect":
        pass


async def _until(ended: asyncio.Future[int]) -> int:
    # Shielded: the future belongs to the watch, not to this task.
    return await asyncio.shield(ended)


async def _close(websocket: WebSocket, code: int | None) -> None:
    if code is None or websocket.client_state is not WebSocketState.CONNECTED:
        return
    # A client that takes nothing does not take the close frame either; its socket is the kernel's to end.
    with contextlib.suppress(RuntimeError, WebSocketDisconnect, OSError, TimeoutError):
        async with asyncio.timeout(CLOSE_S):
            await websocket.close(code)
