"""Job: everything about one of them, from its phases to its logs and its trace."""

from __future__ import annotations

from grafana_foundation_sdk.models.dashboard import AnnotationQuery, VariableModel, VariableSort

from mixdesk_dashboards import marks
from mixdesk_dashboards.job import around, course, stats, training
from mixdesk_dashboards.kit import of_jobs, variables
from mixdesk_dashboards.kit.annotations import event
from mixdesk_dashboards.kit.board import Board, Section
from mixdesk_dashboards.kit.links import desk_link, variable
from mixdesk_dashboards.kit.looks import BLUE, PURPLE, RED
from mixdesk_dashboards.tables import live_jobs

THIS = 'job_id="$job_id"'


def dashboard() -> Board:
    """The second page: one job."""
    return Board(
        "mixdesk-job",
        "Job",
        "One job: its phases over time, speed, loss, checkpoints, the GPUs that it holds, its logs and its trace.",
        [variables.datasource(), variables.loki_source(), variables.tempo_source(), _job()],
        [
            Section(0, "", [*stats.stats(THIS), live_jobs(20, THIS, title="Ask of this job", ended=ENDED, h=4)]),
            Section(100, "Phases and progress", course.phases(THIS)),
            Section(200, "Training", training.training(THIS)),
            Section(300, "Checkpoints", training.checkpoints(THIS)),
            Section(400, "GPUs that it holds", around.gpus(THIS)),
            Section(500, "Log", around.log()),
            Section(600, "Trace", around.trace(), folded=True),
        ],
        _marks(),
        [desk_link("This job at the desk", f"/ui/jobs/detail/?id={variable('job_id')}")],
        since="now-1h",
    )


ENDED = "nothing can be asked of a job that has ended"


def _job() -> VariableModel:
    """Shown by name, end of the id and type; the one that reported last comes first.

    All that had series in the time range are there: else the page would turn to another job when this one's leave.
    """
    window = "$__range"
    heard = of_jobs.each(of_jobs.over("mixdesk_job_last_report_timestamp_seconds", "", window))
    named = f'label_join({of_jobs.info(window=window)}, "shown", ", ", "title", "job_type")'
    return variables.prom_variable(
        "job_id",
        "Job",
        f"query_result(sort_desc(({heard}) * on (job_id) group_left (shown) {named}))",
        "The jobs of this time range; the one that was heard last comes first.",
        regex=r'/job_id="(?<value>[^"]+)"|shown="(?<text>.*?)"(?=,job_id="|\} )/g',
        sort=VariableSort.DISABLED,
    )


def _marks() -> list[AnnotationQuery]:
    return [
        *marks.of(THIS),
        _time("Checkpoints", "mixdesk_job_last_checkpoint_timestamp_seconds", "checkpoint", BLUE),
        _time("Asked to save", "mixdesk_job_checkpoint_requested_timestamp_seconds", "checkpoint asked for", PURPLE),
        event(
            "Operations of all jobs",
            "sum by (action, outcome) (increase(mixdesk_actions_total[$__rate_interval])) > 0",
            title="{{action}} {{outcome}}",
            tags="action,outcome",
            colour=PURPLE,
            on=False,
        ),
        event(
            "Alerts",
            f'max by (alertname, severity) (ALERTS{{alertstate="firing", {THIS}}})',
            title="{{alertname}}",
            tags="severity",
            colour=RED,
        ),
    ]


def _time(name: str, metric: str, what: str, colour: str) -> AnnotationQuery:
    return marks.at(name, of_jobs.each(metric), what, colour, THIS)
