"""Where logs are looked for, and what is never one."""

from __future__ import annotations

import pytest

from mixdesk_control.logs.directories import DIRECTORIES, denied, folder_wanted, folders, forbidden, wanted


def test_the_order_and_then_the_mount_points() -> None:
    found = folders(["/srv/logs", "/var/log", "/var/log/nginx"], ["/opt/logs"])
    assert found == [*DIRECTORIES, "/opt/logs", "/srv/logs", "/var/log/nginx"]
    assert DIRECTORIES == ("/app/storage/logs", "/app/logs", "/var/log", "/logs", "/data/logs")


@pytest.mark.parametrize(
    "name",
    [
        "laravel.log",
        "error",
        "nginx_error",
        "php-debug.txt",
        "access_log",
        "warnings",
        "APP.LOG",
        "app.log.1",
        "app.log.2.gz",
        "app.log-20261101",
        "laravel-2026-11-01.log",
    ],
)
def test_names_of_logs(name: str) -> None:
    assert wanted(name)


@pytest.mark.parametrize("name", ["index.html", "messages", "syslog", "app.logs", "catalog", "app.log~", "dump.rdb"])
def test_names_of_other_things(name: str) -> None:
    assert not wanted(name)


@pytest.mark.parametrize(
    "name",
    [
        *(
            "wtmp",
            "btmp.1",
            "lastlog",
            "system.journal",
            "ib_logfile0",
            "aria_log.00000001",
            "ddl_recovery.log",
            "tc.log",
        ),
        *(".env", ".env.production", "prod.env", "server.key", "error.pem", "shadow", "shadow-", "id_rsa", ".netrc"),
        *(
            "access.db",
            "error.sqlite3",
            "access_token",
            "aws-access-key.txt",
            "accessKeys.csv",
            "error.php",
            "debug.so",
        ),
        *("mysql-bin.000001", "docker.sock", "error.sock", "ERROR.KEY"),
    ],
)
def test_what_is_never_read(name: str) -> None:
    assert denied(name)
    assert not wanted(name)


@pytest.mark.parametrize(
    "path", ["/proc", "/proc/1", "/sys/kernel", "/etc", "/run/secrets", "/var/lib/mysql", "/var/lib/docker/x"]
)
def test_where_no_logs_are(path: str) -> None:
    assert forbidden(path)
    assert path not in folders([path])


@pytest.mark.parametrize("path", ["/processed", "/system/logs", "/srv/logs", "/var/log", "/data", "/usr/local/logs"])
def test_where_logs_may_be(path: str) -> None:
    assert not forbidden(path)


def test_folders_that_are_not_looked_into() -> None:
    assert [name for name in ("nginx", ".git", "journal", "private", "mysql", "secrets") if folder_wanted(name)] == [
        "nginx",
        "mysql",
    ]


def test_the_root_itself_is_no_mount_point_to_look_into() -> None:
    assert folders(["/"]) == list(DIRECTORIES)
