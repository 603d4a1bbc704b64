"""YAML as texts, lists and tables alone: what a compose file means does not hang on how YAML guesses types.

`80:80`, `no` and `1.10` stay the texts that they are. Aliases share one value, so that a file of a few lines that
stands for billions costs nothing.
"""

from __future__ import annotations

from typing import Any

from mixdesk_control.assets.inventory.errors import InventoryError

MOST_BYTES = 256 << 10
MOST_MERGED = 200_000  # keys that `<<` may bring: each copy of a table takes memory

Plain = Any  # str | None | list[Plain] | dict[str, Plain]


def parse(text: str) -> Plain:
    """The one document of the text. Raises InventoryError, one line."""
    import yaml

    if len(text) > MOST_BYTES:
        raise InventoryError(f"it has more than {MOST_BYTES >> 10} KiB, which is more than compose files have")
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        return None if node is None else _Reader().read(node)
    except yaml.YAMLError as error:
        raise InventoryError(f"it is not valid YAML: {_one_line(error)}") from error
    except RecursionError as error:
        raise InventoryError("it is not valid YAML for a compose file: it is nested too deeply") from error


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
            raise InventoryError(f"it is not valid for a compose file: line {node.start_mark.line + 1} contains itself")
        self._begun.add(id(node))
        self._known[id(node)] = value = self._value(node)
        return value

    def _value(self, node: Any) -> Plain:
        if node.tag == "!reset":
            return None
        if node.id == "scalar":
            return None if node.tag == "tag:yaml.org,2002:null" else str(node.value)
        if node.id == "sequence":
            return [self.read(item) for item in node.value]
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
        value = self.read(node)
        tables = [table for table in (value if isinstance(value, list) else [value]) if isinstance(table, dict)]
        once = list({id(table): table for table in tables}.values())
        self._may_merge -= sum(map(len, once))
        if self._may_merge < 0:
            raise InventoryError(f"its merges (<<) bring more than {MOST_MERGED} keys")
        return once
