"""otel/collector.yaml and otel/tempo.yaml as they are written. The programs themselves are in no registry: OTELCOL_BIN
and TEMPO_BIN name them."""

from __future__ import annotations

import itertools
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pages
import promql
import pytest
import traceql
import yaml
from alert_rules import seconds
from observability import ROOT, shipped

OTEL = ROOT / "otel"
KINDS = ("receivers", "processors", "connectors", "exporters", "extensions")
TEMPO_KEYS = {
    *("target", "server", "distributor", "querier", "query_frontend", "metrics_generator", "storage", "overrides"),
    *("memberlist", "usage_report", "cache", "backend_scheduler", "backend_worker", "live_store", "live_store_client"),
}
"""Of Tempo 3: grafana.com/docs/tempo/latest/configuration/manifest/. The blocks `ingester` and `compactor` are gone."""


def loaded(name: str) -> dict[str, Any]:
    found = yaml.safe_load((OTEL / name).read_text())
    assert isinstance(found, dict)
    return found


COLLECTOR, TEMPO = loaded("collector.yaml"), loaded("tempo.yaml")
PIPELINES: dict[str, dict[str, list[str]]] = COLLECTOR["service"]["pipelines"]


# -- the collector -------------------------------------------------------------------------------------------


def test_all_that_is_named_is_there_and_all_that_is_there_is_used() -> None:
    assert set(COLLECTOR) == {*KINDS, "service"}
    defined = {kind: set(COLLECTOR[kind]) for kind in KINDS}
    for kind in ("receivers", "processors", "exporters"):
        named = {name for pipeline in PIPELINES.values() for name in pipeline.get(kind, ())}
        joints = defined["connectors"] if kind != "processors" else set()
        assert named - joints == defined[kind]
        assert joints <= named, f"a connector is an end of one pipeline and the start of another: {kind}"
    assert set(COLLECTOR["service"]["extensions"]) == defined["extensions"]


def test_spans_go_to_tempo_and_are_counted_for_prometheus() -> None:
    assert set(PIPELINES) == {"traces", "metrics"}
    assert PIPELINES["traces"]["exporters"] == ["otlp_grpc/tempo", "spanmetrics"]
    # whoever may send spans writes no series of its own choice
    assert PIPELINES["metrics"]["receivers"] == ["spanmetrics"]
    assert PIPELINES["metrics"]["exporters"] == ["otlp_http/prometheus"]
    assert all(pipeline["processors"][0] == "memory_limiter" for pipeline in PIPELINES.values())


def test_ports_and_addresses_are_those_of_the_compose_file() -> None:
    services = shipped()["services"]
    taken = {protocol: one["endpoint"] for protocol, one in COLLECTOR["receivers"]["otlp"]["protocols"].items()}
    assert taken == {"grpc": "0.0.0.0:4317", "http": "0.0.0.0:4318"}
    for exporter in COLLECTOR["exporters"].values():
        host = re.sub(r"^https?://", "", exporter["endpoint"]).partition(":")[0]
        assert set(services[host]["networks"]) & set(services["collector"]["networks"]), f"no way to {host}"
    grpc = TEMPO["distributor"]["receivers"]["otlp"]["protocols"]["grpc"]["endpoint"]
    assert COLLECTOR["exporters"]["otlp_grpc/tempo"]["endpoint"] == f"tempo:{grpc.rpartition(':')[2]}"
    assert "--web.enable-otlp-receiver" in services["prometheus"]["command"]
    for service, file in (("collector", "collector.yaml"), ("tempo", "tempo.yaml")):
        (mounted,) = (one for one in services[service]["volumes"] if one.startswith("./otel/"))
        source, inside, _ = mounted.split(":")
        assert source == f"./otel/{file}" and services[service]["command"][0].endswith(f"={inside}")


def test_prometheus_scrapes_what_both_say_of_themselves() -> None:
    jobs = yaml.safe_load((ROOT / "prometheus/prometheus.yml").read_text())["scrape_configs"]
    ports = {job["job_name"]: job["dns_sd_configs"][0]["port"] for job in jobs if "dns_sd_configs" in job}
    (reader,) = COLLECTOR["service"]["telemetry"]["metrics"]["readers"]
    assert reader["pull"]["exporter"]["prometheus"] == {"host": "0.0.0.0", "port": ports["collector"]}
    assert TEMPO["server"]["http_listen_port"] == ports["tempo"]


def test_labels_are_what_a_phase_is_and_never_what_somebody_called_it() -> None:
    labels = {one["name"] for one in COLLECTOR["connectors"]["spanmetrics"]["dimensions"]}
    assert labels == {"mixdesk.job.type", "mixdesk.phase.key"}
    emitted = set(re.findall(r'"(mixdesk\.[a-z.]+)"', (ROOT / "control/mixdesk_control/jobs/spans.py").read_text()))
    assert labels <= emitted, "no span of ours has it"
    assert COLLECTOR["connectors"]["spanmetrics"]["aggregation_cardinality_limit"] <= 2000


def test_buckets_reach_from_a_second_to_a_day() -> None:
    histogram = COLLECTOR["connectors"]["spanmetrics"]["histogram"]
    buckets = [seconds(text) for text in histogram["explicit"]["buckets"]]
    assert buckets == sorted(set(buckets)) and buckets[0] <= 1 and buckets[-1] >= 86_400
    assert all(later <= earlier * 10 for earlier, later in itertools.pairwise(buckets))
    assert histogram["unit"] == "s", "its names end in _seconds"
    assert COLLECTOR["connectors"]["spanmetrics"]["exemplars"]["enabled"] is True


def test_names_of_span_metrics_are_the_documented_ones() -> None:
    prefix = COLLECTOR["connectors"]["spanmetrics"]["namespace"].replace(".", "_")
    listed = (ROOT / "tests/golden/upstream.txt").read_text()
    for name in ("calls_total", "duration_seconds_bucket", "duration_seconds_count", "duration_seconds_sum"):
        assert re.search(rf"^{prefix}_{name}\{{", listed, re.MULTILINE), name


def test_a_span_stays_small_and_keeps_what_it_is_searched_by() -> None:
    text = "\n".join(
        statement
        for group in COLLECTOR["processors"]["transform/cut"]["trace_statements"]
        for statement in group["statements"]
    )
    for path in ("resource", "span", "spanevent"):
        assert f"truncate_all({path}.attributes, 2048)" in text and f"limit({path}.attributes, 64, [" in text
    kept = re.findall(r"limit\(span\.attributes, 64, \[(.*)\]\)", text)[0]
    assert '"mixdesk.job.id"' in kept, "Grafana's links search by it"


def test_while_tempo_is_away_spans_wait_and_are_then_refused_but_never_dropped() -> None:
    tempo = COLLECTOR["exporters"]["otlp_grpc/tempo"]
    assert tempo["retry_on_failure"]["max_elapsed_time"] == "0s", "retried for ever"
    assert tempo["sending_queue"]["queue_size"] <= 100_000, "bounded"
    # a processor that batches would take spans from their sender before there is room for them
    assert all("batch" not in name for name in COLLECTOR["processors"])
    late = COLLECTOR["exporters"]["otlp_http/prometheus"]["retry_on_failure"]["max_elapsed_time"]
    window = yaml.safe_load((ROOT / "prometheus/prometheus.yml").read_text())["storage"]["tsdb"]
    assert seconds(late) < seconds(window["out_of_order_time_window"])


# -- Tempo ---------------------------------------------------------------------------------------------------


def test_tempo_has_no_block_that_version_3_refuses() -> None:
    assert set(TEMPO) <= TEMPO_KEYS
    assert shipped()["services"]["tempo"]["image"].startswith("grafana/tempo:3.")


def test_tempo_writes_to_its_volume_alone() -> None:
    volume = next(one for one in shipped()["services"]["tempo"]["volumes"] if one.startswith("tempo-data:"))
    paths = re.findall(r"^\s+(?:path|shutdown_marker_dir): (\S+)", (OTEL / "tempo.yaml").read_text(), re.MULTILINE)
    assert len(paths) == 4 and all(path.startswith(volume.partition(":")[2] + "/") for path in paths)


def test_a_long_run_is_kept_and_found_for_as_long_as_traces_are_kept() -> None:
    kept = {
        TEMPO["backend_scheduler"]["provider"]["compaction"]["compaction"]["block_retention"],
        TEMPO["backend_worker"]["compaction"]["block_retention"],
        TEMPO["live_store"]["wal"]["ingestion_time_range_slack"],
        TEMPO["query_frontend"]["search"]["max_duration"],
    }
    assert len(kept) == 1 and seconds(kept.pop()) >= 7 * 86_400


def test_nobody_calls_home() -> None:
    assert TEMPO["usage_report"]["reporting_enabled"] is False


# -- the links in Grafana --------------------------------------------------------------------------------------


def test_grafana_asks_both_for_the_attributes_that_spans_have() -> None:
    sources = yaml.safe_load((ROOT / "grafana/provisioning/datasources/mixdesk.yaml").read_text())["datasources"]
    by_uid = {source["uid"]: source["jsonData"] for source in sources}
    assert by_uid["prometheus"]["exemplarTraceIdDestinations"][0]["datasourceUid"] == "tempo"
    assert "trace_id" in str(by_uid["loki"]["derivedFields"])
    links = str(by_uid["tempo"]) + "".join(file.read_text() for file in (ROOT / "grafana/dashboards").glob("*.json"))
    asked = set(re.findall(r"mixdesk\.(?:job|phase|checkpoint)\.\w+", links))
    emitted = (ROOT / "control/mixdesk_control/jobs/spans.py").read_text()
    assert "mixdesk.job.id" in asked and all(f'"{name}"' in emitted for name in asked)


def test_queries_of_the_page_are_right() -> None:
    page = pages.page("traces")
    emitted = set(re.findall(r'"(mixdesk\.[a-z.]+)"', (ROOT / "control/mixdesk_control/jobs/spans.py").read_text()))
    asked = re.findall(r"^(\{ .* \})", page, re.MULTILINE)
    assert len(asked) >= 3
    assert {query: traceql.problems(query, emitted) for query in asked} == {query: [] for query in asked}
    (query,) = re.findall(r"^    (histogram_quantile.*)$", page, re.MULTILINE)
    assert promql.problems(query) == []


# -- the programs themselves ---------------------------------------------------------------------------------


def program(variable: str) -> str:
    if variable not in os.environ:
        pytest.skip(f"{variable.removesuffix('_BIN').capitalize()} is in no registry: set {variable} to its program")
    return os.environ[variable]


def accepted(*command: str, folder: Path) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_collector_takes_its_file(tmp_path: Path) -> None:
    accepted(program("OTELCOL_BIN"), "validate", f"--config={OTEL / 'collector.yaml'}", folder=tmp_path)


def test_tempo_takes_its_file(tmp_path: Path) -> None:
    accepted(program("TEMPO_BIN"), f"-config.file={OTEL / 'tempo.yaml'}", "-config.verify=true", folder=tmp_path)
