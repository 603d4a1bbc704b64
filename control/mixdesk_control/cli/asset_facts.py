"""What there is to say about an asset, in words. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from mixdesk_control.cli import words

Asset = dict[str, Any]

MIB = 1 << 20


def mb(value: float | None) -> str:
    """MiB as people read them: `512.0 MiB`, `2.0 GiB`."""
    return words.UNKNOWN if value is None else words.size(value * MIB)


def called(asset: Asset) -> str:
    """Its id, with its name where that says more."""
    name = asset.get("name")
    return asset["id"] if name in (None, "", asset["id"]) else f"{asset['id']} ({name})"


def need_mb(asset: Asset) -> float | None:
    """What it needs on a GPU: what the registry says, or the most that was seen where that is more."""
    known = [value for key in ("vram_declared_mb", "vram_peak_mb") if (value := asset.get(key)) is not None]
    return max(known, default=None)


def vram(asset: Asset) -> str:
    """`1.9 GiB / 2.0 GiB`: used, and needed; nothing where neither is known."""
    used, need = asset["metrics"].get("vram_usage_mb"), need_mb(asset)
    return "" if used is None and need is None else f"{mb(used)} / {mb(need)}"


def ram(asset: Asset) -> str:
    """RAM in use."""
    used = asset["metrics"].get("ram_usage_mb")
    return "" if used is None else mb(used)


def cpu(asset: Asset) -> str:
    """Percent of one core."""
    used = asset["metrics"].get("cpu_percent")
    return "" if used is None else f"{used:.0f} %"


def uptime(asset: Asset, now: float) -> str:
    """How long this run goes on."""
    began = (asset.get("usage") or {}).get("started_at")
    return words.between(began, None, now) if began else ""


def trouble(asset: Asset) -> str:
    """Why it is not as it should be, and what else people must know; empty where all is well."""
    leaked = sum(card.get("leaked_mb") or 0.0 for card in cards(asset))
    said = [asset.get("drift"), asset.get("error"), f"{mb(leaked)} of VRAM did not come back" if leaked else None]
    return ": ".join(text for text in said if text)


def cards(asset: Asset) -> Sequence[dict[str, Any]]:
    """What it has of each GPU."""
    return (asset.get("usage") or {}).get("vram") or ()


def line(asset: Asset) -> str:
    """All that matters, in one plain line."""
    asset = words.clean(asset)
    parts = [asset["status"], trouble(asset), _of(vram(asset), "VRAM"), _of(ram(asset), "RAM"), _of(cpu(asset), "CPU")]
    return f"{asset['id']}: {', '.join(part for part in parts if part)}"


def details(asset: Asset, now: float) -> Iterator[tuple[str, str]]:
    """Everything that is known of it, as title and text."""
    yield "What", f"{asset['type']}, {asset['resource_type']}, {_driven(asset)}"
    yield "Asked for", asset.get("desired") or "nothing yet"
    for title, key in (("But", "drift"), ("Why", "error"), ("Operation", "operation")):
        if asset.get(key):
            yield title, asset[key]
    if uptime(asset, now):
        yield "Up", uptime(asset, now) + _restarts(asset)
    yield from _used(asset)
    if asset["dependencies"]:
        yield "Needs", ", ".join(asset["dependencies"])
    for job in (asset.get("usage") or {}).get("jobs") or ():
        yield "Job", job
    for hold in asset.get("holds") or ():
        yield "Held by", held(hold, now)


def _used(asset: Asset) -> Iterator[tuple[str, str]]:
    for title, text in (("RAM", ram(asset)), ("CPU", cpu(asset))):
        if text:
            yield title, text
    for card in cards(asset):
        yield f"GPU {'?' if card.get('gpu') is None else card['gpu']}", _card(card)
    if need_mb(asset) is not None:
        declared, peak = asset.get("vram_declared_mb"), asset.get("vram_peak_mb")
        yield "VRAM needed", f"{mb(declared)} by the registry, {mb(peak)} the most that was seen"


def _card(card: dict[str, Any]) -> str:
    named = (("used_mb", "used"), ("reserved_mb", "reserved"), ("leaked_mb", "did not come back"))
    return ", ".join(f"{mb(card[key])} {word}" for key, word in named if card.get(key)) or "nothing"


def held(hold: dict[str, Any], now: float) -> str:
    """`anton (a song is made), 40 s more, hold 0193...`"""
    end = words.moment(hold.get("expires_at"))
    left = "" if end is None else f", {words.duration(end - now)} more"
    reason = f" ({hold['reason']})" if hold.get("reason") else ""
    return f"{hold.get('actor') or 'somebody'}{reason}{left}, hold {hold['id']}"


def _driven(asset: Asset) -> str:
    target = asset.get("container") or asset.get("process_name")
    return f"{asset['driver']} {target}" if target else str(asset["driver"])


def _restarts(asset: Asset) -> str:
    count = (asset.get("usage") or {}).get("restarts")
    return f", started again {count} times" if count else ""


def _of(text: str, what: str) -> str:
    return f"{text} {what}" if text else ""
