"""Where assets that change are shown: a live table on a terminal, lines elsewhere, JSON for programs."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol

from mixdesk_control.cli import asset_facts, screens

if TYPE_CHECKING:
    from rich.console import RenderableType

    from mixdesk_control.cli.asset_facts import Asset


class Board(AbstractContextManager["Board"], Protocol):
    """What `assets watch` writes to."""

    def show(self, asset: Asset) -> None:
        """The asset is new, or has changed."""

    def leave(self, asset_id: str) -> None:
        """The asset is no longer in the registry."""

    def clear(self) -> None:
        """What was shown holds no longer; all of it comes anew."""

    def away(self, reason: str) -> None:
        """The desk does not answer."""


def board(order: Sequence[str], *, as_json: bool) -> Board:
    """The one that fits where stdout goes; `order` is the registry's."""
    if as_json:
        return JsonBoard()
    return LiveBoard(order) if sys.stdout.isatty() else LineBoard()


class _Plain(AbstractContextManager["Board"]):
    def __exit__(self, *_: object) -> None:
        return None

    def clear(self) -> None:
        """Nothing was kept."""

    def away(self, reason: str) -> None:
        """On stderr, so that what is piped on stays clean."""
        print(f"mixdesk: the desk does not answer ({reason}); trying again", file=sys.stderr)  # noqa: T201


class JsonBoard(_Plain):
    """One object per change."""

    def show(self, asset: Asset) -> None:
        """The whole asset."""
        screens.print_json(asset)

    def leave(self, asset_id: str) -> None:
        """As the stream has it."""
        screens.print_json({"deleted": asset_id})


class LineBoard(_Plain):
    """One line for each change worth a log: another status, or another reason for it."""

    def __init__(self) -> None:
        self._last: dict[str, tuple[Any, ...]] = {}

    def show(self, asset: Asset) -> None:
        """A line, if there is something new to say."""
        new = (asset["status"], asset_facts.trouble(asset))
        if self._last.get(asset["id"]) != new:
            self._last[asset["id"]] = new
            self._write(asset_facts.line(asset))

    def leave(self, asset_id: str) -> None:
        """A line."""
        self._last.pop(asset_id, None)
        self._write(f"{asset_id}: no longer in the registry")

    def _write(self, line: str) -> None:
        sys.stdout.write(f"{time.strftime('%H:%M:%S')} {line}\n")
        sys.stdout.flush()


class LiveBoard(AbstractContextManager["Board"]):
    """A table that is drawn anew four times a second; the last picture stays."""

    def __init__(self, order: Sequence[str]) -> None:
        from rich.live import Live

        self._order = {asset_id: place for place, asset_id in enumerate(order)}
        self._assets: dict[str, Asset] = {}
        self._reason: str | None = None
        self._live = Live(get_renderable=self._picture, console=screens.console(), refresh_per_second=4)

    def _picture(self) -> RenderableType:
        from mixdesk_control.cli import asset_view

        last = len(self._order)
        assets = sorted(self._assets.copy().values(), key=lambda asset: self._order.get(asset["id"], last))
        return asset_view.board(assets, time.time(), away=self._reason)

    def __enter__(self) -> LiveBoard:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def show(self, asset: Asset) -> None:
        """Drawn at the next refresh, in its own place."""
        self._assets[asset["id"]], self._reason = asset, None

    def leave(self, asset_id: str) -> None:
        """Gone at the next refresh."""
        self._assets.pop(asset_id, None)

    def clear(self) -> None:
        """An empty table until they come."""
        self._assets.clear()

    def away(self, reason: str) -> None:
        """Said under the last picture."""
        self._reason = reason
