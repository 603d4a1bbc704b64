"""`mixdesk logs`: which logs there are, read live, searched, downloaded; and the list that shippers read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mixdesk_control.cli.errors import CliError, refusals
from mixdesk_control.cli.options import AsJson, TokenFile, Url

if TYPE_CHECKING:
    from mixdesk_control.cli.client import Client

app = typer.Typer(
    help="Logs of all services and jobs: find, tail, search, download.", no_args_is_help=True, add_completion=False
)

Which = Annotated[
    list[str],
    typer.Argument(
        metavar="SERVICE [LOG]...",
        help="A service and logs of it (ids, or kinds such as error), or SERVICE/LOG several times; best log without.",
    ),
]
Level = Annotated[str | None, typer.Option("--level", help="Records of this level and of worse ones.", metavar="LEVEL")]
Since = Annotated[str | None, typer.Option("--since", help="15m, 2h, 7d ago, or 2026-11-01T12:00:00Z.", metavar="TIME")]
Until = Annotated[str | None, typer.Option("--until", help="As --since.", metavar="TIME")]


@app.command()
@refusals
def services(as_json: AsJson = False, url: Url = None, token_file: TokenFile = None) -> None:
    """Whatever writes logs, and how many logs each has."""
    from mixdesk_control.cli import log_find, log_views, screens

    found = log_find.all_services(_client(url, token_file))
    if as_json:
        screens.print_json(found)
    elif not found:
        raise CliError("no logs are found: set [logs] compose in mixdesk.toml; `mixdesk doctor` says more")
    else:
        screens.console().print(log_views.services_table(found))


@app.command()
@refusals
def sources(
    service: Annotated[str, typer.Argument(metavar="SERVICE")],
    as_json: AsJson = False,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """The logs of one service, best first, and why."""
    from mixdesk_control.cli import log_find, log_views, screens

    found = log_find.sources_of(_client(url, token_file), service)
    if as_json:
        screens.print_json(found)
    else:
        screens.console().print(log_views.sources_table(found))


@app.command()
@refusals
def tail(
    which: Which,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what is new, until Ctrl-C.")] = False,
    lines: Annotated[int, typer.Option("--lines", "-n", help="Of what is there already.", min=0, max=100_000)] = 20,
    level: Level = None,
    text: Annotated[str | None, typer.Option("--grep", help="Records with this text, whatever its case.")] = None,
    regex: Annotated[str | None, typer.Option("--regex", help="Records that match (RE2).")] = None,
    ansi: Annotated[bool, typer.Option("--ansi", help="Keep the colours of the log itself.")] = False,
    as_json: AsJson = False,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """The last records of one log, or of several, and with -f what comes after them."""
    from mixdesk_control.cli import log_find, log_lines, log_streams

    client = _client(url, token_file)
    found = log_find.find_sources(client, which)
    asked = {"lines": str(lines), "level": level, "q": text, "regex": regex, "ansi": "keep" if ansi else None}
    query = {key: value for key, value in asked.items() if value is not None}
    printer = log_lines.JsonPrinter() if as_json else log_lines.Printer(found)
    refused = 0
    try:
        for came in log_streams.frames(client, found, query, follow=follow):
            printer.show(came)
            refused += came.refused is not None
    except KeyboardInterrupt:  # the way in which -f is meant to end
        refused = 0
    printer.end()
    if refused == len(found):
        raise typer.Exit(1)


@app.command()
@refusals
def search(
    text: Annotated[str, typer.Argument(metavar="TEXT")],
    regex: Annotated[bool, typer.Option("--regex", help="TEXT is a regular expression (RE2).")] = False,
    where: Annotated[
        list[str] | None,
        typer.Option("--service", metavar="SERVICE", help="In its logs alone, or SERVICE/LOG: in one; repeatable."),
    ] = None,
    level: Level = None,
    since: Since = None,
    until: Until = None,
    limit: Annotated[int, typer.Option("--limit", help="Hits at most.", min=1, max=10_000)] = 100,
    as_json: AsJson = False,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """Lines of all logs and their rotated files, newest first."""
    from mixdesk_control.cli import log_find, log_hits, transfer

    asked: dict[str, Any] = {"regex" if regex else "q": text, "level": level, **log_find.narrowed(where or ())}
    asked |= {"since": since, "until": until, "limit": limit}
    client = _client(url, token_file)
    log_hits.show(transfer.lines(client, log_find.logs_path("search"), **asked), as_json=as_json)


@app.command()
@refusals
def download(
    which: Which,
    lines: Annotated[int | None, typer.Option("--lines", "-n", help="The last so many; all without it.", min=1)] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="A new file; stdout without it.")] = None,
    gzip: Annotated[bool, typer.Option("--gzip", help="As a .gz file.")] = False,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """A log with its rotated files, or its last lines."""
    from mixdesk_control.cli import log_find, log_save, transfer

    client = _client(url, token_file)
    found = log_find.find_sources(client, which)
    if len(found) != 1:
        raise CliError("name one log: a service and one of its logs", exit_code=2)
    path = log_find.logs_path("download", found[0]["service"], found[0]["id"])
    chunks = transfer.chunks(client, path, lines=lines, gzip="true" if gzip else None)
    if output is None:
        log_save.to_stdout(chunks)
    else:
        typer.echo(f"saved {output} ({log_save.to_file(chunks, output)} bytes)")


@app.command()
@refusals
def targets(
    file: Annotated[Path | None, typer.Argument(help="With --check: another file than that of the settings.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Say what is wrong with the file that is there.")] = False,
    config: Annotated[Path | None, typer.Option(help="Settings file (default: mixdesk.toml, if it is here).")] = None,
) -> None:
    """The list that Promtail and Alloy read, as it would be written now.

    Asks no desk, so it lacks what a desk alone knows: process assets, and files that went in the last ten minutes.
    """
    from mixdesk_control.cli import log_targets
    from mixdesk_control.cli.up import load_settings

    settings = load_settings(config)
    if check:
        log_targets.check(settings, file)
    elif file is not None:
        raise CliError("a file is checked with --check; without it the list is printed", exit_code=2)
    else:
        log_targets.show(settings)


def _client(url: str | None, token_file: Path | None) -> Client:
    from mixdesk_control.cli.client import Client

    return Client.find(url, token_file)
