"""Keeps the targets file true while the desk runs."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from urllib.parse import unquote

from mixdesk import joblog
from mixdesk_control.logs.source import Service
from mixdesk_control.logs.targets import file
from mixdesk_control.logs.targets.grace import Grace
from mixdesk_control.logs.targets.listing import Group, Omitted, listing
from mixdesk_control.threads import in_thread

log = logging.getLogger(__name__)

GRACE_S = 600.0


class Writer:
    """Writes one file. A target that is gone stays for `grace_s`, also over a restart of the desk: what the file
    holds when it begins counts as seen then.

    notes    why the file is not true, one line each; nothing where it is
    omitted  the sources that the last list does not have, and why
    """

    def __init__(self, path: Path, *, grace_s: float = GRACE_S, clock: Callable[[], float] = time.monotonic) -> None:
        self._path, self._clock = path, clock
        self._grace = Grace(grace_s)
        self._read = False
        self.notes: tuple[str, ...] = ()
        self.omitted: tuple[Omitted, ...] = ()

    def update(self, groups: Sequence[Group]) -> bool:
        """These are there now; whether the file was written. Blocks. What goes wrong becomes a note and a log line."""
        try:
            written = self._update(groups)
        except (file.CannotWrite, OSError) as error:
            self._say(str(error) if isinstance(error, file.CannotWrite) else f"targets file {self._path}: {error}")
            return False
        self.notes = ()
        return written

    def _update(self, groups: Sequence[Group]) -> bool:
        now = self._clock()
        old = file.content(self._path)
        if old is not None:
            kept = file.groups_of(old, self._path)
            if not self._read:
                self._grace.remember(kept, now)
        self._read = True
        self._grace.remember(groups, now)
        new = file.rendered(self._grace.groups(now))
        if new == old:
            return False
        file.replace(self._path, new)
        return True

    def _say(self, why: str) -> None:
        if self.notes != (why,):
            log.warning("Log shippers get no new list: %s", why)
        self.notes = (why,)

    async def keep(
        self,
        services: Sequence[Service],
        platform: Callable[[], str],
        *,
        host: str,
        path_map: Mapping[str, str],
        log_root: Path,
    ) -> None:
        """Writes what these services come to; what goes wrong becomes a note and a log line.

        platform  tells that label of all targets; may block
        host      the label `host`: the node's name
        path_map  see `listing`
        log_root  the folder `logs` of the desk's state
        """

        def work() -> None:
            found = listing(
                services,
                platform=platform(),
                host=host,
                path_map=path_map,
                job_types=job_types(log_root),
                log_root=str(log_root),
            )
            self.omitted = found.omitted
            self.update(found.groups)

        try:
            await in_thread(work, "mixdesk-log-targets")
        except Exception as error:  # noqa: BLE001 - the edge of a background task: the next look is another chance
            self._say(f"services could not be listed: {error!r}")


def job_types(log_root: Path) -> list[str]:
    """The job types that have a folder of logs. Blocks."""
    try:
        with os.scandir(log_root / "jobs") as found:
            folders = [entry.name for entry in found if entry.is_dir(follow_symlinks=False)]
    except OSError:
        return []
    return sorted(unquote(folder) for folder in folders if joblog.slug(unquote(folder)) == folder)
