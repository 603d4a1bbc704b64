"""The one look of all tables."""

from __future__ import annotations

from rich.table import Table


def table(*columns: str) -> Table:
    """Without lines, the names of columns in grey; a column given here is folded where it is too long."""
    made = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for column in columns:
        made.add_column(column, overflow="fold")
    return made
