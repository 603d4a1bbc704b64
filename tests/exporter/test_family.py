"""Families in columns: as prometheus_client shows them, and as bytes."""

from __future__ import annotations

import math

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

from mixdesk_exporter.exposition import OPENMETRICS, TEXT, render_as
from mixdesk_exporter.family import Family, counter, gauge, unknown

PLAIN = gauge("mixdesk_plain", "A number.")
ONE = counter("mixdesk_one_total", "By device.", "device")
TWO = gauge("mixdesk_two", 'By "two" \\ labels\nof course.', "alpha", "beta")
FOREIGN = unknown("DCGM_FOREIGN", "A counter of somebody else's.", "gpu")


def families() -> list[Family]:
    return [
        PLAIN.one(1.5),
        ONE.of([("eth0", 3), ("lo", 2**60)]),
        TWO.of([(("a", "b"), math.nan), (('q"\\\n', "ü"), -math.inf), (("c", ""), 12345678.9)]),
        FOREIGN.of([("0", 7)]),
    ]


@pytest.mark.parametrize(("form", "parse"), [(TEXT, parse_text), (OPENMETRICS, parse_openmetrics)])
def test_what_is_written_is_what_is_read(form: str, parse: object) -> None:
    for _ in range(2):  # the second time from what is remembered
        read = list(parse(render_as(families(), form).decode()))  # type: ignore[operator]
        assert [(item.name, item.type) for item in read] == [
            ("mixdesk_plain", "gauge"),
            ("mixdesk_one", "counter"),
            ("mixdesk_two", "gauge"),
            ("DCGM_FOREIGN", "unknown"),
        ]
        for mine, theirs in zip(families(), read, strict=True):
            assert [(s.name, s.labels) for s in theirs.samples] == [(s.name, s.labels) for s in mine.samples]
            for one, other in zip(theirs.samples, mine.samples, strict=True):
                assert one.value == other.value or (math.isnan(one.value) and math.isnan(other.value))


def test_whole_numbers_are_digits_and_others_as_ever() -> None:
    lines = render_as([ONE.of([("lo", 2**60), ("eth0", 1)]), PLAIN.one(0.1)], TEXT).decode().splitlines()
    assert lines[2:4] == ['mixdesk_one_total{device="lo"} 1152921504606846976', 'mixdesk_one_total{device="eth0"} 1']
    assert lines[-1] == "mixdesk_plain 0.1"


def test_a_mixture_of_numbers() -> None:
    text = render_as([ONE.of([("a", 1), ("b", 2.5)])], TEXT).decode()
    assert [family.samples[1].value for family in parse_text(text)] == [2.5]


def test_series_that_go_are_forgotten() -> None:
    before = render_as([ONE.of((f"veth{n}", n) for n in range(5000))], TEXT)
    after = render_as([ONE.of([("eth0", 1)])], TEXT)
    assert before.count(b"veth") == 5000
    assert b"veth" not in after
    assert render_as([ONE.of([("eth0", 1)])], TEXT) == after


def test_descriptors_that_are_wrong() -> None:
    with pytest.raises(ValueError, match="_total"):
        counter("mixdesk_things", "Things.")
    with pytest.raises(ValueError, match="alphabetical"):
        gauge("mixdesk_things", "Things.", "b", "a")
    with pytest.raises(ValueError, match="alphabetical"):
        gauge("mixdesk_things", "Things.", "a", "a")
