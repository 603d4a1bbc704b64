"""What the meters read: the GPU driver, the Docker engine, and the exporters elsewhere."""

from __future__ import annotations

from mixdesk_control.docker_engine import engine
from mixdesk_control.docker_engine.engine import SOCKET
from mixdesk_control.docker_engine.errors import EngineError
from mixdesk_control.doctor.finding import ABSENT, BROKEN, OK, WARNING, Check, Context, Finding
from mixdesk_control.logs.discovery.catalog import engine_address
from mixdesk_control.meters.opening import token_of
from mixdesk_control.meters.sources import RemoteSource, SourceError, beside
from mixdesk_control.settings import LOCAL, SettingsError
from mixdesk_exporter.collectors import gpu as gpu_collector
from mixdesk_exporter.engine import Engine
from mixdesk_exporter.errors import Absent, ExporterError


def gpu(_context: Context) -> Finding:
    """Does NVML answer?"""
    collector = gpu_collector.collector()
    try:
        devices = collector.read().devices
    except Absent as error:
        return Finding("gpu", ABSENT, str(error), "install the NVIDIA driver, where there is a GPU")
    except ExporterError as error:
        return Finding("gpu", BROKEN, str(error), "see `nvidia-smi` and the kernel's log (dmesg)")
    finally:
        collector.close()
    names = ", ".join(device.name for device in devices)
    return Finding("gpu", OK, f"{len(devices)} by NVML: {names}" if devices else "NVML answers and has no device")


def docker(context: Context) -> Finding:
    """May the engine be asked, and where `[logs] docker` names another one, that one too?"""
    own, address = _metered(), str(engine_address(context.settings.logs, context.env)).removeprefix("unix://")
    if address == str(SOCKET):
        return own
    try:
        with engine.Engine(address).link() as link:
            running = [one for one in link.containers() if one.state == "running"]
    except EngineError as error:
        return Finding("docker", WARNING, str(error), "start it, or correct [logs] docker (or DOCKER_HOST)")
    found = f"{address}: {len(running)} containers run, whose logs are read; for metrics {own.found}"
    return Finding("docker", own.verdict, found, own.todo)


def _metered() -> Finding:
    metered = Engine()
    try:
        running = [item for item in metered.containers() if item.get("State") == "running"]
    except Absent as error:
        return Finding("docker", ABSENT, str(error), "containers are left out; nothing else needs it")
    except ExporterError as error:
        return Finding("docker", WARNING, str(error), "containers are left out until it answers")
    return Finding("docker", OK, f"{metered.path}: {len(running)} containers run")


def exporters(context: Context) -> Finding:
    """Does each address of `[meters] sources` answer with a snapshot, and who reads this host?"""
    sources, procfs = context.settings.meters.sources, context.settings.exporter.procfs
    there = beside(procfs) if LOCAL in sources else None
    own = [] if there is None else [f"{there.name} reads this host"]
    urls = [source for source in sources if source != LOCAL]
    if not urls:
        found = own[0] if own else "the desk reads this host alone" if sources else "no host is read"
        return Finding("exporters", ABSENT, found, "set [meters] sources to read other hosts too")
    try:
        token = token_of(context.settings.exporter)
    except SettingsError as error:
        return Finding("exporters", BROKEN, str(error), "put the token of those exporters into it")
    refused = [why for url in urls if (why := _refusal(url, token))]
    if not refused:
        return Finding("exporters", OK, ", ".join([*own, *urls]))
    todo = "start `mixdesk exporter` there, give both the same token, or correct [meters] sources"
    return Finding("exporters", BROKEN, "; ".join(refused), todo)


def _refusal(url: str, token: str | None) -> str | None:
    source = RemoteSource(url, token)
    try:
        source.read(60.0)
    except SourceError as error:
        return str(error)
    finally:
        source.close()
    return None


CHECKS: tuple[Check, ...] = (gpu, docker, exporters)
