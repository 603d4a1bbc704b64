"""For all tests: those that start processes of their own are marked, so that `make check` can leave them out."""

from __future__ import annotations

import pytest

WHOLE = ("tests/e2e/", "tests/examples/", "tests/control/cli_verbs/", "tests/control/page/", "tests/control/test_up.py")
STARTERS = {
    "tests/control/": {"desk", "new_desk", "browser"},
    "tests/instrumentation/": {"forker", "http_desk", "savers"},
}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark by what a test asks for, so that nobody has to remember to."""
    for item in items:
        path = item.path.relative_to(config.rootpath).as_posix()
        asked = set(getattr(item, "fixturenames", ()))
        starters = next((names for folder, names in STARTERS.items() if path.startswith(folder)), set())
        if path.startswith(WHOLE) or asked & starters:
            item.add_marker("process")
