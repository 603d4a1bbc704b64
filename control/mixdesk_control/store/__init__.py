"""The desk's memory on disk: every room's tables, one writer thread, migrations, backup; it decides nothing."""

from __future__ import annotations

from mixdesk_control.store.backup import backup
from mixdesk_control.store.errors import StoreError
from mixdesk_control.store.store import Store

__all__ = ["Store", "StoreError", "backup"]
