"""The tables of jobs: one row a job, with links for everybody and buttons for those who may edit."""

from __future__ import annotations

from grafana_foundation_sdk.models.dashboard import DashboardLink, DataTransformerConfig, Panel

from mixdesk_dashboards.kit import actions, links, looks, of_jobs, panels, states, transforms
from mixdesk_dashboards.kit.looks import GREEN, ORANGE, Override, column, steps
from mixdesk_dashboards.kit.targets import Target, prom_table

CLOCK = "dateTimeAsLocalNoDateIfToday"
TOO_OLD_S = 45 * 60  # as the alert CheckpointTooOld
STEPS = "rate(mixdesk_job_steps_total[$__rate_interval])"


def row_links() -> list[DashboardLink]:
    """Of a row of jobs: its dashboard, the desk, its trace."""
    job_id = links.field("job_id")
    return [
        links.to_dashboard("Details", "mixdesk-job", job_id=job_id),
        links.job_page(job_id),
        links.traces_of_job(job_id),
    ]


NONE_RUNS = "no job runs: start one, or see what has ended below"


def live_jobs(
    number: int, chosen: str, *, title: str = "Jobs that have not ended", ended: str = NONE_RUNS, h: int = 10
) -> Panel:
    """One row a job that has not ended; `ended` stands there where there is none."""
    return panels.table(
        number,
        title,
        "One row a job. Status, progress and ETA are the desk's; -1 never stands for a value, it is shown as a word. "
        "Buttons ask the desk and are followed under Operations; only people who may edit this dashboard see them, the "
        "link to the desk is for all. Metric: `mixdesk_job_info` and what hangs on its `job_id`. "
        "Worry when it was heard more than 30 s ago, or its last checkpoint is old.",
        "none",
        ended,
        *_live_queries(chosen),
        transforms=[transforms.join("job_id"), _order(LIVE_ORDER)],
        overrides=_live_columns(),
        sort_by="Name",
        h=h,
    )


# what is looked at and pressed first, so that it needs no scrolling on a small screen
LIVE_ORDER = (
    *("title", "status", "Value #C", "Value #E", "Value #D", "Value #I", "Value #J", "Value #A", "Value #B"),
    *("Value #F", "Value #G", "Value #H", "checkpoint", "Value #L", "job_type", "host", "job_id", "Value #K"),
)


def _order(names: tuple[str, ...]) -> DataTransformerConfig:
    return transforms.arrange(*names)


def _live_queries(chosen: str) -> list[Target]:
    live = of_jobs.within(states.LIVE, chosen)
    held = "sum by (job_id) (max by (job_id, asset, host, UUID) (mixdesk_gpu_attributed_memory_bytes))"
    eta = of_jobs.each("mixdesk_job_eta_seconds")
    values = [
        of_jobs.each("mixdesk_job_progress_ratio"),
        of_jobs.clock(f"time() + {eta}"),
        eta,
        of_jobs.each("mixdesk_job_epoch"),
        of_jobs.each("mixdesk_job_epochs"),
        of_jobs.each(STEPS),
        of_jobs.heard(),
        of_jobs.age("mixdesk_job_last_checkpoint_timestamp_seconds"),
    ]
    return [
        prom_table(f"{of_jobs.info(chosen)} and on (job_id) {live}"),
        prom_table(of_jobs.words_of("mixdesk_job_status", "status", states.LIVE, chosen)),
        *(prom_table(of_jobs.cells(value, states.LIVE, chosen)) for value in values),
        prom_table(of_jobs.words_of("mixdesk_job_checkpoint_status", "checkpoint", states.LIVE, chosen)),
        prom_table(of_jobs.cells(held, states.LIVE, chosen)),
    ]


def _live_columns() -> list[Override]:
    return [
        *_who(),
        column("status", "Status", cell=looks.COLOURED, means=states.as_words(states.JOB), width=95),
        _progress("Value #C"),
        column("Value #D", "Done at", unit=CLOCK, means=of_jobs.absent("unknown"), width=110),
        column("Value #E", "Remaining", unit="s", decimals=0, means=of_jobs.absent("unknown"), width=95),
        column("Value #F", "Epoch", decimals=0, means=of_jobs.absent("–"), width=65),
        column("Value #G", "of", decimals=0, means=of_jobs.absent("–"), width=60),
        column("Value #H", "Steps/s", decimals=2, means=of_jobs.absent("–"), width=75),
        column(
            "Value #I",
            "Heard ago",
            unit="s",
            decimals=0,
            cell=looks.TINTED,
            limits=of_jobs.SILENT,
            means=of_jobs.unheard("never"),
            width=90,
        ),
        column(
            "Value #J",
            "Saved ago",
            unit="s",
            decimals=0,
            cell=looks.TINTED,
            limits=steps(GREEN, (TOO_OLD_S, ORANGE)),
            means=of_jobs.absent("no checkpoint yet"),
            width=125,
        ),
        column("checkpoint", "Checkpoint", cell=looks.TINTED, means=states.as_words(states.CHECKPOINT), width=95),
        column("Value #K", hidden=True),
        column("Value #L", "GPU memory", unit="bytes", decimals=1, means=of_jobs.absent("none"), width=100),
        column("Value #B", "Open", cell=looks.LINKS, links=row_links(), width=210),
        column("Value #A", "Ask", cell=looks.BUTTONS, actions=actions.job_actions(), width=420),
    ]


def _who() -> list[Override]:
    job_id = links.field("job_id")
    return [
        column("Time", hidden=True),
        column("job_id", hidden=True),
        column("title", "Name", links=[links.to_dashboard("Details", "mixdesk-job", job_id=job_id)], width=170),
        column("job_type", "Type", width=130),
        column(
            "host", "Host", links=[links.to_dashboard("Host", "mixdesk-hosts", host=links.field("host"))], width=100
        ),
    ]


def _progress(name: str) -> Override:
    return column(name, "Progress", unit="percentunit", decimals=1, cell=looks.GAUGE, lowest=0, highest=1, width=150)


def ended_jobs(number: int, chosen: str) -> Panel:
    """One row a job that ended a short while ago; nothing can be asked of those."""
    return panels.table(
        number,
        "Jobs that ended in the last 15 minutes",
        "One row a job, until its series leave 15 minutes after its end (`metrics.retention_s`); older ones are in the "
        "desk. Metric: `mixdesk_job_info` and what hangs on its `job_id`. Worry about failed ones: open the log.",
        "none",
        "no job ended in the last 15 minutes",
        *_ended_queries(chosen),
        transforms=[transforms.join("job_id"), _order(ENDED_ORDER)],
        overrides=_ended_columns(),
        sort_by="Ended",
        descending=True,
        h=8,
    )


ENDED_ORDER = (
    *("title", "status", "Value #C", "Value #D", "Value #E", "Value #F", "Value #G", "Value #H"),
    *("job_type", "host", "Value #B", "job_id", "Value #A"),
)


def _ended_queries(chosen: str) -> list[Target]:
    heard = of_jobs.each("mixdesk_job_last_report_timestamp_seconds")
    values = [
        of_jobs.each("mixdesk_job_progress_ratio"),
        of_jobs.clock(heard),
        f"({heard} - {of_jobs.each('mixdesk_job_started_timestamp_seconds')})",
        of_jobs.each("mixdesk_job_epoch"),
        of_jobs.each("mixdesk_job_epochs"),
        of_jobs.each("mixdesk_job_last_checkpoint_size_bytes"),
    ]
    return [
        prom_table(f"{of_jobs.info(chosen)} and on (job_id) {of_jobs.within(states.ENDED, chosen)}"),
        prom_table(of_jobs.words_of("mixdesk_job_status", "status", states.ENDED, chosen)),
        *(prom_table(of_jobs.cells(value, states.ENDED, chosen)) for value in values),
    ]


def _ended_columns() -> list[Override]:
    return [
        *_who(),
        column("status", "Status", cell=looks.COLOURED, means=states.as_words(states.JOB), width=95),
        _progress("Value #C"),
        column("Value #D", "Ended", unit="dateTimeFromNow", width=140),
        column("Value #E", "Took", unit="s", decimals=0, means=of_jobs.absent("never started"), width=110),
        column("Value #F", "Epoch", decimals=0, means=of_jobs.absent("–"), width=65),
        column("Value #G", "of", decimals=0, means=of_jobs.absent("–"), width=60),
        column(
            "Value #H", "Last checkpoint", unit="bytes", decimals=1, means=of_jobs.absent("no checkpoint"), width=130
        ),
        column("Value #B", "Open", cell=looks.LINKS, links=row_links(), width=210),
        column("Value #A", hidden=True),
    ]
