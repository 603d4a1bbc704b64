"""The order of a run's samples: random states, and what the loaders of the run keep for themselves.

Moments of the epoch in progress are remembered: its beginning, the end of each `steps()` that is over, `iter(loader)`
of the one under way, and the boundary where a checkpoint is taken. A run that goes on in mid-epoch puts them back in
that order, and before the last one draws and drops the batches that are done: measured to be exact, while skipping
them from the boundary's state is not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from . import checkpoints
from .checkpoints import rng
from .guard import say_once

EPOCH, ITER, BOUNDARY = "epoch", "iter", "boundary"
AFTER = "after"  # and the number of a `steps()` that is over


class Owed:
    """What is to be put back, once, under whichever of its names it comes first."""

    def __init__(self, states: Mapping[str, Any] = {}, same: Mapping[str, str] = {}) -> None:
        self._states = dict(states)
        self._same = same

    def __contains__(self, name: str) -> bool:
        return self._same.get(name, name) in self._states

    def pop(self, name: str) -> Any:
        """The state owed to this name, which is owed no more; None where there is none."""
        return self._states.pop(self._same.get(name, name), None)

    @property
    def states(self) -> dict[str, Any]:
        """What is still owed, by first name."""
        return dict(self._states)

    @property
    def same(self) -> dict[str, str]:
        """The other names of what is still owed."""
        return {name: first for name, first in self._same.items() if first in self._states}


class Order:
    """Random states and loaders of one run. A loader is known by its loop and its place in the epoch."""

    def __init__(self, objects: Mapping[str, Any]) -> None:
        self._objects = objects
        self._loaders: dict[str, Any] = {}
        self._moments: dict[str, dict[str, Any]] = {}
        self._owed_states = Owed()
        self._owed_generators = Owed()

    # -- what a checkpoint holds ---------------------------------------------------------------------

    def epoch_begins(self) -> None:
        """Remember where the epoch's own code starts from."""
        self._moments = {EPOCH: rng.capture(self._devices())}

    def iter_begins(self, name: str, loader: Any) -> None:
        """A loader is about to be asked for `iter`: what is owed to it is put back, and the moment remembered."""
        self.use(name, loader)
        self._moments[ITER] = self.now()

    def part_ends(self, part: int) -> None:
        """The batches of one `steps()` are done: remember where the code after it starts from."""
        self._moments[f"{AFTER}{part}"] = rng.capture(self._devices())

    def use(self, name: str, loader: Any) -> None:
        """Know a loader by its name; what the checkpoint holds of it is put back."""
        self._loaders[name] = loader
        if getattr(loader, "persistent_workers", False):
            say_once("persistent", "persistent_workers=True: a resumed run does not repeat the order of the samples")
        state = self._owed_states.pop(name)
        if state is not None and has_state(loader):
            loader.load_state_dict(state)
        for key, generator in _generators_of(name, loader).items():
            _put_back(generator, self._owed_generators.pop(key))

    def forget_loaders(self) -> None:
        """The run is over: nothing of the user's is held any longer."""
        self._loaders.clear()

    def now(self) -> dict[str, Any]:
        """The random states of this moment, the loaders' own generators among them.

        A loader that was not used since the run was resumed has what it had in the checkpoint gone on from.
        """
        generators, same = _distinct(self._generators())
        seeds = {key: generator.initial_seed() for key, generator in generators.items()}
        state = rng.capture(self._devices(), generators)
        owed = self._owed_generators
        handed_on = {key: saved for key, (saved, _) in owed.states.items()}
        state["generators"] = {**handed_on, **state.get("generators", {})}
        seeds = {**{key: seed for key, (_, seed) in owed.states.items() if seed is not None}, **seeds}
        return {**state, "seeds": seeds, "same": {**owed.same, **same}}

    def states(self, *, in_epoch: bool) -> dict[str, Any]:
        """The random states of a checkpoint, by moment."""
        return {**(self._moments if in_epoch else {}), BOUNDARY: self.now()}

    def loader_states(self) -> dict[str, Any]:
        """Of the loaders that have a state of their own. CheckpointError where it cannot be loaded again."""
        loaders, same = _distinct({name: loader for name, loader in self._loaders.items() if has_state(loader)})
        states = {name: checkpoints.to_plain(it.state_dict(), "loader", name) for name, it in loaders.items()}
        owed = self._owed_states
        return {"states": {**owed.states, **states}, "same": {**owed.same, **same}}

    # -- going on --------------------------------------------------------------------------------------

    def owe(self, payload: Mapping[str, Any]) -> None:
        """What the checkpoint holds of loaders is put back when they come."""
        loaders = payload["mixdesk"].get("loaders", {})
        self._owed_states = Owed(loaders.get("states", {}), loaders.get("same", {}))
        self._owed_generators = _sealed(payload["rng"][BOUNDARY])

    def put_back(self, payload: Mapping[str, Any], moment: str) -> None:
        """Put the global generators back to a moment, where the checkpoint knows it."""
        state = payload["rng"].get(moment)
        if state is not None:
            rng.restore({**state, "generators": {}})

    def keeps_place(self, name: str, loader: Any) -> bool:
        """True where a loader goes on by itself from where it was."""
        return has_state(loader) and name in self._owed_states

    def reenter(self, name: str, loader: Any, payload: Mapping[str, Any]) -> Iterator[Any]:
        """iter(loader) as it was when the epoch began; the batches that are done are still in it."""
        later = self._owed_generators
        self._owed_generators = _sealed(payload["rng"].get(ITER, payload["rng"][BOUNDARY]))
        self.use(name, loader)
        self._owed_generators = later
        self.put_back(payload, ITER)
        self._moments = {moment: state for moment, state in payload["rng"].items() if moment != BOUNDARY}
        return iter(loader)

    def reach(self, name: str, payload: Mapping[str, Any]) -> None:
        """The batches that are done were dropped: from here on as from the boundary."""
        self.put_back(payload, BOUNDARY)
        for key, generator in _generators_of(name, self._loaders[name]).items():
            _put_back(generator, self._owed_generators.pop(key))

    def differences(self, payload: Mapping[str, Any]) -> list[str]:
        """Why this run may not go on exactly as the one that was saved."""
        return rng.differences(payload["rng"][BOUNDARY], rng.capture(self._devices()))

    def _devices(self) -> list[str]:
        return checkpoints.devices_of(self._objects.values())

    def _generators(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, loader in self._loaders.items():
            found.update(_generators_of(name, loader))
        return found


def has_state(loader: Any) -> bool:
    """Whether a loader keeps a state of its own."""
    return callable(getattr(loader, "state_dict", None)) and callable(getattr(loader, "load_state_dict", None))


def _generators_of(name: str, loader: Any) -> dict[str, Any]:
    """A loader's own generators, and those of its samplers: the order of its samples depends on them."""
    sampler, batch_sampler = getattr(loader, "sampler", None), getattr(loader, "batch_sampler", None)
    owners = {
        "": loader, "/sampler": sampler, "/batch_sampler": batch_sampler,
        "/batch_sampler/sampler": getattr(batch_sampler, "sampler", None),
    }  # fmt: skip
    found: dict[str, Any] = {}
    for suffix, owner in owners.items():
        generator = getattr(owner, "generator", None)
        if callable(getattr(generator, "initial_seed", None)) and all(generator is not it for it in found.values()):
            found[name + suffix] = generator
    return found


def _distinct(things: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Each thing once, by its first name; and the other names that it goes by."""
    found: dict[str, Any] = {}
    same: dict[str, str] = {}
    for name, thing in things.items():
        first = next((known for known, other in found.items() if other is thing), None)
        if first is None:
            found[name] = thing
        else:
            same[name] = first
    return found, same


def _sealed(state: Mapping[str, Any]) -> Owed:
    """The generators' states of a moment, each with the seed that its generator had."""
    seeds = state.get("seeds", {})
    states = {key: (saved, seeds.get(key)) for key, saved in state.get("generators", {}).items()}
    return Owed(states, state.get("same", {}))


def _put_back(generator: Any, sealed: tuple[Any, int | None] | None) -> None:
    # one of another seed was made for this epoch, and starts from that
    if sealed is not None and sealed[1] in (None, generator.initial_seed()):
        generator.set_state(sealed[0])
