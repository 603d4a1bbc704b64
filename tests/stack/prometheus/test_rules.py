"""All rules for Prometheus: each alert is named once, says enough, leads to its page, is tested, and asks for what
there is."""

from __future__ import annotations

import re
from collections import Counter

import alert_rules
import promql
import pytest
import yaml
from alert_rules import ROOT, RUNBOOKS, Rule

ALERTS = alert_rules.alerts()
RULES = alert_rules.rules()
SEVERITIES = {"critical", "warning", "info", "none"}
COMPONENTS = {"exporter", "host", "gpu", "job", "checkpoint", "asset", "desk", "telemetry", "log"}
ALWAYS = {"Watchdog"}  # fires always: there is no before and no after
each_alert = pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule.name)
each_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)


def test_names_are_those_of_one_alert() -> None:
    of_logs = yaml.safe_load((ROOT / "loki" / "rules" / "fake" / "logs.yaml").read_text())["groups"]
    names = [rule.name for rule in RULES] + [rule["alert"] for group in of_logs for rule in group["rules"]]
    assert [name for name, count in Counter(names).items() if count > 1] == []


@each_alert
def test_an_alert_says_how_bad_it_is_and_of_what(rule: Rule) -> None:
    assert re.fullmatch(r"([A-Z][a-z0-9]+)+", rule.name)
    assert rule.labels["severity"] in SEVERITIES
    assert rule.labels["component"] in COMPONENTS
    # a label with a value in it makes another alert of each value
    assert "$value" not in str(rule.labels) and ".Value" not in str(rule.labels)


@each_alert
def test_an_alert_says_what_is_wrong_with_its_value(rule: Rule) -> None:
    summary, description = rule.annotations["summary"], rule.annotations["description"]
    assert set(rule.annotations) == {"summary", "description", "runbook_url"}
    assert summary.strip() == summary and len(summary.splitlines()) == 1 and not summary.endswith(".")
    assert "{{ $value" in description
    assert description.endswith((".", "?")) and len(description.splitlines()) == 1


@each_alert
def test_an_alert_leads_to_its_page(rule: Rule) -> None:
    assert rule.annotations["runbook_url"] == f"{{{{ $externalLabels.mixdesk_url }}}}/runbooks/{rule.name}"
    page = RUNBOOKS / f"{rule.name}.md"
    assert page.is_file(), f"{page} is missing"
    lines = page.read_text().splitlines()
    assert lines[0] == f"# {rule.name}"
    assert len([line for line in lines if line.startswith("## ")]) >= 4
    assert all(len(line) <= 120 for line in lines)


@each_rule
def test_what_a_rule_asks_for_exists(rule: Rule) -> None:
    # labels that its texts show must be left at the end; those that it is given are there
    assert promql.problems(rule.expr, result=rule.asked_labels - set(rule.labels)) == []


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.kind == "record"], ids=lambda rule: rule.name)
def test_recorded_names_have_three_parts(rule: Rule) -> None:
    assert re.fullmatch(r"[a-zA-Z_]+:[a-z][a-zA-Z0-9_]*:[a-z0-9_]+", rule.name)
    assert rule.file == "recording.yml"


INFO = (
    'topk by (job_id) ( 1, max by (job_id, name, job_type, host) (mixdesk_job_info{host!=""})'
    " or on (job_id) max by (job_id, name, job_type, host) (mixdesk_job_info) )"
)


@pytest.mark.parametrize("rule", [r for r in ALERTS if "group_left (name" in r.expr], ids=lambda rule: rule.name)
def test_a_job_is_named_by_a_desk_that_knows_its_host(rule: Rule) -> None:
    assert " ".join(rule.expr.split()).count(INFO) == rule.expr.count("group_left (name") == 1


def test_recorded_names_are_tested() -> None:
    text = (alert_rules.FOLDER / "tests" / "recording.yml").read_text()
    assert [rule.name for rule in RULES if rule.kind == "record" and f"expr: {rule.name}" not in text] == []


@pytest.mark.parametrize("rule", [r for r in ALERTS if r.name not in ALWAYS], ids=lambda rule: rule.name)
def test_an_alert_is_tested_before_and_while_and_after_it_fires(rule: Rule) -> None:
    found = [[look.fires for look in test if look.alert == rule.name] for test in alert_rules.looks()]
    whole = [fires for fires in found if True in fires and fires[0] is False and fires[-1] is False]
    assert whole, f"no test of prometheus/tests looks at {rule.name} before it fires, then, and when it is over"


def test_tests_name_alerts_that_exist() -> None:
    named = {look.alert for test in alert_rules.looks() for look in test}
    assert named == {rule.name for rule in ALERTS}
