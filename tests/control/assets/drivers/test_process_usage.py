"""What processes use, from files as the kernel writes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from mixdesk_control.assets.asset import Usage
from mixdesk_control.assets.drivers.process.usage import KIB, TICKS, Meter

ONE, OTHER = (7, 1000), (8, 2000)


class Host:
    """Processes in files."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.now = folder, 100.0
        self.meter = Meter(str(folder), lambda: self.now)

    def put(
        self, process: tuple[int, int], *, ticks: int = 0, faults: int = 0, rss: int = 0, own: int = 0, shared: int = 0
    ) -> None:
        """`own` and `shared` in KiB."""
        pid, start = process
        place = self.folder / str(pid)
        place.mkdir(exist_ok=True)
        fields = f"S 1 1 1 0 -1 0 {faults} 0 0 0 {ticks} 0 0 0 20 0 1 0 {start} 99 {rss} 0 0"
        (place / "stat").write_text(f"{pid} (a) {fields}\n")
        (place / "status").write_text(f"Name:\ta\nRssAnon:\t{own:8} kB\nRssFile:\t 9 kB\nRssShmem:\t{shared:8} kB\n")

    def read(self, *processes: tuple[int, int]) -> Usage | None:
        return self.meter.read({"bark": frozenset(processes)}).get("bark")


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path)


def test_own_memory_is_summed_and_shared_is_counted_once(host: Host) -> None:
    host.put(ONE, own=100, shared=50)
    host.put(OTHER, own=10, shared=70)
    assert host.read(ONE, OTHER) == Usage(memory=180 * KIB)


def test_cores_since_the_reading_before(host: Host) -> None:
    host.put(ONE, ticks=5)
    host.read(ONE)
    host.now += 2
    host.put(ONE, ticks=5 + 3 * TICKS)
    assert host.read(ONE) == Usage(memory=0, cpu_ratio=1.5)


@pytest.mark.parametrize("did", [{"ticks": 1}, {"faults": 1}, {"rss": 1}])
def test_memory_is_read_anew_where_a_process_has_done_anything(host: Host, did: dict[str, int]) -> None:
    host.put(ONE, own=100)
    host.read(ONE)
    host.now += 1
    host.put(ONE, own=300, **did)
    found = host.read(ONE)
    assert found is not None and found.memory == 300 * KIB


def test_memory_of_one_that_did_nothing_is_as_it_was(host: Host) -> None:
    host.put(ONE, own=100, shared=4)
    host.put(OTHER, own=1)
    host.read(ONE, OTHER)
    host.now += 1
    (host.folder / "7" / "status").unlink()
    found = host.read(ONE, OTHER)
    assert found is not None and found.memory == 105 * KIB


def test_another_process_of_that_number_is_not_counted(host: Host) -> None:
    host.put(ONE, own=100)
    assert host.read((7, 999)) is None
    assert host.read((9, 1)) is None
