"""Does something with each of several assets, each as soon as those before it are done; what, it does not know."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence


async def walk(
    order: Sequence[str],
    before: Callable[[str], Collection[str]],
    act: Callable[[str], Awaitable[None]],
) -> None:
    """Calls `act` for all of `order`, side by side where none waits for another.

    before  of these of an asset, those that are in `order` come first; they stand earlier in it

    Where one fails, what waits for it is not begun, the others are seen to their end, and the first error is raised.
    """
    tasks: dict[str, asyncio.Task[bool]] = {}
    errors: list[Exception] = []

    async def one(asset_id: str) -> bool:
        for other in before(asset_id):
            if other in tasks and not await tasks[other]:
                return False
        try:
            await act(asset_id)
        except Exception as error:  # noqa: BLE001 - raised below, once all have come to their end
            errors.append(error)
            return False
        return True

    for asset_id in order:
        tasks[asset_id] = asyncio.create_task(one(asset_id))
    try:
        await asyncio.gather(*tasks.values())
    finally:
        for task in tasks.values():
            task.cancel()
        await asyncio.gather(*tasks.values(), return_exceptions=True)
    if errors:
        raise errors[0]
