"""What one job holds and what it leaves behind: GPUs, log, trace. `this` selects it: `job_id="$job_id"`."""

from __future__ import annotations

from grafana_foundation_sdk.models.dashboard import Panel

from mixdesk_dashboards.kit import panels
from mixdesk_dashboards.kit.targets import loki, prom, tempo

NO_GPU = "this job holds no GPU memory"


def gpus(this: str) -> list[Panel]:
    """The GPUs on which its processes hold memory, found by UUID."""
    held = f"mixdesk_gpu_attributed_memory_bytes{{{this}}}"
    memory = f"sum by (host, gpu, UUID) (max by (host, gpu, UUID, asset) ({held}))"

    return [
        panels.timeseries(
            401,
            "Memory that it holds",
            "By GPU. Metric: `mixdesk_gpu_attributed_memory_bytes`. Worry when it climbs from epoch to epoch.",
            "bytes",
            NO_GPU,
            prom(memory, "{{host}} GPU {{gpu}}"),
            lowest=0,
            w=8,
        ),
        _gpu(
            402,
            "Utilization of these GPUs",
            "mixdesk_gpu_utilization_ratio",
            "percentunit",
            "Worry when it is low while the job runs: the data loader is too slow",
            this,
        ),
        _gpu(
            403,
            "Power of these GPUs",
            "mixdesk_gpu_power_watts",
            "watt",
            "Worry when it drops while utilization stays: the GPU is throttled",
            this,
        ),
    ]


def _gpu(number: int, title: str, metric: str, unit: str, worry: str, this: str) -> Panel:
    held = f"max by (host, gpu, UUID) (mixdesk_gpu_attributed_memory_bytes{{{this}}}) * 0"
    return panels.timeseries(
        number,
        title,
        f"Of the whole GPU, whoever uses it. Metric: `{metric}`. {worry}.",
        unit,
        NO_GPU,
        prom(f"{held} + on (UUID) group_left () max by (UUID) ({metric})", "{{host}} GPU {{gpu}}"),
        lowest=0,
        w=8,
    )


def log() -> list[Panel]:
    """What it writes."""
    return [
        panels.logs(
            501,
            "Log of the job",
            "What the trainer wrote, from Loki. Worry about tracebacks; the desk shows the same log without Loki.",
            "no line in this time: widen it, or look at the desk, which reads the file itself",
            loki('{service="jobs"} | job_id="$job_id"', max_lines=1000),
        )
    ]


def trace() -> list[Panel]:
    """Its spans."""
    return [
        panels.traces(
            601,
            "Trace of the job",
            "Its spans from Tempo: the job, one a phase and one a checkpoint. A phase comes when it has ended, the "
            "job's own span comes last, so a running job has a trace without a root.",
            "no span in this time: the first one comes when the first phase has ended",
            tempo('{ span.mixdesk.job.id = "$job_id" }'),
        )
    ]
