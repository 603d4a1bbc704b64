"""Which of a container's messages have been handed out, so that a stream opened anew repeats none and leaves none out.

The engine finds messages by time alone, and those of the two streams are not quite in the order of their times: so the
last ones are remembered, a stream is opened at the time of one in their middle, and what is known is left out.
"""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterable, Sequence
from datetime import datetime

from mixdesk_control.logs.follow.messages import Message

MOST = 4096

Key = tuple[str, int, int]


def key(message: Message) -> Key:
    """Of a message, small."""
    return message.time, message.stream, hash(message.text)


class Seen:
    """The last messages of one container."""

    def __init__(self) -> None:
        self._last: deque[Key] = deque(maxlen=MOST)
        self._whole = True
        self._again: Counter[Key] = Counter()

    @property
    def last(self) -> Key | None:
        """The last one of all."""
        return self._last[-1] if self._last else None

    def add(self, messages: Iterable[Message]) -> None:
        """These have been handed out."""
        before = len(self._last)
        keys = [key(message) for message in messages]
        self._last.extend(keys)
        self._whole = self._whole and before + len(keys) <= MOST

    def starts_late(self) -> None:
        """There were others before the first of these."""
        self._whole = False

    def since(self) -> float | None:
        """From when on the engine is to be asked, seconds since the epoch; None: from the beginning."""
        self._again = Counter(self._last)
        if not self._last or self._whole:
            return None
        middle = seconds(self._last[len(self._last) // 2][0])
        return middle - 1e-5  # as a number of seconds it is no finer

    def new(self, messages: Sequence[Message]) -> list[Message]:
        """Those that have not been handed out; they are from now on."""
        if not self._again:
            self.add(messages)
            return list(messages)
        border = "" if self._whole else self._last[0][0]
        fresh = []
        for message in messages:
            this = key(message)
            if self._again[this] > 0:
                self._again[this] -= 1
            elif message.time >= border:
                fresh.append(message)
        self._again += Counter()  # drops what is used up
        self.add(fresh)
        return fresh


def seconds(time: str) -> float:
    """Since the epoch; nanoseconds are cut to microseconds."""
    return datetime.fromisoformat(re.sub(r"(\.\d{6})\d*", r"\1", time)).timestamp()
