"""Marks of what becomes of jobs: each says which job and what, in a colour of its own. Grafana colours a query, not a
value, so there is one for each way to end."""

from __future__ import annotations

from grafana_foundation_sdk.models.dashboard import AnnotationQuery

from mixdesk_dashboards.kit import of_jobs
from mixdesk_dashboards.kit.annotations import event, moment
from mixdesk_dashboards.kit.looks import GREEN, ORANGE
from mixdesk_dashboards.kit.states import JOB

ENDS = ("succeeded", "failed", "canceled")


def of(chosen: str) -> list[AnnotationQuery]:
    """Start, each way to end, and while it is lost or paused."""
    return [
        at("Started", of_jobs.each("mixdesk_job_started_timestamp_seconds"), "started", GREEN, chosen),
        *(_end(how, chosen) for how in ENDS),
        _while("lost", "lost: no report, no end", ORANGE, chosen),
        _while("paused", "paused", JOB["paused"], chosen),
    ]


def at(name: str, seconds: str, what: str, colour: str, chosen: str) -> AnnotationQuery:
    """`seconds`: one time a job."""
    titled = of_jobs.clock(of_jobs.shown(seconds, chosen))
    return moment(name, titled, title=f"{{{{title}}}} {what}", colour=colour)


def _end(how: str, chosen: str) -> AnnotationQuery:
    heard = of_jobs.each("mixdesk_job_last_report_timestamp_seconds")
    return at(how.capitalize(), f"{heard} and on (job_id) {of_jobs.within(how)}", how, JOB[how], chosen)


def _while(status: str, what: str, colour: str, chosen: str) -> AnnotationQuery:
    held = of_jobs.shown(of_jobs.within(status), chosen)
    return event(status.capitalize(), held, title=f"{{{{title}}}} {what}", colour=colour)
