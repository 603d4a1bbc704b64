"""From a trainer that is killed to the desk's list of alerts: real desk, Prometheus and Alertmanager, with the shipped
rules and configuration. Only addresses and waiting times are others."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from alertmanager import Alertmanager
from live_desk import Desk, free_port, wait_until
from prometheus import Prometheus
from shipped_prometheus import SHIPPED, shipped_config

RULES = ("jobs.yml", "checkpoints.yml", "assets.yml", "watchdog.yml")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("desk")
    config = folder / "mixdesk.toml"
    config.write_text("[jobs]\nlease_s = 2\nlost_fail_s = 20\n")
    made = Desk(folder / "state", free_port(), config=config)
    made.start()
    yield made
    made.close()


@pytest.fixture(scope="module")
def alertmanager(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Alertmanager]:
    text = (SHIPPED / "alertmanager.yml").read_text()
    for shipped, here in (
        ("http://desk:9770", desk.url),
        ("/run/secrets/reporter", str(desk.state / "tokens" / "reporter")),
    ):
        assert text.count(shipped) == 1
        text = text.replace(shipped, here)
    text = re.sub(r"(group_wait|group_interval|repeat_interval): \S+", r"\1: 1s", text)
    made = Alertmanager(tmp_path_factory.mktemp("alertmanager"), text)
    yield made.start()
    made.close()


@pytest.fixture(scope="module")
def prometheus(
    desk: Desk, alertmanager: Alertmanager, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Prometheus]:
    folder = tmp_path_factory.mktemp("prometheus")
    (folder / "rules").mkdir()
    for name in RULES:
        text = (SHIPPED / "rules" / name).read_text()
        (folder / "rules" / name).write_text(re.sub(r"( (?:keep_firing_)?for): \S+", r"\1: 1s", text))
    # what it tells before it has found its Alertmanager is lost; it says so again a minute later, if not told otherwise
    made = Prometheus(folder, "", "--rules.alert.resend-delay=2s")
    config = shipped_config(
        {"mixdesk": [(f"127.0.0.1:{desk.port}", "desk")]},
        rules=folder / "rules",
        tells=alertmanager.address,
        token=desk.state / "tokens" / "scraper",
        public_url=desk.url,
    )
    made.configure(config)
    made.start()
    yield made
    made.close()


@pytest.fixture
def look(desk: Desk, prometheus: Prometheus) -> Callable[..., dict[str, Any] | None]:
    """An alert as the desk lists it, of a job; None while it lists none."""

    def find(alert: str, job_id: str, state: str = "firing") -> dict[str, Any] | None:
        items = desk.get(f"/admin/alerts?state={state}&name={alert}", role="viewer")["items"]
        return next((item for item in items if item["labels"].get("job_id") == job_id), None)

    return find


def start(desk: Desk, name: str, folder: Path) -> tuple[Any, str]:
    """A trainer that goes on until it is told otherwise, and its job."""
    trainer = desk.trainer("--name", name, "--checkpoints", folder, "--epochs", 100_000, "--step-s", 0.02)
    (job_id,) = wait_until(lambda: running(desk, name), f"{name} runs")
    return trainer, job_id


def running(desk: Desk, name: str) -> list[str]:
    return [job["job_id"] for job in desk.get("/jobs?status=running")["items"] if job["name"] == name]


def chain(desk: Desk) -> dict[str, Any] | None:
    """What the desk knows of Alertmanager; None before it has heard of one."""
    found: dict[str, Any] | None = desk.get("/admin/alerts")["alertmanager"]
    return found


def test_a_killed_trainer_is_told_of_as_lost_and_then_as_failed(
    desk: Desk, look: Callable[..., dict[str, Any] | None], tmp_path: Path
) -> None:
    trainer, job_id = start(desk, "anton", tmp_path)
    wait_until(lambda: (chain(desk) or {}).get("watchdog_at"), "the Watchdog has come")
    trainer.send_signal(signal.SIGKILL)
    desk.trainers.remove(trainer)
    trainer.communicate()
    lost = wait_until(lambda: look("JobLost", job_id), "the desk lists the loss")
    assert (lost["severity"], lost["component"], lost["state"]) == ("critical", "job", "firing")
    assert {name: lost["labels"].get(name) for name in ("name", "job_type", "mixdesk_url")} == {
        "name": "anton",
        "job_type": "training_rvc",
        "mixdesk_url": None,
    }
    assert lost["summary"].startswith("Job anton on ") and job_id in lost["description"]
    assert lost["annotations"]["runbook_url"] == f"{desk.url}/runbooks/JobLost"
    page = requests.get(lost["annotations"]["runbook_url"], timeout=30)
    assert page.status_code == 200 and "JobLost" in page.text
    wait_until(lambda: look("JobFailed", job_id), "the desk lists the failure")
    wait_until(lambda: look("JobLost", job_id, "resolved"), "the loss is over")
    assert look("JobLost", job_id) is None
    heard = chain(desk)
    assert heard is not None and heard["silent"] is False


def test_a_trainer_that_comes_back_ends_the_alert(
    desk: Desk, look: Callable[..., dict[str, Any] | None], tmp_path: Path
) -> None:
    trainer, job_id = start(desk, "bela", tmp_path)
    trainer.send_signal(signal.SIGSTOP)
    wait_until(lambda: look("JobLost", job_id), "the desk lists the loss")
    trainer.send_signal(signal.SIGCONT)
    wait_until(lambda: look("JobLost", job_id, "resolved"), "the loss is over")
    wait_until(lambda: running(desk, "bela"), "it runs again")
    desk.post(f"/admin/jobs/{job_id}/cancel", {})
    trainer.communicate(timeout=60)
    assert look("JobStalled", job_id, "all") is None


def test_rules_are_evaluated_without_an_error(prometheus: Prometheus) -> None:
    groups = prometheus.api("rules")["groups"]
    assert {Path(group["file"]).name for group in groups} == set(RULES)
    assert [rule["name"] for group in groups for rule in group["rules"] if rule["health"] == "err"] == []
