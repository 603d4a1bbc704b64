"""`mixdesk up`: the desk, until it is told to stop."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mixdesk_control.cli.errors import CliError, refusals

if TYPE_CHECKING:
    from mixdesk_control.server import Ready
    from mixdesk_control.settings import Settings
    from mixdesk_control.state import HeldError, Running

app = typer.Typer(add_completion=False)

STARTING_S = 10.0  # how long a desk that holds the folder may take until it answers


@app.command()
@refusals
def up(
    host: Annotated[list[str] | None, typer.Option(help="Address to listen on; may be given more than once.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on (default: 9770).", min=0, max=65535)] = None,
    config: Annotated[Path | None, typer.Option(help="Settings file (default: mixdesk.toml, if it is here).")] = None,
    no_exporter: Annotated[bool, typer.Option("--no-exporter", help="Leave the meters of this host out.")] = False,
) -> None:
    """Start the desk: meters and faders on one port. Ctrl-C stops it.

    Beside a running desk of the same state folder and port it prints a login link.
    """
    settings = load_settings(config, server=_given(host=host, port=port))
    _log()
    _run(settings.without_exporter() if no_exporter else settings)


def load_settings(config: Path | None, server: dict[str, Any] | None = None) -> Settings:
    """The settings, or a CliError."""
    from mixdesk_control import settings

    try:
        return settings.load(config, server=server or {})
    except settings.SettingsError as error:
        raise CliError(str(error)) from error


def _given(**flags: Any) -> dict[str, Any]:
    return {name: value for name, value in flags.items() if value is not None}


def _log() -> None:
    from mixdesk_control import logging_setup

    logging_setup.to_stderr()


def _run(settings: Settings) -> None:
    from mixdesk_control.auth.first_start import TokenFileError
    from mixdesk_control.server import serve
    from mixdesk_control.settings import SettingsError
    from mixdesk_control.state import HeldError, StateError
    from mixdesk_control.store import StoreError

    try:
        serve(settings, lambda ready: typer.echo(welcome(settings, ready)))
    except HeldError as error:
        _beside(settings, error)
    except (SettingsError, StateError, StoreError, TokenFileError) as error:
        raise CliError(str(error)) from error


def _beside(settings: Settings, held: HeldError) -> None:
    """Another desk holds the folder: a login link where it is the same desk, else a refusal."""
    from mixdesk_control.cli.client import Client
    from mixdesk_control.cli.login import link
    from mixdesk_control.state import HeldError

    running = _answering(settings, held)
    if running is None or running.port != settings.server.port:
        raise CliError(str(HeldError(held.folder, held.pid, running.port if running else None))) from held
    typer.echo(f"The desk runs already: {running.url} (pid {running.pid})\nSign in: {link(Client.find(running.url))}")


def _answering(settings: Settings, held: HeldError) -> Running | None:
    """What `desk.json` says of the desk that holds the folder; it may be just starting."""
    from mixdesk_control import state

    deadline = time.monotonic() + STARTING_S
    while True:
        running = state.living(settings.state_dir)
        if running is not None and running.pid == held.pid:
            return running
        if time.monotonic() > deadline:
            return None
        time.sleep(0.1)


def welcome(settings: Settings, ready: Ready) -> str:
    """What a person sees once the desk answers: the login link and the next steps."""
    from mixdesk.version import __version__
    from mixdesk_control.cli.invocation import again

    command = again()
    lines = [
        f"Mixdesk {__version__} is up at {ready.browser_url} (pid {ready.pid}). Ctrl-C stops it.",
        "",
        f"  sign in        {ready.login_link}",
        f"                 once, within 10 minutes; another one: {command} login",
        f"  a first run    {command} demo",
        f"  watch it       {command} jobs watch",
        f"  save and end   {command} jobs checkpoint --then cancel",
        '  your trainer   with mixdesk.job("training_rvc", name="anton") as job: ...',
        f"  state          {settings.state_dir}",
    ]
    lines += [f"  note           {note}" for note in ready.notes]
    return "\n".join(lines)
