"""The service `jobs`: one source a job, a file of its own or its part of a container's output."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from mixdesk import joblog
from mixdesk_control.docker_engine.engine import Engine
from mixdesk_control.logs.discovery.births import first_born
from mixdesk_control.logs.discovery.job_runs import JobRun, JobRuns, Stay
from mixdesk_control.logs.discovery.terminals import Terminals
from mixdesk_control.logs.places.host import HostPlace
from mixdesk_control.logs.source import APPLICATION, JOBS, InEngine, InFiles, Rotated, Service, Source

CAPTURED = "its trainer keeps it (capture_output)"
IN_CONTAINER = "what its container printed while it ran"
HELP = "mixdesk.job(..., capture_output=True) keeps a log of its own"
NOWHERE = f"nobody keeps what it prints: {HELP}"
NO_FILE = "it is no regular file"
MOST_WITHOUT = 200  # jobs without a log that are listed


@dataclass(frozen=True, slots=True)
class _File:
    """One file of a job. `older` is its `.1`."""

    path: str
    type: str
    size: int
    modified: float
    is_regular: bool
    older: Rotated | None = None


class JobLogs:
    """What blocks is called in threads.

    state_dir  the desk's
    runs       which jobs there are, and where
    engine     for jobs in containers
    """

    def __init__(self, state_dir: Path, runs: JobRuns, *, engine: Engine | None = None) -> None:
        self._root = joblog.folder_in(state_dir)
        self._runs, self._terminals = runs, Terminals(engine)
        self._place = HostPlace(((str(self._root), str(self._root)),))
        self._made: dict[str, tuple[_File, Source]] = {}

    @property
    def folder(self) -> Path:
        """Where the files are, one folder a job type."""
        return self._root

    def service(self) -> Service:
        """All jobs that have a log, the one written last first; then the newest of those that have none. Blocks."""
        files = self._files()
        with_log = sorted(files.items(), key=lambda item: (-item[1].modified, item[0]))
        self._made = {job_id: (file, self._source(job_id, file)) for job_id, file in with_log}
        sources = [source for _, source in self._made.values()]
        without = (run for run in self._runs.runs() if run.job_id not in files and run.started_at is not None)
        newest = sorted(without, key=lambda run: (run.ended_at is not None, -(run.started_at or 0.0)))
        others = [self._elsewhere(run) for run in newest[:MOST_WITHOUT]]
        notes = (f"{len(newest) - MOST_WITHOUT} more jobs have no log",) if len(newest) > MOST_WITHOUT else ()
        return Service(name=JOBS, found_in=(JOBS,), sources=(*sources, *_readable_first(others)), notes=notes)

    def find(self, job_id: str) -> Source | None:
        """That of one job, without looking at all of them; None where nobody knows of it. Blocks."""
        if not joblog.is_job_id(job_id):
            return None
        name = f"{job_id}{joblog.SUFFIX}"
        found = [file for folder in self.types() if (file := _file(f"{self._root}/{folder}", folder, name))]
        if found:
            return self._source(job_id, max(found, key=lambda file: file.modified))
        run = self._runs.of(job_id)
        return None if run is None else self._elsewhere(run)

    def types(self) -> list[str]:
        """The folders of job types."""
        try:
            with os.scandir(self._root) as entries:
                return sorted(entry.name for entry in entries if entry.is_dir(follow_symlinks=False))
        except OSError:
            return []

    # -- files -----------------------------------------------------------------------------------------

    def _files(self) -> dict[str, _File]:
        """The newest of each job: two types may have one of the same id, whoever made it."""
        found: dict[str, _File] = {}
        for folder in self.types():
            for job_id, file in _in_folder(f"{self._root}/{folder}", folder):
                if job_id not in found or found[job_id].modified < file.modified:
                    found[job_id] = file
        return found

    def _source(self, job_id: str, file: _File) -> Source:
        made = self._made.get(job_id)
        if made is not None and made[0] == file:
            return made[1]
        run = self._runs.of(job_id)
        origin = InFiles(self._place, file.path, (file.older,) if file.older else (), pattern=Path(file.path).name)
        return Source(
            service=JOBS,
            id=job_id,
            kind=APPLICATION,
            path=file.path,
            origin=origin if file.is_regular else None,
            why=CAPTURED,
            size=file.size,
            modified=file.modified,
            began=first_born(file.path, *((file.older.path,) if file.older else ())),
            reason=None if file.is_regular else NO_FILE,
            job_id=job_id,
            job_type=unquote(file.type) if run is None else run.job_type,
        )

    # -- jobs without one --------------------------------------------------------------------------------

    def _elsewhere(self, run: JobRun) -> Source:
        origin, reason = self._origin(run)
        return Source(
            service=JOBS,
            id=run.job_id,
            kind=APPLICATION,
            origin=origin,
            why=IN_CONTAINER if origin else "",
            modified=run.ended_at,
            reason=reason,
            job_id=run.job_id,
            job_type=run.job_type,
        )

    def _origin(self, run: JobRun) -> tuple[InEngine | None, str | None]:
        if not run.is_here:
            return None, f"it runs on {run.host or 'another host'}: if it keeps a log, that is there"
        stays = self._runs.stays(run.job_id)
        if not stays:
            return None, NOWHERE
        if len(stays) > 1 or stays[0].output.container is None:
            return None, f"what it prints is among what asset {stays[0].output.asset} prints, for operators: {HELP}"
        return self._in_container(run, stays[0], stays[0].output.container)

    def _in_container(self, run: JobRun, stay: Stay, container: str) -> tuple[InEngine | None, str | None]:
        asset = stay.output.asset
        shared = self._runs.company(run, asset)
        if shared is not None:
            return None, f"it runs in the container of asset {asset}, but {shared}: {HELP}"
        terminal = self._terminals.of(container)
        if terminal is None:
            return None, f"it runs in the container of asset {asset}, of which the Docker engine says nothing"
        since, until = self._runs.within(run, stay)
        return InEngine(container, terminal, since=since, until=until), None

    # -- what goes ---------------------------------------------------------------------------------------

    def stale(self, before: float) -> list[str]:
        """Jobs whose files were last written before that time. Blocks."""
        return [job_id for job_id, file in self._files().items() if file.modified < before]

    def forget(self, job_ids: Iterable[str]) -> int:
        """Removes their files, and folders that are left empty; how many jobs had one. Blocks."""
        wanted, gone = set(job_ids), 0
        for folder in self.types():
            inside = self._root / folder
            for job_id, file in list(_in_folder(str(inside), folder)):
                if job_id in wanted:
                    gone += _removed(file.path)
            with contextlib.suppress(OSError):  # it is not empty
                inside.rmdir()
        return gone

    def beyond(self, most_bytes: int, before: float) -> list[str]:
        """Jobs whose files are too many bytes together, the oldest first; none written since that time. Blocks."""
        files = sorted(self._files().items(), key=lambda item: item[1].modified)
        surplus, found = sum(_bytes(file) for _, file in files) - most_bytes, list[str]()
        for job_id, file in files:
            if surplus <= 0 or file.modified >= before:
                break
            surplus -= _bytes(file)
            found.append(job_id)
        return found


def _readable_first(sources: Iterable[Source]) -> list[Source]:
    return sorted(sources, key=lambda source: source.reason is not None)


def _bytes(file: _File) -> int:
    return file.size + (file.older.size if file.older else 0)


def _removed(path: str) -> bool:
    for name in (f"{path}{joblog.OLDER}", path):
        with contextlib.suppress(OSError):
            os.unlink(name)  # noqa: PTH108
    return not os.path.lexists(path)


def _in_folder(folder: str, type: str) -> Iterator[tuple[str, _File]]:
    """Nothing where it is gone by now."""
    try:
        with os.scandir(folder) as entries:
            stats = {entry.name: entry.stat(follow_symlinks=False) for entry in entries if _is_wanted(entry.name)}
    except OSError:
        return
    for name, seen in stats.items():
        job_id = joblog.job_id_of(name)
        if job_id is not None:
            yield job_id, _seen(folder, type, name, seen, stats.get(f"{name}{joblog.OLDER}"))


def _is_wanted(name: str) -> bool:
    return joblog.job_id_of(name.removesuffix(joblog.OLDER)) is not None


def _file(folder: str, type: str, name: str) -> _File | None:
    path = f"{folder}/{name}"
    try:
        seen = os.lstat(path)
    except OSError:
        return None
    older = None
    with contextlib.suppress(OSError):
        older = os.lstat(f"{path}{joblog.OLDER}")
    return _seen(folder, type, name, seen, older)


def _seen(folder: str, type: str, name: str, seen: os.stat_result, older: os.stat_result | None) -> _File:
    path, rotated = f"{folder}/{name}", None
    if older is not None and stat.S_ISREG(older.st_mode):
        rotated = Rotated(f"{path}{joblog.OLDER}", older.st_size, older.st_mtime)
    return _File(path, type, seen.st_size, seen.st_mtime, stat.S_ISREG(seen.st_mode), rotated)
