"""Sample lines, the part that both text formats share.

What stands before a value (name and labels, sorted and escaped) is the same in every render as long as the
series lives, so it is made once and remembered; a render is then one look-up and one number a sample.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import add, itemgetter
from typing import TYPE_CHECKING, Any

from mixdesk_exporter.family import Descriptor, Family

if TYPE_CHECKING:
    from prometheus_client import Metric
    from prometheus_client.samples import Sample

TYPES = ("gauge", "counter", "histogram", "summary", "unknown")

_NEGATIVE_INFINITY = float("-inf")
_GO_EXPONENT, _PYTHON_EXPONENT = 1e6, 1e16  # from where each prints an exponent
_EXPONENTS = tuple(f"e+{digits - 1:02d}" for digits in range(18))
_WORDS = {"inf": "+Inf", "-inf": "-Inf", "nan": "NaN"}

_NOT_IN_METRIC = re.compile(r"[^a-zA-Z0-9_:]|^[0-9]")
_NOT_IN_LABEL = re.compile(r"[^a-zA-Z0-9_]|^[0-9]")

Tail = Callable[["Metric", "Sample"], str]


def escaped(value: str) -> str:
    """A label value with backslash, newline and quote escaped."""
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')


def metric_name(name: str) -> str:
    """A metric name in the classic character set; other characters become `_`."""
    return _NOT_IN_METRIC.sub("_", name)


def label_name(name: str) -> str:
    """A label name in the classic character set; other characters become `_`."""
    return _NOT_IN_LABEL.sub("_", name)


def number(value: float) -> str:
    """A sample value as Go's client prints it: `+Inf`, `-Inf`, `NaN`, an exponent from a million on."""
    value = float(value)
    if _NEGATIVE_INFINITY < value < _GO_EXPONENT:
        return repr(value)
    if _GO_EXPONENT <= value < _PYTHON_EXPONENT:
        return _with_exponent(value)
    text = repr(value)
    return _WORDS.get(text, text)


def _with_exponent(value: float) -> str:
    if value.is_integer():
        whole = str(int(value))
        digits = whole[1:].rstrip("0")
    else:
        whole, _, fraction = repr(value).partition(".")
        digits = whole[1:] + fraction
    return f"{whole[0]}.{digits}{_EXPONENTS[len(whole)]}" if digits else whole[0] + _EXPONENTS[len(whole)]


class Shape(dict[Any, str]):
    """What stands before each value, for one sample name and one set of label names: made on first sight.

    A key is the label values in the order of the sorted label names: what `pick` takes out of a sample's labels.
    """

    def __init__(self, name: str, labels: Iterable[str]) -> None:
        self._names = sorted(labels)
        self.count = len(self._names)
        self.pick: Callable[[Mapping[str, str]], Any] = itemgetter(*self._names) if self._names else tuple
        pairs = ",".join(label_name(key) + '="%s"' for key in self._names)
        self._template = f"{metric_name(name)}{{{pairs}}} " if pairs else f"{metric_name(name)} "

    def __missing__(self, values: Any) -> str:
        row = (values,) if self.count == 1 else values
        text = self[values] = self._template % tuple(map(_label_value, self._names, row))
        return text

    def fits(self, labels: Mapping[str, str]) -> bool:
        """Whether these are the label names of this shape."""
        return len(labels) == self.count and all(map(labels.__contains__, self._names))


class Lines:
    """Makes sample lines, and remembers shapes between renders; several threads may share one."""

    def __init__(self) -> None:
        self._shapes: dict[str, Shape] = {}
        self._columned: dict[Descriptor, Shape] = {}

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
        except (TypeError, ValueError) as error:
            msg = f"metric family {family.name!r} cannot be written: {error}"
            raise ValueError(msg) from error
        self._forget(family)
        return text

    def _columns(self, family: Family) -> str:
        keys, descriptor = family.keys, family.descriptor
        if not keys:
            return ""
        shape = self._columned.get(descriptor)
        if shape is None:
            shape = self._columned[descriptor] = Shape(descriptor.sample, descriptor.labels)
        try:
            text = "\n".join(map(add, map(shape.__getitem__, keys), _digits(family.values))) + "\n"
        except (TypeError, ValueError) as error:
            msg = f"metric family {family.name!r} cannot be written: {error}"
            raise ValueError(msg) from error
        if len(shape) > 2 * len(keys) + 100:
            del self._columned[descriptor]  # most of it belongs to series that are gone
        return text

    def _at_once(self, family: Metric) -> str | None:
        """The lines of a family whose samples are all alike, as nearly every one is; None where they are not."""
        names, labels, values, moments, exemplars, _ = zip(*family.samples, strict=True)
        size, name = len(names), names[0]
        if not (names.count(name) == moments.count(None) == exemplars.count(None) == size):
            return None
        shape = self._shape(name, labels[0])
        if name == family.name + "_created" or set(map(len, labels)) != {shape.count}:
            return None
        try:
            prefixes = map(shape.__getitem__, map(shape.pick, labels))
            return "\n".join(map(add, prefixes, _numbers(values))) + "\n"
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


def _numbers(values: Sequence[float]) -> Iterable[str]:
    """The values as text; Python's own is right for finite floats that are small enough."""
    if len(values) == 1:
        return (number(values[0]),)
    if set(map(type, values)) == {float} and math.isfinite(sum(values)) and max(values) < _GO_EXPONENT:
        return map(repr, values)
    return map(number, values)


def _digits(values: Sequence[float]) -> Iterable[str]:
    """The same, but whole numbers as their digits: shorter, and a third of the time."""
    if len(values) == 1:
        return (str(values[0]) if type(values[0]) is int else number(values[0]),)
    return map(str, values) if set(map(type, values)) == {int} else _numbers(values)


def _label_value(key: str, value: object) -> str:
    if not isinstance(value, str):
        msg = f"label {key!r} is {value!r}: label values are text"
        raise TypeError(msg)
    return escaped(value)


def _check_type(family: Metric) -> None:
    if family.type not in TYPES:
        msg = f"its type is {family.type!r}, use one of {', '.join(TYPES)}"
        raise ValueError(msg)
