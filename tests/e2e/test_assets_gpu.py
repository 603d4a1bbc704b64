"""GPU memory of real processes on a fake card: who holds it, what a stop gives back; and none is promised twice."""

from __future__ import annotations

import random
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import requests
from asset_world import CLAIM, FREE_MB, POLITE, STUBBORN, AssetDesk, Card, is_alive, program
from live_desk import wait_until
from torture import chance, times

pytestmark = pytest.mark.process

AWAY = f"exec env -i CLAIMS=$CLAIMS PATH=$PATH setsid sh -c '{CLAIM.format(mb=2048)}; trap \"\" TERM; sleep 600'"
SIZES = {f"m{number}": mb for number, mb in enumerate((3000, 5000, 7000, 9000, 4000, 6000, 8000, 2000))}
DELAYS = (0.0, 0.3, 0.6, 0.9, 1.2, 0.1, 0.4, 0.7)
ROUNDS = times(20, 2)


def registry() -> list[str]:
    """`m0` to `m7` take their memory some time after they count as running."""
    late = zip(SIZES.items(), DELAYS, strict=True)
    return [
        program("stubborn", f"{CLAIM.format(mb=4096)}; {STUBBORN}", vram_mb=4096, stop_grace_s=0.5),
        program("away", f"({AWAY}) & exit 0", vram_mb=2048, stop_grace_s=0.5),
        program("bark", f"{CLAIM.format(mb=4096)}; {POLITE}", vram_mb=4096),
        program("big", f"{CLAIM.format(mb=FREE_MB - 4000)}; {POLITE}", vram_mb=FREE_MB - 4000),
        program("above", POLITE, dependencies=["big"]),
        program("tough", f"{CLAIM.format(mb=6000)}; {STUBBORN}", vram_mb=6000, stop_grace_s=2, evictable=True),
        *(
            program(name, f"sleep {delay}; {CLAIM.format(mb=mb)}; {POLITE}", vram_mb=mb, evictable=True)
            for (name, mb), delay in late
        ),
    ]


@pytest.fixture(scope="module")
def one_desk(new_asset_desk: Callable[..., AssetDesk], card: Card) -> AssetDesk:
    made = new_asset_desk(registry(), env=card.env)
    made.start()
    return made


@pytest.fixture
def desk(one_desk: AssetDesk, card: Card) -> Iterator[AssetDesk]:
    """With nothing running before and after."""
    yield one_desk
    card.late_s = card.slow_ms = 0
    card.release_orphans()
    stops = [one_desk.begin(asset["id"], "stop", force=True, cascade=True) for asset in one_desk.running()]
    for operation in stops:
        one_desk.end_of(operation)
    wait_until(lambda: card.used_mb == 0, "an empty card")


@contextmanager
def a_stranger(card: Card, mb: float) -> Iterator[None]:
    """Somebody else's process on the card."""
    with subprocess.Popen(["sleep", "600"]) as process:
        card.hold(process.pid, mb)
        wait_until(lambda: card.used_mb >= mb, "the stranger's memory")
        try:
            yield
        finally:
            process.kill()


def started(desk: AssetDesk, asset: str) -> float:
    """It runs, and has its memory: MiB."""
    desk.done(asset, "start")
    return float(wait_until(lambda: desk.vram(asset, "used_mb"), f"the memory of {asset}"))


def test_one_that_ignores_sigterm_is_killed_and_its_memory_is_back(desk: AssetDesk) -> None:
    assert started(desk, "stubborn") == 4096.0
    assert sum(desk.series("mixdesk_asset_gpu_memory_bytes").values()) == 4096 << 20
    stopped = desk.done("stubborn", "stop")
    assert stopped["result"]["freed_mb"] == 4096.0 and stopped["result"]["leaked_mb"] == 0.0, stopped
    assert not desk.living("stubborn")
    seen = desk.asset("stubborn")
    assert seen["status"] == "stopped" and seen["usage"]["exit_code"] == -signal.SIGKILL, seen
    assert seen["usage"]["vram"] == [] and seen["vram_peak_mb"] == 4096.0, seen


def test_a_child_that_forked_away_is_found_by_descent_and_killed(desk: AssetDesk, card: Card) -> None:
    """In a session of its own, without its mark, deaf to SIGTERM, and its parent is gone."""
    assert started(desk, "away") == 2048.0
    (child,) = (int(path.name) for path in card.claims.iterdir())
    stopped = desk.done("away", "stop")
    assert stopped["result"]["freed_mb"] == 2048.0, stopped
    assert not is_alive(child)
    assert desk.asset("away")["usage"]["vram"] == []


def test_a_stop_waits_for_memory_that_comes_back_late(desk: AssetDesk, card: Card) -> None:
    card.late_s = 1.5
    started(desk, "bark")
    stopped = desk.done("bark", "stop")
    assert card.used_mb == 0, "it ended before the memory was back"
    assert stopped["result"]["freed_mb"] == 4096.0 and stopped["result"]["leaked_mb"] == 0.0, stopped


def test_memory_that_does_not_come_back_is_said_so_until_it_does(desk: AssetDesk, card: Card) -> None:
    card.late_s = 3600
    started(desk, "bark")
    stopped = desk.done("bark", "stop")
    assert (stopped["result"]["freed_mb"], stopped["result"]["leaked_mb"]) == (0.0, 4096.0), stopped
    assert any("4096 MiB did not come back" in step["step"] for step in stopped["steps"]), stopped
    assert desk.asset("bark")["status"] == "stopped" and desk.vram("bark", "leaked_mb") == 4096.0
    assert sum(desk.series("mixdesk_asset_gpu_memory_leaked_bytes").values()) == 4096 << 20
    refused = desk.ask("big", "start")
    assert refused.status_code == 409, refused.text
    (holder,) = refused.json()["holders"]
    assert (holder["asset"], holder["leaked"]) == ("bark", True), holder
    card.release_orphans()
    wait_until(lambda: desk.vram("bark", "leaked_mb") == 0.0, "the memory that came back after all")
    desk.done("big", "start")


def test_what_somebody_else_holds_is_counted_and_named(desk: AssetDesk, card: Card) -> None:
    with a_stranger(card, FREE_MB - 4000):
        refused = desk.ask("bark", "start")
        body = refused.json()
        assert refused.status_code == 409 and "no asset that runs would make room" in body["detail"], body
        assert not body["stop"], body
        (other,) = body["holders"]
        assert (other["asset"], other["used_mb"]) == (None, FREE_MB - 4000)
    wait_until(lambda: card.used_mb == 0, "the stranger's end")
    assert started(desk, "bark") == 4096.0
    with a_stranger(card, FREE_MB - 4096):
        wait_until(lambda: desk.ask("m7", "start").status_code == 409, "a card that is seen to be full")
        assert desk.vram("bark", "used_mb") == 4096.0


def test_a_promise_on_account_of_a_stop_ends_with_the_request_that_made_it(desk: AssetDesk, card: Card) -> None:
    """`tough` is being stopped for `big`, which is not wanted any more, then wanted again; then `tough` is wanted."""
    started(desk, "tough")
    first = desk.begin("big", "start", evict=True)
    desk.until_step(first, "tough is being stopped")
    desk.begin("big", "stop")
    refused = desk.ask("big", "start")
    assert refused.status_code == 409 and "stop tough" in refused.json()["detail"], refused.text
    again = desk.begin("tough", "start")
    assert desk.end_of(first)["state"] == "superseded"
    assert desk.end_of(again)["state"] == "succeeded"
    wait_until(lambda: desk.vram("tough", "used_mb") == 6000.0, "its memory")
    assert desk.vram("big", "reserved_mb") == 0.0 and not desk.living("big")
    assert card.overfull == []


def test_nobody_loads_before_the_stop_that_makes_room(desk: AssetDesk, card: Card) -> None:
    """Not even another request that finds the promise made."""
    started(desk, "tough")
    first = desk.begin("big", "start", evict=True)
    desk.until_step(first, "tough is being stopped")
    second = desk.begin("above", "start")
    assert [desk.end_of(operation)["state"] for operation in (first, second)] == ["succeeded", "succeeded"]
    wait_until(lambda: desk.vram("big", "used_mb") == FREE_MB - 4000, "its memory")
    assert card.overfull == []


@pytest.mark.timeout(1500)
@pytest.mark.parametrize("slow_ms", [0, 4])
def test_late_allocations_never_meet_a_full_card(desk: AssetDesk, card: Card, slow_ms: int) -> None:
    """Many are asked for at once, some stopped again, and the driver takes its time to answer."""
    dice = chance()
    card.slow_ms = slow_ms
    with a_stranger(card, dice.choice([0.5, 3000, 9000])):
        for _ in range(ROUNDS):
            answers = at_once(desk, [random.Random(dice.random()) for _ in range(4)])
            assert {answer.status_code for answer in answers} <= {202, 409}, [answer.text for answer in answers]
            ended = [desk.end_of(answer.json()["operation"]) for answer in answers if answer.status_code == 202]
            for asset in desk.running():
                assert asset["status"] == "running", (asset, ended)
                wait_until(lambda of=asset["id"]: desk.vram(of, "used_mb") == SIZES[of], f"all of {asset['id']}")
    assert card.overfull == []


def at_once(desk: AssetDesk, people: list[random.Random]) -> list[requests.Response]:
    """Each asks a few times, all side by side."""
    answers: list[requests.Response] = []

    def ask(dice: random.Random) -> None:
        for _ in range(4):
            name = dice.choice(list(SIZES))
            if dice.random() < 0.7:
                answers.append(desk.ask(name, "start", evict=dice.random() < 0.3))
            else:
                answers.append(desk.ask(name, "stop"))

    threads = [threading.Thread(target=ask, args=(dice,)) for dice in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return answers
