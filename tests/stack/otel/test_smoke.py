"""scripts/smoke, as far as it goes without images that must be pulled: what it asks, of a real desk and a real
Prometheus; what it gives Compose; and that it always cleans up."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any

import compose_program
import logql
import promql
import pytest
import requests
import traceql
import yaml
from alert_inbox import told, webhook
from forker import Forker
from live_desk import Desk, free_port, wait_until
from observability import FILE, ROOT, shipped
from one_answerer import OneAnswerer
from prometheus import Prometheus

SMOKE = ROOT / "scripts/smoke"


@pytest.fixture(scope="module")
def smoke() -> ModuleType:
    loader = SourceFileLoader("smoke", str(SMOKE))
    spec = importlib.util.spec_from_loader("smoke", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    written, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        loader.exec_module(module)
    finally:
        sys.dont_write_bytecode = written
    return module


# -- what Compose gets -----------------------------------------------------------------------------------------


class Foreign:
    """A host on which much is set, in .env and in the environment; and the socket is elsewhere."""

    ENV = (
        "COMPOSE_PROFILES=\nMIXDESK_PORT=9770\nMIXDESK_NET=10.1.2\nMIXDESK_LOG_PROJECTS=shop\nMIXDESK_DOCKER_GID=977\n"
        "MIXDESK_DOCKER_SOCKET='/run/user/1000/docker.sock'\nMIXDESK_PROMETHEUS_URL=http://foreign:9090\n"
        "MIXDESK_NOTIFY__URL=https://foreign.example/hook\nMIXDESK_METERS__SOURCES=http://foreign:9771\n"
    )
    ENVIRON = {"MIXDESK_LOKI_URL": "http://foreign:3100", "MIXDESK_BIND": "0.0.0.0", "COMPOSE_PROFILES": "gpu"}


@pytest.fixture(scope="module")
def project(smoke: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What Compose makes of its files and variables, on a host with settings of its own."""
    program = compose_program.program()
    assert program is not None, "needs Docker Compose: scripts/newer-packages"
    root, folder = tmp_path_factory.mktemp("root"), tmp_path_factory.mktemp("own")
    shutil.copy(ROOT / FILE, root)
    (root / ".env").write_text(Foreign.ENV)
    docker = folder / "docker"
    docker.write_text(f'#!/bin/sh\nshift\nexec {program} "$@" >{folder}/said\n')
    docker.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(smoke, "ROOT", root)
        patch.setattr(smoke, "free_port", lambda: 12345)
        patch.setenv("PATH", f"{folder}:/usr/bin:/bin")
        for name, value in Foreign.ENVIRON.items():
            patch.setenv(name, value)
        assert smoke.Stack(folder).compose("config", "--format", "json") == 0
    found = json.loads((folder / "said").read_text())
    assert isinstance(found, dict)
    return found


def test_all_of_the_stack_runs(project: dict[str, Any]) -> None:
    wanted = {
        "desk",
        "exporter",
        "proxy",
        "prometheus",
        "alertmanager",
        "grafana",
        "loki",
        "alloy",
        "tempo",
        "collector",
    }
    assert wanted <= set(project["services"])
    desk = project["services"]["desk"]["environment"]
    assert desk["MIXDESK_LOKI__URL"] == "http://loki:3100" and desk["MIXDESK_OTEL__ENDPOINT"] == "http://collector:4318"
    assert desk["MIXDESK_SERVER__PUBLIC_URL"] == "http://localhost:12345"
    assert project["services"]["proxy"]["ports"][0]["published"] == "12345"


def test_it_meets_no_other_stack_on_the_host(project: dict[str, Any], smoke: ModuleType) -> None:
    for kind in ("networks", "volumes"):
        assert all(one["name"].startswith(smoke.PROJECT) for one in project[kind].values()), kind
    subnets = [pool["subnet"] for one in project["networks"].values() for pool in one["ipam"].get("config", ())]
    assert subnets and all(subnet.startswith("10.213.78.") for subnet in subnets)
    tags = [service["image"] for service in project["services"].values() if "build" in service]
    assert tags and all(tag.endswith(":smoke") for tag in tags)


def test_nothing_of_what_is_set_here_leaks_into_it(project: dict[str, Any]) -> None:
    """A webhook above all: a smoke test would write to somebody's channel."""
    assert "foreign" not in json.dumps(project)
    assert not any(name.startswith("MIXDESK_NOTIFY") for name in project["services"]["desk"]["environment"])
    assert project["services"]["proxy"]["ports"][0]["host_ip"] == "127.0.0.1"


def test_the_engine_of_this_host_is_its_engine(project: dict[str, Any]) -> None:
    engine = project["services"]["docker-filter"]
    assert engine["group_add"] == ["977"]
    assert "/run/user/1000/docker.sock" in {volume["source"] for volume in engine["volumes"]}


def test_its_variables_are_those_of_the_file(smoke: ModuleType) -> None:
    settings = dict(line.split("=", 1) for line in smoke.SETTINGS.split())
    known = {*re.findall(r"\$\{(\w+)", (ROOT / FILE).read_text()), "COMPOSE_PROFILES"}
    assert set(settings) <= known
    profiles = {one for service in shipped()["services"].values() for one in service.get("profiles", ())}
    assert set(settings["COMPOSE_PROFILES"].split(",")) <= profiles


def test_what_it_asks_exists() -> None:
    text = SMOKE.read_text()
    routes = {tuple(route) for route in json.loads((ROOT / "tests/control/contract_routes.json").read_text())}
    asked = set(re.findall(r'stack\.ask\(f?"(/[a-z/]+)', text))
    assert {("GET", path) for path in asked if not path.startswith("/grafana/")} <= routes
    sources = yaml.safe_load((ROOT / "grafana/provisioning/datasources/mixdesk.yaml").read_text())["datasources"]
    named = {*re.findall(r'stack\.count\(".+", "(\w+)"', text), *re.findall(r"proxy/uid/(\w+)/", text)}
    assert named == {"prometheus", "loki", "tempo"} and named <= {source["uid"] for source in sources}


def test_its_log_is_what_alloy_ships_of_this_desk_alone(smoke: ModuleType, project: dict[str, Any]) -> None:
    """Of another stack on the host no container counts, and of this one no other service."""
    (selector,) = re.findall(r"\{(.*)\}", smoke.LINES)
    asked = dict(re.findall(r'(\w+)="(\w+)"', selector))
    assert set(asked) == {"service", "source"} and asked["service"] in project["services"]
    shipper = (ROOT / "loki/docker.alloy").read_text()
    assert f'replacement  = "{asked["source"]}"' in shipper
    assert 'coalesce(sys.env("MIXDESK_PROJECT")' in shipper
    assert project["services"]["alloy"]["environment"]["MIXDESK_PROJECT"] == smoke.PROJECT


def test_its_queries_are_right(smoke: ModuleType) -> None:
    text = SMOKE.read_text()
    assert promql.problems(smoke.JOBS) == promql.problems(smoke.PHASES) == logql.problems(smoke.LINES) == []
    emitted = set(re.findall(r'"(mixdesk\.[a-z.]+)"', (ROOT / "control/mixdesk_control/jobs/spans.py").read_text()))
    (query,) = re.findall(r"'(\{\{ span.*\}\})'", text)
    assert (
        traceql.problems(re.sub(r"\{(job\(stack\))\}", "ID", query).replace("{{", "{").replace("}}", "}"), emitted)
        == []
    )


# -- what it asks, and what it makes of the answers --------------------------------------------------------------


@pytest.fixture(scope="module")
def answerer(forker: Forker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OneAnswerer]:
    """With a job that succeeded, an alert and their metrics."""
    folder = tmp_path_factory.mktemp("answers")
    (folder / "secrets").mkdir()
    (folder / ".env").touch()
    desk = Desk(folder / "state", free_port())
    targets = f"scrape_configs: [{{job_name: mixdesk, static_configs: [{{targets: ['127.0.0.1:{desk.port}']}}]}}]"
    prometheus = Prometheus(folder / "prometheus", f"global: {{scrape_interval: 1s}}\n{targets}\n")
    answerer = OneAnswerer(desk.url, prometheus, folder)
    try:
        desk.start()
        env = {"MIXDESK_STATE_DIR": str(desk.state)}
        status, text = forker.run("traced:train", folder / "out", str(folder / "kept"), "", env=env)
        assert status == 0, text
        shutil.copy(desk.state / "tokens/viewer", folder / "secrets/viewer")
        body = webhook(told(alertname="Watchdog", severity="none"))
        headers = {"Authorization": f"Bearer {desk.token('reporter')}"}
        requests.post(f"{desk.url}/admin/alerts/webhook", json=body, headers=headers, timeout=60).raise_for_status()
        prometheus.start()
        (job,) = desk.jobs()
        answerer.traces[job["job_id"]] = {"rootTraceName": f"job {job['job_type']}", "durationMs": 61_000}
        wait_until(lambda: prometheus.query('mixdesk_jobs_finished_total{outcome="succeeded"} > 0'), "a scrape")
        yield answerer
    finally:
        answerer.close()
        prometheus.close()
        desk.close()


@pytest.fixture
def stack(smoke: ModuleType, answerer: OneAnswerer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(smoke, "ROOT", answerer.root)
    monkeypatch.setattr(smoke, "free_port", lambda: answerer.port)
    return smoke.Stack(tmp_path)


def test_a_well_stack_passes_but_for_what_is_not_here(
    smoke: ModuleType, stack: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(smoke, "PATIENCE_S", 0.0)
    assert smoke.ask_all(stack) is False, "no collector counts spans here"
    rows = {line[:13].strip(): line[14:] for line in capsys.readouterr().out.splitlines()[2:]}
    verdicts = {name: row.split()[0] for name, row in rows.items()}
    assert verdicts == dict.fromkeys(("job", "panel", "metrics", "logs", "trace", "alert"), "ok") | {
        "span metrics": "FAILED"
    }
    assert rows["trace"].endswith("job training_fine_tune, 61 s") and rows["logs"].endswith("12 lines of the desk")


def test_what_is_missing_is_said(smoke: ModuleType, stack: Any, answerer: OneAnswerer) -> None:
    traces, answerer.traces, answerer.lines = answerer.traces, {}, None
    try:
        for name, found in (("logs", "0 lines of the desk"), ("trace", "Tempo has no trace of the job")):
            well, said = smoke.patiently(smoke.CHECKS[name], stack, time.monotonic())
            assert not well and found in said, said
        well, said = smoke.patiently(lambda one: one.ask("/jobs/nobody"), stack, time.monotonic())
        assert not well and "404" in said and "/jobs/nobody" in said
    finally:
        answerer.traces, answerer.lines = traces, 12.0


# -- what it leaves behind ---------------------------------------------------------------------------------------


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Its own copy of the files."""
    root = tmp_path / "root"
    for name in ("scripts/smoke", "scripts/compose-secrets", FILE, ".env.example"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, root / name)
    (root / ".env").write_text("MIXDESK_DOCKER_GID=999\nMIXDESK_DOCKER_SOCKET=%s\n" % (tmp_path / "docker.sock"))
    with socket.socket(socket.AF_UNIX) as engine:
        engine.bind(str(tmp_path / "docker.sock"))
    return root


def started(root: Path, up: str, keep: str = "") -> subprocess.Popen[str]:
    """With a `docker` that notes what it is asked, and does this for `up`."""
    programs = root.parent / "bin"
    programs.mkdir()
    asked = root.parent / "asked"
    (programs / "docker").write_text(f'#!/bin/sh\necho "$@" >>{asked}\ncase "$*" in *" up "*) {up};; esac\n')
    (programs / "docker").chmod(0o755)
    env = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}", "KEEP": keep}
    return subprocess.Popen([sys.executable, root / "scripts/smoke"], env=env, stderr=subprocess.PIPE, text=True)


def asked(root: Path) -> list[list[str]]:
    """The words of each call, after those that name the project."""
    said = root.parent / "asked"
    return [line.split("override.yml ")[1].split() for line in said.read_text().splitlines()] if said.exists() else []


DOWN = ["down", "--volumes", "--remove-orphans"]


@pytest.mark.parametrize(("keep", "last"), [("", DOWN), ("1", ["logs", "--tail", "20"])])
def test_a_start_that_fails_is_shown_and_cleaned_up(root: Path, keep: str, last: list[str]) -> None:
    program = started(root, "exit 1", keep)
    _, error = program.communicate(timeout=60)
    assert program.returncode == 1, error
    calls = asked(root)
    assert [words[0] for words in calls][:3] == ["up", "ps", "logs"] and calls[-1] == last
    assert {"--build", "--wait", "--detach"} <= set(calls[0])


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_whoever_ends_it_leaves_nothing_behind(root: Path, how: signal.Signals) -> None:
    program = started(root, "exec sleep 600")
    wait_until(lambda: asked(root), "its start")
    program.send_signal(how)
    _, error = program.communicate(timeout=60)
    assert program.returncode != 0 and asked(root)[-1] == DOWN, error
    (folder,) = {line.split()[4] for line in (root.parent / "asked").read_text().splitlines()}
    assert folder.endswith("/env") and not Path(folder).parent.exists()
