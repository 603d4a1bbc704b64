"""The schema's versions. A new database gets the newest schema at once, an old one is brought there by Alembic."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, text

from mixdesk_control.store import tables

# Oldest first; one file in versions/ each.
VERSIONS = ("0001", "0002", "0003", "0004")
HEAD = VERSIONS[-1]


def create(conn: Connection) -> None:
    """The newest schema in an empty database."""
    tables.metadata.create_all(conn)
    conn.execute(text("CREATE TABLE IF NOT EXISTS alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
    conn.execute(text("DELETE FROM alembic_version"))
    conn.execute(text("INSERT INTO alembic_version (version_num) VALUES (:head)"), {"head": HEAD})


def upgrade(conn: Connection, to: str = HEAD) -> None:
    """Runs every migration that is still missing, in the transaction of `conn`."""
    # Alembic costs 0.2 s and 10 MB, and a start without a migration needs none of it.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = conn
    command.upgrade(config, to)
