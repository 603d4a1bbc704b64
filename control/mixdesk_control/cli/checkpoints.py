"""`mixdesk checkpoints`: what lies in a folder, and whether it is what was saved. Needs no desk and no torch."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mixdesk_control.cli.errors import CliError, refusals
from mixdesk_control.cli.options import AsJson

if TYPE_CHECKING:
    from rich.table import Table

    from mixdesk.checkpoints import Checkpoint, Verdict

app = typer.Typer(help="Checkpoint files: list, verify, find the newest.", no_args_is_help=True, add_completion=False)

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="A folder of checkpoints.", show_default=False)]
Row = dict[str, Any]


@app.command("list")
@refusals
def list_checkpoints(
    folder: Folder,
    verify: Annotated[bool, typer.Option("--verify", help="Read every file and compare it with its manifest.")] = False,
    as_json: AsJson = False,
) -> None:
    """The checkpoints of a folder, newest first, and what is wrong with those that are broken."""
    from mixdesk_control.cli import screens

    rows = list(_rows(_existing(folder), verify=verify))
    if as_json:
        screens.print_json(rows)
    elif rows:
        screens.console().print(_table(rows))
    else:
        typer.echo(f"no checkpoints in {folder}", err=True)


@app.command()
@refusals
def verify(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A checkpoint, its manifest, or a folder of them.")],
    as_json: AsJson = False,
) -> None:
    """Read a checkpoint and compare it with its manifest; exit status 1 where it is not what was saved."""
    from mixdesk.checkpoints import verify as verdict_of
    from mixdesk_control.cli import screens

    rows = list(_rows(path, verify=True)) if path.is_dir() else [_judged(verdict_of(path))]
    if as_json:
        screens.print_json(rows if path.is_dir() else rows[0])
    for row in () if as_json else rows:
        typer.echo(f"{row['path']}: {'verified' if row['verified'] else row['problem']}")
    if not rows:
        raise CliError(f"no checkpoints in {path}")
    if not all(row["verified"] for row in rows):
        raise typer.Exit(1)


@app.command()
@refusals
def latest(
    folder: Folder,
    name: Annotated[str | None, typer.Option(help="Only checkpoints of this name.")] = None,
    version: Annotated[str | None, typer.Option(help="Only checkpoints of this version.")] = None,
    as_json: AsJson = False,
) -> None:
    """The path of the newest checkpoint that verifies; broken ones are named on stderr and passed over."""
    from mixdesk.checkpoints import verify as verdict_of
    from mixdesk_control.cli import screens

    for checkpoint in _listing(_existing(folder)):
        if name not in (None, checkpoint.name) or version not in (None, checkpoint.version):
            continue
        verdict = verdict_of(checkpoint.path)
        if verdict.verified:
            if as_json:
                screens.print_json(_judged(verdict))
            else:
                typer.echo(str(checkpoint.path))
            return
        typer.echo(f"mixdesk: passed over: {checkpoint.path}: {verdict.reason}", err=True)
    wanted = " ".join(part for part in (name, version and f"version {version}") if part)
    raise CliError(f"no checkpoint{f' of {wanted}' if wanted else ''} in {folder} verifies")


def _existing(folder: Path) -> Path:
    if not folder.is_dir():
        raise CliError(f"{folder} is {'no folder' if folder.exists() else 'not there'}: name a folder of checkpoints")
    return folder


def _listing(folder: Path) -> list[Checkpoint]:
    return _scanned(folder)[0]


def _scanned(folder: Path) -> tuple[list[Checkpoint], list[tuple[Path, str]]]:
    from mixdesk.checkpoints import scan
    from mixdesk.errors import CheckpointError

    try:
        return scan(folder)
    except CheckpointError as error:
        raise CliError(str(error)) from error


def _rows(folder: Path, *, verify: bool) -> Iterator[Row]:
    from mixdesk.checkpoints import verify as verdict_of

    checkpoints, broken = _scanned(folder)
    for checkpoint in checkpoints:
        yield _judged(verdict_of(checkpoint.path)) if verify else _row(checkpoint)
    for path, reason in broken:
        yield {"path": str(path), "verified": False, "problem": reason}


def _judged(verdict: Verdict) -> Row:
    known = {} if verdict.checkpoint is None else _row(verdict.checkpoint)
    return {"path": str(verdict.path), **known, "verified": verdict.verified, "problem": verdict.reason or None}


def _row(checkpoint: Checkpoint) -> Row:
    """The checkpoint as its manifest describes it; `verified` is null where nobody has read the file."""
    return {
        "path": str(checkpoint.path),
        "name": checkpoint.name,
        "version": checkpoint.version,
        "serial": checkpoint.serial,
        "epoch": checkpoint.epoch,
        "step": checkpoint.step,
        "size": checkpoint.size,
        "hash": checkpoint.hash,
        "job_id": checkpoint.job_id,
        "saved_at": checkpoint.saved_at,
        "verified": checkpoint.verified,
        "problem": None,
    }


def _table(rows: list[Row]) -> Table:
    from rich.text import Text

    from mixdesk_control.cli import tables, words

    table = tables.table()
    for title in ("SERIAL", "EPOCH", "STEP", "SIZE"):
        table.add_column(title, justify="right", no_wrap=True)
    for title in ("SAVED", "STATE"):
        table.add_column(title)
    table.add_column("FILE", overflow="fold")
    for row in rows:
        state = Text(*{True: ("verified", "green"), False: ("broken", "bold red"), None: ("", "")}[row["verified"]])
        if row["problem"]:
            state.append(f": {row['problem']}", style="not bold")
        size = words.size(row["size"]) if "size" in row else ""
        counts = (str(row.get(key, "")) for key in ("serial", "epoch", "step"))
        saved = words.ago(row["saved_at"], time.time()) if row.get("saved_at") else ""
        table.add_row(*counts, size, saved, state, Text(Path(row["path"]).name))
    return table
