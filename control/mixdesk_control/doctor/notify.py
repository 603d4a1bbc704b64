"""Whether anybody is told of jobs, and how the last message went. Nothing is sent."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sqlalchemy import Engine, NullPool, create_engine
from sqlalchemy.exc import DBAPIError

from mixdesk_control.doctor.finding import ABSENT, BROKEN, OK, WARNING, Context, Finding
from mixdesk_control.notify import outbox
from mixdesk_control.notify.outbox import Standing
from mixdesk_control.notify.target import target_of
from mixdesk_control.settings import SettingsError
from mixdesk_control.store.engine import file_of, parse, reading
from mixdesk_control.store.errors import StoreError

NAME = "notify"
TRY = "try `mixdesk notify test`"


def check(context: Context) -> Finding:
    """Can its files be read, and was the last message taken?"""
    settings = context.settings.notify
    if not settings.is_on:
        return Finding(NAME, ABSENT, "not configured", "set [notify] url to be told how jobs end")
    try:
        shown = f"{target_of(settings).shown}, as {settings.format}"
    except SettingsError as error:
        return Finding(NAME, BROKEN, str(error), "correct [notify], then start the desk again")
    stands = _standing(context)
    if stands is None:
        return Finding(NAME, OK, f"{shown}; nothing sent yet", TRY)
    return _judged(shown, stands)


def _judged(shown: str, stands: Standing) -> Finding:
    if stands.trouble is not None:
        waits = f"{shown}: {stands.waiting} messages wait: {stands.trouble}"
        return Finding(NAME, WARNING, waits, "they are tried again for a day; correct [notify] or the receiver")
    if stands.outcome == outbox.GIVEN_UP:
        todo = f"correct [notify] or the receiver, then {TRY}"
        return Finding(NAME, BROKEN, f"{shown}: the last message was given up: {stands.error}", todo)
    if stands.outcome is None:
        return Finding(NAME, OK, f"{shown}; nothing sent yet", TRY)
    return Finding(NAME, OK, f"{shown}: the last message was taken")


def _standing(context: Context) -> Standing | None:
    """What the outbox says; None where there is none yet, or it cannot be read."""
    try:
        url = parse(context.settings.store.url or f"sqlite:///{context.state_dir / 'mixdesk.db'}")
    except StoreError:
        return None
    file = file_of(url)
    if file is not None and not file.exists():
        return None
    engine = reading(url) if file is None else _beside(file)
    try:
        with engine.begin() as conn:
            return outbox.standing(conn)
    except DBAPIError:  # the check of the database says more
        return None
    finally:
        engine.dispose()


def _beside(file: Path) -> Engine:
    """Reads beside a running desk; where none runs, it leaves no journal of its own."""
    journal = file.with_name(f"{file.name}-wal")
    holds_more = journal.exists() and journal.stat().st_size > 0
    address = f"{file.resolve().as_uri()}?{'mode=ro' if holds_more else 'immutable=1'}"
    return create_engine("sqlite://", creator=lambda: sqlite3.connect(address, uri=True), poolclass=NullPool)
