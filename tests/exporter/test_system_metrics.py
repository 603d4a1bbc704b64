"""Rates, peaks and the JSON of system metrics, from snapshots made by hand."""

from __future__ import annotations

from typing import Any

import pytest

from mixdesk_exporter.peaks import Peak, Peaks
from mixdesk_exporter.rates import core_usage, cpu_usage, traffic
from mixdesk_exporter.readings import Cpu, CpuTimes, Gpu, Gpus, Interface, Load, Memory, Mount, Usage
from mixdesk_exporter.snapshot import Outcome, Snapshot
from mixdesk_exporter.system_metrics import system_metrics


def times(user: float, idle: float, iowait: float = 0.0) -> CpuTimes:
    return CpuTimes((user, 0, 0, idle, iowait, 0, 0, 0), (0, 0))


def interface(name: str, received: int, sent: int) -> Interface:
    return Interface(name, (received, *[0] * 7), (sent, *[0] * 7))


def snapshot(taken: float, **readings: Any) -> Snapshot:
    return Snapshot(1.79e9 + taken, taken, {name: Outcome(0.0, 0.0, reading) for name, reading in readings.items()})


def gpu(index: int, **figures: float) -> Gpu:
    return Gpu(index, f"GPU-{index}", "", "Stand-in", figures)


def test_usage_of_cores() -> None:
    before = Cpu({"0": times(10, 90), "1": times(0, 100), "2": times(5, 5)})
    after = Cpu({"0": times(10.5, 90.5), "1": times(0, 100.5, 0.5), "2": times(5, 5), "3": times(1, 1)})
    cores = core_usage(before, after)
    assert cores == {"0": 0.5, "1": 0.0, "2": 0.0}
    assert cpu_usage(cores) == pytest.approx(1 / 6)
    assert cpu_usage({}) is None


def test_a_kernel_that_counts_backwards() -> None:
    assert core_usage(Cpu({"0": times(10, 90)}), Cpu({"0": times(11, 89)})) == {"0": 1.0}


def test_traffic_without_the_loopback_and_new_interfaces() -> None:
    before = [interface("lo", 0, 0), interface("eth0", 1000, 2000), interface("gone", 5, 5)]
    after = [interface("lo", 9999, 9999), interface("eth0", 3000, 2500), interface("new", 10**9, 10**9)]
    assert traffic(before, after, 2.0) == (1000.0, 250.0)
    assert traffic(before, after, 0.0) == (0.0, 0.0)
    assert traffic(after, [interface("eth0", 5, 5)], 1.0) == (0.0, 0.0), "counters that begin anew"


def test_all_of_it() -> None:
    memory = Memory({"MemTotal": 1000, "MemFree": 100, "MemAvailable": 400, "SwapTotal": 50, "SwapFree": 20}, {})
    mount = Mount("/dev/vda", "/", "ext4")
    lost = Usage(Mount("nfs:/x", "/x", "nfs"), error="it does not answer")
    before = snapshot(10.0, cpu=Cpu({"0": times(0, 0)}), netdev=[interface("eth0", 0, 0)])
    after = snapshot(
        12.0,
        cpu=Cpu({"0": times(0.5, 1.5)}),
        loadavg=Load((0.5, 0.25, 0.125)),
        meminfo=memory,
        netdev=[interface("eth0", 4096, 1024)],
        filesystem=[Usage(mount, size=100, free=40, available=30), lost],
        gpu=Gpus(
            (
                gpu(0, utilization_percent=55.0, memory_used=3 << 30, memory_free=21 << 30, memory_total=24 << 30),
                gpu(1),
            ),
            {},
            {},
        ),
    )
    found = system_metrics(before, after)
    assert found == {
        "cpu": {
            "usage_percent": 25.0,
            "load_avg": [0.5, 0.25, 0.125],
            "cores": [{"core": 0, "usage_percent": 25.0}],
        },
        "memory": {"used_bytes": 600, "total_bytes": 1000, "swap_used_bytes": 30, "swap_total_bytes": 50},
        "disk": [{"mount": "/", "used_bytes": 60, "total_bytes": 100}],
        "network": {"rx_bytes_per_sec": 2048.0, "tx_bytes_per_sec": 512.0},
        "gpu": found["gpus"][0],
        "gpus": found["gpus"],
        "timestamp": "2026-09-21T14:13:32.000+00:00",
    }
    assert found["gpu"] == {
        "index": 0,
        "uuid": "GPU-0",
        "name": "Stand-in",
        "utilization_percent": 55.0,
        "vram_used_mb": 3072.0,
        "vram_total_mb": 24576.0,
        "vram_free_mb": 21504.0,
        "temperature_c": None,
    }


def test_the_first_one_and_one_of_a_host_that_tells_nothing() -> None:
    found = system_metrics(None, snapshot(1.0, cpu=Cpu({"0": times(5, 5)})))
    assert found["cpu"]["cores"] == [{"core": 0, "usage_percent": 0.0}]
    assert "gpu" not in found
    empty = system_metrics(None, snapshot(1.0))
    assert empty["memory"]["total_bytes"] == 0
    assert empty["disk"] == empty["gpus"] == []


def test_a_peak_lasts_a_minute() -> None:
    peak = Peak()
    assert peak.value is None
    for at, value in [(0.0, 0.2), (1.0, 0.9), (2.0, 0.5), (30.0, 0.6)]:
        peak.add(at, value)
    assert peak.value == 0.9
    peak.drop(61.5)
    assert peak.value == 0.6
    peak.drop(90.5)
    assert peak.value is None


def test_peaks_of_a_sampler() -> None:
    peaks = Peaks()

    def see(at: float, user: float, idle: float, *gpus: Gpu) -> dict[str, Any]:
        families = peaks.see(snapshot(at, cpu=Cpu({"0": times(user, idle)}), gpu=Gpus(gpus, {}, {})))
        return {family.name: dict(zip(family.keys, family.values, strict=True)) for family in families}

    see(0.0, 0.0, 0.0)
    see(1.0, 0.9, 0.1, gpu(0, utilization_percent=80.0))
    found = see(2.0, 0.9, 1.1, gpu(0, utilization_percent=10.0), gpu(1))
    assert found["mixdesk_cpu_utilization_max_ratio"] == {(): 0.9}
    assert found["mixdesk_gpu_utilization_max_ratio"] == {("GPU-0", "0"): 0.8}
    assert see(2.1, 0.9, 1.2)["mixdesk_gpu_utilization_max_ratio"] == {}, "a device that is gone has no peak"
    assert see(70.0, 0.9, 69.0)["mixdesk_cpu_utilization_max_ratio"] == {(): pytest.approx(0.0, abs=0.01)}
