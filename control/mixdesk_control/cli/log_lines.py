"""How records of logs are printed: with a coloured name in front where there are several, progress bars in place."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TextIO

from mixdesk_control.cli.screens import print_json

if TYPE_CHECKING:
    from mixdesk_control.cli.log_find import Source
    from mixdesk_control.cli.log_streams import Came

COLOURS = (36, 35, 33, 34, 32, 96, 95, 93, 94, 92)
OF_LEVELS = {"critical": "1;31", "error": "31", "warning": "33", "debug": "2", "trace": "2"}
CLEAR = "\r\x1b[K"
SGR = re.compile(r"\x1b\[[0-9;:]*m")
OTHERS = re.compile(r"[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f-\x9f]|\x1b(?!\[[0-9;:]*m)")
"""Whatever a terminal may act on: the desk sends none, and another server may not either."""


class Printer:
    """Writes records to a stream.

    names   in front of each record, by `service/id`; empty where there is one log alone
    colour  names and levels are coloured
    place   progress bars are shown, and replaced, in place
    """

    def __init__(self, sources: Sequence[Source], out: TextIO = sys.stdout, *, colour: bool | None = None) -> None:
        self._out = out
        self._colour = out.isatty() if colour is None else colour
        self._place = out.isatty()
        keys = [_key(source) for source in sources]
        width = max(map(len, keys), default=0)
        self._names = {key: self._name(key, number, width) for number, key in enumerate(keys) if len(keys) > 1}
        self._bar = False

    def _name(self, key: str, number: int, width: int) -> str:
        return self._painted(key.ljust(width), str(COLOURS[number % len(COLOURS)])) + " | "

    def show(self, came: Came) -> None:
        """One frame of a source, or what became of its connection."""
        frame = came.frame or {}
        if came.refused is not None:
            self._note(came.source, str(came.refused))
        elif came.away is not None:
            self._note(came.source, f"the desk does not answer ({came.away}); trying again")
        elif "lines" in frame:
            self._records(came.source, frame["lines"], frame["levels"])
        elif "partial" in frame:
            self._partial(came.source, frame["partial"])
        elif said := _said(frame):
            self._note(came.source, said)

    def _records(self, source: Source, lines: Sequence[str], levels: Sequence[str | None]) -> None:
        name = self._names.get(_key(source), "")
        texts = [self._record(name, text, level) for text, level in zip(lines, levels, strict=True)]
        self._out.write((CLEAR if self._bar else "") + "".join(texts))
        self._out.flush()
        self._bar = False

    def _record(self, name: str, text: str, level: str | None) -> str:
        code = OF_LEVELS.get(level or "")
        parts = (self._safe(part) for part in text.split("\n"))
        return "".join(f"{name}{self._painted(part, code) if code else part}\n" for part in parts)

    def _safe(self, text: str) -> str:
        text = OTHERS.sub("\ufffd", text)
        if "\x1b" not in text:
            return text
        return f"{text}\x1b[0m" if self._colour else SGR.sub("", text)

    def _painted(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self._colour else text

    def _partial(self, source: Source, text: str) -> None:
        if self._place:
            self._out.write(f"{CLEAR}{self._names.get(_key(source), '')}{self._safe(text.partition(chr(10))[0])}")
            self._out.flush()
            self._bar = True

    def _note(self, source: Source, text: str) -> None:
        """On stderr, so that what is piped on stays clean."""
        if self._bar:
            self._out.write("\n")
            self._out.flush()
            self._bar = False
        print(f"mixdesk: {_key(source)}: {OTHERS.sub(' ', text)}", file=sys.stderr, flush=True)  # noqa: T201


class JsonPrinter:
    """One object a record, and one for whatever else happens."""

    def show(self, came: Came) -> None:
        """One frame of a source."""
        where = {"service": came.source["service"], "source": came.source["id"]}
        frame = came.frame or {}
        if "lines" in frame:
            for text, level in zip(frame["lines"], frame["levels"], strict=True):
                print_json({**where, "level": level, "text": text})
        elif came.refused is not None or came.away is not None:
            print(f"mixdesk: {_key(came.source)}: {came.refused or came.away}", file=sys.stderr, flush=True)  # noqa: T201
        elif {"skipped", "rotated", "gone", "lost"} & frame.keys():
            print_json({**where, **frame})


def _said(frame: dict[str, Any]) -> str | None:
    """What a frame says that is no line, for people."""
    if "skipped" in frame:
        return f"{frame['skipped']} lines skipped: this end is too slow"
    if "rotated" in frame:
        return f"the log was {frame['rotated']}"
    if "gone" in frame:
        return f"nothing to read: {frame['gone']}"
    if "lost" in frame:
        return "the connection was away for long: lines may be missing here"
    return None


def _key(source: Source) -> str:
    return f"{source['service']}/{source['id']}"
