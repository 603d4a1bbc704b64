"""Ids that logs have had: one that a file comes to share later keeps its own, also after the desk was started anew."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from pathlib import Path

from mixdesk_control.logs import naming

log = logging.getLogger(__name__)

MOST = 500  # paths of a service; more than there are now only where old ones are kept


class Remembered:
    """{service: {path: id}}, in one file that is written where something is new, unless `writes` is false."""

    def __init__(self, path: Path, *, writes: bool = True) -> None:
        self._path, self._writes = path, writes
        self._known: dict[str, dict[str, str]] | None = None

    def of(self, service: str) -> Mapping[str, str]:
        """Of the service's logs."""
        return self._all().get(service, {})

    def keep(self, given: Mapping[str, Mapping[str, str]]) -> None:
        """What was given now, by service. Blocks; a folder that cannot be written to is logged once."""
        known = self._all()
        merged = {**known, **{service: _merged(known.get(service, {}), ids) for service, ids in given.items()}}
        if merged != known:
            self._known = merged
            if self._writes:
                self._write(merged)

    def _all(self) -> dict[str, dict[str, str]]:
        if self._known is None:
            self._known = self._read()
        return self._known

    def _read(self) -> dict[str, dict[str, str]]:
        try:
            told = json.loads(self._path.read_text("utf-8"))
            return {str(name): dict(_valid(ids)) for name, ids in told.items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, AttributeError, RecursionError) as error:
            log.warning("%s cannot be read, so logs of the same name may be called otherwise: %s", self._path, error)
            return {}

    def _write(self, known: Mapping[str, Mapping[str, str]]) -> None:
        beside = self._path.with_name(f"{self._path.name}.new")
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            beside.touch(mode=0o600)
            beside.write_text(json.dumps(known, indent=1, sort_keys=True), "utf-8")
            beside.replace(self._path)
        except OSError as error:
            log.warning("%s cannot be written, so ids of logs may change with the next start: %s", self._path, error)


def _valid(ids: Mapping[object, object]) -> Iterator[tuple[str, str]]:
    return ((str(path), str(id)) for path, id in ids.items() if naming.slug(str(id)) == id)


def _merged(known: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
    """What is there now, and of what was before only what fits; a path's id is nobody else's."""
    ids = set(given.values())
    old = {path: id for path, id in known.items() if path not in given and id not in ids}
    room = max(0, MOST - len(given))
    return {**dict(list(old.items())[-room:] if room else ()), **given}
