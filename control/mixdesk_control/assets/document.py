"""The JSON of an asset. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from mixdesk.wire import now_text
from mixdesk_control.assets.entry import Entry, verdict
from mixdesk_control.assets.gpus import MIB, Cards
from mixdesk_control.assets.rows import Hold
from mixdesk_control.settings_assets import ProcessSettings


def document(
    entry: Entry, *, cards: Cards, peaks: Mapping[str, float], holds: Iterable[Hold], now: float
) -> dict[str, Any]:
    """One asset; schema.py says what the fields mean. `now` in seconds since the epoch, `peaks` in MiB by card."""
    asset, said, vram = entry.asset, verdict(entry), _vram(entry, cards)
    return {
        "id": asset.id,
        "name": asset.name,
        "type": asset.type,
        "resource_type": asset.resource_type,
        "driver": asset.driver,
        "status": said.status,
        "desired": entry.wish.desired,
        "drift": said.drift,
        "error": said.error,
        **_of_driver(entry),
        "dependencies": list(asset.dependencies),
        "operation": entry.wish.operation,
        "generation": entry.wish.generation,
        "metrics": _metrics(entry, vram),
        "usage": _usage(entry, vram, now),
        "gpus": list(asset.gpus),
        "vram_declared_mb": asset.vram_mb,
        "vram_peak_mb": round(max(peaks.values()), 1) if peaks else None,
        "evictable": asset.evictable,
        "detach": asset.detach,
        "holds": [shown_hold(hold) for hold in holds],
        "revision": entry.revision,
    }


def _of_driver(entry: Entry) -> dict[str, Any]:
    target = entry.asset.target
    if entry.asset.driver == "docker":
        return {"container": target}
    if isinstance(target, ProcessSettings):
        named = target.name or (target.argv[0].rpartition("/")[2] if target.argv else None)
        return {} if named is None else {"process_name": named}
    return {}


def _metrics(entry: Entry, vram: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """The plan's three figures, those that are known."""
    usage, found = entry.usage, {}
    if usage.memory is not None:
        found["ram_usage_mb"] = round(usage.memory / MIB, 1)
    used = [item["used_mb"] for item in vram if item["used_mb"] is not None]
    if used:
        found["vram_usage_mb"] = round(sum(used), 1)
    elif usage.vram is not None:
        found["vram_usage_mb"] = round(usage.vram / MIB, 1)
    if usage.cpu_ratio is not None:
        found["cpu_percent"] = round(usage.cpu_ratio * 100, 1)
    return found


def _usage(entry: Entry, vram: list[dict[str, Any]], now: float) -> dict[str, Any]:
    seen = entry.observed
    began = seen.started_at if seen.is_alive else None
    return {
        "vram": vram,
        "started_at": None if began is None else _moment(began),
        "uptime_s": None if began is None else max(int(now - began), 0),
        "restarts": seen.restarts,
        "exit_code": seen.exit_code,
        "oom_killed": seen.oom_killed,
        "jobs": list(entry.jobs),
    }


@lru_cache(maxsize=4096)
def _moment(seconds: float) -> str:
    """The same of each asset every second."""
    return now_text(seconds)


def _vram(entry: Entry, cards: Cards) -> list[dict[str, Any]]:
    """Each card that it holds memory of, or has it promised."""
    found = []
    for uuid in sorted({*entry.held, *entry.reserved, *entry.leaked}):
        card = cards.find(uuid)
        found.append(
            {
                "gpu": None if card is None else card.index,
                "uuid": uuid,
                "used_mb": _rounded(entry.held.get(uuid)),
                "reserved_mb": _rounded(entry.reserved.get(uuid, 0.0)),
                "leaked_mb": _rounded(entry.leaked.get(uuid, 0.0)),
            }
        )
    return found


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def shown_hold(hold: Hold) -> dict[str, Any]:
    """The JSON of a hold."""
    return {"id": hold.id, "actor": hold.actor, "reason": hold.reason, "expires_at": now_text(hold.expires_at)}
