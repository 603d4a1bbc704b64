"""`mixdesk login`: a fresh login link."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from mixdesk_control.cli.errors import refusals
from mixdesk_control.cli.options import AsJson, TokenFile, Url

if TYPE_CHECKING:
    from mixdesk_control.cli.client import Client

app = typer.Typer(add_completion=False)


@app.command()
@refusals
def login(url: Url = None, token_file: TokenFile = None, as_json: AsJson = False) -> None:
    """Print a login link: it works once, within 10 minutes, with the rights of the token that asks."""
    from mixdesk_control.cli.client import Client

    client = Client.find(url, token_file)
    if as_json:
        from mixdesk_control.cli.screens import print_json

        print_json(client.post("/auth/login-code"))
    else:
        typer.echo(link(client))


def link(client: Client) -> str:
    """A login link from the desk."""
    return str(client.post("/auth/login-code")["url"])
