"""What is sent: the path with its query, and the body."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec


@dataclass(frozen=True, slots=True)
class Posted:
    """One POST of JSON in UTF-8."""

    path: str
    body: bytes


def as_json(path: str, content: dict[str, Any]) -> Posted:
    """The same from what is to be encoded."""
    return Posted(path, msgspec.json.encode(content))
