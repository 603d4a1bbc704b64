"""The collectors that read /sys, and the one that asks the kernel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mixdesk_exporter.collectors import hwmon, netclass, thermal_zone, timex
from mixdesk_exporter.collectors import time as clocks
from mixdesk_exporter.errors import Absent


def test_netclass(tree: Any, samples: Callable[..., Any]) -> None:
    for file, content in {"flags": "0x1003", "mtu": "1500", "operstate": "up", "speed": "1000", "type": "1"}.items():
        tree.sys(f"class/net/eth0/{file}", content + "\n")
    tree.sys("class/net/eth0/address", "02:00:00:00:00:01\n")
    tree.sys("class/net/down0/flags", "0x1002\n")
    tree.sys("class/net/down0/operstate", "down\n")
    tree.sys("class/net/bonding_masters", "bond0\n")
    found = samples(netclass.families(netclass.read(tree.host())))
    assert found["node_network_flags"] == {"eth0": 0x1003, "down0": 0x1002}
    assert found["node_network_speed_bytes"] == {"eth0": 125_000_000}
    assert found["node_network_up"] == {"down0": 0, "eth0": 1}
    assert set(found["node_network_info"]) == {
        ("", "down", "", "down0", "", "", "down"),
        ("02:00:00:00:00:01", "up", "", "eth0", "", "", "up"),
    }
    assert "node_network_carrier" not in found


def test_hwmon(tree: Any, samples: Callable[..., Any]) -> None:
    device = tree.roots.sysfs / "devices/platform/coretemp.0/hwmon/hwmon3"
    files = {
        "name": "coretemp",
        "temp1_input": "45500",
        "temp1_crit": "100000",
        "temp1_label": "Core 0",
        "temp1_type": "4",
        "fan2_input": "1200",
        "in0_input": "",
        "power1_average": "15000000",
    }
    for file, content in files.items():
        tree.sys(f"devices/platform/coretemp.0/hwmon/hwmon3/{file}", content + "\n")
    (device / "device").symlink_to(device.parent.parent)
    (tree.roots.sysfs / "class/hwmon").mkdir(parents=True)
    (tree.roots.sysfs / "class/hwmon/hwmon3").symlink_to(device)
    found = samples(hwmon.families(hwmon.read(tree.host())))
    chip = "platform_coretemp_0"
    assert found == {
        "node_hwmon_chip_names": {(chip, "coretemp"): 1},
        "node_hwmon_sensor_label": {(chip, "Core 0", "temp1"): 1},
        "node_hwmon_temp_celsius": {(chip, "temp1"): 45.5},
        "node_hwmon_temp_crit_celsius": {(chip, "temp1"): 100.0},
        "node_hwmon_fan_rpm": {(chip, "fan2"): 1200},
        "node_hwmon_power_average_watt": {(chip, "power1"): 15.0},
    }


def test_thermal_zones(tree: Any, samples: Callable[..., Any]) -> None:
    tree.sys("class/thermal/thermal_zone0/type", "x86_pkg_temp\n")
    tree.sys("class/thermal/thermal_zone0/temp", "51000\n")
    tree.sys("class/thermal/cooling_device1/type", "Processor\n")
    tree.sys("class/thermal/cooling_device1/cur_state", "2\n")
    tree.sys("class/thermal/cooling_device1/max_state", "10\n")
    assert samples(thermal_zone.families(thermal_zone.read(tree.host()))) == {
        "node_thermal_zone_temp": {("x86_pkg_temp", "0"): 51.0},
        "node_cooling_device_cur_state": {("1", "Processor"): 2},
        "node_cooling_device_max_state": {("1", "Processor"): 10},
    }


@pytest.mark.parametrize("read", [netclass.read, hwmon.read, thermal_zone.read])
def test_what_this_host_does_not_have_is_absent(tree: Any, read: Callable[..., object]) -> None:
    with pytest.raises(Absent):
        read(tree.host())


def test_time(tree: Any, samples: Callable[..., Any]) -> None:
    tree.sys("devices/system/clocksource/clocksource0/current_clocksource", "tsc\n")
    tree.sys("devices/system/clocksource/clocksource0/available_clocksource", "tsc hpet\n")
    found = samples(clocks.families(clocks.collector(tree.host(), clock=lambda: 1790000000.5).read()))
    assert found["node_time_seconds"] == {(): 1790000000.5}
    assert found["node_time_clocksource_current_info"] == {("tsc", "0"): 1}
    assert found["node_time_clocksource_available_info"] == {("tsc", "0"): 1, ("hpet", "0"): 1}


def test_timex(samples: Callable[..., Any]) -> None:
    made = timex.Timex(offset=1500, freq=65536 * 100, maxerror=16_000_000, status=timex.STA_NANO, tick=10_000, tai=37)
    found = samples(timex.families(timex.figures(made, 0)))
    assert found["node_timex_offset_seconds"] == {(): 1.5e-6}
    assert found["node_timex_frequency_adjustment_ratio"][()] == pytest.approx(1.0001)
    assert found["node_timex_maxerror_seconds"] == {(): 16.0}
    assert found["node_timex_sync_status"] == {(): 1}
    assert timex.figures(made, timex.TIME_ERROR)[timex.SYNCED] == 0
    assert 0.001 < timex.read()[timex.TICK] < 0.1
