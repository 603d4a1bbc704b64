"""The GPUs of this host as the assets room reads them: who holds what, and what cannot be told."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

from snapshots import snapshot

from mixdesk_control.assets.gpus import MIB, Card, Cards, Holder, Owned
from mixdesk_control.attribution import Attribution, cards_of, holdings
from mixdesk_control.meters.snapshots import Gpu, HostSnapshot, Process, SnapshotError

GIB = 1024 * MIB
OWNED = Owned(processes={(4, 7): "tts", (5, 7): "tts"})


def process(pid: int, mb: int | None) -> Process:
    return Process(pid + 10_000, inner_pid=pid, start_ticks=7, memory=None if mb is None else mb * MIB)


def gpu(index: int, *processes: Process, free: float | None = 20 * GIB, total: float | None = 24 * GIB) -> Gpu:
    return Gpu(index, f"GPU-{index}", memory_free=free, memory_total=total, processes=processes)


def cards(seen: HostSnapshot) -> Cards:
    return cards_of(seen, list(holdings([seen], {("boot-1", 9, 7): "job"}, OWNED, "boot-1")))


def the_card(*processes: Process, free: float) -> Card:
    (found,) = cards(snapshot(gpu(0, *processes, free=free))).cards
    return found


def test_a_card_in_mib() -> None:
    card = the_card(process(4, 1000), process(5, 24), process(9, 3000), free=20 * GIB)
    assert (card.index, card.uuid, card.total, card.free) == (0, "GPU-0", 24 * 1024, 20 * 1024)
    assert card.measured == {"tts": 1024}
    assert card.holders[0] == Holder((10_004, 7), "tts", "", 1000), "its pid on the host tells a process"
    assert card.holders[2] == Holder((10_009, 7), "", "job", 3000)
    assert (card.others, card.orphaned, card.hides) == (3000, 4096 - 4024, False)


def test_each_card_has_its_own_holders() -> None:
    found = cards(snapshot(gpu(0, process(4, 100)), gpu(1, process(5, 7)), gpu(2)))
    assert [dict(card.measured) for card in found.cards] == [{"tts": 100}, {"tts": 7}, {}]
    assert found.find(1) is found.find("GPU-1") is found.cards[1]
    assert found.find(3) is None and found.find("GPU") is None


def test_hidden_memory_counts_as_none_and_is_said_to_be_hidden() -> None:
    card = the_card(process(4, None), process(9, None), free=20 * GIB)
    assert card.measured == {} and card.hides
    assert [holder.asset for holder in card.holders] == ["tts", ""], "who is there is known all the same"
    assert card.orphaned == 4096, "what is used and told of nobody"


def test_of_two_processes_one_of_which_is_hidden_the_other_counts() -> None:
    assert the_card(process(4, 100), process(5, None), free=20 * GIB).measured == {"tts": 100}


def test_a_card_that_does_not_say_what_is_free_is_left_out_and_named() -> None:
    found = cards(snapshot(gpu(0), gpu(1, free=None), gpu(2, total=None)))
    assert [card.index for card in found.cards] == [0]
    assert found.error is None and found.silent == {1, "GPU-1", 2, "GPU-2"}, "the others can be promised"
    alone = cards(snapshot(gpu(1, free=None), gpu(2, total=None)))
    assert alone.error == "gpu 1, 2: the driver does not say how much memory is free"


def test_a_driver_that_cannot_be_read() -> None:
    found = cards(snapshot(collectors={"gpu": "the driver does not answer", "cpu": None}))
    assert (found.cards, found.error) == ((), "the driver does not answer")
    assert cards(snapshot(collectors={"gpu": None})).error is None
    assert cards(snapshot()) == Cards((), "box1", 0.0, None), "a host without a GPU"


class Reading:
    """Meters of which one reading is asked; what comes is a snapshot, None, or an error."""

    def __init__(self, found: HostSnapshot | SnapshotError | None) -> None:
        self.found, self.asked, self.looked = found, "", 0

    async def renewed(self, boot_id: str) -> HostSnapshot | None:
        self.asked = boot_id
        if isinstance(self.found, SnapshotError):
            raise self.found
        return self.found

    def look(self) -> None:
        self.looked += 1

    def snapshots(self) -> list[Any]:
        other = snapshot(gpu(7), boot_id="boot-2")
        return [other, self.found] if isinstance(self.found, HostSnapshot) else [other]


def joined(found: HostSnapshot | SnapshotError | None, boot_id: str = "boot-1") -> tuple[Attribution, Reading]:
    reading = Reading(found)
    return Attribution(reading, list, lambda: OWNED, boot_id), reading  # type: ignore[arg-type]


def test_a_reading_for_the_assets_room() -> None:
    join, reading = joined(snapshot(gpu(0, process(4, 100))))
    read = asyncio.run(join.read())
    assert reading.asked == "boot-1"
    assert [dict(card.measured) for card in read.cards] == [{"tts": 100}]
    assert join.last() == read, "the newest there is, of this host and no other"
    assert reading.looked == 1


def test_only_while_an_asset_holds_memory_the_host_is_read_once_a_second() -> None:
    join, reading = joined(snapshot(gpu(0, process(9, 100))))
    assert join.last().cards and not reading.looked
    reading.found = snapshot(gpu(0, process(9, 100), process(4, 1)))
    assert join.last().cards and reading.looked == 1


def test_no_reading_for_the_assets_room() -> None:
    join, _ = joined(SnapshotError("local gives no figures within 3 s"))
    assert asyncio.run(join.read()) == Cards(error="local gives no figures within 3 s")
    assert join.last() == Cards()
    join, _ = joined(None)
    assert asyncio.run(join.read()) == Cards(), "no source reads this host: it has no GPU that anybody knows of"


def job(job_id: str, pid: int, *, boot_id: str = "boot-1", lost: bool = False) -> Any:
    report, document = SimpleNamespace(pid=pid, pid_start=7), SimpleNamespace(started_at=1.0)
    state = {"job_id": job_id, "boot_id": boot_id, "report": report, "document": document}
    return SimpleNamespace(state=SimpleNamespace(**state, status="running", created_at=1.0, is_final=False, lost=lost))


class Places:
    """Says in which container a process is, and remembers who was asked about."""

    def __init__(self, known: dict[tuple[int, int], str]) -> None:
        self.known, self.asked, self.silent = known, set[tuple[int, int]](), set[tuple[int, int]]()

    def containers(self, wanted: Any, silent: Any) -> dict[tuple[int, int], str]:
        self.asked, self.silent = set(wanted), set(silent)
        return {key: box for key, box in self.known.items() if key in self.asked}


def jobs_in_assets(jobs: list[Any], boot_id: str = "boot-1") -> tuple[dict[str, list[str]], Places]:
    owned = Owned(containers={"box": "rvc"}, processes={(4, 7): "tts"})
    places = Places({(5, 7): "box", (6, 7): "box", (8, 7): "foreign"})
    join = Attribution(Reading(None), lambda: jobs, lambda: owned, boot_id, places)  # type: ignore[arg-type]
    return join.jobs_in_assets(), places


def test_jobs_in_assets() -> None:
    jobs = [job("in-process", 4), job("in-box", 5), job("in-box-too", 6), job("by-itself", 7), job("in-foreign", 8)]
    found, places = jobs_in_assets([*jobs, job("elsewhere", 4, boot_id="boot-2")])
    assert found == {"tts": ["in-process"], "rvc": ["in-box", "in-box-too"]}
    assert places.asked == {(pid, 7) for pid in (5, 6, 7, 8)}, "of a process that is an asset's no container is sought"


def test_a_lost_job_counts_where_its_trainer_lives_and_is_not_searched_for() -> None:
    found, places = jobs_in_assets([job("lost", 5, lost=True), job("well", 6)])
    assert found == {"rvc": ["lost", "well"]} and places.silent == {(5, 7)}


def test_no_jobs_in_assets() -> None:
    assert jobs_in_assets([])[0] == {}
    assert jobs_in_assets([job("in-process", 4)], boot_id="")[0] == {}, "a desk that does not know its own host"
