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
ROTATED = {"continued": "the log goes on in a new file"}
SGR = re.compile(r"\x1b\[[0-9;:]*m")
OTHERS = re.compile(r"[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f-\x9f]|\x1b(?!\[[0-9;:]*m)")
"""Whatever a terminal may act on: the desk sends none, and another server may not either."""


class Printer:
    """Writes records to a stream.

    A line that has no end yet is written, as a line, once it has stood for a second, and at the end. When its end comes
    after all, only what is new of it is written.

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
        self._unended: dict[str, str] = {}  # shown in place at the most
        self._written: dict[str, str] = {}  # as a line, though its end has not come

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
        elif came.idle:
            self._stands(came.source)
        elif said := _said(frame):
            self._written.pop(_key(came.source), None)
            self._note(came.source, said)

    def end(self) -> None:
        """Nothing comes any more."""
        for key in tuple(self._unended):
            self._write_unended(key)

    def _records(self, source: Source, lines: Sequence[str], levels: Sequence[str | None]) -> None:
        key = _key(source)
        self._unended.pop(key, None)
        name, first = self._names.get(key, ""), _without(self._written.pop(key, ""), lines[0])
        records = zip([first, *lines[1:]], levels, strict=True)
        self._write("".join(self._record(name, text, level) for text, level in records if text is not None))

    def _write(self, text: str) -> None:
        self._out.write((CLEAR if self._bar else "") + text)
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
        key, text = _key(source), text.partition("\n")[0]
        if text == self._written.get(key):
            return
        self._unended[key] = text
        if self._place:
            self._out.write(f"{CLEAR}{self._names.get(key, '')}{self._safe(text)}")
            self._out.flush()
            self._bar = True

    def _stands(self, source: Source) -> None:
        """On a terminal that shows one log alone it is to be seen already."""
        if _key(source) in self._unended and (self._names or not self._place):
            self._write_unended(_key(source))

    def _write_unended(self, key: str) -> None:
        text = self._unended.pop(key)
        if (new := _without(self._written.get(key, ""), text)) is not None:
            self._write(self._record(self._names.get(key, ""), new, None))
        self._written[key] = text

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
        elif {"partial", "skipped", "rotated", "gone", "lost"} & frame.keys():
            print_json({**where, **frame})

    def end(self) -> None:
        """All is written."""


def _said(frame: dict[str, Any]) -> str | None:
    """What a frame says that is no line, for people."""
    if "skipped" in frame:
        return f"{frame['skipped']} lines skipped: this end is too slow"
    if "rotated" in frame:
        return ROTATED.get(frame["rotated"], f"the log was {frame['rotated']}")
    if "gone" in frame:
        return f"nothing to read: {frame['gone']}"
    if "lost" in frame:
        return "the connection was away for long: lines may be missing here"
    return None


def _without(written: str, text: str) -> str | None:
    """What is new of a line that begins with what is written already; None where nothing is."""
    if not written or not text.startswith(written):
        return text
    return text[len(written) :].removeprefix("\n") or None


def _key(source: Source) -> str:
    return f"{source['service']}/{source['id']}"
