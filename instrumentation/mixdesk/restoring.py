"""How a run goes on from a checkpoint: found once, loaded once, and the epoch that it was taken in entered again."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from . import checkpoints
from .checkpoints import Checkpoint
from .errors import CheckpointError
from .facts import JobFacts
from .guard import log
from .order import AFTER, BOUNDARY, EPOCH, Order
from .policy import Source
from .position import Position

T = TypeVar("T")


@dataclass(frozen=True)
class Restored:
    """Where a resumed run goes on: completed epochs and steps since the run began."""

    epoch: int
    step: int
    path: Path


class Restorer:
    """Finds the newest checkpoint that verifies, and puts it back."""

    def __init__(self, facts: JobFacts, source: Source, objects: Mapping[str, Any], extra: dict[str, Any]) -> None:
        self._facts = facts
        self._source = source
        self._objects = objects
        self._extra = extra
        self.order = Order(objects)
        self.loops: dict[str, int] = {}
        self.restored: Restored | None = None
        self.position: Position | None = None  # of what was restored
        self.broken: set[Path] = set()  # what did not verify: never deleted
        self._visited: set[str] = set()
        self._found: Checkpoint | None = None
        self._looked = False
        self._done = False
        self._names: set[str] | None = None  # that the checkpoint holds
        self._late: dict[str, Any] | None = None  # what was restored, for names that are registered later
        self._pending: dict[str, Any] | None = None  # what was restored, until its epoch is entered again

    # -- finding and loading -------------------------------------------------------------------------

    def look(self) -> Checkpoint | None:
        """The checkpoint that this run goes on from, or None; looked for once, before this run saves any itself."""
        if not self._looked:
            self._found = self._find()
            self._looked = True
        return self._found

    @property
    def done(self) -> bool:
        """True where there is nothing to go on from, or it is loaded."""
        return self._done or self.look() is None

    def restore_once(self) -> Restored | None:
        """Load what `look` finds, the first time it is asked. Raises CheckpointError."""
        if not self._done:
            found = self.look()
            if found is None and self._source.resume == "must":
                raise CheckpointError(
                    f"resume='must', but {self._source.folder} has no checkpoint of {self._facts.name!r} "
                    f"version {self._facts.version!r} that verifies"
                )
            if found is not None:
                self._apply(found)
            self._done = True
        return self.restored

    def _find(self) -> Checkpoint | None:
        source, facts = self._source, self._facts
        if source.resume == "never" or source.folder is None:
            return None
        found = checkpoints.find(source.folder, facts.name or facts.job_type, facts.version)
        for path, reason in found.broken:
            self.broken.add(path)
            warnings.warn(f"checkpoint skipped: {path}: {reason}", stacklevel=2)
        if found.checkpoint is None and found.broken:
            log.warning(
                "none of the checkpoints of %r version %r in %s verifies: there is nothing to go on from",
                facts.name or facts.job_type,
                facts.version,
                source.folder,
            )
        return found.checkpoint

    def _apply(self, found: Checkpoint) -> None:
        payload = found.load()
        position = Position.of(payload["mixdesk"].get("position", {}))
        checkpoints.restore(self._objects, payload, strict=self._source.strict, partial=True)
        for difference in self.order.differences(payload):
            warnings.warn(f"the resumed run may not repeat the first one exactly: {difference}", stacklevel=2)
        self._extra.clear()
        self._extra.update(payload["extra"])
        self.loops = dict(position.loops)
        self._names, self._late = set(payload["state"]), payload
        self._count_from(found, position)
        self.order.owe(payload)
        if position.in_epoch:
            self._pending = payload
        else:
            self.order.put_back(payload, BOUNDARY)
        log.info("resumed from %s: epoch %d, step %d", found.path, position.epochs_done, position.step)

    def _count_from(self, found: Checkpoint, position: Position) -> None:
        facts = self._facts
        facts.switch.step = facts.attempt_start = position.step
        facts.epoch_start = position.step - position.step_in_epoch
        if found.job_id and found.job_id != facts.job_id:
            facts.parent_id = found.job_id
            facts.attempt = found.manifest.attempt + 1
        self.position = position
        self.restored = Restored(position.epochs_done, position.step, found.path)

    def let_go(self) -> None:
        """Hold nothing of the user's, and no checkpoint's content, any longer."""
        self._late = self._pending = None
        self.order.forget_loaders()

    # -- names -----------------------------------------------------------------------------------------

    def registered(self, objects: Mapping[str, Any]) -> None:
        """More names: those of the checkpoint are loaded at once. Raises CheckpointError for what does not fit."""
        if self._late is not None:
            checkpoints.restore(objects, self._late, strict=self._source.strict, partial=True)
        elif self._names is not None:
            unknown = ", ".join(sorted(set(objects) - self._names))
            if unknown:
                self._misfit(f"{unknown} was registered after the first step, and the checkpoint does not hold it")

    def settle_names(self) -> None:
        """All that will be registered is: what is left over of the checkpoint would be lost."""
        payload, self._late = self._late, None
        if payload is None:
            return
        left = sorted(set(payload["state"]) - set(self._objects))
        if not left:
            return
        if not self._source.strict:
            self._late = {**payload, "state": {name: payload["state"][name] for name in left}}
        self._misfit(f"the checkpoint also holds {', '.join(left)}, which was never registered and would be lost")

    def refuse_fresh_start(self) -> None:
        """A loop that counts for itself has begun without asking where it stands."""
        if self.done:
            self.restore_once()
            return
        self._done = True
        assert self._found is not None
        self._misfit(
            f"{self._found.path} is there to go on from, but the loop has begun afresh: call job.restore() before it, "
            "or pass mixdesk.job(..., resume='never')"
        )

    def _misfit(self, text: str) -> None:
        if self._source.strict:
            raise CheckpointError(f"{text} (strict=False makes this a warning)")
        warnings.warn(text, stacklevel=3)

    # -- loops -----------------------------------------------------------------------------------------

    def enter_loop(self, key: str, *, ticking: bool) -> int:
        """Epochs of the loop `key` that are done. Raises CheckpointError where the checkpoint is of other loops."""
        at = self.position
        if at is not None and key not in self.loops:
            unknown = ", ".join(sorted(map(repr, set(self.loops) - self._visited)))
            if at.ticked is not None and not ticking and not self._visited:
                self._misfit(
                    f"{self._path} was saved by a loop that counts for itself: job.epochs cannot go on from it"
                )
            elif self._pending is not None:
                self._misfit(f"{self._path} was taken within the loop {at.loop!r}, and this program comes to {key!r}")
            elif unknown:
                warnings.warn(f"{self._path} was taken after the loop {unknown}; {key!r} begins afresh", stacklevel=4)
        self._visited.add(key)
        return self.loops.setdefault(key, 0)

    def leave_loop(self, key: str) -> None:
        """The loop is over. Its epoch in progress was not entered again where fewer epochs are asked for by now."""
        if self._pending is not None and self.position is not None and self.position.loop == key:
            self.order.put_back(self._pending, BOUNDARY)
            self._pending = None

    def enter_epoch(self, loop: str, epoch: int) -> Position | None:
        """The position inside this epoch where the run goes on, once; None for an epoch that starts afresh."""
        at = self.position
        if self._pending is None or at is None or (at.loop, at.epoch) != (loop, epoch):
            return None
        self.order.put_back(self._pending, EPOCH)
        return at

    def skip_steps(self, part: int) -> None:
        """A `steps()` was over when the checkpoint was taken: what follows it starts from where it started then."""
        if self._pending is not None:
            self.order.put_back(self._pending, f"{AFTER}{part}")

    def enter_steps(self, name: str, loader: Iterable[T], length: int | None, at: Position) -> Iterator[T]:
        """The batches that are left where the run goes on in mid-epoch. Raises CheckpointError for another loader."""
        payload, self._pending = self._pending, None
        assert payload is not None
        if None not in (length, at.length) and length != at.length:
            self._misfit(
                f"{self._path} was taken in an epoch of {at.length} batches, and this loader has {length}: "
                "is it another data set or batch size?"
            )
        own_place = self.order.keeps_place(name, loader)
        batches = self.order.reenter(name, loader, payload)
        if not own_place:
            self._drop(batches, at.batches)
            if at.over and next(batches, _END) is not _END:
                self._misfit(f"{self._path} was taken after all {at.batches} batches of an epoch, but there are more")
        self.order.reach(name, payload)
        if at.over or (own_place and at.length is not None and at.batches >= at.length):
            return iter(())  # a loader that keeps its place would begin anew
        return batches

    def _drop(self, batches: Iterator[Any], count: int) -> None:
        self._facts.resuming = True
        try:
            for done in range(count):
                if next(batches, _END) is _END:
                    raise CheckpointError(
                        f"{self._path} was taken after {count} batches of an epoch, but this loader has only {done}: "
                        "is it another data set or batch size?"
                    )
        finally:
            self._facts.resuming = False

    @property
    def _path(self) -> object:
        return self.restored.path if self.restored is not None else "the checkpoint"


_END = object()
