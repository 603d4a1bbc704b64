"""Tells of the end of processes as it happens."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable

from mixdesk_control.assets.asset import Asset, Process
from mixdesk_control.assets.drivers.driver import Changed


class Watch:
    """A pidfd of each process in the event loop; of more than there can be, the ends are seen later."""

    def __init__(self, loop: asyncio.AbstractEventLoop, changed: Changed) -> None:
        self._loop, self._changed = loop, changed
        self._watched: dict[str, tuple[Process, int | None]] = {}

    def keep(self, wanted: Iterable[tuple[Asset, Process | None]]) -> None:
        """Watches these and no others."""
        by_id = {asset.id: (asset, process) for asset, process in wanted if process is not None}
        for asset_id, (process, _) in list(self._watched.items()):
            if asset_id not in by_id or by_id[asset_id][1] != process:
                self._leave(asset_id)
        for asset_id, (asset, process) in by_id.items():
            if process is not None and asset_id not in self._watched:
                self._watch(asset, process)

    def _watch(self, asset: Asset, process: Process) -> None:
        try:
            fd = os.pidfd_open(process[0])
        except ProcessLookupError:
            self._watched[asset.id] = process, None
            self._changed([asset])
            return
        except OSError:
            return
        self._watched[asset.id] = process, fd
        self._loop.add_reader(fd, self._ended, asset)

    def _ended(self, asset: Asset) -> None:
        process, _ = self._watched[asset.id]
        self._leave(asset.id)
        self._watched[asset.id] = process, None  # not again, though it may be a zombie for a while
        self._changed([asset])

    def _leave(self, asset_id: str) -> None:
        fd = self._watched.pop(asset_id)[1]
        if fd is not None:
            self._loop.remove_reader(fd)
            os.close(fd)

    def close(self) -> None:
        """Lets go of all."""
        for asset_id in list(self._watched):
            self._leave(asset_id)
