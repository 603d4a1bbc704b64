"""The compose file run for real: its own images, nginx, Prometheus and Alertmanager, with every restriction it sets.

Grafana, Loki, Alloy, Tempo and the collector are in no registry here: they are not part of what runs.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import observability
import pytest
import yaml
from live_desk import wait_until
from observability import BASE, ROOT, RUN, Stack
from prometheus_client.parser import text_string_to_metric_families

# the first test makes the Debian base where there is none yet, builds the images and starts the stack
pytestmark = [pytest.mark.process, pytest.mark.timeout(900)]

SEES = ("SYS_PTRACE", "DAC_READ_SEARCH")
BITS = {"DAC_READ_SEARCH": 1 << 2, "SYS_PTRACE": 1 << 19}  # linux/capability.h
UNIX = """
import http.client, socket, sys
path, *asked = sys.argv[1:]
for method, target in zip(asked[::2], asked[1::2]):
    link = http.client.HTTPConnection("docker")
    link.sock = socket.socket(socket.AF_UNIX)
    link.sock.connect(path)
    link.request(method, target)
    print(link.getresponse().status)
    link.close()
"""
"""The status of each call to the engine: the path of a socket, then method and target of each."""

WRITTEN = ("proc/sys/kernel/core_pattern", "proc/sys/vm/drop_caches", "sys/kernel/profiling", "etc/hostname")
WRITES = """
import errno, os, sys
for path in sys.argv[1:]:
    try:
        os.close(os.open(f"/host/{path}", os.O_WRONLY))
        print("opened")
    except OSError as error:
        print(errno.errorcode[error.errno])
"""
"""How the kernel takes it where files of the host are opened for writing; nothing is written."""

TRAINER = """
import mixdesk, os, time
os.makedirs("/tmp/x", exist_ok=True)
with mixdesk.job("training_rvc", name="from-a-container") as job:
    for _ in job.track("preprocessing", range(5)):
        time.sleep(0.1)
"""


def status_of(stack: Stack, service: str) -> dict[str, str]:
    """What the kernel says of a container's first process."""
    text = Path(f"/proc/{stack.inspect(service)['State']['Pid']}/status").read_text()
    return {key: value.strip() for key, _, value in (line.partition(":") for line in text.splitlines())}


@pytest.mark.parametrize("service", RUN)
def test_each_runs_with_the_rights_that_it_should(stack: Stack, service: str) -> None:
    found, status = stack.inspect(service), status_of(stack, service)
    assert found["State"]["Health"]["Status"] == "healthy" and found["RestartCount"] == 0
    assert status["NoNewPrivs"] == "1" and status["Seccomp"] == "2"
    assert {int(status[key], 16) for key in ("CapEff", "CapPrm", "CapBnd", "CapAmb")} == {0}
    assert 0 not in map(int, status["Uid"].split())
    assert found["HostConfig"]["ReadonlyRootfs"] is True
    limits = found["HostConfig"]
    assert limits["Memory"] > 0 and limits["NanoCpus"] > 0 and limits["PidsLimit"] > 0


def test_nothing_listens_beyond_loopback(stack: Stack) -> None:
    assert stack.engine.listening() == {("127.0.0.1", 9770)}


def test_a_person_signs_in_through_the_proxy(stack: Stack) -> None:
    link = stack.compose("exec", "-T", "desk", "mixdesk", "login").splitlines()[-1]
    assert link.startswith("http://localhost:9770/ui/login/#")
    origin = {"Origin": "http://localhost:9770"}
    body = {"code": link.partition("#")[2]}
    signed = stack.ask("POST", "/auth/login", json=body, headers=origin)
    assert signed.status_code in (200, 204), signed.text
    cookie = {"Cookie": "; ".join(f"{one.name}={one.value}" for one in signed.cookies)}
    assert stack.ask("GET", "/auth/me", headers=cookie).json()["roles"] == ["admin", "operator", "viewer"]
    assert stack.ask("POST", "/auth/login", json=body, headers=origin).status_code == 401  # once
    assert stack.ask("GET", "/auth/me").status_code == 401


def test_the_link_is_in_no_log(stack: Stack) -> None:
    said = stack.compose("logs", "--no-log-prefix", "desk")
    assert "exec desk mixdesk login" in said and "/ui/login/#" not in said


def test_the_tokens_are_those_of_the_files(stack: Stack) -> None:
    for role in ("admin", "operator", "viewer", "reporter", "scraper"):
        assert role in stack.ask("GET", "/auth/me", role).json()["roles"]


def test_the_proxy_says_that_grafana_is_away(stack: Stack) -> None:
    assert stack.ask("GET", "/grafana/api/health").status_code == 502


def test_prometheus_has_its_targets_and_rules(stack: Stack) -> None:
    def up() -> bool:
        targets = stack.prometheus("targets?state=active")["activeTargets"]
        health = {target["labels"]["job"]: target["health"] for target in targets}
        return health == {"mixdesk": "up", "node": "up", "prometheus": "up", "alertmanager": "up"}

    wait_until(up, "all targets are up")
    found = {group["name"] for group in stack.prometheus("rules")["groups"]}
    files = [yaml.safe_load(file.read_text()) for file in (ROOT / "prometheus/rules").glob("*.yml")]
    assert found == {group["name"] for file in files for group in file["groups"]}


def test_the_desk_hears_of_alerts(stack: Stack) -> None:
    """From Prometheus' rules by Alertmanager, with the reporter's token: the one that fires always."""

    def heard() -> bool:
        told = stack.ask("GET", "/admin/alerts", "viewer").json()["alertmanager"]
        return bool(told and told["watchdog_at"])

    wait_until(heard, "the watchdog at the desk", 180)


def test_the_desk_wants_the_token(stack: Stack) -> None:
    """Also of Prometheus' container, and through the proxy."""
    refused = "wget -qO- http://desk:9770/metrics || echo refused"
    assert stack.shell("prometheus", "sh", "-c", refused).splitlines()[-1] == "refused"
    assert stack.ask("GET", "/metrics").status_code == 401
    assert stack.ask("GET", "/metrics", "scraper").status_code == 200


def test_the_desk_shows_this_host(stack: Stack) -> None:
    found = wait_until(lambda: stack.ask("GET", "/admin/metrics", "viewer").json().get("cpu") and host(stack), "meters")
    assert found["host"] == os.uname().nodename and found["hosts"] == [os.uname().nodename]
    assert len(found["cpu"]["cores"]) == os.cpu_count()
    assert abs(found["memory"]["total_bytes"] - memory_bytes()) < 1 << 20


def host(stack: Stack) -> dict[str, Any]:
    found = stack.ask("GET", "/admin/metrics", "viewer").json()
    assert isinstance(found, dict)
    return found


def memory_bytes() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def exported(stack: Stack, name: str = "exporter") -> dict[str, list[dict[str, str]]]:
    """The exporter's families: labels of their samples."""
    text = stack.shell("prometheus", "wget", "-qO-", f"http://{name}:9771/metrics")
    return {
        family.name: [sample.labels for sample in family.samples] for family in text_string_to_metric_families(text)
    }


def test_the_exporter_sees_the_host_and_its_containers(stack: Stack) -> None:
    wanted = {f"mixdesk-{service}-1" for service in RUN}
    wait_until(
        lambda: wanted <= {labels["name"] for labels in exported(stack).get("container_last_seen", ())},
        "all containers at the exporter",
    )
    found = exported(stack)
    assert found["node_uname_info"][0]["nodename"] == os.uname().nodename
    # interfaces of the host, and its root under its own name
    here = {link.name for link in Path("/sys/class/net").iterdir()}
    assert {labels["device"] for labels in found["node_network_receive_bytes"]} <= here
    assert "/" in {labels["mountpoint"] for labels in found["node_filesystem_size_bytes"]}


def test_the_snapshot_is_the_desks_alone(stack: Stack) -> None:
    refused = "wget -qO- http://exporter:9771/snapshot || echo refused"
    assert stack.shell("prometheus", "sh", "-c", refused).splitlines()[-1] == "refused"


def test_an_asset_is_started_and_stopped_through_the_filter(stack: Stack) -> None:
    def running() -> bool:
        return stack.engine.docker("inspect", "--format", "{{.State.Running}}", "platform-engine-1") == "true"

    assert not running()
    for verb, wanted in (("start", True), ("stop", False)):
        asked = stack.ask("POST", f"/admin/assets/engine/{verb}", "operator", json={})
        assert asked.status_code == 202, asked.text
        ended = wait_until(lambda asked=asked: ended_operation(stack, asked.json()), f"the {verb}")
        assert ended["state"] == "succeeded", ended
        assert running() is wanted


def ended_operation(stack: Stack, answer: dict[str, Any]) -> dict[str, Any] | None:
    operation = answer.get("operation", answer)
    id = operation if isinstance(operation, str) else operation["id"]
    found = stack.ask("GET", f"/admin/operations/{id}", "operator").json()
    return found if found["state"] not in ("pending", "running") else None


def engine_answers(stack: Stack, method: str, path: str) -> int:
    """The status of one call that the desk's container makes."""
    engine = "/run/mixdesk-docker/docker.sock"
    return int(stack.shell("desk", "/opt/mixdesk/bin/python", "-c", UNIX, engine, method, path))


def test_the_desk_may_ask_the_engine_for_nothing_else(stack: Stack) -> None:
    own = stack.inspect("desk")["Id"]
    assert engine_answers(stack, "GET", f"/containers/{own}/json") == 200
    for method, path in (
        ("POST", "/containers/create"),
        ("POST", f"/containers/{own}/exec"),
        ("POST", f"/containers/{own}/kill"),
        ("GET", f"/containers/{own}/archive?path=/"),
        ("GET", "/info"),
        ("POST", "/build"),
        ("DELETE", f"/containers/{own}"),
    ):
        assert engine_answers(stack, method, path) in (400, 403), (method, path)


def test_alloy_may_only_read(stack: Stack) -> None:
    """Alloy is not here: something else asks with its user, its group and its mount."""
    own = stack.inspect("desk")["Id"]
    reads = [
        *(("HEAD", "/_ping"), ("GET", "/_ping"), ("GET", "/v1.41/networks")),
        *(("GET", "/v1.41/containers/json?all=1"), ("GET", f"/v1.41/containers/{own}/json")),
    ]
    others = [
        *(("POST", f"/containers/{own}/stop"), ("POST", f"/containers/{own}/start"), ("POST", "/networks/create")),
        *(("GET", "/events"), ("GET", f"/networks/{own}"), ("GET", "/info"), ("DELETE", f"/containers/{own}")),
    ]
    alloy = observability.shipped()["services"]["alloy"]
    mount = next(volume for volume in alloy["volumes"] if isinstance(volume, dict))
    assert (mount["source"], mount["target"]) == ("read-filter", "/run")
    rights = ("--user", alloy["user"], "--group-add", alloy["group_add"][0], "--network", "none")
    command = ("run", "--rm", *rights, "--volume", "mixdesk_read-filter:/run:ro,nocopy", "--entrypoint")
    image = stack.inspect("desk")["Config"]["Image"]
    asked = [part for call in (*reads, *others) for part in call]
    answers = stack.engine.docker(
        *command, "/opt/mixdesk/bin/python", image, "-c", UNIX, "/var/run/docker.sock", *asked
    )
    assert list(map(int, answers.split())) == [200] * len(reads) + [403] * len(others)


def test_the_exporter_may_only_read(stack: Stack) -> None:
    own, engine = stack.inspect("desk")["Id"], "/run/mixdesk-docker/docker.sock"
    asked = (
        "GET",
        f"/containers/{own}/json",
        "POST",
        f"/containers/{own}/stop",
        "POST",
        f"/v1.23/containers/{own}/start",
    )
    told = stack.shell("exporter", "/opt/mixdesk/bin/python", "-c", UNIX, engine, *asked)
    assert told.split() == ["200", "403", "403"]


def test_a_filter_that_may_not_ask_the_engine_is_unhealthy(stack: Stack) -> None:
    """As with a wrong MIXDESK_DOCKER_GID."""
    socket = stack.engine.socket
    before = socket.stat().st_gid
    os.chown(socket, -1, 4242)
    try:
        for name in ("docker-filter", "read-filter"):
            wait_until(lambda name=name: not healthy(stack, name), f"{name} to be unhealthy")
    finally:
        os.chown(socket, -1, before)
    for name in ("docker-filter", "read-filter"):
        wait_until(lambda name=name: healthy(stack, name), f"{name} to be healthy again")


def test_a_killed_filter_comes_back(stack: Stack) -> None:
    """It leaves its socket, in the way of the next one."""
    before = stack.inspect("docker-filter")["State"]["StartedAt"]
    os.kill(stack.inspect("docker-filter")["State"]["Pid"], 9)
    wait_until(lambda: stack.inspect("docker-filter")["State"]["StartedAt"] != before, "the filter's restart")
    wait_until(lambda: healthy(stack, "docker-filter"), "the filter's health")
    own = stack.inspect("desk")["Id"]
    wait_until(lambda: engine_answers(stack, "GET", f"/containers/{own}/json") == 200, "the engine's answer")


def healthy(stack: Stack, service: str) -> bool:
    state = stack.inspect(service)["State"]
    return bool(state["Running"] and state["Health"]["Status"] == "healthy")


def test_a_trainer_in_the_network_of_another_project(stack: Stack) -> None:
    """It finds the desk by name, and nobody else of the stack but the desk."""
    quickly = ("--dns-opt", "timeout:1", "--dns-opt", "attempts:1")
    alone = (
        "run",
        "--rm",
        "--network",
        "mixdesk",
        *quickly,
        "--entrypoint",
        "/opt/mixdesk/bin/python",
        "--user",
        "1000:1000",
    )
    desk = ("--env", "MIXDESK_URL=http://desk:9770", "--env", f"MIXDESK_TOKEN={stack.secret('reporter')}")
    strict = ("--env", "MIXDESK_STRICT=1", "--env", "MIXDESK_STATE_DIR=/tmp/state")
    image = stack.inspect("desk")["Config"]["Image"]
    stack.engine.docker(*alone, *desk, *strict, image, "-c", TRAINER)
    jobs = stack.ask("GET", "/jobs?name=from-a-container", "viewer").json()["items"]
    assert [job["status"] for job in jobs] == ["succeeded"]

    look = "import socket\nfor name in ('prometheus', 'exporter', 'grafana', 'alertmanager', 'proxy'):\n"
    look += " try: print(name, socket.gethostbyname(name))\n except OSError: pass"
    assert stack.engine.docker(*alone, image, "-c", look) == ""
    inside = json.loads(stack.engine.docker("network", "inspect", "mixdesk"))[0]["Containers"].values()
    assert {container["Name"] for container in inside} == {"mixdesk-desk-1"}


def test_names_of_a_platform_shadow_none_of_the_stack(stack: Stack) -> None:
    """A platform with services that are called as the stack's own: Docker would answer with either."""
    names = ("exporter", "loki", "prometheus", "collector", "proxy", "tempo")
    aliases = [part for name in names for part in ("--network-alias", name)]
    stack.engine.docker("run", "--detach", "--name", "shadow", "--network", "mixdesk", *aliases, BASE, "sleep", "600")
    try:
        inside = json.loads(stack.engine.docker("inspect", "shadow"))[0]["NetworkSettings"]["Networks"]["mixdesk"]
        look = "import socket, sys\nfor name in sys.argv[1:]:\n"
        look += " print(*sorted({found[4][0] for found in socket.getaddrinfo(name, 1)}))"
        told = stack.shell("desk", "/opt/mixdesk/bin/python", "-c", look, *names).splitlines()
        assert told == [f"10.213.77.{last}" for last in (66, 98, 67, 100, 2, 99)] and inside["IPAddress"] not in told
        addresses = stack.inspect("exporter")["NetworkSettings"]["Networks"]["mixdesk_backend"]
        assert addresses["IPAddress"] == told[0]
    finally:
        stack.engine.docker("rm", "--force", "shadow")


def test_a_killed_desk_comes_back_with_what_it_knew(stack: Stack) -> None:
    before = {job["job_id"] for job in stack.ask("GET", "/jobs", "viewer").json()["items"]}
    started = stack.inspect("desk")["State"]["StartedAt"]
    os.kill(stack.inspect("desk")["State"]["Pid"], 9)
    wait_until(lambda: stack.inspect("desk")["State"]["StartedAt"] != started, "the desk's restart")
    wait_until(lambda: healthy(stack, "desk"), "the desk's health")
    wait_until(lambda: stack.ask("GET", "/readyz").status_code == 200, "the desk behind the proxy")
    assert {job["job_id"] for job in stack.ask("GET", "/jobs", "viewer").json()["items"]} >= before


def test_a_backup_is_one_command(stack: Stack) -> None:
    stack.compose("exec", "-T", "desk", "mixdesk", "backup", "/var/lib/mixdesk/backup.db")
    stack.compose("cp", "desk:/var/lib/mixdesk/backup.db", str(stack.folder / "backup.db"))
    assert (stack.folder / "backup.db").read_bytes().startswith(b"SQLite format 3")


def test_the_exporter_of_the_profile_host(stack: Stack) -> None:
    """A second exporter beside the plain one is refused; in its place it has its two capabilities and no way to the
    engine."""
    with pytest.raises(AssertionError, match="Address already in use"):
        stack.compose("--profile", "host", "up", "--detach", "--no-build", "exporter-host")
    stack.compose("rm", "--force", "--stop", "exporter", "exporter-host")
    stack.up("exporter-host")
    try:
        status = status_of(stack, "exporter-host")
        assert int(status["CapEff"], 16) == int(status["CapBnd"], 16) == sum(BITS[name] for name in SEES)
        assert status["NoNewPrivs"] == "1"
        root = Path(f"/proc/{stack.inspect('exporter-host')['State']['Pid']}/root")
        assert list((root / "host/run").iterdir()) == [] and (root / "host/etc/shadow").exists()
        assert list((root / "host/dev").iterdir()) == []
        answers = stack.shell("exporter-host", "/opt/mixdesk/bin/python", "-c", WRITES, *WRITTEN)
        assert answers.split() == ["EROFS"] * len(WRITTEN)
        assert "container_last_seen" in exported(stack)
    finally:
        stack.compose("rm", "--force", "--stop", "exporter-host")
        stack.up("exporter")


def test_down_leaves_the_data_alone(stack: Stack) -> None:
    """The last one: the stack is gone, and comes back."""
    stack.compose("--profile", "*", "down", "--timeout", "20")
    left = stack.engine.docker("ps", "--all", "--format", "{{.Names}}").split()
    assert left == ["platform-engine-1"]
    networks = set(stack.engine.docker("network", "ls", "--format", "{{.Name}}").split())
    assert networks == {"bridge", "host", "none"}
    volumes = stack.engine.docker("volume", "ls", "--format", "{{.Name}}").split()
    assert {"mixdesk_desk-state", "mixdesk_prometheus-data"} <= set(volumes)
    stack.up("desk", "proxy")
    names = [job["name"] for job in stack.ask("GET", "/jobs", "viewer").json()["items"]]
    assert "from-a-container" in names
    stack.compose("--profile", "*", "down", "--volumes", "--timeout", "20")
    assert stack.engine.docker("volume", "ls", "--format", "{{.Name}}").split() == []
