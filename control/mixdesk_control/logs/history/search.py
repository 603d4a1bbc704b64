"""Search over many sources and their rotated files, newest first."""

from __future__ import annotations

import contextlib
import heapq
import time
from collections.abc import Callable, Iterator, Sequence

from mixdesk_control.docker_engine.engine import Engine
from mixdesk_control.logs.history.asked import MOST_HITS, Asked, Cut, Hit
from mixdesk_control.logs.history.matching import Matching
from mixdesk_control.logs.history.running import Run
from mixdesk_control.logs.history.steps import steps_of
from mixdesk_control.logs.source import Source
from mixdesk_control.logs.text.redact import Redactor


def search(
    sources: Sequence[Source],
    asked: Asked,
    *,
    engine: Engine | None,
    redactor: Redactor,
    stopped: Callable[[], bool] = lambda: False,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Hit | Cut]:
    """What is asked for in all of them, newest first as far as times are known; last a Cut where not all was searched.

    Sources that say why they cannot be read are passed over: whoever lists them sees the reason.

    To be iterated in one thread, which it blocks; `stopped` is asked between blocks, and ends it. Raises BadPattern.
    """
    run = Run(asked, Matching(asked, redactor), engine, stopped, clock)
    return _found(sources, run)


def _found(sources: Sequence[Source], run: Run) -> Iterator[Hit | Cut]:
    limit, given = min(run.asked.limit, MOST_HITS), 0
    with contextlib.ExitStack() as stack:
        each = [stack.enter_context(contextlib.closing(steps_of(source, run))) for source in sources]
        for step in heapq.merge(*each, key=lambda step: -step.at):
            if step.hit is None:
                continue
            yield step.hit
            given += 1
            if given == limit:
                run.cut(f"these are the newest {limit}; ask for more, for less time or for another text")
                break
    if run.left is not None:
        yield run.left
