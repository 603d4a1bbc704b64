"""Containers whose engine goes away and comes back, and containers that never become well: what is said is so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from asset_world import AssetDesk, entry
from containers import POLITE, created
from docker_engine import DockerEngine
from live_desk import wait_until

pytestmark = pytest.mark.process

DEAF = "trap '' TERM; while :; do busybox sleep 0.5; done"
GATED = f"trap 'exit 0' TERM; until [ -e /go ]; do busybox sleep 0.1; done; echo ready; {POLITE}"
HEALTH = ("--health-cmd", "echo no weights in /models; exit 1", "--health-interval", "300ms", "--health-retries", "2")
SCRIPTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "e-plain": (POLITE, ()),
    "e-gated": (GATED, ()),
    "e-deaf": (DEAF, ()),
    "e-crash": ("busybox sleep 0.5; echo out of ideas >&2; exit 3", ()),
    "e-unwell": (POLITE, HEALTH),
}


def registry() -> list[str]:
    ready = {"log": "ready", "timeout_s": 90}
    return [
        entry("plain", container="e-plain"),
        entry("gated", container="e-gated", ready=ready),
        entry("deaf", container="e-deaf", stop_grace_s=4),
        entry("crash", container="e-crash", ready=ready),
        entry("above", container="e-above", dependencies=["crash"]),
        entry("unwell", container="e-unwell", ready={"health": True, "timeout_s": 4}),
    ]


@pytest.fixture(scope="module")
def one_desk(new_asset_desk: Callable[..., AssetDesk], docker_engine: DockerEngine) -> AssetDesk:
    made = new_asset_desk(registry(), env={"DOCKER_HOST": docker_engine.env["DOCKER_HOST"]})
    made.start()
    return made


@pytest.fixture
def desk(one_desk: AssetDesk, engine: DockerEngine) -> Iterator[AssetDesk]:
    """With its containers, none of which runs."""
    for name, (script, options) in SCRIPTS.items():
        created(engine, name, script, *options)
    yield one_desk


@contextmanager
def away(engine: DockerEngine, end: Callable[[], None]) -> Iterator[None]:
    """It is there again in the end, whatever happens."""
    end()
    try:
        yield
    finally:
        engine.start()


def killed(engine: DockerEngine) -> None:
    """With its containerd; the note of that one's pid goes too, lest a zombie be taken for it at the next start."""
    engine.kill()
    (engine.folder / "exec/containerd/containerd.pid").unlink(missing_ok=True)


def truth(engine: DockerEngine, name: str) -> bool:
    """Whether it runs, by the engine itself."""
    return engine.docker("inspect", "-f", "{{.State.Running}}", name) == "true"


def agrees(desk: AssetDesk, engine: DockerEngine, asset: str) -> dict[str, Any]:
    """The asset, once the desk says of it what the engine says."""

    def same() -> dict[str, Any] | None:
        seen = desk.asset(asset)
        doing = {"running": True, "stopped": False, "error": False}.get(seen["status"])
        is_seen = "docker.sock" not in (seen["error"] or "")
        return seen if is_seen and doing == truth(engine, f"e-{asset}") else None

    found: dict[str, Any] = wait_until(same, f"the truth of {asset}")
    return found


def test_an_engine_that_is_stopped_takes_a_start_along(desk: AssetDesk, engine: DockerEngine) -> None:
    """Its containers end with it. While it is away nothing is said to run; what is asked then waits for it a while."""
    desk.done("plain", "start")
    operation = desk.begin("gated", "start")
    desk.until_step(operation, "gated is being started")
    wait_until(lambda: truth(engine, "e-gated"), "its container")
    with away(engine, engine.stop):
        desk.until("plain", "error")
        wait_until(lambda: "docker.sock" in desk.asset("plain")["error"], "the engine's absence")
        meanwhile = desk.begin("deaf", "start")
    ended = desk.end_of(operation)
    assert ended["state"] == "failed" and "ended before it was ready" in ended["error"], ended
    assert agrees(desk, engine, "gated")["status"] == "error"
    assert agrees(desk, engine, "plain")["drift"] in ("crashed", "stopped elsewhere")
    waited = desk.end_of(meanwhile)
    assert waited["state"] == "succeeded" or "docker.sock" in waited["error"], waited
    assert truth(engine, "e-deaf") is (waited["state"] == "succeeded")
    desk.done("plain", "start")
    engine.docker("kill", "e-plain")
    assert desk.until("plain", "error")["usage"]["exit_code"] == 137


def test_an_engine_that_is_killed_in_the_middle(desk: AssetDesk, engine: DockerEngine) -> None:
    """Once while an asset is waited for, and while another is being stopped."""
    desk.done("deaf", "start")
    start = desk.begin("gated", "start")
    wait_until(lambda: truth(engine, "e-gated"), "its container")
    stop = desk.begin("deaf", "stop")
    desk.until_step(stop, "deaf is being stopped")
    with away(engine, lambda: killed(engine)):
        desk.until("deaf", "error")
    stopped = desk.end_of(stop)
    seen = agrees(desk, engine, "deaf")
    assert (stopped["state"], seen["status"]) in {("succeeded", "stopped"), ("failed", "stopped")}, (stopped, seen)
    assert stopped["state"] == "succeeded" or "deaf could not be stopped" in stopped["error"], stopped
    if truth(engine, "e-gated"):
        engine.docker("exec", "e-gated", "/bin/sh", "-c", "echo > /go")
    started = desk.end_of(start)
    seen = agrees(desk, engine, "gated")
    assert (started["state"], seen["status"]) in {("succeeded", "running"), ("failed", "error")}, (started, seen)
    desk.done("deaf", "stop")


def test_one_that_dies_while_it_loads(desk: AssetDesk, engine: DockerEngine) -> None:
    """What needs it is not started, and is not found fault with."""
    created(engine, "e-above", POLITE)
    ended = desk.end_of(desk.begin("above", "start"))
    assert ended["state"] == "failed" and "crash: it ended before it was ready, with exit code 3" in ended["error"]
    seen = desk.asset("crash")
    assert (seen["status"], seen["usage"]["exit_code"]) == ("error", 3) and "exit code 3" in seen["error"], seen
    above = desk.asset("above")
    assert (above["status"], above["desired"], above["drift"]) == ("stopped", "stopped", None), above
    assert not truth(engine, "e-above")


def test_one_whose_health_check_never_passes(desk: AssetDesk, engine: DockerEngine) -> None:
    """What the check said is in the error; it is left as it is, for people to look at."""
    ended = desk.end_of(desk.begin("unwell", "start"))
    assert ended["state"] == "failed", ended
    assert "not ready after 4 s" in ended["error"] and "no weights in /models" in ended["error"], ended
    seen = desk.asset("unwell")
    assert seen["status"] == "error" and "no weights in /models" in seen["error"], seen
    assert truth(engine, "e-unwell")
    desk.done("unwell", "stop")
    assert not truth(engine, "e-unwell") and desk.asset("unwell")["status"] == "stopped"


def test_one_that_is_removed(desk: AssetDesk, engine: DockerEngine) -> None:
    desk.done("plain", "start")
    engine.docker("rm", "--force", "e-plain")
    wait_until(lambda: "there is no container e-plain" in (desk.asset("plain")["error"] or ""), "what it lacks")
    seen = desk.asset("plain")
    assert (seen["status"], seen["drift"]) == ("error", "stopped elsewhere"), seen
    ended = desk.end_of(desk.begin("plain", "start"))
    assert ended["state"] == "failed" and "docker compose up --no-start e-plain" in ended["error"], ended
    created(engine, "e-plain", POLITE)
    desk.done("plain", "start")
    desk.done("plain", "stop")
