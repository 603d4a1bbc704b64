"""Services, sources and hits as JSON has them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mixdesk import wire
from mixdesk_control.logs.history.asked import Cut
from mixdesk_control.logs.source import InFiles, Service, Source

OUTPUT = "stdout"


def service_document(service: Service) -> dict[str, Any]:
    """One service; `sources` is how many it has, `readable` how many of them can be read."""
    return {
        "service": service.name,
        "container": service.containers[0] if service.containers else None,
        "containers": list(service.containers),
        "state": service.state,
        "found_in": list(service.found_in),
        "sources": len(service.sources),
        "readable": sum(source.reason is None for source in service.sources),
        "notes": list(service.notes),
    }


def source_document(source: Source, rank: int | None = None) -> dict[str, Any]:
    """One source; `rank` counts from 1, the best one."""
    files = source.origin if isinstance(source.origin, InFiles) else None
    return {
        "service": source.service,
        "id": source.id,
        "path": source.path or OUTPUT,
        "kind": source.kind,
        "rank": rank,
        "why": source.why,
        "size": source.size,
        "modified": _shown(source.modified),
        "readable": source.reason is None,
        "reason": source.reason,
        "reached_by": None if source.origin is None else files.place.shown if files else "Docker engine",
        "rotated": [_rotated(part) for part in files.rotated] if files else [],
        "job_id": source.job_id,
        "job_type": source.job_type,
    }


def cut_document(cut: Cut) -> dict[str, Any]:
    """The last line of a search: `cut` where there may be more, `not_searched` where something could not be read."""
    document: dict[str, Any] = {"searched_bytes": cut.searched_bytes}
    if cut.reason is not None:
        document["cut"] = cut.reason
    if cut.not_searched:
        document |= {"not_searched": cut.not_searched, "not_searched_count": cut.not_searched_count}
    return document


def _rotated(part: Any) -> Mapping[str, Any]:
    return {
        "path": part.path,
        "size": part.size,
        "modified": _shown(part.modified),
        "compressed": part.compressed,
    }


def _shown(seconds: float | None) -> str | None:
    return None if seconds is None else wire.now_text(seconds)
