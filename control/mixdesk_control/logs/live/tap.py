"""One source that somebody looks at: its reader, and a pipeline for each view."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import replace

from mixdesk_control.logs.live.frames import told
from mixdesk_control.logs.live.past import in_steps
from mixdesk_control.logs.live.pipeline import Pipeline
from mixdesk_control.logs.live.refining import Refining
from mixdesk_control.logs.live.viewer import Viewer
from mixdesk_control.logs.piece import Mark, Piece, Reader
from mixdesk_control.logs.source import InEngine, InFiles, Source
from mixdesk_control.logs.view import View

log = logging.getLogger("mixdesk.logs")

LEAST_PAUSE_S, MOST_PAUSE_S, PAUSE_A_VIEWER_S = 0.001, 0.01, 0.0002
"""Between two pieces: what comes meanwhile makes one frame, so that many viewers cost little more than one."""

ENDED = "its reader has ended"


class Tap:
    """Reads while it is open; to be used on the event loop.

    on_end  is told that it reads no more
    users   who looks, or is about to
    """

    def __init__(self, source: Source, reader_of: Callable[[Source], Reader], on_end: Callable[[Tap], None]) -> None:
        self.users = 0
        self._source, self._place = source, _place(source)
        self._reader_of, self._on_end = reader_of, on_end
        self._pipelines: dict[View, Pipeline] = {}
        self._reader: Reader | None = None
        self._between = asyncio.Lock()  # held while a piece is on its way to the pipelines
        self._ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._state = Piece()
        self._ended: str | None = None
        self._task = asyncio.create_task(self._run(), name=f"mixdesk-log-{source.key}")

    def serves(self, source: Source) -> bool:
        """Whether it reads what this source is now: a container that was made anew is another."""
        return source.key == self._source.key and _place(source) == self._place

    async def join(self, view: View, refining: Refining, viewer: Viewer, marks: int) -> list[Mark] | None:
        """From now on the viewer gets what comes; the marks are where that begins. None where it has ended."""
        await asyncio.shield(self._ready)
        async with self._between:
            if self._reader is None:
                viewer.tell(told(gone=self._ended))
                viewer.end()
                return None
            return self._joined(self._reader, view, refining, viewer, marks)

    def _joined(self, reader: Reader, view: View, refining: Refining, viewer: Viewer, marks: int) -> list[Mark]:
        pipeline = self._pipelines.setdefault(view, Pipeline(refining))
        pipeline.flush()  # what has been read is before the mark: it belongs to those who are here already
        found = [reader.mark() for _ in range(marks)]
        pipeline.welcome(viewer, self._state)
        return found

    def leave(self, view: View, viewer: Viewer) -> None:
        """The viewer gets nothing any more."""
        pipeline = self._pipelines.get(view)
        if pipeline is None or viewer not in pipeline.viewers:
            return
        pipeline.viewers.remove(viewer)
        if not pipeline.viewers:
            pipeline.close()
            del self._pipelines[view]

    async def close(self) -> None:
        """Stops reading."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        reason = ENDED
        try:
            self._reader = self._reader_of(self._source)
            await self._read(self._reader)
        except Exception as error:  # noqa: BLE001 - the edge of a background task: its viewers are told
            reason = str(error) or type(error).__name__
            log.warning("the log %s is not read any more: %s", self._source.key, reason)
        finally:
            self._end(reason)

    def _end(self, reason: str) -> None:
        self._ended, self._reader = reason, None
        if not self._ready.done():
            self._ready.set_result(None)
        self._on_end(self)
        for pipeline in self._pipelines.values():
            pipeline.tell(told(gone=reason))
            pipeline.close()
            for viewer in pipeline.viewers:
                viewer.end()

    async def _read(self, reader: Reader) -> None:
        async with aclosing(reader.pieces()) as pieces:
            async for piece in pieces:
                pause = min(max(PAUSE_A_VIEWER_S * self.users, LEAST_PAUSE_S), MOST_PAUSE_S)
                async with self._between:
                    await self._take(piece, pause)
                    if not self._ready.done():
                        self._ready.set_result(None)
                await asyncio.sleep(pause)

    async def _take(self, piece: Piece, pause: float) -> None:
        if piece.rotated is not None:
            self._tell(rotated=piece.rotated)
        for lines in in_steps(piece.lines):
            for pipeline in list(self._pipelines.values()):
                pipeline.feed(lines, pause)
                await asyncio.sleep(0)
        if piece.partial is not None:
            for pipeline in self._pipelines.values():
                pipeline.partial(piece.partial)
        if piece.gone is not None:
            self._tell(gone=piece.gone)
        if piece.lines or piece.partial is not None or piece.gone is not None:
            self._state = Piece(partial=piece.partial, gone=piece.gone)

    def _tell(self, **content: str) -> None:
        frame = told(**content)
        for pipeline in self._pipelines.values():
            pipeline.tell(frame)


def _place(source: Source) -> InFiles | InEngine | None:
    origin = source.origin
    return replace(origin, rotated=()) if isinstance(origin, InFiles) else origin
