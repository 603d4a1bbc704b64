"""GPU memory: what is in use, promised and left for the next start, and who holds it."""

from __future__ import annotations

from grafana_foundation_sdk.models.dashboard import Panel

from mixdesk_dashboards.assets.asked import EACH, NAMED, all_on_gpu, on_gpu
from mixdesk_dashboards.kit import links, of_jobs, panels, transforms
from mixdesk_dashboards.kit.board import Section
from mixdesk_dashboards.kit.looks import GREY, ORANGE, by_regex, column, fixed
from mixdesk_dashboards.kit.targets import prom, prom_now, prom_table

NO_GPU = "no GPU here"
MIB = 1024 * 1024


def section() -> Section:
    return Section(100, "GPU memory", [room(), room_now(), held(), jobs()])


def room() -> Panel:
    parts = _parts()
    return panels.timeseries(
        101,
        "Room on each GPU",
        "What is in use (by anybody), what is promised to assets that do not hold it yet, and what is left for the "
        "next start once the headroom is kept. Metric: `mixdesk_gpu_memory_used_bytes`, "
        "`mixdesk_asset_gpu_memory_reserved_bytes`. Worry when less is free than the next model needs.",
        "bytes",
        NO_GPU,
        *(
            prom(parts[name], f"{{{{nodename}}}} GPU {{{{gpu}}}} {name}")
            for name in ("in use", "promised, not in use yet", "free")
        ),
        stacked=True,
        lowest=0,
        overrides=[by_regex("/free$/", color=fixed(GREY)), by_regex("/promised/", color=fixed(ORANGE))],
    )


def room_now() -> Panel:
    parts = _parts()
    return panels.bars(
        102,
        "Free for the next start",
        "What the desk can still promise on each GPU: all of it, less what is in use, what is promised and the "
        "headroom. Metric: `mixdesk_gpu_memory_total_bytes`. Worry when the next model needs more.",
        "bytes",
        NO_GPU,
        prom_now(parts["free"], "{{nodename}} GPU {{gpu}} free"),
        prom_now(parts["of all"], "{{nodename}} GPU {{gpu}} has"),
        lowest=0,
    )


def _parts() -> dict[str, str]:
    """Of each GPU of the desk: held, promised and not yet held, headroom, free; by UUID."""
    total, used = (_named(f"mixdesk_gpu_memory_{name}_bytes") for name in ("total", "used"))
    promised = all_on_gpu("mixdesk_asset_gpu_memory_reserved_bytes")
    holding = all_on_gpu("mixdesk_asset_gpu_memory_bytes")
    open_promise = f"clamp_min({promised} - on(UUID) ({holding} or on(UUID) {promised} * 0), 0)"
    due = f"({used} * 0 + on(UUID) group_left() {open_promise} or {used} * 0)"
    return {
        "in use": used,
        "promised, not in use yet": due,
        "free": f"clamp_min({total} - {used} - {due} - $headroom_mb * {MIB}, 0)",
        "of all": total,
    }


def _named(metric: str) -> str:
    """With the host's name, where the same exporter tells it: two hosts have a GPU 0 each."""
    host = "max by (job, instance, nodename) (node_uname_info)"
    named = f"max by (UUID, gpu, nodename) ({metric} * on(job, instance) group_left(nodename) {host})"
    return f"({named} or on(UUID) max by (UUID, gpu) ({metric}))"


def held() -> Panel:
    return panels.timeseries(
        103,
        "GPU memory of each asset",
        "What the processes of each asset hold. Metric: `mixdesk_asset_gpu_memory_bytes`. Worry about one that holds "
        "much more than its `vram_mb` says.",
        "bytes",
        "no asset holds GPU memory",
        prom(on_gpu("mixdesk_asset_gpu_memory_bytes", f"{EACH}, gpu"), f"{NAMED} on GPU {{{{gpu}}}}"),
        stacked=True,
        lowest=0,
    )


def jobs() -> Panel:
    inside = 'mixdesk_gpu_attributed_memory_bytes{asset=~"$asset", job_id!=""}'
    holding = f"sum by (asset, job_id) (max without(instance, job) ({inside}))"
    return panels.table(
        104,
        "Jobs in assets",
        "Jobs that run inside of an asset, and the GPU memory that they hold there. Metric: "
        "`mixdesk_gpu_attributed_memory_bytes`. An asset with a job is not stopped without `force`.",
        "bytes",
        "no job runs in an asset",
        prom_table(f"{holding} * on(job_id) group_left(title) {of_jobs.info()}"),
        w=12,
        h=8,
        transforms=[transforms.arrange("asset", "title", "Value", "job_id")],
        overrides=[
            column("Time", hidden=True),
            column("asset", "Asset"),
            column(
                "title",
                "Job",
                links=[links.to_dashboard("Job", "mixdesk-job", job_id=links.field("job_id"))],
                nothing="?",
            ),
            column("Value", "GPU memory"),
            column("job_id", hidden=True),
        ],
    )
