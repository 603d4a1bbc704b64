"""What dashboards and rules both say is one thing: what is called hot, full, old or broken, and what is recorded."""

from __future__ import annotations

import re
import warnings
from types import ModuleType

import alert_rules
import promql
import pytest
import yaml

import dashboards

LOKI_RULES = alert_rules.ROOT / "loki" / "rules" / "fake" / "logs.yaml"
RULES = {rule.name: rule for rule in alert_rules.rules()}
EXPRESSIONS = [
    (asked.where, asked.query)
    for file in dashboards.files()
    for asked in dashboards.queries(dashboards.load(file))
    if asked.kind == "prometheus"
]


class Generator:
    """The modules of the generator that hold such a fact."""

    hosts: ModuleType
    lines: ModuleType
    logs: ModuleType
    tables: ModuleType


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Generator:
    monkeypatch.syspath_prepend(str(dashboards.FOLDER.parent))
    with warnings.catch_warnings():
        # The SDK would rather have dashboards of the newer form, which Grafana does not load from files.
        warnings.simplefilter("ignore", DeprecationWarning)
        from mixdesk_dashboards import tables
        from mixdesk_dashboards.hosts import asked as hosts
        from mixdesk_dashboards.logs import asked as logs
        from mixdesk_dashboards.logs import lines
    found = Generator()
    found.hosts, found.lines, found.logs, found.tables = hosts, lines, logs, tables
    return found


def test_what_is_recorded_is_asked_for() -> None:
    asked = {name for _, query in EXPRESSIONS for name in promql.metrics_in(query)}
    recorded = [rule.name for rule in alert_rules.rules() if rule.kind == "record"]
    assert recorded and [name for name in recorded if name not in asked] == []


@pytest.mark.parametrize(
    ("alert", "of"), [("GpuXidCritical", "XID_OF_THE_GPU"), ("GpuXidApplication", "XID_OF_A_PROGRAM")]
)
def test_xids(made: Generator, alert: str, of: str) -> None:
    (pattern,) = re.findall(r'xid=~"([^"]+)"', RULES[alert].expr)
    assert list(getattr(made.hosts, of)) == [xid for xid in range(1000) if re.fullmatch(pattern, str(xid))]


def test_file_systems(made: Generator) -> None:
    of_rules = {found for rule in RULES.values() for found in re.findall(r'fstype!~"[^"]+"', rule.expr)}
    of_panels = {found for _, query in EXPRESSIONS for found in re.findall(r'fstype!~"[^"]+"', query)}
    assert of_rules == of_panels == {made.hosts.DISKS}


def test_a_hot_gpu(made: Generator) -> None:
    (limit,) = re.findall(r"mixdesk_gpu_temperature_celsius > (\d+)", RULES["GpuTemperatureHigh"].expr)
    assert int(limit) == made.hosts.HOT


@pytest.mark.parametrize("alert", ["CheckpointTooOld", "CheckpointNever"])
def test_an_old_checkpoint(made: Generator, alert: str) -> None:
    (limit,) = re.findall(r"_timestamp_seconds\) > (\d+)", RULES[alert].expr)
    assert int(limit) == made.tables.TOO_OLD_S


def test_a_burst_of_errors(made: Generator) -> None:
    groups = yaml.safe_load(LOKI_RULES.read_text())["groups"]
    (burst,) = (rule for group in groups for rule in group["rules"] if rule["alert"] == "LogErrorBurst")
    limit = re.search(r"> (\d+)\s*$", burst["expr"])
    assert limit and int(limit[1]) == made.lines.BURST
    (stream,) = re.findall(r"count_over_time\((.+) \[5m\]", burst["expr"])
    assert stream == made.logs.ALERTING.replace('service=~"$service", ', "")
