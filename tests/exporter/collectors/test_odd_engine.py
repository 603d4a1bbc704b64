"""Containers of an engine that is slow, that has hundreds, that loses them in between, or that is killed."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from docker_engine import DockerEngine, wait_for
from odd_engine import OddEngine
from prometheus_client.parser import text_string_to_metric_families as parse_text

from mixdesk_exporter.collectors import containers, loadavg
from mixdesk_exporter.engine import Engine
from mixdesk_exporter.exposition import TEXT, render_as
from mixdesk_exporter.host import Host, Roots
from mixdesk_exporter.sampler import Sampler
from mixdesk_exporter.snapshot import Snapshot

NET = "h\nh\n eth0: 5 0 0 0 0 0 0 0 7 0 0 0 0 0 0 0\n"


@pytest.fixture
def odd(tmp_path: Path) -> Iterator[OddEngine]:
    made = OddEngine(str(tmp_path / "odd.sock"))
    yield made
    made.close()


@pytest.fixture
def watcher(odd: OddEngine, tree: Any, now: list[float]) -> containers.Watcher:
    return containers.Watcher(Engine(Path(str(odd.server_address))), tree.roots, monotonic=lambda: now[0])


@pytest.fixture
def now() -> list[float]:
    return [0.0]


def put(odd: OddEngine, tree: Any, number: int, **more: Any) -> str:
    """A container whose process and control group are there; its id."""
    identity = f"{number:064x}"
    odd.put(identity, number, **more)
    tree.proc(f"{number}/cgroup", f"0::/system.slice/docker-{identity}.scope\n")
    tree.proc(f"{number}/net/dev", NET)
    tree.sys(f"fs/cgroup/system.slice/docker-{identity}.scope/memory.current", "4096\n")
    return identity


def end(tree: Any, number: int) -> None:
    """Its process is no more."""
    for name in ("cgroup", "net/dev"):
        (tree.roots.procfs / str(number) / name).unlink()


def success(snapshot: Snapshot) -> dict[Any, float]:
    families = (family for family in snapshot.families() if family.descriptor.sample == "mixdesk_collector_success")
    return {key: value for family in families for key, value in zip(family.keys, family.values, strict=True)}


def test_five_hundred_are_all_seen_and_never_inspected_all_at_once(
    odd: OddEngine, watcher: containers.Watcher, now: list[float], tree: Any, samples: Callable[..., Any]
) -> None:
    for number in range(1000, 1500):
        put(odd, tree, number)

    def later() -> int:
        now[0] += 1
        return len(watcher.read())

    wait_for(lambda: later() == 500, "all containers")
    found = samples(containers.families(watcher.read()))
    assert len(found["container_memory_usage_bytes"]) == 500
    assert sum(found["container_network_receive_bytes_total"].values()) == 2500
    inspections = []
    for _ in range(70):
        before = odd.inspections
        assert later() == 500
        inspections.append(odd.inspections - before)
    assert max(inspections) <= 17
    assert sum(inspections) >= 500, "each is asked about again after half a minute or so"


def test_one_that_is_gone_between_the_list_and_the_question(
    odd: OddEngine, watcher: containers.Watcher, tree: Any
) -> None:
    kept, gone = put(odd, tree, 7), put(odd, tree, 8)
    del odd.inspected[gone]
    assert [item.identity for item in watcher.read()] == [kept]


def test_one_that_dies_between_two_readings_and_comes_back(
    odd: OddEngine, watcher: containers.Watcher, tree: Any
) -> None:
    put(odd, tree, 7)
    again = put(odd, tree, 8)
    assert len(watcher.read()) == 2
    end(tree, 8)
    assert [item.pid for item in watcher.read()] == [7]
    odd.inspected[again]["State"]["Pid"] = 9
    tree.proc("9/cgroup", f"0::/system.slice/docker-{again}.scope\n")
    tree.proc("9/net/dev", NET)
    assert [item.pid for item in watcher.read()] == [7, 9]


def test_one_without_a_control_group_to_be_seen(
    odd: OddEngine, watcher: containers.Watcher, now: list[float], tree: Any, samples: Callable[..., Any]
) -> None:
    identity = "ab" * 32
    odd.put(identity, 7)
    tree.proc("7/cgroup", "0::/somewhere/else\n")
    tree.proc("7/net/dev", NET)
    for _ in range(5):
        now[0] += 1
        found = samples(containers.families(watcher.read()))
    key = (f"/docker/{identity}", "img", f"c{identity}")
    assert found["mixdesk_container_state"][(*key, "running")] == 1
    assert found["container_start_time_seconds"].keys() == {key}
    assert sum(found["container_network_receive_bytes_total"].values()) == 5
    assert "container_memory_usage_bytes" not in found
    assert odd.inspections == 1


@pytest.mark.parametrize("path", ["system.slice/docker-{}.scope", "docker/{}", "a/b/c/docker-{}.scope"])
def test_seen_from_a_cgroup_namespace(odd: OddEngine, watcher: containers.Watcher, tree: Any, path: str) -> None:
    identity = "cd" * 32
    odd.put(identity, 7)
    tree.proc("7/cgroup", f"0::/../{identity}\n")
    tree.proc("7/net/dev", NET)
    tree.sys(f"fs/cgroup/{path.format(identity)}/memory.current", "4096\n")
    (seen,) = watcher.read()
    assert seen.group is not None
    assert (seen.group.memory, seen.cgroup) == (4096, "/" + path.format(identity))


def test_ones_own_group_from_a_cgroup_namespace_is_not_the_whole_host(
    odd: OddEngine, watcher: containers.Watcher, tree: Any, now: list[float]
) -> None:
    odd.put("cd" * 32, 7)
    tree.proc("7/cgroup", "0::/\n")
    tree.proc("7/net/dev", NET)
    tree.sys("fs/cgroup/cpu.stat", "usage_usec 9000000\n")
    (seen,) = watcher.read()
    assert (seen.group, seen.cgroup) == (None, f"/docker/{'cd' * 32}")
    tree.sys(f"fs/cgroup/docker/{'cd' * 32}/memory.current", "4096\n")
    now[0] += 60
    (seen,) = watcher.read()
    assert seen.group is not None
    assert (seen.group.memory, seen.cgroup) == (4096, f"/docker/{'cd' * 32}")


def test_one_that_the_engine_cannot_tell_about_takes_no_other_along(
    odd: OddEngine, watcher: containers.Watcher, tree: Any
) -> None:
    kept, broken = put(odd, tree, 7), put(odd, tree, 8)
    odd.statuses[broken] = 500
    assert [item.identity for item in watcher.read()] == [kept]
    del odd.statuses[broken]
    assert [item.identity for item in watcher.read()] == [kept, broken]


@pytest.mark.parametrize("told", [None, {"Status": ""}, {"Status": "none"}])
def test_a_container_without_a_check_of_its_own(
    odd: OddEngine, watcher: containers.Watcher, tree: Any, told: Any
) -> None:
    put(odd, tree, 7)
    odd.inspected[f"{7:064x}"]["State"]["Health"] = told
    assert [item.health for item in watcher.read()] == [None]


def test_version_1_through_the_engine(odd: OddEngine, watcher: containers.Watcher, tree: Any) -> None:
    odd.put("ef" * 32, 7)
    tree.proc("7/cgroup", f"4:memory:/docker/{'ef' * 32}\n1:cpu,cpuacct:/docker/{'ef' * 32}\n0::/\n")
    tree.proc("7/net/dev", NET)
    tree.sys(f"fs/cgroup/memory/docker/{'ef' * 32}/memory.usage_in_bytes", "5000\n")
    tree.sys(f"fs/cgroup/cpuacct/docker/{'ef' * 32}/cpuacct.usage", "2000000000\n")
    (seen,) = watcher.read()
    assert seen.group is not None
    assert (seen.group.memory, seen.group.cpu) == (5000, 2.0)


HOSTILE = 'a"b\\c\nd{}=,\ttä\x00\ud800' + "x" * 10_000


def test_hostile_texts_break_no_exposition(odd: OddEngine, tree: Any) -> None:
    put(odd, tree, 7, image=HOSTILE, name=HOSTILE, labels={"team": HOSTILE, "a.b": "1", "a_b": "2", "secret": "s3"})
    put(odd, tree, 8)
    shown = ("team", "a.b", "a_b", "no-such")
    collector = containers.collector(tree.roots, Engine(Path(str(odd.server_address))), shown)
    body = render_as(collector.families(collector.read()), TEXT)
    families = {family.name: family for family in parse_text(body.decode())}
    rows = families["container_memory_usage_bytes"].samples
    assert len(rows) == 2
    assert all(
        {"container_label_team", "container_label_a_b", "container_label_no_such"} <= row.labels.keys() for row in rows
    )
    assert {row.labels["container_label_a_b"] for row in rows} == {"1", ""}
    assert any(row.labels["container_label_team"].startswith('a"b\\c\nd{}=,') for row in rows)
    assert b"secret" not in body and b"s3" not in body


def test_labels_stand_on_every_series_in_the_order_of_the_alphabet(odd: OddEngine, tree: Any) -> None:
    put(odd, tree, 7, labels={"zone": "b", "app": "a"})
    tree.sys(f"fs/cgroup/system.slice/docker-{7:064x}.scope/io.stat", "254:0 rbytes=1 wbytes=2 rios=3 wios=4\n")
    collector = containers.collector(tree.roots, Engine(Path(str(odd.server_address))), ("zone", "app"))
    for family in collector.families(collector.read()):
        labels = family.descriptor.labels
        assert list(labels) == sorted(labels)
        assert {key[:2] for key in family.keys} == {("a", "b")} and len(family.keys[0]) == len(labels)


def test_a_slow_engine_keeps_nobody_waiting_and_is_asked_once(odd: OddEngine, tree: Any, now: list[float]) -> None:
    put(odd, tree, 7)
    tree.proc("loadavg", "1 2 3 4/5 6\n")
    engine = Engine(Path(str(odd.server_address)), timeout_s=120.0)
    sampler = Sampler(
        [loadavg.collector(Host(tree.roots)), containers.collector(tree.roots, engine)], monotonic=lambda: now[0]
    )

    def second() -> Snapshot:
        now[0] += 1
        return sampler.snapshot(0)

    try:
        wait_for(lambda: success(second()) == {"loadavg": 1, "containers": 1}, "figures of both")
        odd.answers.clear()
        wait_for(lambda: second().reading("containers") is None, "the end of what was known")
        for _ in range(5):
            snapshot = second()
            assert success(snapshot) == {"loadavg": 1, "containers": 0}
            assert not any(family.descriptor.sample.startswith("container_") for family in snapshot.families())
        assert odd.most_at_once == 1
        odd.answers.set()
        wait_for(lambda: success(second()) == {"loadavg": 1, "containers": 1}, "figures of both again")
    finally:
        odd.answers.set()
        sampler.close()


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DockerEngine]:
    made = DockerEngine(tmp_path_factory.mktemp("docker"))
    made.start()
    yield made
    made.close()


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_a_daemon_that_is_restarted_under_a_running_sampler(real: DockerEngine, how: str) -> None:
    sampler = Sampler([containers.collector(Roots(), Engine(real.socket))])
    sampler.start()

    def state() -> float | None:
        return success(sampler.snapshot(0.5)).get("containers")

    try:
        wait_for(lambda: state() == 1, "an answer of the engine")
        getattr(real, how)()
        wait_for(lambda: state() == 0, "success 0")
        assert not re.search(rb"^container_", render_as(sampler.snapshot(0.5).families(), TEXT), re.MULTILINE)
        real.start()
        wait_for(lambda: state() == 1, "an answer after the restart")
    finally:
        sampler.close()
    assert not any(thread.name == "mixdesk sampler" for thread in threading.enumerate())
