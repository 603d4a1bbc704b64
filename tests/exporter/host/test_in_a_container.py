"""The exporter in a real container without any right, with the host's file systems mounted: it reports the host."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from docker_engine import IMAGE, DockerEngine, wait_for
from live_desk import free_port
from prometheus_client.parser import text_string_to_metric_families as parse_text

import mixdesk_exporter
from mixdesk_exporter.options import Options, host_sampler
from mixdesk_exporter.processes import Identity, identify

pytestmark = [
    pytest.mark.process,
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root, for a Docker engine"),
    pytest.mark.timeout(300),
]

PACKAGE = Path(mixdesk_exporter.__file__).parents[1]
SITE = next(Path(path) for path in sys.path if path.endswith("site-packages"))
ROOTS = ("--procfs", "/host/proc", "--sysfs", "/host/sys", "--rootfs", "/host/root")
HOST_MOUNTS = ("-v", "/proc:/host/proc:ro", "-v", "/sys:/host/sys:ro", "-v", "/:/host/root:ro,rslave")
RIGHTLESS = ("--user", "65534", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--read-only")
# A user of no rights cannot pass /root, where the interpreter may be: Python and its packages under names of their own.
PYTHON = (
    *("-v", "/usr:/usr:ro", "-v", "/lib:/lib:ro", "-v", "/lib64:/lib64:ro", "-v", f"{sys.base_prefix}:/python:ro"),
    *("-v", f"{SITE}:/packages/site:ro", "-v", f"{PACKAGE}:/packages/own:ro"),
    *("--env", "PYTHONHOME=/python", "--env", "PYTHONPATH=/packages/own:/packages/site"),
    *("--env", "LD_LIBRARY_PATH=/python/lib", "--env", "PYTHONDONTWRITEBYTECODE=1"),
)
INTERPRETER = f"/python/bin/python{sys.version_info.major}.{sys.version_info.minor}"
ASK = "import sys, urllib.request as u; sys.stdout.write(u.urlopen('http://127.0.0.1:9771/metrics').read().decode())"
IDENTIFY = (
    "import json, sys; from pathlib import Path; from dataclasses import asdict;"
    "from mixdesk_exporter.processes import identify;"
    "print(json.dumps(asdict(identify(Path('/host/proc'), int(sys.argv[1])))))"
)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DockerEngine]:
    made = DockerEngine(tmp_path_factory.mktemp("docker"), shared_mounts=True)  # as systemd makes them; rslave asks it
    made.start()
    made.make_image()
    yield made
    made.close()


@pytest.fixture(scope="module")
def closed() -> Iterator[Path]:
    """A mount below a folder that nobody but root may enter."""
    folder = Path(tempfile.mkdtemp(prefix="closed-", dir="/mnt"))
    place = folder / "in"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "none", str(place)], check=True)
    yield place
    subprocess.run(["umount", "--lazy", str(place)], capture_output=True, check=False)
    place.rmdir()
    folder.rmdir()


@pytest.fixture(scope="module")
def exporter(engine: DockerEngine, closed: Path) -> Iterator[str]:
    """The name of a container with a network namespace of its own in which the exporter runs."""
    options = (*HOST_MOUNTS, *PYTHON, *RIGHTLESS, "--uts", "host", "--network", "none")
    command = (INTERPRETER, "-m", "mixdesk_exporter", *ROOTS)
    engine.docker("run", "--detach", "--name", "exporter", *options, IMAGE, *command)
    wait_for(lambda: "mixdesk_build_info" in metrics(engine), "the exporter's answer", 120.0)
    yield "exporter"
    print(engine.docker("logs", "exporter"))
    engine.docker("rm", "--force", "exporter")


def metrics(engine: DockerEngine, name: str = "exporter") -> str:
    """What it answers; '' while it does not."""
    asked = ["docker", "exec", name, INTERPRETER, "-c", ASK]
    return subprocess.run(asked, env=engine.env, capture_output=True, check=False, timeout=60).stdout.decode()


Rows = dict[str, dict[frozenset[tuple[str, str]], float]]


@pytest.fixture(scope="module")
def seen(engine: DockerEngine, exporter: str) -> Rows:
    return rows(metrics(engine))


@pytest.fixture(scope="module")
def here(closed: Path) -> Rows:
    """What a sampler of this host says, outside."""
    sampler = host_sampler(Options())
    found = {
        family.descriptor.sample: {
            frozenset(zip(family.descriptor.labels, (key,) if isinstance(key, str) else key, strict=True)): float(value)
            for key, value in zip(family.keys, family.values, strict=True)
        }
        for family in sampler.snapshot(0, whole=True).families()
    }
    sampler.close()
    return found


def rows(body: str) -> Rows:
    found: Rows = {}
    for family in parse_text(body):
        for sample in family.samples:
            found.setdefault(sample.name, {})[frozenset(sample.labels.items())] = sample.value
    return found


def labels(found: Rows, sample: str, label: str) -> set[str]:
    return {dict(key)[label] for key in found.get(sample, {})}


def test_it_has_no_rights(engine: DockerEngine, exporter: str) -> None:
    pid = engine.docker("inspect", "--format", "{{.State.Pid}}", exporter)
    status = dict(line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    assert status["Uid"].split() == ["65534"] * 4
    assert (int(status["CapEff"], 16), int(status["CapBnd"], 16), status["NoNewPrivs"]) == (0, 0, "1")
    assert Path(f"/proc/{pid}/ns/net").readlink() != Path("/proc/self/ns/net").readlink()


SAME = ("node_memory_MemTotal_bytes", "node_memory_SwapTotal_bytes", "node_uname_info", "node_boot_time_seconds")
DEVICES = ("node_network_receive_bytes_total", "node_network_up", "node_disk_reads_completed_total")


def test_the_figures_are_those_of_the_host(seen: Rows, here: Rows) -> None:
    for sample in SAME:
        assert seen[sample] == here[sample], sample
    assert seen["node_cpu_seconds_total"].keys() == here["node_cpu_seconds_total"].keys()
    assert len(labels(seen, "node_cpu_seconds_total", "cpu")) == os.cpu_count()
    (forks,), (forks_here,) = seen["node_forks_total"].values(), here["node_forks_total"].values()
    assert forks == pytest.approx(forks_here, rel=0.05, abs=2000)


@pytest.mark.parametrize("sample", DEVICES)
def test_devices_are_those_of_the_host(seen: Rows, here: Rows, sample: str) -> None:
    there = labels(here, sample, "device")
    assert labels(seen, sample, "device") == there
    if "network" in sample:
        assert there == {entry.name for entry in Path("/sys/class/net").iterdir() if entry.is_dir()}


def test_mounts_are_those_of_the_host_under_their_names_there(seen: Rows, here: Rows) -> None:
    sample = "node_filesystem_device_error"
    assert labels(seen, sample, "mountpoint") == labels(here, sample, "mountpoint")
    assert not any(place.startswith("/host") for place in labels(seen, sample, "mountpoint"))
    size = {dict(key)["mountpoint"]: value for key, value in here["node_filesystem_size_bytes"].items()}
    told = {dict(key)["mountpoint"]: value for key, value in seen["node_filesystem_size_bytes"].items()}
    assert told["/"] == size["/"] == os.statvfs("/").f_blocks * os.statvfs("/").f_frsize
    assert told == {place: size[place] for place in told}
    errors = {dict(key)["mountpoint"] for key, value in seen[sample].items() if value}
    assert errors == size.keys() - told.keys()


def test_every_collector_that_works_outside_works_inside(seen: Rows, here: Rows) -> None:
    good = {dict(key)["collector"] for key, value in here["mixdesk_collector_success"].items() if value}
    inside = {dict(key)["collector"] for key, value in seen["mixdesk_collector_success"].items() if value}
    assert good - {"containers", "gpu"} <= inside


def test_a_mount_that_may_not_be_asked_is_an_error_alone_and_goes(
    engine: DockerEngine, exporter: str, seen: Rows, closed: Path
) -> None:
    def error(found: Rows) -> float | None:
        mounts = found["node_filesystem_device_error"].items()
        return next((value for key, value in mounts if dict(key)["mountpoint"] == str(closed)), None)

    assert error(seen) == 1
    assert str(closed) not in labels(seen, "node_filesystem_size_bytes", "mountpoint")
    subprocess.run(["umount", str(closed)], check=True)
    wait_for(lambda: error(rows(metrics(engine))) is None, "the end of its series")


def test_a_process_of_another_container_is_the_same_from_inside(engine: DockerEngine, exporter: str) -> None:
    identity = engine.run("sleeper", "/bin/busybox sleep 1000 & wait")
    try:
        first = engine.docker("inspect", "--format", "{{.State.Pid}}", "sleeper")
        children = Path(f"/proc/{first}/task/{first}/children")
        wait_for(lambda: children.read_text().split(), "its child")
        pid = int(children.read_text().split()[0])
        outside = identify(Path("/proc"), pid)
        start = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
        assert outside.inner_pid is not None and 1 < outside.inner_pid < 1000
        assert (outside.start_ticks, outside.container) == (start, identity)
        told: dict[str, Any] = json.loads(engine.docker("exec", exporter, INTERPRETER, "-c", IDENTIFY, str(pid)))
        assert Identity(**told) == outside
    finally:
        engine.docker("rm", "--force", "sleeper")


@pytest.mark.parametrize("namespace", ["host", "private"])
def test_the_containers_of_the_host_and_itself(engine: DockerEngine, namespace: str) -> None:
    """Whose files of control groups are where, it is told from within its own namespace of them."""
    sees = ("-v", f"{engine.socket}:/var/run/docker.sock:ro", "--group-add", str(engine.socket.stat().st_gid))
    options = (*HOST_MOUNTS, *PYTHON, *RIGHTLESS, *sees, "--network", "none", "--cgroupns", namespace)
    command = (INTERPRETER, "-m", "mixdesk_exporter", *ROOTS, "--container-labels", "team")
    itself = engine.docker("run", "--detach", "--name", "watches", *options, IMAGE, *command)
    other = engine.run("holds", "exec /bin/busybox sleep 1000", "--memory", "64m", "--label", "team=voice")

    def memory() -> dict[str, dict[str, str]]:
        found = rows(metrics(engine, "watches")).get("container_memory_usage_bytes", {})
        return {dict(key)["name"]: {**dict(key), "value": str(value)} for key, value in found.items()}

    try:
        wait_for(lambda: {"watches", "holds"} <= memory().keys(), "both containers", 120.0)
        seen = memory()
        for name, identity in (("watches", itself), ("holds", other)):
            assert seen[name]["id"].startswith("/") and ".." not in seen[name]["id"] and identity in seen[name]["id"]
        assert 0 < float(seen["holds"]["value"]) < 64 << 20
        assert 0 < float(seen["watches"]["value"]) < 512 << 20, "the whole host is no container"
        assert seen["holds"]["container_label_team"] == "voice"
    finally:
        engine.docker("rm", "--force", "watches", "holds")


def test_on_the_network_of_the_host(engine: DockerEngine, here: Rows) -> None:
    """As most people run it: asked on the host's own address."""
    port = free_port()
    options = (*HOST_MOUNTS, *PYTHON, *RIGHTLESS, "--uts", "host", "--network", "host")
    command = (INTERPRETER, "-m", "mixdesk_exporter", *ROOTS, "--port", str(port))
    engine.docker("run", "--detach", "--name", "beside", *options, IMAGE, *command)

    def asked() -> str:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
                body: str = answer.read().decode()
                return body
        except OSError:
            return ""

    try:
        wait_for(asked, "the exporter's answer", 120.0)
        seen = rows(asked())
        assert seen["node_uname_info"] == here["node_uname_info"]
        for sample in DEVICES:
            assert labels(seen, sample, "device") == labels(here, sample, "device")
    finally:
        engine.docker("rm", "--force", "beside")
