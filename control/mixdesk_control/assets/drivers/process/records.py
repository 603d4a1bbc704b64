"""What the runner of an asset has written down: the last run, how one ended, who the runner is."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mixdesk_control.assets.asset import Process
from mixdesk_control.assets.runner import files


@dataclass(frozen=True, slots=True)
class Run:
    """A run that was started; see the runner's `Journal.begin`. `main_exit`: the program ended so, and left others."""

    instance: str
    boot_id: str
    runner: Process
    child: Process | None = None
    started_at: float | None = None
    output_from: int = 0
    main_exit: int | None = None


@dataclass(frozen=True, slots=True)
class End:
    """How a run ended, or why it never began."""

    instance: str
    code: int | None = None
    oom: bool = False
    asked: bool = False
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """All of it. `fault`: what cannot be read, and why."""

    run: Run | None = None
    end: End | None = None
    fault: str | None = None

    @property
    def open_run(self) -> Run | None:
        """The run of which no end is known."""
        if self.run is None or (self.end is not None and self.end.instance == self.run.instance):
            return None
        return self.run


def run_of(values: Mapping[str, Any]) -> Run:
    """Raises KeyError, TypeError or ValueError for what no runner writes."""
    main_exit = values.get("main_exit")
    return Run(
        instance=str(values["instance"]),
        boot_id=str(values["boot_id"]),
        runner=_process(values["runner"]),
        child=_process(values["child"]),
        started_at=float(values["started_at"]),
        output_from=int(values["output_from"]),
        main_exit=None if main_exit is None else int(main_exit),
    )


def end_of(values: Mapping[str, Any]) -> End:
    """Raises as run_of."""
    code, error = values["code"], values.get("error")
    return End(
        instance=str(values["instance"]),
        code=None if code is None else int(code),
        oom=bool(values["oom"]),
        asked=bool(values["asked"]),
        error=None if error is None else str(error),
    )


def _process(value: Any) -> Process:
    pid, start = value
    return int(pid), int(start)


def runner_in(text: str) -> Run | None:
    """The runner that the lock file names: all that is known of its run where `run.json` cannot be read."""
    words = text.split()
    if len(words) != 3 or not (words[0].isdigit() and words[1].isdigit()):
        return None
    runner = int(words[0]), int(words[1])
    return Run(instance=f"{runner[0]}-{runner[1]}", boot_id=words[2], runner=runner)


Signature = tuple[int, int, int] | None


@dataclass(slots=True)
class Records:
    """Reads the folders of assets, and a file again only where it has changed."""

    folder: Path
    _known: dict[str, tuple[Signature, Any]] = field(default_factory=dict)

    def of(self, asset_id: str) -> Record:
        """Never raises: what cannot be read is the record's fault."""
        place = f"{self.folder}/{asset_id}"  # not joined by pathlib: it is done for each asset every second
        run, end = self._read(f"{place}/{files.RUN}", run_of), self._read(f"{place}/{files.EXIT}", end_of)
        faults = [found for found in (run, end) if isinstance(found, str)]
        if isinstance(run, str):
            run = _last_runner(Path(place, files.LOCK))
        return Record(run, None if isinstance(end, str) else end, "; ".join(faults) or None)

    def forget(self, asset_ids: Iterable[str]) -> None:
        """What it has read of these."""
        for asset_id in asset_ids:
            for name in (files.RUN, files.EXIT):
                self._known.pop(f"{self.folder}/{asset_id}/{name}", None)

    def _read(self, path: str, made: Callable[[Mapping[str, Any]], Any]) -> Any:
        """What it holds, None where there is none, a text where it cannot be read."""
        now = _signature(path)
        known = self._known.get(path)
        if known is None or known[0] != now or now is None:
            known = self._known[path] = (now, _made(path, made))
        return known[1]


def _signature(path: str) -> Signature:
    try:
        found = os.stat(path)  # noqa: PTH116
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def _made(path: str, made: Callable[[Mapping[str, Any]], Any]) -> Any:
    try:
        values = files.read(path)
        return None if values is None else made(values)
    except OSError as error:
        return f"{path} cannot be read: {error.strerror}"
    except (ValueError, KeyError, TypeError):
        return f"{path} holds no record of a run: remove it once nothing of the asset runs"


def _last_runner(path: Path) -> Run | None:
    try:
        return runner_in(path.read_text()[:200])
    except (OSError, ValueError):
        return None
