"""Assets on a terminal: from the JSON of the API to what rich prints. Pure; `now` is seconds since the epoch."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from mixdesk_control.cli import asset_facts, tables, words
from mixdesk_control.cli.asset_facts import Asset

# Sign, word and colour: no meaning hangs on the colour alone.
STATUSES = {
    "running": ("▶", "green"),
    "stopped": ("■", "dim"),
    "loading": ("◔", "cyan"),
    "error": ("✘", "bold red"),
}


def status_text(status: str) -> Text:
    """Sign and word of a status."""
    sign, style = STATUSES.get(status, ("·", ""))
    return Text(f"{sign} {status}", style=style)


def assets_table(assets: Iterable[Asset], now: float) -> Table:
    """One line an asset, as given."""
    table = tables.table()
    for title in ("ID", "STATUS"):
        table.add_column(title, no_wrap=True)
    for title in ("VRAM / NEEDED", "RAM", "CPU", "UP"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("", overflow="fold")
    for asset in map(words.clean, assets):
        table.add_row(
            asset["id"],
            status_text(asset["status"]),
            asset_facts.vram(asset),
            asset_facts.ram(asset),
            asset_facts.cpu(asset),
            asset_facts.uptime(asset, now),
            Text(asset_facts.trouble(asset), style="red" if asset["status"] == "error" else "yellow"),
        )
    return table


def page(asset: Asset, now: float) -> Group:
    """One asset in full."""
    asset = words.clean(asset)
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for title, text in asset_facts.details(asset, now):
        grid.add_row(title, Text(text))
    return Group(Text.assemble(status_text(asset["status"]), f"  {asset_facts.called(asset)}"), grid)


def board(assets: Iterable[Asset], now: float, *, away: str | None = None) -> Group:
    """What `assets watch` shows."""
    parts: list[RenderableType] = [assets_table(assets, now)]
    if away is not None:
        parts.append(Text(f"The desk does not answer ({away}); trying again. Assets go on.", style="yellow"))
    return Group(*parts)
