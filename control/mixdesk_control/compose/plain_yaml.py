"""YAML as texts, lists and tables alone: what a compose file means does not hang on how YAML guesses types.

`80:80` and `no` stay the texts that they are; bare numbers become what compose prints for them. Aliases share one
value, so that a file of a few lines that stands for billions costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mixdesk_control.compose import numbers
from mixdesk_control.compose.errors import ComposeError, TooMuchError
from mixdesk_control.compose.marks import RESET, Override, bare

MOST_BYTES = 256 << 10
MOST_MERGED = 200_000  # keys that `<<` may bring: each copy of a table takes memory
MOST_DOCUMENTS = 32

Plain = Any  # str | None | list[Plain] | dict[str, Plain], marked or not


def parse(text: str) -> list[Plain]:
    """The documents of the text. Raises ComposeError, one line."""
    import yaml

    if len(text) > MOST_BYTES:
        raise TooMuchError(f"it has more than {MOST_BYTES >> 10} KiB, which is more than compose files have")
    try:
        return [_Reader().read(node) for node in _documents(text)]
    except yaml.YAMLError as error:
        raise ComposeError(f"it is not valid YAML: {_one_line(error)}") from error
    except RecursionError as error:
        raise TooMuchError("it is not valid YAML for a compose file: it is nested too deeply") from error


def _documents(text: str) -> Iterator[Any]:
    import yaml

    for number, node in enumerate(yaml.compose_all(text, Loader=yaml.SafeLoader)):
        if number == MOST_DOCUMENTS:
            raise TooMuchError(f"it has more than {MOST_DOCUMENTS} documents")
        yield node


def _one_line(error: Exception) -> str:
    mark, problem = getattr(error, "problem_mark", None), getattr(error, "problem", None)
    said = " ".join(str(problem or error).split())
    return said if mark is None else f"{said} (line {mark.line + 1})"


class _Reader:
    """Each node once, however often it is named."""

    def __init__(self) -> None:
        self._known: dict[int, Plain] = {}
        self._begun: set[int] = set()
        self._may_merge = MOST_MERGED

    def read(self, node: Any) -> Plain:
        if id(node) in self._known:
            return self._known[id(node)]
        if id(node) in self._begun:
            raise ComposeError(f"it is not valid for a compose file: line {node.start_mark.line + 1} contains itself")
        self._begun.add(id(node))
        self._known[id(node)] = value = self._marked(node)
        return value

    def _marked(self, node: Any) -> Plain:
        if node.tag == "!reset":
            return RESET
        return Override(self._value(node)) if node.tag == "!override" else self._value(node)

    def _value(self, node: Any) -> Plain:
        if node.id == "scalar":
            return _scalar(node)
        if node.id == "sequence":
            return [bare(value) for item in node.value if (value := self.read(item)) is not RESET]
        return self._table(node)

    def _table(self, node: Any) -> dict[str, Plain]:
        merged: dict[str, Plain] = {}
        own: dict[str, Plain] = {}
        for key, value in node.value:
            if key.tag == "tag:yaml.org,2002:merge":
                for table in self._merged(value):
                    merged = {**table, **merged}  # of several, the first that has a key wins
            elif key.id == "scalar":
                own[str(key.value)] = self.read(value)
        return {**merged, **own}

    def _merged(self, node: Any) -> list[dict[str, Plain]]:
        value = bare(self.read(node))
        tables = [table for table in (value if isinstance(value, list) else [value]) if isinstance(table, dict)]
        once = list({id(table): table for table in tables}.values())
        self._may_merge -= sum(map(len, once))
        if self._may_merge < 0:
            raise TooMuchError(f"its merges (<<) bring more than {MOST_MERGED} keys")
        return once


def _scalar(node: Any) -> str | None:
    if node.tag == "tag:yaml.org,2002:null":
        return None
    return str(node.value) if node.style else numbers.shown(str(node.value))
