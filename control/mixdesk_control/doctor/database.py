"""The database: whole, and of a version that this desk can read."""

from __future__ import annotations

from mixdesk_control.doctor.finding import ABSENT, BROKEN, OK, Context, Finding
from mixdesk_control.store import migrations
from mixdesk_control.store.checks import check as check_file
from mixdesk_control.store.engine import file_of, parse
from mixdesk_control.store.errors import StoreError

NAME = "database"


def check(context: Context) -> Finding:
    """Reads only; a running desk is not disturbed."""
    try:
        file = file_of(parse(context.settings.store.url or f"sqlite:///{context.state_dir / 'mixdesk.db'}"))
        if file is None:
            return Finding(NAME, OK, "a database server, see [store] url")
        version = check_file(file, migrations.VERSIONS)
    except StoreError as error:
        return Finding(NAME, BROKEN, str(error), "see the message; `mixdesk backup` makes the copies to restore from")
    if version is None:
        return Finding(NAME, ABSENT, f"{file} is not there yet", "start a desk: it makes it")
    return Finding(NAME, OK, f"{file} (schema {version}, {file.stat().st_size // 1024} KiB)")
