"""`mixdesk jobs`: what trains here, and what is asked of it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer

from mixdesk_control.cli.errors import CliError, refusals
from mixdesk_control.cli.options import AsJson, JobRef, TokenFile, Url

if TYPE_CHECKING:
    from mixdesk_control.cli.client import Client, Job
    from mixdesk_control.cli.screens import Screen

app = typer.Typer(
    help="Jobs: see them, and ask them for a checkpoint, a pause or an end.", no_args_is_help=True, add_completion=False
)

Wait = Annotated[bool, typer.Option("--wait/--no-wait", help="Wait for the outcome, or return once the request holds.")]
FINAL = ("succeeded", "failed", "canceled")


@app.command("list")
@refusals
def list_jobs(
    status: Annotated[str | None, typer.Option(help="Only jobs with this status; `lost` is one too.")] = None,
    job_type: Annotated[str | None, typer.Option("--type", help="Only jobs of this type.")] = None,
    name: Annotated[str | None, typer.Option(help="Only jobs of this name.")] = None,
    owner: Annotated[str | None, typer.Option(help="Only jobs of this owner.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 100,
    as_json: AsJson = False,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """The jobs the desk knows, newest first."""
    from mixdesk_control.cli import screens, view

    client = _client(url, token_file)
    jobs = list(client.items("/jobs", limit, status=status, job_type=job_type, name=name, owner=owner))
    if as_json:
        screens.print_json(jobs)
    elif jobs:
        screens.console().print(view.jobs_table(jobs, time.time()))
    else:
        typer.echo("no jobs" if not any((status, job_type, name, owner)) else "no such jobs", err=True)


@app.command()
@refusals
def show(job: JobRef = None, as_json: AsJson = False, url: Url = None, token_file: TokenFile = None) -> None:
    """One job in full: phases with their times, checkpoints, what happened to it."""
    from mixdesk_control.cli import details, screens
    from mixdesk_control.cli.client import job_path

    client, found = _found(job, url, token_file)
    if as_json:
        screens.print_json(found)
        return
    history = client.get(job_path(found["job_id"], "history"))
    screens.console().print(details.page(found, history, time.time()))


@app.command()
@refusals
def watch(job: JobRef = None, as_json: AsJson = False, url: Url = None, token_file: TokenFile = None) -> None:
    """Live bars per phase until the job has ended; exit status 0 if it succeeded, else 1.

    Lines where stdout is no terminal; with --json one object per change.
    """
    from mixdesk_control.cli.screens import screen

    client, found = _found(job, url, token_file)
    with screen(as_json=as_json) as shown:
        status = _watched(client, found["job_id"], shown)
    if status != "succeeded":
        raise typer.Exit(1)


def _watched(client: Client, job_id: str, shown: Screen) -> str:
    """Show the job at each change until it has ended; returns how."""
    from mixdesk_control.cli.follow import Away, Idle, job_stream

    for event in job_stream(client, job_id).events():
        if isinstance(event, Away):
            shown.away(event.reason)
        elif isinstance(event, Idle):
            continue
        elif "deleted" in event:
            raise CliError("the job was deleted at the desk")
        elif "job" in event:  # a frame may also say only that the desk forgot: its trainer tells it anew
            shown.show(event["job"])
            if event["job"]["status"] in FINAL:
                return str(event["job"]["status"])
    raise AssertionError("a stream of events has no end")


@app.command()
@refusals
def checkpoint(
    job: JobRef = None,
    then: Annotated[
        str, typer.Option(metavar="continue|cancel", help="What the run does once it is saved.")
    ] = "continue",
    wait: Wait = True,
    as_json: AsJson = False,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """Have the running loop save a checkpoint at its next step; waits until the file is there, or says why not."""
    if then not in ("continue", "cancel"):
        raise typer.BadParameter(f"{then!r}: use continue or cancel", param_hint="--then")
    _ask(_found(job, url, token_file), "checkpoint", wait=wait, as_json=as_json, then=then)


@app.command()
@refusals
def pause(
    job: JobRef = None, wait: Wait = False, as_json: AsJson = False, url: Url = None, token_file: TokenFile = None
) -> None:
    """Have the loop wait at its next step. GPU memory stays held."""
    _ask(_found(job, url, token_file), "pause", wait=wait, as_json=as_json)


@app.command()
@refusals
def resume(
    job: JobRef = None, wait: Wait = False, as_json: AsJson = False, url: Url = None, token_file: TokenFile = None
) -> None:
    """Let a paused job go on."""
    _ask(_found(job, url, token_file), "resume", wait=wait, as_json=as_json)


@app.command()
@refusals
def cancel(
    job: JobRef = None, wait: Wait = False, as_json: AsJson = False, url: Url = None, token_file: TokenFile = None
) -> None:
    """End the job at its next step, without saving; `checkpoint --then cancel` saves first."""
    _ask(_found(job, url, token_file), "cancel", wait=wait, as_json=as_json)


@app.command()
@refusals
def delete(
    job: Annotated[str, typer.Argument(metavar="JOB", help="Id, unique beginning of one, or name.")],
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """Remove a job that has ended from the desk. Its files stay."""
    from mixdesk_control.cli.client import job_path
    from mixdesk_control.cli.facts import name_of

    client, found = _found(job, url, token_file)
    client.delete(job_path(found["job_id"]))
    typer.echo(f"{name_of(found)} ({found['job_id']}) is deleted; its files stay")


@app.command()
@refusals
def weights(
    job_type: Annotated[str, typer.Argument(metavar="TYPE", help="A job type, such as training_rvc.")],
    as_json: AsJson = False,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """The weights of a job type as finished runs measured them, as lines for `mixdesk.toml`."""
    from mixdesk_control.cli import screens, weighing

    found = weighing.weights_of(_client(url, token_file), job_type)
    if as_json:
        screens.print_json(found.weights)
    else:
        typer.echo(weighing.as_settings(job_type, found))


def _client(url: str | None, token_file: TokenFile) -> Client:
    from mixdesk_control.cli.client import Client

    return Client.find(url, token_file)


def _found(ref: str | None, url: str | None, token_file: TokenFile) -> tuple[Client, Job]:
    from mixdesk_control.cli.resolve import find_job

    client = _client(url, token_file)
    return client, find_job(client, ref)


def _ask(found: tuple[Client, Job], action: str, *, wait: bool, as_json: bool, **body: str) -> None:
    """Ask, say that it is asked, and where it is wanted follow it to its outcome."""
    from mixdesk_control.cli import asking, screens
    from mixdesk_control.cli.facts import name_of

    client, job = found
    operation, answer = asking.ask(client, job, action, **body)
    if not wait:
        if as_json:
            screens.print_json(answer)
        else:
            typer.echo(f"{name_of(job)}: {action} requested (operation {operation})")
        return
    teller = asking.Teller(quiet=as_json)
    try:
        with screens.waiting(f"{name_of(job)}: waiting for the trainer's next step"):
            ended = asking.outcome(client, job, operation, teller.tell)
    except KeyboardInterrupt:
        raise typer.Exit(asking.interrupted(job, action)) from None
    teller.conclude(job, ended)
    if as_json:
        screens.print_json(ended)
    asking.check(ended)
