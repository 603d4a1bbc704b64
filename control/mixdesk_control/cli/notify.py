"""`mixdesk notify`: messages about jobs."""

from __future__ import annotations

import typer

from mixdesk_control.cli.errors import refusals
from mixdesk_control.cli.options import AsJson, TokenFile, Url

app = typer.Typer(help="Messages about jobs.", no_args_is_help=True, add_completion=False)


@app.callback()
def messages() -> None:
    """Messages about jobs: `[notify]` in mixdesk.toml says who is told of what."""


@app.command()
@refusals
def test(as_json: AsJson = False, url: Url = None, token_file: TokenFile = None) -> None:
    """Send one message to the receiver of [notify] now, and say what it answered."""
    from mixdesk_control.cli.client import Client

    answer = Client.find(url, token_file).post("/admin/notify/test")
    if as_json:
        from mixdesk_control.cli.screens import print_json

        print_json(answer)
        return
    typer.echo(f"{answer['receiver']} took it ({answer['status']}, {answer['seconds']:g} s), as {answer['format']}")
