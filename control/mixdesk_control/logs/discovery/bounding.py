"""No service has more sources than people and monitoring can use."""

from __future__ import annotations

from dataclasses import replace

from mixdesk_control.logs.source import Service

MOST_SOURCES = 500


def bounded(service: Service, most: int = MOST_SOURCES) -> Service:
    """The service with the best of its sources, and a note where that is not all of them."""
    if len(service.sources) <= most:
        return service
    note = f"the best {most} of {len(service.sources):,} logs are listed: name fewer in [logs.services.{service.name}]"
    return replace(service, sources=service.sources[:most], notes=(*service.notes, note))
