"""From the settings to the room: what is wrong with them stops the start."""

from __future__ import annotations

import platform
from collections.abc import Callable, Sequence

from mixdesk_control.docker_engine.engine import Engine
from mixdesk_control.logs import follow
from mixdesk_control.logs.discovery import asset_outputs
from mixdesk_control.logs.discovery.catalog import Catalog, engine_address
from mixdesk_control.logs.discovery.job_runs import JobRuns, Output
from mixdesk_control.logs.discovery.job_tidying import JobLogTidying
from mixdesk_control.logs.discovery.jobs import JobLogs
from mixdesk_control.logs.history import download
from mixdesk_control.logs.live.hub import Hub
from mixdesk_control.logs.piece import Reader
from mixdesk_control.logs.rights import Owners
from mixdesk_control.logs.service import LogService, Noted, Shipping
from mixdesk_control.logs.source import Source
from mixdesk_control.logs.targets import Writer
from mixdesk_control.logs.text.redact import Redactor
from mixdesk_control.logs.text.wanted import BadPattern
from mixdesk_control.settings import Settings, SettingsError

DAY_S = 86_400.0


def log_service(
    settings: Settings, *, outputs: Callable[[], Sequence[Output]], runs: JobRuns, owners: Owners, note: Noted
) -> LogService:
    """The logs that the settings lead to, not yet looked for. Raises SettingsError, one line.

    outputs  of all assets
    """
    engine = Engine(engine_address(settings.logs))
    jobs = JobLogs(settings.state_dir, runs, engine=engine)
    catalog = _catalog(settings, engine, outputs, jobs)
    redactor, watch = _redactor(settings), follow.Watch()

    def reader_of(source: Source) -> Reader:
        return follow.reader(source, engine=engine, watch=watch, locate=lambda: catalog.last(source))

    tidying = JobLogTidying(jobs, owners, keep_s=settings.jobs.keep_days * DAY_S)
    hub = Hub(reader_of, redactor=redactor, older=download.older)
    return LogService(
        catalog, hub, redactor, engine=engine, owners=owners, note=note, shipping=_shipping(settings), tidying=tidying
    )


def catalog_of(settings: Settings, *, outputs: Callable[[], Sequence[Output]], runs: JobRuns) -> Catalog:
    """All services: found ones, process assets, and jobs; for a look beside the desk, which writes nothing."""
    engine = Engine(engine_address(settings.logs))
    return _catalog(settings, engine, outputs, JobLogs(settings.state_dir, runs, engine=engine), remembers=False)


def _catalog(
    settings: Settings,
    engine: Engine,
    outputs: Callable[[], Sequence[Output]],
    jobs: JobLogs,
    *,
    remembers: bool = True,
) -> Catalog:
    return Catalog(
        settings.logs,
        engine=engine,
        state_dir=settings.state_dir,
        procfs=settings.exporter.procfs,
        remembers=remembers,
        others=lambda: (*asset_outputs.services(outputs()), jobs.service()),
    )


def _redactor(settings: Settings) -> Redactor:
    try:
        return Redactor(settings.logs.redact)
    except BadPattern as error:
        where = f"{settings.file}: " if settings.file is not None else ""
        raise SettingsError(f"{where}[logs] redact: {error}") from error


def _shipping(settings: Settings) -> Shipping | None:
    if (path := settings.logs.targets_file) is None:
        return None
    return Shipping(Writer(path), platform.node(), settings.logs.path_map, settings.state_dir / "logs")
