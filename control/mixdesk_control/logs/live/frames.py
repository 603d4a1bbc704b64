"""The frames of a stream as JSON texts, made once for all viewers of a view. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

MOST_BYTES, MOST_RECORDS = 128 << 10, 1000
"""Of the records of one frame, but for a single one that is longer."""

_encoder = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame; `lines` is how many lines of the source it shows."""

    text: str
    lines: int = 0


def told(**content: Any) -> Frame:
    """A frame that shows no lines: source, live, skipped, rotated, gone, partial."""
    return Frame(_encoder.encode(content).decode())


def of_records(records: Sequence[bytes], levels: Sequence[str | None]) -> Iterator[Frame]:
    """The frames of these records, in UTF-8."""
    start = size = 0
    for index, record in enumerate(records):
        if index > start and (size + len(record) > MOST_BYTES or index - start == MOST_RECORDS):
            yield _frame(records[start:index], levels[start:index])
            start, size = index, 0
        size += len(record)
    if records:
        yield _frame(records[start:], levels[start:])


def _frame(records: Sequence[bytes], levels: Sequence[str | None]) -> Frame:
    text = b"\n".join(records)
    lines = [record.decode("utf-8", "replace") for record in records]
    return Frame(_encoder.encode({"lines": lines, "levels": levels}).decode(), text.count(b"\n") + 1)
