"""The golden exposition of a host. `python tests/fixtures/golden_exporter.py` writes it anew."""

from __future__ import annotations

import importlib
import math
import pkgutil
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import golden_desk
import pages
import pytest
from golden_exporter import GOLDEN, GOLDEN_MIG, as_openmetrics, as_text, golden
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text
from prometheus_client.samples import Sample

from mixdesk_exporter import collectors, options, own, peaks
from mixdesk_exporter.collectors.gpu import Shown
from mixdesk_exporter.family import Descriptor, Family

Made = tuple[list[Family], list[Family], dict[str, int]]

ALLOW = GOLDEN.with_name("promtool.allow")
ALL = (golden_desk.GOLDEN, GOLDEN, GOLDEN_MIG)
UPSTREAM = ("node_", "DCGM_", "container_")

needs_promtool = pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")


@pytest.fixture(scope="module")
def made() -> Made:
    return golden()


# -- the golden files ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("file", "part"), [(GOLDEN, 0), (GOLDEN_MIG, 1)])
def test_the_exporter_publishes_what_the_golden_file_holds(made: Made, file: Path, part: int) -> None:
    families = made[part]
    assert isinstance(families, list)
    lines, expected = as_text(families).decode().splitlines(), file.read_text().splitlines()
    assert lines == expected, "if that is meant: python tests/fixtures/golden_exporter.py"


def test_it_is_the_same_every_time(made: Made) -> None:
    again = golden()
    assert [as_text(families) for families in again[:2]] == [as_text(families) for families in made[:2]]


def test_every_collector_has_a_family(made: Made) -> None:
    assert list(made[2]) == [collector.name for collector in options.host_sampler(options.Options()).collectors]
    assert not [name for name, families in made[2].items() if not families]


def test_no_family_is_missing(made: Made) -> None:
    published = {family.descriptor.sample for family in made[0]}
    defined = {descriptor.sample for descriptor in descriptors()}
    assert len(defined) > 100
    assert not defined - published


def descriptors() -> Iterator[Descriptor]:
    """All that stand in a module; those that are made of a file's words come on top."""
    names = [module.name for module in pkgutil.iter_modules(collectors.__path__)]
    for module in (own, peaks, *(importlib.import_module(f"{collectors.__name__}.{name}") for name in names)):
        for value in vars(module).values():
            yield from within(value)


def within(value: object) -> Iterator[Descriptor]:
    if isinstance(value, Descriptor):
        yield value
    elif isinstance(value, Shown):
        yield value.plain
    elif isinstance(value, (dict, tuple)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from within(item)


@pytest.mark.parametrize(("file", "part"), [(GOLDEN, 0), (GOLDEN_MIG, 1)])
def test_openmetrics_holds_the_same_samples(made: Made, file: Path, part: int) -> None:
    families = made[part]
    assert isinstance(families, list)
    parsed = list(parse_openmetrics(as_openmetrics(families).decode()))
    plain = [sample for family in parse_text(file.read_text()) for sample in family.samples]
    assert sorted(told(sample) for family in parsed for sample in family.samples) == sorted(map(told, plain))
    assert {family.name: family.type for family in parsed} == {family.name: family.type for family in families}


def told(sample: Sample) -> tuple[str, tuple[tuple[str, str], ...], str]:
    return sample.name, tuple(sorted(sample.labels.items())), "NaN" if math.isnan(sample.value) else repr(sample.value)


def test_instances_have_labels_where_a_gpu_is_split() -> None:
    parts = {
        (sample.name, sample.labels["GPU_I_ID"], sample.labels["GPU_I_PROFILE"])
        for family in parse_text(GOLDEN_MIG.read_text())
        for sample in family.samples
        if sample.name.startswith("DCGM_") and sample.labels["GPU_I_ID"]
    }
    names = [f"DCGM_FI_DEV_FB_{what}" for what in ("FREE", "TOTAL", "USED")]
    assert sorted(parts) == [(name, *part) for name in names for part in (("1", "1g.10gb"), ("2", "2g.20gb"))]
    assert "GPU_I_" not in GOLDEN.read_text()


# -- promtool and the pages ----------------------------------------------------------------------------


@needs_promtool
def test_promtool_finds_nothing_but_what_is_allowed() -> None:
    said = {line for file in ALL for line in linted(file)}
    allowed = {line for line in ALLOW.read_text().splitlines() if line and not line.startswith("#")}
    assert said == allowed
    assert all(line.startswith(UPSTREAM) for line in allowed), "upstream's names alone; ours have no excuse"


def linted(file: Path) -> list[str]:
    """What promtool says of one file."""
    lint = subprocess.run(["promtool", "check", "metrics"], input=file.read_bytes(), capture_output=True, timeout=60)
    return [line for line in (lint.stdout + lint.stderr).decode().splitlines() if line]


@pytest.mark.parametrize("page", ["exporter", "otlp"])
def test_every_metric_that_the_page_names_is_published(page: str) -> None:
    published: set[str] = set()
    for file in ALL:
        for family in parse_text(file.read_text()):
            published |= {family.name, *(sample.name for sample in family.samples)}
    named = set(re.findall(r"\b((?:mixdesk|node|container)_[a-z]\w*|DCGM_FI_DEV_\w+)", pages.page(page)))
    assert len(named) > 4
    assert not named - published - {"node_exporter"}
