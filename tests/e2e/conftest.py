"""A real desk in a process of its own, and trainers that are forked with torch loaded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from forker import Forker
from live_desk import Desk, free_port
from runners import Runner, Runners


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A desk on its own state folder and port."""
    desk = Desk(tmp_path / "state", free_port())
    desk.start()
    yield desk
    desk.close()


@pytest.fixture
def new_desk(tmp_path: Path) -> Iterator[Callable[[str], Desk]]:
    """Makes one desk with the settings of a test (not started): `new_desk("[jobs]\\nlease_s = 1")`."""
    made: list[Desk] = []

    def make(settings: str = "") -> Desk:
        config = tmp_path / "mixdesk.toml"
        config.write_text(settings)
        made.append(Desk(tmp_path / "state", free_port(), config=config))
        return made[-1]

    yield make
    for desk in made:
        desk.close()


@pytest.fixture
def runners(forker: Forker, tmp_path: Path) -> Iterator[Callable[..., Runner]]:
    """Starts steered trainers beside a desk; what still runs in the end is killed."""
    made = Runners(forker, tmp_path)
    yield made.start
    made.close()
