"""What is seen of an asset's processes, and what that means. Pure."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from dataclasses import dataclass, field

from mixdesk_control.assets.asset import RUNNING, STOPPED, UNKNOWN, Observed, Process
from mixdesk_control.assets.drivers.process.records import End, Record, Run
from mixdesk_control.assets.runner.tree import Stat

LOST = "how it ended is not known: its runner was killed, or could not write it down"
UNWRITTEN = "it has ended; how is not written down yet"
REBOOTED = "this host was started again while it ran"


@dataclass(frozen=True, slots=True)
class Sight:
    """One asset at one moment.

    members     its live processes, as this host numbers them
    runner      its runner, where that lives
    main        the process that the others are of, where there is no runner
    instance    which run this is; None where nothing is known to run
    started_at  seconds since the epoch
    is_settling  it ends or starts at this very moment: to be looked at again
    """

    members: frozenset[Process] = frozenset()
    runner: Process | None = None
    main: Process | None = None
    record: Record = field(default_factory=Record)
    instance: str | None = None
    started_at: float | None = None
    reason: str | None = None
    doing: str = STOPPED
    is_settling: bool = False

    @property
    def watched(self) -> Process | None:
        """The process whose end tells that of the asset: the runner, which ends last."""
        return self.runner or self.main or min(self.members, default=None)


def lives(stats: Mapping[int, Stat], process: Process | None) -> bool:
    """Whether this very process is there, and more than a zombie."""
    stat = None if process is None else stats.get(process[0])
    return stat is not None and stat.identity == process and not stat.is_dead


def living(stats: Mapping[int, Stat], pids: set[int]) -> frozenset[Process]:
    """Those of them that live."""
    return frozenset(stats[pid].identity for pid in pids if pid in stats and not stats[pid].is_dead)


def running(record: Record, run: Run, runner: Process | None, members: frozenset[Process]) -> Sight:
    """A run of which processes live."""
    main = run.child if run.child in members else None
    reason = _unusual(record, run, runner)
    return Sight(members, runner, main, record, run.instance, run.started_at, reason, RUNNING)


def _unusual(record: Record, run: Run, runner: Process | None) -> str | None:
    if record.fault is not None:
        return record.fault
    if runner is None:
        return f"its runner (pid {run.runner[0]}) was killed: how it ends will not be known"
    if run.main_exit:
        return f"its program {ended_words(run.main_exit)}; what it left behind is being stopped"
    if run.main_exit == 0:
        return "its program ended with 0 and left processes behind, which go on"
    return None


def stopped(record: Record, boot_id: str) -> Sight:
    """Nothing of it lives."""
    return Sight(record=record, reason=record.fault or _why(record, boot_id))


def settling(record: Record, run: Run, runner: Process | None) -> Sight:
    """Nothing of it lives, and how it ended is about to be written down."""
    return Sight(runner=runner, record=record, instance=run.instance, reason=UNWRITTEN, is_settling=True)


def _why(record: Record, boot_id: str) -> str | None:
    run = record.open_run
    if run is not None:
        return LOST if run.boot_id == boot_id else REBOOTED
    return None if record.end is None else end_words(record.end)


def end_words(end: End) -> str | None:
    """None for an end that is all right: by itself with 0, or asked for."""
    if end.error is not None:
        return f"it could not be started: {end.error}"
    if end.oom:
        return "killed for want of memory"
    return None if end.asked or not end.code else ended_words(end.code)


def ended_words(code: int) -> str:
    """`ended with 3`, `was killed by SIGSEGV`."""
    if code >= 0:
        return f"ended with {code}"
    try:
        return f"was killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"was killed by signal {-code}"


def observed(sight: Sight, inner: frozenset[Process]) -> Observed:
    """As the protocol has it; `inner` are its processes as their own pid namespaces number them."""
    if sight.doing != STOPPED:
        return Observed(
            sight.doing,
            instance=sight.instance,
            processes=inner,
            started_at=sight.started_at,
            reason=sight.reason,
        )
    end = None if sight.record.open_run else sight.record.end
    return Observed(
        STOPPED,
        exit_code=None if end is None else end.code,
        oom_killed=end is not None and end.oom,
        reason=sight.reason,
    )


def unseen(reason: str) -> Sight:
    """It cannot be told."""
    return Sight(doing=UNKNOWN, reason=reason)
