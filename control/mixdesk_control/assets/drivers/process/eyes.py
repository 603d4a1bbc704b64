"""Joins the records of assets, the files of attached ones and one look at all processes to what is seen of each."""

from __future__ import annotations

import threading
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mixdesk_control.assets.asset import Asset, Process
from mixdesk_control.assets.drivers.process import sight
from mixdesk_control.assets.drivers.process.attached import Attached, PidFile, pid_file
from mixdesk_control.assets.drivers.process.census import Census, Count, Stats
from mixdesk_control.assets.drivers.process.records import Record, Records, Run
from mixdesk_control.assets.drivers.process.sight import Sight
from mixdesk_control.assets.runner import tree
from mixdesk_control.settings_assets import ProcessSettings
from mixdesk_exporter.processes import inner_pid

STATUS = 8192


@dataclass(slots=True)
class _Look:
    """One of them: what was read beside the processes, and those."""

    boot_id: str
    records: dict[str, Record]
    files: dict[str, PidFile]
    count: Count = field(default_factory=Count)


class Eyes:
    """Looks, in any thread, one look at a time."""

    def __init__(self, folder: Path, procfs: Path, attached: Attached) -> None:
        self._procfs = str(procfs)
        self._records = Records(folder)
        self._census = Census(self._procfs)
        self._attached = attached
        self._gone: set[str] = set()
        self._members: dict[str, frozenset[Process]] = {}
        self._inner: dict[Process, int] = {}
        self._lock = threading.Lock()

    def look(self, assets: Sequence[Asset]) -> dict[str, Sight]:
        """Each of these as it is. What cannot be seen is UNKNOWN."""
        with self._lock:
            found = _Look(
                tree.boot_id(self._procfs),
                {asset.id: self._records.of(asset.id) for asset in assets if asset.target.argv},
                {asset.id: pid_file(asset.target.pid_file) for asset in assets if asset.target.pid_file is not None},
            )
            try:
                self._count(found, whole=any(asset.target.name is not None for asset in assets))
            except OSError as error:
                reason = f"{self._procfs} cannot be read: {error.strerror}"
                return {asset.id: sight.unseen(reason) for asset in assets}
            sights = {asset.id: self._see(asset, found) for asset in assets}
            self._members.update((asset_id, one.members) for asset_id, one in sights.items())
            return sights

    def _count(self, found: _Look, *, whole: bool) -> None:
        runs = [run for record in found.records.values() if (run := record.open_run) is not None]
        roots = {process[0] for run in runs for process in (run.runner, run.child) if process is not None}
        roots |= {file.pid for file in found.files.values() if file.pid is not None}
        roots |= {pid for asset_id in found.records for pid, _ in self._members.get(asset_id, ())}
        found.count = self._census.read(roots, whole=whole)
        if whole:
            self._attached.forget(found.count.stats)
        elif any(self._is_orphaned(run, found.count.stats) for run in runs):
            found.count = self._census.read(roots, whole=True)

    def _is_orphaned(self, run: Run, stats: Stats) -> bool:
        """Whether a run has lost its runner: then only its mark tells who is of it, and that may be anybody."""
        return run.instance not in self._gone and not sight.lives(stats, run.runner)

    def _see(self, asset: Asset, found: _Look) -> Sight:
        target: ProcessSettings = asset.target
        if target.name is not None:
            return self._attached.by_name(found.count, target.name)
        if target.pid_file is None:
            return self._own(asset, found)
        file = found.files[asset.id]
        if file.fault is not None:
            return sight.unseen(file.fault)
        return self._attached.by_pid(found.count, target.pid_file, file)

    def _own(self, asset: Asset, found: _Look) -> Sight:
        record, count = found.records[asset.id], found.count
        run = record.open_run
        if run is None or (found.boot_id and run.boot_id != found.boot_id):
            return sight.stopped(record, found.boot_id)
        runner = run.runner if sight.lives(count.stats, run.runner) else None
        before = self._members.get(asset.id, frozenset())
        members = self._orphans(run, count, before) if runner is None else _below(runner, run, count, before)
        if members:
            return sight.running(record, run, runner, members)
        if runner is not None or self._records.of(asset.id) != record:
            return sight.settling(record, run, runner)
        self._gone.add(run.instance)
        return sight.stopped(record, found.boot_id)

    def _orphans(self, run: Run, count: Count, before: frozenset[Process]) -> frozenset[Process]:
        """Who was known to be of the run, whoever has its mark, and all below them.

        A program that shows another title in its arguments may write over its environment, and the mark with it.
        """
        if run.instance in self._gone:
            return frozenset()
        roots = _still(run, count, before) | self._census.marked(count.stats, run.instance)
        return sight.living(count.stats, count.with_descendants(roots))

    def inner(self, sights: Sequence[Sight]) -> list[frozenset[Process]]:
        """The members of each as their own pid namespaces number them."""
        with self._lock:
            self._inner = {process: self._inner_pid(process) for one in sights for process in one.members}
            return [frozenset((self._inner[member], member[1]) for member in one.members) for one in sights]

    def _inner_pid(self, process: Process) -> int:
        known = self._inner.get(process)
        if known is None:
            status = tree.read(f"{self._procfs}/{process[0]}/status", STATUS) or b""
            known = inner_pid(status.decode("utf-8", "replace"))
        return process[0] if known is None else known

    def again(self, known: frozenset[Process]) -> tuple[frozenset[Process], Count]:
        """Who of these still lives, and who lives below them; with all processes."""
        count = Count.of(tree.scan(self._procfs))
        roots = {process[0] for process in known if sight.lives(count.stats, process)}
        return sight.living(count.stats, count.with_descendants(roots)), count

    def marked(self, sight_of: Sight, count: Count) -> frozenset[Process]:
        """Who else has the mark of that run."""
        run = sight_of.record.open_run
        return frozenset() if run is None else self._orphans(run, count, sight_of.members)

    def output_from(self, asset_id: str) -> int:
        """Where in the file the output of the last run begins."""
        run = self._records.of(asset_id).run
        return 0 if run is None else run.output_from

    def forget(self, asset_ids: Collection[str]) -> None:
        """What it knows of assets that are no more."""
        with self._lock:
            self._records.forget(asset_ids)
            for asset_id in asset_ids:
                self._members.pop(asset_id, None)


def _still(run: Run, count: Count, before: frozenset[Process]) -> set[int]:
    """Who of the run lives still, of those that were known: the program itself, and who was of it at the last look."""
    known = before if run.child is None else before | {run.child}
    return {process[0] for process in known if sight.lives(count.stats, process)}


def _below(runner: Process, run: Run, count: Count, before: frozenset[Process]) -> frozenset[Process]:
    """All below the runner, and who was known: where it is killed while a look reads, they stand below another."""
    found = count.with_descendants({runner[0]} | _still(run, count, before))
    return sight.living(count.stats, found) - {runner}
