"""Whose memory it is: from snapshots and jobs alone."""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec
import pytest
from torture import chance, times

from mixdesk_control.attribution import Attribution, family, holdings, uses
from mixdesk_control.jobs.gpu import GpuUse
from mixdesk_control.meters.snapshots import Container, Gpu, HostSnapshot, Process

BOX = "64hex"


def snapshot(*gpus: Gpu, host: str = "box1", boot_id: str = "boot-1", **more: Any) -> HostSnapshot:
    return HostSnapshot(1, host, boot_id, 0.0, msgspec.Raw(b"{}"), gpus, **more)


def gpu(index: int, *processes: Process, busy: float | None = 50.0) -> Gpu:
    return Gpu(index, f"GPU-{index}", utilization_percent=busy, processes=processes)


def process(pid: int, memory: int | None, *, start: int = 7, container: str | None = None) -> Process:
    return Process(pid + 10_000, inner_pid=pid, start_ticks=start, container=container, memory=memory)


def values(*held: Any) -> dict[tuple[str, ...], float]:
    return {tuple(sample.labels.values()): sample.value for sample in family(held).samples}


def test_a_process_is_known_by_all_three() -> None:
    seen = snapshot(gpu(0, process(4, 100), process(4, 10, start=8), process(5, 1)))
    held = list(holdings([seen], {("boot-1", 4, 7): "job", ("boot-2", 5, 7): "elsewhere"}, {}))
    assert values(*held) == {("box1", "0", "GPU-0", "job", ""): 100, ("box1", "0", "GPU-0", "", ""): 11}


def test_one_of_which_less_is_known_is_nobodys() -> None:
    hidden = Process(1, memory=5), Process(2, inner_pid=4, memory=6), Process(3, start_ticks=7, memory=7)
    held = list(holdings([snapshot(gpu(0, *hidden), boot_id="")], {("", 4, 7): "job"}, {}))
    assert values(*held) == {("box1", "0", "GPU-0", "", ""): 18}


def test_a_container_is_an_asset_and_may_be_a_job_too() -> None:
    boxes = (Container(BOX, "rvc"), Container("other", "bark"))
    seen = snapshot(gpu(0, process(4, 100, container=BOX), process(9, 1, container="other")), containers=boxes)
    held = list(holdings([seen], {("boot-1", 4, 7): "job"}, {"rvc": "rvc-server"}))
    assert values(*held) == {
        ("box1", "0", "GPU-0", "job", "rvc-server"): 100,
        ("box1", "0", "GPU-0", "", ""): 1,
    }


def test_what_a_job_uses() -> None:
    jobs = {("boot-1", 4, 7): "job", ("boot-1", 5, 7): "hidden", ("boot-1", 6, 7): "silent"}
    seen = snapshot(
        gpu(0, process(4, 1 << 30), process(9, 1 << 30), busy=90.0),
        gpu(1, process(4, 1 << 29), busy=30.0),
        gpu(2, process(5, None), busy=10.0),
        gpu(3, process(6, 1 << 20), busy=None),
        gpu(4, busy=77.0),
    )
    found = uses(holdings([seen], jobs, {}))
    assert found == {"job": GpuUse(60.0, 1536.0), "hidden": GpuUse(10.0, None), "silent": GpuUse(None, 1.0)}


def test_hidden_memory_is_no_series() -> None:
    assert values(*holdings([snapshot(gpu(0, process(5, None)))], {}, {})) == {}


def test_devices_that_do_not_tell() -> None:
    assert list(holdings([snapshot(Gpu(0, "GPU-0", processes=None))], {}, {})) == []


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
    sums: Counter[str] = Counter()
    for labels, value in values(*holdings([seen], jobs, {"name0": "asset"})).items():
        sums[labels[2]] += int(value)
    assert sums == Counter(
        {found.uuid: sum(item.memory or 0 for item in found.processes or ()) for found in gpus if found.processes}
    )


class Moving:
    """Snapshots that change, and a clock."""

    def __init__(self) -> None:
        self.now, self.asked = 0.0, 0
        self.found = [snapshot(gpu(0, process(4, 100)))]
        self.join = Attribution(lambda: self.found, self.jobs, monotonic=lambda: self.now)

    def jobs(self) -> list[Any]:
        self.asked += 1
        return []

    def total(self) -> float:
        return sum(sample.value for sample in self.join.family().samples)


def test_it_is_joined_once_a_second_and_when_a_host_was_read() -> None:
    moving = Moving()
    assert moving.total() == 100
    assert moving.join.use_of("job") is None
    assert moving.asked == 1
    moving.found = [snapshot(gpu(0, process(4, 250)))]
    assert moving.total() == 250
    moving.now += 1.0
    assert moving.total() == 250
    assert moving.asked == 3
    moving.found = []
    assert moving.total() == 0
    assert moving.asked == 3, "nobody holds anything: no job is looked at"
