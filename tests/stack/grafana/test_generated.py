"""The committed JSON is what the generator makes, and the generator refuses what Grafana would show wrong."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

import dashboards

GRAFANA = dashboards.FOLDER.parent
PANEL = (1, "Title", "What it shows.", "none", "0")


def generate(*arguments: object) -> subprocess.CompletedProcess[str]:
    """`python -m mixdesk_dashboards ARGUMENTS`."""
    command = [sys.executable, "-m", "mixdesk_dashboards", *map(str, arguments)]
    env = os.environ | {"PYTHONPATH": str(GRAFANA)}
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=120)


def test_the_committed_files_are_what_is_generated() -> None:
    checked = generate("--check", dashboards.FOLDER)
    assert checked.returncode == 0, checked.stderr


def test_the_files_are_those_of_the_generator_and_no_more(tmp_path: Path) -> None:
    made = generate(tmp_path / "new")
    assert made.returncode == 0, made.stderr
    written = sorted(file.name for file in (tmp_path / "new").iterdir())
    assert written == [file.name for file in dashboards.files()]
    assert made.stdout.count("\n") == len(written)
    for name in written:
        text = (tmp_path / "new" / name).read_text()
        assert text == json.dumps(json.loads(text), indent=2, sort_keys=True, ensure_ascii=False) + "\n"
        assert text.startswith("{\n") and name == json.loads(text)["uid"] + ".json"


def test_a_file_that_differs_or_is_missing_is_named_and_left_alone(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(dashboards.FOLDER, tmp_path / "dashboards"))
    changed, gone = folder / "mixdesk-jobs.json", folder / "mixdesk-logs.json"
    changed.write_text(changed.read_text().replace('"title": "Jobs"', '"title": "Work"'))
    gone.unlink()
    checked = generate("--check", folder)
    assert checked.returncode == 1 and checked.stdout == ""
    lines = checked.stderr.splitlines()
    assert [line.split()[0] for line in lines] == [str(changed), str(gone)]
    assert all("make dashboards" in line for line in lines)
    assert '"Work"' in changed.read_text() and not gone.exists()


def test_other_peoples_files_stay(tmp_path: Path) -> None:
    mine = tmp_path / "mine.json"
    mine.write_text("{}")
    assert generate(tmp_path).returncode == 0
    assert mine.read_text() == "{}" and generate("--check", tmp_path).returncode == 0


# -- what the kit refuses --------------------------------------------------------------------------------


@pytest.fixture
def kit(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The modules of the kit."""
    monkeypatch.syspath_prepend(str(GRAFANA))
    with warnings.catch_warnings():
        # The SDK would rather have dashboards of the newer form, which Grafana does not load from files.
        warnings.simplefilter("ignore", DeprecationWarning)
        from mixdesk_dashboards import kit
        from mixdesk_dashboards.kit import board, links, panels, targets  # noqa: F401
    return kit


def a_board(kit: Any, *sections: Any) -> Any:
    return kit.board.Board("mixdesk-x", "X", "About x.", [], list(sections))


def test_a_number_is_given_once(kit: Any) -> None:
    two = [kit.panels.stat(*PANEL, kit.targets.prom("up")) for _ in range(2)]
    with pytest.raises(ValueError, match="number 1 is 'Title' and 'Title'"):
        a_board(kit, kit.board.Section(0, "", two)).build()
    with pytest.raises(ValueError, match="number 1 is 'Row' and 'Title'"):
        a_board(kit, kit.board.Section(1, "Row", two[:1])).build()


@pytest.mark.parametrize("missing", range(4))
def test_a_panel_must_say_what_it_is(kit: Any, missing: int) -> None:
    given = [0 if at == missing == 0 else "" if at == missing else value for at, value in enumerate(PANEL)]
    with pytest.raises(ValueError, match="a number from 1, a title, a text and a unit"):
        kit.panels.stat(*given, kit.targets.prom("up"))


def test_a_panel_asks_one_data_source_26_things_at_most(kit: Any) -> None:
    with pytest.raises(ValueError, match="one data source"):
        kit.panels.stat(*PANEL, kit.targets.prom("up"), kit.targets.loki('{service="x"}'))
    with pytest.raises(ValueError, match="make two panels"):
        kit.panels.stat(*PANEL, *(kit.targets.prom("up") for _ in range(27)))


def test_panels_are_packed_from_left_to_right(kit: Any) -> None:
    def stat(number: int, **size: int) -> Any:
        return kit.panels.stat(number, *PANEL[1:], kit.targets.prom("up"), **size)

    first = kit.board.Section(0, "", [stat(1, w=10, h=2), stat(2, w=10, h=6), stat(3, w=10, h=3)])
    folded = kit.board.Section(100, "Folded", [stat(101, w=24, h=4)], folded=True)
    last = kit.board.Section(200, "Last", [stat(201)])
    board = json.loads(a_board(kit, first, folded, last).json())
    places = {panel["id"]: panel["gridPos"] for panel in board["panels"]}
    assert [(places[n]["x"], places[n]["y"]) for n in (1, 2, 3, 100, 200, 201)] == [
        *((0, 0), (10, 0), (0, 6)),
        *((0, 9), (0, 14), (0, 15)),
    ]
    (row,) = [panel for panel in board["panels"] if panel["id"] == 100]
    assert row["collapsed"] and [inner["id"] for inner in row["panels"]] == [101]
    with pytest.raises(ValueError, match="30 wide: the grid is 24"):
        a_board(kit, kit.board.Section(0, "", [stat(1, w=30)])).build()


def test_a_link_into_explore_holds_nothing_that_grafana_would_decode_wrong(kit: Any) -> None:
    url = kit.links.traces_of_job("${job_id}").url
    decoded = unquote(url).partition("&panes=")[2]  # as Grafana does with every link
    pane = json.loads(decoded)["a"]
    assert pane["datasource"] == "${tempo}" and pane["range"] == {"from": "${__from}", "to": "${__to}"}
    assert pane["queries"][0]["query"] == '{ span.mixdesk.job.id = "${job_id}" }'
    assert not set(decoded) & set("&#+%")
