"""The lists of alerts, docs/alerts.md and docs/runbooks/README.md: all of them, as they are."""

from __future__ import annotations

import re

import alert_rules
import pages
import pytest
import yaml

LOGS = yaml.safe_load((alert_rules.ROOT / "loki" / "rules" / "fake" / "logs.yaml").read_text())
ROW = re.compile(r"^\| \[(\w+)\]\(runbooks/(\w+)\.md\) \| (\w+) \| ([\w ]+) \| (.+) \|$", re.MULTILINE)


def shipped() -> dict[str, tuple[str, str]]:
    """Severity and time of each alert."""
    files = [yaml.safe_load(file.read_text()) for file in alert_rules.rule_files()]
    rules = [rule for file in (*files, LOGS) for group in file["groups"] for rule in group["rules"]]
    return {
        rule["alert"]: (rule["labels"]["severity"], rule.get("for", "at once")) for rule in rules if "alert" in rule
    }


def test_every_alert_is_listed_as_it_is() -> None:
    rows = ROW.findall(pages.page("alerts"))
    assert {name: (severity, after) for name, _, severity, after, _ in rows} == shipped()
    assert [name for name, page, *_ in rows if name != page] == []
    assert len(rows) == len(shipped()), "one is listed twice"


def test_an_alert_stands_among_those_of_its_kind() -> None:
    components = {rule.name: rule.labels["component"] for rule in alert_rules.alerts()}
    parts = re.split(r"^### ", pages.page("alerts").split("## Which need what")[0], flags=re.MULTILINE)[1:]
    kinds = [{components.get(name, "log") for name, *_ in ROW.findall(part)} for part in parts]
    assert [len(kind) for kind in kinds] == [1] * len(kinds)


def test_every_runbook_is_in_the_index_and_says_the_same() -> None:
    index = (alert_rules.RUNBOOKS / "README.md").read_text()
    rows = dict(re.findall(r"^\| \[(\w+)\]\(\1\.md\) \| (.+) \|$", index, re.MULTILINE))
    assert rows == {name: when for name, _, _, _, when in ROW.findall(pages.page("alerts"))}


@pytest.mark.parametrize("severity", ["critical", "warning", "info", "none"])
def test_severities_are_explained(severity: str) -> None:
    assert re.search(rf"^\| {severity} \| \w", pages.page("alerts"), re.MULTILINE)
    assert severity in {found for found, _ in shipped().values()}
