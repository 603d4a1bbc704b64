"""Sample lines, the part that both text formats share.

What stands before a value (name and labels, sorted and escaped) is the same in every render as long as the
series lives, so it is made once and remembered; a render is then one look-up and one number a sample.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import add, itemgetter
from typing import TYPE_CHECKING, Any

from mixdesk_exporter.exposition.dropped import Dropped
from mixdesk_exporter.exposition.values import GO_EXPONENT, label_name, label_value, metric_name, number
from mixdesk_exporter.family import Descriptor, Family

if TYPE_CHECKING:
    from prometheus_client import Metric
    from prometheus_client.samples import Sample

TYPES = ("gauge", "counter", "histogram", "summary", "unknown")
SLICE = 1000  # samples written in one go: no other thread runs meanwhile

Tail = Callable[["Metric", "Sample"], str]


class Shape(dict[Any, str]):
    """What stands before each value, for one sample name and one set of label names: made on first sight.

    A key is the label values in the order of the sorted label names: what `pick` takes out of a sample's labels.
    """

    def __init__(self, name: str, labels: Iterable[str]) -> None:
        self._names = sorted(labels)
        self.count = len(self._names)
        self.pick: Callable[[Mapping[str, str]], Any] = itemgetter(*self._names) if self._names else tuple
        written = list(map(label_name, self._names))
        if len(set(written)) < self.count:
            raise ValueError(f"its labels {', '.join(self._names)} are the same when written")
        pairs = ",".join(key + '="%s"' for key in written)
        self._template = f"{metric_name(name)}{{{pairs}}} " if pairs else f"{metric_name(name)} "

    def __missing__(self, values: Any) -> str:
        row = (values,) if self.count == 1 else values
        if not isinstance(row, tuple) or len(row) != self.count:
            raise ValueError(f"{row!r} is no row for the labels {', '.join(self._names) or 'of a family without any'}")
        text = self[values] = self._template % tuple(map(label_value, self._names, row))
        return text

    def fits(self, labels: Mapping[str, str]) -> bool:
        """Whether these are the label names of this shape."""
        return len(labels) == self.count and all(map(labels.__contains__, self._names))


class Lines:
    """Makes sample lines, and remembers shapes between renders; several threads may share one."""

    def __init__(self) -> None:
        self._shapes: dict[str, Shape] = {}
        self._columned: dict[Descriptor, Shape] = {}
        self.dropped = Dropped()

    def of(self, family: Metric | Family, tail: Tail) -> str:
        """The family's lines; `tail` gives what follows a value that has a timestamp or an exemplar.

        Whole numbers of a family in columns are written as digits. `_created` samples are left out: no format
        here carries them. Raises ValueError, naming the family, where its type is one that these formats cannot
        carry unchanged, or a value or label cannot be written.
        """
        if isinstance(family, Family):
            return self._columns(family)
        try:
            _check_type(family)
            text = self._at_once(family) if family.samples else ""
            if text is None:
                text = self._one_by_one(family, tail)
        except (TypeError, ValueError, OverflowError) as error:
            msg = f"metric family {family.name!r} cannot be written: {error}"
            raise ValueError(msg) from error
        self._forget(family)
        return text

    def _columns(self, family: Family) -> str:
        keys, values, descriptor = family.keys, family.values, family.descriptor
        if not keys:
            return ""
        try:
            shape = self._columned.get(descriptor) or self._column(descriptor)
            if len(keys) != len(values):
                raise ValueError(f"it has {len(keys)} rows of labels and {len(values)} values")
            if len(keys) <= SLICE:
                text = _joined(shape, keys, _digits(values))
            else:
                parts = (slice(start, start + SLICE) for start in range(0, len(keys), SLICE))
                text = "".join([_joined(shape, keys[part], _digits(values[part])) for part in parts])
        except (TypeError, ValueError, OverflowError) as error:
            msg = f"metric family {family.name!r} cannot be written: {error}"
            raise ValueError(msg) from error
        if len(shape) > 2 * len(keys) + 100:
            self._columned.pop(descriptor, None)  # most of it belongs to series that are gone
        return text

    def _column(self, descriptor: Descriptor) -> Shape:
        _check_type(descriptor)
        shape = self._columned[descriptor] = Shape(descriptor.sample, descriptor.labels)
        return shape

    def _at_once(self, family: Metric) -> str | None:
        """The lines of a family whose samples are all alike, as nearly every one is; None where they are not."""
        samples = family.samples
        if len(samples) <= SLICE:
            return self._alike(family, samples)
        out = []
        for start in range(0, len(samples), SLICE):
            text = self._alike(family, samples[start : start + SLICE])
            if text is None:
                return None
            out.append(text)
        return "".join(out)

    def _alike(self, family: Metric, samples: Sequence[Sample]) -> str | None:
        names, labels, values, moments, exemplars, _ = zip(*samples, strict=True)
        size, name = len(names), names[0]
        if not (names.count(name) == moments.count(None) == exemplars.count(None) == size):
            return None
        shape = self._shape(name, labels[0])
        if name == family.name + "_created" or set(map(len, labels)) != {shape.count}:
            return None
        try:
            return _joined(shape, map(shape.pick, labels), _numbers(values))
        except KeyError:  # as many labels everywhere, but not the same ones
            return None

    def _one_by_one(self, family: Metric, tail: Tail) -> str:
        out, created = [], family.name + "_created"
        for sample in family.samples:
            if sample.name != created:
                shape = self._shape(sample.name, sample.labels)
                prefix = shape[shape.pick(sample.labels)]
                out.append(f"{prefix}{number(sample.value)}{tail(family, sample)}\n")
        return "".join(out)

    def _shape(self, name: str, labels: Mapping[str, str]) -> Shape:
        shape = self._shapes.get(name)
        if shape is None or not shape.fits(labels):
            shape = self._shapes[name] = Shape(name, labels)
        return shape

    def _forget(self, family: Metric) -> None:
        """Drop what is remembered of a family when most of it belongs to series that are gone."""
        limit = 2 * len(family.samples) + 100
        for suffix in ("", "_total", "_bucket", "_count", "_sum"):
            shape = self._shapes.get(family.name + suffix)
            if shape is not None and len(shape) > limit:
                self._shapes.pop(family.name + suffix, None)


def _joined(shape: Shape, keys: Iterable[Any], numbers: Iterable[str]) -> str:
    return "\n".join(map(add, map(shape.__getitem__, keys), numbers)) + "\n"


def _numbers(values: Sequence[float]) -> Iterable[str]:
    """The values as text; Python's own is right for finite floats that are small enough."""
    if len(values) == 1:
        return (number(values[0]),)
    if set(map(type, values)) == {float} and math.isfinite(sum(values)) and max(values) < GO_EXPONENT:
        return map(repr, values)
    return map(number, values)


def _digits(values: Sequence[float]) -> Iterable[str]:
    """The same, but whole numbers as their digits: shorter, and a third of the time."""
    if len(values) == 1:
        return (str(values[0]) if type(values[0]) is int else number(values[0]),)
    return map(str, values) if set(map(type, values)) == {int} else _numbers(values)


def _check_type(family: Metric | Descriptor) -> None:
    if family.type not in TYPES:
        msg = f"its type is {family.type!r}, use one of {', '.join(TYPES)}"
        raise ValueError(msg)
