"""grafana/provisioning: keys that Grafana knows, uids that exist, addresses that the compose file gives."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import logql
import promql
import pytest
import yaml
from known_metrics import ROOT

import dashboards

FOLDER = ROOT / "grafana" / "provisioning"
COMPOSE = ROOT / "docker-compose.observability.yml"
UIDS = {"prometheus", "alertmanager", "loki", "tempo"}
PORTS = {"prometheus": 9090, "alertmanager": 9093, "loki": 3100, "tempo": 3200}
# as Grafana's page on provisioning and those of the data sources list them
KEYS = {"name", "uid", "type", "access", "url", "isDefault", "editable", "jsonData"}
JSON_KEYS: dict[str, set[str]] = {
    "prometheus": {"httpMethod", "timeInterval", "prometheusType", "manageAlerts", "alertmanagerUid"}
    | {"exemplarTraceIdDestinations"},
    "alertmanager": {"implementation", "handleGrafanaManagedAlerts"},
    "loki": {"maxLines", "derivedFields"},
    "tempo": {"tracesToLogsV2", "tracesToMetrics", "nodeGraph", "search"},
}
PROVIDER = {
    "name",
    "orgId",
    "type",
    "folder",
    "folderUid",
    "disableDeletion",
    "allowUiUpdates",
    "updateIntervalSeconds",
}
TAG = re.compile(r'\$\$\{__span\.tags\["([^"]+)"\]\}')


def loaded(name: str) -> dict[str, Any]:
    (file,) = (FOLDER / name).glob("*")
    assert file.suffix == ".yaml"
    return dict(yaml.safe_load(file.read_text()))


SOURCES: dict[str, dict[str, Any]] = {source["uid"]: source for source in loaded("datasources")["datasources"]}


def test_the_four_sources() -> None:
    assert set(SOURCES) == UIDS and loaded("datasources")["apiVersion"] == 1
    for uid, source in SOURCES.items():
        assert source.keys() <= KEYS and source["type"] == uid and source["access"] == "proxy"
        assert source["jsonData"].keys() <= JSON_KEYS[uid]
        assert source["editable"] is False
    assert [uid for uid, source in SOURCES.items() if source.get("isDefault")] == ["prometheus"]


def test_sources_name_each_other_rightly() -> None:
    named = [str(value) for thing in dashboards.objects(SOURCES) for key, value in thing.items() if key.endswith("Uid")]
    assert set(named) == {"prometheus", "alertmanager", "loki", "tempo"}
    assert SOURCES["tempo"]["jsonData"]["tracesToLogsV2"]["datasourceUid"] == "loki"
    assert {one["datasourceUid"] for one in SOURCES["prometheus"]["jsonData"]["exemplarTraceIdDestinations"]} == {
        "tempo"
    }


def test_what_is_kept_for_later_is_written_with_two_dollars() -> None:
    text = next((FOLDER / "datasources").glob("*")).read_text()
    single = set(re.findall(r"(?<!\$)\$\{(\w+)\}", re.sub(r"^\s*#.*$", "", text, flags=re.MULTILINE)))
    assert single == {f"MIXDESK_{uid.upper()}_URL" for uid in UIDS}
    assert not re.search(r"(?<!\$)\$\{__", text), "Grafana would look for it in its environment"


def test_addresses_come_from_the_compose_file() -> None:
    environment = yaml.safe_load(COMPOSE.read_text())["services"]["grafana"]["environment"]
    for uid, port in PORTS.items():
        name = f"MIXDESK_{uid.upper()}_URL"
        assert SOURCES[uid]["url"] == f"${{{name}}}"
        assert re.fullmatch(rf"(\$\{{{name}:-)?http://{uid}:{port}\}}?", environment[name])


@pytest.mark.parametrize(
    "line", ['level=info trace_id=%s msg="x"', '{"trace_id": "%s"}', "traceID=%s", "{'traceId': '%s'}"]
)
def test_a_trace_in_a_line_is_found(line: str) -> None:
    trace = "0af7651916cd43dd8448eb211c80319c"
    (field,) = (one for one in SOURCES["loki"]["jsonData"]["derivedFields"] if one["matcherType"] == "regex")
    found = re.search(field["matcherRegex"], line % trace)
    assert found is not None and found[1] == trace
    assert re.search(field["matcherRegex"], "no trace_id here: 0af7651916cd43dd8448eb211c80319c") is None


def test_fields_of_lines_lead_somewhere() -> None:
    boards = {file.stem: dashboards.load(file) for file in dashboards.files()}
    for field in SOURCES["loki"]["jsonData"]["derivedFields"]:
        if field["matcherType"] == "label":
            assert field["matcherRegex"].strip("^$") in logql.METADATA
        if "datasourceUid" not in field:
            found = re.fullmatch(r"/d/([\w-]+)\?var-(\w+)=\$\$\{__value\.raw\}", field["url"])
            assert found is not None and found[2] in dashboards.variables(boards[found[1]])


def test_from_a_span_to_logs_and_metrics() -> None:
    tempo = SOURCES["tempo"]["jsonData"]
    query = tempo["tracesToLogsV2"]["query"]
    metrics = [one["query"] for one in tempo["tracesToMetrics"]["queries"]]
    assert {tag for text in (query, *metrics) for tag in TAG.findall(text)} == {"mixdesk.job.id"}
    assert not logql.problems(TAG.sub("x", query))
    assert not [problem for text in metrics for problem in promql.problems(TAG.sub("x", text))]


def test_dashboards_are_read_from_where_they_are_mounted() -> None:
    (provider,) = loaded("dashboards")["providers"]
    assert provider.keys() - {"options"} == PROVIDER and provider["type"] == "file"
    assert provider["allowUiUpdates"] is False, "the generator is the source"
    path = provider["options"]["path"]
    mounts = yaml.safe_load(COMPOSE.read_text())["services"]["grafana"]["volumes"]
    assert f"./grafana/dashboards:{path}:ro" in mounts
    assert {Path(file).suffix for file in (ROOT / "grafana" / "dashboards").iterdir()} == {".json"}
