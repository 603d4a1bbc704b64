"""Containers of a real Docker engine, and control groups of both versions as files."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from docker_engine import IMAGE, DockerEngine, wait_for

from mixdesk_exporter import cgroups
from mixdesk_exporter.collectors import containers
from mixdesk_exporter.engine import Engine, EngineError
from mixdesk_exporter.errors import Absent
from mixdesk_exporter.host import Roots
from mixdesk_exporter.readings import Container

SPIN = "while :; do :; done"
REST = "exec /bin/busybox sleep 1000"


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DockerEngine]:
    made = DockerEngine(tmp_path_factory.mktemp("docker"))
    made.start()
    made.make_image()
    yield made
    made.close()


@pytest.fixture
def watcher(engine: DockerEngine) -> containers.Watcher:
    """One that asks the engine at every reading."""
    moments = iter(range(0, 10**9, 100))
    return containers.Watcher(Engine(engine.socket), Roots(), ("team",), monotonic=lambda: float(next(moments)))


def by_name(reading: containers.Containers) -> dict[str, Container]:
    return {item.name: item for item in reading}


def test_what_a_container_uses(engine: DockerEngine, watcher: containers.Watcher, samples: Callable[..., Any]) -> None:
    identity = engine.run("spin", SPIN, "--memory", "64m", "--label", "team=voice", "--label", "secret=x")
    try:
        first = by_name(watcher.read())["spin"]
        assert first.group is not None and first.group.cpu is not None
        busy = first.group.cpu + 0.2
        wait_for(lambda: (g := by_name(watcher.read())["spin"].group) and (g.cpu or 0) > busy, "CPU time")
        reading = watcher.read()
        found = samples(containers.families(reading))
        container = by_name(reading)["spin"]
        key = (container.cgroup, IMAGE, "spin")
        assert identity in container.cgroup
        assert container.labels == {"team": "voice"}
        assert found["container_cpu_usage_seconds_total"][("total", *key)] > busy
        assert 0 < found["container_memory_working_set_bytes"][key] <= found["container_memory_usage_bytes"][key]
        assert found["container_spec_memory_limit_bytes"][key] == 64 << 20
        assert found["container_processes"][key] == 1
        assert found["container_start_time_seconds"][key] == pytest.approx(found["container_last_seen"][key], abs=600)
        assert found["mixdesk_container_state"][(*key, "running")] == 1
        assert found["mixdesk_container_restarts_total"][key] == 0
        assert "container_health_state" not in found
    finally:
        engine.docker("rm", "--force", "spin")


def test_one_that_goes_has_no_series_in_the_next_reading(engine: DockerEngine, samples: Callable[..., Any]) -> None:
    watcher = containers.Watcher(Engine(engine.socket), Roots())  # lists only every two seconds
    engine.run("short", REST)
    engine.run("long", REST)
    try:
        assert {"short", "long"} <= by_name(watcher.read()).keys()
        engine.docker("kill", "short")
        found = samples(containers.families(watcher.read()))
        assert {key[-1] for key in found["container_memory_usage_bytes"]} == {"long"}
        state = by_name(watcher.read())["short"]
        assert (state.state, state.group) == ("exited", None)
        engine.docker("rm", "short")
        watcher._listed_at = float("-inf")
        assert "short" not in by_name(watcher.read())
    finally:
        engine.docker("rm", "--force", "long")


def test_a_stopped_one_keeps_its_id(engine: DockerEngine, watcher: containers.Watcher) -> None:
    engine.run("stops", REST)
    try:
        before = by_name(watcher.read())["stops"].cgroup
        engine.docker("kill", "stops")
        assert by_name(watcher.read())["stops"].cgroup == before
    finally:
        engine.docker("rm", "--force", "stops")


def test_restarts_are_counted(engine: DockerEngine, watcher: containers.Watcher) -> None:
    engine.run("again", "exit 3", "--restart", "on-failure:2")
    try:

        def restarts() -> int:
            now = by_name(watcher.read()).get("again")  # not in a reading in which its process has just ended
            return 0 if now is None else now.restarts

        wait_for(lambda: restarts() == 2, "two restarts", 120.0)
    finally:
        engine.docker("rm", "--force", "again")


def test_an_engine_that_is_stopped_and_comes_back(engine: DockerEngine, watcher: containers.Watcher) -> None:
    watcher.read()
    engine.stop()
    with pytest.raises((Absent, EngineError), match=r"docker\.sock"):
        watcher.read()
    engine.start()
    assert isinstance(watcher.read(), list)


def test_no_engine_is_absent(tmp_path: Path) -> None:
    with pytest.raises(Absent, match="no Docker engine"):
        containers.Watcher(Engine(tmp_path / "none.sock"), Roots()).read()


# -- an engine that speaks the protocol and does not behave ----------------------------------------------


class Odd(socketserver.ThreadingUnixStreamServer):
    """Answers with what it is given."""

    daemon_threads = True
    body, status = b"[]", 200


class OddHandler(BaseHTTPRequestHandler):
    server: Odd

    def do_GET(self) -> None:
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(self.server.body)))
        self.end_headers()
        self.wfile.write(self.server.body)

    def address_string(self) -> str:
        return "socket"

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def odd(tmp_path: Path) -> Iterator[tuple[Odd, Engine]]:
    server = Odd(str(tmp_path / "odd.sock"), OddHandler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server, Engine(tmp_path / "odd.sock", timeout_s=0.5)
    server.shutdown()
    server.server_close()


def test_answers_that_are_none(odd: tuple[Odd, Engine]) -> None:
    server, engine = odd
    server.body = b"<html>"
    with pytest.raises(EngineError, match="no JSON"):
        engine.containers()
    server.body, server.status = b'{"message": "no"}', 500
    with pytest.raises(EngineError, match=r"500.*no"):
        engine.containers()
    server.status = 404
    assert engine.inspect("../../x") is None


def test_an_engine_that_does_not_answer(tmp_path: Path) -> None:
    class Silent(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            threading.Event().wait(5)

    with socketserver.ThreadingUnixStreamServer(str(tmp_path / "mute.sock"), Silent) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with pytest.raises(EngineError):
            Engine(tmp_path / "mute.sock", timeout_s=0.3).containers()
        server.shutdown()


def test_moments() -> None:
    assert containers.moment("2026-11-25T03:16:08.001960731Z") == pytest.approx(1795576568.00196)
    assert containers.moment("2026-11-25T03:16:08Z") == 1795576568.0
    assert containers.moment("0001-01-01T00:00:00Z") == 0.0


# -- control groups --------------------------------------------------------------------------------------


def test_version_2(tree: Any) -> None:
    files = {
        "cpu.stat": "usage_usec 3000000\nuser_usec 2000000\nsystem_usec 1000000\nthrottled_usec 500000\n",
        "memory.current": "1000\n",
        "memory.max": "max\n",
        "memory.stat": "anon 300\nfile 600\ninactive_file 400\n",
        "memory.events": "low 0\noom 1\noom_kill 2\n",
        "pids.current": "7\n",
        "io.stat": "254:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=0 dios=0\n8:0 \n",
    }
    for name, content in files.items():
        tree.sys(f"fs/cgroup/system.slice/docker-1f.scope/{name}", content)
    paths = cgroups.paths_of(b"0::/system.slice/docker-1f.scope\n")
    group = cgroups.read(tree.roots.sysfs, paths)
    assert paths.shown == "/system.slice/docker-1f.scope"
    assert group is not None
    assert (group.cpu, group.cpu_user, group.cpu_system, group.throttled) == (3.0, 2.0, 1.0, 0.5)
    assert (group.memory, group.working_set, group.rss, group.cache, group.memory_limit) == (1000, 600, 300, 600, None)
    assert (group.oom_kills, group.processes, group.blocks) == (2, 7, {"254:0": (1, 2, 3, 4)})
    assert cgroups.read(tree.roots.sysfs, cgroups.paths_of(b"0::/gone\n")) is None


def test_version_1(tree: Any) -> None:
    files = {
        "memory/docker/1f/memory.usage_in_bytes": "1000\n",
        "memory/docker/1f/memory.limit_in_bytes": "9223372036854771712\n",
        "memory/docker/1f/memory.stat": "cache 1\ntotal_cache 600\ntotal_rss 300\ntotal_inactive_file 400\n",
        "memory/docker/1f/memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n",
        "cpuacct/docker/1f/cpuacct.usage": "3000000000\n",
        "cpuacct/docker/1f/cpuacct.stat": "user 200\nsystem 100\n",
        "cpu/docker/1f/cpu.stat": "nr_periods 0\nthrottled_time 500000000\n",
        "pids/docker/1f/pids.current": "7\n",
        "blkio/docker/1f/blkio.throttle.io_service_bytes": "254:0 Read 1\n254:0 Write 2\n254:0 Total 3\nTotal 3\n",
        "blkio/docker/1f/blkio.throttle.io_serviced": "254:0 Read 3\n254:0 Write 4\n",
    }
    for name, content in files.items():
        tree.sys(f"fs/cgroup/{name}", content)
    lines = [f"{n}:{names}:/docker/1f" for n, names in enumerate(("memory", "cpu,cpuacct", "pids", "blkio"), 1)]
    paths = cgroups.paths_of("\n".join([*lines, "0::/docker/1f"]).encode())
    group = cgroups.read(tree.roots.sysfs, paths)
    assert group is not None
    assert (group.cpu, group.cpu_user, group.cpu_system, group.throttled) == (3.0, 2.0, 1.0, 0.5)
    assert (group.memory, group.working_set, group.rss, group.cache, group.memory_limit) == (1000, 600, 300, 600, None)
    assert (group.oom_kills, group.processes, group.blocks) == (2, 7, {"254:0": (1, 2, 3, 4)})
    assert cgroups.read(tree.roots.sysfs, cgroups.paths_of(b"4:memory:/docker/gone\n")) is None
