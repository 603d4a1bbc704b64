"""The desk is killed while it starts and stops assets, or ends in order: what was asked is done, what ran is known."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from asset_world import POLITE, STUBBORN, WAIT, AssetDesk, entry, program
from containers import created
from docker_engine import DockerEngine
from live_desk import wait_until
from torture import chance, times

pytestmark = pytest.mark.process

KILLS = times(20, 2)
NewDesk = Callable[..., AssetDesk]


def back(desk: AssetDesk) -> None:
    """Killed, and started again."""
    desk.end(signal.SIGKILL)
    desk.start()


def gate(folder: Path, name: str, what: str = "ready") -> str:
    """A script says a word once a file is there."""
    return f"until [ -e {folder / name} ]; do sleep 0.05; done; echo {what}"


def test_processes_live_on_and_their_ends_are_known(new_asset_desk: NewDesk, tmp_path: Path) -> None:
    """Killed while one operation waits for its asset to be ready, and another for an end."""
    ready = {"log": "ready", "timeout_s": 60}
    desk = new_asset_desk(
        [
            program("slow", f"{gate(tmp_path, 'go')}; {POLITE}", ready=ready),
            program("deaf", STUBBORN, stop_grace_s=2),
            program("short", f"{gate(tmp_path, 'end')}; exit 7"),
            program("steady", POLITE),
        ]
    )
    desk.start()
    for asset in ("deaf", "short", "steady"):
        desk.done(asset, "start")
    start = desk.begin("slow", "start")
    desk.until_step(start, "slow is being started")
    wait_until(lambda: desk.living("slow"), "its process")
    stop = desk.begin("deaf", "stop")
    desk.until_step(stop, "deaf is being stopped")
    before = {asset: desk.living(asset) for asset in ("slow", "steady")}
    desk.end(signal.SIGKILL)
    (tmp_path / "go").touch()
    (tmp_path / "end").touch()
    wait_until(lambda: not desk.living("short"), "an end while the desk is away")
    assert all(desk.living(asset) & pids for asset, pids in before.items())
    desk.start()
    assert desk.end_of(start)["state"] == "succeeded"
    assert desk.end_of(stop)["state"] == "succeeded"
    assert not desk.living("deaf")
    assert desk.until("deaf", "stopped")["usage"]["exit_code"] == -signal.SIGKILL
    short = desk.until("short", "error")
    assert (short["drift"], short["usage"]["exit_code"]) == ("crashed", 7), short
    for asset in ("slow", "steady"):
        assert desk.until(asset, "running") and before[asset] & desk.living(asset)


@pytest.mark.timeout(1500)
def test_at_any_moment(new_asset_desk: NewDesk, docker_engine: DockerEngine) -> None:
    """A container that a process needs, started or stopped together; the desk dies at some point, perhaps twice."""
    dice = chance()
    ready = {"log": "ready", "timeout_s": 60}
    created(docker_engine, "any-base", f"busybox sleep 0.3; echo ready; {POLITE.replace('sleep', 'busybox sleep')}")
    desk = new_asset_desk(
        [
            entry("base", container="any-base", ready=ready, stop_grace_s=2),
            program("model", f"sleep 0.3; echo ready; {POLITE}", dependencies=["base"], ready=ready),
        ],
        env={"DOCKER_HOST": docker_engine.env["DOCKER_HOST"]},
    )
    desk.start()
    for number in range(KILLS):
        starts = number % 2 == 0
        operation = desk.begin("model", "start") if starts else desk.begin("base", "stop", cascade=True)
        killed_after(desk, dice)
        ended = desk.end_of(operation)
        assert ended["state"] == "succeeded", ended
        for asset in ("base", "model"):
            seen = desk.asset(asset)
            assert (seen["status"], seen["drift"]) == ("running" if starts else "stopped", None), (seen, ended)
        assert bool(desk.living("model")) is starts
        assert (docker_engine.docker("inspect", "-f", "{{.State.Running}}", "any-base") == "true") is starts
    audit = desk.get("/admin/audit?limit=1000", role="operator")["items"]
    assert {row["outcome"] for row in audit if row["action"] in ("asset.start", "asset.stop")} == {"succeeded"}
    docker_engine.docker("rm", "--force", "any-base")


def killed_after(desk: AssetDesk, dice: random.Random) -> None:
    time.sleep(dice.uniform(0.0, 0.8))
    desk.end(signal.SIGKILL)
    if dice.random() < 0.3:
        desk.launch()
        time.sleep(dice.uniform(0.0, 3.0))
        desk.end(signal.SIGKILL)
    desk.start()


def test_an_orderly_end_takes_its_processes_along(new_asset_desk: NewDesk, docker_engine: DockerEngine) -> None:
    """In the order of their dependencies; not those that are to stay, nor containers."""
    created(docker_engine, "kept", POLITE.replace("sleep", "busybox sleep"))
    note = 'trap "date +%s.%N > $HOME/$ASSET_OF; exit 0" TERM; '
    home = {"HOME": str(docker_engine.folder)}
    desk = new_asset_desk(
        [
            entry("box", container="kept"),
            program("engine", note + WAIT, env=home),
            program("model", note + WAIT, env=home, dependencies=["engine"]),
            program("stays", POLITE, detach=True),
        ],
        env={"DOCKER_HOST": docker_engine.env["DOCKER_HOST"]},
    )
    desk.start()
    for asset in ("box", "model", "stays"):
        desk.done(asset, "start")
    stays = desk.living("stays")
    desk.end()
    assert not desk.living("engine") and not desk.living("model")
    ended = {name: float((docker_engine.folder / name).read_text()) for name in ("model", "engine")}
    assert ended["model"] < ended["engine"], ended
    assert stays & desk.living("stays")
    assert docker_engine.docker("inspect", "-f", "{{.State.Running}}", "kept") == "true"
    desk.start()
    for asset, status in {"box": "running", "engine": "stopped", "model": "stopped", "stays": "running"}.items():
        assert desk.until(asset, status)["drift"] is None
    desk.done("stays", "stop")
    desk.done("box", "stop")
    docker_engine.docker("rm", "kept")
