"""Whose memory it is: from snapshots and jobs alone."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace
from typing import Any

import pytest
from snapshots import snapshot
from torture import chance, times

from mixdesk_control.assets.gpus import MIB, Owned
from mixdesk_control.attribution import Attribution, family, holdings, processes_of, uses
from mixdesk_control.jobs.gpu import CardUse, GpuUse
from mixdesk_control.meters.service import MetersService
from mixdesk_control.meters.snapshots import Container, Gpu, Process

BOX = "64hex"


def gpu(index: int, *processes: Process, busy: float | None = 50.0) -> Gpu:
    return Gpu(index, f"GPU-{index}", utilization_percent=busy, processes=processes)


def process(pid: int, memory: int | None, *, start: int = 7, container: str | None = None) -> Process:
    return Process(pid + 10_000, inner_pid=pid, start_ticks=start, container=container, memory=memory)


def values(*held: Any) -> dict[tuple[str, ...], float]:
    return {tuple(sample.labels.values()): sample.value for sample in family(held).samples}


def test_a_process_is_known_by_all_three() -> None:
    seen = snapshot(gpu(0, process(4, 100), process(4, 10, start=8), process(5, 1)))
    held = list(holdings([seen], {("boot-1", 4, 7): "job", ("boot-2", 5, 7): "elsewhere"}))
    assert values(*held) == {("box1", "0", "GPU-0", "job", ""): 100, ("box1", "0", "GPU-0", "", ""): 11}


def test_one_of_which_less_is_known_is_nobodys() -> None:
    hidden = Process(1, memory=5), Process(2, inner_pid=4, memory=6), Process(3, start_ticks=7, memory=7)
    held = list(holdings([snapshot(gpu(0, *hidden), boot_id="")], {("", 4, 7): "job"}))
    assert values(*held) == {("box1", "0", "GPU-0", "", ""): 18}


def test_a_container_is_an_asset_and_may_be_a_job_too() -> None:
    boxes = (Container(BOX, "rvc"), Container("other", "bark"))
    seen = snapshot(gpu(0, process(4, 100, container=BOX), process(9, 1, container="other")), containers=boxes)
    expected = {("box1", "0", "GPU-0", "job", "rvc-server"): 100, ("box1", "0", "GPU-0", "", ""): 1}
    for owned in (Owned(containers={BOX: "rvc-server"}), Owned(names={"rvc": "rvc-server"})):
        assert values(*holdings([seen], {("boot-1", 4, 7): "job"}, owned, "boot-1")) == expected


def test_a_container_that_was_seen_counts_before_its_name() -> None:
    seen = snapshot(gpu(0, process(4, 100, container=BOX)), containers=(Container(BOX, "rvc"),))
    owned = Owned(containers={BOX: "by-id"}, names={"rvc": "by-name"})
    assert values(*holdings([seen], {}, owned, "boot-1")) == {("box1", "0", "GPU-0", "", "by-id"): 100}


def test_processes_of_an_asset_are_known_by_pid_and_start() -> None:
    seen = snapshot(gpu(0, process(4, 100), process(5, 20), process(4, 3, start=8)), gpu(1, process(5, 7)))
    held = holdings([seen], {("boot-1", 5, 7): "job"}, Owned(processes={(4, 7): "tts", (5, 7): "tts"}), "boot-1")
    assert values(*held) == {
        ("box1", "0", "GPU-0", "", "tts"): 100,
        ("box1", "0", "GPU-0", "job", "tts"): 20,
        ("box1", "0", "GPU-0", "", ""): 3,
        ("box1", "1", "GPU-1", "job", "tts"): 7,
    }


@pytest.mark.parametrize("boot_id", ["boot-2", ""])
def test_assets_are_of_one_host_alone(boot_id: str) -> None:
    here, there = process(4, 100, container=BOX), process(4, 1, container=BOX)
    boxes = (Container(BOX, "rvc"),)
    seen = [
        snapshot(gpu(0, here), containers=boxes),
        snapshot(gpu(1, there), host="box2", boot_id=boot_id, containers=boxes),
    ]
    owned = Owned({BOX: "rvc"}, {"rvc": "rvc"}, {(4, 7): "rvc"})
    assert values(*holdings(seen, {}, owned, "boot-1")) == {
        ("box1", "0", "GPU-0", "", "rvc"): 100,
        ("box2", "1", "GPU-1", "", ""): 1,
    }
    assert {item.asset for item in holdings(seen, {}, owned)} == {""}, "a desk that does not know its own host"


def test_what_a_job_uses() -> None:
    jobs = {("boot-1", 4, 7): "job", ("boot-1", 5, 7): "hidden", ("boot-1", 6, 7): "silent"}
    seen = snapshot(
        gpu(0, process(4, 1 << 30), process(9, 1 << 30), busy=90.0),
        gpu(1, process(4, 1 << 29), busy=30.0),
        gpu(2, process(5, None), busy=10.0),
        gpu(3, process(6, 1 << 20), busy=None),
        gpu(4, busy=77.0),
    )
    found = uses(holdings([seen], jobs))
    assert found == {
        "job": GpuUse(60.0, 1536.0, (CardUse(0, "GPU-0", 1024.0), CardUse(1, "GPU-1", 512.0))),
        "hidden": GpuUse(10.0, None, (CardUse(2, "GPU-2", None),)),
        "silent": GpuUse(None, 1.0, (CardUse(3, "GPU-3", 1.0),)),
    }


def test_what_a_job_holds_of_a_device_is_what_metrics_say() -> None:
    jobs = {("boot-1", 4, 7): "job", ("boot-1", 5, 7): "job", ("boot-1", 6, 7): "other"}
    seen = snapshot(
        gpu(1, process(4, 3 * MIB), process(5, 2 * MIB), process(6, MIB)),
        gpu(0, process(4, 5 * MIB), process(5, None)),
    )
    held = list(holdings([seen], jobs))
    found = {(card.uuid, job_id): card.used_mb for job_id, use in uses(held).items() for card in use.cards}
    assert found == {(uuid, job_id): value / MIB for (_, _, uuid, job_id, _), value in values(*held).items()}
    assert [card.gpu for card in uses(held)["job"].cards] == [0, 1], "by their number"


def test_hidden_memory_is_no_series() -> None:
    assert values(*holdings([snapshot(gpu(0, process(5, None)))], {})) == {}


def test_devices_that_do_not_tell() -> None:
    assert list(holdings([snapshot(Gpu(0, "GPU-0", processes=None))], {})) == []


@pytest.mark.parametrize("round_", range(times(200, 20)))
def test_the_sum_of_a_device_is_that_of_its_processes(round_: int) -> None:
    draw = chance()
    jobs = {("boot-1", pid, 7): f"job-{pid % 3}" for pid in range(20) if draw.random() < 0.5}
    boxes = tuple(Container(f"id{number}", f"name{number}") for number in range(3))
    gpus = [
        gpu(
            index,
            *(
                process(draw.randrange(20), draw.randrange(1 << 40), container=draw.choice([None, "id0", "id1", "id9"]))
                for _ in range(draw.randrange(12))
            ),
        )
        for index in range(4)
    ]
    seen = snapshot(*gpus, containers=boxes)
    owned = Owned({"id1": "one"}, {"name0": "asset"}, {(pid, 7): f"asset-{pid % 2}" for pid in range(0, 20, 3)})
    sums: Counter[str] = Counter()
    for labels, value in values(*holdings([seen], jobs, owned, "boot-1")).items():
        sums[labels[2]] += int(value)
    assert sums == Counter(
        {found.uuid: sum(item.memory or 0 for item in found.processes or ()) for found in gpus if found.processes}
    )


def test_a_host_that_two_sources_read_is_counted_once() -> None:
    first, again = snapshot(gpu(0, process(4, 1))), snapshot(gpu(0, process(4, 1)), host="other name")
    others = [snapshot(boot_id="boot-2"), snapshot(boot_id=""), snapshot(boot_id="")]
    assert MetersService([])._of_hosts([first, again, *others]) == [first, *others]


class Moving:
    """Meters whose snapshots change, and a clock."""

    def __init__(self) -> None:
        self.now, self.asked, self.looked = 0.0, 0, 0
        self.found = [snapshot(gpu(0, process(4, 100 * MIB)))]
        self.jobs = [job("job", 4)]
        self.join = Attribution(self, self._jobs, monotonic=lambda: self.now)  # type: ignore[arg-type]

    def _jobs(self) -> list[Any]:
        self.asked += 1
        return self.jobs

    def snapshots(self) -> list[Any]:
        return self.found

    def look(self) -> None:
        self.looked += 1

    def memory(self) -> float | None:
        found = self.join.use_of("job")
        return None if found is None else found.memory_mb


def job(job_id: str, pid: int, *, status: str = "running", began: float = 1.0, created: float = 1.0) -> Any:
    report = SimpleNamespace(pid=pid, pid_start=7)
    document = SimpleNamespace(started_at=began)
    final = status in ("succeeded", "failed", "canceled")
    return SimpleNamespace(
        state=SimpleNamespace(
            job_id=job_id, boot_id="boot-1", report=report, document=document, status=status, created_at=created,
            is_final=final,
        )
    )  # fmt: skip


def test_it_is_joined_once_a_second_and_when_a_host_was_read() -> None:
    moving = Moving()
    assert moving.memory() == 100
    assert moving.memory() == 100
    assert (moving.asked, moving.looked) == (1, 2), "who asks looks at the meters"
    moving.found = [snapshot(gpu(0, process(4, 250 * MIB)))]
    assert moving.memory() == 250
    moving.jobs = []
    assert moving.memory() == 250
    moving.now += 1.0
    assert moving.memory() is None
    moving.found = [snapshot(gpu(0))]
    asked = moving.asked
    assert moving.memory() is None
    assert moving.asked == asked, "nobody holds anything: no job is looked at"


def test_of_jobs_in_one_process_it_is_the_one_that_began_last() -> None:
    jobs = [
        job("first", 4, began=1.0),
        job("second", 4, began=2.0),
        job("queued-next", 4, status="queued", began=0.0, created=9.0),
        job("over", 4, status="succeeded", began=3.0),
    ]
    assert processes_of(jobs) == {("boot-1", 4, 7): "second"}
