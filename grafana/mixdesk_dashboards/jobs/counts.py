"""The first line: how many jobs run, wait, are lost or failed, and what a crash would cost."""

from __future__ import annotations

from grafana_foundation_sdk.models.dashboard import Panel, ThresholdsConfig

from mixdesk_dashboards.jobs.chosen import TYPE
from mixdesk_dashboards.kit import links, of_jobs, panels
from mixdesk_dashboards.kit.looks import GREEN, GREY, ORANGE, RED, YELLOW, steps, words
from mixdesk_dashboards.kit.targets import prom_now
from mixdesk_dashboards.tables import TOO_OLD_S


def counts() -> list[Panel]:
    return [
        _count(1, "Running", "running", steps(GREY, (1, GREEN)), "Jobs that are in a phase and report."),
        _count(2, "Paused", "paused", steps(GREY, (1, YELLOW)), "Jobs that wait; they keep their GPU memory."),
        _count(
            3,
            "Lost",
            "lost",
            steps(GREEN, (1, ORANGE)),
            "Jobs that report no more and did not end: killed, or cut off from the desk. Worry at 1: read its log.",
        ),
        panels.stat(
            4,
            "Failed in 24 h",
            "Jobs that failed in the last 24 hours, also those too short to have a row. "
            "Metric: `mixdesk_jobs_finished_total`. Worry at 1: a click lists them at the desk. For 15 minutes after "
            "its end a job also has a row below, with its log and trace.",
            "none",
            "0",
            prom_now(_failed_in_a_day()),
            decimals=0,
            limits=steps(GREEN, (1, RED)),
            links=[links.data_link("Failed jobs at the desk", "/ui/jobs/?status=failed", new_tab=True)],
        ),
        _unsaved(),
        panels.stat(
            6,
            "Desk",
            "Whether Prometheus can read every desk. Metric: `up`. "
            "Worry when it is not up: what stands below is then old, and buttons do nothing.",
            "none",
            "not scraped",
            prom_now('min(up{job="mixdesk"}) or vector(0)'),
            means=[words({"1": ("up", GREEN), "0": ("not reached", RED)})],
        ),
    ]


def _count(number: int, title: str, status: str, limits: ThresholdsConfig, text: str) -> Panel:
    query = f"count({of_jobs.within(status, TYPE)}) or vector(0)"
    text = f"{text} Metric: `mixdesk_job_status`."
    return panels.stat(number, title, text, "none", "0", prom_now(query), decimals=0, limits=limits, graph=False)


def _failed_in_a_day() -> str:
    """Each once: several desks on one database count the same ones."""
    grown = f'increase(mixdesk_jobs_finished_total{{outcome="failed", {TYPE}}}[1d])'
    return f"sum(floor(max by (job_type) ({grown}))) or vector(0)"


def _unsaved() -> Panel:
    saved = of_jobs.each("mixdesk_job_last_checkpoint_timestamp_seconds")
    never = f"({of_jobs.each('mixdesk_job_started_timestamp_seconds')} and on (job_id) mixdesk_job_steps_total)"
    query = f"(time() - ({saved} or {never})) and on (job_id) {of_jobs.within('running', TYPE)}"
    return panels.stat(
        5,
        "Oldest unsaved work",
        "Of the running jobs that count steps, the longest time since a checkpoint, or since the start where there is "
        "none: what a crash would cost. Metric: `mixdesk_job_last_checkpoint_timestamp_seconds`. "
        "Worry beyond 45 minutes, or what is right for your runs.",
        "s",
        "nothing to save",
        prom_now(of_jobs.one(query)),
        decimals=0,
        limits=steps(GREEN, (TOO_OLD_S, ORANGE)),
        means=[of_jobs.absent("nothing to save")],
    )
