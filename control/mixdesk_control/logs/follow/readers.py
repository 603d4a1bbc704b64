"""The reader of a source, by where its lines are."""

from __future__ import annotations

from collections.abc import Callable

from mixdesk_control.docker_engine.engine import Engine
from mixdesk_control.logs.follow.copies import CopyTail
from mixdesk_control.logs.follow.engine import EngineReader
from mixdesk_control.logs.follow.files import FileReader
from mixdesk_control.logs.follow.tail import Tail
from mixdesk_control.logs.follow.watch import Watch
from mixdesk_control.logs.piece import Reader
from mixdesk_control.logs.source import InEngine, InFiles, Source

Locate = Callable[[], Source | None]


def _nowhere() -> None:
    return None


def reader(source: Source, *, engine: Engine | None, watch: Watch | None = None, locate: Locate = _nowhere) -> Reader:
    """A reader of this source. To be called on the loop, once for each `pieces`.

    engine  for what it alone hands out
    watch   the desk's own; default: one for this reader
    locate  the source as it is found now; asked once a second, from any thread, so that it is read on where its
            container was made anew. Must not block

    Raises ValueError where nobody can read it.
    """
    origin = source.origin
    if isinstance(origin, InFiles):
        tail = Tail(origin, lambda: _files(locate())) if origin.place.can_follow else CopyTail(origin)
        return FileReader(tail, watch or Watch())
    if isinstance(origin, InEngine) and engine is not None:
        return EngineReader(origin, engine, lambda: _output(locate()))
    raise ValueError(f"log {source.key} cannot be read: {source.reason or 'nobody knows where its lines are'}")


def _files(found: Source | None) -> InFiles | None:
    return found.origin if found is not None and isinstance(found.origin, InFiles) else None


def _output(found: Source | None) -> InEngine | None:
    return found.origin if found is not None and isinstance(found.origin, InEngine) else None
