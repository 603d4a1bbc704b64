"""`mixdesk token`: who may come in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from mixdesk_control.cli.errors import CliError, refusals
from mixdesk_control.cli.options import AsJson, TokenFile, Url

if TYPE_CHECKING:
    from rich.table import Table

    from mixdesk_control.cli.client import Client

app = typer.Typer(help="Tokens: list, create and revoke them.", no_args_is_help=True, add_completion=False)


@app.command("list")
@refusals
def list_tokens(
    everything: Annotated[bool, typer.Option("--all", help="Revoked ones too.")] = False,
    as_json: AsJson = False,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """The tokens of this desk, newest first; never their secrets."""
    from mixdesk_control.cli import screens

    client = _client(url, token_file)
    found = [item for item in client.get("/admin/tokens")["items"] if everything or item["revoked_at"] is None]
    if as_json:
        screens.print_json(found)
    else:
        screens.console().print(_table(found))


@app.command()
@refusals
def create(
    roles: Annotated[list[str], typer.Argument(help="viewer, operator, admin, reporter, scraper; one or more.")],
    name: Annotated[str | None, typer.Option(help="What the audit calls it.")] = None,
    owner: Annotated[str | None, typer.Option(help="Bind it to this owner's jobs alone.")] = None,
    days: Annotated[float | None, typer.Option(help="It ends after so many days.", min=0.001)] = None,
    as_json: AsJson = False,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """Make a token. Its secret is printed once, with the lines that put it to use."""
    client = _client(url, token_file)
    body = {"roles": roles, "name": name, "owner": owner, "days": days}
    made = client.post("/admin/tokens", {key: value for key, value in body.items() if value is not None})
    if as_json:
        from mixdesk_control.cli.screens import print_json

        print_json(made)
        return
    typer.echo(f"token {made['id']} ({made['name']}), shown this once:\n", err=True)
    typer.echo(use_of(client.url, made))


@app.command()
@refusals
def revoke(
    token: Annotated[str, typer.Argument(help="Id, a unique beginning of it, or a name that is unique.")],
    as_json: AsJson = False,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """End a token with its sessions and streams, within a second."""
    client = _client(url, token_file)
    gone = _one(client, token)
    client.delete(f"/admin/tokens/{gone['id']}")
    if as_json:
        from mixdesk_control.cli.screens import print_json

        print_json(gone)
        return
    typer.echo(f"revoked {gone['id']} ({gone['name']})")
    if gone["source"] == "state":
        typer.echo("a new one has taken its place in the state folder", err=True)


def use_of(url: str, made: dict[str, Any]) -> str:
    """What to paste where the token is used: a shell, a compose file, a scrape job."""
    secret, roles = made["token"], set(made["roles"])
    if "reporter" in roles:
        return (
            f"export MIXDESK_URL={url}\nexport MIXDESK_TOKEN={secret}\n\n"
            "# or in a compose file:\nservices:\n  trainer:\n    environment:\n"
            f"      MIXDESK_URL: {url}\n      MIXDESK_TOKEN: {secret}"
        )
    if roles == {"scraper"}:
        return f"# prometheus.yml, in the scrape job of this desk:\nauthorization:\n  credentials: {secret}"
    return f"export MIXDESK_URL={url}\nexport MIXDESK_CLI_TOKEN={secret}"


def _client(url: str | None, token_file: Any) -> Client:
    from mixdesk_control.cli.client import Client

    return Client.find(url, token_file)


def _one(client: Client, given: str) -> dict[str, Any]:
    known = [item for item in client.get("/admin/tokens")["items"] if item["revoked_at"] is None]
    for same in (
        [item for item in known if item["id"] == given],
        [item for item in known if item["name"] == given],
        [item for item in known if item["id"].startswith(given)],
    ):
        if len(same) == 1:
            return dict(same[0])
        if same:
            raise CliError(f"{given!r} is {len(same)} tokens ({', '.join(item['id'] for item in same)}): give the id")
    raise CliError(f"there is no valid token {given!r}: see `mixdesk token list`")


def _table(found: list[dict[str, Any]]) -> Table:
    from mixdesk_control.cli import tables

    table = tables.table()
    for title in ("ID", "NAME", "ROLES", "OWNER", "FROM", "MADE", "LAST USED", "STATE"):
        table.add_column(title, no_wrap=True)
    for item in found:
        state = (
            "revoked" if item["revoked_at"] else (f"until {item['expires_at'][:16]}" if item["expires_at"] else "valid")
        )
        used = item["last_used_at"][:16] if item["last_used_at"] else "never"
        roles, owner = " ".join(item["roles"]), item["owner"] or "-"
        table.add_row(item["id"], item["name"], roles, owner, item["source"], item["created_at"][:16], used, state)
    return table
