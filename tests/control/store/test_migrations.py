"""The migrations build what the tables say, and an old database is copied before it is touched."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from mixdesk_control.store import Store, migrations, tables


def _schema(path: Path) -> list[tuple[str, ...]]:
    with closing(sqlite3.connect(path)) as conn:
        found = []
        for (name,) in conn.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall():
            if name.startswith("sqlite_"):
                continue
            for row in conn.execute(f"PRAGMA table_info({name})"):
                found.append((name, *map(str, row[1:])))
            for row in conn.execute(f"PRAGMA index_list({name})").fetchall():
                columns = [str(column[2]) for column in conn.execute(f"PRAGMA index_info({row[1]})")]
                label = str(row[1]) if not str(row[1]).startswith("sqlite_auto") else "auto"
                found.append((name, "index", label, str(row[2]), *columns))
        return sorted(found)


@pytest.fixture
def migrated(tmp_path: Path) -> sa.Engine:
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'migrated.db'}")
    with engine.begin() as conn:
        migrations.upgrade(conn)
    yield engine
    engine.dispose()


def test_migrations_and_metadata_agree(migrated: sa.Engine) -> None:
    with migrated.connect() as conn:
        context = MigrationContext.configure(conn, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, tables.metadata) == []


def test_a_new_database_has_the_same_schema_as_a_migrated_one(migrated: sa.Engine, tmp_path: Path) -> None:
    Store.open(state_dir=tmp_path).close()
    assert _schema(tmp_path / "mixdesk.db") == _schema(tmp_path / "migrated.db")


def test_the_versions_are_the_files_in_order() -> None:
    folder = Path(migrations.__file__).parent / "versions"
    files = sorted(path.name.split("_")[0] for path in folder.glob("[0-9]*.py"))
    assert tuple(files) == migrations.VERSIONS


def test_an_older_database_is_copied_and_brought_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The only version there is stands in for an older one: the schema is emptied and migrated again."""
    store = Store.open(state_dir=tmp_path)
    store.write_blocking(lambda conn: conn.execute(tables.meta.insert().values(key="k", value="v")))
    store.close()
    monkeypatch.setattr(migrations, "VERSIONS", ("0000", "0001"))
    with closing(sqlite3.connect(tmp_path / "mixdesk.db")) as conn:
        conn.execute("UPDATE alembic_version SET version_num = '0000'")
        conn.commit()
    monkeypatch.setattr(
        migrations, "upgrade", lambda conn: conn.execute(sa.text("UPDATE alembic_version SET version_num = '0001'"))
    )
    Store.open(state_dir=tmp_path).close()
    copy = tmp_path / "mixdesk.db.schema-0000"
    with closing(sqlite3.connect(copy)) as conn:
        assert conn.execute("SELECT value FROM meta WHERE key = 'k'").fetchone() == ("v",)
        assert conn.execute("SELECT version_num FROM alembic_version").fetchone() == ("0000",)
    with closing(sqlite3.connect(tmp_path / "mixdesk.db")) as conn:
        assert conn.execute("SELECT version_num FROM alembic_version").fetchone() == ("0001",)
