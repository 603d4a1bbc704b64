"""Where snapshots come from: the exporter in this process, or one elsewhere over HTTP."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from mixdesk_control.meters import snapshots
from mixdesk_control.meters.snapshots import HostSnapshot
from mixdesk_control.settings import LOCAL
from mixdesk_exporter.app import PORT
from mixdesk_exporter.report import read_boot_id, report
from mixdesk_exporter.sampler import Sampler

if TYPE_CHECKING:
    import requests

    from mixdesk_exporter.family import Family

LOCAL_URL = f"http://127.0.0.1:{PORT}"
TIMEOUT_S = 3.0
MOST_BYTES = 16 << 20
CHUNK = 1 << 16
SCRAPE_AGE_S = 0.5


class SourceError(Exception):
    """A source that cannot be read now: why, in a few words."""


class Source(Protocol):
    """One exporter. `read` blocks and is called by one thread at a time."""

    name: str

    def read(self, max_age_s: float) -> HostSnapshot:
        """A snapshot that is at most so old. Raises SourceError."""

    def close(self) -> None:
        """Lets go of it."""


class LocalSource:
    """The exporter in this process; `open` begins to sample."""

    name = LOCAL

    def __init__(self, sampler: Sampler, procfs: Path) -> None:
        self._sampler, self._boot_id = sampler, read_boot_id(procfs)

    def open(self) -> LocalSource:
        """Itself, sampling."""
        self._sampler.start()
        return self

    def read(self, max_age_s: float) -> HostSnapshot:
        """What the sampler has, or reads now."""
        before, after = self._sampler.pair(max_age_s)
        return snapshots.decode(snapshots.encode(report(before, after, self._boot_id)))

    def families(self) -> Iterable[Family]:
        """Its metric families, at most half a second old."""
        return self._sampler.snapshot(SCRAPE_AGE_S, whole=True).families()

    def close(self) -> None:
        """Ends the sampling."""
        self._sampler.close()


class RemoteSource:
    """An exporter at an address; `token` is borne to it."""

    def __init__(self, url: str, token: str | None = None, *, name: str | None = None) -> None:
        self.name = name or url
        self._url, self._token = url, token
        self._session: requests.Session | None = None

    def read(self, max_age_s: float) -> HostSnapshot:
        """What it answers within a few seconds."""
        import requests  # not before: a desk that reads itself alone has no use for it

        try:
            return snapshots.decode(self._asked(max_age_s))
        except requests.RequestException as error:
            raise SourceError(f"{self._url} does not answer: {_why(error)}") from error
        except snapshots.SnapshotError as error:
            raise SourceError(f"{self._url}: {error}") from error

    def _asked(self, max_age_s: float) -> bytes:
        answer = self._connection().get(
            f"{self._url}/snapshot",
            params={"max_age": f"{max_age_s:g}"},
            timeout=TIMEOUT_S,
            stream=True,
            allow_redirects=False,  # the token is for this address
        )
        with contextlib.closing(answer):
            if answer.status_code in (401, 403):
                raise SourceError(f"{self._url} wants its token: set [exporter] token_file to the one it was given")
            if answer.status_code != 200:
                raise SourceError(f"{self._url} answers {answer.status_code}; is it a Mixdesk exporter?")
            return self._limited(answer)

    def _limited(self, answer: requests.Response) -> bytes:
        body, until = bytearray(), time.monotonic() + TIMEOUT_S
        for part in answer.iter_content(CHUNK):
            body += part
            if len(body) > MOST_BYTES:
                raise SourceError(f"{self._url} answers with more than {MOST_BYTES >> 20} MiB")
            if time.monotonic() > until:
                raise SourceError(f"{self._url} is too slow: no whole answer in {TIMEOUT_S:g} s")
        return bytes(body)

    def _connection(self) -> requests.Session:
        import requests

        if self._session is None:
            self._session = requests.Session()
            self._session.trust_env = False
            if self._token is not None:
                self._session.headers["Authorization"] = f"Bearer {self._token}"
        return self._session

    def close(self) -> None:
        """Closes the connection."""
        if self._session is not None:
            self._session.close()


def _why(error: Exception) -> str:
    """`ConnectTimeout`, `ConnectionError`: the rest of requests' texts names its own inside."""
    return type(error).__name__


def of_this_host(procfs: Path, url: str = LOCAL_URL) -> RemoteSource | None:
    """The exporter that reads this very host already, where one answers at its usual address."""
    found = RemoteSource(url, name=LOCAL)
    try:
        boot_id = found.read(60.0).boot_id
    except SourceError:
        boot_id = ""
    if boot_id and boot_id == read_boot_id(procfs):
        return found
    found.close()
    return None
