"""Plays in a room of assets: what a test does with one while its loop runs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from asset_room import Room
from quick_store import quick_folder
from scripted_driver import World

from mixdesk_control.settings_assets import AssetSettings

Scene = Callable[..., None]


@pytest.fixture
def scene() -> Iterator[Scene]:
    """Plays `play(room)` in a room of these assets: `scene(play, asset("a"), asset("b", "a"), world=world)`."""
    ends = ExitStack()

    def run(play: Callable[[Room], Coroutine[Any, Any, None]], *entries: AssetSettings, **options: Any) -> None:
        folder = ends.enter_context(quick_folder())
        world = options.pop("world", None) or World(gpus=options.pop("gpus", ()))

        async def whole() -> None:
            room = Room(folder, entries, world, **options)
            ends.callback(room.close)
            await room.start()
            try:
                await play(room)
            finally:
                await room.kill()

        asyncio.run(asyncio.wait_for(whole(), 120))

    with ends:
        yield run
