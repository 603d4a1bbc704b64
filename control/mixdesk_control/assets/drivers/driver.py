"""What every driver can do. It knows its kind of thing and nothing of requests, operations or memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Protocol

from mixdesk_control.assets.asset import Asset, Observed, Usage

Changed = Callable[[Sequence[Asset]], None]
"""Tells the desk that these may have changed: they are observed at once, not at the next full second."""


class DriverError(Exception):
    """A start or a stop that could not be done; one line that says what, why, and what to do."""


class Driver(Protocol):
    """One kind of asset. All methods run on the event loop and never block it.

    A driver acts on what an asset's `target` names and on nothing else. Assets come from the registry alone.

    One with `may_be_cut = True` has starts that take long and may be cancelled: a `stop` then undoes what had begun. A
    start of any other is waited for.
    """

    name: str

    def key(self, asset: Asset) -> str:
        """What the asset is, in a few words (`container bark`): two assets may not be the same. Raises ValueError,
        one line, for a target that cannot work."""

    async def observe(self, assets: Sequence[Asset]) -> Mapping[str, Observed]:
        """Each of these as it is now, by id. Never raises: what cannot be seen is UNKNOWN, with the reason."""

    async def start(self, asset: Asset) -> None:
        """Returns once it is started (accepted, not ready). Of one that runs already: nothing. Raises DriverError."""

    async def stop(self, asset: Asset, grace_s: float) -> None:
        """Returns once it has ended: asked to, and killed after `grace_s` seconds. Of one that does not run: nothing.
        Raises DriverError."""

    async def usage(self, assets: Sequence[Asset]) -> Mapping[str, Usage]:
        """What these use now, by id; those that do not run may be left out. Never raises."""

    def lines(self, asset: Asset) -> AsyncIterator[str]:
        """Its output since its last start, then each new line without end, for who waits for one: close it after use.
        Lines are cut at 4096 characters. Raises DriverError where it has no output that can be read."""

    async def follow(self, assets: Callable[[], Sequence[Asset]], changed: Changed) -> None:
        """Runs until it is cancelled, and tells of changes as they happen where the kind of thing can; else returns."""

    async def close(self) -> None:
        """Lets go of what it holds; assets go on as they are."""
