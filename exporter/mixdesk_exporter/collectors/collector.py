"""What a collector is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from mixdesk_exporter.family import Family

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Collector(Generic[R]):
    """One source of figures.

    name      node_exporter's name of it; the label `collector`, and what `collect[]` and the settings say
    read      one reading of the source; raises Absent where it is not here, OSError or Garbled where it fails
    families  a reading as metric families: pure
    live      read once a second while somebody looks; else only when scraped
    may_hang  what it asks can take for ever (a driver, a daemon, a network file system): it gets a thread of its own
    close     lets go of what it holds
    """

    name: str
    read: Callable[[], R]
    families: Callable[[R], Iterable[Family]]
    live: bool = True
    may_hang: bool = False
    close: Callable[[], None] = lambda: None
