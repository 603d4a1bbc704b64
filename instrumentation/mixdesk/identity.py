"""Who a job is and which process runs it: ids, keys, host, boot id, start ticks."""

from __future__ import annotations

import os
import secrets
import socket
import time
import uuid
from dataclasses import dataclass
from pathlib import Path


def new_job_id(now_ms: int | None = None) -> str:
    """A UUIDv7 (RFC 9562): sorts by the time it was made."""
    ms = time.time_ns() // 1_000_000 if now_ms is None else now_ms
    value = (ms & (2**48 - 1)) << 80 | 0x7 << 76 | secrets.randbits(12) << 64 | 0b10 << 62 | secrets.randbits(62)
    return str(uuid.UUID(int=value))


def new_key() -> str:
    """A random 256-bit secret, 64 hex digits."""
    return secrets.token_hex(32)


def new_trace_id() -> str:
    """A W3C trace id: 32 hex digits, not all zero."""
    return f"{secrets.randbits(128) or 1:032x}"


def new_span_id() -> str:
    """A W3C span id: 16 hex digits, not all zero."""
    return f"{secrets.randbits(64) or 1:016x}"


@dataclass(frozen=True)
class Process:
    """A process as others can find it again: also from outside a container, where `pid` differs."""

    host: str
    boot_id: str | None
    pid: int
    pid_start: int | None


def this_process(procfs: Path = Path("/proc")) -> Process:
    """The running process; `boot_id` and `pid_start` are None where there is no procfs."""
    return Process(socket.gethostname(), boot_id(procfs), os.getpid(), start_ticks(procfs / "self" / "stat"))


def boot_id(procfs: Path = Path("/proc")) -> str | None:
    """The kernel's id of this boot, or None where there is none."""
    try:
        return (procfs / "sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return None


def start_ticks(stat: Path) -> int | None:
    """Field 22 of /proc/PID/stat: clock ticks since boot at which the process started (proc(5))."""
    try:
        # the command name in field 2 may hold spaces and brackets: count from the last bracket
        return int(stat.read_text().rpartition(")")[2].split()[19])
    except (OSError, ValueError, IndexError):
        return None
