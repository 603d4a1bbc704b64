"""How the panels of a host select its series."""

from __future__ import annotations

from mixdesk_dashboards.kit.looks import GREEN, ORANGE, RED, steps

# an exporter, or a desk that has one inside
JOBS = 'job=~"node|mixdesk"'
HOST = f'{JOBS}, instance="$instance"'
HOSTS = f"node_uname_info{{{JOBS}}}"
NAMED_HOST = f'node_uname_info{{{JOBS}, nodename="$host"}}'
# of DCGM's names: whole GPUs, and the parts that MIG makes of one
WHOLE, PARTS = 'GPU_I_ID=""', 'GPU_I_ID!=""'
SLOWING = 'reason!~"sync_boost|display_clocks"'
NO_GPU = "no GPU here"
# as the rules have them: host.yml, GpuXidCritical, GpuXidApplication, GpuTemperatureHigh
DISKS = 'fstype!~"tmpfs|ramfs|overlay|squashfs|erofs|iso9660|udf|9p"'
XID_OF_THE_GPU = (46, 48, 61, 62, 64, 74, 79, 95, 110, 119, 120, 136, 140, 143, 158)
XID_OF_A_PROGRAM = (8, 13, 31, 32, 43, 45, 68, 69)
HOT = 90
WARM = steps(GREEN, (80, ORANGE), (HOT, RED))
FULL = steps(GREEN, (0.8, ORANGE), (0.95, RED))
# recording.yml: all hosts at once, at every refresh
CPU_BUSY = "instance:node_cpu_utilization:ratio_rate5m"
MEMORY_LEFT = "instance:node_memory_available:ratio"
DISK_LEFT = "instance_mountpoint:node_filesystem_avail:ratio"
GPU_MEMORY_USED = "instance_UUID:mixdesk_gpu_memory_used:ratio"


def of(metric: str, more: str = "") -> str:
    """The series of this host: `of("node_load1")`, `of("node_cpu_seconds_total", 'mode="idle"')`."""
    return f"{metric}{{{HOST}{', ' + more if more else ''}}}"


def rate(metric: str, more: str = "") -> str:
    """What they grow by in a second."""
    return f"rate({of(metric, more)}[$__rate_interval])"


def gpu(metric: str, more: str = "") -> str:
    """One series a GPU of this host."""
    return f"max by (gpu, UUID) ({of(metric, more)})"
