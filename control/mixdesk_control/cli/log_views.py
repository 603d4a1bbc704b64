"""Services, logs and hits as tables and lines for people."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mixdesk_control.cli import tables, words

if TYPE_CHECKING:
    from rich.table import Table


def services_table(services: Sequence[dict[str, Any]]) -> Table:
    """Whatever writes logs."""
    table = tables.table("SERVICE", "CONTAINER", "STATE", "LOGS", "NOTE")
    for service in services:
        logs, readable = service["sources"], service["readable"]
        count = str(logs) if logs == readable else f"{logs}, {readable} readable"
        table.add_row(
            words.clean(service["service"]),
            words.clean(", ".join(service["containers"])) or words.UNKNOWN,
            service["state"] or words.UNKNOWN,
            count,
            words.clean("; ".join(service["notes"])),
        )
    return table


def sources_table(sources: Sequence[dict[str, Any]]) -> Table:
    """The logs of one service, best first."""
    table = tables.table("LOG", "KIND", "SIZE", "CHANGED", "PATH", "WHY")
    for source in sources:
        now = time.time()
        table.add_row(
            words.clean(source["id"]),
            source["kind"],
            words.UNKNOWN if source["size"] is None else words.size(source["size"]),
            words.ago(source["modified"], now),
            words.clean(source["path"]) + (f" (+{len(source['rotated'])} older)" if source["rotated"] else ""),
            words.clean(source["reason"] or source["why"]),
        )
    return table
