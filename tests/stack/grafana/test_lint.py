"""The rules that every dashboard keeps: what Grafana would show wrong, empty or not at all is found here."""

from __future__ import annotations

import copy
import json
import re
import warnings
from collections import Counter
from itertools import combinations
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pages
import pytest

import dashboards
from dashboards import Json

BOARDS = {file.stem: dashboards.load(file) for file in dashboards.files()}
PANELS = [(uid, panel) for uid, board in BOARDS.items() for panel in dashboards.panels(board)]
# what Grafana 13 brings along; a canvas has buttons that ask nobody
SHIPPED = {"timeseries", "stat", "gauge", "bargauge", "table", "state-timeline", "status-history", "heatmap", "logs"}
SHIPPED |= {"text", "barchart", "piechart", "histogram", "traces", "nodeGraph", "alertlist", "annolist", "row"}
NUMBERS = SHIPPED - {"text", "logs", "traces", "nodeGraph", "alertlist", "annolist", "row"}
HEAD = ("dashboard", "uid", "answers", "variables")
LONG = re.compile(r"\$__range|\d+[hdw]")

each_board = pytest.mark.parametrize("board", BOARDS.values(), ids=BOARDS)
each_panel = pytest.mark.parametrize(("uid", "panel"), PANELS, ids=[f"{uid}/{panel['title']}" for uid, panel in PANELS])


def test_all_five_are_there() -> None:
    assert set(BOARDS) == {f"mixdesk-{name}" for name in ("jobs", "job", "hosts", "assets", "logs")}


@each_board
def test_the_head(board: Json) -> None:
    assert BOARDS[board["uid"]] is board and len(board["uid"]) <= 40, "the file's name is the uid"
    assert board["title"] and board["description"] and board["tags"] == ["mixdesk"]
    assert board["schemaVersion"] == 42, "file provisioning takes the classic form alone"
    assert board.get("id") is None and "version" not in board
    assert board["editable"] is True, "Grafana shows actions to those who may edit"
    assert re.fullmatch(r"\d+[smh]", board["refresh"]) and board["graphTooltip"] in (1, 2)
    assert board["time"]["from"] and board["time"]["to"] == "now" and board["timezone"] == "browser"


@each_board
def test_data_sources_are_variables(board: Json) -> None:
    sources = {name: one["query"] for name, one in dashboards.variables(board).items() if one["type"] == "datasource"}
    for thing in dashboards.objects(board):
        source = thing.get("datasource")
        if not isinstance(source, dict) or source["uid"] in ("-- Grafana --", "grafana"):
            continue
        assert source["uid"] == dashboards.DATA[source["type"]], thing
        assert sources[source["uid"][2:-1]] == source["type"], f"no variable for {source}"


@each_board
def test_every_number_is_given_once(board: Json) -> None:
    every = [inner for panel in board["panels"] for inner in (panel, *panel.get("panels", ()))]
    ids = Counter(panel["id"] for panel in every)
    assert min(ids) > 0 and max(ids.values()) == 1, ids
    titles = Counter(panel["title"] for panel in dashboards.panels(board))
    assert max(titles.values()) == 1, titles
    for panel in every:
        letters = [target["refId"] for target in panel.get("targets", ())]
        assert all(letters) and len(set(letters)) == len(letters), panel["title"]


@each_panel
def test_a_panel_says_what_it_is(uid: str, panel: Json) -> None:
    assert panel["type"] in SHIPPED, "no plugin that Grafana does not bring along"
    assert panel["title"] and len(panel.get("description") or "") >= 20
    if panel["type"] == "text":
        assert panel["options"]["mode"] == "markdown" and panel["options"]["content"]
        return
    assert panel["targets"] and panel["datasource"] == panel["targets"][0]["datasource"]
    for target in panel["targets"]:
        assert target["datasource"] == panel["datasource"], "one data source a panel"


@each_panel
def test_numbers_have_a_unit_and_a_word_for_none(uid: str, panel: Json) -> None:
    if panel["type"] not in NUMBERS:
        return
    defaults = panel["fieldConfig"]["defaults"]
    assert defaults.get("unit"), "a unit, or `none` on purpose"
    zero = all("or vector(0)" in target.get("expr", "") for target in panel["targets"])
    assert defaults.get("noValue") or zero, "what it says where there is nothing"
    assert "no data" not in str(defaults.get("noValue", "")).lower()


@each_panel
def test_rates_are_over_grafanas_own_interval(uid: str, panel: Json) -> None:
    for target in panel.get("targets", ()):
        if target["datasource"]["type"] != "prometheus":
            continue
        for function, window in re.findall(r"\b(i?rate|increase)\((?:[^()]|\([^()]*\))*\[([^\]]+)\]", target["expr"]):
            long = function == "increase" and LONG.fullmatch(window)
            assert window == "$__rate_interval" or long, f"{function} over {window}"


@each_board
def test_no_two_panels_lie_on_each_other(board: Json) -> None:
    for group in (board["panels"], *(panel.get("panels", []) for panel in board["panels"])):
        for panel in group:
            grid = panel["gridPos"]
            assert grid["w"] > 0 and grid["h"] > 0 and grid["x"] >= 0 and grid["x"] + grid["w"] <= 24, panel["title"]
        for one, other in combinations(group, 2):
            assert not overlap(one["gridPos"], other["gridPos"]), (one["title"], other["title"])


def overlap(one: dict[str, int], other: dict[str, int]) -> bool:
    across = one["x"] < other["x"] + other["w"] and other["x"] < one["x"] + one["w"]
    return across and one["y"] < other["y"] + other["h"] and other["y"] < one["y"] + one["h"]


@each_board
def test_variables_that_are_used_exist_and_the_other_way_round(board: Json) -> None:
    known = dashboards.variables(board)
    text = {name: one for name, one in board.items() if name != "templating"}
    used = dashboards.names_used(text) | dashboards.names_used([one["query"] for one in known.values()])
    assert used == set(known), used ^ set(known)
    for variable in known.values():
        assert variable["type"] == "datasource" or variable.get("description"), variable["name"]
        assert variable["type"] != "query" or variable["refresh"] == 2, "asked anew with the time range"


def test_the_page_lists_dashboards_and_variables() -> None:
    page = (dashboards.FOLDER.parent / "README.md").read_text()
    listed = {row[1].strip("`"): set(pages.names(row[3])) for row in pages.table(page, *HEAD)}
    own = {uid: set(dashboards.variables(board)) - {"datasource", "loki", "tempo"} for uid, board in BOARDS.items()}
    assert listed == own
    assert all(BOARDS[uid]["title"] == title for title, uid in titles(page))


def titles(page: str) -> list[tuple[str, str]]:
    return [(row[0], row[1].strip("`")) for row in pages.table(page, *HEAD)]


@each_board
def test_links_lead_somewhere(board: Json) -> None:
    for thing in dashboards.objects(board):
        if thing.get("type") == "dashboards":
            assert all(any(tag in other["tags"] for other in BOARDS.values()) for tag in thing["tags"])
        if isinstance(thing.get("url"), str) and thing["url"]:
            leads_somewhere(thing["url"])
        if thing.get("url", "").startswith(("/ui/", "/runbooks/")):
            assert thing.get("targetBlank"), "else Grafana's own router takes the click"
    for text in dashboards.texts([panel for panel in dashboards.panels(board) if panel["type"] == "text"]):
        for url in re.findall(r"\]\(([^)\s]+)\)", text):
            leads_somewhere(url)


def leads_somewhere(url: str) -> None:
    """AssertionError where it leads to no dashboard and no page of the desk, or gives a variable that is not there."""
    parts = urlsplit(url)
    found = re.fullmatch(r"/d/([\w-]+)", parts.path)
    if found is None:
        assert parts.path.startswith(("/ui/", "/admin/", "/explore", "/runbooks/")) or parts.scheme == "https", url
        return
    assert found[1] in BOARDS, url
    given = {name.removeprefix("var-") for name in parse_qs(parts.query) if name.startswith("var-")}
    assert given <= set(dashboards.variables(BOARDS[found[1]])), url


@each_panel
def test_links_and_columns_name_fields_that_are_there(uid: str, panel: Json) -> None:
    if panel["type"] != "table" or panel["datasource"]["type"] != "prometheus":
        return
    there = dashboards.columns(panel)
    there |= {
        name for one in panel.get("transformations", ()) for name in one["options"].get("renameByName", {}).values()
    }
    named = {
        name for text in dashboards.texts(panel) for name in re.findall(r'__data\.fields\["([^"]+)"\]', unquote(text))
    }
    for override in panel["fieldConfig"]["overrides"]:
        if override["matcher"]["id"] == "byName":
            named.add(override["matcher"]["options"])
    for one in panel.get("transformations", ()):
        options = one["options"]
        named |= {*options.get("indexByName", ()), *options.get("excludeByName", ()), *options.get("renameByName", ())}
        named |= {options["byField"]} if "byField" in options else set()
    assert named <= there, named - there


@each_board
def test_every_exemplar_has_a_histogram_and_nothing_is_the_latest(board: Json) -> None:
    for panel in dashboards.panels(board):
        for target in panel.get("targets", ()):
            assert not target.get("exemplar") or "_bucket" in target["expr"], panel["title"]
    assert not re.search(r":latest\b", json.dumps(board))


# -- keys ----------------------------------------------------------------------------------------------


def unknown(source: Any, known: Any, where: str = "") -> list[str]:
    """The paths in `source` that `known`, which the SDK made of it, has no more."""
    if isinstance(source, dict) and isinstance(known, dict):
        lost = [f"{where}.{key}" for key, value in source.items() if key not in known and value is not None]
        return lost + [
            line for key in source.keys() & known.keys() for line in unknown(source[key], known[key], f"{where}.{key}")
        ]
    if isinstance(source, list) and isinstance(known, list):
        return [
            line
            for at, (one, other) in enumerate(zip(source, known, strict=True))
            for line in unknown(one, other, f"{where}[{at}]")
        ]
    return []


def lost(board: Json) -> list[str]:
    with warnings.catch_warnings(action="ignore"):  # the SDK would have everybody write the newer form
        from grafana_foundation_sdk.cog.encoder import JSONEncoder
        from grafana_foundation_sdk.cog.plugins import register_default_plugins
        from grafana_foundation_sdk.models.dashboard import Dashboard

        register_default_plugins()
        known = Dashboard.from_json(copy.deepcopy(board))
    return unknown(board, json.loads(json.dumps(known, cls=JSONEncoder)))


@each_board
def test_grafana_knows_every_key(board: Json) -> None:
    assert not lost(board)


@each_board
def test_a_slip_in_a_key_would_be_found(board: Json) -> None:
    for path in ("panels.0.fieldConfig.defaults", "panels.0", "templating.list.0"):
        slipped = copy.deepcopy(board)
        slipped["panels"] = [panel for panel in slipped["panels"] if panel["type"] != "row"]
        place: Any = slipped
        for key in path.split("."):
            place = place[int(key) if key.isdigit() else key]
        place["typoField"] = 1
        assert any(line.endswith(".typoField") for line in lost(slipped)), path


# -- the rules themselves ------------------------------------------------------------------------------


def test_panels_that_lie_on_each_other_would_be_found() -> None:
    place = {"x": 0, "y": 0, "w": 12, "h": 8}
    assert overlap(place, {"x": 11, "y": 7, "w": 2, "h": 2}) and overlap(place, place)
    assert not overlap(place, {"x": 12, "y": 0, "w": 12, "h": 8}) and not overlap(
        place, {"x": 0, "y": 8, "w": 1, "h": 1}
    )


@pytest.mark.parametrize("url", ["/d/mixdesk-jbo", "/d/mixdesk-job?var-jobid=1", "/jobs/", "http://example.org/"])
def test_links_that_lead_nowhere_would_be_found(url: str) -> None:
    with pytest.raises(AssertionError):
        leads_somewhere(url)
