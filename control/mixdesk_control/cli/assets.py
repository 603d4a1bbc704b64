"""`mixdesk assets`: which models and services there are, what they hold, and their faders."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mixdesk_control.cli.errors import CliError, refusals
from mixdesk_control.cli.options import AsJson, TokenFile, Url

if TYPE_CHECKING:
    from mixdesk_control.cli.asset_facts import Asset
    from mixdesk_control.cli.asset_screens import Board
    from mixdesk_control.cli.client import Client

app = typer.Typer(
    help="Models and services: see what they hold, start and stop them.", no_args_is_help=True, add_completion=False
)

AssetRef = Annotated[str, typer.Argument(metavar="ID", help="Id, unique beginning of one, or name.")]
AnyAsset = Annotated[
    str | None, typer.Argument(metavar="ID", help="Id, unique beginning of one, or name.", show_default=False)
]
Wait = Annotated[bool, typer.Option("--wait/--no-wait", help="Follow it to its end, or return once the request holds.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")]


@app.command("list")
@refusals
def list_assets(as_json: AsJson = False, url: Url = None, token_file: TokenFile = None) -> None:
    """All assets: status, memory, CPU, and what is wrong."""
    from mixdesk_control.cli import asset_find

    _show_all(asset_find.all_assets(_client(url, token_file)), as_json=as_json)


@app.command()
@refusals
def status(asset: AnyAsset = None, as_json: AsJson = False, url: Url = None, token_file: TokenFile = None) -> None:
    """One asset in full; without an id all of them, as `list` does."""
    from mixdesk_control.cli import asset_find, asset_view, screens

    client = _client(url, token_file)
    if asset is None:
        _show_all(asset_find.all_assets(client), as_json=as_json)
        return
    found = asset_find.find_asset(client, asset)
    if as_json:
        screens.print_json(found)
    else:
        screens.console().print(asset_view.page(found, time.time()))


@app.command()
@refusals
def watch(asset: AnyAsset = None, as_json: AsJson = False, url: Url = None, token_file: TokenFile = None) -> None:
    """The same live, until Ctrl-C. Lines where stdout is no terminal; with --json one object per change."""
    from mixdesk_control.cli import asset_find, asset_screens

    client = _client(url, token_file)
    only = None if asset is None else asset_find.find_asset(client, asset)["id"]
    order = [item["id"] for item in asset_find.all_assets(client)]
    try:
        with asset_screens.board(order, as_json=as_json) as board:
            _watched(client, only, board)
    except KeyboardInterrupt:  # the way in which this is meant to end
        raise typer.Exit(0) from None


def _watched(client: Client, only: str | None, board: Board) -> None:
    """Show each asset at each change, without end."""
    from mixdesk_control.cli.follow import Away, Follower, Idle

    for event in Follower(client, "/admin/assets/stream").events():
        if isinstance(event, Away):
            board.away(event.reason)
        elif not isinstance(event, Idle):
            if event.get("reset"):
                board.clear()
            if "asset" in event and only in (None, event["asset"]["id"]):
                board.show(event["asset"])
            elif "deleted" in event and only in (None, event["deleted"]):
                board.leave(event["deleted"])


@app.command()
@refusals
def start(
    asset: AssetRef,
    evict: Annotated[
        bool, typer.Option("--evict", help="Stop idle, evictable assets where GPU memory is short.")
    ] = False,
    dry_run: DryRun = False,
    wait: Wait = True,
    as_json: AsJson = False,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """Start an asset, what it needs first; waits until it is ready, or says why not."""
    _act(_found(asset, url, token_file), "start", wait=wait, as_json=as_json, evict=evict, dry_run=dry_run)


@app.command()
@refusals
def stop(
    asset: AssetRef,
    cascade: Annotated[bool, typer.Option("--cascade", help="Stop what needs it, too, first.")] = False,
    force: Annotated[bool, typer.Option("--force", help="In spite of holds and of jobs that run in it.")] = False,
    dry_run: DryRun = False,
    wait: Wait = True,
    as_json: AsJson = False,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """Stop an asset; waits until it has ended, and says how much GPU memory came back."""
    flags = {"cascade": cascade, "force": force, "dry_run": dry_run}
    _act(_found(asset, url, token_file), "stop", wait=wait, as_json=as_json, **flags)


@app.command()
@refusals
def hold(
    asset: AssetRef,
    ttl: Annotated[float, typer.Option("--ttl", metavar="SECONDS", help="For how long.", min=1.0)] = 600.0,
    reason: Annotated[str | None, typer.Option(help="What for; others see it.")] = None,
    renew: Annotated[str | None, typer.Option(metavar="HOLD", help="Make this hold longer.")] = None,
    release: Annotated[str | None, typer.Option(metavar="HOLD", help="End this hold now.")] = None,
    as_json: AsJson = False,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """Use an asset for a while: nobody stops it meanwhile, unless with --force."""
    from mixdesk_control.cli import asset_facts, screens
    from mixdesk_control.cli.asset_find import asset_path

    client, found = _found(asset, url, token_file)
    if release is not None:
        client.delete(asset_path(found["id"], "holds") + f"/{_quoted(release)}")
        typer.echo(f"{found['id']}: hold {release} has ended")
        return
    given = {"ttl_s": ttl, "reason": reason, "id": renew}
    answer = client.post(
        asset_path(found["id"], "holds"), {key: value for key, value in given.items() if value is not None}
    )
    if as_json:
        screens.print_json(answer)
    else:
        typer.echo(f"{found['id']}: held by {asset_facts.held({'reason': reason, **answer}, time.time())}")


@app.command()
@refusals
def reload(as_json: AsJson = False, url: Url = None, token_file: TokenFile = None) -> None:
    """Have the desk read the registry anew; where it is wrong, the old one stays in force."""
    from mixdesk_control.cli import screens

    client = _client(url, token_file)
    try:
        answer = client.post("/admin/assets/reload")
    except CliError as error:
        raise _refused(error, "") from error
    if as_json:
        screens.print_json(answer)
        return
    for what in ("added", "removed", "changed"):
        if answer.get(what):
            typer.echo(f"{what}: {', '.join(answer[what])}")
    if not any(answer.get(what) for what in ("added", "removed", "changed")):
        typer.echo("nothing has changed")
    if answer.get("left_running"):
        typer.echo(f"run on, and are no assets any more: {', '.join(answer['left_running'])}", err=True)


@app.command()
@refusals
def init(
    compose: Annotated[
        list[Path] | None, typer.Option("--compose", metavar="FILE", help="Compose file; later ones over earlier.")
    ] = None,
    out: Annotated[Path, typer.Option(metavar="FILE", help="Where to; - prints it.")] = Path("mixdesk.toml"),
    append: Annotated[bool, typer.Option("--append", help="Add what is new to a file that is there.")] = False,
    docker: Annotated[
        str | None, typer.Option(metavar="SOCKET", help="Ask this engine for its containers instead.")
    ] = None,
) -> None:
    """Write a first registry: from compose files, from the one in this folder, or from this host's containers."""
    from mixdesk_control.cli import asset_init

    found = asset_init.look(compose or [], docker)
    if out == asset_init.STDOUT:
        typer.echo(found.text, nl=False)
        return
    try:
        written = asset_init.write(out, found, append=append)
    except asset_init.ThereAlready as error:
        typer.echo(found.text, nl=False)
        raise CliError(str(error)) from error
    typer.echo(asset_init.said(out, found, written))


# -- what the verbs share ------------------------------------------------------------------------------


def _client(url: str | None, token_file: TokenFile) -> Client:
    from mixdesk_control.cli.client import Client

    return Client.find(url, token_file)


def _found(ref: str, url: str | None, token_file: TokenFile) -> tuple[Client, Asset]:
    from mixdesk_control.cli.asset_find import find_asset

    client = _client(url, token_file)
    return client, find_asset(client, ref)


def _quoted(text: str) -> str:
    from urllib.parse import quote

    return quote(text, safe="")


def _show_all(assets: list[Asset], *, as_json: bool) -> None:
    from mixdesk_control.cli import asset_view, screens

    if as_json:
        screens.print_json(assets)
    elif assets:
        screens.console().print(asset_view.assets_table(assets, time.time()))
    else:
        typer.echo(
            "no assets: `mixdesk assets init` writes a first registry, `mixdesk assets reload` reads it", err=True
        )


def _act(found: tuple[Client, Asset], action: str, *, wait: bool, as_json: bool, **flags: bool) -> None:
    """Ask; print the plan, the operation, or follow it to its end."""
    from mixdesk_control.cli import asset_asking, screens

    client, asset_id = found[0], found[1]["id"]
    try:
        answer = asset_asking.ask(client, asset_id, action, **flags)
    except CliError as error:
        raise _refused(error, asset_id) from error
    if flags["dry_run"]:
        _planned(answer, as_json=as_json)
    elif wait:
        _followed(client, asset_id, action, answer["operation"], as_json=as_json)
    elif as_json:
        screens.print_json(answer)
    else:
        typer.echo(f"{asset_id}: {action} requested (operation {answer['operation']})")


def _planned(plan: Any, *, as_json: bool) -> None:
    from mixdesk_control.cli import asset_asking, screens, words

    if as_json:
        screens.print_json(plan)
    else:
        for line in asset_asking.plan_lines(words.clean(plan)):
            typer.echo(line)
    if not plan["fits"]:
        raise typer.Exit(1)


def _followed(client: Client, asset_id: str, action: str, operation: str, *, as_json: bool) -> None:
    from mixdesk_control.cli import asset_asking, screens

    teller = asset_asking.Teller(quiet=as_json)
    try:
        with screens.waiting(f"{action} {asset_id}"):
            ended = asset_asking.outcome(client, operation, teller)
    except KeyboardInterrupt:
        raise typer.Exit(asset_asking.interrupted(asset_id, action)) from None
    if as_json:
        screens.print_json(ended)
    asset_asking.conclude(asset_id, action, ended, teller)


def _refused(error: CliError, asset_id: str) -> Exception:
    """A refusal whose advice takes more than one line; the error itself where there is none."""
    from mixdesk_control.cli import asset_asking, words

    lines = list(asset_asking.advice_lines(words.clean(dict(error.problem)), asset_id, time.time()))
    if not lines:
        return error
    typer.echo(f"mixdesk: {words.clean(str(error))}", err=True)
    for line in lines:
        typer.echo(line, err=True)
    return typer.Exit(error.exit_code)
