"""Whether logs are found and can be read, and whether what shippers read is true."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from mixdesk_control.doctor.finding import ABSENT, BROKEN, OK, WARNING, Check, Context, Finding
from mixdesk_control.logs import targets
from mixdesk_control.logs.discovery.catalog import StillLooking
from mixdesk_control.logs.discovery.job_runs import JobRuns, no_outputs
from mixdesk_control.logs.opening import catalog_of
from mixdesk_control.logs.source import JOBS, Service
from mixdesk_control.logs.targets.checking import ERROR
from mixdesk_control.settings import Settings

MOST = 3  # of a kind that are named
ENGINE = "start the engine, or set [logs] docker, or name logs in [logs.services]"


def logs(context: Context) -> Finding:
    """Which services write logs, and can all of them be read?"""
    try:
        found_services, troubles = asyncio.run(_look(context.settings))
    except StillLooking as error:
        return Finding("logs", WARNING, str(error), "see whether a folder of a server that is away is mounted")
    services = [service for service in found_services if service.name != JOBS]
    if not services and troubles:
        return Finding("logs", WARNING, f"no services are found: {_some(list(troubles))}", ENGINE)
    if not services:
        return Finding("logs", ABSENT, "no services are found", "set [logs] compose, or name logs in [logs.services]")
    sources = [source for service in services for source in service.sources]
    unreadable = [f"{source.key}: {source.reason}" for source in sources if source.reason is not None]
    found = f"{len(services)} services, {len(sources)} logs"
    if unreadable:
        return Finding("logs", WARNING, f"{found}; {len(unreadable)} cannot be read", _some(unreadable))
    notes = sorted({*troubles, *(note for service in services for note in service.notes)})
    return (
        Finding("logs", WARNING, f"{found}; {_some(notes)}", "see docs/logs.md")
        if notes
        else Finding("logs", OK, found)
    )


async def _look(settings: Settings) -> tuple[Sequence[Service], Sequence[str]]:
    catalog = catalog_of(settings, outputs=no_outputs, runs=JobRuns())
    try:
        return await catalog.services(), catalog.troubles
    finally:
        await catalog.close()


def log_targets(context: Context) -> Finding:
    """Can Promtail and Alloy read what the desk writes for them?"""
    path = context.settings.logs.targets_file
    if path is None:
        return Finding("log targets", ABSENT, "not configured", "set [logs] targets_file to ship logs to Loki")
    bad = [one.text for one in targets.check(path, context.settings.logs.path_map) if one.level == ERROR]
    if bad:
        return Finding("log targets", BROKEN, _some(bad), "`mixdesk logs targets --check` says all of it")
    return Finding("log targets", OK, str(path))


CHECKS: tuple[Check, ...] = (logs, log_targets)


def _some(items: list[str]) -> str:
    more = f" and {len(items) - MOST} more" if len(items) > MOST else ""
    return "; ".join(items[:MOST]) + more
