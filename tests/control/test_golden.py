"""The golden exposition, and docs/metrics.md against it. `python tests/fixtures/golden_desk.py` writes it anew."""

from __future__ import annotations

import math
import re
import shutil
import subprocess
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

import pages
import pytest
from golden_desk import GOLDEN, golden
from golden_exporter import GOLDEN as OF_EXPORTER
from prometheus_client import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text
from prometheus_client.samples import Sample

from mixdesk_control import settings
from mixdesk_control.app import create_app
from mixdesk_control.jobs.spans import Span
from mixdesk_control.store import Store
from mixdesk_exporter.exposition import OPENMETRICS, TEXT, render_as

METRICS = pages.page("metrics")
HEAD = ("family", "type", "labels", "meaning", "there while")

needs_promtool = pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")


@pytest.fixture(scope="module")
def made() -> tuple[list[Metric], list[Span]]:
    return golden()


def families(found: Iterable[Metric]) -> dict[str, tuple[str, frozenset[str]]]:
    """Name as it is queried -> type and label names."""
    return {
        family.name + ("_total" if family.type == "counter" else ""): (
            family.type,
            frozenset(label for sample in family.samples for label in sample.labels if label != "le"),
        )
        for family in found
    }


# -- the golden file -----------------------------------------------------------------------------------


def test_the_desk_publishes_what_the_golden_file_holds(made: tuple[list[Metric], list[Span]]) -> None:
    lines, expected = render_as(made[0], TEXT).decode().splitlines(), GOLDEN.read_text().splitlines()
    assert lines == expected, "if that is meant: python tests/fixtures/golden_desk.py"
    bare = [family.name for family in made[0] if not family.samples]
    assert not bare, "every family has a series there"


def test_the_app_publishes_the_same_families(made: tuple[list[Metric], list[Span]], tmp_path: Path) -> None:
    store = Store.open(state_dir=tmp_path)
    app = create_app(settings.load(env={"MIXDESK_STATE_DIR": str(tmp_path)}), store)
    published = app.state.rooms.collect(app.state.requests)()
    store.close()
    assert [(one.name, one.type) for one in published] == [(one.name, one.type) for one in made[0]]


def test_openmetrics_holds_the_same_samples(made: tuple[list[Metric], list[Span]]) -> None:
    body = render_as(made[0], OPENMETRICS).decode()
    parsed = [sample for family in parse_openmetrics(body) for sample in family.samples]
    plain = [sample for family in parse_text(GOLDEN.read_text()) for sample in family.samples]
    assert sorted(map(told, parsed)) == sorted(map(told, plain))
    exemplars = [sample for sample in parsed if sample.exemplar]
    assert exemplars
    assert all(sample.name.endswith("_bucket") and list(sample.exemplar.labels) == ["trace_id"] for sample in exemplars)


def told(sample: Sample) -> tuple[str, tuple[tuple[str, str], ...], str]:
    return sample.name, tuple(sorted(sample.labels.items())), "NaN" if math.isnan(sample.value) else repr(sample.value)


@needs_promtool
def test_promtool_finds_nothing_but_what_is_allowed() -> None:
    lint = subprocess.run(["promtool", "check", "metrics"], input=GOLDEN.read_bytes(), capture_output=True, timeout=30)
    said = {line for line in (lint.stdout + lint.stderr).decode().splitlines() if line}
    lines = (GOLDEN.parent / "promtool.allow").read_text().splitlines()
    allowed = {line for line in lines if line and not line.startswith("#")}
    assert said <= allowed  # tests/exporter/test_golden.py sees that none is allowed in vain
    assert not [line for line in allowed if line.startswith("mixdesk_")]


# -- metrics.md ----------------------------------------------------------------------------------------


def test_every_family_is_listed_with_type_and_labels() -> None:
    listed = {pages.names(row[0])[0]: (row[1], frozenset(pages.words(row[2]))) for row in pages.table(METRICS, *HEAD)}
    assert listed == families(parse_text(GOLDEN.read_text()))
    assert all(row[3] and row[4] for row in pages.table(METRICS, *HEAD)), "a meaning, and when it is there"


def test_the_buckets_are_those_listed() -> None:
    listed = {
        pages.names(name)[0]: [float(bound) for bound in pages.words(bounds)]
        for name, bounds in pages.table(METRICS, "histogram", "upper bounds of its buckets")
    }
    found: dict[str, set[float]] = {}
    for family in parse_text(GOLDEN.read_text()):
        if family.type == "histogram":
            bounds = {float(sample.labels["le"]) for sample in family.samples if "le" in sample.labels}
            found[family.name] = bounds - {math.inf}
    assert listed == {name: sorted(bounds) for name, bounds in found.items()}
    assert all(low < high for bounds in listed.values() for low, high in pairwise(bounds))


def queries() -> list[str]:
    (code,) = pages.blocks(METRICS, "promql")
    return [re.sub(r"^#.*\n", "", query) for query in code.split("\n\n")]


def test_queries_name_what_is_published() -> None:
    published = {sample.name for family in parse_text(GOLDEN.read_text()) for sample in family.samples}
    named = {name for query in queries() for name in re.findall(r"\bmixdesk_\w+", query)}
    assert len(named) > 5
    assert not named - published
    labels = {
        label for family in parse_text(GOLDEN.read_text()) for sample in family.samples for label in sample.labels
    }
    used = {label for query in queries() for label in re.findall(r"[{,(]\s*(\w+)(?==|!=|!~|=~|\))", query)}
    assert not {label for label in used if not label.startswith("mixdesk_")} - labels


def test_every_metric_that_a_page_names_is_published() -> None:
    texts = (GOLDEN.read_text(), OF_EXPORTER.read_text())
    published = {sample.name for text in texts for family in parse_text(text) for sample in family.samples}
    families_too = {re.sub(r"_(bucket|count|sum)$", "", name) for name in published}
    rooms = {"mixdesk_control", "mixdesk_exporter", "mixdesk_voice", "mixdesk_connection"}
    rooms |= {"mixdesk_loki", "mixdesk_prometheus", "mixdesk_tempo"}  # what names of volumes begin with
    for file in (pages.ROOT / "README.md", *pages.DOCS.glob("*.md")):
        named = set(re.findall(r"\bmixdesk_[a-z]\w*", file.read_text()))
        assert not named - published - families_too - rooms, file.name


@needs_promtool
def test_queries_are_valid(tmp_path: Path) -> None:
    rules = "".join(
        f"      - record: q{number}\n        expr: |\n" + "".join(f"          {line}\n" for line in query.splitlines())
        for number, query in enumerate(queries())
    )
    file = tmp_path / "rules.yml"
    file.write_text(f"groups:\n  - name: docs\n    rules:\n{rules}")
    told = subprocess.run(["promtool", "check", "rules", file], capture_output=True, text=True, timeout=30)
    assert told.returncode == 0, told.stdout + told.stderr
    assert f"{len(queries())} rules found" in told.stdout


@needs_promtool
def test_the_scrape_configuration_is_valid(tmp_path: Path) -> None:
    (code,) = pages.blocks(METRICS, "yaml")
    token = tmp_path / "token"
    token.write_text("mxd_scraper\n")
    file = tmp_path / "prometheus.yml"
    file.write_text(code.replace("/etc/prometheus/mixdesk.token", str(token)))
    assert str(token) in file.read_text()
    told = subprocess.run(["promtool", "check", "config", file], capture_output=True, text=True, timeout=30)
    assert told.returncode == 0, told.stdout + told.stderr


def test_every_span_is_listed_with_its_attributes(made: tuple[list[Metric], list[Span]]) -> None:
    listed: dict[str, set[str]] = {}
    for row in pages.table(METRICS, "span", "attributes"):
        name = pages.names(row[0])[0]
        own = set(pages.names(row[1]))
        listed[name] = own | (listed["job TYPE"] if row[1].startswith("those") else set())
    emitted: dict[str, set[str]] = {}
    for span in made[1]:
        kind = re.sub(r"^(job|phase) .*", lambda found: {"job": "job TYPE", "phase": "phase KEY"}[found[1]], span.name)
        assert emitted.setdefault(kind, set(span.attributes)) == set(span.attributes)
    assert listed == emitted
