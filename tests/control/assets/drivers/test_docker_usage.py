"""What containers use, from files of control groups of both versions."""

from __future__ import annotations

from pathlib import Path

import pytest

from mixdesk_control.assets.asset import Usage
from mixdesk_control.assets.drivers.docker.usage import Meter
from mixdesk_exporter import cgroups
from mixdesk_exporter.host import Roots

ID = "1f2e3d4c5b6a7988" * 4
VERSION_1, VERSION_2 = f"4:memory:/docker/{ID}\n3:cpu,cpuacct:/docker/{ID}\n", f"0::/system.slice/docker-{ID}.scope\n"


class Host:
    """One container, its process 42, in files."""

    def __init__(self, folder: Path, told: str) -> None:
        self.roots = Roots(procfs=folder / "proc", sysfs=folder / "sys")
        self.version_1, self.now = told == VERSION_1, 100.0
        self._base = folder / "sys/fs/cgroup"
        (folder / "proc/42").mkdir(parents=True)
        (folder / "proc/42/cgroup").write_text(told)
        self.meter = Meter(self.roots, lambda: self.now)

    def use(self, cpu_s: float, memory: int, inactive: int) -> None:
        if self.version_1:
            self._write(f"memory/docker/{ID}/memory.usage_in_bytes", f"{memory}\n")
            self._write(
                f"memory/docker/{ID}/memory.stat", f"cache 1\ninactive_file 7\ntotal_inactive_file {inactive}\n"
            )
            self._write(f"cpuacct/docker/{ID}/cpuacct.usage", f"{round(cpu_s * 1e9)}\n")
            return
        self._write(f"system.slice/docker-{ID}.scope/memory.current", f"{memory}\n")
        self._write(f"system.slice/docker-{ID}.scope/memory.stat", f"anon 1\ninactive_file {inactive}\n")
        self._write(f"system.slice/docker-{ID}.scope/cpu.stat", f"usage_usec {round(cpu_s * 1e6)}\nuser_usec 1\n")

    def _write(self, name: str, text: str) -> None:
        (self._base / name).parent.mkdir(parents=True, exist_ok=True)
        (self._base / name).write_text(text)

    def read(self) -> Usage | None:
        return self.meter.read({"bark": (ID, 42)}).get("bark")


@pytest.fixture(params=[VERSION_1, VERSION_2], ids=["version 1", "version 2"])
def host(tmp_path: Path, request: pytest.FixtureRequest) -> Host:
    return Host(tmp_path, request.param)


def test_memory_and_cores_since_the_reading_before(host: Host) -> None:
    host.use(10.0, 5000, 2000)
    assert host.read() == Usage(memory=3000)
    host.now += 2
    host.use(13.0, 9000, 2000)
    assert host.read() == Usage(memory=7000, cpu_ratio=pytest.approx(1.5))
    host.now += 0.01  # too soon to say anything new of the CPU
    host.use(14.0, 9000, 1000)
    assert host.read() == Usage(memory=8000, cpu_ratio=pytest.approx(1.5))


def test_it_says_what_the_meters_say(host: Host) -> None:
    host.use(10.0, 5000, 2000)
    paths = cgroups.paths_of((host.roots.procfs / "42/cgroup").read_bytes())
    group = cgroups.read(host.roots.sysfs, paths)
    assert group is not None
    assert cgroups.used(host.roots.sysfs, paths) == (group.cpu, group.working_set) == (10.0, 3000)


def test_another_process_of_that_number(host: Host) -> None:
    """An engine elsewhere, or in another pid namespace: nothing is told of a stranger."""
    host.use(10.0, 5000, 2000)
    assert host.read() is not None
    for folder in list(host.roots.sysfs.rglob(f"*{ID}*")):
        folder.rename(folder.with_name("stranger"))
    told = host.roots.procfs / "42/cgroup"
    told.write_text(told.read_text().replace(f"docker-{ID}.scope", "stranger").replace(ID, "stranger"))
    assert host.read() is None
    assert Meter(host.roots).read({"bark": (ID, 42)}) == {}


def test_one_that_has_gone(host: Host) -> None:
    host.use(10.0, 5000, 2000)
    assert host.read() is not None
    for file in host.roots.sysfs.rglob("*.*"):
        if file.is_file():
            file.unlink()
    assert host.read() is None
    assert host.meter.read({}) == {}
