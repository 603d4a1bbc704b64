"""GPUs over time: busy, warm, slowed down, broken."""

from __future__ import annotations

from grafana_foundation_sdk.models.dashboard import Panel

from mixdesk_dashboards.hosts.asked import HOT, NO_GPU, PARTS, WHOLE, XID_OF_A_PROGRAM, XID_OF_THE_GPU, of
from mixdesk_dashboards.kit import panels, transforms
from mixdesk_dashboards.kit.looks import GREY, ORANGE, column, words
from mixdesk_dashboards.kit.targets import prom, prom_table


def course() -> list[Panel]:
    """What it does, over time."""
    return [
        panels.timeseries(
            104,
            "Busy",
            "The part of the time in which the GPU computed, and its peak within a minute. Metric: "
            "`mixdesk_gpu_utilization_ratio`. Worry while a job runs and it is low: it waits for data.",
            "percentunit",
            NO_GPU,
            prom(f"max by (gpu) ({of('mixdesk_gpu_utilization_ratio')})", "GPU {{gpu}}"),
            prom(f"max by (gpu) ({of('mixdesk_gpu_utilization_max_ratio')})", "GPU {{gpu}}, highest of a minute"),
            w=8,
            lowest=0,
            highest=1,
        ),
        panels.timeseries(
            105,
            "GPU temperature",
            f"Of the chip. Metric: `mixdesk_gpu_temperature_celsius`. Worry above {HOT} °C for minutes.",
            "celsius",
            NO_GPU,
            prom(f"max by (gpu) ({of('mixdesk_gpu_temperature_celsius')})", "GPU {{gpu}}"),
            prom(f"max by (gpu) ({of('DCGM_FI_DEV_MEMORY_TEMP', WHOLE)} > 0)", "GPU {{gpu}} memory"),
            w=8,
        ),
        panels.timeseries(
            106,
            "Power",
            "What it draws, beside its limit. Metric: `mixdesk_gpu_power_watts`. At the limit it is slowed down, which "
            "is no fault.",
            "watt",
            NO_GPU,
            prom(f"max by (gpu) ({of('mixdesk_gpu_power_watts')})", "GPU {{gpu}}"),
            prom(f"max by (gpu) ({of('DCGM_FI_DEV_POWER_MGMT_LIMIT', WHOLE)})", "GPU {{gpu}} limit"),
            w=8,
            lowest=0,
        ),
    ]


def slowed() -> list[Panel]:
    return [
        panels.states(
            107,
            "Slowed down by",
            "What holds the clocks down. Metric: `mixdesk_gpu_throttle`. `sw_power_cap` under load is usual; worry "
            "about `hw_thermal`, `sw_thermal` (cooling) and `hw_power_brake` (the power supply).",
            NO_GPU,
            prom(f"max by (gpu, reason) ({of('mixdesk_gpu_throttle')})", "GPU {{gpu}} {{reason}}"),
            means=[words({"0": ("no", GREY), "1": ("yes", ORANGE)})],
            values=False,
            w=16,
        ),
        panels.timeseries(
            108,
            "Clocks",
            "Of the multiprocessors and of the memory. Metric: `DCGM_FI_DEV_SM_CLOCK`. Worry when they fall.",
            "hertz",
            NO_GPU,
            prom(f"max by (gpu) ({of('DCGM_FI_DEV_SM_CLOCK', WHOLE)}) * 1e6", "GPU {{gpu}} multiprocessors"),
            prom(f"max by (gpu) ({of('DCGM_FI_DEV_MEM_CLOCK', WHOLE)}) * 1e6", "GPU {{gpu}} memory"),
            w=8,
            lowest=0,
        ),
    ]


def errors() -> list[Panel]:
    return [
        panels.table(
            109,
            "XID errors",
            "What the driver complained of, since the exporter started. Metric: `mixdesk_gpu_xid_errors_total`. "
            f"{_listed(XID_OF_A_PROGRAM)} are faults of a program; worry about {_listed(XID_OF_THE_GPU)}: of the GPU.",
            "none",
            "no XID error, or no GPU here",
            prom_table(f"max by (gpu, xid) ({of('mixdesk_gpu_xid_errors_total')})"),
            prom_table(f"max by (gpu, xid) ({of('mixdesk_gpu_last_xid_timestamp_seconds')}) * 1000"),
            w=8,
            h=6,
            transforms=[
                transforms.without_time(),
                transforms.merge(),
                transforms.arrange("gpu", "xid", "Value #A", "Value #B"),
            ],
            overrides=[
                column("gpu", "GPU"),
                column("xid", "XID"),
                column("Value #A", "Times", decimals=0),
                column("Value #B", "Last", unit="dateTimeFromNow"),
            ],
        ),
        panels.timeseries(
            110,
            "Memory errors",
            "Bits that flipped since the driver was loaded: put right (single) and not (double). Metric: "
            "`DCGM_FI_DEV_ECC_DBE_VOL_TOTAL`. Worry about any double one.",
            "short",
            "no GPU here, or its memory has no ECC",
            prom(f"max by (gpu) ({of('DCGM_FI_DEV_ECC_SBE_VOL_TOTAL', WHOLE)})", "GPU {{gpu}} single"),
            prom(f"max by (gpu) ({of('DCGM_FI_DEV_ECC_DBE_VOL_TOTAL', WHOLE)})", "GPU {{gpu}} double"),
            w=8,
            h=6,
            lowest=0,
        ),
        panels.timeseries(
            111,
            "Parts of a split GPU",
            "Memory that is used in each part that MIG makes. Metric: `DCGM_FI_DEV_FB_USED`, in MiB there. NVML tells "
            "no more of a part.",
            "mbytes",
            "no GPU here is split",
            prom(
                f"max by (gpu, GPU_I_ID, GPU_I_PROFILE) ({of('DCGM_FI_DEV_FB_USED', PARTS)})",
                "GPU {{gpu}} part {{GPU_I_ID}} {{GPU_I_PROFILE}}",
            ),
            w=8,
            h=6,
            lowest=0,
        ),
    ]


def _listed(numbers: tuple[int, ...]) -> str:
    """`1, 2 and 3`."""
    *most, last = map(str, numbers)
    return f"{', '.join(most)} and {last}"
