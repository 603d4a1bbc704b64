"""Every table of the desk, in types that SQLite and PostgreSQL share.

Times are seconds since the epoch in the desk's clock, JSON is kept as text that we encode ourselves.
`store/migrations` builds the same schema; a test compares the two.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    text,
)

# PostgreSQL needs 64 bits for counters, SQLite's autoincrement needs the plain word INTEGER.
BIG = BigInteger().with_variant(Integer, "sqlite")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

meta = Table("meta", metadata, Column("key", Text, primary_key=True), Column("value", Text, nullable=False))

# One row a job. `document` is the merged report and what the desk derived from it, `intent` what people asked of it.
# `status`, `intent` and the identity are written with the intents, the rest by the flushes too.
jobs = Table(
    "jobs",
    metadata,
    Column("job_id", Text, primary_key=True),
    Column("key_hash", Text, nullable=False),
    Column("job_type", Text, nullable=False),
    Column("name", Text),
    Column("owner", Text),
    Column("parent_id", Text),
    Column("host", Text),
    Column("boot_id", Text),
    Column("status", Text, nullable=False),
    Column("lost", Boolean, nullable=False, server_default=text("false")),
    Column("desk_final", Boolean, nullable=False, server_default=text("false")),
    Column("created_at", Double, nullable=False),
    Column("ended_at", Double),
    Column("last_report_at", Double),
    Column("clock_offset", Double, nullable=False, server_default=text("0")),
    Column("seq", BIG, nullable=False),
    Column("revision", BIG, nullable=False),
    Column("intent", Text, nullable=False),
    Column("document", Text, nullable=False),
)
Index(None, jobs.c.created_at, jobs.c.job_id)
Index(None, jobs.c.revision)
Index(None, jobs.c.status)
Index(None, jobs.c.boot_id)

transitions = Table(
    "transitions",
    metadata,
    Column("id", BIG, primary_key=True, autoincrement=True),
    Column("job_id", Text, nullable=False),
    Column("at", Double, nullable=False),
    Column("before", Text),
    Column("after", Text, nullable=False),
    Column("reason", Text),
    sqlite_autoincrement=True,
)
Index(None, transitions.c.job_id)

checkpoints = Table(
    "checkpoints",
    metadata,
    Column("job_id", Text, primary_key=True),
    Column("path", Text, primary_key=True),
    Column("epoch", BIG, nullable=False),
    Column("step", BIG, nullable=False),
    Column("size", BIG, nullable=False),
    Column("hash", Text, nullable=False),
    Column("saved_at", Double),
    Column("started_at", Double),
    Column("verified", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
)

# History points: at most 300 of a number of a job, as JSON [[at, step, value], ...].
series = Table(
    "series",
    metadata,
    Column("job_id", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("points", Text, nullable=False),
)

# How long each phase of each finished job took, and the time before it (">" and its key): what predictions learn from.
# `units` as counted, in `unit`s; `expected` as the trainer told it before; `resumed`: an earlier attempt had begun it.
phase_times = Table(
    "phase_times",
    metadata,
    Column("job_id", Text, primary_key=True),
    Column("phase", Text, primary_key=True),
    Column("job_type", Text, nullable=False),
    Column("host", Text),
    Column("weight", Double, nullable=False),
    Column("units", Double, nullable=False),
    Column("seconds", Double, nullable=False),
    Column("at", Double, nullable=False),
    Column("unit", Text),
    Column("expected", Double),
    Column("resumed", Boolean, nullable=False, server_default=text("false")),
)
Index(None, phase_times.c.job_type, phase_times.c.at)

scores = Table(
    "scores",
    metadata,
    Column("job_id", Text, primary_key=True),
    Column("at", Double, nullable=False),
    Column("score", Text, nullable=False),
)

deletions = Table(
    "deletions",
    metadata,
    Column("revision", BIG, primary_key=True, autoincrement=False),
    Column("job_id", Text, nullable=False),
    Column("owner", Text),
    Column("at", Double, nullable=False),
)
Index(None, deletions.c.job_id)

operations = Table(
    "operations",
    metadata,
    Column("id", Text, primary_key=True),
    Column("revision", BIG, nullable=False),
    Column("action", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("owner", Text),
    Column("actor", Text, nullable=False),
    Column("generation", BIG, nullable=False),
    Column("state", Text, nullable=False),
    Column("params", Text, nullable=False),
    Column("steps", Text, nullable=False),
    Column("result", Text),
    Column("error", Text),
    Column("created_at", Double, nullable=False),
    Column("updated_at", Double, nullable=False),
    Column("ended_at", Double),
)
Index(None, operations.c.created_at, operations.c.id)
Index(None, operations.c.kind, operations.c.target)
Index(None, operations.c.revision)

# What is asked of an asset: the newest request, and the operation that it made.
assets = Table(
    "assets",
    metadata,
    Column("id", Text, primary_key=True),
    Column("desired", Text),
    Column("generation", BIG, nullable=False),
    Column("operation", Text),
    Column("asked_at", Double),
)

# GPU memory that is promised to assets, MiB a card. `leaked`: the asset was stopped and the memory did not come back.
reservations = Table(
    "reservations",
    metadata,
    Column("asset", Text, primary_key=True),
    Column("gpu", Text, primary_key=True),
    Column("mb", Double, nullable=False),
    Column("leaked", Boolean, nullable=False, server_default=text("false")),
    Column("operation", Text),
    Column("at", Double, nullable=False),
)

# One number a card, moved on by whoever reserves: a decision that was made over an older state of it does not hold.
gpu_turns = Table("gpu_turns", metadata, Column("gpu", Text, primary_key=True), Column("turn", BIG, nullable=False))

# The most that an asset was ever seen to hold of a card, MiB.
asset_peaks = Table(
    "asset_peaks",
    metadata,
    Column("asset", Text, primary_key=True),
    Column("gpu", Text, primary_key=True),
    Column("mb", Double, nullable=False),
    Column("at", Double, nullable=False),
)

# Who uses an asset for a while, so that nobody stops it under them.
holds = Table(
    "holds",
    metadata,
    Column("id", Text, primary_key=True),
    Column("asset", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("reason", Text),
    Column("created_at", Double, nullable=False),
    Column("expires_at", Double, nullable=False),
)
Index(None, holds.c.asset)

# What Alertmanager told of alerts, the newest of each; `ends_at` once it is resolved. Labels and annotations are JSON.
alerts = Table(
    "alerts",
    metadata,
    Column("fingerprint", Text, primary_key=True),
    Column("labels", Text, nullable=False),
    Column("annotations", Text, nullable=False),
    Column("starts_at", Double, nullable=False),
    Column("ends_at", Double),
    Column("heard_at", Double, nullable=False),
    Column("source", Text),
)
Index(None, alerts.c.ends_at)

# What people are to be told of, each once: `key` says of which event of what, `claimed_until` which desk is at it.
notices = Table(
    "notices",
    metadata,
    Column("id", BIG, primary_key=True, autoincrement=True),
    Column("key", Text, nullable=False, unique=True),
    Column("event", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("tries", Integer, nullable=False, server_default=text("0")),
    Column("next_at", Double),
    Column("claimed_until", Double),
    Column("ended_at", Double),
    Column("outcome", Text),
    Column("error", Text),
    sqlite_autoincrement=True,
)
Index(None, notices.c.next_at)

audit = Table(
    "audit",
    metadata,
    Column("id", BIG, primary_key=True, autoincrement=True),
    Column("at", Double, nullable=False),
    Column("actor", Text, nullable=False),
    Column("via", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("operation", Text),
    Column("outcome", Text, nullable=False),
    Column("detail", Text),
    sqlite_autoincrement=True,
)
Index(None, audit.c.operation)
Index(None, audit.c.at)

idempotency = Table(
    "idempotency",
    metadata,
    Column("actor", Text, primary_key=True),
    Column("path", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("body_hash", Text, nullable=False),
    Column("status", Integer, nullable=False),
    Column("response", Text, nullable=False),
    Column("at", Double, nullable=False),
)
Index(None, idempotency.c.at)

tokens = Table(
    "tokens",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("roles", Text, nullable=False),
    Column("owner", Text),
    Column("hash", Text, nullable=False, unique=True),
    Column("source", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("last_used_at", Double),
    Column("expires_at", Double),
    Column("revoked_at", Double),
)

sessions = Table(
    "sessions",
    metadata,
    Column("hash", Text, primary_key=True),
    Column("token_id", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("expires_at", Double, nullable=False),
)
Index(None, sessions.c.token_id)

login_codes = Table(
    "login_codes",
    metadata,
    Column("hash", Text, primary_key=True),
    Column("token_id", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("expires_at", Double, nullable=False),
    Column("used_at", Double),
)

tickets = Table(
    "tickets",
    metadata,
    Column("hash", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("path", Text),
    Column("roles", Text, nullable=False),
    Column("owner", Text),
    Column("token_id", Text, nullable=False),
    Column("job_id", Text),
    Column("created_at", Double, nullable=False),
    Column("expires_at", Double, nullable=False),
    Column("used_at", Double),
)
Index(None, tickets.c.token_id)
