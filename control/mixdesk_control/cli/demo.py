"""`mixdesk demo`: a small but real voice training, seen in the terminal and at the desk."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mixdesk_control.cli.errors import CliError, refusals

if TYPE_CHECKING:
    from mixdesk.locate import Desk

app = typer.Typer(add_completion=False)

NEEDED = ("torch", "numpy", "faiss", "mixdesk_voice")
# A minute or two on two cores; a run that is gone on with keeps what it was started with.
FRESH = ("--epochs", "20", "--clips", "300")


@app.command()
@refusals
def demo(
    data: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Recordings of one speaker, wav, 300 of them at most (default: installed, else synthesised).",
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where the run is kept (default: demo/ in the state folder).")
    ] = None,
) -> None:
    """Train a small voice-conversion model; an unfinished run is gone on with, else a new one is started."""
    from mixdesk.locate import find_desk, state_dir
    from mixdesk_control.cli import demo_run

    _check_installed()
    folder = (out or state_dir() / "demo").expanduser().absolute()
    desk = find_desk()
    arguments = _arguments(folder, data)
    _introduce(desk)
    status = demo_run.run(arguments, dict(os.environ), desk)
    if status:
        raise typer.Exit(status)


def _check_installed() -> None:
    from importlib.util import find_spec

    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        needs = f"the demo needs {', '.join(missing)}: pip install 'mixdesk[demo]'"
        raise CliError(needs, exit_code=2)


def _arguments(folder: Path, data: Path | None) -> list[str]:
    """What the example is called with: the run of this folder that was not finished, else a new one."""
    from mixdesk_voice.errors import VoiceError
    from mixdesk_voice.options import new_name, unfinished

    if data is not None and not data.expanduser().is_dir():
        raise CliError(f"--data {data} is no folder: name one that holds wav files")
    try:
        name = unfinished(folder)
    except VoiceError as error:  # what it kept of an earlier start is damaged
        raise CliError(str(error)) from error
    chosen = ["--out", str(folder), "--name", name or new_name(folder)]
    chosen += [] if data is None else ["--data", str(data.expanduser().absolute())]
    return chosen + ([] if name else list(FRESH))


def _introduce(desk: Desk | None) -> None:
    from mixdesk_control.cli.invocation import again

    command = again()
    if desk is None or desk.witness() is None:
        typer.echo(f"No desk runs here, so this terminal is all there is to see. In another one: {command} up")
    elif desk.token is None:
        typer.echo(f"The desk at {desk.url} will not hear of this run: no reporter token ({desk.why}).")
    else:
        typer.echo(f"  see it         {_page(desk)}")
        typer.echo(f"  save and end   {command} jobs checkpoint --then cancel")
        typer.echo(f"  go on with it  {command} demo")
    typer.echo("")


def _page(desk: Desk) -> str:
    """A login link where this user may have one, else the page."""
    from mixdesk_control.cli.client import Client
    from mixdesk_control.cli.login import link

    try:
        return link(Client.find(desk.url))
    except CliError:
        return f"{desk.url}/ui/"
