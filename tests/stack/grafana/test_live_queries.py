"""Every query of every dashboard and rule, asked of a real Prometheus that has watched a whole studio for a minute."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import alert_rules
import as_grafana
import promql
import promql_parser
import pytest
import silent_queries as silent
import standin_gpu
from as_grafana import Asker
from forker import Forker
from live_boards import (
    BOARDS,
    CAST,
    FIELD,
    HOSTS,
    World,
    answers,
    casts_of,
    everything,
    has_twice,
    marks,
    named,
    panels,
    patterns,
    shared,
    shown,
    targets,
)
from one_job import OneJob
from stage import Stage
from staged_rooms import BOX
from stretched import TIMES, stretch

import dashboards

pytestmark = [
    pytest.mark.process,
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root, for a Docker engine and host names"),
]

OPERATORS = {"Equal": "=", "NotEqual": "!=", "Re": "=~", "NotRe": "!~"}
LABEL_VALUES = re.compile(r"label_values\((.+), (\w+)\)")


@pytest.fixture(scope="module")
def worlds(forker: Forker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, World]]:
    """The stage for a `minute`, the same drawn out to more than an `hour`, and a desk with one job (`first`); all of it
    has been played when this is there."""
    folder = tmp_path_factory.mktemp("s")  # short: a socket's path may have 107 bytes
    stage = Stage(folder, forker, standin_gpu.build(tmp_path_factory.mktemp("nvml")))
    one = OneJob(folder / "one", forker)
    with ExitStack() as ends:
        for end in (one.prometheus.close, stage.prometheus.close, one.leave, stage.leave):
            ends.callback(end)
        stage.begin()
        one.begin()
        stage.play()
        one.end()
        hour = stretch(stage.prometheus, folder / "hour", stage.began, stage.at)
        ends.callback(hour.close)
        minute = Asker(stage.prometheus, stage.began, stage.at)
        long = Asker(hour, stage.at - TIMES * (stage.at - stage.began), stage.at, step=TIMES)
        first = Asker(one.prometheus, one.began, one.at)
        yield {
            "minute": World(minute, stage.jobs),
            "hour": World(long, stage.jobs),
            "first": World(first, {"running": one.job}),
        }


@pytest.fixture(scope="module")
def stage(worlds: dict[str, World]) -> World:
    return worlds["minute"]


@pytest.fixture(scope="module")
def one_job(worlds: dict[str, World]) -> World:
    return worlds["first"]


# -- dashboards -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("length", ["minute", "hour"])
@pytest.mark.parametrize("cast", CAST)
def test_every_query_has_data(worlds: dict[str, World], length: str, cast: str) -> None:
    found = everything(worlds[length].of(cast), cast)
    empty = {name for name, series in found.items() if not as_grafana.said(series)}
    held = {name for name in found if not silent.by_machine(name)}
    expected = {name for name in found if silent.why(name, silent.NONE)}
    assert sorted((empty & held) - expected) == [], "gives no data"
    assert sorted((expected & held) - empty) == [], "gives data, and stands in silent_queries.NONE"


def test_each_reason_is_of_a_query() -> None:
    names = {asked.where.replace(uid, cast, 1) for uid in BOARDS for cast in casts_of(uid) for asked in _asked(uid)}
    known = [*silent.NONE, *silent.BY_MACHINE]
    assert [pattern for pattern in known if not any(silent.fits(name, pattern) for name in names)] == []


def _asked(uid: str) -> Iterator[dashboards.Asked]:
    yield from dashboards.queries(BOARDS[uid])


@pytest.mark.parametrize("uid", BOARDS)
def test_fields_that_panels_name_are_there(stage: World, uid: str) -> None:
    """In columns of tables, links, actions and transformations; and the names of series that overrides ask for."""
    wrong = []
    for panel in panels(uid):
        frames = [answers(stage.of(cast), panel) for cast in casts_of(uid)]
        there = set[str]().union(*(as_grafana.columns(frame) | shown(panel, frame) for frame in frames))
        wrong += [f"{panel['title']}: {name!r}" for name in sorted(named(panel) - there)]
        wrong += [
            f"{panel['title']}: {one}" for one in patterns(panel) if not any(re.search(one, name) for name in there)
        ]
    assert wrong == []


@pytest.mark.parametrize("uid", BOARDS)
def test_joined_tables_have_one_row_a_thing_and_one_column_a_name(stage: World, uid: str) -> None:
    """Two series for one value of the joined field would make two rows of it, a label of two queries two columns."""
    twice, cast = [], casts_of(uid)[0]
    for panel in panels(uid):
        for field in (one["options"].get("byField") for one in panel.get("transformations", ())):
            frame = answers(stage.of(cast), panel) if field else {}
            twice += [f"{panel['title']}/{letter}" for letter, series in frame.items() if has_twice(series, field)]
            twice += [
                f"{panel['title']}: {name}" for name, count in shared(frame).items() if count > 1 and name != field
            ]
    assert twice == []


@pytest.mark.parametrize("cast", CAST)
def test_legends_and_marks_have_their_labels(stage: World, cast: str) -> None:
    """`GPU {{gpu}}` of a series without that label would be shown as it stands."""
    asker, wrong = stage.of(cast), []
    for panel in panels(cast):
        wrong += [f"{panel['title']}: {name}" for name in shown(panel, answers(asker, panel)) if "{{" in name]
    for mark in marks(cast):
        formats = mark.get("titleFormat") or "", mark.get("textFormat") or ""
        series = asker.course(mark["expr"])
        wrong += [
            f"{mark['name']}: {text}" for text in formats for one in series if "{{" in as_grafana.legend(text, one)
        ]
    assert wrong == []


# -- variables ------------------------------------------------------------------------------------------


def test_variables_offer_what_there_is(stage: World) -> None:
    asker = stage.of(f"mixdesk-hosts of {BOX}")
    assert set(offered(asker, "mixdesk-hosts", "host")) == set(HOSTS.values())
    assert offered(asker, "mixdesk-hosts", "instance") == [BOX]
    assert set(offered(asker, "mixdesk-assets", "asset")) == {"studio", "bark", "broken", "spare", "huge", "hubert"}
    assert {"training_rvc", "generate_song", "preprocess_audio"} <= set(offered(asker, "mixdesk-jobs", "job_type"))


def test_the_job_variable_offers_each_job_by_a_name(stage: World) -> None:
    """As Grafana reads it: a text a series, out of which the pattern takes value and text."""
    variable = dashboards.variables(BOARDS["mixdesk-job"])["job_id"]
    expression = re.fullmatch(r"query_result\((.+)\)", variable["query"]["query"], re.DOTALL)
    assert expression, variable["query"]
    pattern = re.compile(variable["regex"].strip("/g").replace("(?<", "(?P<"))
    found = {}
    for one in stage.asker.now(expression[1]):
        text = "{" + ",".join(f'{name}="{value}"' for name, value in one["metric"].items()) + "} 1 1"
        groups = [match.groupdict() for match in pattern.finditer(text)]
        value, label = ("".join(group[name] or "" for group in groups) for name in ("value", "text"))
        found[value] = label
    assert set(stage.jobs.values()) <= set(found)
    for name, job in stage.jobs.items():
        assert found[job].startswith(name) and "training_rvc" in found[job], found[job]


def offered(asker: Asker, uid: str, name: str) -> list[str]:
    """The values of a variable that asks for `label_values(METRIC, LABEL)`."""
    query = dashboards.variables(BOARDS[uid])[name]["query"]["query"]
    found = LABEL_VALUES.fullmatch(query)
    assert found, query
    times = {"start": asker.began, "end": asker.at}
    return list(asker.prometheus.api(f"label/{found[2]}/values", **{"match[]": asker.filled(found[1])}, **times))


# -- exemplars ------------------------------------------------------------------------------------------


def with_exemplars() -> list[tuple[str, str]]:
    """(dashboard, expression) of each query that asks for them."""
    found = ((uid, target) for uid in BOARDS for panel in panels(uid) for target in targets(panel))
    return [(uid, target["expr"]) for uid, target in found if target.get("exemplar")]


def test_histograms_lead_to_traces(stage: World) -> None:
    assert with_exemplars()
    for uid, expression in with_exemplars():
        traces = stage.of(uid).exemplars(expression)
        assert traces, expression
        assert all(re.fullmatch(r"[0-9a-f]{32}", trace) for trace in traces), traces


# -- a desk with one job --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "cast", ["mixdesk-jobs", "mixdesk-job as running", "mixdesk-hosts of desk", "mixdesk-assets", "mixdesk-logs"]
)
def test_nothing_is_empty_without_a_word(one_job: World, cast: str) -> None:
    """A panel has data, or its own text; never a frame without a number, which Grafana draws as an empty graph."""
    asker, silently, hollow = one_job.of(cast), [], []
    for panel in panels(cast):
        frame = answers(asker, panel)
        if not any(frame.values()) and not panel["fieldConfig"]["defaults"].get("noValue"):
            silently.append(panel["title"])
        hollow += [f"{panel['title']}/{letter}" for letter, one in frame.items() if one and not as_grafana.numbers(one)]
    assert (silently, hollow) == ([], [])


@pytest.mark.parametrize("cast", ["mixdesk-jobs", "mixdesk-job as running", "mixdesk-hosts of desk"])
def test_its_links_and_actions_have_their_fields(one_job: World, cast: str) -> None:
    wrong = []
    for panel in panels(cast):
        frame = answers(one_job.of(cast), panel)
        asked = set(FIELD.findall("\n".join(dashboards.texts(panel))))
        if any(frame.values()):
            wrong += [f"{panel['title']}: {name}" for name in asked - as_grafana.columns(frame)]
    assert wrong == []


def test_its_job_is_seen_at_once(one_job: World) -> None:
    asker = one_job.of("mixdesk-job as running")
    frames = {panel["title"]: answers(asker, panel) for panel in panels("mixdesk-job")}
    for title in ("Status", "Progress", "Epoch", "Speed", "Loss", "Phases over time", "Ask of this job"):
        assert all(frames[title].values()), title


# -- rules ----------------------------------------------------------------------------------------------


def test_all_rules_are_evaluated(stage: World) -> None:
    groups = stage.asker.prometheus.api("rules")["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    assert [rule["lastError"] for rule in rules if rule["health"] != "ok"] == []
    assert {rule["name"] for rule in rules} == {rule.name for rule in alert_rules.rules()}


def test_rules_record_data(stage: World) -> None:
    recorded = [rule.name for rule in alert_rules.rules() if rule.kind == "record"]
    assert recorded
    assert [name for name in recorded if not as_grafana.numbers(stage.asker.now(name))] == []


@pytest.mark.parametrize(("length", "expected"), [("minute", silent.FIRING), ("hour", silent.FIRING_IN_AN_HOUR)])
def test_no_alert_holds_that_should_not(worlds: dict[str, World], length: str, expected: dict[str, str]) -> None:
    """By its expression, before any `for`; so one that would fire after an hour of this is seen, too."""
    told = {rule.name for rule in alert_rules.alerts() if worlds[length].asker.now(rule.expr)}
    assert {name for name in told if not silent.of_the_machine(name)} == set(expected)


def test_what_fires_is_what_holds(stage: World) -> None:
    series = stage.asker.now('ALERTS{alertstate="firing"}')
    assert "Watchdog" in {one["metric"]["alertname"] for one in series}
    told = {one["metric"]["alertname"] for one in stage.asker.now("ALERTS")}  # the pending ones too
    assert {name for name in told if not silent.of_the_machine(name)} == set(silent.FIRING)


def test_what_rules_select_is_there(stage: World) -> None:
    """An alert that asks for a label's value that no series has would never fire, and nobody would see."""
    asked = {selected(one) for rule in alert_rules.rules() for one in promql.selectors(promql_parser.parse(rule.expr))}
    length = f"{int(stage.asker.at - stage.asker.began) + 1}s"
    empty = {one for one in asked if not stage.asker.now(f"count(last_over_time({one}[{length}]))")}
    reasons = silent.SELECTED_NOTHING
    assert sorted(one for one in empty if not one.startswith(tuple(reasons))) == [], "selects nothing"
    assert [start for start in reasons if not any(one.startswith(start) for one in empty)] == [], "selects something"


def selected(selector: Any) -> str:
    """The selector alone, without offset."""
    found = [
        f"{one.name}{OPERATORS[str(one.op).rpartition('.')[2]]}{quoted(one.value)}"
        for one in selector.matchers.matchers
    ]
    return f"{selector.name}{{{','.join(found)}}}"


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
