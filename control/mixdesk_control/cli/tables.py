"""The one look of all tables."""

from __future__ import annotations

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text


class PlainTable(Table):
    """Texts are shown as they are: what stands in brackets is no markup, for names come from anywhere."""

    def add_row(self, *cells: RenderableType | None, **options: object) -> None:
        """One line."""
        super().add_row(*(Text(cell) if isinstance(cell, str) else cell for cell in cells), **options)  # type: ignore[arg-type]


def table(*columns: str) -> Table:
    """Without lines, the names of columns in grey; a column given here is folded where it is too long."""
    made = PlainTable(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for column in columns:
        made.add_column(column, overflow="fold")
    return made
