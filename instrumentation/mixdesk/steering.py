"""What is asked of a run, obeyed at its boundaries in the loop's own thread.

Other threads and the signal handler only write an attribute and raise the switch; nothing here is called
from them but `hear`, `ask_leave` and `ask_autosave`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from enum import Enum
from typing import TYPE_CHECKING

from . import wire
from .errors import Canceled
from .facts import JobFacts

if TYPE_CHECKING:
    from .saving import Saver

INSIDE_GRACE_S = 5.0
SIGTERM = "SIGTERM"
_POLL_S = 0.05


class Boundary(Enum):
    """Where the loop stands when it looks up.

    TRAINING  a step boundary: everything is obeyed
    OUTSIDE   an item of a phase before, between or after training: everything but automatic saves
    INSIDE    an item of a phase within an epoch (an evaluation): what can be saved is the boundary before it
    """

    TRAINING = "training"
    OUTSIDE = "outside"
    INSIDE = "inside"


class Leave:
    """A wish to end the run that does not come from a desk; `at` in monotonic seconds."""

    __slots__ = ("at", "save", "why")

    def __init__(self, why: str, *, save: bool, at: float | None = None) -> None:
        self.why, self.save = why, save
        self.at = time.monotonic() if at is None else at

    def and_also(self, why: str, *, save: bool) -> Leave:
        """This wish and another one: a signal is never forgotten, and neither is a save."""
        return Leave(SIGTERM if SIGTERM in (why, self.why) else self.why, save=save or self.save, at=self.at)


class Steering:
    """The requests of one run."""

    def __init__(self, facts: JobFacts, saver: Saver, notify: Callable[[], None]) -> None:
        self._facts = facts
        self._switch = facts.switch
        self._saver = saver
        self._notify = notify
        self._lock = threading.Lock()
        self.desired = wire.Desired()
        self.leave: Leave | None = None
        self.autosave = False
        self.left: str | None = None

    # -- from any thread -----------------------------------------------------------------------------

    def hear(self, desired: wire.Desired) -> bool:
        """Take what the desk desires; only a newer generation counts, and is told by True."""
        with self._lock:
            if desired.generation <= self.desired.generation:
                return False
            self.desired = desired
        self._switch.up = True
        return True

    def ask_leave(self, why: str, *, save: bool) -> None:
        """Ask the run to end at its next boundary. Safe from any thread and from a signal handler."""
        self.leave = Leave(why, save=save) if self.leave is None else self.leave.and_also(why, save=save)
        self._switch.up = True

    def ask_autosave(self) -> None:
        """An automatic save is due."""
        self.autosave = True
        self._switch.up = True

    @property
    def leave_pending(self) -> bool:
        """True where the run is to end and has not begun to."""
        return self.left is None and (self.leave is not None or self._cancel_asked() or self._save_and_cancel_asked())

    @property
    def terminated(self) -> bool:
        """True where a SIGTERM has come."""
        return self.leave is not None and self.leave.why == SIGTERM

    # -- in the loop's thread ------------------------------------------------------------------------

    def boundary(self, kind: Boundary) -> None:
        """Obey what is asked. Raises Canceled where the run is to leave, again at every later boundary."""
        self._switch.up = False
        if self.left is not None:
            self._raise()
        self._obey(kind)
        if self._something_waits():
            self._switch.up = True

    def _obey(self, kind: Boundary) -> None:
        self._save_if_asked(kind)
        self._leave_if_asked(kind)
        if self._is("paused") and not self.leave_pending:
            self._pause(kind)
        elif self.desired.run.generation > self._facts.observed.run:
            self._observe_run()
        if self.autosave and kind is Boundary.TRAINING:
            self.autosave = False
            self._saver.automatic()

    def _save_if_asked(self, kind: Boundary, *, again: bool = True) -> None:
        asked = self.desired.checkpoint
        if asked is None or asked.generation <= self._facts.observed.checkpoint:
            return
        if self._cancel_asked():
            return  # a plain cancel overtook it: moot, see _leave_if_asked
        kept = None
        if kind is Boundary.INSIDE:
            if not self._is("paused"):
                return  # it is soon at a training boundary; one that is paused is not
            if not self._saver.at_rest() and (kept := self._saver.last_boundary(again=again)) is None:
                return
        saved = self._saver.requested(asked.generation, kept)
        why = None if saved else self._facts.checkpoint.error
        self._observe_checkpoint(asked.generation, "saved" if saved else "failed", why)
        if saved and asked.then == "cancel":
            self._leave("requested")

    def _leave_if_asked(self, kind: Boundary, *, again: bool = True) -> None:
        if self._cancel_asked():
            asked = self.desired.checkpoint
            if asked is not None and asked.generation > self._facts.observed.checkpoint:
                self._observe_checkpoint(asked.generation, "moot")
            self._observe_run()
            self._leave("canceled")
        wish = self.leave
        if wish is None or (wish.save and not self._saved_for(wish, kind, again=again)):
            return
        self._leave(wish.why)

    def _saved_for(self, wish: Leave, kind: Boundary, *, again: bool) -> bool:
        """True where the run may leave: saved, not able to, or out of time."""
        if self._saver.at_rest():
            return True
        kept = None
        if kind is Boundary.INSIDE:
            # in mid-epoch only a training boundary can be saved: go on to it, for as long as a grace allows
            is_over = time.monotonic() - wish.at > INSIDE_GRACE_S
            kept = self._saver.last_boundary(again=again and not is_over)
            if kept is None:
                return is_over
        self._saver.before_leaving(wish.why, kept)
        return True

    def _pause(self, kind: Boundary) -> None:
        before = self._facts.status
        if before in (wire.STARTING, wire.RUNNING):  # after the last phase the job is finalizing, and stays so
            self._facts.status = wire.PAUSED
        self._observe_run()
        self._saver.look_afresh()
        try:
            while self._is("paused"):  # nothing trains: what has changed since the last boundary stays so
                self._save_if_asked(kind, again=False)
                self._leave_if_asked(kind, again=False)
                if self.leave_pending:
                    break  # inside an epoch: it is saved at the next training boundary, so go on to that
                time.sleep(_POLL_S)
            self._save_if_asked(kind, again=False)  # one that ended the pause is of the paused position
            self._leave_if_asked(kind, again=False)
        finally:
            if self.left is None:
                self._facts.status = before
        self._observe_run()

    def _leave(self, why: str) -> None:
        self.left = why
        self._facts.status = wire.FINALIZING
        self._notify()
        self._raise()

    def _raise(self) -> None:
        self._switch.up = True  # raised again at every later boundary, whatever swallowed it
        raise Canceled(self.left)

    def _is(self, state: str) -> bool:
        return self.desired.run.state == state

    def _cancel_asked(self) -> bool:
        return self._is("canceled") and self.desired.run.generation > self._facts.observed.run

    def _save_and_cancel_asked(self) -> bool:
        asked = self.desired.checkpoint
        return asked is not None and asked.then == "cancel" and asked.generation > self._facts.observed.checkpoint

    def _something_waits(self) -> bool:
        asked = self.desired.checkpoint
        waiting = asked is not None and asked.generation > self._facts.observed.checkpoint
        return waiting or self.leave is not None or self.autosave or self._is("paused")

    def _observe_run(self) -> None:
        run = max(self._facts.observed.run, self.desired.run.generation)
        self._facts.observed = replace(self._facts.observed, run=run)
        self._notify()

    def _observe_checkpoint(self, generation: int, outcome: str, error: str | None = None) -> None:
        self._facts.observed = replace(self._facts.observed, checkpoint=generation, outcome=outcome, error=error)
        self._notify()
