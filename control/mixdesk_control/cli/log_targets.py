"""The list for log shippers, as it would be written now, and what is wrong with the one that is."""

from __future__ import annotations

import asyncio
import platform
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mixdesk_control.cli import words
from mixdesk_control.cli.errors import CliError

if TYPE_CHECKING:
    from mixdesk_control.logs.targets import Finding, Listing
    from mixdesk_control.settings import Settings

SIGNS = {"error": "✘", "warning": "!", "info": "·"}


def show(settings: Settings) -> None:
    """Prints the list; what is not in it, and why, on stderr. Raises CliError where a folder hangs."""
    from mixdesk_control.logs.discovery.catalog import StillLooking
    from mixdesk_control.logs.targets import file

    try:
        found = asyncio.run(_listing(settings))
    except StillLooking as error:
        raise CliError(str(error)) from error
    sys.stdout.write(file.rendered(found.groups).decode())
    for left_out in found.omitted:
        _say(f"{left_out.service}/{left_out.source} is not in it: {left_out.why}")


async def _listing(settings: Settings) -> Listing:
    from mixdesk_control.logs.discovery.job_runs import JobRuns, no_outputs
    from mixdesk_control.logs.opening import catalog_of
    from mixdesk_control.logs.targets import listing
    from mixdesk_control.logs.targets.writer import job_types

    catalog, root = catalog_of(settings, outputs=no_outputs, runs=JobRuns()), settings.state_dir / "logs"
    try:
        return listing(
            await catalog.services(),
            platform=catalog.platform,
            host=platform.node(),
            path_map=settings.logs.path_map,
            job_types=job_types(root),
            log_root=str(root),
        )
    finally:
        await catalog.close()


def check(settings: Settings, path: Path | None) -> None:
    """Prints what is wrong with the file. Raises CliError where a shipper would fail, double or lose lines."""
    from mixdesk_control.logs import targets

    path = path or settings.logs.targets_file
    if path is None:
        raise CliError("no targets file is set: name one, or set [logs] targets_file in mixdesk.toml", exit_code=2)
    found = targets.check(path, settings.logs.path_map)
    for finding in found:
        sys.stdout.write(_line(finding))
    bad = _bad(found)
    if bad:
        raise CliError(f"{path}: {len(bad)} of {len(found)} findings are errors")
    sys.stdout.write(f"✔ {words.clean(str(path))} can be read by Promtail and Alloy\n")


def _bad(found: Sequence[Finding]) -> list[Finding]:
    return [finding for finding in found if finding.level == "error"]


def _line(finding: Finding) -> str:
    where = f"{words.clean(finding.target)}: " if finding.target else ""
    return f"{SIGNS.get(finding.level, '·')} {where}{words.clean(finding.text)}\n"


def _say(text: str) -> None:
    print(f"mixdesk: {words.clean(text)}", file=sys.stderr)  # noqa: T201
