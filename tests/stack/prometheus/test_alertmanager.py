"""alertmanager.yml: both versions take it and its examples; who hears of what; what mutes what, for real."""

from __future__ import annotations

import re
import shutil
import subprocess
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import alert_rules
import newer
import pytest
import yaml
from alertmanager import Alertmanager, programs

FILE = alert_rules.FOLDER / "alertmanager.yml"
TEXT = FILE.read_text()
CONFIG = yaml.safe_load(TEXT)
# as somebody has it who takes every example
OPENED = re.sub(r"^( *)#~ ", r"\1", TEXT, flags=re.MULTILINE)
NEWEST = newer.program("prometheus-alertmanager", "amtool")
INSTALLED = shutil.which("amtool") or NEWEST
AMTOOLS = {".".join(map(str, newer.version(path))): path for path in (INSTALLED, NEWEST)}
both = pytest.mark.parametrize("amtool", AMTOOLS.values(), ids=AMTOOLS.keys())
LOG_RULES = alert_rules.ROOT / "loki" / "rules" / "fake" / "logs.yaml"
LOG_ALERTS = {
    rule["alert"]: rule["labels"]
    for group in yaml.safe_load(LOG_RULES.read_text())["groups"]
    for rule in group["rules"]
}
SHIPPED = {rule.name: rule.labels for rule in alert_rules.alerts()} | LOG_ALERTS


def told(amtool: str, *arguments: str) -> str:
    done = subprocess.run([amtool, *arguments], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def written(folder: Path, text: str) -> str:
    path = folder / "alertmanager.yml"
    path.write_text(text)
    return str(path)


@both
def test_both_versions_take_it(amtool: str) -> None:
    assert "1 receivers" in told(amtool, "check-config", str(FILE))


@both
def test_the_examples_are_right(amtool: str, tmp_path: Path) -> None:
    # webhooks have a url_file since 0.26, as docs/alerts.md says
    old = newer.version(amtool) < (0, 26)
    text = re.sub(r"- url_file: \S+", "- url: http://localhost/", OPENED) if old else OPENED
    assert "4 receivers" in told(amtool, "check-config", written(tmp_path, text))


ROUTES = [
    ({"alertname": "Watchdog", "severity": "none"}, "desk", "desk,heartbeat"),
    ({"alertname": "JobLost", "severity": "critical", "job_id": "a1"}, "desk", "desk,people-at-once"),
    ({"alertname": "AssetInError", "severity": "warning", "asset": "rvc"}, "desk", "desk,people"),
    ({"alertname": "JobBehindSchedule", "severity": "info"}, "desk", "desk"),
    ({"alertname": "OfTheUser"}, "desk", "desk"),
]


@pytest.mark.parametrize(("labels", "shipped", "opened"), ROUTES, ids=lambda value: str(value))
def test_who_hears_of_what(labels: dict[str, str], shipped: str, opened: str, tmp_path: Path) -> None:
    arguments = [f"{name}={value}" for name, value in labels.items()]
    for text, expected in ((TEXT, shipped), (OPENED, opened)):
        file = written(tmp_path, text)
        said = told(NEWEST, "config", "routes", "test", f"--config.file={file}", *arguments)
        assert said.strip() == expected


def test_the_desk_hears_each_alert_by_itself_and_before_it_forgets_it() -> None:
    route = CONFIG["route"]
    assert route["group_by"] == ["..."]
    # 15 minutes are the desk's; one repetition may be missed
    assert alert_rules.seconds(route["repeat_interval"]) + alert_rules.seconds(route["group_interval"]) <= 900 / 2
    (watchdog,) = (one for one in route["routes"] if "matchers" in one)
    assert alert_rules.seconds(watchdog["repeat_interval"]) + alert_rules.seconds(watchdog["group_interval"]) <= 300 / 3
    (hook,) = CONFIG["receivers"][0]["webhook_configs"]
    assert hook["send_resolved"] is True
    assert hook["http_config"]["authorization"] == {"credentials_file": "/run/secrets/reporter"}


def test_a_body_of_the_most_alerts_stays_small() -> None:
    (hook,) = CONFIG["receivers"][0]["webhook_configs"]
    # the address of an alert holds its expression; 600 bytes for labels and for what stands around them
    largest = max(
        len(urllib.parse.quote_plus(rule.expr)) + len(str(rule.annotations)) + 600 for rule in alert_rules.alerts()
    )
    assert hook["max_alerts"] * largest < 512 * 1024


# -- what mutes what -------------------------------------------------------------------------------------


def matched(matchers: list[str]) -> set[str]:
    """The shipped alerts that matchers on alertname, severity and component take; others ask for more."""
    found = set(SHIPPED)
    for matcher in (one for one in matchers if one.startswith(("alertname", "severity", "component"))):
        parts = re.fullmatch(r'(\w+)(=~|!=|=)"([^"]+)"', matcher)
        assert parts is not None, matcher
        label, operator, value = parts.groups()
        found = {name for name in found if _matches(({"alertname": name} | SHIPPED[name])[label], operator, value)}
    return found


def _matches(actual: str, operator: str, value: str) -> bool:
    if operator == "=~":
        return re.fullmatch(value, actual) is not None
    return (actual == value) is (operator == "=")


@pytest.mark.parametrize("rule", CONFIG["inhibit_rules"], ids=lambda rule: " ".join(rule["source_matchers"]))
def test_muting_names_alerts_that_exist(rule: dict[str, Any]) -> None:
    for matcher in [*rule["source_matchers"], *rule["target_matchers"]]:
        if matcher.startswith("alertname"):
            assert set(matcher.split('"')[1].split("|")) <= set(SHIPPED), matcher
    assert matched(rule["source_matchers"]) and matched(rule["target_matchers"])


def labels_of(alert: str) -> set[str]:
    """The labels that an alert has in its tests; of one on logs those that its sum leaves."""
    if alert in LOG_ALERTS:
        text = LOG_RULES.read_text()
        by = re.search(r"sum by \(([^)]*)\)", text[text.index(f"alert: {alert}\n") :])
        assert by is not None
        return set(by[1].split(", "))
    tests = [test for file in alert_rules.test_files() for test in yaml.safe_load(file.read_text())["tests"]]
    looks = [look for test in tests for look in test.get("alert_rule_test", []) if look["alertname"] == alert]
    return {name for look in looks for one in look.get("exp_alerts") or [] for name in one.get("exp_labels", {})}


NAMED = [rule for rule in CONFIG["inhibit_rules"] if "severity" not in str(rule["source_matchers"])]


@pytest.mark.parametrize("rule", NAMED, ids=lambda rule: " ".join(rule["source_matchers"]))
def test_muting_compares_labels_that_are_there(rule: dict[str, Any]) -> None:
    # what both lack would be equal: one disk that is full would mute those of all hosts
    for alert in matched(rule["source_matchers"]):
        assert set(rule["equal"]) <= labels_of(alert), alert
    if not rule["equal"]:
        # one certain target of one certain source
        assert [re.split("=~?|!=", one)[0] for one in rule["source_matchers"]] == ["alertname", "instance"]
        assert [re.split("=~?|!=", one)[0] for one in rule["target_matchers"]] == ["alertname", "receiver_name"]


def test_the_desk_that_mutes_its_receiver_is_the_one_that_it_sends_to() -> None:
    ((source, target),) = (
        (r["source_matchers"], r["target_matchers"]) for r in CONFIG["inhibit_rules"] if not r["equal"]
    )
    (hook,) = CONFIG["receivers"][0]["webhook_configs"]
    scraped = yaml.safe_load((alert_rules.FOLDER / "prometheus.yml").read_text())["scrape_configs"][0]
    address = source[1].split('"')[1]
    assert urllib.parse.urlsplit(hook["url"]).netloc == address
    assert scraped["job_name"] == "mixdesk" and scraped["static_configs"] == [{"targets": [address]}]
    assert target[1].split('"')[1] == CONFIG["receivers"][0]["name"]


A, B = {"job_id": "a1"}, {"job_id": "b2"}
HERE, THERE = {"instance": "box1:9771"}, {"instance": "box2:9771"}
AM = {"instance": "alertmanager:9093", "integration": "webhook"}
DISK = {"device": "/dev/sda1", "mountpoint": "/"}
STANDING: list[tuple[str, dict[str, str]]] = [
    ("JobLost", A),
    ("ExporterDown", HERE),
    ("DeskDown", {"instance": "desk:9770"}),
    ("AssetFlapping", {"instance": "desk2:9770", "asset": "rvc"}),
    ("HostDiskFull", {**THERE, **DISK}),
    ("JobStalled", {"job_id": "c3"}),
    ("GpuThermalSlowdown", {**THERE, "UUID": "GPU-a", "gpu": "0", "reason": "hw_thermal"}),
    ("AlertmanagerNotificationsFailing", {**AM, "receiver_name": "people"}),
    ("VoiceEngineOutOfMemory", {"platform": "p", "host": "h", "service": "voice-engine", "source": "error"}),
]
MUTED: list[tuple[str, dict[str, str], bool]] = [
    ("JobStalled", A, True),
    ("JobStalled", B, False),
    ("CheckpointTooOld", A, True),
    ("CheckpointTooOld", B, True),  # by the stall
    ("CheckpointTooOld", {"job_id": "d4"}, False),
    ("CheckpointNever", A, True),
    ("CheckpointFailed", A, False),
    ("JobFailed", A, False),
    ("CheckpointRequestNotServed", {"job_id": "c3"}, True),
    ("HostMemoryLow", HERE, True),
    ("HostMemoryLow", THERE, False),
    ("GpuMissing", HERE, True),
    ("AssetInError", {"instance": "desk:9770", "asset": "rvc"}, True),
    ("AssetInError", {"instance": "desk2:9770", "asset": "rvc"}, True),
    ("AssetInError", {"instance": "desk2:9770", "asset": "bark"}, False),
    ("HostDiskAlmostFull", {**THERE, **DISK}, True),
    ("HostDiskAlmostFull", {**THERE, "device": "/dev/sdb1", "mountpoint": "/data"}, False),
    ("HostDiskFillingUp", {**THERE, **DISK}, True),
    ("GpuThermalLimit", {**THERE, "UUID": "GPU-a", "gpu": "0", "reason": "sw_thermal"}, True),
    ("GpuThermalLimit", {**THERE, "UUID": "GPU-b", "gpu": "1", "reason": "sw_thermal"}, False),
    ("AlertmanagerNotificationsFailing", {**AM, "receiver_name": "desk"}, True),
    ("LogErrorBurst", {"platform": "p", "host": "h", "service": "voice-engine"}, True),
    ("LogErrorBurst", {"platform": "p", "host": "h", "service": "api"}, False),
]


def alert(name: str, labels: dict[str, str]) -> dict[str, Any]:
    return {"labels": {"alertname": name, **SHIPPED[name], **labels}}


@pytest.fixture(scope="module", params=programs(), ids=lambda path: ".".join(map(str, newer.version(path))))
def states(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[dict[str, Any]]]:
    """All alerts as an Alertmanager holds them that was told of these; nobody listens where it sends them."""
    text = TEXT.replace("http://desk:9770", "http://127.0.0.1:9")
    manager = Alertmanager(tmp_path_factory.mktemp("alertmanager"), text, program=request.param).start()
    try:
        given = [alert(*one) for one in STANDING] + [alert(name, labels) for name, labels, _ in MUTED]
        manager.tell(*given)
        manager.wait_for(lambda: len(manager.api("alerts")) == len(given), "all are there")
        manager.wait_for(lambda: any(one["status"]["inhibitedBy"] for one in manager.api("alerts")), "one is muted")
        yield manager.api("alerts")
    finally:
        manager.close()


@pytest.mark.process
@pytest.mark.parametrize(("name", "labels", "is_muted"), MUTED, ids=lambda value: str(value))
def test_what_follows_is_muted_and_nothing_else(
    states: list[dict[str, Any]], name: str, labels: dict[str, str], is_muted: bool
) -> None:
    (found,) = (one for one in states if one["labels"] == alert(name, labels)["labels"])
    assert bool(found["status"]["inhibitedBy"]) is is_muted


@pytest.mark.process
def test_what_is_the_reason_is_told(states: list[dict[str, Any]]) -> None:
    for name, labels in STANDING:
        (found,) = (one for one in states if one["labels"] == alert(name, labels)["labels"])
        assert not found["status"]["inhibitedBy"], name
