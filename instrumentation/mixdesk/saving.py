"""When a run saves, and what it says of it."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from . import checkpoints, wire
from .checkpoints import Checkpoint
from .errors import CheckpointError
from .facts import JobFacts
from .guard import log
from .identity import new_span_id
from .kept import Keeper, Kept
from .phasefacts import time_text
from .policy import Policy
from .position import Position
from .restoring import Restored, Restorer

T = TypeVar("T")

RETRY_S = 60.0
# what a state_dict() of the user's or a serializer may raise: a save that fails so is a failed save, no more
_ODD = (RuntimeError, ValueError, TypeError, LookupError, AttributeError, ArithmeticError, OSError, MemoryError)


# Where a run stands, as far as a checkpoint depends on it: the position; where no step was ever counted, for the
# program trains in a phase by hand, the items done of the phases under way.
Mark = tuple[Position, tuple[tuple[str, float], ...]]


class Saver:
    """Saves and restores one run. Called from the loop's thread; `due` and `due_in` from the alarm's.

    notify  called when the report has changed; with True where it is to be kept on disk at once
    """

    def __init__(
        self,
        facts: JobFacts,
        policy: Policy,
        position: Callable[[], Position],
        notify: Callable[[bool], object],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._facts = facts
        self._policy = policy
        self._position = position
        self._notify = notify
        self._monotonic = monotonic
        self.extra: dict[str, Any] = {}
        self.objects: dict[str, Any] = {}
        self.restorer = Restorer(facts, policy.source, self.objects, self.extra)
        self._keeper = Keeper()
        self.inert = False
        self._over = False
        self.checked = False
        self._last: tuple[Mark, Checkpoint] | None = None
        self._pinned: set[Path] = set()
        self._parent: str | None = None
        self._saved_at = monotonic()

    # -- what is saved ---------------------------------------------------------------------------------

    @property
    def able(self) -> bool:
        """True where a checkpoint can be taken at all."""
        return self._policy.source.folder is not None and bool(self.objects) and not self.inert

    def register(self, objects: dict[str, Any]) -> None:
        """What a checkpoint holds. Loaded at once where the run was restored already."""
        for name, item in objects.items():
            if not callable(getattr(item, "state_dict", None)) or not callable(getattr(item, "load_state_dict", None)):
                msg = f"job.register({name}=...): {type(item).__name__} has no state_dict() and load_state_dict()"
                raise TypeError(msg)
        self._keeper.forget()  # what is kept does not hold these
        self.restorer.registered(objects)
        self.objects.update(objects)
        self.checked = False

    def saved_here(self) -> bool:
        """True where the run stands as a checkpoint holds it."""
        if self._last is not None:
            return self._last[0] == self._mark()
        try:
            # before the first step of a run that is to be gone on with: nothing is newer than what it goes on from
            return not self.restorer.done
        except CheckpointError:
            return False

    def at_rest(self) -> bool:
        """True where a request can be answered within an epoch at once: a checkpoint of its last boundary is there,
        or none can be taken at all.
        """
        return not self.able or self.saved_here()

    def last_boundary(self, *, again: bool = True) -> Kept | None:
        """The end of an epoch's steps where it can still be saved, for nothing registered has changed since.

        It hashes all that is large. again=False: not where it was seen to have changed.
        """
        return self._keeper.unmoved(again=again)

    def look_afresh(self) -> None:
        """What was seen to have changed may have changed back."""
        self._keeper.look_afresh()

    def keeps_boundary(self) -> bool:
        """True after an epoch's steps, where their end is kept; not looked at, for a signal handler asks."""
        return self.able and self._keeper.keeps

    def check_once(self) -> None:
        """At the first training boundary: what is registered is walked, so that people learn in minute one."""
        if self.checked or self.inert:
            return
        self.checked = True
        self.restorer.refuse_fresh_start()
        self.restorer.settle_names()
        if not self.able:
            return
        try:
            self._payload(self._position())
        except (CheckpointError, *_ODD) as error:
            self._report(wire.CheckpointState(status="failed", error=str(error)))
            warnings.warn(f"no checkpoint of this run can be saved: {error}", stacklevel=2)

    def _mark(self) -> Mark:
        position = self._position()
        if position.step or position.epochs_done:
            return position, ()
        phases = [phase for phase in self._facts.phases.values() if phase.state == "running" and phase.done]
        return position, tuple((phase.key, phase.done) for phase in phases)

    def let_go(self) -> None:
        """The job is over: what is registered is the user's alone again."""
        self._over = True
        self._keeper.forget()
        self.objects.clear()
        self.restorer.let_go()

    # -- when ------------------------------------------------------------------------------------------

    @property
    def by_time(self) -> bool:
        """True where this run saves by itself after so many seconds."""
        return self._policy.every.seconds is not None and self._is_wanted

    def due_in(self) -> float:
        """Seconds until an automatic save by time is due; infinite where none is made by time."""
        seconds = self._policy.every.seconds
        return float("inf") if seconds is None else self._saved_at + seconds - self._monotonic()

    def due(self) -> bool:
        """True where an automatic save by time is due."""
        return self.able and self.due_in() <= 0.0

    def requested(self, generation: int, kept: Kept | None = None) -> bool:
        """Save because someone asked; False where it failed, and the report says why.

        kept  where the run is within an epoch: its last boundary, which is what is saved
        """
        if self.able and self.saved_here():
            return self._answer_with_last(generation)
        return self._attempt("requested", generation, kept) is not None

    def automatic(self) -> None:
        """Save because it is time."""
        if not self.able:
            return
        if self.saved_here():
            self._saved_at = self._monotonic()
        elif self._attempt("automatic") is None:
            # not at every second from now on: a disk that is full stays so for a while
            seconds = self._policy.every.seconds or RETRY_S
            self._saved_at = self._monotonic() - seconds + min(seconds, RETRY_S)

    def epoch_completed(self, number: int) -> None:
        """An epoch is over."""
        self._keeper.forget()
        epochs = self._policy.every.epochs
        if epochs is not None and number % epochs == 0:
            self.automatic()

    def final(self) -> None:
        """The last epoch is over."""
        self._keeper.forget()
        if self.able and not self.saved_here():
            self._attempt("final")

    def before_leaving(self, why: str, kept: Kept | None = None) -> None:
        """Save, for the run is about to end; a failure is said and does not keep it. `kept`: see `requested`.

        It counts as automatic: a run that is preempted a hundred times is not to leave a hundred files.
        """
        if self._attempt("automatic", kept=kept) is None:
            log.warning("leaving (%s) without a checkpoint of step %d", why, self._facts.switch.step)

    def rescue(self) -> bool:
        """The program was thrown out of an epoch, and is to leave: True where its last boundary is saved."""
        kept = self.last_boundary() if self.able else None
        if kept is None:
            return False
        if self._last is not None and self._last[0] == (kept.position, ()):
            return True
        return self._attempt("automatic", kept=kept) is not None

    def manual(self) -> Checkpoint:
        """Save now, for the program wants it. Raises CheckpointError."""
        if self.inert:
            raise CheckpointError("this job is inert: in a child process of the trainer nothing is saved")
        if self._over:
            raise CheckpointError("this job has ended: mixdesk.save_checkpoint(...) saves without one")
        if not self.restorer.done:
            log.warning(
                "job.save_checkpoint() before job.epochs() or job.restore(): what was saved before is not loaded"
            )
        return self._save("manual", 0)

    # -- saving ----------------------------------------------------------------------------------------

    def _attempt(self, reason: str, generation: int = 0, kept: Kept | None = None) -> Checkpoint | None:
        try:
            return self._save(reason, generation, kept)
        except CheckpointError as error:
            log.warning("checkpoint failed: %s", error)
            return None

    def _save(self, reason: str, generation: int, kept: Kept | None = None) -> Checkpoint:
        began, last = self._facts.clock(), self._facts.checkpoint.last
        self._report(wire.CheckpointState(status="saving", generation=generation, last=last))
        try:
            saved = self._write(reason, kept)
        except BaseException as error:
            why = str(error) if isinstance(error, CheckpointError) else type(error).__name__
            self._report(wire.CheckpointState(status="failed", generation=generation, error=why, last=last))
            raise
        # The file tells the host's time; the report the run's own, which never jumps.
        record = replace(_record(saved, reason, began, generation), saved_at=time_text(self._facts.clock()))
        self._facts.checkpoints.add(record)
        self._report(wire.CheckpointState(status="saved", generation=generation, last=record), keep=True)
        self._prune(saved)
        return saved

    def _write(self, reason: str, kept: Kept | None) -> Checkpoint:
        folder = self._policy.source.folder
        if folder is None:
            raise CheckpointError("no checkpoint folder: pass mixdesk.job(..., checkpoints=FOLDER)")
        if not self.objects:
            raise CheckpointError("nothing is registered yet: one can be taken after job.register(net=net, ...)")
        self.restorer.look()  # before there is one of this run
        mark = self._mark() if kept is None else (kept.position, ())
        try:
            payload = self._payload(mark[0]) if kept is None else kept.payload
            saved = self._store(folder, mark[0], reason, payload)
        except CheckpointError:
            raise
        except _ODD as error:
            raise CheckpointError(f"{type(error).__name__}: {error}") from error
        self._last, self._parent = (mark, saved), saved.path.name
        self._saved_at = self._monotonic()
        return saved

    def _store(self, folder: Path, position: Position, reason: str, payload: dict[str, Any]) -> Checkpoint:
        facts = self._facts
        return checkpoints.save(
            folder,
            name=facts.name or facts.job_type,
            version=facts.version,
            epoch=position.epochs_done,
            step=position.step,
            step_in_epoch=position.step_in_epoch,
            loop=position.loop,
            payload=payload,
            job_id=facts.job_id,
            attempt=facts.attempt,
            parent=self._parent,
            reason=reason,
        )

    def _payload(self, position: Position) -> dict[str, Any]:
        order = self.restorer.order
        states = order.states(in_epoch=position.in_epoch)
        payload = checkpoints.collect(self.objects, self.extra, rng=states, position=position.as_dict())
        payload["mixdesk"]["loaders"] = order.loader_states()
        return payload

    def _answer_with_last(self, generation: int) -> bool:
        saved = self._last[1] if self._last is not None else self.restorer.look()
        assert saved is not None
        self._pinned.add(saved.path)
        self._keep_for_good(saved)
        record = self._facts.checkpoints.find(str(saved.path)) or _record(saved, saved.manifest.reason, None)
        record = replace(record, generation=max(generation, record.generation or 0))
        self._facts.checkpoints.add(record)
        self._report(wire.CheckpointState(status="saved", generation=generation, last=record), keep=True)
        return True

    def _keep_for_good(self, saved: Checkpoint) -> None:
        """What was saved by itself and is then asked for must outlive the later attempts of this run as well."""
        if saved.manifest.reason != "automatic":
            return
        try:
            checkpoints.keep_for_good(saved)
        except CheckpointError as error:
            log.warning("%s: this attempt keeps it, a later one may not", error)

    def _prune(self, saved: Checkpoint) -> None:
        try:
            deleted = checkpoints.prune(
                saved.path.parent,
                name=saved.name,
                version=saved.version,
                keep=self._policy.keep,
                job_id=self._facts.job_id,
                spare=self._pinned | self.restorer.broken,
            )
        except CheckpointError as error:
            log.warning("%s", error)  # the new one is saved: an old one too many harms nobody
            return
        for path in deleted:
            self._facts.checkpoints.remove(str(path))

    def _report(self, current: wire.CheckpointState, *, keep: bool = False) -> None:
        self._facts.checkpoint = current
        self._notify(keep)

    # -- going on from a checkpoint ----------------------------------------------------------------------

    def restore_once(self) -> Restored | None:
        """Load the newest checkpoint that verifies, the first time it is asked. Raises CheckpointError."""
        if self.inert:
            return None
        first = self.restorer.restored is None
        restored = self.restorer.restore_once()
        if first and restored is not None:
            self._begin_from(self.restorer.look())
        return restored

    def _begin_from(self, found: Checkpoint | None) -> None:
        assert found is not None and self.restorer.position is not None
        self._parent = found.path.name
        if self._last is None:
            self._last = (self.restorer.position, ()), found
        self._saved_at = self._monotonic()
        self._notify(False)

    def epoch_begins(self) -> None:
        """Remember the random state of the epoch's beginning."""
        self._keeper.steps_begin()
        if self._is_wanted:
            self.restorer.order.epoch_begins()

    def iterator(self, name: str, loader: Iterable[T], length: int | None, at: Position | None) -> Iterator[T]:
        """iter(loader), its random state remembered; where the run goes on in this epoch, without what is done."""
        self._keeper.steps_begin()
        if at is not None:
            return self.restorer.enter_steps(name, loader, length, at)
        if self._is_wanted:
            self.restorer.order.iter_begins(name, loader)
        return iter(loader)

    def part_ends(self, part: int) -> None:
        """The batches of one `steps()` of the epoch are done."""
        if self._is_wanted:
            self.restorer.order.part_ends(part)
        if self.able:
            try:
                self._keeper.steps_end(self._boundary, part)
            except (CheckpointError, *_ODD) as error:  # whoever asks for a checkpoint is told
                log.debug("the end of the epoch's steps is not kept: %s", error)

    def _boundary(self) -> tuple[Position, dict[str, Any]]:
        position = self._position()
        return position, self._payload(position)

    @property
    def _is_wanted(self) -> bool:
        return self._policy.source.folder is not None and not self.inert


def _record(saved: Checkpoint, reason: str, began: float | None, generation: int = 0) -> wire.CheckpointRecord:
    return wire.CheckpointRecord(
        path=str(saved.path),
        epoch=saved.epoch,
        step=saved.step,
        size=saved.size,
        hash=saved.hash,
        saved_at=saved.saved_at,
        verified=True,
        reason=reason,
        started_at=time_text(began),
        span_id=new_span_id() if began is not None else None,
        generation=generation or None,
    )
