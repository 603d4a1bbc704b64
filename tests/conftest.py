"""For all tests: which of them start processes of their own, and what may be skipped where all of them must run."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from forker import Forker
    from postgres import Server

# Everyday the same examples each time, however busy the machine; new ones under torture.
settings.register_profile(
    "mixdesk",
    deadline=None,
    derandomize=not os.environ.get("MIXDESK_TORTURE"),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("mixdesk")

MAY_BE_SKIPPED = ("needs a GPU", "is in no registry", "this file system does not")

WHOLE = (
    *("tests/e2e/", "tests/examples/", "tests/control/cli_verbs/", "tests/control/page/", "tests/control/test_up.py"),
    *("tests/stack/compose/", "tests/stack/nginx/", "tests/stack/otel/", "tests/stack/prometheus/"),
    *(f"tests/stack/grafana/test_{name}.py" for name in ("actions", "several_desks", "live_queries")),
)
STARTERS = {
    "tests/control/": {"desk", "new_desk", "browser", "scene"},
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


@pytest.fixture(scope="session")
def forker() -> Iterator[Forker]:
    """Starts processes that have torch loaded already, in milliseconds."""
    from forker import Forker

    program = Forker()
    yield program
    program.close()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """One for all: to make one takes seconds. What the test before left in it is the test's to clear."""
    from postgres import running

    with running() as server:
        yield server


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """With CI set, a skip for any other reason is a failure: a green run has run everything."""
    for reason in _forbidden_skips(terminalreporter):
        terminalreporter.write_line(f"must not be skipped in CI: {reason}", red=True)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """The exit status says it too."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and _forbidden_skips(reporter) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _forbidden_skips(reporter: pytest.TerminalReporter) -> list[str]:
    if not os.environ.get("CI"):
        return []
    reasons = [str(report.longrepr) for report in reporter.stats.get("skipped", [])]
    return [reason for reason in reasons if not any(allowed in reason for allowed in MAY_BE_SKIPPED)]
