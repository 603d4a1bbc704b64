"""Temperatures and fans of the board."""

from __future__ import annotations

from mixdesk_dashboards.hosts.asked import of
from mixdesk_dashboards.kit import panels
from mixdesk_dashboards.kit.board import Section
from mixdesk_dashboards.kit.targets import prom

NO_SENSOR = "no sensor here (a virtual machine?)"


def section() -> Section:
    labelled = f"max by (chip, sensor, label) ({of('node_hwmon_sensor_label')})"
    plain = f"max by (chip, sensor) ({of('node_hwmon_temp_celsius')})"
    return Section(
        600,
        "Temperatures",
        [
            panels.timeseries(
                601,
                "Temperatures",
                "Of processors, disks and the board, as far as they have a name. Metric: `node_hwmon_temp_celsius`. "
                "Worry near what the maker says; processors slow down around 95 °C.",
                "celsius",
                NO_SENSOR,
                prom(f"{plain} * on(chip, sensor) group_left(label) {labelled}", "{{label}} ({{chip}})"),
                prom(f"{plain} unless on(chip, sensor) {labelled}", "{{sensor}} ({{chip}})"),
                prom(f"max by (type, zone) ({of('node_thermal_zone_temp')})", "{{type}} {{zone}}"),
            ),
            panels.timeseries(
                602,
                "Fans",
                "Turns a minute of the fans on the board. Metric: `node_hwmon_fan_rpm`. Worry when one stands still.",
                "rotrpm",
                NO_SENSOR,
                prom(f"max by (chip, sensor) ({of('node_hwmon_fan_rpm')})", "{{sensor}} ({{chip}})"),
                lowest=0,
            ),
        ],
        folded=True,
    )
