"""Whose GPU memory it is: processes of snapshots, joined to jobs and assets.

A process is a job's where boot id, the pid in its own namespace and the start ticks agree: a trainer knows all three of
itself, an exporter reads them of others without any right, and neither needs to know of namespaces in between.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from prometheus_client.metrics_core import GaugeMetricFamily, Metric

from mixdesk.wire import QUEUED
from mixdesk_control.assets.gpus import SILENT, UNTOLD, Card, Cards, Holder, Owned, measured
from mixdesk_control.jobs.gpu import CardUse, GpuUse
from mixdesk_control.jobs.histogram import label
from mixdesk_control.jobs.state import Job
from mixdesk_control.meters.service import MetersService
from mixdesk_control.meters.snapshots import Gpu, HostSnapshot, Process, SnapshotError
from mixdesk_control.whereabouts import Whereabouts

MIB = 1 << 20
KEPT_S = 1.0

FAMILY = "mixdesk_gpu_attributed_memory_bytes"
LABELS = ("host", "gpu", "UUID", "job_id", "asset")

ProcessKey = tuple[str, int, int]
"""Boot id, pid in its own namespace, start ticks."""


NOTHING = Owned()


@dataclass(frozen=True, slots=True)
class Holding:
    """One process on one GPU; '' where it is of no job or asset, None bytes where the driver hides them.

    identity  pid in the host's namespace and start ticks
    """

    host: str
    gpu: Gpu
    job_id: str
    asset: str
    memory: int | None
    identity: tuple[int, int] = (0, 0)


def holdings(
    snapshots: Iterable[HostSnapshot], jobs: Mapping[ProcessKey, str], owned: Owned = NOTHING, boot_id: str = ""
) -> Iterator[Holding]:
    """Each process of each GPU once, under the job and the asset that it belongs to.

    jobs     {process: job id}
    owned    what assets own of the host with this boot id; they are of one host alone
    """
    for snapshot in snapshots:
        names = {container.id: container.name for container in snapshot.containers}
        mine = bool(boot_id) and snapshot.boot_id == boot_id
        for gpu in snapshot.gpus:
            for process in gpu.processes or ():
                job_id = jobs.get(_key(snapshot, process) or ("", 0, 0), "")
                asset = _asset_of(process, names, owned) if mine else ""
                identity = process.pid, process.start_ticks or UNTOLD
                yield Holding(snapshot.host, gpu, job_id, asset, process.memory, identity)


def _asset_of(process: Process, names: Mapping[str, str], owned: Owned) -> str:
    container = process.container or ""
    own = owned.processes.get((process.inner_pid or 0, process.start_ticks or 0))
    return own or owned.containers.get(container) or owned.names.get(names.get(container, "")) or ""


def _key(snapshot: HostSnapshot, process: Process) -> ProcessKey | None:
    if not snapshot.boot_id or process.inner_pid is None or process.start_ticks is None:
        return None
    return snapshot.boot_id, process.inner_pid, process.start_ticks


def processes_of(jobs: Iterable[Job]) -> dict[ProcessKey, str]:
    """The process of each job that runs; of two jobs in one process it is the one that began last."""
    runs = (job.state for job in jobs if not job.state.is_final and job.state.status != QUEUED)
    live = sorted(runs, key=lambda state: state.document.started_at or state.created_at)
    return {
        (state.boot_id, state.report.pid, state.report.pid_start): state.job_id
        for state in live
        if state.boot_id and state.report.pid is not None and state.report.pid_start is not None
    }


def family(held: Iterable[Holding]) -> Metric:
    """`mixdesk_gpu_attributed_memory_bytes`: the sum over a UUID is that of its processes whose memory is known."""
    sums: dict[tuple[str, ...], int] = defaultdict(int)
    for item in held:
        if item.memory is not None:
            sums[item.host, str(item.gpu.index), item.gpu.uuid, item.job_id, item.asset] += item.memory
    made = GaugeMetricFamily(
        FAMILY, "GPU memory by whom it is held for; empty labels: for nobody known.", labels=LABELS
    )
    for owner, memory in sums.items():
        made.add_metric([label(text) for text in owner], float(memory))
    return made


def uses(held: Iterable[Holding]) -> dict[str, GpuUse]:
    """{job id: what it uses}."""
    by_job: dict[str, list[Holding]] = defaultdict(list)
    for item in held:
        if item.job_id:
            by_job[item.job_id].append(item)
    return {job_id: _use(items) for job_id, items in by_job.items()}


def _use(items: Sequence[Holding]) -> GpuUse:
    gpus = {item.gpu.uuid: item.gpu for item in items}.values()
    busy = [gpu.utilization_percent for gpu in gpus if gpu.utilization_percent is not None]
    return GpuUse(
        utilization_percent=round(sum(busy) / len(busy), 1) if busy else None,
        memory_mb=_held_mb(items),
        cards=tuple(
            CardUse(gpu.index, gpu.uuid, _held_mb(item for item in items if item.gpu.uuid == gpu.uuid))
            for gpu in sorted(gpus, key=lambda gpu: gpu.index)
        ),
    )


def _held_mb(items: Iterable[Holding]) -> float | None:
    """MiB of those whose memory is known; None where none is."""
    known = [item.memory for item in items if item.memory is not None]
    return round(sum(known) / MIB, 1) if known else None


def cards_of(snapshot: HostSnapshot, held: Sequence[Holding]) -> Cards:
    """The GPUs of a host in MiB; one whose driver does not say how much is free is left out, and named as silent."""
    silent = [gpu for gpu in snapshot.gpus if gpu.memory_free is None or gpu.memory_total is None]
    cards = tuple(
        _card(gpu, [item for item in held if item.gpu.uuid == gpu.uuid]) for gpu in snapshot.gpus if gpu not in silent
    )
    error = snapshot.collectors.get("gpu")
    if error is None and silent and not cards:
        error = f"gpu {', '.join(str(gpu.index) for gpu in silent)}: {SILENT}"
    names = frozenset(name for gpu in silent for name in (gpu.index, gpu.uuid))
    return Cards(cards, snapshot.host, snapshot.at, error, names)


def _card(gpu: Gpu, held: Iterable[Holding]) -> Card:
    holders = tuple(
        Holder(item.identity, item.asset, item.job_id, None if item.memory is None else item.memory / MIB)
        for item in held
    )
    free, total = (gpu.memory_free or 0.0) / MIB, (gpu.memory_total or 0.0) / MIB
    return Card(gpu.index, gpu.uuid, total, free, measured(holders), holders)


@dataclass(slots=True)
class Attribution:
    """The join as it stands: made once a second at most, and when a host was read. For the event loop alone.

    Whoever asks looks at the meters: they are read once a second then.
    """

    meters: MetersService
    jobs: Callable[[], Iterable[Job]]
    owned: Callable[[], Owned] = Owned
    boot_id: str = ""
    whereabouts: Whereabouts = field(default_factory=Whereabouts)
    monotonic: Callable[[], float] = time.monotonic
    _made_at: float = float("-inf")
    _of: Sequence[HostSnapshot] = ()
    _uses: Mapping[str, GpuUse] = field(default_factory=dict)

    def use_of(self, job_id: str) -> GpuUse | None:
        """What a job uses; None where no host says so."""
        self.meters.look()
        self._renew()
        return self._uses.get(job_id)

    async def read(self) -> Cards:
        """The GPUs of this host and who holds them, by a reading made after the call."""
        try:
            found = await self.meters.renewed(self.boot_id)
        except SnapshotError as error:
            return Cards(error=str(error))
        return self._cards(found)

    def last(self) -> Cards:
        """The same by the newest reading. While an asset holds GPU memory there is one a second: peaks are learned."""
        found = self._cards(next((item for item in self.meters.snapshots() if item.boot_id == self.boot_id), None))
        if any(card.measured for card in found.cards):
            self.meters.look()
        return found

    def _cards(self, found: HostSnapshot | None) -> Cards:
        if found is None:
            return Cards()
        return cards_of(found, list(holdings([found], self._processes([found]), self.owned(), self.boot_id)))

    def jobs_in_assets(self) -> dict[str, list[str]]:
        """{asset id: ids of the jobs that run in it}: in its container, or among its processes.

        A lost job whose trainer lives still runs there, as far as anybody knows; it is not searched for.
        """
        if not self.boot_id:
            return {}
        here = {key[1:]: job_id for key, job_id in processes_of(self.jobs()).items() if key[0] == self.boot_id}
        if not here:
            return {}
        owned, found = self.owned(), defaultdict(list)
        lost = {job.state.job_id for job in self.jobs() if job.state.lost}
        sought = [key for key in here if key not in owned.processes]
        inside = self.whereabouts.containers(sought, silent={key for key in sought if here[key] in lost})
        for key, job_id in here.items():
            asset = owned.processes.get(key) or owned.containers.get(inside.get(key, ""))
            if asset:
                found[asset].append(job_id)
        return found

    def collect(self) -> Callable[[], Metric]:
        """The family for a scrape: what is returned is called on another thread."""
        snapshots, processes, owned = self.meters.scraped(), processes_of(self.jobs()), self.owned()
        return lambda: family(holdings(snapshots(), processes, owned, self.boot_id))

    def _renew(self) -> None:
        now, found = self.monotonic(), self.meters.snapshots()
        same = len(found) == len(self._of) and all(new is old for new, old in zip(found, self._of, strict=True))
        if same and now - self._made_at < KEPT_S:
            return
        self._made_at, self._of = now, found
        self._uses = uses(holdings(found, self._processes(found)))

    def _processes(self, found: Iterable[HostSnapshot]) -> Mapping[ProcessKey, str]:
        """Nothing to join where nobody holds a GPU, and a thousand jobs are not looked through."""
        held = any(gpu.processes for snapshot in found for gpu in snapshot.gpus)
        return processes_of(self.jobs()) if held else {}
