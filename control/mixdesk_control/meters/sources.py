"""Where snapshots come from: the exporter in this process, or one elsewhere over HTTP."""

from __future__ import annotations

import http.client
import logging
import os
import re
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from mixdesk.connection import Answer, Connection, Witness
from mixdesk_control.meters import snapshots
from mixdesk_control.meters.snapshots import HostSnapshot
from mixdesk_control.settings import LOCAL
from mixdesk_exporter.app import PORT
from mixdesk_exporter.otlp_target import OtlpError
from mixdesk_exporter.report import read_boot_id, report
from mixdesk_exporter.sampler import Sampler

if TYPE_CHECKING:
    from mixdesk_exporter.family import Family
    from mixdesk_exporter.otlp import Pusher

log = logging.getLogger("mixdesk.meters")

LOCAL_URL = f"http://127.0.0.1:{PORT}"
TIMEOUT_S = 3.0  # for a whole answer
MOST_BYTES = 4 << 20
SCRAPE_AGE_S = 0.5
GIVEN_UP = 3  # failures in a row after which this process reads its host itself
FIRST_USER, NOBODY = 1000, 65534


class SourceError(Exception):
    """A source that cannot be read now: why, in a few words."""


class Source(Protocol):
    """One exporter. `read` blocks, and is called on one thread."""

    name: str

    def read(self, max_age_s: float) -> HostSnapshot:
        """A snapshot that is at most so old. Raises SourceError."""

    def close(self) -> None:
        """Lets go of it."""


class OwnExporter:
    """The exporter in this process; it samples from its first reading on. Several threads may read."""

    name = LOCAL

    def __init__(self, sampler: Sampler, procfs: Path, push: Callable[[Sampler], Pusher] | None = None) -> None:
        self._sampler, self._boot_id = sampler, read_boot_id(procfs)
        self._push = push
        self._pusher: Pusher | None = None
        self._samples = False
        self._starting = threading.Lock()

    def read(self, max_age_s: float) -> HostSnapshot:
        """What the sampler has, or reads now. Raises SnapshotError for a host that is too much to show."""
        with self._starting:
            if not self._samples:
                self._samples = True
                self._sampler.start()
                self._start_pushing()
        before, after = self._sampler.pair(max_age_s)
        return snapshots.of_report(report(before, after, self._boot_id))

    def _start_pushing(self) -> None:
        try:
            self._pusher = None if self._push is None else self._push(self._sampler)
        except OtlpError as error:
            log.warning("%s", error)

    def families(self) -> Iterable[Family]:
        """Its metric families, at most half a second old."""
        return self._sampler.snapshot(SCRAPE_AGE_S, whole=True).families()

    def close(self) -> None:
        """Ends the sampling, after a last push where it pushes."""
        if self._pusher is not None:
            self._pusher.close()
        self._sampler.close()


class RemoteSource:
    """An exporter at an address; `token` is borne to it, `witness` is asked around each connecting (see Connection)."""

    def __init__(self, url: str, token: str | None = None, witness: Witness = lambda: True) -> None:
        self.name = url
        bearer = {} if token is None else {"Authorization": f"Bearer {token}"}
        self._connection = Connection(url, bearer, witness, agent="mixdesk-desk", most=MOST_BYTES)

    def read(self, max_age_s: float) -> HostSnapshot:
        """What it answers within three seconds, however slowly it sends."""
        path = f"/snapshot?max_age={max_age_s:g}"
        try:
            answer = self._connection.ask("GET", path, body=None, headers={}, within_s=TIMEOUT_S)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise SourceError(f"{self.name} does not answer: {_why(error)}") from error
        return self._checked(answer)

    def _checked(self, answer: Answer) -> HostSnapshot:
        if answer.status in (401, 403):
            raise SourceError(f"{self.name} wants its token: set [exporter] token_file to the one it was given")
        if answer.status != 200:
            raise SourceError(f"{self.name} answers {answer.status}; is it a Mixdesk exporter?")
        try:
            return snapshots.decode(answer.body)
        except snapshots.SnapshotError as error:
            raise SourceError(f"{self.name}: {error}") from error

    def close(self) -> None:
        """Ends the connection."""
        self._connection.close()


def _why(error: Exception) -> str:
    return str(error) or type(error).__name__


class ThisHost:
    """The source `local`: an exporter of this host that runs beside the desk already, else the one in this process.

    Which one is settled by the first reading. Where the one beside it goes, this process takes over.
    """

    name = LOCAL

    def __init__(self, own: OwnExporter, procfs: Path, url: str = LOCAL_URL) -> None:
        self._own, self._procfs, self._url = own, procfs, url
        self._beside: RemoteSource | None = None
        self._settled = False
        self._failures = 0

    def read(self, max_age_s: float) -> HostSnapshot:
        """From the one or the other."""
        if not self._settled:
            self._settle()
        if self._beside is None:
            return self._own.read(max_age_s)
        try:
            found = self._beside.read(max_age_s)
            if found.boot_id != read_boot_id(self._procfs):
                raise SourceError(f"{self._url} reads another host now")
        except SourceError:
            self._failures += 1
            if self._failures < GIVEN_UP:
                raise
            self._beside.close()
            self._beside = None
            log.warning("the exporter at %s has gone; this desk reads the host itself", self._url)
            return self._own.read(max_age_s)
        self._failures = 0
        return found

    def _settle(self) -> None:
        self._beside, self._settled = beside(self._procfs, self._url), True
        if self._beside is not None:
            log.info("the exporter at %s reads this host already: its families are scraped there", self._url)

    @property
    def own(self) -> OwnExporter | None:
        """The exporter in this process, where it is the one that is read."""
        return self._own if self._settled and self._beside is None else None

    def close(self) -> None:
        """Lets go of both."""
        if self._beside is not None:
            self._beside.close()
        self._own.close()


def beside(procfs: Path, url: str = LOCAL_URL) -> RemoteSource | None:
    """The exporter that reads this very host already, where one answers at its usual address.

    Every local user may listen there and knows the boot id, so it must run as root, as this user or as a system's.
    """
    found = RemoteSource(url, witness=lambda: True if _is_trusted(_listener(procfs, url)) else None)
    try:
        boot_id = found.read(60.0).boot_id
    except SourceError:
        boot_id = ""
    if boot_id and boot_id == read_boot_id(procfs):
        return found
    found.close()
    return None


def _listener(procfs: Path, url: str) -> int | None:
    """The user id of whoever listens at an address 127.0.0.1:PORT, or everywhere, on that port (proc_net_tcp)."""
    port = int(url.rpartition(":")[2])
    try:
        lines = (procfs / "self/net/tcp").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    listening = re.compile(rf" *\d+: (?:0100007F|00000000):{port:04X} \S+ 0A \S+ \S+ \S+ +(\d+) ")
    return next((int(found[1]) for line in lines if (found := listening.match(line))), None)


def _is_trusted(user: int | None) -> bool:
    return user is not None and (user < FIRST_USER or user in (NOBODY, os.getuid()))
