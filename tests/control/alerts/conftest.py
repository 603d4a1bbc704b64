"""An inbox over a store of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import quick_store
from alert_inbox import Inbox

from mixdesk_control.store import Store


@pytest.fixture
def store() -> Iterator[Store]:
    with quick_store.quick_folder() as folder:
        found = quick_store.opened(folder)
        yield found
        found.close()


@pytest.fixture
def inbox_of(tmp_path: Path) -> Callable[[Store], Inbox]:
    """The inbox of a desk over a store."""
    (tmp_path / "JobStalled.md").write_text("# JobStalled\n")
    return lambda store: Inbox(store, tmp_path)


@pytest.fixture
def inbox(store: Store, inbox_of: Callable[[Store], Inbox]) -> Inbox:
    return inbox_of(store)
