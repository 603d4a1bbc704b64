"""An event as people read it: title, text and link. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final, Literal
from urllib.parse import quote

from mixdesk_control import settings_notify as names
from mixdesk_control.notify.event import TEST, About, Event, Saved

Severity = Literal["good", "info", "warning", "critical"]
GOOD: Final = "good"
INFO: Final = "info"
WARNING: Final = "warning"
CRITICAL: Final = "critical"

MOST_ERROR = 1000
MOST_NAME = 120

# event: (how much it matters, its title; {} is the job)
TOLD: dict[str, tuple[Severity, str]] = {
    names.SUCCEEDED: (GOOD, "{} succeeded"),
    names.FAILED: (CRITICAL, "{} failed"),
    names.CANCELED: (INFO, "{} was canceled"),
    names.INTERRUPTED: (WARNING, "{} was interrupted"),
    names.LOST: (CRITICAL, "{} is lost"),
    names.STALLED: (WARNING, "{} stands still"),
    names.SAVED: (INFO, "{}: checkpoint saved"),
    names.NOT_SAVED: (CRITICAL, "{}: checkpoint failed"),
    names.DISK_LOW: (WARNING, "{}: no room for the next checkpoint"),
    TEST: (INFO, "Mixdesk: a test"),
}


DESK: tuple[Severity, str] = (CRITICAL, "Mixdesk: the desk cannot write")


@dataclass(frozen=True, slots=True)
class Message:
    """`text` is some lines; `link` leads to the job in the admin, None where its address is not known."""

    severity: Severity
    title: str
    text: str
    link: str | None


def message(event: Event, public_url: str | None = None) -> Message:
    """What people are told. `public_url` is how browsers call the desk."""
    severity, title = DESK if _is_of_desk(event) else TOLD.get(event.event, (INFO, f"{{}}: {event.event}"))
    job = event.job
    name = "" if job is None else _one_line(job.name or job.job_type, MOST_NAME)
    return Message(severity, title.format(name), "\n".join(_lines(event)), link(job, public_url))


def link(job: About | None, public_url: str | None) -> str | None:
    """The page of a job; the desk's own where there is none."""
    if public_url is None:
        return None
    return f"{public_url}/ui/" if job is None else f"{public_url}/ui/jobs/detail/?id={quote(job.job_id, safe='')}"


def _is_of_desk(event: Event) -> bool:
    return event.event == names.DISK_LOW and event.job is None


def _lines(event: Event) -> Iterator[str]:
    if event.event == TEST:
        yield "This desk can reach you. Nothing has happened."
    if _is_of_desk(event):
        yield "It takes no reports meanwhile. Trainers go on; what they have to report is told when there is room."
    if event.event == names.LOST:
        yield f"No report for {spoken(event.since or 0.0)}: it was killed, its host is down, or the network is gone."
    if event.event == names.STALLED:
        yield f"It reports, but no step and no progress for {spoken(event.since or 0.0)}."
    if event.space is not None:
        free, needed = size(event.space.free), size(event.space.needed)
        yield f"{_one_line(event.space.folder, 300)} has {free} left, the next checkpoint needs {needed}."
    if event.error:
        yield cut(_printable(event.error, "\n").strip(), MOST_ERROR)
    if event.checkpoint is not None:
        yield _saved(event.checkpoint)
    if event.job is not None:
        yield where(event.job)
        yield standing(event.job)


def _saved(saved: Saved) -> str:
    name = _one_line(PurePath(saved.path).name, 300)
    return f"{name}, {size(saved.size)}, {_one_line(saved.reason, MOST_NAME)}, epoch {saved.epoch}, step {saved.step}"


def where(job: About) -> str:
    """What kind of job it is, and where it runs."""
    parts = [_one_line(job.job_type, MOST_NAME)]
    if job.host:
        parts.append(f"on {_one_line(job.host, MOST_NAME)}")
    if job.attempt > 1:
        parts.append(f"attempt {job.attempt}")
    return ", ".join(parts)


def standing(job: About) -> str:
    """How far it is, and how long it has run."""
    parts = [f"{job.progress:.1f} %"]
    if job.phase and job.status != "succeeded":
        parts.append(_one_line(job.phase, MOST_NAME))
    parts += [
        f"{word} {done}" + (f" of {total}" if total else "")
        for word, done, total in (("epoch", job.epoch, job.epochs), ("step", job.step, job.steps))
        if done is not None
    ]
    if job.ran_s is not None:
        parts.append(f"after {spoken(job.ran_s)}")
    return ", ".join(parts)


def spoken(seconds: float) -> str:
    """The two largest units: `3 h 12 min`."""
    left = max(int(seconds), 0)
    found: list[str] = []
    for unit, word in ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s")):
        count, left = divmod(left, unit)
        if count or (unit == 1 and not found):
            found.append(f"{count} {word}")
    return " ".join(found[:2])


def size(count: float) -> str:
    """Bytes in the unit that fits."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if abs(count) < 1024:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1024
    return f"{count:.1f} TiB"


def cut(text: str, most: int) -> str:
    """At most so many characters; what is left out is shown as an ellipsis."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _one_line(text: str, most: int) -> str:
    return cut(" ".join(_printable(text).split()), most)


def _printable(text: str, also: str = "") -> str:
    return "".join(letter if letter.isprintable() or letter in also else " " for letter in text)
