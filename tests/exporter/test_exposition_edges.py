"""Labels of any bytes and length, families that cannot be written, renders beside an event loop."""

from __future__ import annotations

import asyncio
import gc
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, StateSetMetricFamily
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text
from prometheus_client.samples import Exemplar, Sample

from mixdesk_control.web.exposition import joined
from mixdesk_exporter.exposition import SERIES_DROPPED, openmetrics, run_beside, text
from mixdesk_exporter.exposition.giving_way import giving_way
from mixdesk_exporter.exposition.lines import SLICE, Lines
from mixdesk_exporter.exposition.values import label_value
from mixdesk_exporter.family import Descriptor, Family, counter, gauge

ONE = gauge("mixdesk_one", "By mount.", "mountpoint")
TWO = gauge("mixdesk_two", "By two labels.", "alpha", "beta")
GOOD = gauge("mixdesk_good", "All is well here.").one(1)
FORMS = pytest.mark.parametrize(
    ("render", "parse"), [(text.render, parse_text), (openmetrics.render, parse_openmetrics)], ids=["text", "om"]
)
RUNS = settings(max_examples=150, derandomize=True, deadline=None, database=None)

Render = Callable[[Iterable[Metric | Family], Lines], bytes]
Parse = Callable[[str], Iterable[Metric]]

anything = st.text(st.characters(), max_size=30) | st.binary(max_size=30) | st.binary(max_size=30).map(os.fsdecode)
long_ones = st.tuples(anything, st.integers(1, 400)).map(lambda drawn: drawn[0] * drawn[1])


def read(body: bytes, parse: Parse) -> dict[str, list[Sample]]:
    return {family.name: family.samples for family in parse(body.decode())}


def as_metric(key: Any, value: Any = 1.0) -> Metric:
    family = Metric("mixdesk_one", "By mount.", "gauge")
    family.add_sample("mixdesk_one", {"mountpoint": key}, value)
    return family


@FORMS
@RUNS
@given(st.lists(anything | long_ones, min_size=1, max_size=5, unique_by=lambda value: label_value("", value)))
def test_no_label_value_breaks_an_answer(render: Render, parse: Parse, values: list[Any]) -> None:
    lines = Lines()
    for families in ([ONE.of((value, 1) for value in values)], [as_metric(value) for value in values[:1]]):
        found = read(render([*families, GOOD], lines), parse)
        assert [sample.value for sample in found["mixdesk_good"]] == [1]
        assert len(found["mixdesk_one"]) == len(families[0].samples if isinstance(families[0], Metric) else values)
        for sample in found["mixdesk_one"]:
            assert len(sample.labels["mountpoint"].encode()) <= 200
    assert lines.dropped.family(()) is None


def test_what_promtool_says_to_odd_labels() -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed (Debian package prometheus)")
    odd = [
        "\x00",
        "\x00\x00",
        "a\x00b",
        "\x01\x1b\x7f",
        "\r",
        "\r\n",
        '"\\\n',
        "\u2028\ufeff",
        b"\xff\xfe",
        "x" * 10000,
    ]
    body = text.render([ONE.of((value, 1) for value in [*odd, "ü\\" * 5000, os.fsdecode(b"/mnt/\xe4")])], Lines())
    checked = subprocess.run([promtool, "check", "metrics"], input=body, capture_output=True, timeout=60)
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, b"", b"")


def test_long_values_are_cut_and_stay_apart() -> None:
    first, second = "/" + "a" * 10_000 + "1", "/" + "a" * 10_000 + "2"
    one, two = label_value("x", first), label_value("x", second)
    assert (one[:191], one[191], len(one)) == (first[:191], "~", 200)
    assert one != two and one[:192] == two[:192]
    assert label_value("x", first) == one
    assert label_value("x", "a" * 200) == "a" * 200
    assert len(label_value("x", "ü" * 101).encode()) == 199, "95 of two bytes, and the mark"
    assert label_value("x", "ü" * 100) == "ü" * 100
    assert label_value("x", "\\" * 200) == "\\\\" * 200, "cut before it is escaped"


def test_what_is_no_utf8_is_replaced() -> None:
    assert label_value("x", b"/mnt/b\xffd") == label_value("x", os.fsdecode(b"/mnt/b\xffd")) == "/mnt/b\ufffdd"
    assert label_value("x", "\ud800") == "\ufffd"
    broken, other = b"\xff" + b"a" * 300, b"\xfe" + b"a" * 300
    assert label_value("x", broken) != label_value("x", other), "the digits hang on what was there"


@FORMS
def test_a_help_text_that_is_no_utf8(render: Render, parse: Parse) -> None:
    family = GaugeMetricFamily("mixdesk_mount", "Of \udcff.", value=1)
    (back,) = parse(render([family], Lines()).decode())
    assert back.documentation == "Of \ufffd."


def bare(name: str, *, labels: Any = None, value: Any = 1.0, moment: Any = None) -> Metric:
    family = Metric(name, "Help.", "gauge")
    family.samples = [Sample(name, {} if labels is None else labels, value, moment)]
    return family


WRONG: list[tuple[str, Any, int]] = [
    ("mixdesk_one", ONE.of([("a", None)]), 1),  # type: ignore[list-item]
    ("mixdesk_one", ONE.of([("a", 1), ("b", "seven")]), 2),  # type: ignore[list-item]
    ("mixdesk_one", ONE.of([("a", [1]), ("b", 1)]), 2),  # type: ignore[list-item]
    ("mixdesk_one", ONE.of([("a", 10**5000)]), 1),
    ("mixdesk_one", ONE.of([("a", 10**400), ("b", 0.5)]), 2),
    ("mixdesk_one", ONE.of([(None, 1)]), 1),  # type: ignore[list-item]
    ("mixdesk_one", ONE.of([(7, 1)]), 1),  # type: ignore[list-item]
    ("mixdesk_one", ONE.of([(("a", "b"), 1)]), 1),
    ("mixdesk_one", ONE.of([(["a"], 1)]), 1),  # type: ignore[list-item]
    ("mixdesk_one", Family(ONE, ["a", "b"], [1]), 2),
    ("mixdesk_two", TWO.of([("ab", 1)]), 1),
    ("mixdesk_two", TWO.of([(("a", "b", "c"), 1)]), 1),
    ("mixdesk_odd", Descriptor("mixdesk_odd", "stateset", "").one(1), 1),
    ("mixdesk_odd", Descriptor("mixdesk_odd", "gauge", None).one(1), 1),  # type: ignore[arg-type]
    ("mixdesk_state", StateSetMetricFamily("mixdesk_state", "", {"on": True, "off": False}), 2),
    ("mixdesk_build", InfoMetricFamily("mixdesk_build", "", {"version": "1"}), 1),
    ("mixdesk_m", bare("mixdesk_m", value=None), 1),
    ("mixdesk_m", bare("mixdesk_m", labels={"a": None}), 1),
    ("mixdesk_m", bare("mixdesk_m", labels=7), 1),
    ("mixdesk_m", bare("mixdesk_m", labels={"a.b": "1", "a_b": "2"}), 1),
    ("mixdesk_m", bare("mixdesk_m", moment=float("nan")), 1),
    ("mixdesk_m", bare("mixdesk_m", moment=float("inf")), 1),
    ("NoneType", None, 1),
]


@FORMS
@pytest.mark.parametrize(("name", "wrong", "size"), WRONG)
def test_what_cannot_be_written_is_left_out_and_counted(
    render: Render, parse: Parse, name: str, wrong: Any, size: int, caplog: pytest.LogCaptureFixture
) -> None:
    lines = Lines()
    for times in (1, 2):
        body = render([wrong, GOOD], lines)
        found = read(body, parse)
        assert set(found) == {"mixdesk_good", "mixdesk_series_dropped"}
        (sample,) = found["mixdesk_series_dropped"]
        assert (sample.labels, sample.value) == ({"family": name}, times * size)
    assert [record.message.split(":")[0] for record in caplog.records] == [
        f"metric family {name} is left out of /metrics"
    ]


def test_an_exemplar_without_a_moment_costs_its_family_alone() -> None:
    family = Metric("mixdesk_h", "", "histogram")
    family.add_sample("mixdesk_h_bucket", {"le": "+Inf"}, 1.0, None, Exemplar({"a.b": "\udcff"}, 1.0, float("nan")))
    assert set(read(openmetrics.render([family, GOOD], Lines()), parse_openmetrics)) == {
        "mixdesk_good",
        "mixdesk_series_dropped",
    }


@FORMS
def test_what_was_left_out_is_one_family(render: Render, parse: Parse) -> None:
    desk = CounterMetricFamily(SERIES_DROPPED.name, "Another help.", labels=["family"])
    for name, count in (("mixdesk_job_info", 3), ("mixdesk_one", 4), ("mixdesk_jobs", 0)):
        desk.add_metric([name], count)
    meters = [SERIES_DROPPED.of([("node_x", 2)]), GOOD]
    body = render([*joined([desk], meters), ONE.of([("a", None)])], Lines())  # type: ignore[list-item]
    assert body.count(b"# TYPE mixdesk_series_dropped") == 1
    samples = read(body, parse)["mixdesk_series_dropped"]
    counts = {sample.labels["family"]: sample.value for sample in samples}
    assert counts == {"mixdesk_job_info": 3, "mixdesk_jobs": 0, "mixdesk_one": 5, "node_x": 2}
    assert b"series_dropped" not in render([GOOD], Lines())


@FORMS
def test_a_broken_count_of_what_was_left_out(render: Render, parse: Parse) -> None:
    body = render([Family(SERIES_DROPPED, ["a"], []), GOOD], Lines())
    assert set(read(body, parse)) == {"mixdesk_good", "mixdesk_series_dropped"}


def test_names_of_what_was_left_out_are_bounded() -> None:
    lines = Lines()
    for number in range(1200):
        text.render([bare(f"mixdesk_{number}", value=None)], lines)
    family = lines.dropped.family(())
    assert family is not None
    counts = dict(zip(family.keys, family.values, strict=True))
    assert (len(counts), counts["others"]) == (1001, 200)


@FORMS
def test_large_families_are_written_in_slices_and_the_same(render: Render, parse: Parse) -> None:
    rows = [(f"v{number}", number / 7) for number in range(2 * SLICE + 3)]
    small = GaugeMetricFamily("mixdesk_one", "By mount.", labels=["mountpoint"])
    for key, value in rows:
        small.add_metric([key], value)
    for family in (ONE.of(rows), small):
        found = read(render([family], Lines()), parse)["mixdesk_one"]
        assert [(sample.labels["mountpoint"], sample.value) for sample in found] == rows
    small.add_sample("mixdesk_one", {"other": "a"}, 1.0)
    assert len(read(render([small], Lines()), parse)["mixdesk_one"]) == len(rows) + 1


def test_giving_way_is_counted_and_ends() -> None:
    before = sys.getswitchinterval()
    with giving_way():
        with giving_way():
            assert sys.getswitchinterval() < before
        assert sys.getswitchinterval() < before
    assert sys.getswitchinterval() == before


def gap_ms(work: Callable[[], object]) -> float:
    """The longest gap between ticks of an event loop while a thread works."""

    async def watched(pool: ThreadPoolExecutor) -> float:
        loop = asyncio.get_running_loop()
        last, worst = loop.time(), 0.0
        made = run_beside(pool, work)
        while not made.done():
            await asyncio.sleep(0.001)
            now = loop.time()
            worst, last = max(worst, now - last), now
        return worst * 1e3

    with ThreadPoolExecutor(1) as pool:
        return asyncio.run(watched(pool))


@FORMS
def test_an_event_loop_beside_a_render_is_not_kept(render: Render, parse: Parse) -> None:
    rng = range(40_000)
    family, lines = counter("mixdesk_many_total", "Many.", "n").of((f"n{n}", n / 7) for n in rng), Lines()

    gc.collect()
    before = sys.getswitchinterval()
    # A busy machine spoils many rounds; a renderer that keeps the interpreter to itself spoils every one.
    assert any(gap_ms(lambda: render([family], lines)) < 5.0 for _ in range(300))
    assert sys.getswitchinterval() == before


def test_threads_share_what_is_left_out() -> None:
    lines = Lines()
    wrong: Sequence[Any] = [ONE.of([("a", None)])]  # type: ignore[list-item]
    threads = [threading.Thread(target=lambda: [text.render(wrong, lines) for _ in range(200)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    family = lines.dropped.family(())
    assert family is not None and family.values == [800]
