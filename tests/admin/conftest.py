"""The admin as people use it: a real desk, real trainers, a real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import admin_page
import pytest
from live_desk import Desk, free_port
from playwright.sync_api import Browser

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.process)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with admin_page.chromium() as browser:
        yield browser


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """An empty desk of the test's own."""
    own = Desk(tmp_path / "state", free_port())
    own.start()
    try:
        yield own
    finally:
        own.close()


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Callable[..., admin_page.Visitor]]:
    """Opens a browser at a desk: `visit(desk, viewport=..., timezone_id=...)`."""
    open_ones: list[admin_page.Visitor] = []

    def make(desk: Any, **options: Any) -> admin_page.Visitor:
        open_ones.append(admin_page.Visitor(chromium, desk, **options))
        return open_ones[-1]

    yield make
    for one in open_ones:
        one.close()
