"""The renderer against prometheus_client: the same bytes, and bytes that its parsers and promtool read."""

from __future__ import annotations

import gzip
import math
import shutil
import subprocess
import threading
from collections.abc import Iterable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prometheus_client import Metric
from prometheus_client import exposition as reference_text
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    UnknownMetricFamily,
)
from prometheus_client.openmetrics import exposition as reference_openmetrics
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text
from prometheus_client.samples import Exemplar, Timestamp

from mixdesk_exporter.exposition import CONTENT_TYPES, OPENMETRICS, TEXT, compressed, render, render_as

OPENMETRICS_ACCEPT = "application/openmetrics-text; version=1.0.0"
RUNS = settings(max_examples=300, derandomize=True, deadline=None, database=None)
SLOW_DATA = settings(RUNS, suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example])


class Registry:
    """What prometheus_client's renderers take: something with collect()."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self.families = list(families)

    def collect(self) -> list[Metric]:
        return self.families


def assert_same(families: list[Metric]) -> None:
    registry = Registry(families)
    for _ in range(2):  # the second time from what is remembered
        assert render_as(families, TEXT) == reference_text.generate_latest(registry)
        assert render_as(families, OPENMETRICS) == reference_openmetrics.generate_latest(registry)


metric_names = st.from_regex(r"[a-zA-Z_][a-zA-Z0-9_]{0,12}", fullmatch=True)
label_names = st.from_regex(r"[a-zA-Z_][a-zA-Z0-9_]{0,6}", fullmatch=True)
texts = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    ["", "\\", '"', "\n", "\\n", 'a"b\\c\nd', "Gänsehaut 🎛", "%s", "{}", "x\r\n", "\u2028", "\x00"]
)
edges = [
    0,
    1,
    -1,
    0.0,
    -0.0,
    1e6,
    999999.9999,
    999999.99999999999,
    1e6 + 0.5,
    1e16,
    1e15 + 0.5,
    123456789.0,
    1e22,
    5e-324,
]
values = (
    st.sampled_from([*edges, math.nan, math.inf, -math.inf, 1.7976931348623157e308, 1732491234.123456, True])
    | st.floats()
    | st.integers(-(2**70), 2**70)
)
timestamps = st.none() | st.floats(0, 4e9) | st.builds(Timestamp, st.integers(0, 2**33), st.integers(0, 10**9 - 1))
exemplars = st.builds(Exemplar, st.dictionaries(label_names, texts, max_size=2), st.floats(), timestamps)


@st.composite
def families(draw: st.DrawFn) -> Metric:
    kind = draw(st.sampled_from(["gauge", "counter", "unknown", "histogram"]))
    family = Metric(draw(metric_names), draw(texts), kind, draw(st.sampled_from(["", "seconds", "bytes"])))
    suffixes = {"counter": ["_total"], "histogram": ["_bucket", "_count", "_sum"]}.get(kind, [""])
    for _ in range(draw(st.integers(0, 4))):
        suffix = draw(st.sampled_from(suffixes))
        exemplar = draw(st.none() | exemplars) if suffix == "_bucket" else None
        labels = draw(st.dictionaries(label_names, texts, max_size=4))
        family.add_sample(family.name + suffix, labels, draw(values), draw(timestamps), exemplar)
    return family


@SLOW_DATA
@given(st.lists(families(), max_size=4))
def test_the_bytes_are_those_of_prometheus_client(drawn: list[Metric]) -> None:
    assert_same(drawn)


@RUNS
@given(values)
def test_numbers_are_those_of_prometheus_client(value: float) -> None:
    family = GaugeMetricFamily("number", "A number.", labels=["a"])
    family.add_metric(["x"], value)
    assert_same([family])


@RUNS
@given(st.lists(texts, min_size=2, max_size=2), st.floats(allow_nan=False))
def test_labels_come_back_from_both_parsers(labels: list[str], value: float) -> None:
    family = GaugeMetricFamily("thing", "A thing.", labels=["b", "a"])
    family.add_metric(labels, value)
    for form, parse in ((TEXT, parse_text), (OPENMETRICS, parse_openmetrics)):
        (back,) = parse(render_as([family], form).decode())
        (sample,) = back.samples
        assert (sample.labels, sample.value) == ({"b": labels[0], "a": labels[1]}, value)


def job_families(jobs: int = 3) -> list[Metric]:
    """One of each kind as a desk publishes them."""
    progress = GaugeMetricFamily("mixdesk_job_progress_ratio", "Weighted progress.", labels=["job_id", "job_type"])
    status = GaugeMetricFamily("mixdesk_job_status", "1 for the status the job has.", labels=["job_id", "status"])
    steps = CounterMetricFamily("mixdesk_job_steps_total", "Steps of this attempt.", labels=["job_id"])
    energy = UnknownMetricFamily("mixdesk_odd_thing", "Typed unknown, the same name in both formats.", labels=["gpu"])
    phases = HistogramMetricFamily("mixdesk_phase_duration_seconds", "Phases.", labels=["phase"])
    for number in range(jobs):
        job_id = f"0193a8f0-0000-7000-8000-{number:012d}"
        progress.add_metric([job_id, "training_rvc"], 0.25 * number)
        status.add_metric([job_id, "running"], 1)
        status.add_metric([job_id, "lost"], 0)
        steps.add_metric([job_id], 1500000 + number)
        energy.add_metric([str(number)], 1e9)
    exemplar = Exemplar({"trace_id": "0af7651916cd43dd8448eb211c80319c"}, 2.5, Timestamp(1732491234, 500_000_000))
    phases.add_metric(["training"], [("1.0", 0), ("5.0", 2, exemplar), ("+Inf", 3)], 9.5)
    return [progress, status, steps, energy, phases]


def test_families_of_a_desk_are_the_same_and_parse() -> None:
    given_families = job_families()
    assert_same(given_families)
    text, kind = render(given_families, None)
    assert kind == "text/plain; version=0.0.4; charset=utf-8"
    assert b"# TYPE mixdesk_job_steps_total counter" in text
    assert b"# TYPE mixdesk_odd_thing untyped" in text
    assert b"trace_id" not in text
    body, kind = render(given_families, OPENMETRICS_ACCEPT)
    assert kind == "application/openmetrics-text; version=1.0.0; charset=utf-8"
    assert b"# TYPE mixdesk_odd_thing unknown" in body
    assert (
        b'le="5.0"' in body and b'2.0 # {trace_id="0af7651916cd43dd8448eb211c80319c"} 2.5 1732491234.500000000' in body
    )
    assert body.endswith(b"# EOF\n")
    assert [back.samples for back in parse_openmetrics(body.decode())] == [f.samples for f in given_families]
    assert {back.name for back in parse_text(text.decode())} == {family.name for family in given_families}


def test_promtool_has_no_complaint() -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed (Debian package prometheus)")
    checked = subprocess.run(
        [promtool, "check", "metrics"], input=render_as(job_families(), TEXT), capture_output=True, timeout=60
    )
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, b"", b"")


def test_content_types_are_exact() -> None:
    assert CONTENT_TYPES[TEXT] == reference_text.CONTENT_TYPE_PLAIN_0_0_4
    assert CONTENT_TYPES[OPENMETRICS] == reference_openmetrics.CONTENT_TYPE_LATEST


def test_series_that_go_leave_nothing_behind() -> None:
    many = job_families(1000)
    few = job_families(2)
    assert b"000000000999" in render_as(many, TEXT)
    assert_same(few)
    assert_same(many)


def test_label_names_may_change_from_sample_to_sample() -> None:
    family = Metric("thing", "A thing.", "gauge")
    for labels in ({"a": "1"}, {"b": "1"}, {"a": "1"}, {}, {"a": "1", "b": "2"}, {"b": "1", "c": "2"}, {"a": "2"}):
        family.add_sample("thing", labels, 1.0)
    assert_same([family])


def test_one_renderer_serves_several_threads() -> None:
    sizes = [5, 400, 7, 300]
    wanted = {size: render_as(job_families(size), TEXT) for size in sizes}
    wrong: list[int] = []

    def work(size: int) -> None:
        mine = job_families(size)
        wrong.extend(size for _ in range(30) if render_as(mine, TEXT) != wanted[size])

    threads = [threading.Thread(target=work, args=(size,)) for size in sizes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert wrong == []


def test_created_samples_and_stray_exemplars_are_left_out() -> None:
    counter = CounterMetricFamily("thing", "A thing.", labels=["a"])
    counter.add_metric(["x"], 3, created=1732491234.0, exemplar=Exemplar({"trace_id": "0"}, 1.0))
    for form in (TEXT, OPENMETRICS):
        body = render_as([counter], form)
        assert b"_created" not in body
        assert b"trace_id" not in body
        assert b'thing_total{a="x"} 3.0\n' in body


def test_names_outside_the_classic_set_get_underscores() -> None:
    family = Metric("a.b-c", "A thing.", "gauge")
    family.add_sample("a.b-c", {"d.e": "f"}, 1.0)
    family.add_sample("1a", {"2b": "f"}, 1.0)
    assert_same([family])


def test_compressed_is_gzip_and_the_same_every_time() -> None:
    body = render_as(job_families(50), TEXT)
    assert gzip.decompress(compressed(body)) == body
    assert compressed(body) == compressed(body)
    assert len(compressed(body)) < len(body) / 4
