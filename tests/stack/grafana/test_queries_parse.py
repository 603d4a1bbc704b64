"""Queries of dashboards, rules and pages: each parses, its metrics and labels exist, and so does what legends show."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import unquote

import known_metrics
import logql
import named_metrics
import promql
import pytest
import traceql
import yaml

import dashboards
from dashboards import Asked

ROOT = known_metrics.ROOT
BOARDS = {file.stem: dashboards.load(file) for file in dashboards.files()}
ASKED = [asked for board in BOARDS.values() for asked in dashboards.queries(board)]
PROM, LOKI, TEMPO = ([asked for asked in ASKED if asked.kind == kind] for kind in ("prometheus", "loki", "tempo"))
PAGES = sorted(
    file
    for folder in ("docs", "grafana", "prometheus", "loki", "otel", "nginx")
    for file in (ROOT / folder).rglob("*.md")
)
PAGES += [ROOT / "README.md", ROOT / "CHANGELOG.md"]
ATTRIBUTES = {"mixdesk.job.id", "mixdesk.job.type", "mixdesk.job.name", "mixdesk.job.attempt"}
ATTRIBUTES |= {"mixdesk.phase.key", "mixdesk.phase.weight", "mixdesk.phase.index", "service.name", "host.name"}
# what docs/metrics.md lists as missing here: panels of other people's dashboards that stay empty
SAID_TO_BE_MISSING = {
    "metrics.md": set(re.findall(r"`(\w+)`", (ROOT / "docs" / "metrics.md").read_text().partition("stay empty")[2]))
}


def legend(asked: Asked) -> set[str]:
    return {name.strip() for name in re.findall(r"\{\{([^}]+)\}\}", asked.legend)}


@pytest.mark.parametrize("asked", PROM, ids=str)
def test_promql(asked: Asked) -> None:
    assert not promql.problems(asked.query, result=legend(asked))


@pytest.mark.parametrize("asked", LOKI, ids=str)
def test_logql(asked: Asked) -> None:
    assert not logql.problems(asked.query, result=legend(asked))


@pytest.mark.parametrize("asked", TEMPO, ids=str)
def test_traceql(asked: Asked) -> None:
    assert not traceql.problems(asked.query, ATTRIBUTES)


@pytest.mark.parametrize("board", BOARDS.values(), ids=BOARDS)
def test_metrics_that_a_text_names_are_those_of_its_panel(board: dashboards.Json) -> None:
    for panel in dashboards.panels(board):
        named = set(re.findall(r"Metric: `(\w+)`", panel["description"]))
        asked = " ".join(target.get("expr", "") for target in panel.get("targets", ()))
        assert not named_metrics.wrong_names(panel["description"]), panel["title"]
        assert all(re.search(rf"\b{name}", asked) for name in named), (panel["title"], named)


def test_queries_of_variables() -> None:
    for board in BOARDS.values():
        for variable in dashboards.variables(board).values():
            if variable["type"] == "query" and variable["datasource"]["type"] == "prometheus":
                assert not of_variable(variable["query"]["query"]), variable
            elif variable["type"] == "query":
                query = variable["query"]
                assert query["label"] in logql.STREAM and (not query["stream"] or not logql.problems(query["stream"]))


def of_variable(query: str) -> list[str]:
    values = re.fullmatch(r"label_values\((?:(.+), *)?(\w+)\)", query)
    if values:
        return promql.problems(values[1] or "up", result={values[2]})
    result = re.fullmatch(r"query_result\((.+)\)", query)
    return promql.problems(result[1]) if result else [f"no query of a variable: {query}"]


def test_queries_inside_of_links() -> None:
    for board in BOARDS.values():
        for text in dashboards.texts(board):
            if text.startswith("/explore?"):
                # a column's name in quotes would end the text that it stands in; Grafana has put a value there by then
                panes = re.sub(r"\$\{__data[^}]*\}", "x", unquote(text.partition("panes=")[2]))
                (pane,) = json.loads(panes).values()
                for query in pane["queries"]:
                    of_pane(query)


def of_pane(query: dict[str, str]) -> None:
    if "queryType" in query and query["queryType"] == "traceql":
        assert not traceql.problems(query["query"], ATTRIBUTES)
    else:
        check = logql.problems if query["datasource"]["type"] == "loki" else promql.problems  # type: ignore[index]
        assert not check(query["expr"])


def test_rules_of_loki() -> None:
    for file in (ROOT / "loki" / "rules").rglob("*.yaml"):
        for group in yaml.safe_load(file.read_text())["groups"]:
            for rule in group["rules"]:
                shown = set(re.findall(r"\$labels\.(\w+)", " ".join(rule.get("annotations", {}).values())))
                assert not logql.problems(rule["expr"], result=shown), rule


@pytest.mark.parametrize("file", PAGES, ids=lambda file: str(file.relative_to(ROOT)))
def test_metrics_that_pages_name_exist(file: Path) -> None:
    text = file.read_text()
    wrong = set(named_metrics.wrong_names(text)) - SAID_TO_BE_MISSING.get(file.name, set())
    assert not wrong, f"{sorted(wrong)}: no golden exposition has them, nor tests/golden/upstream.txt"
    for code in re.findall(r"```promql\n(.*?)```", text, re.DOTALL):
        for query in filter(
            None, (re.sub(r"^#.*$", "", part, flags=re.MULTILINE).strip() for part in code.split("\n\n"))
        ):
            assert not promql.problems(query), query


# -- the readers themselves ----------------------------------------------------------------------------

WRONG = {
    "sum by (host) (node_load1)": "no label 'host'",
    "mixdesk_job_progres_ratio": "is no metric",
    'mixdesk_job_status{status="runing"}': "is never 'runing'",
    'mixdesk_job_status{state="running"}': "no label 'state'",
    "max without(instance) (mixdesk_job_epoch) * on(name) mixdesk_job_info": "no label 'name'",
    "mixdesk_job_epoch * on(job_id) group_left(nam) mixdesk_job_info": "no label 'nam'",
    "histogram_quantile(0.9, sum by (job_type) (rate(mixdesk_phase_duration_seconds_bucket[5m])))": "no label 'le'",
    "sum(rate(node_load1[5m])": "no PromQL",
    'label_replace(node_load1, "a", "$1", "b", "(.*)")': "no label 'b'",
}


@pytest.mark.parametrize("query", WRONG)
def test_a_wrong_promql_is_found(query: str) -> None:
    (problem,) = promql.problems(query)
    assert WRONG[query] in problem


RIGHT = [
    "mixdesk_job_progress_ratio * on(job_id) group_left(name) max by (job_id, name) (mixdesk_job_info)",
    "sum by (UUID) (mixdesk_gpu_attributed_memory_bytes) / on(UUID) max by (UUID) (mixdesk_gpu_memory_total_bytes)",
    'count_values("version", mixdesk_build_info)',
    'ALERTS{alertstate="firing", anything="else"}',
    "topk(5, sum by (name) (rate(container_cpu_usage_seconds_total[$__rate_interval])))",
    'absent(up{job="mixdesk"}) or vector(0)',
]


@pytest.mark.parametrize("query", RIGHT)
def test_a_right_promql_is_right(query: str) -> None:
    assert not promql.problems(query)


@pytest.mark.parametrize(
    "query",
    [
        '{service=~".*"}',
        '{job="a"}',
        'sum by (name) (rate({service="a"}[5m]))',
        'sum({service="a"})',
        '{service="a"} |~ `(`',
        '{service="a"',
        'rate({service="a"})',
        '{service="a"} | levl="error"',
    ],
)
def test_a_wrong_logql_is_found(query: str) -> None:
    assert logql.problems(query)


@pytest.mark.parametrize(
    "query", ['{ span.mixdesk.job.id = "x"', '{ span."mixdesk.job" = "x" }', "{ nam = 1 }", "{} | selekt(name)"]
)
def test_a_wrong_traceql_is_found(query: str) -> None:
    assert traceql.problems(query, ATTRIBUTES)


def test_a_wrong_name_on_a_page_is_found() -> None:
    assert named_metrics.wrong_names("shows `mixdesk_job_progress`, not mixdesk_job_foo") == ["mixdesk_job_progress"]
    assert not named_metrics.wrong_names(
        "`mixdesk_job_*`, `mixdesk_control.app`, `node_load1`, `mixdesk_eta_error_ratio`"
    )
