"""Memory and swap, and what their shortage costs."""

from __future__ import annotations

from mixdesk_dashboards.hosts.asked import of, rate
from mixdesk_dashboards.kit import panels
from mixdesk_dashboards.kit.board import Section
from mixdesk_dashboards.kit.looks import by_name, override
from mixdesk_dashboards.kit.targets import prom

NO_PSI = "this kernel does not tell (PSI is off)"


def section() -> Section:
    cache = " + ".join(of(f"node_memory_{name}_bytes") for name in ("Buffers", "Cached", "SReclaimable"))
    used = f"{of('node_memory_MemTotal_bytes')} - {of('node_memory_MemFree_bytes')} - ({cache})"
    swap = f"{of('node_memory_SwapTotal_bytes')} - {of('node_memory_SwapFree_bytes')}"
    return Section(
        300,
        "Memory",
        [
            panels.timeseries(
                301,
                "Memory",
                "Held by programs, used as a cache of files, free. Metric: `node_memory_MemFree_bytes` and others. The "
                "cache is given back when programs need it; worry when it has gone and swap grows.",
                "bytes",
                "not read",
                prom(used, "programs"),
                prom(cache, "cache of files"),
                prom(of("node_memory_MemFree_bytes"), "free"),
                prom(swap, "swap in use"),
                stacked=True,
                lowest=0,
                # it is on a disk: no part of the memory below it
                overrides=[override("byName", "swap in use", {"custom.stacking": {"mode": "none", "group": "A"}})],
            ),
            panels.timeseries(
                302,
                "Waiting for memory",
                "The part of the time in which something (waiting) or everything (stalled) waited for memory. Metric: "
                "`node_pressure_memory_waiting_seconds_total`. Worry above a few per cent: soon it thrashes.",
                "percentunit",
                NO_PSI,
                prom(rate("node_pressure_memory_waiting_seconds_total"), "waiting"),
                prom(rate("node_pressure_memory_stalled_seconds_total"), "stalled"),
                w=6,
                lowest=0,
            ),
            panels.timeseries(
                303,
                "Swapped and killed",
                "Pages moved to and from swap in a second, page faults that had to read a disk, and processes that the "
                "kernel killed for want of memory. Metric: `node_vmstat_pswpin`, `node_vmstat_oom_kill`. Worry at any "
                "kill, and at swapping that goes on.",
                "cps",
                "after two scrapes",
                prom(rate("node_vmstat_pswpin"), "pages in"),
                prom(rate("node_vmstat_pswpout"), "pages out"),
                prom(rate("node_vmstat_pgmajfault"), "faults that read a disk"),
                prom(f"increase({of('node_vmstat_oom_kill')}[$__rate_interval])", "processes killed"),
                w=6,
                lowest=0,
                overrides=[by_name("processes killed", unit="short", decimals=0)],
            ),
        ],
    )
