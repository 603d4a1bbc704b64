"""An instrument as the conventions define it, and rows of figures as its points. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from opentelemetry.sdk.metrics.export import AggregationTemporality, Gauge, Metric, NumberDataPoint, Sum

COUNTER, UPDOWNCOUNTER, GAUGE = "counter", "updowncounter", "gauge"
MOST_INT = (1 << 63) - 1  # what a point holds as an integer
FORGOTTEN_AFTER = 10  # rounds in which a series was not seen

Attribute = str | int | Sequence[str]
Row = tuple[tuple[Attribute | None, ...], float | None]
"""Values of the instrument's attributes, None for one that does not hold here; and a figure, None for none."""


def nanoseconds(seconds: float) -> int:
    """Seconds since the epoch as OTLP writes them."""
    return int(seconds * 1e9)


@dataclass(slots=True)
class Starts:
    """Since when each counter counts, from round to round.

    A counter that is lower than it was began anew after its last point (OTLP data model, "Resets and Gaps").
    """

    _seen: dict[object, tuple[float, int, int, int]] = field(default_factory=dict)
    _round: int = 0

    def since(self, key: object, value: float, start: int, at: int) -> int:
        """The start time of this counter, which is `start` as far as anybody knows; all in nanoseconds."""
        known = self._seen.get(key)
        if known is not None:
            start = known[2] if value < known[0] else known[1]
        self._seen[key] = value, start, at, self._round
        return start

    def next_round(self) -> None:
        """Forgets what has not been seen for long."""
        self._round += 1
        gone = [key for key, (*_, seen) in self._seen.items() if self._round - seen > FORGOTTEN_AFTER]
        for key in gone:
            del self._seen[key]


@dataclass(frozen=True, slots=True)
class Moment:
    """When figures were read and since when counters count, in nanoseconds since the epoch.

    `starts` watches counters that begin anew; None where they cannot.
    """

    at: int
    start: int
    starts: Starts | None = None

    def since(self, key: object, value: float) -> int:
        """The start time of one counter; never after its figure, though a clock may have been set back."""
        start = self.start if self.starts is None else self.starts.since(key, value, self.start, self.at)
        return min(start, self.at)


@dataclass(frozen=True, slots=True)
class Instrument:
    """What is the same of a metric in every push.

    kind        COUNTER, UPDOWNCOUNTER or GAUGE
    unit        UCUM
    attributes  names, in the order of a row's values
    whole       whether its figures are integers
    """

    name: str
    kind: str
    unit: str
    description: str
    attributes: tuple[str, ...] = ()
    whole: bool = False

    def of(self, rows: Iterable[Row], moment: Moment) -> Metric | None:
        """These rows as the SDK's metric; None where there is none."""
        points = [self._point(values, figure, moment) for values, figure in rows if figure is not None]
        if not points:
            return None
        data: Gauge | Sum = Gauge(points)
        if self.kind != GAUGE:
            data = Sum(points, AggregationTemporality.CUMULATIVE, is_monotonic=self.kind == COUNTER)
        return Metric(self.name, self.description, self.unit, data)

    def _point(self, values: Sequence[Attribute | None], figure: float, moment: Moment) -> NumberDataPoint:
        pairs = zip(self.attributes, values, strict=True)
        attributes = {name: value for name, value in pairs if value is not None}
        number = int(figure) if self.whole and figure <= MOST_INT else float(figure)
        if self.kind == COUNTER:
            start = moment.since((self.name, tuple(values)), number)
        else:
            start = min(moment.start, moment.at)
        return NumberDataPoint(attributes, start, moment.at, number)
