"""`/snapshot`: what it tells, and whom."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from mixdesk_exporter.access import is_loopback, may_read
from mixdesk_exporter.processes import Identities, container_of, identify, inner_pid, start_ticks
from mixdesk_exporter.readings import Container, Gpu, GpuProcess, Gpus, Group
from mixdesk_exporter.report import report
from mixdesk_exporter.serving.requests import Request
from mixdesk_exporter.snapshot import Outcome, Snapshot

IDENTITY = "0123456789abcdef" * 4


def asking(host: str = "127.0.0.1:9771", authorization: str = "") -> Request:
    return Request("GET", "/snapshot", headers={"host": host, "authorization": authorization})


@pytest.mark.parametrize(
    ("peer", "host", "authorization", "allowed"),
    [
        ("127.0.0.1", "127.0.0.1:9771", "", True),
        ("::1", "[::1]:9771", "", True),
        ("::ffff:127.0.0.1", "localhost", "", True),
        ("127.0.0.1", "evil.example", "", False),
        ("127.0.0.1", "127.0.0.1.evil.example", "", False),
        ("127.0.0.1", "", "", False),
        ("10.0.0.5", "127.0.0.1:9771", "", False),
        ("10.0.0.5", "box:9771", "Bearer secret", True),
        ("10.0.0.5", "box:9771", "bearer  secret ", True),
        ("10.0.0.5", "box:9771", "Bearer wrong", False),
        ("10.0.0.5", "box:9771", "Basic secret", False),
        ("10.0.0.5", "box:9771", "Bearer", False),
    ],
)
def test_who_may_read(peer: str, host: str, authorization: str, allowed: bool) -> None:
    assert may_read(asking(host, authorization), peer, "secret") is allowed


def test_without_a_token_nobody_from_elsewhere() -> None:
    assert not may_read(asking("box:9771", "Bearer "), "10.0.0.5", None)
    assert not is_loopback("localhost.evil.example")


@pytest.mark.parametrize("name", ["x-forwarded-for", "forwarded", "via", "x-real-ip"])
def test_what_a_proxy_of_this_host_hands_on_comes_from_elsewhere(name: str) -> None:
    request = asking("127.0.0.1:9771")
    assert may_read(request, "127.0.0.1", None)
    request.headers[name] = "203.0.113.5"
    assert not may_read(request, "127.0.0.1", "the-token")


def test_who_a_process_is() -> None:
    me = identify(Path("/proc"), os.getpid())
    assert me.inner_pid == os.getpid()
    assert me.start_ticks == int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])
    assert identify(Path("/proc"), 2**22 + 1) == type(me)()


def test_another_process_under_the_same_pid_is_another(tree: Any) -> None:
    def gpus() -> Gpus:
        return Gpus((Gpu(0, "GPU-0", "", "", {}, processes=(GpuProcess(7, 1),)),), {}, {})

    def live(start: int, inner: int) -> None:
        tree.proc("7/stat", f"7 (python) S {' '.join(['0'] * 18)} {start} 0")
        tree.proc("7/status", f"NSpid:\t7\t{inner}\n")
        tree.proc("7/cgroup", "0::/\n")

    identities = Identities(tree.roots.procfs)
    for start, inner, seen in ((100, 3, 3), (100, 4, 3), (200, 5, 5)):
        live(start, inner)
        (found,) = identities.of(gpus()).devices[0].processes or ()
        assert (found.start_ticks, found.inner_pid) == (start, seen)


def test_names_that_try_to_look_like_fields() -> None:
    fields = " ".join(str(number) for number in range(4, 53))
    assert start_ticks(f"7 (a) 1 (b) S {fields}") == 22
    assert start_ticks("") is None
    assert inner_pid("Name:\tNSpid: 5\nNSpid:\t4711\t12\n") == 12
    assert inner_pid("Name:\tx\n") is None


@pytest.mark.parametrize(
    "line",
    [
        f"0::/system.slice/docker-{IDENTITY}.scope",
        f"4:memory:/docker/{IDENTITY}",
        f"0::/user.slice/libpod-{IDENTITY}.scope",
        f"0::/kubepods.slice/pod12/cri-containerd-{IDENTITY}.scope",
        f"1:name=systemd:/kubepods/besteffort/pod12/{IDENTITY}",
    ],
)
def test_the_container_of_a_process(line: str) -> None:
    assert container_of(f"9:pids:/\n{line}\n") == IDENTITY
    assert container_of("0::/user.slice/session-1.scope\n") is None


USER = "/user.slice/user-1000.slice/user@1000.service"


@pytest.mark.parametrize(
    "path",
    [
        f"{USER}/{IDENTITY}",
        f"{USER}/app.slice/docker-{IDENTITY}.scope",
        f"{USER}/docker/{IDENTITY}",
        f"{USER}/cri-containerd-{IDENTITY}.scope",
        f"/../../user@1000.service/{IDENTITY}",
    ],
)
def test_a_group_that_any_user_may_make_is_no_container(path: str) -> None:
    other = "f" * 64
    assert container_of(f"0::{path}\n") is None
    assert container_of(f"1:name=systemd:{path}\n4:memory:/docker/{other}\n") == other
    assert container_of(f"0::{USER}/user.slice/libpod-{IDENTITY}.scope\n") == IDENTITY, "Podman without root"


def test_what_it_tells(tree: Any) -> None:
    tree.proc("4711/status", "NSpid:\t4711\t7\n")
    tree.proc("4711/stat", "4711 (python) S " + " ".join(str(number) for number in range(4, 53)))
    tree.proc("4711/cgroup", f"0::/system.slice/docker-{IDENTITY}.scope\n")
    device = Gpu(
        0, "GPU-0", "", "Stand-in", {"memory_used": 5.0, "memory_free": 3.0}, processes=(GpuProcess(4711, 1 << 20),)
    )
    silent = Gpu(1, "GPU-1", "", "Stand-in", {})
    readings = {
        "gpu": Identities(tree.roots.procfs).of(Gpus((device, silent), {}, {})),
        "containers": [Container(IDENTITY, "/x", "voice", "img", "running", 4711, 5.0, 0, group=Group(working_set=9))],
        "uname": ("d", "m", "box", "r", "s", "v"),
    }
    outcomes = {name: Outcome(0.0, 0.0, reading) for name, reading in readings.items()}
    failed = {"cpu": Outcome(0.0, 0.0, error="half a line"), "hwmon": Outcome(0.0, 0.0, absent=True)}
    found = json.loads(json.dumps(report(None, Snapshot(1.79e9, 1.0, outcomes | failed), "boot")))
    assert (found["host"], found["boot_id"], found["at"]) == ("box", "boot", 1.79e9)
    process = {"pid": 4711, "inner_pid": 7, "start_ticks": 22, "container": IDENTITY, "memory": 1 << 20}
    assert found["gpus"][0]["processes"] == [process | {"instance": None}]
    assert found["gpus"][1]["processes"] is None
    figures = [[card[name] for name in ("memory_used", "memory_free", "memory_total")] for card in found["gpus"]]
    assert figures == [[5.0, 3.0, None], [None, None, None]]
    assert found["containers"][0]["memory_working_set"] == 9
    assert found["collectors"] == {"gpu": None, "containers": None, "uname": None, "cpu": "half a line"}
    assert found["metrics"]["gpus"][0]["uuid"] == "GPU-0"


def test_a_real_one(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mixdesk_exporter", "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            url = next(word for word in process.stderr.readline().split() if word.startswith("http"))
            url = url.rpartition("/")[0] + "/snapshot"
            with urllib.request.urlopen(url, timeout=60) as answer:
                found = json.loads(answer.read())
            assert found["boot_id"] == Path("/proc/sys/kernel/random/boot_id").read_text().strip()
            assert found["host"] == os.uname().nodename
            assert found["metrics"]["memory"]["total_bytes"] > 1 << 20
            foreign = urllib.request.Request(url, headers={"Host": "evil.example"})
            with pytest.raises(urllib.error.HTTPError, match="401"):
                urllib.request.urlopen(foreign, timeout=60)
        finally:
            process.terminate()


def test_a_token_file_that_is_empty_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("\n")
    command = [sys.executable, "-m", "mixdesk_exporter", "--token-file", str(tmp_path / "token")]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (run.returncode, run.stderr.count("\n")) == (2, 1)
    assert "empty" in run.stderr
