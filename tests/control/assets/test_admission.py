"""The arithmetic of admission on cases worked out by hand, and the advice against all sets there are."""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from torture import chance, times

from mixdesk_control.assets.admission import (
    Holding,
    Need,
    NoSuchGpu,
    Reserved,
    Short,
    Shortage,
    admitted,
    needs,
    shortages,
)
from mixdesk_control.assets.advice import EXACT, advise
from mixdesk_control.assets.asset import Asset
from mixdesk_control.assets.gpus import Card, Cards, Holder

A, B = "GPU-aaaa", "GPU-bbbb"


def asset(name: str, vram_mb: float | None = None, gpus: tuple[int | str, ...] = (0,)) -> Asset:
    return Asset(id=name, name=name, driver="docker", target=name, gpus=gpus, vram_mb=vram_mb)


def cards(free: float, measured: Mapping[str, float] | None = None, **more: object) -> Cards:
    return Cards(cards=(Card(0, A, 24_576.0, free, measured or {}, **more),))  # type: ignore[arg-type]


TWO = Cards(cards=(Card(0, A, 24_576.0, 20_000.0), Card(1, B, 8_192.0, 8_000.0)))


# -- what is needed ----------------------------------------------------------------------------------


def test_the_larger_of_declared_and_seen_counts_on_each_card() -> None:
    seen = {"bark": {A: 5000.0, B: 100.0}, "rvc": {A: 9000.0}}
    found = needs([asset("bark", 4096, (0, B)), asset("rvc", None, (1,)), asset("web", None, ())], TWO, seen)
    assert found == [Need("bark", A, 5000.0), Need("bark", B, 4096.0)]


def test_a_card_named_twice_is_one_need() -> None:
    assert needs([asset("bark", 4096, (0, A))], TWO, {}) == [Need("bark", A, 4096.0)]


def test_what_was_only_ever_seen_counts_too() -> None:
    assert needs([asset("bark", None, (1,))], TWO, {"bark": {B: 700.0}}) == [Need("bark", B, 700.0)]


@pytest.mark.parametrize("vram_mb", [4096.0, None])
def test_a_gpu_that_is_not_here_is_said(vram_mb: float | None) -> None:
    with pytest.raises(NoSuchGpu) as error:
        needs([asset("bark", vram_mb, (0, 3))], TWO, {})
    there = "there are 0 (GPU-aaaa), 1 (GPU-bbbb)"
    assert str(error.value) == f"bark: gpu 3 is not here: {there}: correct `gpus` in the registry"


def test_a_gpu_that_does_not_say_what_is_free_concerns_those_that_need_it() -> None:
    mute = replace(cards(20_000.0), silent=frozenset({1, B}))
    assert needs([asset("bark", 4096), asset("rvc", None, (1,))], mute, {}) == [Need("bark", A, 4096.0)]
    for name in (1, B):
        with pytest.raises(NoSuchGpu, match=rf"^bark: gpu {name}: the driver does not say how much memory is free"):
            needs([asset("bark", 4096, (0, name))], mute, {})


@pytest.mark.parametrize(
    ("free", "seen", "need"),
    [
        (24_576.0, 24_300.0, 24_064.0),  # all but the headroom
        (24_276.4, 24_300.0, 23_764.0),  # what the driver keeps for itself is not there either
        (4_000.0, 24_300.0, 23_040.0),  # what somebody else has taken for a while makes the need no smaller
        (24_576.0, 9_000.0, 9_000.0),
        (24_576.0, 100.0, 4_096.0),
    ],
)
def test_one_that_took_all_there_was_fits_on_an_empty_card(free: float, seen: float, need: float) -> None:
    found = needs([asset("bark", 4096)], cards(free), {"bark": {A: seen}}, 512.0)
    assert found == [Need("bark", A, need)]
    assert bool(shortages(found, [], cards(free), 512.0)) == (free < 24_000)


def test_what_is_declared_is_never_cut() -> None:
    assert needs([asset("bark", 30_000)], cards(24_576.0), {}, 512.0) == [Need("bark", A, 30_000.0)]
    assert needs([asset("bark", None)], cards(24_576.0), {"bark": {A: 9.0}}, 30_000.0) == []


def test_where_no_gpu_can_be_read_only_who_declares_memory_is_refused() -> None:
    assert needs([asset("bark", None)], Cards(), {"bark": {A: 9.0}}) == []
    with pytest.raises(NoSuchGpu, match=r"^bark: gpu 0 is not here: no GPU can be read on this host$"):
        needs([asset("bark", 1.0)], Cards(), {})
    with pytest.raises(NoSuchGpu, match=r"NVML: driver/library version mismatch$"):
        needs([asset("bark", 1.0)], Cards(error="NVML: driver/library version mismatch"), {})


# -- what fits ---------------------------------------------------------------------------------------


def missing(found: Sequence[Shortage]) -> float | None:
    return found[0].missing if found else None


CASES: Mapping[str, tuple[Cards, list[Reserved], float | None]] = {
    "just fits": (cards(4608), [], None),
    "a MiB is missing": (cards(4607), [], 1.0),
    "a promise not taken yet counts": (cards(8703, {"x": 1000}), [Reserved("x", A, 5096)], 1.0),
    "what is taken of it is in free already": (cards(8704, {"x": 1000}), [Reserved("x", A, 5096)], None),
    "use that cannot be told counts as 0": (cards(8000), [Reserved("x", A, 4096)], 704.0),
    "more than reserved does not make up for another": (
        cards(6000, {"x": 9000}),
        [Reserved("x", A, 4096), Reserved("y", A, 2000)],
        608.0,
    ),
    "promises on other cards do not count": (cards(4608), [Reserved("x", B, 4096)], None),
    "what has leaked is missing from free already": (cards(4608), [Reserved("x", A, 4096, leaked=True)], None),
    "admitted already": (cards(0), [Reserved("bark", A, 4096)], None),
    "admitted and loading": (cards(0, {"bark": 1000}), [Reserved("bark", A, 4096)], None),
    "only what goes beyond its promise is new": (cards(1607, {"bark": 1000}), [Reserved("bark", A, 3000)], 1.0 + 2000),
    "runs unreserved: what it has is in free": (cards(3607, {"bark": 1001}), [], None),
    "runs unreserved, and a MiB is missing": (cards(3606, {"bark": 1001}), [], 1.0),
    "has more than it needs": (cards(0, {"bark": 5000}), [], None),
    "what is measured of a leaked one is no part of the new need": (
        cards(4607, {"bark": 4000}),
        [Reserved("bark", A, 4096, leaked=True)],
        1.0,
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_fit(case: str) -> None:
    found, reserved, expected = CASES[case]
    assert missing(shortages([Need("bark", A, 4096.0)], reserved, found, 512.0)) == expected


def test_all_of_a_closure_has_to_fit_and_every_card_that_is_short_is_told() -> None:
    closure = [Need("bark", A, 10_000.0), Need("rvc", A, 9_500.0), Need("rvc", B, 7_489.0), Need("uvr5", B, 1.0)]
    assert [(item.index, item.missing) for item in shortages(closure, [], TWO, 512.0)] == [(0, 12.0), (1, 2.0)]
    assert [item.index for item in shortages(closure[1:], [], TWO, 512.0)] == [1]
    assert shortages(closure[:3], [], TWO, 500.0) == []


def test_a_shortage_says_who_holds_the_memory() -> None:
    others = (Holder((1, 1), asset="x", memory=1000.0), Holder((2, 2), memory=300.0), Holder((3, 3)))
    found = cards(2000, {"x": 1000, "z": 700}, holders=others)
    reserved = [Reserved("y", A, 2500), Reserved("x", A, 1500), Reserved("l", A, 50, leaked=True), Reserved("q", B, 9)]
    (short,) = shortages([Need("bark", A, 4096.0)], reserved, found, 512.0)
    assert short == Shortage(
        A,
        0,
        2000,
        3000.0,
        512.0,
        4096.0,
        5608.0,
        (
            Holding("y", None, 2500),
            Holding("x", 1000, 1500),
            Holding("z", 700, 0.0),
            Holding("l", None, 50, leaked=True),
        ),
        300.0,
    )
    assert [holding.gain for holding in short.holders] == [2500, 1500, 700, 0]
    said = "gpu 0: 4096 MiB are needed and 0 MiB are left (2000 free, 3000 of it promised, 512 kept as headroom)"
    assert str(Short([short])) == said


def test_reservations_never_shrink_and_stand_on_top_of_what_leaked() -> None:
    wanted = [Need("a", A, 100.0), Need("b", A, 100.0), Need("c", A, 100.0), Need("a", B, 7.0)]
    before = [Reserved("a", A, 300.0), Reserved("b", A, 50.0), Reserved("c", A, 80.0, leaked=True)]
    found = Cards(cards=(Card(0, A, 1000.0, 0.0, {"c": 60.0}), Card(1, B, 1000.0, 0.0)))
    after = [Reserved("a", A, 300.0), Reserved("b", A, 100.0), Reserved("c", A, 160.0), Reserved("a", B, 7.0)]
    assert admitted(wanted, before, found) == after


# -- the advice --------------------------------------------------------------------------------------


def short(index: int, gap: float, gains: Mapping[str, float]) -> Shortage:
    return Shortage(
        f"GPU-{index}", index, 0, 0, 0, gap, gap, tuple(Holding(name, mb, 0.0) for name, mb in gains.items())
    )


NOBODY: frozenset[str] = frozenset()


def alone(*names: str) -> dict[str, frozenset[str]]:
    return dict.fromkeys(names, NOBODY)


GAINS = {"a": 500.0, "b": 1000.0, "c": 1000.0, "d": 4000.0}


@pytest.mark.parametrize(
    ("gap", "expected"),
    [
        (400, ("a",)),
        (501, ("b",)),
        (1001, ("d",)),
        (4001, ("a", "d")),
        (5000, ("b", "d")),
        (6500, ("a", "b", "c", "d")),
        (6501, None),
    ],
)
def test_the_fewest_then_the_least_memory_then_the_first(gap: float, expected: tuple[str, ...] | None) -> None:
    assert advise([short(0, gap, GAINS)], alone(*GAINS)) == expected


def test_who_depends_on_it_stops_along_and_counts() -> None:
    stops = alone("a", "c") | {"b": frozenset({"web", "api"}), "d": frozenset({"d", "web"})}
    assert advise([short(0, 900, GAINS)], stops) == ("c",)
    assert advise([short(0, 1300, GAINS)], stops) == ("a", "c"), "two of one kind or the other: less memory"
    assert advise([short(0, 3000, GAINS)], stops) == ("d", "web")
    assert advise([short(0, 800, GAINS)], {"b": frozenset({"web"})}) == ("b", "web")


def test_what_is_to_be_started_is_never_stopped() -> None:
    assert advise([short(0, 900, GAINS)], alone(*GAINS), ("b", "c")) == ("d",)
    assert advise([short(0, 900, GAINS)], {"b": frozenset({"d"})}, ("d",)) is None
    assert advise([short(0, 900, GAINS)], {}) is None


def test_who_gives_nothing_where_it_is_short_is_left_alone() -> None:
    gone = Shortage(A, 0, 0, 0, 0, 10, 10, (Holding("old", 500.0, 500.0, leaked=True), Holding("b", None, 20.0)))
    assert advise([gone], alone("old", "b", "web")) == ("b",)
    assert advise([], alone("b")) == ()


def test_one_that_helps_on_both_cards_goes_before_two() -> None:
    found = [short(0, 100, {"a": 100, "both": 300}), short(1, 100, {"b": 100, "both": 300})]
    assert advise(found, alone("a", "b", "both")) == ("both",)
    assert advise(found, alone("a", "b")) == ("a", "b")


def puzzle(made: random.Random, size: int) -> tuple[list[Shortage], dict[str, frozenset[str]]]:
    """Some assets on a card or two, many of equal size, some of which take others along."""
    names = [f"a{number:03}" for number in range(size)]
    sizes = [made.choice([256.0, 512.0, 1024.0, float(made.randrange(1, 9000))]) for _ in names]
    found = []
    for index in range(made.choice([1, 1, 2])):
        gains = {name: mb for name, mb in zip(names, sizes, strict=True) if made.random() < 0.8}
        found.append(short(index, made.uniform(0.05, 1.02) * (sum(gains.values()) or 1.0), gains))
    deps = made.random() < 0.5
    stops = {name: frozenset(made.sample([*names, "web"], made.randrange(3))) if deps else NOBODY for name in names}
    return found, {name: along for name, along in stops.items() if made.random() < 0.9}


def of_all_sets(found: Sequence[Shortage], stops: Mapping[str, frozenset[str]]) -> tuple[str, ...] | None:
    """The same by looking at every set there is."""
    gains = [{holding.asset: holding.gain for holding in item.holders} for item in found]
    best: tuple[int, float, tuple[str, ...]] | None = None
    for count in range(len(stops) + 1):
        for chosen in itertools.combinations(stops, count):
            stopped = frozenset(chosen).union(*(stops[name] for name in chosen))
            given = [sum(card.get(name, 0.0) for name in sorted(stopped)) for card in gains]
            if all(mb >= item.missing for mb, item in zip(given, found, strict=True)):
                rank = len(stopped), round(sum(given), 2), tuple(sorted(stopped))
                best = rank if best is None else min(best, rank)
    return None if best is None else best[2]


def test_the_advice_is_the_best_of_all_sets() -> None:
    made = chance()
    for _ in range(times(5000, 300)):
        found, stops = puzzle(made, made.randrange(1, 9))
        assert advise(found, stops) == of_all_sets(found, stops), (found, stops)


def test_of_many_it_still_fits_and_nobody_is_stopped_for_nothing() -> None:
    made = chance()
    for _ in range(times(500, 25)):
        found, stops = puzzle(made, made.randrange(EXACT + 1, 80))
        advice = advise(found, stops)
        gains = [{holding.asset: holding.gain for holding in item.holders} for item in found]
        everybody = frozenset(stops).union(*stops.values())
        for item, card in zip(found, gains, strict=True):
            if advice is None:
                continue
            assert sum(card.get(name, 0.0) for name in advice) >= item.missing
        if advice is None:
            lacking = [sum(card.get(name, 0.0) for name in everybody) for card in gains]
            assert any(mb < item.missing for mb, item in zip(lacking, found, strict=True))
        elif not any(stops.values()):
            for left_out in advice:
                rest = [name for name in advice if name != left_out]
                assert any(
                    sum(card.get(name, 0.0) for name in rest) < item.missing
                    for item, card in zip(found, gains, strict=True)
                ), f"{left_out} need not stop"


def test_one_small_asset_too_many_of_many_is_no_reason_to_stop_the_largest() -> None:
    gains = {f"s{number:02}": 2000.0 + number for number in range(20)} | {"huge": 20_000.0}
    assert advise([short(0, 1500, gains)], alone(*gains)) == ("s00",)


def test_two_hundred_assets_are_answered_soon() -> None:
    """About 10 ms; the limit is far off, for a busy machine: a search of all sets would take for ever."""
    made = random.Random(5)
    gains = {f"a{number:03}": made.uniform(100, 9000) for number in range(200)}
    began = time.process_time()
    advice = advise([short(0, sum(gains.values()) / 2, gains)], alone(*gains))
    assert advice is not None and time.process_time() - began < 2.0
