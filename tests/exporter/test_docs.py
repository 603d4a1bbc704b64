"""docs/exporter.md names every collector and flag, and no other."""

from __future__ import annotations

import re
from pathlib import Path

from mixdesk_exporter import app, options, peaks, scrape
from mixdesk_exporter.serving import protocol

PAGE = (Path(__file__).parents[2] / "docs" / "exporter.md").read_text()
ROWS = re.findall(r"^\| `(\w+)` \| .* \| (once a second|when scraped) \|$", PAGE, re.MULTILINE)


def test_collectors() -> None:
    collectors = options.host_sampler(options.Options()).collectors
    pace = {True: "once a second", False: "when scraped"}
    assert sorted(ROWS) == sorted((collector.name, pace[collector.live]) for collector in collectors)


def test_flags() -> None:
    flags = {flag for action in app._parser()._actions for flag in action.option_strings} - {"-h", "--help"}
    table = "".join(re.findall(r"^\| `--.*$", PAGE, re.MULTILINE))
    assert set(re.findall(r"--[a-z-]+", table.replace("`--rootfs`.", ""))) == flags


def test_metrics_that_are_named_exist() -> None:
    snapshot = options.host_sampler(options.Options(demo_gpus=1)).snapshot(0)
    followed = {descriptor.sample for descriptor in (peaks.CPU, peaks.GPU)}
    published = {family.descriptor.sample for family in snapshot.families()} | followed
    named = set(re.findall(r"`(mixdesk_[a-z]\w*|node_[a-z]\w*)`", PAGE)) - {"node_exporter"}
    assert len(named) > 4
    assert not named - published


def test_numbers() -> None:
    assert f"more than {scrape.MOST_WAITING} that wait" in PAGE
    assert f"beyond {protocol.MOST_CONNECTIONS} connections" in PAGE
    assert f"127.0.0.1:{app.PORT}" in PAGE
