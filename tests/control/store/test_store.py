"""The store on real files: durable, in order, refusing what it cannot serve, backed up while it runs."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import stat
import subprocess
import sys
import textwrap
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select

from mixdesk_control.store import Store, StoreError, backup, tables
from mixdesk_control.store.checks import file_system_of
from mixdesk_control.store.revisions import Revisions
from mixdesk_control.store.upsert import upsert


def put(key: str, value: str = "v") -> Any:
    return lambda conn: conn.execute(insert(tables.meta).values(key=key, value=value))


def keys(conn: Connection) -> set[str]:
    return set(conn.execute(select(tables.meta.c.key)).scalars())


@pytest.fixture
def store(tmp_path: Path) -> Any:
    found = Store.open(state_dir=tmp_path)
    yield found
    found.close()


def test_the_file_is_private(store: Store, tmp_path: Path) -> None:
    assert stat.S_IMODE((tmp_path / "mixdesk.db").stat().st_mode) == 0o600


def test_what_was_written_is_read_and_in_order(store: Store) -> None:
    async def work() -> list[int]:
        seen: list[int] = []
        store.write_soon(lambda conn: seen.append(-1))
        await asyncio.gather(*(store.write(lambda conn, number=number: seen.append(number)) for number in range(500)))
        await store.write(put("k"))
        assert await store.read(keys) >= {"k"}
        return seen

    assert asyncio.run(work()) == list(range(-1, 500))


def test_one_that_fails_takes_back_its_own_statements_alone(store: Store) -> None:
    """In one transaction with others too: the first keeps the writer busy until all are waiting."""

    def refuses(conn: Connection) -> None:
        put("bad")(conn)
        raise ValueError("no")

    async def work() -> None:
        import time

        store.write_soon(lambda conn: time.sleep(0.2))
        work = [put("a"), refuses, put("a"), put("b")]
        results = await asyncio.gather(*map(store.write, work), return_exceptions=True)
        assert [type(result).__name__ for result in results[1:3]] == ["ValueError", "StoreError"]
        assert not isinstance(results[0], Exception) and not isinstance(results[3], Exception)
        assert {"a", "b"} <= await store.read(keys)
        assert "bad" not in await store.read(keys)

    asyncio.run(work())


def test_a_full_disk_is_said_and_the_store_goes_on(store: Store) -> None:
    async def work() -> None:
        pages = await store.write(lambda conn: conn.exec_driver_sql("PRAGMA page_count").scalar())
        await store.write(lambda conn: conn.exec_driver_sql(f"PRAGMA max_page_count={pages}"))
        with pytest.raises(StoreError, match="full"):
            await store.write(put("big", "x" * 1_000_000))
        await store.write(lambda conn: conn.exec_driver_sql("PRAGMA max_page_count=1000000"))
        await store.write(put("small"))
        assert "small" in await store.read(keys)

    asyncio.run(work())


def test_readers_cannot_write(store: Store) -> None:
    with pytest.raises(StoreError, match=r"readonly|read-only"):
        store.read_blocking(put("k"))


def test_a_caller_that_is_cancelled_leaves_its_work_done(store: Store) -> None:
    async def work() -> None:
        task = asyncio.create_task(store.write(put("left")))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await store.write(lambda conn: None)
        assert "left" in await store.read(keys)

    asyncio.run(work())


def test_a_closed_store_refuses(tmp_path: Path) -> None:
    store = Store.open(state_dir=tmp_path)
    store.write_soon(put("last"))
    store.close()
    store.close()
    with pytest.raises(StoreError, match="closed"):
        store.write_blocking(put("late"))
    again = Store.open(state_dir=tmp_path)
    assert "last" in again.read_blocking(keys), "what waited was committed"
    again.close()


def test_what_was_acknowledged_survives_a_sigkill(tmp_path: Path) -> None:
    code = f"""
        import sys, pathlib
        from mixdesk_control.store import Store, tables
        store = Store.open(state_dir=pathlib.Path({str(tmp_path)!r}))
        for number in range(100000):
            store.write_blocking(lambda conn: conn.execute(tables.meta.insert().values(key=str(number), value="v")))
            print(number, flush=True)
    """
    child = subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    acknowledged = [int(child.stdout.readline()) for _ in range(40)]
    os.kill(child.pid, signal.SIGKILL)
    acknowledged += [int(line) for line in child.stdout.read().split()]
    child.wait(30)
    child.stdout.close()
    store = Store.open(state_dir=tmp_path)
    stored = store.read_blocking(keys)
    store.close()
    assert {str(number) for number in acknowledged} <= stored


# -- what is refused -----------------------------------------------------------------------------------


def refused(tmp_path: Path, **options: Any) -> str:
    """The one line of the refusal; no file has changed."""
    before = {path: (path.read_bytes(), path.stat().st_mode) for path in tmp_path.iterdir()}
    with pytest.raises(StoreError) as caught:
        Store.open(state_dir=tmp_path, **options)
    assert {path: (path.read_bytes(), path.stat().st_mode) for path in tmp_path.iterdir()} == before
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.fixture
def closed(tmp_path: Path) -> Path:
    """A database of this version, closed."""
    store = Store.open(state_dir=tmp_path)
    store.write_blocking(put("k", "x" * 200_000))
    store.close()
    return tmp_path / "mixdesk.db"


def test_a_newer_database_is_refused(closed: Path) -> None:
    with closing(sqlite3.connect(closed)) as conn:
        conn.execute("UPDATE alembic_version SET version_num = '9999'")
        conn.commit()
    assert "newer version" in refused(closed.parent)


@pytest.mark.parametrize("offset", [0, 5000, 60_000])
def test_a_corrupt_database_is_refused(closed: Path, offset: int) -> None:
    data = bytearray(closed.read_bytes())
    data[offset : offset + 4096] = os.urandom(4096)
    closed.write_bytes(data)
    message = refused(closed.parent)
    assert str(closed) in message and "restore" in message


def test_a_truncated_database_is_refused(closed: Path) -> None:
    closed.write_bytes(closed.read_bytes()[:10_000])
    assert "restore" in refused(closed.parent)


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mixdesk.db").write_text("a letter to somebody")
    assert "not a SQLite database" in refused(tmp_path)
    (tmp_path / "mixdesk.db").unlink()
    with closing(sqlite3.connect(tmp_path / "mixdesk.db")) as conn:
        conn.execute("CREATE TABLE recipes (name TEXT)")
    assert "another program" in refused(tmp_path)


def test_a_read_only_file_or_folder_is_refused(closed: Path) -> None:
    closed.chmod(0o444)
    assert "read-only" in refused(closed.parent)
    closed.chmod(0o600)
    closed.parent.chmod(0o500)
    try:
        assert "read-only" in refused(closed.parent)
    finally:
        closed.parent.chmod(0o700)


def test_a_database_that_another_program_holds_is_refused(closed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mixdesk_control.store.engine.BUSY_TIMEOUT_S", 0.2)
    with closing(sqlite3.connect(closed, isolation_level=None)) as conn:
        conn.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreError, match="locked"):
            Store.open(state_dir=closed.parent)


@pytest.mark.parametrize("kind", ["nfs4", "9p", "cifs", "fuse.sshfs"])
def test_a_network_file_system_is_refused(tmp_path: Path, kind: str) -> None:
    mounts = tmp_path / "mountinfo"
    inside = tmp_path / "my share" / "state"
    inside.mkdir(parents=True)
    share = str(tmp_path / "my share").replace(" ", "\\040")
    mounts.write_text(
        f"22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n40 22 0:50 / {share} rw - {kind} server:/x rw\n"
    )
    assert file_system_of(tmp_path, mounts) == "ext4"
    assert file_system_of(inside, mounts) == kind
    assert kind in refused(inside, mounts=mounts)


@pytest.mark.parametrize("url", ["mysql://x/y", "nonsense", "sqlite://", "sqlite:///"])
def test_an_address_that_is_none_is_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(StoreError, match=r"\[store\] url"):
        Store.open(url, state_dir=tmp_path)


def test_a_server_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    pytest.importorskip("psycopg", reason="the PostgreSQL driver is an extra")
    with pytest.raises(StoreError) as caught:
        Store.open("postgresql://nobody:secret@127.0.0.1:1/none", state_dir=tmp_path)
    assert "\n" not in str(caught.value) and "secret" not in str(caught.value)


# -- backup and the small helpers ----------------------------------------------------------------------


def test_a_backup_beside_a_writing_desk_is_whole(store: Store, tmp_path: Path) -> None:
    for number in range(50):
        store.write_blocking(put(f"k{number}", "x" * 5000))
    copy = backup(store.url, tmp_path / "copy.db")
    store.write_blocking(put("after"))
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    with closing(sqlite3.connect(f"file:{copy}?mode=ro", uri=True)) as conn:
        assert conn.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        stored = {row[0] for row in conn.execute("SELECT key FROM meta")}
    assert {f"k{number}" for number in range(50)} <= stored and "after" not in stored
    assert [path.name for path in tmp_path.glob("copy.db*")] == ["copy.db"]


def test_a_backup_overwrites_nothing(store: Store, tmp_path: Path) -> None:
    (tmp_path / "copy.db").write_text("mine")
    with pytest.raises(StoreError, match="exists already"):
        store.backup(tmp_path / "copy.db")
    with pytest.raises(StoreError, match="not a folder"):
        store.backup(tmp_path / "nowhere" / "copy.db")
    assert (tmp_path / "copy.db").read_text() == "mine"


def test_a_backup_opens_as_a_database(store: Store, tmp_path: Path) -> None:
    store.write_blocking(put("k"))
    (tmp_path / "other").mkdir()
    store.backup(tmp_path / "other" / "mixdesk.db")
    again = Store.open(state_dir=tmp_path / "other")
    assert "k" in again.read_blocking(keys)
    again.close()


def test_revisions_never_repeat_also_after_a_crash(tmp_path: Path) -> None:
    given: list[int] = []
    for _ in range(4):
        store = Store.open(state_dir=tmp_path)  # never closed before the next one: a crash
        revisions = Revisions(store, "test", block=10)
        given += [revisions.next() for _ in range(25)]
        asyncio.run(revisions.ensure())
        given += [revisions.next() for _ in range(3)]
    assert given == sorted(set(given))
    store.close()


def test_upsert_replaces_the_other_columns(store: Store) -> None:
    def work(conn: Connection) -> list[tuple[str, str]]:
        upsert(conn, tables.meta, [{"key": "a", "value": "1"}, {"key": "b", "value": "1"}])
        upsert(conn, tables.meta, [{"key": "b", "value": "2"}])
        upsert(conn, tables.meta, [])
        return [tuple(row) for row in conn.execute(select(tables.meta).where(tables.meta.c.key.in_(["a", "b"])))]

    assert sorted(store.write_blocking(work)) == [("a", "1"), ("b", "2")]
