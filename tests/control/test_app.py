"""The desk as a whole, from its first room to its last."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from mixdesk_control import settings
from mixdesk_control.app import create_app
from mixdesk_control.store import Store


@pytest.mark.parametrize("room", ["assets", "meters"])
def test_a_room_that_cannot_be_stopped_costs_the_others_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: str
) -> None:
    store = Store.open(state_dir=tmp_path)
    app = create_app(settings.load(env={"MIXDESK_STATE_DIR": str(tmp_path)}), store)
    rooms, stopped = app.state.rooms, []

    def note(name: str) -> None:
        stop = getattr(rooms, name).stop

        async def noted() -> None:
            await stop()
            stopped.append(name)
            if name == room:
                raise RuntimeError(name)

        monkeypatch.setattr(getattr(rooms, name), "stop", noted)

    async def live() -> None:
        for name in ("assets", "jobs", "meters"):
            note(name)
        async with rooms.lifespan(app):
            pass

    with pytest.raises(RuntimeError, match=room):
        asyncio.run(live())
    store.close()
    assert stopped == ["jobs", "assets", "meters"], "what jobs have said is written first"
