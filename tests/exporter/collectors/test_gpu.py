"""GPUs through the real pynvml, over a library of our own that can hang, lose devices and refuse."""

from __future__ import annotations

import ctypes
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from standin_gpu import StandIn, build

from mixdesk_exporter import nvml
from mixdesk_exporter.collectors import gpu
from mixdesk_exporter.collectors.collector import Collector
from mixdesk_exporter.demo import DemoNvml
from mixdesk_exporter.errors import Absent
from mixdesk_exporter.exposition import OPENMETRICS, TEXT, render_as
from mixdesk_exporter.nvml import DriverError, profile_of
from mixdesk_exporter.peaks import Peaks
from mixdesk_exporter.readings import Gpus
from mixdesk_exporter.sampler import Sampler

UUID = "GPU-00000000-0000-4000-8000-{:012d}".format
LABELS = (UUID(0), "nvidia0", "0", "NVIDIA Stand-in 24GB", "00000000:01:00.0")


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = build(tmp_path_factory.mktemp("nvml"))
    ctypes.CDLL(str(folder / "libnvidia-ml.so.1"))  # by its soname, pynvml now finds this one
    return folder


@pytest.fixture
def standin(library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StandIn:
    made = StandIn(tmp_path / "gpus", library)
    monkeypatch.setenv("MIXDESK_FAKE_NVML", str(made.path))
    return made


@pytest.fixture
def collector(standin: StandIn) -> Iterator[Collector[Gpus]]:
    made = gpu.collector()
    yield made
    standin.clear("hang")
    made.close()
    until(lambda: not any(thread.name == "mixdesk xid" for thread in threading.enumerate()))


def until(condition: Callable[[], Any]) -> Any:
    for _ in range(1200):
        if found := condition():
            return found
        threading.Event().wait(0.05)
    raise AssertionError("it did not come to that within a minute")


def test_every_figure(standin: StandIn, collector: Collector[Gpus], samples: Callable[..., Any]) -> None:
    standin.set("util", 0, 55)
    standin.set("used", 0, 6 << 30)
    found = samples(collector.families(collector.read()))
    dcgm = {name.removeprefix("DCGM_FI_DEV_"): rows[LABELS] for name, rows in found.items() if name.startswith("DCGM")}
    assert dcgm == {
        "GPU_UTIL": 55,
        "MEM_COPY_UTIL": 27,
        "ENC_UTIL": 3,
        "DEC_UTIL": 4,
        "FB_TOTAL": 24576,
        "FB_USED": 6144,
        "FB_FREE": 24576 - 512 - 6144,
        "FB_RESERVED": 512,
        "GPU_TEMP": 60,
        "MEMORY_TEMP": 71,
        "POWER_USAGE": 250.5,
        "POWER_MGMT_LIMIT": 450,
        "TOTAL_ENERGY_CONSUMPTION": 123456789,
        "SM_CLOCK": 1980,
        "MEM_CLOCK": 10501,
        "FAN_SPEED": 42,
        "PSTATE": 2,
        "PCIE_REPLAY_COUNTER": 5,
        "PCIE_LINK_GEN": 4,
        "PCIE_LINK_WIDTH": 16,
        "ECC_SBE_VOL_TOTAL": 7,
        "ECC_DBE_VOL_TOTAL": 0,
        "XID_ERRORS": 0,
    }
    own = {name: rows[UUID(0), "0"] for name, rows in found.items() if (UUID(0), "0") in rows}
    assert own == {
        "mixdesk_gpu_utilization_ratio": 0.55,
        "mixdesk_gpu_memory_used_bytes": 6 << 30,
        "mixdesk_gpu_memory_total_bytes": 24 << 30,
        "mixdesk_gpu_temperature_celsius": 60,
        "mixdesk_gpu_power_watts": 250.5,
        "mixdesk_gpu_energy_joules_total": pytest.approx(123456.789),
    }
    assert [key for key, on in found["mixdesk_gpu_throttle"].items() if on] == [(UUID(0), "0", "sw_power_cap")]


def test_our_own_names_alone(collector: Collector[Gpus], samples: Callable[..., Any]) -> None:
    reading = collector.read()
    assert any(name.startswith("DCGM") for name in samples(collector.families(reading)))
    assert not any(name.startswith("DCGM") for name in samples(gpu.families(reading, dcgm=False)))


def test_what_a_device_does_not_have_has_no_series(
    standin: StandIn, collector: Collector[Gpus], samples: Callable[..., Any]
) -> None:
    for name in ("fan", "ecc", "memory_v2", "memory_temperature", "energy", "throttle", "processes"):
        standin.add("unsupported", name)
    reading = collector.read()
    found = samples(collector.families(reading))
    missing = ("FAN_SPEED", "ECC_SBE_VOL_TOTAL", "FB_RESERVED", "MEMORY_TEMP", "TOTAL_ENERGY_CONSUMPTION")
    assert not any(f"DCGM_FI_DEV_{name}" in found for name in missing)
    assert "mixdesk_gpu_throttle" not in found
    assert "mixdesk_gpu_energy_joules_total" not in found
    assert found["DCGM_FI_DEV_FB_TOTAL"] == {LABELS: 24576}
    assert reading.devices[0].processes is None


def test_who_holds_memory(standin: StandIn, collector: Collector[Gpus]) -> None:
    standin.set("gpus", 2)
    for pid in range(1, 9):
        standin.add("process", pid % 2, pid, pid << 20)
    first, second = collector.read().devices
    assert first.processes is not None and second.processes is not None
    assert [(process.pid, process.memory) for process in second.processes] == [(pid, pid << 20) for pid in (1, 3, 5, 7)]
    assert len(first.processes) == 4


def test_mig_instances(standin: StandIn, collector: Collector[Gpus], samples: Callable[..., Any]) -> None:
    standin.set("gpus", 2)
    standin.set("mig", 1, 2)
    standin.set("used", 1, 7 << 30)
    found = samples(collector.families(collector.read()))
    parent = (UUID(1), "nvidia1", "1", LABELS[3], "00000000:02:00.0")
    assert found["DCGM_FI_DEV_FB_USED"] == {
        ("", "", *LABELS): 0,
        ("", "", *parent): 7 << 10,
        ("3", "1g.3gb", *parent): 1 << 10,
        ("4", "1g.3gb", *parent): 1 << 10,
    }
    assert set(found["DCGM_FI_DEV_GPU_UTIL"]) == {("", "", *LABELS), ("", "", *parent)}
    assert profile_of("NVIDIA A100-SXM4-40GB MIG 1g.5gb") == "1g.5gb"


def test_a_device_that_falls_off_the_bus_goes_alone_and_comes_back(
    standin: StandIn, collector: Collector[Gpus]
) -> None:
    standin.set("gpus", 3)
    assert [device.index for device in collector.read().devices] == [0, 1, 2]
    standin.set("lost", 1)
    assert [device.index for device in collector.read().devices] == [0, 2]
    standin.clear("lost")
    assert [device.index for device in collector.read().devices] == [0, 1, 2]


def test_one_that_is_gone_is_in_no_line_of_the_next_scrape(standin: StandIn, collector: Collector[Gpus]) -> None:
    standin.set("gpus", 2)
    standin.set("util", 1, 90)
    sampler = Sampler([collector], follow=Peaks().see)

    def text() -> str:
        return render_as(sampler.snapshot(0.0, patience_s=60.0).families(), TEXT).decode()

    assert f'mixdesk_gpu_utilization_max_ratio{{UUID="{UUID(1)}",gpu="1"}} 0.9' in text()
    standin.set("lost", 1)
    gone = text()
    assert UUID(1) not in gone and UUID(0) in gone
    assert 'mixdesk_collector_success{collector="gpu"} 1' in gone
    standin.clear("lost")
    assert UUID(1) in text()
    sampler.close()
    until(lambda: not any(thread.name == "mixdesk gpu" for thread in threading.enumerate()))


def test_no_driver_is_absent_and_one_that_comes_is_found(standin: StandIn, collector: Collector[Gpus]) -> None:
    standin.set("nodriver", 1)
    with pytest.raises(Absent, match="driver"):
        collector.read()
    standin.set("nodriver", 0)
    assert len(collector.read().devices) == 1


def test_a_driver_that_is_unloaded_and_loaded_again(standin: StandIn, collector: Collector[Gpus]) -> None:
    collector.read()
    standin.set("nodriver", 1)
    with pytest.raises((DriverError, Absent)):
        collector.read()
    with pytest.raises(Absent):
        collector.read()
    standin.clear("nodriver")
    assert len(collector.read().devices) == 1


def test_without_the_library_it_is_absent() -> None:
    def load() -> ModuleType:
        raise ImportError("no module named pynvml")

    with pytest.raises(Absent, match=r"mixdesk\[exporter\]"):
        gpu.collector(load).read()


def test_a_driver_that_hangs_is_asked_once_and_found_again(
    standin: StandIn, collector: Collector[Gpus], samples: Callable[..., Any]
) -> None:
    now = [1000.0]
    sampler = Sampler([collector], monotonic=lambda: now[0])

    def a_second_later() -> Any:
        now[0] += 1.0
        return samples(sampler.snapshot(0).families())

    assert "DCGM_FI_DEV_GPU_UTIL" in until(lambda: "DCGM_FI_DEV_GPU_UTIL" in a_second_later() and a_second_later())
    standin.set("hang", 1)
    gone = [a_second_later() for _ in range(2)][-1]
    assert not any(name.startswith(("DCGM", "mixdesk_gpu")) for name in gone)
    assert gone["mixdesk_collector_success"] == {"gpu": 0}
    assert sum(thread.name == "mixdesk gpu" for thread in threading.enumerate()) == 1
    worker = sampler._seats[0].worker
    assert worker is not None
    standin.clear("hang")
    until(lambda: worker._out_since is None)  # the call that hung has come back
    assert "DCGM_FI_DEV_GPU_UTIL" in [a_second_later() for _ in range(2)][-1]


def test_xid_errors_are_counted(standin: StandIn, collector: Collector[Gpus], samples: Callable[..., Any]) -> None:
    collector.read()
    for serial in (1, 2):
        standin.set("xid", 0, 79, serial)
        until(lambda serial=serial: any(seen.count == serial for seen in collector.read().xids.values()))  # type: ignore[misc]
    found = samples(collector.families(collector.read()))
    assert found["mixdesk_gpu_xid_errors_total"] == {(UUID(0), "0", "79"): 2}
    assert found["DCGM_FI_DEV_XID_ERRORS"] == {LABELS: 79}
    assert found["mixdesk_gpu_last_xid_timestamp_seconds"][UUID(0), "0", "79"] > 1.7e9


@pytest.mark.parametrize("form", [TEXT, OPENMETRICS])
def test_it_can_be_written(standin: StandIn, collector: Collector[Gpus], form: str) -> None:
    standin.set("gpus", 2)
    assert b"DCGM_FI_DEV_GPU_UTIL" in render_as(collector.families(collector.read()), form)


def test_a_hanging_driver_leaves_the_rest_of_a_real_exporter_alone(standin: StandIn) -> None:
    command = [sys.executable, "-m", "mixdesk_exporter", "--port", "0"]
    with subprocess.Popen(command, env=standin.env, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            url = next(word for word in process.stderr.readline().split() if word.startswith("http")).rstrip(".")

            def scraped() -> str:
                with urllib.request.urlopen(url, timeout=60) as answer:
                    return str(answer.read().decode())

            until(lambda: "DCGM_FI_DEV_GPU_UTIL{" in scraped())
            standin.set("hang", 1)
            hung = until(lambda: (text := scraped()) and "DCGM_FI_DEV_GPU_UTIL{" not in text and text)
            assert 'mixdesk_collector_success{collector="gpu"} 0' in hung
            assert 'mixdesk_collector_success{collector="cpu"} 1' in hung
            before = hung
            until(lambda: _taken(scraped()) > _taken(before) + 1.0)
            standin.clear("hang")
            until(lambda: "DCGM_FI_DEV_GPU_UTIL{" in scraped())
        finally:
            standin.clear("hang")
            process.terminate()


def _taken(text: str) -> float:
    return float(next(line for line in text.splitlines() if line.startswith("mixdesk_snapshot_timestamp")).split()[1])


def test_devices_for_a_demonstration(samples: Callable[..., Any]) -> None:
    collector = gpu.collector(lambda: DemoNvml(3, clock=lambda: 1.79e9))
    found = samples(collector.families(collector.read()))
    assert len(found["DCGM_FI_DEV_GPU_UTIL"]) == 3
    assert all(0 <= value <= 100 for value in found["DCGM_FI_DEV_GPU_UTIL"].values())
    assert {key[3] for key in found["DCGM_FI_DEV_FB_USED"]} == {"Mixdesk demo 24GB"}
    assert "DCGM_FI_DEV_ECC_SBE_VOL_TOTAL" not in found
    collector.close()


def test_what_a_process_takes_while_it_is_read_is_not_free_as_well() -> None:
    before, less, more = ({"memory_used": used, "memory_free": 9.0 - used} for used in (4.0, 5.0, 3.0))
    assert nvml._fuller(before, less) == less, "taken meanwhile: it may be among the processes already"
    assert nvml._fuller(before, more) == {}, "given back meanwhile: it may be missing among them already"
