"""What a model server's answer says of one model. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from mixdesk_control.assets.asset import RUNNING, STARTING, STOPPED, UNKNOWN

MOST_CITED = 200  # characters of an answer in a message
MOST_VRAM = 1 << 44  # bytes; what says that it has more does not know
DENIED = frozenset({401, 403, 407, 408, 429})  # these say nothing of the model
_NO_JSON = object()

Scalar = tuple[type, str | bool | int]
"""A value of JSON with its type: `true` is not 1."""


@dataclass(frozen=True, slots=True)
class Rule:
    """HttpCheck without its request, and with the model put in."""

    find: str
    values: frozenset[Scalar]
    vram: str
    state: str
    loaded: frozenset[str]
    between: frozenset[str]


@dataclass(slots=True)
class Reading:
    """One answer, or why there is none.

    began  when it was asked for, on the monotonic clock
    error  what went wrong, a few words; then there is neither status nor body
    gone   whether nobody listens there: the server does not run, and holds no model
    taken  whether the server may have the request
    """

    began: float
    status: int = 0
    body: bytes = b""
    error: str | None = None
    gone: bool = False
    taken: bool = True
    data: Any = _NO_JSON
    _indexes: dict[str, dict[Scalar, list[Any]]] = field(default_factory=dict)

    @classmethod
    def of(cls, began: float, status: int, body: bytes) -> Reading:
        """Decoded already, since a big answer takes its time."""
        return cls(began, status, body, data=_decoded(body) if status == 200 else _NO_JSON)

    def entries(self, find: str) -> dict[Scalar, list[Any]]:
        """{value that `find` leads to: the entries it stands in}; made once for all models of a server."""
        if find not in self._indexes:
            self._indexes[find] = _index(self.data, find.split("."))
        return self._indexes[find]


@dataclass(frozen=True, slots=True)
class Seen:
    """One model: RUNNING, STARTING (on its way, in or out), STOPPED or UNKNOWN; `vram` in bytes; `gone` as above."""

    doing: str
    vram: int | None = None
    reason: str | None = None
    gone: bool = False


def judge(rule: Rule, reading: Reading) -> Seen:
    """What an answer to the check says of the model."""
    if reading.gone:
        return Seen(STOPPED, reason="has no server that runs: nobody listens there", gone=True)
    if reading.error is not None:
        return Seen(UNKNOWN, reason=f"does not answer: {reading.error}")
    if not rule.find:
        return _by_status(reading)
    if reading.status != 200:
        return Seen(UNKNOWN, reason=refusal(reading))
    if reading.data is _NO_JSON:
        return Seen(UNKNOWN, reason=f"answers what is not JSON{_cited(reading.body)}")
    if not _leads(reading.data, rule.find.split(".")):
        return Seen(UNKNOWN, reason=f"answers without {rule.find}{_cited(reading.body)}")
    index = reading.entries(rule.find)
    return _best([_of_entry(rule, entry) for value in rule.values for entry in index.get(value, ())])


def refusal(reading: Reading) -> str:
    """`answers 404: model 'x' not found`: a status that is not wanted, and what the server says to it."""
    if 300 <= reading.status < 400:
        return f"answers {reading.status}: redirects are not followed"
    return f"answers {reading.status}{_cited(reading.body)}"


def _by_status(reading: Reading) -> Seen:
    if reading.status == 200:
        return Seen(RUNNING)
    if 400 <= reading.status < 500 and reading.status not in DENIED:
        return Seen(STOPPED)
    return Seen(UNKNOWN, reason=refusal(reading))


def _of_entry(rule: Rule, entry: Any) -> Seen:
    state = _text(next(_leaves(entry, rule.state.split(".")), "")) if rule.state else ""
    if rule.state and state in rule.between:
        return Seen(STARTING, reason=f"the server says: {state}"[:MOST_CITED])
    if rule.state and state not in rule.loaded:
        return Seen(STOPPED)
    vram = next(_leaves(entry, rule.vram.split(".")), None) if rule.vram else None
    return Seen(RUNNING, vram if type(vram) is int and 0 <= vram <= MOST_VRAM else None)


def _text(value: Any) -> str:
    return "".join(char if char.isprintable() else " " for char in str(value))


def _best(found: list[Seen]) -> Seen:
    """Of several versions of one model the one that is furthest."""
    order = (RUNNING, STARTING, STOPPED)
    return min(found, key=lambda seen: order.index(seen.doing), default=Seen(STOPPED))


def _decoded(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return _NO_JSON


def _index(data: Any, names: Sequence[str]) -> dict[Scalar, list[Any]]:
    found: dict[Scalar, list[Any]] = {}
    for entry in _leaves(data, names[:-1]):
        for leaf in _leaves(entry, names[-1:]):
            if isinstance(leaf, str | bool | int):
                found.setdefault((type(leaf), leaf), []).append(leaf if names[-1] == "*" else entry)
    return found


def _leaves(value: Any, names: Sequence[str]) -> Iterator[Any]:
    """All that a path leads to."""
    if not names:
        yield value
    elif names[0] == "*":
        for item in value if isinstance(value, list) else ():
            yield from _leaves(item, names[1:])
    elif isinstance(value, dict) and names[0] in value:
        yield from _leaves(value[names[0]], names[1:])


def _leads(value: Any, names: Sequence[str]) -> bool:
    """Whether the answer has the shape that the path needs: an empty list, or null in its place, has, and one of which
    an entry has it."""
    for number, name in enumerate(names, 1):
        if name == "*":
            items = value if isinstance(value, list) else ()
            return value in (None, []) or any(_leads(item, names[number:]) for item in items)
        if not isinstance(value, dict) or name not in value:
            return False
        value = value[name]
    return True


def _cited(body: bytes) -> str:
    """`: text`, what the server says in one line, its own error message where it has one; else nothing."""
    said: Any = _decoded(body)
    for name in ("error", "detail", "message"):
        said = said[name] if isinstance(said, dict) and name in said else said
    if not isinstance(said, str):
        said = body[: 4 * MOST_CITED].decode("utf-8", "replace")
    line = " ".join(_text(said).split())
    return f": {line if len(line) <= MOST_CITED else line[: MOST_CITED - 1] + '…'}" if line else ""
