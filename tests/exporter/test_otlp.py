"""The pusher of OTLP metrics: it heeds OpenTelemetry's variables, and a collector that is away harms nobody."""

from __future__ import annotations

import logging
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from collector import Collector, GrpcCollector
from small_host import STAT, net, until

from mixdesk_exporter import otlp
from mixdesk_exporter.host import Roots
from mixdesk_exporter.otlp_target import INTERVAL_S, OtlpError, target, wanted
from mixdesk_exporter.sampler import Sampler

pytestmark = pytest.mark.usefixtures("plain_environment")

# -- pushing -------------------------------------------------------------------------------------------


def test_pushes_go_on_and_each_is_new(
    sampler: Sampler, tree: Any, collector: Collector, started: Callable[..., otlp.Pusher]
) -> None:
    started(sampler, collector.url, interval_ms=100)
    until(lambda: len(collector.pushes) >= 3)
    times = [push.points("system.uptime")[0][1].time_unix_nano for push in collector.pushes]
    assert len(times) == len(set(times))
    tree.proc("1/net/dev", net(eth0=7777))
    until(lambda: 7777 in collector.pushes[-1].values("system.network.io", "network.io.direction").values())
    assert {name for (name,) in collector.pushes[-1].values("system.network.io", "network.interface.name")} == {"eth0"}


def test_the_last_push_is_at_the_end(
    sampler: Sampler, tree: Any, collector: Collector, started: Callable[..., otlp.Pusher]
) -> None:
    pusher = started(sampler, collector.url)
    until(lambda: collector.pushes)
    tree.proc("stat", STAT.replace("processes 99", "processes 100"))
    sampler.snapshot(0)
    pusher.close()
    assert [push.values("system.process.created")[()] for push in collector.pushes] == [99, 100]


def test_who_pushes_once_a_minute_is_no_reader(sampler: Sampler) -> None:
    otlp.collector_of(sampler, Roots(), INTERVAL_S, 0.0)()
    assert sampler._read_at == float("-inf")
    collect = otlp.collector_of(sampler, Roots(), 5.0, 0.0)
    collect()
    assert sampler._read_at > 0, "who wants figures every five seconds gets fresh ones"
    assert collect() is None, "what was pushed is not pushed again"


def messages(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    return [(record.levelname, record.getMessage()) for record in caplog.records]


def test_a_collector_that_is_away_comes_and_goes(
    sampler: Sampler, started: Callable[..., otlp.Pusher], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    started(sampler, f"http://127.0.0.1:{port}", interval_ms=50, OTEL_X="")
    until(lambda: len(messages(caplog)) == 1)
    sampled = sampler.snapshot(0).taken
    assert sampler.snapshot(0).taken > sampled
    collector = Collector(port)
    try:
        until(lambda: collector.pushes)
        until(lambda: len(messages(caplog)) == 2)
        collector.status = 400
        until(lambda: len(messages(caplog)) == 3)
        count = collector.asked
        until(lambda: collector.asked > count + 3)
        collector.status = 200
        until(lambda: len(messages(caplog)) == 4)
    finally:
        collector.close()
    url = f"http://127.0.0.1:{port}/v1/metrics"
    away, back, refused, again = messages(caplog)
    assert away[0] == "WARNING" and away[1].startswith(f"OTLP: metrics of this host are not pushed to {url}: ")
    assert "refused" in away[1], "it says why"
    assert back == again == ("INFO", f"OTLP: metrics of this host are pushed to {url} again")
    assert refused[1].startswith(f"OTLP: metrics of this host are not pushed to {url}: ") and "400" in refused[1]


def test_a_collector_that_hangs_holds_nothing_up(
    sampler: Sampler,
    collector: Collector,
    started: Callable[..., otlp.Pusher],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "600")
    collector.runs.clear()
    pusher = started(sampler, collector.url, interval_ms=50)
    until(lambda: collector.asked)
    for _ in range(3):
        taken = sampler.snapshot(0).taken
        assert sampler.snapshot(0).taken > taken
    threading.Event().wait(0.3)
    assert collector.asked == 1, "no second push while the first is out"
    began = time.monotonic()
    pusher.close()
    assert time.monotonic() - began < 30, "its time-out is ten minutes"


@pytest.mark.process
def test_the_process_ends_though_a_collector_hangs(collector: Collector, tmp_path: Path) -> None:
    collector.runs.clear()
    script = (
        "import sys, threading\n"
        "from mixdesk_exporter import otlp\n"
        "from mixdesk_exporter.options import Options, host_sampler\n"
        "from mixdesk_exporter.host import Roots\n"
        "sampler = host_sampler(Options(listed=('stat',)))\n"
        "pusher = otlp.start(sampler, endpoint=sys.argv[1])\n"
        "sys.stdin.readline()\n"
        "pusher.close(); sampler.close(); print('ended')\n"
    )
    env = {"OTEL_EXPORTER_OTLP_TIMEOUT": "600", "PATH": ""}
    command = [sys.executable, "-c", script, collector.url]
    with subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        until(lambda: collector.asked)
        out, _ = process.communicate("\n", timeout=60)
    assert (process.returncode, out) == (0, "ended\n")


# -- the environment -----------------------------------------------------------------------------------


def test_the_variables_of_the_sdk_are_heard(
    sampler: Sampler, collector: Collector, started: Callable[..., otlp.Pusher], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-tenant=voice")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip")
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=lab,host.name=bench7")
    monkeypatch.setenv("OTEL_SERVICE_NAME", "meters")
    started(sampler, collector.url)
    push = until(lambda: collector.pushes)[0]
    assert push.headers["x-tenant"] == "voice"
    assert push.headers["Content-Encoding"] == "gzip"
    about = push.resources[0]
    assert (about["service.name"], about["host.name"]) == ("meters", "bench7")
    assert about["deployment.environment.name"] == "lab"


def test_grpc(sampler: Sampler, started: Callable[..., otlp.Pusher], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-tenant=voice")
    collector = GrpcCollector()
    try:
        pusher = started(sampler, collector.url, OTEL_EXPORTER_OTLP_PROTOCOL="grpc")
        push = until(lambda: collector.pushes)[0]
        assert push.values("system.process.created") == {(): 99}
        assert push.headers["x-tenant"] == "voice"
        pusher.close()
    finally:
        collector.close()


def test_where_to() -> None:
    http, grpc = "http/protobuf", "grpc"

    def where(endpoint: str | None = None, **env: str) -> tuple[str, str]:
        found = target({f"OTEL_EXPORTER_OTLP_{name}": value for name, value in env.items()}, endpoint)
        return found.url, found.protocol

    assert where() == ("http://localhost:4318/v1/metrics", http)
    assert where(PROTOCOL="grpc") == ("http://localhost:4317", grpc)
    assert where(ENDPOINT="http://c:4318/") == ("http://c:4318/v1/metrics", http)
    assert where(ENDPOINT="http://c:4317") == ("http://c:4317", grpc)
    assert where("http://desk:4318", ENDPOINT="http://c:4318") == ("http://desk:4318/v1/metrics", http)
    assert where("http://desk:4318", METRICS_ENDPOINT="http://c/own") == ("http://c/own", http)
    assert where("http://c:4318/v1/metrics") == ("http://c:4318/v1/metrics", http)
    assert where("c:4317") == ("c:4317", grpc)
    assert where("http://c:9999", PROTOCOL="http/protobuf", METRICS_PROTOCOL="grpc") == ("http://c:9999", grpc)
    assert target({}).interval_s == INTERVAL_S == 60.0
    assert target({"OTEL_METRIC_EXPORT_INTERVAL": "1500"}).interval_s == 1.5


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OTEL_METRIC_EXPORT_INTERVAL", "soon"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "0"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "nan"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json"),
    ],
)
def test_a_variable_that_cannot_be_is_named(name: str, value: str) -> None:
    with pytest.raises(OtlpError, match=f"^{name} {value}: "):
        target({name: value})


def test_a_time_out_that_is_no_number_is_one_line(sampler: Sampler, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "soon")
    with pytest.raises(OtlpError, match="soon"):
        otlp.start(sampler, endpoint="http://127.0.0.1:1", env={"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"})


def test_wanted() -> None:
    assert [wanted({"OTEL_METRICS_EXPORTER": value}) for value in ("otlp", "console, otlp", "none", "")] == [
        True,
        True,
        False,
        False,
    ]
    assert not wanted({})


def run(script: str) -> str:
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    return done.stdout.strip()


@pytest.mark.process
def test_who_does_not_push_does_not_pay() -> None:
    script = (
        "import sys\n"
        "from mixdesk_exporter import app, options, otlp, otlp_target\n"
        "from mixdesk_exporter.host import Roots\n"
        "sampler = options.host_sampler(options.Options()); sampler.snapshot(0, whole=True); sampler.close()\n"
        "print(sorted(name for name in sys.modules if name.partition('.')[0] in ('opentelemetry', 'google', 'grpc')))\n"
    )
    assert run(script) == "[]"


@pytest.mark.process
def test_without_the_packages_it_is_one_line() -> None:
    script = (
        "import sys\n"
        "sys.modules['opentelemetry.sdk'] = None\n"
        "from mixdesk_exporter import options, otlp\n"
        "from mixdesk_exporter.host import Roots\n"
        "try:\n"
        "    otlp.start(options.host_sampler(options.Options(listed=('stat',))), env={})\n"
        "except otlp.OtlpError as error:\n"
        "    print(error)\n"
    )
    said = run(script)
    assert "pip install 'mixdesk[otel]'" in said
    assert "\n" not in said
