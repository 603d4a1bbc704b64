"""The admin as people use it: a real desk, real trainers, a real browser."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import admin_page
import pytest
import standin_gpu
from admin_full_desk import FullDesk
from live_desk import Desk, free_port
from playwright.sync_api import Browser, Error, expect

HERE = Path(__file__).parent
expect.set_options(timeout=admin_page.PATIENCE_MS)  # a loaded machine is no fault of a page
VISITORS = pytest.StashKey[list[admin_page.Visitor]]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.process)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """A test that fails leaves a picture of each page that it had open."""
    report = yield
    if report.failed and call.when == "call":
        pages = [page for one in item.stash.get(VISITORS, []) for page in one.context.pages]
        for number, page in enumerate(pages):
            with contextlib.suppress(Error):
                file = admin_page.screenshot(page, f"failed-{item.name}-{number}", whole=False)
                report.sections.append(("page", f"{page.url}\n{file}\n{page.inner_text('body', timeout=2000)[:3000]}"))
        said = [line for one in item.stash.get(VISITORS, []) for line in one.complaints]
        report.sections.append(("console", "\n".join(said) or "nothing"))
    return report


@pytest.fixture(scope="package")
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


@pytest.fixture(scope="session")
def empty_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk as `mixdesk up` starts it, with nothing in it: for tests that only look."""
    own = Desk(tmp_path_factory.mktemp("empty") / "state", free_port())
    own.start()
    try:
        yield own
    finally:
        own.close()


@pytest.fixture(scope="session")
def full_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FullDesk]:
    """A desk in the middle of a day, with something of everything (see admin_full_desk): for tests that only look."""
    own = FullDesk(tmp_path_factory.mktemp("full"), standin_gpu.build(tmp_path_factory.mktemp("nvml")))
    try:
        own.fill()
        yield own
    finally:
        own.close()


@pytest.fixture
def visit(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Callable[..., admin_page.Visitor]]:
    """Opens a browser at a desk: `visit(desk, viewport=..., timezone_id=...)`."""
    open_ones = request.node.stash.setdefault(VISITORS, [])

    def make(desk: Any, **options: Any) -> admin_page.Visitor:
        open_ones.append(admin_page.Visitor(chromium, desk, **options))
        return open_ones[-1]

    yield make
    for one in open_ones:
        one.close()
