"""One job in full, for `jobs show`: from the JSON of a job and of its history to what rich prints. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from mixdesk_control.cli import facts, tables, view, words

Job = dict[str, Any]


def page(job: Job, history: Mapping[str, Any], now: float) -> Group:
    """Bars, facts, checkpoints, what happened, and how true the progress was."""
    job, history = words.clean(job), words.clean(history)
    parts: list[RenderableType] = [view.panel(job, now), Text(), _facts(job, now)]
    for title, table in (
        ("Checkpoints", _checkpoints(history.get("checkpoints") or job.get("checkpoints") or (), now)),
        ("What happened", _transitions(history.get("transitions") or ())),
        ("How true the progress was", _scores(history.get("scores") or {})),
    ):
        if table is not None:
            parts += [Text(f"\n{title}", style="bold"), table]
    return Group(*parts)


def _facts(job: Job, now: float) -> Table:
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, value in _named_facts(job, now):
        grid.add_row(name, Text(value))
    return grid


def _named_facts(job: Job, now: float) -> Iterator[tuple[str, str]]:
    where = ", ".join(str(part) for part in (job.get("host"), job.get("pid") and f"pid {job['pid']}") if part)
    yield from _if_there("where", where)
    yield from _if_there("owner", job.get("owner"))
    if job.get("parent_id"):
        yield "attempt", f"{job.get('attempt', 1)}, goes on from {job['parent_id']}"
    yield "created", words.local(job.get("created_at"))
    if job.get("started_at"):
        yield "took", words.between(job["started_at"], job.get("completed_at"), now)
    yield from _if_there("left", facts.forecast(job))
    yield "last heard", words.ago(job.get("last_report_at"), now)
    yield from facts.metrics_of(job)
    for artifact in (job.get("details") or {}).get("output_artifacts") or ():
        yield f"output {artifact['type']}", artifact["path"]
    yield from _if_there("trace", job.get("trace_id"))
    yield from _if_there("log", job.get("log_stream"))


def _if_there(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if value:
        yield name, str(value)


def _checkpoints(checkpoints: Sequence[Mapping[str, Any]], now: float) -> Table | None:
    table = tables.table()
    for title, side in (("EPOCH", "right"), ("STEP", "right"), ("SIZE", "right"), ("SAVED", "left"), ("", "left")):
        table.add_column(title, justify=side, no_wrap=True)  # type: ignore[arg-type]
    table.add_column("FILE", overflow="fold")
    for entry in checkpoints:
        verified = Text("verified", "green") if entry.get("verified", True) else Text("not verified", "red")
        size, saved = words.size(entry.get("size", 0)), words.ago(entry.get("saved_at"), now)
        table.add_row(
            str(entry.get("epoch", "")), str(entry.get("step", "")), size, saved, verified, Text(entry["path"])
        )
    return table if checkpoints else None


def _transitions(transitions: Sequence[Mapping[str, Any]]) -> Table | None:
    grid = Table.grid(padding=(0, 2, 0, 0))
    for entry in transitions:
        reason = Text(entry.get("reason") or "", style="dim")
        grid.add_row(
            Text(words.local(entry.get("at")), style="dim"), view.status_text(str(entry.get("after", ""))), reason
        )
    return grid if transitions else None


SCORES = {
    "progress_error": "percentage, off on average by",
    "eta_progress_error": "elapsed / (elapsed + time left), off by",
    "eta_known": "part of the run with a time left",
    "eta_error_10": "time left, asked at 10 % of the run",
    "eta_error_50": "time left, asked at half-time",
    "eta_error_90": "time left, asked at 90 % of the run",
}


def _scores(scores: Mapping[str, float]) -> Table | None:
    """Errors as parts of the run, in percent of it."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    for name, value in scores.items():
        grid.add_row(Text(SCORES.get(name, name), style="dim"), f"{100 * value:.1f} %")
    return grid if scores else None
