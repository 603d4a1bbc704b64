"""Process assets as services: the file that a runner keeps, with what it was before."""

from __future__ import annotations

import os
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import quick_store
from asset_room import asset, process
from scripted_driver import ScriptedDriver, World

from mixdesk_control.assets.asset import Observed
from mixdesk_control.assets.board import Board
from mixdesk_control.assets.drivers.process.driver import ProcessDriver
from mixdesk_control.assets.outputs import outputs
from mixdesk_control.assets.registry import build
from mixdesk_control.logs.discovery.asset_outputs import services
from mixdesk_control.logs.source import InFiles
from mixdesk_control.operations import OperationService


@dataclass(frozen=True)
class Goes:
    asset: str
    file: Path | None
    container: str | None = None
    state: str = "running"


def test_its_output_is_one_source(tmp_path: Path) -> None:
    file = tmp_path / "studio" / "output.log"
    file.parent.mkdir()
    file.write_text("new\n")
    file.with_name("output.log.1").write_text("older\n")
    [service] = services([Goes("studio", file), Goes("box", None, "f" * 64), Goes("jobs", file)])
    assert (service.name, service.state, service.found_in) == ("studio", "running", ("assets",))
    [source] = service.sources
    assert (source.id, source.kind, source.size, source.reason) == ("stdout", "stdout", 4, None)
    assert isinstance(source.origin, InFiles)
    assert [part.path for part in source.origin.rotated] == [f"{file}.1"]
    with os.fdopen(source.origin.place.open(source.origin.path), "rb") as content:
        assert content.read() == b"new\n"


def test_one_that_has_printed_nothing_says_so(tmp_path: Path) -> None:
    [service] = services([Goes("studio", tmp_path / "studio" / "output.log")])
    assert service.sources[0].origin is None and "has not started it" in str(service.sources[0].reason)
    (tmp_path / "studio").mkdir()
    (tmp_path / "studio" / "output.log").symlink_to("/etc/passwd")
    [service] = services([Goes("studio", tmp_path / "studio" / "output.log")])
    assert service.sources[0].origin is None


def test_where_assets_print_to(tmp_path: Path) -> None:
    drivers = {"process": ProcessDriver(tmp_path / "assets"), "docker": ScriptedDriver(World(), "docker")}
    with closing(quick_store.opened(tmp_path)) as store:
        board = Board(store, OperationService(store), drivers)
    entries = [process("studio"), asset("others", process={"name": "ollama"}), asset("box"), asset("gone")]
    board.put(build(entries, drivers))
    board.entries["box"].observed = Observed("running", container="f" * 64)
    assert [(one.asset, one.file, one.container) for one in outputs(board)] == [
        ("studio", tmp_path / "assets" / "studio" / "output.log", None),
        ("box", None, "f" * 64),
    ]
