"""How an asset of each kind is seen, started and stopped: one driver a kind, and one line each in `drivers`."""

from __future__ import annotations

import os
from collections.abc import Mapping

from mixdesk_control.assets.drivers.docker.driver import DockerDriver
from mixdesk_control.assets.drivers.driver import Driver
from mixdesk_control.assets.drivers.http.driver import HttpDriver
from mixdesk_control.assets.drivers.process.driver import ProcessDriver
from mixdesk_control.docker_engine.engine import SOCKET
from mixdesk_control.settings import Settings
from mixdesk_exporter.host import Roots


def drivers(settings: Settings, env: Mapping[str, str] = os.environ) -> dict[str, Driver]:
    """Every driver by its name, not yet connected to anything."""
    exporter = settings.exporter
    roots = Roots(exporter.procfs, exporter.sysfs, exporter.rootfs)
    made: list[Driver] = [
        DockerDriver(settings.logs.docker or env.get("DOCKER_HOST") or SOCKET, roots=roots),
        ProcessDriver(settings.state_dir / "assets"),
        HttpDriver(),
    ]
    return {driver.name: driver for driver in made}
