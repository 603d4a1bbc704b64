"""The interpreter of a desk: one event loop, a few threads beside it, and many jobs in memory for long."""

from __future__ import annotations

import gc
import resource
import sys

# A thread that computes (the writer, a scrape) hands the interpreter to the event loop after so long; Python's own
# 5 ms would be felt in every answer.
SWITCH_S = 0.0005

# The old are looked through seldom: to look through all objects of a thousand jobs stops everything for a tenth of a
# second. Much more than this saves no time and leaves 20 MB of garbage lying about.
COLLECT = (2_000, 10, 20)


MOST_CONNECTIONS = 8192
RESERVED_FILES = 128  # database, log, threads, and what comes in while connections are refused


def most_connections() -> int:
    """How many clients may be connected at once; takes as many open files for them as the system lets this process.

    A thousand trainers hold two thousand connections, twice of what a process may have open where nobody raised it.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_CONNECTIONS + RESERVED_FILES
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    return MOST_CONNECTIONS if soft == resource.RLIM_INFINITY else max(min(soft - RESERVED_FILES, MOST_CONNECTIONS), 16)


def tune() -> None:
    """Once everything is imported and loaded; what is there by then is never garbage."""
    sys.setswitchinterval(SWITCH_S)
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT)
