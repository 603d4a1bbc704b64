"""Which log comes first, and why."""

from __future__ import annotations

import pytest

from mixdesk_control.logs.rank import STALE_S, kind_of, order, why
from mixdesk_control.logs.source import ACCESS, APPLICATION, DEBUG, ERROR, STDOUT, Source

NOW = 1_800_000_000.0


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("error.log", ERROR),
        ("nginx_error", ERROR),
        ("php_errors.log", ERROR),
        ("warning.log", ERROR),
        ("laravel.log", APPLICATION),
        ("php-fpm.log", APPLICATION),
        ("php8.2-fpm.log", APPLICATION),
        ("php-fpm.access.log", ACCESS),
        ("mysql-slow.log", APPLICATION),
        ("supervisord.log", APPLICATION),
        ("worker-stderr---supervisor-x1.log", APPLICATION),
        ("access.log", ACCESS),
        ("access_log", ACCESS),
        ("debug.log", DEBUG),
        ("xdebug-error.log", ERROR),
    ],
)
def test_kinds_by_name(name: str, kind: str) -> None:
    assert kind_of(name)[0] == kind


def test_why_names_the_word() -> None:
    assert kind_of("nginx-error.log")[1] == "name has 'error'"
    assert kind_of("mysql-slow.log")[1] == "name has 'slow': slow queries"


def source(id: str, kind: str, size: int | None = 100, modified: float = NOW) -> Source:
    return Source(service="api", id=id, kind=kind, size=size, modified=modified, path=f"/logs/{id}.log")


def best_first(*sources: Source) -> list[str]:
    return [one.id for one in sorted(sources, key=lambda one: order(one, NOW))]


def test_kinds_come_in_their_order_with_the_output_after_the_application() -> None:
    found = best_first(
        source("debug", DEBUG, 10**9),
        source("access", ACCESS),
        source("stdout", STDOUT),
        source("laravel", APPLICATION, 1),
        source("warning", ERROR, 10**9),
        source("error", ERROR, 1),
    )
    assert found == ["error", "warning", "laravel", "stdout", "access", "debug"]


def test_of_one_kind_the_larger_comes_first_then_the_fresher() -> None:
    found = best_first(
        source("small", ERROR, 5),
        source("old", APPLICATION, 7, NOW - 60),
        source("new", APPLICATION, 7, NOW),
        source("big", APPLICATION, 8, NOW - 60),
    )
    assert found == ["small", "big", "new", "old"]


def test_what_is_empty_or_long_not_written_comes_last_of_its_kind() -> None:
    found = best_first(
        source("empty", APPLICATION, 0),
        source("stale", APPLICATION, 10**9, NOW - STALE_S - 1),
        source("live", APPLICATION, 1),
    )
    assert found == ["live", "stale", "empty"]


@pytest.mark.parametrize(
    ("size", "modified", "line"),
    [
        (12_000, NOW - 3, "name has 'error'; 11.7 KiB, 3 s ago"),
        (0, NOW, "name has 'error'; empty"),
        (None, None, "name has 'error'"),
        (999, NOW, "name has 'error'; 999 B, now"),
        (1_500_000, NOW - 7200, "name has 'error'; 1.4 MiB, 2 h ago"),
        (3_000_000_000, NOW - 86400 * 3, "name has 'error'; 2.8 GiB, 3 d ago"),
        (5, NOW + 100, "name has 'error'; 5 B, now"),
    ],
)
def test_why_is_one_short_line(size: int | None, modified: float | None, line: str) -> None:
    assert why("name has 'error'", size, modified, NOW) == line
