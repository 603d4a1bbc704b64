"""The same verbs against the real desk, with real processes as assets."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

REGISTRY = """
[[assets]]
id = "hubert"
process = {{ argv = ["{python}", "-c", "import time; print('listening', flush=True); time.sleep(600)"] }}
ready = {{ log = "listening" }}

[[assets]]
id = "rvc"
name = "RVC"
process = {{ argv = ["/bin/sleep", "600"] }}
dependencies = ["hubert"]

[[assets]]
id = "broken"
process = {{ argv = ["/bin/sh", "-c", "exit 3"] }}
ready = {{ port = 1 }}
"""


@pytest.fixture
def desk(new_desk: Callable[..., Any]) -> Iterator[Any]:
    found = new_desk(config=REGISTRY.format(python=sys.executable)).start()
    yield found
    found.stop()  # not killed: its processes would live on


def statuses(desk: Any) -> dict[str, str]:
    return {asset["id"]: asset["status"] for asset in desk.ask("GET", "/admin/assets").json()["items"]}


def test_from_the_first_look_to_the_last_stop(desk: Any) -> None:
    assert statuses(desk) == {"hubert": "stopped", "rvc": "stopped", "broken": "stopped"}
    planned = desk.run("assets", "start", "rv", "--dry-run")
    assert [line.split()[:2] for line in planned.stdout.splitlines()] == [["start", "hubert"], ["start", "rvc"]]
    started = desk.run("assets", "start", "rvc")
    assert started.returncode == 0, started.stderr
    said = started.stdout.splitlines()
    assert said[0].startswith("hubert is being started") and said[-1] == "rvc runs"
    assert statuses(desk) == {"hubert": "running", "rvc": "running", "broken": "stopped"}
    refused = desk.run("assets", "stop", "hubert")
    assert refused.returncode == 1
    assert refused.stderr.splitlines()[-1] == "  next: mixdesk assets stop hubert --cascade"
    assert desk.run("assets", "hold", "rvc", "--reason", "a song").returncode == 0
    assert "admin (a song), " in desk.run("assets", "status", "RVC").stdout
    stopped = desk.run("assets", "stop", "hubert", "--cascade", "--force")
    assert (stopped.returncode, stopped.stdout.splitlines()[-1]) == (0, "hubert is stopped")
    assert statuses(desk) == {"hubert": "stopped", "rvc": "stopped", "broken": "stopped"}


def test_another_registry_a_wrong_one_and_an_asset_that_cannot_run(desk: Any, eventually: Any) -> None:
    file = Path(desk.state_dir).with_name(Path(desk.state_dir).name + ".toml")
    whole = file.read_text()
    file.write_text(whole + '[[assets]]\nid = "new"\nprocess = { argv = ["/bin/sleep", "60"] }\n')
    assert desk.run("assets", "reload").stdout == "added: new\n"
    file.write_text(whole + '[[assets]]\nid = "rvc"\ncontainer = "rvc"\ndependencies = ["no"]\n')
    wrong = desk.run("assets", "reload")
    assert wrong.returncode == 1
    assert "  assets.rvc: this id is given twice: give each asset an id of its own" in wrong.stderr.splitlines()
    assert eventually(lambda: desk.run("completion", "ids", "assets").stdout.split()) == [*statuses(desk)]
    failed = desk.run("assets", "start", "broken")
    assert failed.returncode == 1
    assert failed.stderr.startswith("mixdesk: start failed: ") and "exit code 3" in failed.stderr
