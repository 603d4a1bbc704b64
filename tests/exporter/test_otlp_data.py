"""OTLP metrics say what the snapshot says, under the names, kinds and units of the conventions."""

from __future__ import annotations

import importlib
import os
import pkgutil
import re
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import opentelemetry.semconv._incubating.attributes as incubating
import opentelemetry.semconv.attributes as stable
import pytest
from collector import Collector, Push
from opentelemetry.semconv._incubating.metrics import container_metrics, hw_metrics, system_metrics
from opentelemetry.semconv.schemas import Schemas
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    SummaryMetricFamily,
)
from prometheus_client.samples import Exemplar
from small_host import BOOT, STAT, net, until

from mixdesk_exporter import otlp
from mixdesk_exporter.exposition.otlp import CONVENTIONAL, SCHEMA, HostMetrics, resource
from mixdesk_exporter.exposition.otlp.containers import CONTAINER, split_image
from mixdesk_exporter.exposition.otlp.families import metrics_of, named
from mixdesk_exporter.exposition.otlp.hardware import HARDWARE
from mixdesk_exporter.exposition.otlp.host import memory_states
from mixdesk_exporter.exposition.otlp.instrument import COUNTER, FORGOTTEN_AFTER, Instrument, Moment, Starts
from mixdesk_exporter.exposition.otlp.system import SYSTEM
from mixdesk_exporter.options import Options, host_sampler
from mixdesk_exporter.otlp_target import target
from mixdesk_exporter.readings import Container, Gpu, GpuInstance, Gpus, Group, Interface
from mixdesk_exporter.sampler import Sampler
from mixdesk_exporter.snapshot import Outcome, Snapshot

PAGE = (Path(__file__).parents[2] / "docs" / "otlp.md").read_text()
pytestmark = pytest.mark.usefixtures("plain_environment")
INSTRUMENTS: list[Instrument] = [instrument for instrument, _ in (*SYSTEM, *HARDWARE, *CONTAINER)]
# What the conventions have no name for; the OpenTelemetry Collector has.
COLLECTORS_OWN = {f"system.cpu.load_average.{minutes}m" for minutes in (1, 5, 15)}


# -- the conventions -----------------------------------------------------------------------------------


class Meter:
    """Notes what is created on it."""

    def __init__(self) -> None:
        self.made: dict[str, tuple[str, str]] = {}

    def __getattr__(self, call: str) -> Callable[..., None]:
        kind = call.removeprefix("create_").removeprefix("observable_").replace("_", "")

        def create(name: str, unit: str = "", **_: Any) -> None:
            self.made[name] = "updowncounter" if kind == "updowncounter" else kind, unit

        return create


def conventions() -> dict[str, tuple[str, str]]:
    """{name: (kind, unit)} as OpenTelemetry's own package has them."""
    meter = Meter()
    for module in (system_metrics, hw_metrics, container_metrics):
        for name, create in vars(module).items():
            if name.startswith("create_"):
                wants = create.__code__.co_argcount
                create(*(meter, None)[:wants])
    return meter.made


def known_attributes() -> set[str]:
    found: set[str] = set()
    for package in (incubating, stable):
        for info in pkgutil.iter_modules(package.__path__):
            module = importlib.import_module(f"{package.__name__}.{info.name}")
            found |= {value for value in vars(module).values() if isinstance(value, str) and "." in value}
    return found


def test_names_kinds_and_units_are_those_of_the_conventions() -> None:
    known = conventions()
    assert len(known) > 60
    for instrument in INSTRUMENTS:
        if instrument.name not in COLLECTORS_OWN:
            assert known[instrument.name] == (instrument.kind, instrument.unit), instrument.name
    assert {instrument.name for instrument in INSTRUMENTS} >= COLLECTORS_OWN
    attributes = {name for instrument in INSTRUMENTS for name in instrument.attributes}
    assert len(attributes) > 15
    assert not attributes - known_attributes()
    assert Schemas.V1_44_0.value == SCHEMA


def test_the_page_lists_every_metric() -> None:
    rows = re.findall(r"^\| `([a-z][a-z0-9_.]+)` \| (\w+) \| `([^`]+)` \| (.*) \|$", PAGE, re.MULTILINE)
    listed = {(name, kind, unit, tuple(re.findall(r"`([^`]+)`", cell))) for name, kind, unit, cell in rows}
    made = {(item.name, item.kind, item.unit, item.attributes) for item in INSTRUMENTS}
    assert listed == made
    assert len(rows) == len(made)


def test_the_page_names_every_variable() -> None:
    source = "".join(Path(module.__file__ or "").read_text() for module in (otlp, sys.modules[target.__module__]))
    named_in_code = set(re.findall(r"OTEL_[A-Z_]+[A-Z]", source)) - {"OTEL_EXPORTER_OTLP"}
    assert named_in_code <= set(re.findall(r"OTEL_[A-Z_]+[A-Z]", PAGE))


# -- figures -------------------------------------------------------------------------------------------


def figures(snapshot: Snapshot, sample: str) -> dict[Any, float]:
    """Rows of a family of Prometheus."""
    for family in snapshot.families():
        if family.descriptor.sample == sample:
            return dict(zip(family.keys, map(float, family.values), strict=True))
    raise AssertionError(sample)


def test_a_real_host_says_by_otlp_what_it_says_to_prometheus(
    collector: Collector, started: Callable[..., otlp.Pusher]
) -> None:
    sampler = host_sampler(Options(demo_gpus=2))
    try:
        snapshot = sampler.snapshot(0)
        started(sampler, collector.url)
        push = until(lambda: collector.pushes)[0]
    finally:
        sampler.close()
    assert_same_host(push, snapshot)
    assert_same_gpus(push, snapshot)
    boot = figures(snapshot, "node_boot_time_seconds")[()]
    for name, metric in push.metrics().items():
        if name.startswith("mixdesk."):
            continue
        kind = metric.WhichOneof("data")
        for point in getattr(metric, kind).data_points:
            assert point.time_unix_nano == int(snapshot.at * 1e9), name
            assert kind == "gauge" or point.start_time_unix_nano == int(boot * 1e9), name
        assert kind == "gauge" or metric.sum.aggregation_temporality == 2, "cumulative"


def assert_same_host(push: Push, snapshot: Snapshot) -> None:
    modes = push.values("system.cpu.time", "cpu.logical_number", "cpu.mode")
    seconds = figures(snapshot, "node_cpu_seconds_total")
    for core in {core for core, _ in seconds}:
        assert modes[int(core), "user"] == seconds[core, "user"]
        assert modes[int(core), "interrupt"] == seconds[core, "irq"] + seconds[core, "softirq"]
        assert sum(value for (of, _), value in modes.items() if of == int(core)) == pytest.approx(
            sum(value for (of, _), value in seconds.items() if of == core)
        )
    memory = push.values("system.memory.usage", "system.memory.state")
    assert memory["free",] == figures(snapshot, "node_memory_MemFree_bytes")[()]
    available = push.values("system.memory.linux.available")[()]
    assert memory["used",] + available == push.values("system.memory.limit")[()]
    network = push.values("system.network.io", "network.interface.name", "network.io.direction")
    packets = push.values("system.network.packet.count", "system.device", "network.io.direction")
    for name, value in figures(snapshot, "node_network_receive_bytes_total").items():
        assert network[name, "receive"] == value
        assert packets[name, "transmit"] == figures(snapshot, "node_network_transmit_packets_total")[name]
    assert_same_disks(push, snapshot)
    assert push.values("system.uptime")[()] == pytest.approx(
        snapshot.at - figures(snapshot, "node_boot_time_seconds")[()]
    )
    assert push.values("system.cpu.load_average.5m")[()] == figures(snapshot, "node_load5")[()]
    assert push.values("system.process.created")[()] == figures(snapshot, "node_forks_total")[()]
    assert push.values("mixdesk.collector.success", "collector")["cpu",] == 1


def assert_same_disks(push: Push, snapshot: Snapshot) -> None:
    moved = push.values("system.disk.io", "system.device", "disk.io.direction")
    times = push.values("system.disk.io_time", "system.device")
    for name, value in figures(snapshot, "node_disk_written_bytes_total").items():
        assert moved[name, "write"] == value
        assert times[name,] == figures(snapshot, "node_disk_io_time_seconds_total")[name]
    keys = "system.device", "system.filesystem.type", "system.filesystem.mountpoint"
    space = push.values("system.filesystem.usage", *keys, "system.filesystem.state")
    limit = push.values("system.filesystem.limit", *keys)
    assert limit
    for (device, _, fstype, mountpoint), size in figures(snapshot, "node_filesystem_size_bytes").items():
        key = device, fstype, mountpoint
        assert limit[key] == size
        assert sum(space[(*key, state)] for state in ("used", "free", "reserved")) == size


def assert_same_gpus(push: Push, snapshot: Snapshot) -> None:
    used = push.values("hw.gpu.memory.usage", "hw.id", "hw.name", "hw.vendor")
    assert {key[1] for key in used} == {"nvidia0", "nvidia1"}
    for (uuid, index), value in figures(snapshot, "mixdesk_gpu_memory_used_bytes").items():
        assert used[uuid, f"nvidia{index}", "NVIDIA"] == value
        busy = figures(snapshot, "mixdesk_gpu_utilization_ratio")[uuid, index]
        assert push.values("hw.gpu.utilization", "hw.id", "hw.gpu.task")[uuid, "general"] == busy
        heat = figures(snapshot, "mixdesk_gpu_temperature_celsius")[uuid, index]
        assert push.values("hw.temperature", "hw.parent", "hw.sensor_location")[uuid, "core"] == heat
        energy = figures(snapshot, "mixdesk_gpu_energy_joules_total")[uuid, index]
        assert push.values("hw.energy", "hw.id", "hw.type")[uuid, "gpu"] == energy
        watts = figures(snapshot, "mixdesk_gpu_power_watts")[uuid, index]
        assert push.values("hw.power", "hw.id", "hw.type")[uuid, "gpu"] == watts
    dotted = {named(family.name, family.type)[0] for family in snapshot.families() if family.name in CONVENTIONAL}
    assert len(dotted) == len(CONVENTIONAL)
    assert not dotted & push.metrics().keys(), "what has a conventional name is not sent twice"


def test_kinds_on_the_wire(sampler: Sampler, collector: Collector, started: Callable[..., otlp.Pusher]) -> None:
    started(sampler, collector.url)
    push = until(lambda: collector.pushes)[0]
    kinds = {item.name: item.kind for item in INSTRUMENTS}
    for name, metric in push.metrics(service_name="mixdesk-exporter").items():
        if name in kinds:
            kind = metric.WhichOneof("data")
            found = {"gauge": "gauge"}.get(kind) or ("counter" if metric.sum.is_monotonic else "updowncounter")
            assert found == kinds[name], name
    assert {point.WhichOneof("value") for _, point in push.points("system.network.io")} == {"as_int"}
    assert {point.WhichOneof("value") for _, point in push.points("system.cpu.time")} == {"as_double"}
    (about,) = push.resources
    host = {"service.name": "mixdesk-exporter", "os.type": "linux", "host.name": os.uname().nodename}
    assert host.items() <= about.items()
    assert {part.schema_url for part in push.request.resource_metrics} == {SCHEMA}
    scopes = {scope.scope.name: scope.schema_url for scope in push.request.resource_metrics[0].scope_metrics}
    assert scopes == {"mixdesk_exporter": SCHEMA, "mixdesk": ""}


def snapshot_of(at: float, **readings: Any) -> Snapshot:
    return Snapshot(at, at, {name: Outcome(0.0, at, reading) for name, reading in readings.items()})


def sent(*snapshots: Snapshot) -> Push:
    """The last of these as it would arrive."""
    from opentelemetry.exporter.otlp.proto.common.metrics_encoder import encode_metrics

    metrics = HostMetrics(resource({"service.name": "s", "host.name": "h"}), 1.0)
    data = [metrics.of(snapshot) for snapshot in snapshots]
    return Push(encode_metrics(data[-1]), {})


RUNNING = Container(
    identity="1f2e",
    cgroup="/docker/1f2e",
    name="rvc",
    image="registry:5000/voice/rvc:2.1",
    state="running",
    pid=7,
    started_at=1000.5,
    restarts=0,
    labels={"team": "voice"},
    group=Group(
        cpu=9.0,
        cpu_user=6.0,
        cpu_system=2.0,
        memory=500,
        working_set=300,
        rss=200,
        memory_limit=1000,
        blocks={"254:0": (1, 2, 3, 4)},
    ),
    interfaces=(Interface("eth0", (10,) * 8, (20,) * 8), Interface("lo", (1,) * 8, (1,) * 8)),
)


def test_each_container_is_a_resource() -> None:
    stopped = replace(RUNNING, identity="dead", group=None)
    unlimited = replace(
        RUNNING, identity="4d5e", image="sha256:99", labels={}, group=Group(cpu=9.0, memory=5, working_set=4)
    )
    push = sent(snapshot_of(2000.0, containers=[RUNNING, stopped, unlimited]))
    assert [about.get("container.id") for about in push.resources] == [None, "1f2e", "4d5e"]
    about = push.resources[1]
    assert about["container.image.name"] == "registry:5000/voice/rvc"
    assert about["container.image.tags"] == ["2.1"]
    assert (about["container.label.team"], about["container.name"], about["host.name"]) == ("voice", "rvc", "h")
    of = {"container_id": "1f2e"}
    assert push.values("container.uptime", **of) == {(): 999.5}
    assert push.values("container.cpu.time", "cpu.mode", **of) == {("user",): 6.0, ("system",): 2.0}
    memory = {name: push.values(f"container.memory.{name}", **of)[()] for name in ("usage", "rss", "working_set")}
    assert memory == {"usage": 500, "rss": 200, "working_set": 300}
    assert push.values("container.memory.available", **of) == {(): 700}
    disk = push.values("container.disk.io", "system.device", "disk.io.direction", **of)
    assert disk == {("254:0", "read"): 1, ("254:0", "write"): 2}
    network = push.values("container.network.io", "network.interface.name", "network.io.direction", **of)
    assert network == {("eth0", "receive"): 10, ("eth0", "transmit"): 20}
    for name in ("container.cpu.time", "container.disk.io", "container.network.io"):
        assert {point.start_time_unix_nano for _, point in push.points(name, **of)} == {1_000_500_000_000}
    assert push.values("container.cpu.time", "cpu.mode", container_id="4d5e") == {(None,): 9.0}
    assert not push.points("container.memory.available", container_id="4d5e")


@pytest.mark.parametrize(
    ("image", "parts"),
    [
        ("redis", ("redis", "")),
        ("redis:7", ("redis", "7")),
        ("host:5000/a/b", ("host:5000/a/b", "")),
        ("host:5000/a/b:1@sha256:0f", ("host:5000/a/b", "1")),
        ("sha256:0f", ("sha256:0f", "")),
    ],
)
def test_images(image: str, parts: tuple[str, str]) -> None:
    assert split_image(image) == parts


def test_gpus_with_parts() -> None:
    part = GpuInstance(3, "1g.5gb", "MIG-1", 10, 40)
    figures = {"memory_used": 30.0, "memory_total": 80.0, "memory_temperature": 71.0, "fan_percent": 40.0}
    figures |= {"ecc_corrected": 5.0, "ecc_uncorrected": 0.0, "encoder_percent": 25.0}
    reading = Gpus(
        (Gpu(0, "GPU-1", "bus", "A100", figures, instances=(part,)), Gpu(1, "GPU-2", "bus", "T4", {})), {}, {}
    )
    push = sent(snapshot_of(10.0, gpu=reading))
    keys = "hw.id", "hw.parent", "hw.name"
    assert push.values("hw.gpu.memory.usage", *keys) == {
        ("GPU-1", None, "nvidia0"): 30,
        ("MIG-1", "GPU-1", "nvidia0 1g.5gb"): 10,
    }
    assert push.values("hw.gpu.memory.utilization", "hw.id") == {("GPU-1",): 0.375, ("MIG-1",): 0.25}
    assert push.values("hw.temperature", "hw.id", "hw.sensor_location") == {("GPU-1/memory", "memory"): 71.0}
    assert push.values("hw.fan.speed_ratio", "hw.parent") == {("GPU-1",): 0.4}
    errors = push.values("hw.errors", "hw.id", "hw.type", "error.type")
    assert errors == {("GPU-1", "gpu", "corrected"): 5, ("GPU-1", "gpu", "uncorrected"): 0}
    assert push.values("hw.gpu.utilization", "hw.gpu.task") == {("encoder",): 0.25}


def test_shares_are_those_since_the_push_before(sampler: Sampler, tree: Any) -> None:
    first = sampler.snapshot(0)
    tree.proc("stat", STAT.replace("cpu0 100 0 50 800 20 3 4 5", "cpu0 160 0 60 820 20 3 9 10"))
    second = sampler.snapshot(0)
    assert not sent(first).points("system.cpu.utilization")
    shares = sent(first, second).values("system.cpu.utilization", "cpu.mode")
    assert shares["user",] == pytest.approx(0.6)
    assert shares["interrupt",] == pytest.approx(0.05)
    assert sum(shares.values()) == pytest.approx(1.0)


def test_memory_of_an_old_kernel() -> None:
    fields = {"MemTotal": 100, "MemFree": 20, "Buffers": 5, "Cached": 15}
    assert memory_states(fields) == {"used": 60, "free": 20, "buffers": 5, "cached": 15}
    assert memory_states(fields | {"MemAvailable": 50})["used"] == 50
    assert memory_states({}) == {}


# -- what comes and goes -------------------------------------------------------------------------------


def test_an_interface_that_goes_and_begins_anew(sampler: Sampler, tree: Any) -> None:
    snapshots = [sampler.snapshot(0)]
    for content in (net(eth0=150), net(eth0=160, veth7=5), net(eth0=170, veth7=50)):
        tree.proc("1/net/dev", content)
        snapshots.append(sampler.snapshot(0))
    keys = "network.interface.name", "network.io.direction"
    assert ("veth7", "receive") in sent(*snapshots[:1]).values("system.network.io", *keys)
    gone = sent(*snapshots[:2]).values("system.network.io", *keys)
    assert {name for name, _ in gone} == {"eth0"}
    starts = {
        (about["network.interface.name"], about["network.io.direction"]): point.start_time_unix_nano
        for about, point in sent(*snapshots).points("system.network.io")
    }
    boot = BOOT * 10**9
    assert starts["eth0", "receive"] == boot
    assert starts["veth7", "receive"] == int(snapshots[0].at * 1e9), "its last point before it began anew"


def test_starts_of_series_that_are_no_more_are_forgotten() -> None:
    starts = Starts()
    assert starts.since("a", 5.0, 1, 10) == 1
    assert starts.since("a", 4.0, 1, 20) == 10
    assert starts.since("a", 9.0, 1, 30) == 10
    for _ in range(FORGOTTEN_AFTER + 1):
        starts.next_round()
    assert not starts._seen
    assert Moment(at=5, start=9).since("a", 1.0) == 5, "a clock that was set back"


def test_a_counter_too_large_for_an_integer_is_sent_all_the_same() -> None:
    huge = (1 << 64) - 1
    metric = Instrument("x", COUNTER, "By", "", (), whole=True).of([((), huge), ((), None)], Moment(2, 1))
    assert metric is not None
    assert [point.value for point in metric.data.data_points] == [float(huge)]
    assert Instrument("x", COUNTER, "By", "").of([], Moment(2, 1)) is None


# -- families of Prometheus ----------------------------------------------------------------------------


def translated(name: str, unit: str, kind: str) -> str:
    """The name that a Prometheus receiver makes, by the specification."""
    suffix = {"s": "_seconds", "By": "_bytes", "Cel": "_celsius", "J": "_joules", "W": "_watts"}.get(unit, "")
    ratio = "_ratio" if unit == "1" and kind == "gauge" else ""
    return name.replace(".", "_") + suffix + ratio + ("_total" if kind == "counter" else "")


@pytest.mark.parametrize(
    ("name", "kind", "dotted"),
    [
        ("mixdesk_job_progress_ratio", "gauge", ("mixdesk.job.progress", "1")),
        ("mixdesk_job_phase_progress_ratio", "gauge", ("mixdesk.job.phase_progress", "1")),
        ("mixdesk_job_eta_seconds", "gauge", ("mixdesk.job.eta", "s")),
        ("mixdesk_job_steps", "counter", ("mixdesk.job.steps", "{step}")),
        ("mixdesk_job_started_timestamp_seconds", "gauge", ("mixdesk.job.started_timestamp", "s")),
        ("mixdesk_jobs", "gauge", ("mixdesk.jobs", "{job}")),
        ("mixdesk_phase_duration_seconds", "histogram", ("mixdesk.phase.duration", "s")),
        ("mixdesk_progress_error_ratio", "histogram", ("mixdesk.progress.error_ratio", "1")),
        ("mixdesk_asset_gpu_memory_bytes", "gauge", ("mixdesk.asset.gpu_memory", "By")),
        ("mixdesk_build_info", "gauge", ("mixdesk.build.info", "")),
    ],
)
def test_names_come_back(name: str, kind: str, dotted: tuple[str, str]) -> None:
    assert named(name, kind) == dotted
    assert translated(*dotted, kind) == name + ("_total" if kind == "counter" else "")


def test_families_as_otlp() -> None:
    from opentelemetry.exporter.otlp.proto.common.metrics_encoder import encode_metrics
    from opentelemetry.sdk.metrics.export import MetricsData

    from mixdesk_exporter.exposition.otlp import OWN, packed, scope

    gauge = GaugeMetricFamily("mixdesk_asset_memory_bytes", "Memory.", labels=["asset"])
    gauge.add_metric(["bark"], 7.0)
    count = CounterMetricFamily("mixdesk_asset_transitions", "Changes.", labels=["asset"])
    count.add_metric(["bark"], 3.0, created=5.0)
    count.add_metric(["rvc"], 4.0)
    spread = HistogramMetricFamily("mixdesk_phase_duration_seconds", "Time.", labels=["phase"])
    buckets = [("1.0", 2.0, Exemplar({"trace_id": "ab"}, 0.5)), ("5.0", 3.0), ("+Inf", 7.0)]
    spread.add_metric(["training"], buckets, sum_value=99.5)
    empty, summary = GaugeMetricFamily("mixdesk_x", "None."), SummaryMetricFamily("mixdesk_y", "No.", 1, 2.0)
    metrics = metrics_of(
        [gauge, count, spread, empty, summary], 100.0, 50.0, lambda labels: {"rvc": 80.0}.get(labels.get("asset", ""))
    )
    sender = resource({"service.name": "mixdesk"})
    push = Push(encode_metrics(MetricsData([packed(sender, {scope(OWN): metrics})])), {})
    assert push.metrics().keys() == {"mixdesk.asset.memory", "mixdesk.asset.transitions", "mixdesk.phase.duration"}
    assert push.values("mixdesk.asset.memory", "asset") == {("bark",): 7.0}
    starts = {about["asset"]: point.start_time_unix_nano for about, point in push.points("mixdesk.asset.transitions")}
    assert starts == {"bark": 50 * 10**9, "rvc": 80 * 10**9}
    total = push.metrics()["mixdesk.asset.transitions"].sum
    assert total.is_monotonic and total.aggregation_temporality == 2
    ((about, point),) = push.points("mixdesk.phase.duration")
    assert about == {"phase": "training"}
    assert (list(point.bucket_counts), list(point.explicit_bounds)) == ([2, 1, 4], [1.0, 5.0])
    assert (point.count, point.sum, point.start_time_unix_nano) == (7, 99.5, 50 * 10**9)
    assert not point.exemplars and not point.HasField("min") and not point.HasField("max")
    assert push.metrics()["mixdesk.phase.duration"].histogram.aggregation_temporality == 2
