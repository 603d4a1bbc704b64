"""Metric families in columns: what collectors make at every snapshot, and what the exposition writes.

A family here is two lists, label values and numbers. It is made anew for every snapshot, so that a source that is
gone leaves nothing behind; columns make that cheap, for nothing is built per sample but the number itself.
`samples` shows a family as prometheus_client does, for its renderers and parsers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prometheus_client.samples import Sample

Key = str | tuple[str, ...]
"""Label values in the order of the descriptor's labels: a tuple, the text alone where there is one, () for none."""

Number = int | float


@dataclass(frozen=True, slots=True, eq=False)
class Descriptor:
    """What is the same of a family in every snapshot.

    sample  the name on the sample lines, `_total` included where it has one
    type    gauge, counter or unknown
    labels  in alphabetical order, as they are written
    """

    sample: str
    type: str
    documentation: str
    labels: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The family's name: that of its samples, without a counter's `_total`."""
        return self.sample.removesuffix("_total") if self.type == "counter" else self.sample

    def of(self, rows: Iterable[tuple[Key, Number]] = ()) -> Family:
        """A family with these rows."""
        family = Family(self)
        for key, value in rows:
            family.add(key, value)
        return family

    def one(self, value: Number) -> Family:
        """A family of one sample that has no labels."""
        return Family(self, [()], [value])


def gauge(sample: str, documentation: str, *labels: str) -> Descriptor:
    """A value that goes up and down."""
    return _descriptor(sample, "gauge", documentation, labels)


def counter(sample: str, documentation: str, *labels: str) -> Descriptor:
    """A value that only grows; its name ends in `_total`."""
    if not sample.endswith("_total"):
        raise ValueError(f"counter {sample!r}: the name must end in _total; a foreign counter without it is `unknown`")
    return _descriptor(sample, "counter", documentation, labels)


def unknown(sample: str, documentation: str, *labels: str) -> Descriptor:
    """A value whose type another project has left open, or a foreign counter that has no `_total`."""
    return _descriptor(sample, "unknown", documentation, labels)


def _descriptor(sample: str, kind: str, documentation: str, labels: Sequence[str]) -> Descriptor:
    if list(labels) != sorted(set(labels)):
        raise ValueError(f"{sample}: labels {labels} must be in alphabetical order, each once")
    return Descriptor(sample, kind, documentation, tuple(labels))


class Family:
    """One family of one snapshot: a row is a key and a value."""

    __slots__ = ("descriptor", "keys", "values")

    def __init__(self, descriptor: Descriptor, keys: list[Key] | None = None, values: list[Number] | None = None):
        self.descriptor = descriptor
        self.keys: list[Key] = [] if keys is None else keys
        self.values: list[Number] = [] if values is None else values

    def add(self, key: Key, value: Number) -> None:
        """One more row."""
        self.keys.append(key)
        self.values.append(value)

    # -- as prometheus_client shows a family ---------------------------------------------------------

    @property
    def name(self) -> str:
        """See Descriptor."""
        return self.descriptor.name

    @property
    def type(self) -> str:
        """See Descriptor."""
        return self.descriptor.type

    @property
    def documentation(self) -> str:
        """The help text."""
        return self.descriptor.documentation

    @property
    def unit(self) -> str:
        """No family of columns declares one."""
        return ""

    @property
    def samples(self) -> list[Sample]:
        """The rows as prometheus_client's samples."""
        from prometheus_client.samples import Sample

        labels, sample = self.descriptor.labels, self.descriptor.sample
        return [
            Sample(sample, dict(zip(labels, (key,) if isinstance(key, str) else key, strict=True)), float(value))
            for key, value in zip(self.keys, self.values, strict=True)
        ]

    def __repr__(self) -> str:
        return f"Family({self.descriptor.sample!r}, {len(self.keys)} rows)"
