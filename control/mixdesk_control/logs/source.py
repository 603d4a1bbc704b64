"""The nouns of this room: a service, its log sources, and where the bytes of each are. Frozen, and pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from mixdesk_control.logs.place import Place

ERROR, APPLICATION, STDOUT, ACCESS, DEBUG = "error", "application", "stdout", "access", "debug"
KINDS = (ERROR, APPLICATION, STDOUT, ACCESS, DEBUG)
"""What a source is about, best first."""

PLAIN, DOCKER_JSON = "plain", "docker-json"
"""How a file holds its lines: as they are, or as the engine's driver `json-file` writes them."""

JOBS = "jobs"
"""The service whose sources are jobs."""


@dataclass(frozen=True, slots=True)
class Rotated:
    """An older part of a source: `error.log.1`, `laravel-2026-11-01.log`, `error.log.2.gz`.

    size      bytes as it lies there
    modified  seconds since the epoch
    """

    path: str
    size: int
    modified: float
    compressed: bool = False


@dataclass(frozen=True, slots=True)
class InFiles:
    """Lines in a file.

    path     of the live one, as `place` knows it
    rotated  the older ones, newest first
    pattern  what the names of the live one match, in the same folder: `laravel-*.log`; the file's name where it has one
    """

    place: Place
    path: str
    rotated: tuple[Rotated, ...] = ()
    layout: str = PLAIN
    pattern: str | None = None


@dataclass(frozen=True, slots=True)
class InEngine:
    """Lines that the Docker engine alone hands out.

    container     its full id
    terminal      whether it has one, so that its output is not framed
    since, until  only what it wrote between, seconds since the epoch
    """

    container: str
    terminal: bool = False
    since: float | None = None
    until: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One log of a service.

    id        unique in its service: the file's name without `.log` and dates, `stdout`, a job's id
    path      as the service itself sees it; None for output
    origin    where its lines are; None where nobody can reach them
    why       of its kind and place in the order, for people: "name has 'error'"
    size      bytes of the live file; None where nobody knows
    modified  seconds since the epoch
    began     when the log of a job was made, seconds since the epoch; None where nobody knows
    reason    why it cannot be read, one line; None where it can
    job_id    the job whose log it is
    job_type  of that job
    """

    service: str
    id: str
    kind: str
    path: str | None = None
    origin: InFiles | InEngine | None = None
    why: str = ""
    size: int | None = None
    modified: float | None = None
    began: float | None = None
    reason: str | None = None
    job_id: str | None = None
    job_type: str | None = None

    @property
    def key(self) -> str:
        """`service/id`, unique on a desk."""
        return f"{self.service}/{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Whatever writes logs.

    containers  names of those that run it now
    state       running, exited, ... as the engine says; None where nobody can tell
    found_in    what named it: compose, engine, settings, assets, jobs
    sources     best first
    notes       what people should know: the engine that does not answer, a folder with too many files
    """

    name: str
    containers: tuple[str, ...] = ()
    state: str | None = None
    found_in: tuple[str, ...] = ()
    sources: tuple[Source, ...] = field(default=())
    notes: tuple[str, ...] = ()

    def source(self, id: str) -> Source | None:
        """The source of this id; of a kind the best one."""
        named = next((source for source in self.sources if source.id == id), None)
        return named or next((source for source in self.sources if source.kind == id), None)
