"""A real Prometheus scrapes the real exporter, and is asked what dashboards and rules ask."""

from __future__ import annotations

import os
import re
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from docker_engine import DockerEngine
from live_desk import MIXDESK, free_port, wait_until
from prometheus import Prometheus

QUERIES = Path(__file__).parents[1] / "fixtures" / "queries"
WINDOW_S = 20
FORMATS = {
    "openmetrics": ("OpenMetricsText1.0.0", "application/openmetrics-text; version=1.0.0"),
    "text": ("PrometheusText0.0.4", "text/plain; version=0.0.4"),
}


@dataclass(frozen=True)
class Query:
    """One expression of a file: what it is for, where its source is, and itself."""

    about: str
    needs: Path
    expression: str

    def filled(self, instance: str, job: str) -> str:
        """With the variables of a dashboard."""
        variables = {"instance": instance, "job": job, "gpu": ".+", "window": f"{WINDOW_S}s"}
        return re.sub(r"\$\{?(\w+)\}?", lambda found: variables[found[1]], self.expression)


def queries(name: str) -> list[Query]:
    """Those of tests/fixtures/queries/NAME.promql that this kernel can answer, in order."""
    found = []
    for block in (QUERIES / f"{name}.promql").read_text().strip().split("\n\n"):
        comments = [line[2:] for line in block.splitlines() if line.startswith("# ")]
        needs = next((line[6:] for line in comments if line.startswith("needs ")), "/")
        lines = [line for line in block.splitlines() if not line.startswith("#")]
        found.append(Query(comments[0], Path(needs), "\n".join(lines)))
    return [query for query in found if query.needs.exists()]


@contextmanager
def exporter(*arguments: str, before: tuple[str, ...] = ()) -> Iterator[int]:
    """`mixdesk exporter`; its port."""
    port = free_port()
    process = subprocess.Popen([*before, MIXDESK, "exporter", "--port", str(port), *arguments])
    try:
        wait_until(lambda: body(port, FORMATS["text"][1]), "the exporter answers")
        yield port
    finally:
        process.kill()
        process.wait()


def body(port: int, accepted: str) -> str:
    """One scrape; empty while there is nobody."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}/metrics", headers={"Accept": accepted})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            assert answer.headers["Content-Type"].startswith(accepted)
            return str(answer.read().decode())
    except OSError:
        return ""


@contextmanager
def prometheus(folder: Path, port: int) -> Iterator[Prometheus]:
    """One that has scraped the exporter for a while, once a second, as one job for each format."""
    found = Prometheus(folder, "")
    print("Prometheus", found.version)
    found.configure(config(port, asks_for_one=found.version >= (2, 49)))
    try:
        found.start()
        enough = f"min(count_over_time(up[{WINDOW_S}s])) >= 5 and min(up) == 1"
        found.wait_for(lambda: found.query(enough), "both jobs are scraped")
        yield found
    finally:
        found.close()


def config(port: int, *, asks_for_one: bool) -> str:
    """Older versions take what they like best."""
    jobs = ""
    for job, (protocol, _) in FORMATS.items():
        target = f"{{targets: ['127.0.0.1:{port}'], labels: {{instance: {job}-box}}}}"
        jobs += f"  - job_name: {job}\n    static_configs: [{target}]\n"
        jobs += f"    scrape_protocols: [{protocol}]\n" if asks_for_one else ""
    own = "global: {scrape_interval: 1s, scrape_timeout: 1s}\nscrape_configs:\n"
    return own + jobs


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with exporter("--demo-gpu", "2") as port:
        yield port


@pytest.fixture(scope="module")
def store(port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    with prometheus(tmp_path_factory.mktemp("prometheus"), port) as found:
        yield found


@pytest.mark.parametrize("job", FORMATS)
def test_a_scrape_is_taken_whole(store: Prometheus, port: int, job: str) -> None:
    (target,) = (item for item in store.api("targets")["activeTargets"] if item["labels"]["job"] == job)
    assert (target["health"], target["lastError"]) == ("up", "")

    def as_many() -> bool:
        lines = body(port, FORMATS[job][1]).splitlines()
        own = sum(1 for line in lines if line and not line.startswith("#"))
        return own > 300 and store.value(f'scrape_samples_scraped{{job="{job}"}}') == own

    store.wait_for(as_many, "Prometheus counts as many samples as the body has")


def test_no_sample_is_refused(store: Prometheus) -> None:
    text = store.text("/metrics")
    refused = {
        name: float(value)
        for name, value in re.findall(r"^(prometheus_target_scrapes_\w+)(?:\{.*\})? (\S+)$", text, re.MULTILINE)
    }
    assert "prometheus_target_scrapes_sample_duplicate_timestamp_total" in refused
    assert "prometheus_target_scrapes_sample_out_of_order_total" in refused
    assert {name: value for name, value in refused.items() if value} == {}
    # it warns of bodies that it cannot read, and of a Content-Type that it has to guess
    assert [line for line in store.log.splitlines() if "scrape" in line.lower()] == []


@pytest.mark.parametrize("job", FORMATS)
def test_types_and_help_come_along(store: Prometheus, job: str) -> None:
    found = {
        item["metric"]: item for item in store.api("targets/metadata", match_target=f'{{job="{job}"}}', limit="1000")
    }
    assert all(item["help"] for item in found.values())
    # Prometheus names counters of OpenMetrics without their end.
    counter = "node_cpu_seconds" if "node_cpu_seconds" in found else "node_cpu_seconds_total"
    kinds = [found[name]["type"] for name in (counter, "node_load1", "DCGM_FI_DEV_GPU_UTIL")]
    assert kinds == ["counter", "gauge", "gauge"]
    assert found["DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION"]["type"] == "unknown"


@pytest.mark.parametrize("job", FORMATS)
@pytest.mark.parametrize("name", ["host", "gpu"])
def test_dashboards_have_data(store: Prometheus, name: str, job: str) -> None:
    asked = queries(name)
    assert len(asked) >= 15
    assert empty(store, asked, f"{job}-box", job) == []


def empty(store: Prometheus, asked: list[Query], instance: str, job: str) -> list[str]:
    """What those are for that give nothing; those of a rate may need another scrape."""
    left = list(asked)

    def done() -> bool:
        left[:] = [query for query in left if not store.query(query.filled(instance, job))]
        return not left

    try:
        store.wait_for(done, "all queries have data", 20)
    except AssertionError:
        return [query.about for query in left]
    return []


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to make an interface")
def test_an_interface_that_goes_is_gone_at_once(store: Prometheus) -> None:
    name = f"mixd{os.getpid() % 10**6}"
    families = "node_network_receive_bytes_total|node_network_up|node_network_mtu_bytes"
    series = f'{{__name__=~"{families}", device="{name}"}}'
    subprocess.run(["ip", "link", "add", name, "type", "veth", "peer", "name", f"{name}p"], check=True)
    try:
        store.wait_for(lambda: len(store.query(series)) == 6, "three families of the interface, in both jobs")
    finally:
        subprocess.run(["ip", "link", "del", name], check=True)
    # without a mark that they are stale they would stay for five minutes
    store.wait_for(lambda: not store.query(series), "its series are gone", 60)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, for a Docker engine")
def test_dashboards_of_containers_have_data(tmp_path_factory: pytest.TempPathFactory) -> None:
    # a short path: that of its socket may have 107 bytes
    engine = DockerEngine(tmp_path_factory.mktemp("docker"))
    try:
        engine.start()
        engine.make_image()
        engine.run("spin", "while :; do :; done", "--memory", "64m", "--cpus", "0.05")
        # its socket where the exporter looks, for the exporter alone
        there = ("unshare", "--mount", "sh", "-c", f'mount --bind {engine.folder} /run && exec "$@"', "sh")
        with exporter(before=there) as port, prometheus(tmp_path_factory.mktemp("prometheus"), port) as found:
            for job in FORMATS:
                assert empty(found, queries("containers"), f"{job}-box", job) == []
    finally:
        engine.close()
