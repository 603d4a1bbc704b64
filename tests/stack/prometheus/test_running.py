"""The shipped prometheus.yml in a real Prometheus 3, with two real exporters that see the same GPUs before it and a
real Alertmanager behind it: what does it scrape, which alerts come out, and what do they carry?"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import alert_rules
import known_metrics
import newer
import nginx
import pytest
import yaml
from alertmanager import Alertmanager
from live_desk import free_port, wait_until
from prometheus import Prometheus
from shipped_prometheus import SHIPPED, shipped_config

pytestmark = pytest.mark.process
DESK = "https://desk.example"
COMPOSE = yaml.safe_load((SHIPPED.parent / "docker-compose.observability.yml").read_text())["services"]
OF_PROFILES = {"loki", "alloy", "promtail", "tempo", "collector"}


def features(service: str) -> list[str]:
    """What the compose file switches on: some metrics and labels are there only with it."""
    return [flag for flag in COMPOSE[service]["command"] if flag.startswith("--enable-feature")]


class Stack:
    """All below a folder; nothing else of the compose file runs."""

    def __init__(self, folder: Path) -> None:
        self.exporters = [free_port(), free_port()]
        # nobody listens there
        told = (SHIPPED / "alertmanager.yml").read_text().replace("http://desk:9770", f"http://127.0.0.1:{free_port()}")
        self.alertmanager = Alertmanager(folder / "alertmanager", told, *features("alertmanager"))
        self._processes: list[subprocess.Popen[bytes]] = []
        # what is sent before Alertmanager is found is sent again soon
        self.prometheus = Prometheus(
            folder / "prometheus", "", "--rules.alert.resend-delay=1s", *features("prometheus")
        )
        self.prometheus.configure(self.config())

    def config(self) -> str:
        """prometheus.yml with the paths and addresses of here, in a hurry."""
        tells = self.alertmanager.address
        targets = {
            # nor there: a name that does not exist would ask a name server
            "mixdesk": [(f"127.0.0.1:{free_port()}", "desk")],
            "node": [(f"127.0.0.1:{port}", f"box{number}") for number, port in enumerate(self.exporters)],
            "prometheus": [(self.prometheus.address, "prometheus")],
            "alertmanager": [(tells, "alertmanager")],
        }
        return shipped_config(targets, rules=SHIPPED / "rules", tells=tells, scrape_s=10, whole=True)

    def start(self) -> None:
        """Returns once Prometheus is ready."""
        exporter = [sys.executable, "-m", "mixdesk_exporter", "--demo-gpu", "2", "--port"]
        for port in self.exporters:
            self._processes.append(subprocess.Popen([*exporter, str(port)]))
        self.alertmanager.start()
        for port in self.exporters:
            wait_until(lambda port=port: nginx.listens(port), "the exporter listens")
        self.prometheus.start()

    def delivered(self) -> dict[str, dict[str, Any]]:
        """{name: alert} as Alertmanager has them."""
        return {alert["labels"]["alertname"]: alert for alert in self.alertmanager.api("alerts")}

    def close(self) -> None:
        """Ends all of them."""
        self.prometheus.close()
        self.alertmanager.close()
        for process in self._processes:
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    if newer.version(newer.program("prometheus"))[0] < 3:
        pytest.skip("Prometheus 3 is in no registry that this machine has")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MIXDESK_PUBLIC_URL", DESK)
        stack = Stack(tmp_path_factory.mktemp("stack"))
        try:
            stack.start()
            yield stack
        finally:
            stack.close()


def test_targets_are_those_that_there_are(stack: Stack) -> None:
    prometheus = stack.prometheus
    prometheus.wait_for(lambda: len(prometheus.query('up{job!="mixdesk"} == 1')) == 4, "it has scraped its targets")
    prometheus.wait_for(lambda: prometheus.query('up{job="mixdesk"}'), "it has tried the desk")
    up = {series["metric"]["job"]: series["value"][1] for series in prometheus.query("up")}
    assert up == {"mixdesk": "0", "node": "1", "prometheus": "1", "alertmanager": "1"}
    jobs = {job["job_name"] for job in yaml.safe_load((SHIPPED / "prometheus.yml").read_text())["scrape_configs"]}
    # a profile that is off is no target that is down
    assert jobs - set(up) == OF_PROFILES


OTHERS = dict(known_metrics.upstream())


@pytest.mark.parametrize("name", [name for name in OTHERS if name.startswith(("prometheus_", "alertmanager_"))])
def test_what_rules_take_from_others_is_there_with_its_labels(stack: Stack, name: str) -> None:
    asked, prometheus = f'{name}{{job=~"prometheus|alertmanager"}}', stack.prometheus
    prometheus.wait_for(lambda: prometheus.query(asked), f"{name} is published")
    (has,) = {frozenset(series["metric"]) for series in prometheus.query(asked)}
    assert OTHERS[name] - has == set()


def test_all_rules_are_evaluated_without_an_error(stack: Stack) -> None:
    prometheus = stack.prometheus

    def rules() -> list[dict[str, Any]]:
        return [rule for group in prometheus.api("rules")["groups"] for rule in group["rules"]]

    recorded = 'count by (UUID) ({__name__="instance_UUID:mixdesk_gpu_memory_used:ratio"}) == 2'
    prometheus.wait_for(lambda: len(prometheus.query(recorded)) == 2, "two GPUs are seen by two exporters")
    prometheus.wait_for(lambda: all(rule["health"] != "unknown" for rule in rules()), "all were evaluated")
    assert {rule["name"]: rule.get("lastError") for rule in rules() if rule["health"] != "ok"} == {}


def test_alerts_arrive_with_a_link_to_the_desk_and_without_its_label(stack: Stack) -> None:
    stack.prometheus.wait_for(lambda: "Watchdog" in stack.delivered(), "Alertmanager has the Watchdog")
    watchdog = stack.delivered()["Watchdog"]
    assert watchdog["annotations"]["runbook_url"] == f"{DESK}/runbooks/Watchdog"
    assert watchdog["labels"] == {"alertname": "Watchdog", "severity": "none", "component": "telemetry"}


def test_what_is_down_is_about_to_be_said_and_nothing_that_is_well(stack: Stack) -> None:
    prometheus = stack.prometheus

    def pending() -> set[str]:
        return {series["metric"]["alertname"] for series in prometheus.query("ALERTS")}

    prometheus.wait_for(lambda: {"DeskDown", "Watchdog"} <= pending(), "the desk is known to be down")
    # whatever else befalls this machine meanwhile, these are of what is well: GPUs, exporters, Prometheus itself
    well = {rule.name for rule in alert_rules.alerts() if rule.name.startswith(("Gpu", "Exporter", "Prometheus"))}
    assert len(well) > 10 and pending() & (well - {"ExporterAbsent"}) == set()
