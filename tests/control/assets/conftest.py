"""Plays in a room of assets: what a test does with one while its loop runs."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
from asset_room import Room
from scripted_driver import World

from mixdesk_control.settings_assets import AssetSettings

Scene = Callable[..., None]


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    """Plays `play(room)` in a room of these assets: `scene(play, asset("a"), asset("b", "a"), world=world)`."""
    made: list[Room] = []

    def run(play: Callable[[Room], Coroutine[Any, Any, None]], *entries: AssetSettings, **options: Any) -> None:
        folder = tmp_path / f"room{len(made)}-{secrets.token_hex(2)}"
        folder.mkdir()
        world = options.pop("world", None) or World(gpus=options.pop("gpus", ()))

        async def whole() -> None:
            room = Room(folder, entries, world, **options)
            made.append(room)
            await room.start()
            try:
                await play(room)
            finally:
                await room.kill()

        asyncio.run(asyncio.wait_for(whole(), 120))

    yield run
    for room in made:
        room.close()
