"""Jobs: what runs, how far it is, when it is done, whether it is alive, when it was last saved; and the buttons."""

from __future__ import annotations

from grafana_foundation_sdk.models.dashboard import AnnotationQuery, VariableModel

from mixdesk_dashboards import marks
from mixdesk_dashboards.jobs import counts, courses, outcomes
from mixdesk_dashboards.jobs.chosen import TYPE
from mixdesk_dashboards.kit import links, variables
from mixdesk_dashboards.kit.annotations import event
from mixdesk_dashboards.kit.board import Board, Section
from mixdesk_dashboards.kit.looks import RED
from mixdesk_dashboards.tables import ended_jobs, live_jobs


def dashboard() -> Board:
    """The first page."""
    return Board(
        "mixdesk-jobs",
        "Jobs",
        "What runs on your machines, how far it is, when it is done, whether it is alive and when it was last saved.",
        _variables(),
        [
            Section(0, "", [*counts.counts(), live_jobs(10, TYPE)]),
            Section(100, "Over time", courses.over_time()),
            Section(200, "Ended", [ended_jobs(201, TYPE), outcomes.finished(), outcomes.hourly()]),
            Section(300, "Checkpoints", outcomes.checkpoints()),
            Section(400, "How good the predictions are", courses.predictions()),
        ],
        _marks(),
        [links.desk_link("Desk", "/ui/jobs/")],
        since="now-3h",
    )


def _variables() -> list[VariableModel]:
    types = "label_values(mixdesk_jobs, job_type)"
    return [
        variables.datasource(),
        variables.tempo_source(),
        variables.prom_variable("job_type", "Type", types, "Jobs of these types alone.", many=True),
    ]


def _marks() -> list[AnnotationQuery]:
    return [
        *marks.of(TYPE),
        event(
            "Operations",
            "sum by (action, outcome) (increase(mixdesk_actions_total[$__rate_interval])) > 0",
            title="{{action}} {{outcome}}",
            tags="action,outcome",
            colour="blue",
        ),
        event(
            "Alerts",
            'max by (alertname, severity) (ALERTS{alertstate="firing", component=~"job|checkpoint"})',
            title="{{alertname}}",
            tags="severity",
            colour=RED,
        ),
    ]
