"""Who holds the memory of a GPU: jobs, assets, nobody known."""

from __future__ import annotations

from grafana_foundation_sdk.models.dashboard import Panel

from mixdesk_dashboards.hosts.asked import NO_GPU, gpu
from mixdesk_dashboards.kit import links, of_jobs, panels, transforms
from mixdesk_dashboards.kit.looks import GREY, ORANGE, by_regex, column, fixed
from mixdesk_dashboards.kit.targets import Target, prom, prom_table

# several desks on one database say the same
HELD = 'max by (UUID, gpu, job_id, asset) (mixdesk_gpu_attributed_memory_bytes{{host="$host"{more}}})'
NAMES = of_jobs.info()
NO_JOB = 'job_id="", asset!=""'
NOBODY = 'job_id="", asset=""'


def held_by(more: str = "") -> str:
    return HELD.format(more=f", {more}" if more else "")


def holders() -> Panel:
    """Who holds its memory now, with a way to the job."""
    named = f"{held_by()} * on(job_id) group_left(title) {NAMES} or on(UUID, job_id, asset) {held_by()}"
    return panels.table(
        102,
        "Who holds it now",
        "Memory of each GPU by the job and the asset that its processes belong to. Metric: "
        "`mixdesk_gpu_attributed_memory_bytes`. Worry about memory that nobody known holds while a job does not fit.",
        "bytes",
        "nobody holds any, or no GPU here",
        prom_table(named),
        w=10,
        h=8,
        sort_by="Memory",
        descending=True,
        transforms=[transforms.arrange("gpu", "title", "asset", "Value", "job_id", "UUID")],
        overrides=[
            column("Time", hidden=True),
            column("gpu", "GPU", width=60),
            column(
                "title",
                "Job",
                nothing="no job",
                links=[links.to_dashboard("Job", "mixdesk-job", job_id=links.field("job_id"))],
            ),
            column("asset", "Asset", nothing="no asset", links=[links.to_dashboard("Assets", "mixdesk-assets")]),
            column("Value", "Memory", width=110),
            column("job_id", hidden=True),
            column("UUID", hidden=True),
        ],
    )


def held() -> Panel:
    """The same over time, up to what the GPU has."""
    return panels.timeseries(
        103,
        "Who held it",
        "Memory of each GPU over time: by job, by asset without a job, by processes of nobody known, what no process "
        "accounts for (the driver, hidden processes), and what is free. Metric: `mixdesk_gpu_attributed_memory_bytes`. "
        "Worry about a part that stays after its job has ended.",
        "bytes",
        NO_GPU,
        *_holders(),
        stacked=True,
        legend_right=True,
        w=14,
        lowest=0,
        overrides=[
            by_regex("/nobody known$/", color=fixed(ORANGE)),
            by_regex("/(free|no process)$/", color=fixed(GREY)),
        ],
    )


def _holders() -> list[Target]:
    jobs = held_by('job_id!=""')
    used, total = gpu("mixdesk_gpu_memory_used_bytes"), gpu("mixdesk_gpu_memory_total_bytes")
    processes = f"sum by (UUID) ({held_by()})"
    return [
        prom(f"sum by (gpu, title) ({jobs} * on(job_id) group_left(title) {NAMES})", "GPU {{gpu}}: job {{title}}"),
        prom(f"sum by (gpu, job_id) ({jobs} unless on(job_id) {NAMES})", "GPU {{gpu}}: job {{job_id}}"),
        prom(f"sum by (gpu, asset) ({held_by(NO_JOB)})", "GPU {{gpu}}: {{asset}}"),
        prom(f"sum by (gpu) ({held_by(NOBODY)})", "GPU {{gpu}}: nobody known"),
        prom(
            f"clamp_min(max by (gpu) ({used} - on(UUID) group_left() {processes} or {used}), 0)",
            "GPU {{gpu}}: no process",
        ),
        prom(f"max by (gpu) ({total} - {used})", "GPU {{gpu}}: free"),
    ]
