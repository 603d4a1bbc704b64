"""A job on a terminal: from the JSON of the API to what rich prints. Pure; `now` is seconds since the epoch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from mixdesk_control.cli import facts, tables, words
from mixdesk_control.cli.facts import FINAL, Job, status_of, time_left
from mixdesk_control.cli.phases import Phase, phases_of

# Sign, word and colour: no meaning hangs on the colour alone.
STATUSES = {
    "queued": ("○", "dim"),
    "starting": ("◔", "cyan"),
    "running": ("▶", "green"),
    "paused": ("‖", "yellow"),
    "finalizing": ("◕", "cyan"),
    "succeeded": ("✔", "bold green"),
    "failed": ("✘", "bold red"),
    "canceled": ("■", "yellow"),
    "lost": ("?", "bold magenta"),
}
PHASE_SIGNS = {
    "pending": (" ", "dim"),
    "running": ("▶", "bold"),
    "done": ("✔", "green"),
    "skipped": ("–", "dim"),
    "failed": ("✘", "red"),
    "canceled": ("■", "yellow"),
}
CHECKPOINTS = {"requested": "yellow", "saving": "cyan", "saved": "green", "failed": "bold red"}


def status_text(status: str) -> Text:
    """Sign and word of a status."""
    sign, style = STATUSES.get(status, ("·", ""))
    return Text(f"{sign} {status}", style=style)


def short_ids(jobs: Sequence[Job], least: int = 8) -> dict[str, str]:
    """Of each id the shortest beginning, `least` characters or more, that no other one shares."""
    ids = sorted(str(job["job_id"]) for job in jobs)
    short = {}
    for index, job_id in enumerate(ids):
        neighbours = ids[max(index - 1, 0) : index] + ids[index + 1 : index + 2]
        short[job_id] = job_id[: max([least, *(_common(job_id, other) + 1 for other in neighbours)])]
    return short


def _common(one: str, other: str) -> int:
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def jobs_table(jobs: Sequence[Job], now: float) -> Table:
    """One line a job, as given."""
    table = tables.table()
    for title in ("ID", "NAME", "TYPE", "STATUS"):
        table.add_column(title, no_wrap=True)
    table.add_column("PROGRESS", justify="right", no_wrap=True)
    for title in ("STEP", "LEFT", "LAST HEARD"):
        table.add_column(title, no_wrap=True)
    short = short_ids(jobs)
    for job in map(words.clean, jobs):
        final = job["status"] in FINAL
        table.add_row(
            short[job["job_id"]],
            Text(job.get("name") or words.UNKNOWN),
            Text(job["job_type"]),
            status_text(status_of(job)),
            words.percent(job.get("progress_percent")),
            Text("" if final else (job.get("current_step") or {}).get("label", "")),
            time_left(job).removesuffix(" left"),
            words.ago(job.get("last_report_at") or job.get("created_at"), now),
        )
    return table


def panel(job: Job, now: float, *, away: str | None = None) -> Group:
    """What `jobs watch` shows: a head, a bar per phase, the whole, and how it goes."""
    job = words.clean(job)
    parts: list[RenderableType] = [_head(job), Text(), _bars(job, now), Text(), *_state_lines(job, now)]
    if away is not None:
        parts.append(Text(f"The desk does not answer ({away}); trying again. The training goes on.", style="yellow"))
    return Group(*parts)


def line(job: Job) -> str:
    """The same in one plain line, for logs."""
    job = words.clean(job)
    details = job.get("details") or {}
    parts = [status_of(job), words.percent(job.get("progress_percent"))]
    step = job.get("current_step") or {}
    if step.get("label") and job["status"] not in FINAL:
        parts.append(f"{step['label']} {words.percent(step.get('step_progress_percent'))}")
    parts += facts.place(details) + facts.saves(details)
    if time_left(job):
        parts.append(time_left(job))
    if job.get("error"):
        parts.append(str(job["error"]))
    return f"{job.get('name') or job['job_id']}: " + ", ".join(parts)


def _head(job: Job) -> Table:
    grid = Table.grid(expand=True)
    grid.add_column()
    grid.add_column(justify="right")
    name = Text(job.get("name") or job["job_id"], style="bold")
    name.append(f"  {job['job_type']}  {job['job_id']}", style="dim")
    grid.add_row(name, status_text(status_of(job)))
    return grid


def _bars(job: Job, now: float) -> Table:
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(width=1)
    grid.add_column(no_wrap=True)
    grid.add_column(justify="right", no_wrap=True, style="dim")
    grid.add_column(no_wrap=True)
    grid.add_column(justify="right", no_wrap=True)
    grid.add_column(no_wrap=True, style="dim")
    for phase in phases_of(job):
        sign, style = PHASE_SIGNS.get(phase.state, ("·", ""))
        bar = _bar(phase.percent, "green" if phase.percent == 100 else "cyan")
        weight = f"{phase.weight:.3g} %"
        grid.add_row(Text(sign, style), Text(phase.label, style), weight, bar, _part(phase), _count(phase, now))
    whole = job.get("progress_percent") or 0.0
    left = time_left(job)
    grid.add_row(
        "", Text("All", "bold"), "", _bar(whole, "magenta"), Text(words.percent(whole), "bold"), Text(left, "bold")
    )
    return grid


def _bar(percent: float | None, style: str) -> ProgressBar:
    # A bar that pulses says "working, and nobody knows how much is left".
    if percent is None:
        return ProgressBar(total=None, width=28, pulse=True, pulse_style=style)
    return ProgressBar(total=100, completed=percent, width=28, complete_style=style, finished_style=style)


def _part(phase: Phase) -> str:
    if phase.state == "pending":
        return ""
    return "skipped" if phase.state == "skipped" else words.percent(phase.percent)


def _count(phase: Phase, now: float) -> str:
    """Units done while it runs, how long it took once it is over."""
    if phase.state != "running":
        return words.between(phase.started_at, phase.ended_at, now) if phase.started_at and phase.ended_at else ""
    if not phase.total and not phase.done:
        return ""
    shown, unit = (words.size, "") if phase.unit == "bytes" else (words.count, f" {phase.unit}")
    return shown(phase.done) + (f"/{shown(phase.total)}" if phase.total else "") + unit


def _state_lines(job: Job, now: float) -> Iterable[Text]:
    details = job.get("details") or {}
    numbers = [f"{name} {value}" for name, value in facts.metrics_of(job)[:4]]
    going = facts.place(details) + facts.speed(job) + numbers
    if job.get("resuming"):
        yield Text("Resuming: passing over the batches already done.", style="cyan")
    if going and job["status"] not in FINAL:
        yield Text(" · ".join(going))
    for save in facts.saves(details):
        yield Text(save, style=CHECKPOINTS.get(details["checkpoint_status"], ""))
    if job.get("lost"):
        silence = words.between(job.get("last_report_at"), None, now)
        yield Text(f"Nothing heard from the trainer for {silence}.", style="magenta")
    if job.get("error"):
        yield Text(str(job["error"]), style="red")
