"""A real desk in a process of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from live_desk import Desk, free_port


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A desk on its own state folder and port."""
    desk = Desk(tmp_path / "state", free_port())
    desk.start()
    yield desk
    desk.close()
