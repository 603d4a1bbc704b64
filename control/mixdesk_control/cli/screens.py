"""Where a job that changes is shown: live bars on a terminal, lines elsewhere, JSON for programs."""

from __future__ import annotations

import json
import sys
import time
from contextlib import AbstractContextManager, nullcontext
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from mixdesk_control.cli.client import Job

PLAIN_WIDTH = 200  # where no terminal says how wide it is: tables must not be cut in a file


def console(*, stderr: bool = False) -> Console:
    """A rich console that never fails on a letter that the terminal cannot show."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(errors="replace")
    return Console(stderr=stderr, highlight=False, width=None if stream.isatty() else PLAIN_WIDTH)


def waiting(text: str) -> AbstractContextManager[Any]:
    """A sign of life on stderr while something is waited for; nothing where that is no terminal.

    Nor where stdout is none: rich would lead what is written there to the terminal, too.
    """
    both = sys.stderr.isatty() and sys.stdout.isatty()
    return console(stderr=True).status(text) if both else nullcontext()


def print_json(value: Any) -> None:
    """The value alone, on one line: at once, so that a program at the other end of a pipe sees it."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")
    sys.stdout.flush()


class Screen(AbstractContextManager["Screen"], Protocol):
    """What `jobs watch` writes to."""

    def show(self, job: Job) -> None:
        """The job has changed."""

    def away(self, reason: str) -> None:
        """The desk does not answer."""


def screen(*, as_json: bool) -> Screen:
    """The one that fits where stdout goes."""
    if as_json:
        return JsonScreen()
    return LiveScreen() if sys.stdout.isatty() else LineScreen()


class _Plain(AbstractContextManager["Screen"]):
    def __exit__(self, *_: object) -> None:
        return None

    def away(self, reason: str) -> None:
        """On stderr, so that what is piped on stays clean."""
        print(f"mixdesk: the desk does not answer ({reason}); trying again", file=sys.stderr)  # noqa: T201


class JsonScreen(_Plain):
    """One object per change."""

    def show(self, job: Job) -> None:
        """The whole job."""
        print_json(job)


class LineScreen(_Plain):
    """One line for each change worth a log: another status, phase or checkpoint state, or a whole percent."""

    def __init__(self) -> None:
        self._last: tuple[Any, ...] = ()

    def show(self, job: Job) -> None:
        """A line, if there is something new to say."""
        from mixdesk_control.cli import facts, view

        step = (job.get("current_step") or {}).get("key")
        new = (facts.status_of(job), step, int(job["progress_percent"]), facts.checkpoint_status(job))
        if new != self._last:
            self._last = new
            sys.stdout.write(f"{time.strftime('%H:%M:%S')} {view.line(job)}\n")
            sys.stdout.flush()


class LiveScreen(AbstractContextManager["Screen"]):
    """Bars that are drawn anew four times a second; the last picture stays."""

    def __init__(self) -> None:
        from rich.live import Live

        self._job: Job | None = None
        self._reason: str | None = None
        self._live = Live(get_renderable=self._picture, console=console(), refresh_per_second=4)

    def _picture(self) -> RenderableType:
        from mixdesk_control.cli import view

        return "" if self._job is None else view.panel(self._job, time.time(), away=self._reason)

    def __enter__(self) -> LiveScreen:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def show(self, job: Job) -> None:
        """Drawn at the next refresh."""
        self._job, self._reason = job, None

    def away(self, reason: str) -> None:
        """Said under the last picture."""
        self._reason = reason

    def write(self, line: str) -> None:
        """A line above the picture."""
        self._live.console.print(line, markup=False, highlight=False, soft_wrap=True)
