"""From the lines of a source to the records that a view shows. Pure, and with bounded memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mixdesk_control.logs.text import ansi, progress
from mixdesk_control.logs.text.levels import levels_of
from mixdesk_control.logs.text.records import Records
from mixdesk_control.logs.text.redact import Redactor
from mixdesk_control.logs.text.wanted import Wanted
from mixdesk_control.logs.view import View

Redact = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class Shown:
    """Records that are to be shown, and their levels."""

    records: list[bytes]
    levels: list[str | None]


NOTHING = Shown([], [])


class Refining:
    """One stream of lines for one view: cleaned, redacted, grouped, told their level, filtered, in this order.

    Raises text.wanted.BadPattern.
    """

    def __init__(self, view: View, redactor: Redactor) -> None:
        self._wanted = Wanted(view)
        self._colours = view.ansi
        self._redactor = redactor if view.redact else Redactor(False)
        self._redacting = self._redactor.stream()
        self._records = Records()
        self._level: str | None = None

    @property
    def open(self) -> bool:
        """Whether a record waits for what may continue it."""
        return self._records.open

    @property
    def unfinished(self) -> bool:
        """Whether that record looks as if it goes on."""
        return self._records.unfinished

    @property
    def everything(self) -> bool:
        """Whether the view shows all records."""
        return self._wanted.everything

    def feed(self, lines: bytes) -> Shown:
        """What these whole lines complete."""
        return self._shown(self._records.feed(self._safe(lines)))

    def flush(self) -> Shown:
        """The record that waits, as it is."""
        return self._shown(self._records.flush())

    def partial(self, text: bytes) -> str | None:
        """What the line that is being written shows now; None where the view does not want it."""
        shown = self._only_safe(progress.state(text), self._redacting.peek).rstrip(b"\n")
        bare = ansi.without_colours(shown)
        if not self._wanted.keeps(bare, levels_of([bare], None)[0]):
            return None
        return shown.decode("utf-8", "replace")

    def _safe(self, lines: bytes) -> bytes:
        return self._only_safe(progress.collapse(lines), self._redacting.feed)

    def _only_safe(self, lines: bytes, redact: Redact) -> bytes:
        if not self._colours or b"\x1b" not in lines:
            return redact(ansi.clean(lines))
        return _coloured(ansi.clean(lines, keep_colours=True), redact)

    def _shown(self, records: list[bytes]) -> Shown:
        if not records:
            return NOTHING
        bare = [ansi.without_colours(record) for record in records] if self._colours else records
        levels = levels_of(bare, self._level)
        self._level = levels[-1]
        if self._wanted.everything:
            return Shown(records, levels)
        chosen = self._wanted.choose(bare, levels)
        return Shown([records[index] for index in chosen], [levels[index] for index in chosen])


def _coloured(lines: bytes, redact: Redact) -> bytes:
    """Colours stay on lines that hold no secret: within one they would hide it from who looks for it."""
    bare = ansi.without_colours(lines)
    redacted = redact(bare)
    if redacted == bare:
        return lines
    return b"\n".join(
        coloured if plain == safe else safe
        for coloured, plain, safe in zip(lines.split(b"\n"), bare.split(b"\n"), redacted.split(b"\n"), strict=True)
    )
