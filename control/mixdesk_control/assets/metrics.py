"""The asset families of `/metrics`: fresh ones at every scrape."""

from __future__ import annotations

from collections.abc import Sequence

from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric

from mixdesk_control.assets.board import Board
from mixdesk_control.assets.entry import STATUSES, Entry
from mixdesk_control.assets.gpus import MIB, Cards
from mixdesk_exporter.exposition.values import shortened

GPU_LABELS = ("asset", "host", "gpu", "UUID")


def families(board: Board) -> list[Metric]:
    """All of them, as the board has them now."""
    entries = list(board.entries.values())
    return [
        _info(entries),
        _status(entries),
        _of_each("mixdesk_asset_memory_bytes", "RAM that it uses.", [(e, e.usage.memory) for e in entries]),
        _of_each("mixdesk_asset_cpu_ratio", "Cores that it uses.", [(e, e.usage.cpu_ratio) for e in entries]),
        _cards("mixdesk_asset_gpu_memory_bytes", "GPU memory that its processes hold.", entries, board.cards, "held"),
        _cards(
            "mixdesk_asset_gpu_memory_reserved_bytes",
            "GPU memory that is promised to it.",
            entries,
            board.cards,
            "reserved",
        ),
        _cards(
            "mixdesk_asset_gpu_memory_leaked_bytes",
            "GPU memory that did not come back after its stop.",
            entries,
            board.cards,
            "leaked",
        ),
        _restarts(entries),
        _transitions(entries),
    ]


def _info(entries: Sequence[Entry]) -> Metric:
    labels = ("asset", "type", "resource_type", "driver")
    family = GaugeMetricFamily("mixdesk_asset_info", "What an asset is; always 1.", labels=labels)
    for entry in entries:
        asset = entry.asset
        family.add_metric([asset.id, asset.type, asset.resource_type, asset.driver], 1.0)
    return family


def _status(entries: Sequence[Entry]) -> Metric:
    family = GaugeMetricFamily("mixdesk_asset_status", "1 for the status it has.", labels=("asset", "status"))
    for entry in entries:
        for status in STATUSES:
            family.add_metric([entry.asset.id, status], float(entry.status == status))
    return family


def _of_each(name: str, text: str, values: Sequence[tuple[Entry, float | None]]) -> Metric:
    family = GaugeMetricFamily(name, text, labels=("asset",))
    for entry, value in values:
        if value is not None:
            family.add_metric([entry.asset.id], float(value))
    return family


def _cards(name: str, text: str, entries: Sequence[Entry], cards: Cards, what: str) -> Metric:
    family = GaugeMetricFamily(name, text, labels=GPU_LABELS)
    for entry in entries:
        for uuid, mb in getattr(entry, what).items():
            card = cards.find(uuid)
            if card is not None:  # of a GPU that cannot be read now neither host nor index is known
                labels = [entry.asset.id, shortened(cards.host), str(card.index), shortened(uuid)]
                family.add_metric(labels, mb * MIB)
    return family


def _restarts(entries: Sequence[Entry]) -> Metric:
    family = GaugeMetricFamily(
        "mixdesk_asset_restarts", "How often it was started again by itself, as its driver counts.", labels=("asset",)
    )
    for entry in entries:
        family.add_metric([entry.asset.id], float(entry.observed.restarts))
    return family


def _transitions(entries: Sequence[Entry]) -> Metric:
    family = CounterMetricFamily(
        "mixdesk_asset_transitions", "How often its status has changed since the desk started.", labels=("asset",)
    )
    for entry in entries:
        family.add_metric([entry.asset.id], float(entry.transitions))
    return family
