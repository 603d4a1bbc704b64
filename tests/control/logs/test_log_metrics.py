"""How many series and sources a service may have."""

from __future__ import annotations

from prometheus_client.metrics_core import Metric

from mixdesk_control.logs.discovery.bounding import bounded
from mixdesk_control.logs.metrics import MOST, OTHER, families
from mixdesk_control.logs.source import ERROR, Service, Source

MANY = 60_000


def service(name: str, sources: int) -> Service:
    made = (Source(service=name, id=f"s{number}", kind=ERROR, size=1) for number in range(sources))
    return Service(name=name, sources=tuple(made))


def values(family: Metric) -> dict[tuple[str, str], float]:
    return {(one.labels["service"], one.labels["source"]): one.value for one in family.samples}


def test_a_service_has_a_bounded_number_of_series() -> None:
    sizes, lines = (
        values(one)
        for one in families([service("api", MANY), service("db", 3)], {("api", f"x{n}"): 2 for n in range(MANY)})
    )
    assert len(sizes) == MOST + 1 + 3
    assert sizes["api", "s0"] == 1 and sizes["api", OTHER] == MANY - MOST and sizes["db", "s2"] == 1
    assert len(lines) == MOST + 1 and lines["api", OTHER] == 2 * (MANY - MOST)


def test_a_counter_of_skipped_lines_never_shrinks_when_others_come() -> None:
    skipped = {("api", "first"): 5} | {("api", f"x{number}"): 1 for number in range(MOST)}
    before = values(families([service("api", 3)], skipped)[1])
    after = values(families([service("api", MOST)], skipped | {("api", "s0"): 7})[1])
    assert all(after[labels] >= value for labels, value in before.items())


def test_a_service_lists_a_bounded_number_of_sources_and_says_so() -> None:
    few, many = service("api", 500), service("api", 501)
    assert bounded(few) is few
    cut = bounded(many)
    assert cut.sources == many.sources[:500]
    assert cut.notes == ("the best 500 of 501 logs are listed: name fewer in [logs.services.api]",)
