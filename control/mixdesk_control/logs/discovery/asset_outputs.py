"""Process assets as services: each has one source, the file that its runner keeps."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterable
from pathlib import Path

from mixdesk_control.logs.discovery.job_runs import Output
from mixdesk_control.logs.places.host import HostPlace
from mixdesk_control.logs.source import JOBS, STDOUT, InFiles, Rotated, Service, Source

ASSETS = "assets"
WHY = "what the asset's process prints"
NOTHING = "it has printed nothing yet: the desk has not started it"


def services(outputs: Iterable[Output]) -> list[Service]:
    """One for each asset whose output goes to a file; containers are found by themselves. Blocks."""
    return [_service(output.asset, output.state, output.file) for output in outputs if _is_ours(output)]


def _is_ours(output: Output) -> bool:
    return output.file is not None and output.asset != JOBS


def _service(asset: str, state: str, file: Path | None) -> Service:
    assert file is not None
    return Service(name=asset, state=state, found_in=(ASSETS,), sources=(_source(asset, file),))


def _source(asset: str, file: Path) -> Source:
    live, older = _regular(file), _regular(file.with_name(f"{file.name}.1"))
    if live is None:
        return Source(service=asset, id=STDOUT, kind=STDOUT, path=str(file), why=WHY, reason=NOTHING)
    rotated = (Rotated(f"{file}.1", older.st_size, older.st_mtime),) if older else ()
    place = HostPlace(((str(file.parent), str(file.parent)),))
    return Source(
        service=asset,
        id=STDOUT,
        kind=STDOUT,
        path=str(file),
        origin=InFiles(place, str(file), rotated, pattern=file.name),
        why=WHY,
        size=live.st_size,
        modified=live.st_mtime,
    )


def _regular(path: Path) -> os.stat_result | None:
    with contextlib.suppress(OSError):
        seen = path.lstat()
        return seen if stat.S_ISREG(seen.st_mode) else None
    return None
