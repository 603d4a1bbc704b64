"""`mixdesk backup`: the database as one file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mixdesk_control.cli.errors import CliError, refusals
from mixdesk_control.cli.up import load_settings

app = typer.Typer(add_completion=False)


@app.command()
@refusals
def backup(
    file: Annotated[Path, typer.Argument(help="Where the copy goes; must not exist yet.")],
    config: Annotated[Path | None, typer.Option(help="Settings file (default: mixdesk.toml, if it is here).")] = None,
) -> None:
    """Copy the database while the desk runs: one moment of it, on disk when this returns."""
    from mixdesk_control.store import StoreError
    from mixdesk_control.store import backup as copy

    settings = load_settings(config)
    try:
        made = copy(settings.store.url or f"sqlite:///{settings.state_dir / 'mixdesk.db'}", file.absolute())
    except StoreError as error:
        raise CliError(str(error)) from error
    typer.echo(f"{made} ({made.stat().st_size // 1024} KiB)")
