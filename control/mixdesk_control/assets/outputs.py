"""Where the output of assets goes, for whoever shows logs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mixdesk_control.assets.board import Board
from mixdesk_control.assets.drivers.process.driver import ProcessDriver
from mixdesk_control.assets.entry import Entry


@dataclass(frozen=True, slots=True)
class AssetOutput:
    """Of one asset.

    state      what it is doing: running, exited, ...
    file       where its runner keeps it; None for what the desk does not start
    container  the full id of the container that it runs as; None where it is none, or is not there
    """

    asset: str
    state: str
    file: Path | None
    container: str | None


def outputs(board: Board) -> list[AssetOutput]:
    """Of all assets that have any. Safe from any thread."""
    driver = board.drivers.get("process")
    folders = driver if isinstance(driver, ProcessDriver) else None
    made = [_output(asset, entry, folders) for asset, entry in list(board.entries.items())]
    return [output for output in made if output.file is not None or output.container is not None]


def _output(asset: str, entry: Entry, driver: ProcessDriver | None) -> AssetOutput:
    file = driver.output(entry.asset) if driver is not None and entry.asset.driver == driver.name else None
    return AssetOutput(asset, entry.observed.doing, file, entry.observed.container)
