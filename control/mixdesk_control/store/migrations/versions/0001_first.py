"""The first schema: jobs and what is kept of them, requests, tokens and sessions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Makes every table."""
    _meta()
    _jobs()
    _job_history()
    _requests()
    _credentials()


def downgrade() -> None:
    """Removes every table."""
    for name in reversed(_TABLES):
        op.drop_table(name)


_TABLES = (
    *("meta", "jobs", "transitions", "checkpoints", "series", "phase_times", "scores", "deletions"),
    *("operations", "audit", "idempotency", "tokens", "sessions", "login_codes", "tickets"),
)


def _table(name: str, *columns: sa.schema.SchemaItem, keys: Sequence[str], numbered: bool = False) -> None:
    primary = sa.PrimaryKeyConstraint(*keys, name=f"pk_{name}")
    op.create_table(name, *columns, primary, **({"sqlite_autoincrement": True} if numbered else {}))


def _index(table: str, *columns: str) -> None:
    op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns))


def _texts(*names: str, null: bool = False) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Text(), nullable=null) for name in names]


def _times(*names: str, null: bool = False) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Double(), nullable=null) for name in names]


def _counts(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, BIG, nullable=False, autoincrement=False) for name in names]


def _id() -> sa.Column[Any]:
    return sa.Column("id", BIG, nullable=False, autoincrement=True)


def _flag(name: str, default: str | None = None) -> sa.Column[Any]:
    return sa.Column(name, sa.Boolean(), nullable=False, server_default=default and sa.text(default))


def _meta() -> None:
    _table("meta", *_texts("key", "value"), keys=["key"])


def _jobs() -> None:
    _table(
        "jobs",
        *_texts("job_id", "key_hash", "job_type"),
        *_texts("name", "owner", "parent_id", "host", "boot_id", null=True),
        *_texts("status"),
        _flag("lost", "false"),
        _flag("desk_final", "false"),
        *_times("created_at"),
        *_times("ended_at", "last_report_at", null=True),
        sa.Column("clock_offset", sa.Double(), nullable=False, server_default=sa.text("0")),
        *_counts("seq", "revision"),
        *_texts("intent", "document"),
        keys=["job_id"],
    )
    for columns in (("created_at", "job_id"), ("revision",), ("status",), ("boot_id",)):
        _index("jobs", *columns)


def _job_history() -> None:
    _table(
        "transitions",
        _id(),
        *_texts("job_id"),
        *_times("at"),
        *_texts("before", null=True),
        *_texts("after"),
        *_texts("reason", null=True),
        keys=["id"],
        numbered=True,
    )
    _index("transitions", "job_id")
    _table(
        "checkpoints",
        *_texts("job_id", "path"),
        *_counts("epoch", "step", "size"),
        *_texts("hash"),
        *_times("saved_at", "started_at", null=True),
        _flag("verified"),
        *_texts("reason"),
        keys=["job_id", "path"],
    )
    _table("series", *_texts("job_id", "name", "points"), keys=["job_id", "name"])
    _table(
        "phase_times",
        *_texts("job_id", "phase", "job_type"),
        *_texts("host", null=True),
        *_times("weight", "units", "seconds", "at"),
        keys=["job_id", "phase"],
    )
    _index("phase_times", "job_type", "at")
    _table("scores", *_texts("job_id"), *_times("at"), *_texts("score"), keys=["job_id"])
    _table(
        "deletions",
        *_counts("revision"),
        *_texts("job_id"),
        *_texts("owner", null=True),
        *_times("at"),
        keys=["revision"],
    )
    _index("deletions", "job_id")


def _requests() -> None:
    _table(
        "operations",
        *_texts("id"),
        *_counts("revision"),
        *_texts("action", "kind", "target"),
        *_texts("owner", null=True),
        *_texts("actor"),
        *_counts("generation"),
        *_texts("state", "params", "steps"),
        *_texts("result", "error", null=True),
        *_times("created_at", "updated_at"),
        *_times("ended_at", null=True),
        keys=["id"],
    )
    for columns in (("created_at", "id"), ("kind", "target"), ("revision",)):
        _index("operations", *columns)
    _table(
        "audit",
        _id(),
        *_times("at"),
        *_texts("actor", "via", "action", "target", "origin"),
        *_texts("operation", null=True),
        *_texts("outcome"),
        *_texts("detail", null=True),
        keys=["id"],
        numbered=True,
    )
    _index("audit", "operation")
    _index("audit", "at")
    _table(
        "idempotency",
        *_texts("actor", "path", "key", "body_hash"),
        sa.Column("status", sa.Integer(), nullable=False),
        *_texts("response"),
        *_times("at"),
        keys=["actor", "path", "key"],
    )
    _index("idempotency", "at")


def _credentials() -> None:
    _table(
        "tokens",
        *_texts("id", "name", "roles"),
        *_texts("owner", null=True),
        *_texts("hash", "source"),
        *_times("created_at"),
        *_times("last_used_at", "expires_at", "revoked_at", null=True),
        sa.UniqueConstraint("hash", name="uq_tokens_hash"),
        keys=["id"],
    )
    _table("sessions", *_texts("hash", "token_id"), *_times("created_at", "expires_at"), keys=["hash"])
    _index("sessions", "token_id")
    times = (*_times("created_at", "expires_at"), *_times("used_at", null=True))
    _table("login_codes", *_texts("hash", "token_id"), *times, keys=["hash"])
    times = (*_times("created_at", "expires_at"), *_times("used_at", null=True))
    _table(
        "tickets",
        *_texts("hash", "kind"),
        *_texts("path", null=True),
        *_texts("roles"),
        *_texts("owner", null=True),
        *_texts("token_id"),
        *_texts("job_id", null=True),
        *times,
        keys=["hash"],
    )
    _index("tickets", "token_id")
