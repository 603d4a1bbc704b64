"""Which files are one log, and what it is called."""

from __future__ import annotations

import re

import pytest
from torture import chance, times

from mixdesk_control.logs.naming import LONGEST_ID, Family, File, families, ids, numbered, part, slug

ID = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")


@pytest.mark.parametrize(
    ("name", "base", "packed"),
    [
        ("error.log", "error.log", None),
        ("error.log.1", "error.log", None),
        ("error.log.2.gz", "error.log", "gz"),
        ("error.log-20261101", "error.log", None),
        ("error.log-20261101.gz", "error.log", "gz"),
        ("error.log-20261101-1.bz2", "error.log", "bz2"),
        ("error.log.2026-11-01", "error.log", None),
        ("error.log.2026-11-01_13", "error.log", None),
        ("error.log.old", "error.log", None),
        ("laravel-2026-11-01.log", "laravel.log", None),
        ("app.log.1764540000", "app.log", None),
        ("app.log-1764540000.gz", "app.log", "gz"),
        ("laravel-2026-11-01.log.gz", "laravel.log", "gz"),
        ("catalina.2026-11-01.log", "catalina.log", None),
        ("app-20261101.log", "app.log", None),
        ("app.1.log", "app.log", None),
        ("app.log.3.zst", "app.log", "zst"),
        ("app.log.3.xz", "app.log", "xz"),
        ("error", "error", None),
        ("error.1", "error", None),
        ("access_log", "access_log", None),
        ("php8.2-fpm.log", "php8.2-fpm.log", None),
        ("php8.2-fpm.log.1", "php8.2-fpm.log", None),
        ("worker-1.log", "worker-1.log", None),
        ("2026-11-01.log", "2026-11-01.log", None),
        ("ERROR.LOG", "ERROR.LOG", None),
        (".log", ".log", None),
        (".1", ".1", None),
    ],
)
def test_what_a_name_says(name: str, base: str, packed: str | None) -> None:
    found = part(name)
    assert (found.base, found.packed) == (base, packed)


def of(*files: File | str) -> list[Family]:
    return families(File(one) if isinstance(one, str) else one for one in files)


def names(family: Family) -> list[str]:
    return [file.name for file in family.older]


def test_rotated_files_belong_to_their_live_one_the_newest_first() -> None:
    (family,) = of("error.log.10.gz", "error.log.2.gz", "error.log", "error.log.1")
    assert family.live == File("error.log")
    assert names(family) == ["error.log.1", "error.log.2.gz", "error.log.10.gz"]
    assert family.pattern == "error.log"


def test_rotated_files_with_dates_too() -> None:
    (family,) = of("error.log", "error.log-20261030.gz", "error.log-20261101.gz", "error.log-20261031.gz")
    assert names(family) == ["error.log-20261101.gz", "error.log-20261031.gz", "error.log-20261030.gz"]


def test_of_daily_files_the_newest_is_written() -> None:
    (family,) = of("laravel-2026-10-30.log", "laravel-2026-11-01.log", "laravel-2026-10-31.log")
    assert (family.base, family.name, family.pattern) == ("laravel.log", "laravel-2026-11-01.log", "laravel-*.log")
    assert names(family) == ["laravel-2026-10-31.log", "laravel-2026-10-30.log"]


def test_a_daily_file_is_written_where_the_plain_one_no_longer_is() -> None:
    (family,) = of(File("laravel.log", 9, 1000.0), File("laravel-2026-11-01.log", 9, 90_000.0))
    assert family.name == "laravel-2026-11-01.log"
    assert names(family) == ["laravel.log"]


def test_a_dated_copy_is_older_than_the_file_itself() -> None:
    (family,) = of(File("error.log", 0, 1000.0), File("error-20261101.log", 9, 1001.0))
    assert family.name == "error.log"
    assert names(family) == ["error-20261101.log"]


def test_between_two_steps_of_a_rotation_the_log_is_still_there() -> None:
    (family,) = of("error.log.1", "error.log.2.gz")
    assert (family.name, family.live) == ("error.log", None)
    assert names(family) == ["error.log.1", "error.log.2.gz"]


def test_numbers_of_workers_are_not_of_a_rotation() -> None:
    assert [family.name for family in of("worker.1.log", "worker.2.log")] == ["worker.1.log", "worker.2.log"]
    assert [family.name for family in of("gpu.log", "gpu-0.log", "gpu-1.log")] == ["gpu-0.log", "gpu-1.log", "gpu.log"]
    (family,) = of("app.log", "app.1.log", "app.2.log")
    assert names(family) == ["app.1.log", "app.2.log"]


def test_no_file_is_lost_or_in_two_logs() -> None:
    draw = chance()
    pieces = ["error", "laravel", "a.b", "x-1", ".log", ".1", ".2.gz", "-20261101", "-2026-11-01", ".old", ".zst", "é"]
    for _ in range(times(3000, 200)):
        wanted = {"".join(draw.choices(pieces, k=draw.randint(1, 5))) for _ in range(draw.randint(1, 12))}
        found = of(*sorted(wanted))
        listed = [name for one in found for name in (*([one.live.name] if one.live else []), *names(one))]
        assert sorted(listed) == sorted(wanted)
        assert len({one.base for one in found}) == len(found)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Error", "error"),
        ("php8.2-fpm", "php8.2-fpm"),
        ("../../etc/passwd", "etc-passwd"),
        ("日本", "log"),
        ("--", "log"),
        ("a b\nc", "a-b-c"),
        ("x" * 300, "x" * 64),
    ],
)
def test_slugs(text: str, expected: str) -> None:
    assert slug(text) == expected


def test_an_id_is_the_name_without_its_ending() -> None:
    assert ids(["/var/log/nginx/error.log", "/var/log/php8.2-fpm.log", "/var/log/access_log"]) == {
        "/var/log/nginx/error.log": "error",
        "/var/log/php8.2-fpm.log": "php8.2-fpm",
        "/var/log/access_log": "access_log",
    }


def test_where_two_have_the_same_their_folders_tell_them_apart() -> None:
    found = ids(["/var/log/nginx/error.log", "/var/log/mysql/error.log", "/var/log/nginx/access.log"])
    assert sorted(found.values()) == ["access", "mysql-error", "nginx-error"]


def test_where_that_does_not_help_more_folders_do() -> None:
    found = ids(["/app/storage/logs/app.log", "/app/logs/app.log"])
    assert found == {"/app/storage/logs/app.log": "storage-logs-app", "/app/logs/app.log": "app-logs-app"}


def test_at_last_they_are_numbered_by_their_paths() -> None:
    found = ids(["/logs/Error.log", "/logs/error.log", "/logs/error"])
    assert found == {"/logs/Error.log": "error-2", "/logs/error": "error-3", "/logs/error.log": "error-4"}


def test_no_file_is_called_as_the_output() -> None:
    assert ids(["/logs/stdout.log"], taken=["stdout"]) == {"/logs/stdout.log": "logs-stdout"}


def test_a_file_that_comes_later_renames_none() -> None:
    before = ids(["/var/log/nginx/error.log"])
    after = ids(["/app/logs/error.log", "/var/log/nginx/error.log"], known=before)
    assert after == {"/var/log/nginx/error.log": "error", "/app/logs/error.log": "logs-error"}
    assert ids(["/app/logs/error.log"], known=after) == {"/app/logs/error.log": "logs-error"}


def test_ids_are_unique_and_may_stand_in_an_address() -> None:
    draw = chance()
    parts = ["error", "Error", "é", "x" * 80, "log", "a.log", "-", "stdout", "error-2", "\udcff"]
    for _ in range(times(2000, 200)):
        paths = {"/" + "/".join(draw.choices(parts, k=draw.randint(1, 4))) for _ in range(draw.randint(1, 15))}
        known = ids(draw.sample(sorted(paths), len(paths) // 2), taken=["stdout"])
        found = ids(paths, known=known, taken=["stdout"])
        assert set(found) == paths
        assert len({*found.values(), "stdout"}) == len(paths) + 1
        assert all(ID.fullmatch(id) for id in found.values())
        assert known.items() <= found.items()


def test_a_number_fits_at_the_end_of_a_long_id() -> None:
    assert numbered("x" * LONGEST_ID, 12) == "x" * 61 + "-12"
