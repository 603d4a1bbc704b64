"""Several ways to the files of one container, the best first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import partial

from mixdesk_control.logs.place import Found, Unreadable
from mixdesk_control.logs.places.archive import ArchivePlace
from mixdesk_control.logs.places.host import HostPlace, NotMounted
from mixdesk_control.logs.places.listing import A_FOLDER
from mixdesk_control.logs.places.root import RootPlace

Way = HostPlace | RootPlace | ArchivePlace
Scan = Callable[[str, Callable[[str], bool] | None], list[Found]]
Look = Callable[[str, Callable[[str], bool] | None], list[tuple[Found, Way]]]
NO_ROOTS: Mapping[Way, Scan] = {}


@dataclass(frozen=True, slots=True)
class ContainerPlace:
    """For each path the first way that works."""

    ways: tuple[Way, ...]

    @property
    def shown(self) -> str:
        """For people."""
        return ", else ".join(way.shown for way in self.ways) or "nowhere"

    @property
    def can_follow(self) -> bool:
        """Whether files lie here by one way at least."""
        return any(way.can_follow for way in self.ways)

    def scan(self, folder: str, wanted: Callable[[str], bool] | None = None) -> list[Found]:
        """What is in a folder, mount points among it. Raises Unreadable where no way leads there."""
        return [found for found, _ in self.look(folder, wanted)]

    @contextmanager
    def session(self) -> Iterator[Look]:
        """For many looks in short order: a container's root is opened once. Used in one thread."""
        with ExitStack() as opened:
            roots: dict[Way, Scan] = {}
            for way in self.ways:
                with suppress(Unreadable):  # said again by the look that needs it
                    if isinstance(way, RootPlace):
                        roots[way] = partial(way.scan_below, opened.enter_context(way.root()))
            yield partial(self.look, roots=roots)

    def look(
        self, folder: str, wanted: Callable[[str], bool] | None = None, roots: Mapping[Way, Scan] = NO_ROOTS
    ) -> list[tuple[Found, Way]]:
        """As `scan`, each with the way by which it is reached."""
        seen: dict[str, tuple[Found, Way]] = {}
        refusal: Unreadable | None = None
        is_covered = False
        for way in self.ways:
            if is_covered and not (way.can_follow and _refused(seen)):
                break
            try:
                found = roots.get(way, way.scan)(folder, wanted)
            except Unreadable as error:
                refusal = _worse(refusal, error)
                continue
            for one in found:
                if one.name not in seen or (_is_refused(seen[one.name][0]) and not _is_refused(one)):
                    seen[one.name] = one, way
            is_covered = is_covered or way.covers(folder)
        if refusal is not None and not seen:
            raise refusal
        return list(seen.values())

    def open(self, path: str) -> int:
        """A file descriptor to read a regular file. Raises Unreadable, FileNotFoundError."""
        return self._first(lambda way: way.open(path), path)

    def open_folder(self, path: str) -> int:
        """An O_PATH descriptor of a folder. Raises Unreadable, FileNotFoundError."""
        return self._first(lambda way: way.open_folder(path), path)

    def on_host(self, path: str) -> str | None:
        """Of the first way that knows one."""
        return next((found for way in self.ways if (found := way.on_host(path)) is not None), None)

    def _first(self, attempt: Callable[[Way], int], path: str) -> int:
        refusal: Unreadable | None = None
        absent = False
        for way in self.ways:
            try:
                return attempt(way)
            except Unreadable as error:
                refusal = _worse(refusal, error)
            except FileNotFoundError:
                absent = True
        if absent or refusal is None:
            raise FileNotFoundError(2, "there is no such file", path)
        raise refusal


def _worse(before: Unreadable | None, now: Unreadable) -> Unreadable:
    """The one that says more: that a path lies in no mount says the least."""
    return now if before is None or isinstance(before, NotMounted) else before


def _is_refused(found: Found) -> bool:
    return found.reason is not None and found.reason != A_FOLDER


def _refused(seen: dict[str, tuple[Found, Way]]) -> bool:
    return any(_is_refused(found) for found, _ in seen.values())
