"""A job and its checkpoints: when to save, where the run stands, and how it goes on from there."""

from __future__ import annotations

import re
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from . import checkpoints, wire
from .checkpoints import Checkpoint, rng
from .errors import CheckpointError
from .facts import JobFacts, time_text
from .guard import log, say_once
from .identity import new_span_id
from .position import Position

T = TypeVar("T")

_UNITS = {"s": 1.0, "sec": 1.0, "min": 60.0, "h": 3600.0}


@dataclass(frozen=True)
class Every:
    """How often to save by itself: after so many seconds, or epochs, or never (both None)."""

    seconds: float | None = None
    epochs: int | None = None

    @classmethod
    def of(cls, text: str | None) -> Every:
        """From "15min", "90s", "2h", "2 epochs" or None. Raises ValueError for anything else."""
        if text is None:
            return cls()
        found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(s|sec|min|h|epochs?)\s*", text)
        if found is None or float(found[1]) <= 0:
            msg = f'save_every={text!r}: write it as "15min", "90s", "2h", "2 epochs", or None for never'
            raise ValueError(msg)
        if found[2].startswith("epoch"):
            return cls(epochs=max(int(float(found[1])), 1))
        return cls(seconds=float(found[1]) * _UNITS[found[2]])


@dataclass(frozen=True)
class Policy:
    """What the user said about checkpoints.

    folder  where they are kept, or None for none
    resume  "auto", "must" or "never"
    strict  False: names or shapes that do not fit are a warning
    """

    folder: Path | None
    every: Every
    keep: int
    resume: str = "auto"
    strict: bool = True


@dataclass(frozen=True)
class Restored:
    """Where a resumed run goes on: completed epochs and steps since the run began."""

    epoch: int
    step: int
    path: Path


class Saver:
    """Saves and restores one run. Called from the loop's thread; `due` from the reporter's."""

    def __init__(
        self,
        facts: JobFacts,
        policy: Policy,
        position: Callable[[], Position],
        notify: Callable[[], None],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._facts = facts
        self._policy = policy
        self._position = position
        self._notify = notify
        self._monotonic = monotonic
        self.loops: dict[str, int] = {}
        self.extra: dict[str, Any] = {}
        self.objects: dict[str, Any] = {}
        self._loader: Any = None
        self._rng_at_iter: dict[str, Any] | None = None
        self._payload: dict[str, Any] | None = None  # what was restored, for names that are registered later
        self._pending: tuple[Position, dict[str, Any]] | None = None  # an epoch that is to be entered again
        self._restored: Restored | None = None
        self._looked = False
        self._checked = False
        self._last: tuple[Position, Checkpoint] | None = None
        self._pinned: set[Path] = set()
        self._parent: str | None = None
        self._saved_at = monotonic()

    # -- what is saved ---------------------------------------------------------------------------------

    @property
    def able(self) -> bool:
        """True where a checkpoint can be taken at all."""
        return self._policy.folder is not None and bool(self.objects)

    def register(self, objects: dict[str, Any]) -> None:
        """What a checkpoint holds. Loaded at once where the run was restored already."""
        for name, item in objects.items():
            if not callable(getattr(item, "state_dict", None)) or not callable(getattr(item, "load_state_dict", None)):
                msg = f"job.register({name}=...): {type(item).__name__} has no state_dict() and load_state_dict()"
                raise TypeError(msg)
        self.objects.update(objects)
        if self._payload is not None:
            checkpoints.restore(objects, self._payload, strict=self._policy.strict, partial=True)

    def saved_here(self) -> bool:
        """True where this very position has a checkpoint."""
        return self._last is not None and self._last[0] == self._position()

    def check_once(self) -> None:
        """Walk what is registered at the first boundary, so that people learn in minute one what cannot be saved."""
        if self._checked or not self.able:
            return
        self._checked = True
        if self._payload is not None:  # all that will be registered is: what is left over now would be lost
            self._refuse_left_over(set(self._payload["state"]) - set(self.objects))
            self._payload = None
        try:
            self._payload_now(self._position())
        except CheckpointError as error:
            self._facts.checkpoint = wire.CheckpointState(status="failed", error=str(error))
            warnings.warn(f"no checkpoint of this run can be saved: {error}", stacklevel=2)
            self._notify()

    def _refuse_left_over(self, names: set[str]) -> None:
        if not names:
            return
        text = f"the checkpoint also holds {', '.join(sorted(names))}, which was never registered and would be lost"
        if self._policy.strict:
            raise CheckpointError(text + "; register it, or pass strict=False")
        warnings.warn(text, stacklevel=2)

    # -- when ------------------------------------------------------------------------------------------

    def due(self) -> bool:
        """True where an automatic save by time is due."""
        seconds = self._policy.every.seconds
        return seconds is not None and self.able and self._monotonic() - self._saved_at >= seconds

    def requested(self, generation: int) -> bool:
        """Save because someone asked; False where it failed, and the report says why."""
        if self.able and self.saved_here():
            return self._answer_with_last(generation)
        return self._attempt("requested", generation) is not None

    def automatic(self) -> None:
        """Save because it is time."""
        if self.able and not self.saved_here():
            self._attempt("automatic")

    def epoch_completed(self, number: int) -> None:
        """An epoch is over."""
        epochs = self._policy.every.epochs
        if epochs is not None and number % epochs == 0:
            self.automatic()

    def final(self) -> None:
        """The last epoch is over."""
        if self.able and not self.saved_here() and self._facts.switch.step > 0:
            self._attempt("final")

    def unsaved_steps(self) -> bool:
        """True where steps were done since the last checkpoint."""
        saved = self._last[0].step if self._last else (self._restored.step if self._restored else 0)
        return self._facts.switch.step > saved

    def before_leaving(self, why: str) -> None:
        """Save, for the run is about to end; a failure is said and does not keep it."""
        if self._attempt("requested") is None:
            log.warning("leaving (%s) without a checkpoint of step %d", why, self._facts.switch.step)

    def manual(self) -> Checkpoint:
        """Save now. Raises CheckpointError."""
        if not self.saved_here():
            return self._save("manual", 0)
        assert self._last is not None
        self._pinned.add(self._last[1].path)
        return self._last[1]

    # -- saving ----------------------------------------------------------------------------------------

    def _attempt(self, reason: str, generation: int = 0) -> Checkpoint | None:
        try:
            return self._save(reason, generation)
        except CheckpointError as error:
            log.warning("checkpoint failed: %s", error)
            return None

    def _save(self, reason: str, generation: int) -> Checkpoint:
        began = self._facts.clock()
        self._report(wire.CheckpointState(status="saving", generation=generation, last=self._facts.checkpoint.last))
        try:
            saved = self._write(reason)
        except CheckpointError as error:
            last = self._facts.checkpoint.last
            self._report(wire.CheckpointState(status="failed", generation=generation, error=str(error), last=last))
            raise
        record = _record(saved, reason, began)
        self._facts.saved(record)
        self._report(wire.CheckpointState(status="saved", generation=generation, last=record))
        self._prune(saved)
        return saved

    def _write(self, reason: str) -> Checkpoint:
        folder = self._policy.folder
        if folder is None:
            raise CheckpointError("no checkpoint folder: pass mixdesk.job(..., checkpoints=FOLDER)")
        if not self.objects:
            raise CheckpointError("nothing is registered: call job.register(net=net, optimizer=optimizer)")
        position, facts = self._position(), self._facts
        saved = checkpoints.save(
            folder,
            name=facts.name or facts.job_type,
            version=facts.version,
            epoch=position.epochs_done,
            step=position.step,
            step_in_epoch=position.step_in_epoch,
            loop=position.loop,
            payload=self._payload_now(position),
            job_id=facts.job_id,
            attempt=facts.attempt,
            parent=self._parent,
            reason=reason,
        )
        self._last, self._parent = (position, saved), saved.path.name
        self._saved_at = self._monotonic()
        return saved

    def _payload_now(self, position: Position) -> dict[str, Any]:
        states = {"boundary": self._random_states()}
        if position.in_epoch and self._rng_at_iter is not None:
            states["iter"] = self._rng_at_iter
        payload = checkpoints.collect(self.objects, self.extra, rng=states, position=position.as_dict())
        if position.in_epoch and _has_state(self._loader):
            payload["mixdesk"]["loader"] = checkpoints.to_plain(self._loader.state_dict(), "loader")
        return payload

    def _random_states(self) -> dict[str, Any]:
        return rng.capture(checkpoints.devices_of(self.objects.values()), self._generators())

    def _generators(self) -> dict[str, Any]:
        """A generator of the loader's own belongs to the order of its samples."""
        own = getattr(self._loader, "generator", None)
        return {} if own is None else {"loader": own}

    def _answer_with_last(self, generation: int) -> bool:
        assert self._last is not None
        saved = self._last[1]
        self._pinned.add(saved.path)
        last = next((item for item in self._facts.checkpoints if item.path == str(saved.path)), None)
        self._report(wire.CheckpointState(status="saved", generation=generation, last=last))
        return True

    def _prune(self, saved: Checkpoint) -> None:
        try:
            checkpoints.prune(
                saved.path.parent,
                name=saved.name,
                version=saved.version,
                keep=self._policy.keep,
                job_id=self._facts.job_id,
                spare=self._pinned,
            )
        except CheckpointError as error:
            log.warning("%s", error)  # the new one is saved: an old one too many harms nobody

    def _report(self, current: wire.CheckpointState) -> None:
        self._facts.checkpoint = current
        self._notify()

    # -- going on from a checkpoint ----------------------------------------------------------------------

    def restore_once(self) -> Restored | None:
        """Load the newest checkpoint that verifies, the first time it is asked. Raises CheckpointError."""
        if not self._looked:
            self._looked = True
            found = self._find()
            if found is not None:
                self._apply(found)
        return self._restored

    def take_resume(self, loop: str, epoch: int) -> Position | None:
        """The position inside this epoch where the run goes on, once; None for an epoch that starts afresh."""
        if self._pending is None or (self._pending[0].loop, self._pending[0].epoch) != (loop, epoch):
            return None
        return self._pending[0]

    def iterator(self, loader: Iterable[T], resume: Position | None) -> Iterator[T]:
        """iter(loader), its random state remembered; where the run was resumed in this epoch, without what is done."""
        self._loader = loader
        if getattr(loader, "persistent_workers", False):
            say_once("persistent", "persistent_workers=True: a resumed run does not repeat the order of the samples")
        if resume is None or self._pending is None:
            self._rng_at_iter = self._random_states() if self.able else None
            return iter(loader)
        (_, payload), self._pending = self._pending, None
        return self._reentered(loader, resume, payload)

    def _reentered(self, loader: Iterable[T], resume: Position, payload: dict[str, Any]) -> Iterator[T]:
        states = payload["rng"]
        self._rng_at_iter = states.get("iter")
        if self._rng_at_iter is not None:
            rng.restore(self._rng_at_iter, self._generators())
        own_state = payload["mixdesk"].get("loader")
        if own_state is not None and _has_state(loader):
            loader.load_state_dict(own_state)  # type: ignore[attr-defined]
            batches = iter(loader)
        else:
            batches = iter(loader)
            self._drop(batches, resume.batches)
        rng.restore(states["boundary"], self._generators())
        return batches

    def _drop(self, batches: Iterator[Any], count: int) -> None:
        self._facts.resuming = True
        self._notify()
        try:
            for done in range(count):
                try:
                    next(batches)
                except StopIteration:
                    raise CheckpointError(
                        f"the checkpoint was taken after {count} batches of an epoch, but this loader has only {done}: "
                        "is it another data set or batch size?"
                    ) from None
        finally:
            self._facts.resuming = False

    def _find(self) -> Checkpoint | None:
        policy, facts = self._policy, self._facts
        if policy.resume == "never" or policy.folder is None:
            return None
        found = checkpoints.resume(policy.folder, facts.name or facts.job_type, facts.version)
        if found is None and policy.resume == "must":
            raise CheckpointError(
                f"resume='must', but {policy.folder} has no checkpoint of {facts.name!r} version {facts.version!r} "
                "that verifies"
            )
        return found

    def _apply(self, found: Checkpoint) -> None:
        payload = found.load()
        position = Position.of(payload["mixdesk"].get("position", {}))
        checkpoints.restore(self.objects, payload, strict=self._policy.strict, partial=True)
        self._warn_of_differences(payload["rng"]["boundary"])
        self.extra.clear()
        self.extra.update(payload["extra"])
        self.loops = dict(position.loops)
        self._payload = payload
        self._parent = found.path.name
        facts = self._facts
        facts.switch.step = facts.attempt_start = position.step
        self._continue_job(found)
        self._restored = Restored(position.epochs_done, position.step, found.path)
        if position.in_epoch:
            self._pending = (position, payload)
        else:
            rng.restore(payload["rng"]["boundary"])
        self._saved_at = self._monotonic()
        log.info("resumed from %s: epoch %d, step %d", found.path, position.epochs_done, position.step)
        self._notify()

    def _continue_job(self, found: Checkpoint) -> None:
        if found.job_id and found.job_id != self._facts.job_id:
            self._facts.parent_id = found.job_id
            self._facts.attempt = found.manifest.attempt + 1

    def _warn_of_differences(self, saved: dict[str, Any]) -> None:
        for difference in rng.differences(saved, self._random_states()):
            warnings.warn(f"the resumed run may not repeat the first one exactly: {difference}", stacklevel=2)


def _has_state(loader: Any) -> bool:
    return callable(getattr(loader, "state_dict", None)) and callable(getattr(loader, "load_state_dict", None))


def _record(saved: Checkpoint, reason: str, began: float) -> wire.CheckpointRecord:
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
        span_id=new_span_id(),
    )
