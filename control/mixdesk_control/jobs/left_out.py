"""What the limits of `/metrics` keep out of it, counted: a board that lacks a job can say that it does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping

from prometheus_client.metrics_core import CounterMetricFamily, Metric

JOBS, NUMBERS, TYPES, PHASES = (
    "mixdesk_job_info",  # stands for all series of a job
    "mixdesk_job_metric",
    "mixdesk_jobs",
    "mixdesk_phase_duration_seconds",
)


class LeftOut:
    """Counts since the desk started; each job, number and type of a job once. For the event loop alone."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter({JOBS: 0, NUMBERS: 0, TYPES: 0, PHASES: 0})
        self._jobs: set[str] = set()
        self._numbers: dict[str, int] = {}

    def count(self, family: str, series: int = 1) -> None:
        """So many series of a family have no place."""
        self._counts[family] += series

    def jobs(self, left_out: Collection[str]) -> None:
        """The ids of the jobs that have no series at this scrape though they would have."""
        self.count(JOBS, len(set(left_out) - self._jobs))
        self._jobs = set(left_out)

    def numbers(self, left_out: Mapping[str, int]) -> None:
        """{job id: how many of its logged numbers have no series at this scrape}."""
        grown = {job_id: max(many, self._numbers.get(job_id, 0)) for job_id, many in left_out.items()}
        self.count(NUMBERS, sum(grown.values()) - sum(self._numbers.get(job_id, 0) for job_id in grown))
        self._numbers = grown

    def family(self) -> Metric:
        """`mixdesk_series_dropped_total{family}`."""
        made = CounterMetricFamily(
            "mixdesk_series_dropped", "Series that were left out, by family.", labels=("family",)
        )
        for name, series in sorted(self._counts.items()):
            made.add_metric([name], float(series))
        return made
