"""A real desk, real trainers, a real receiver: each thing is told exactly once, whatever dies on the way."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from live_desk import Desk, free_port, wait_until
from told import Receiver

from mixdesk_control.settings_notify import EVENTS

PATH = "/hook/geheim"

CONFIG = """
[jobs]
lease_s = 5
lost_fail_s = 6
[server]
public_url = "http://127.0.0.1:{port}"
[notify]
url = "{url}"
events = {events}
stalled_s = 5
min_duration_s = 0
"""


class Scene:
    """One desk with one receiver."""

    def __init__(self, folder: Path, receiver: Receiver) -> None:
        self.folder, self.receiver, self.port = folder, receiver, free_port()
        config = folder / "mixdesk.toml"
        config.write_text(CONFIG.format(port=self.port, url=receiver.url + PATH, events=list(EVENTS)))
        self.desk = Desk(folder / "state", self.port, config=config)

    def trainer(self, name: str, what: str) -> subprocess.Popen[str]:
        """One that has begun."""
        started = self.launch(name, what)
        if what != "end":
            self.wait_for(name)
        return started

    def launch(self, name: str, what: str) -> subprocess.Popen[str]:
        return self.desk.trainer(name, what, self.folder, script="eventful.py")

    def wait_for(self, name: str) -> None:
        wait_until((self.folder / f"{name}.runs").exists, f"{name} runs")

    def hurry(self, name: str) -> None:
        (self.folder / f"{name}.hurry").touch()

    def status(self, name: str) -> Any:
        return next((job["status"] for job in self.desk.get("/jobs")["items"] if job["name"] == name), None)

    def log(self) -> str:
        return (self.folder / "desk.log").read_text()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    receiver = Receiver()
    made = Scene(tmp_path_factory.mktemp("told"), receiver)
    try:
        made.desk.start()
        yield made
    finally:
        made.desk.close()
        receiver.close()


@pytest.fixture
def scene(shared: Scene) -> Scene:
    """The desk of all, running, and its receiver as new. Names of jobs are each test's own."""
    receiver = shared.receiver
    receiver.fault, receiver.say, receiver.slow_s = None, b"", 0.3
    receiver.came.clear()
    if shared.desk.process is None or shared.desk.process.poll() is not None:
        shared.desk.start()
    return shared


def test_each_thing_is_told_once(scene: Scene) -> None:
    receiver = scene.receiver
    saves = "--name", "saves", "--epochs", 1, "--checkpoints", scene.folder / "checkpoints"
    scene.desk.trainer(*saves)
    begun = {name: scene.launch(name, "wait") for name in ("killed", "stopped", "asked")}
    for name in ("stand", "fail", "end"):
        scene.launch(name, name)
    for name in begun:
        scene.wait_for(name)
    begun["killed"].kill()
    begun["stopped"].terminate()
    job_id = wait_until(
        lambda: [j["job_id"] for j in scene.desk.get("/jobs")["items"] if j["name"] == "asked"], "asked"
    )
    scene.desk.post(f"/admin/jobs/{job_id[0]}/cancel", {})
    receiver.wait_for(lambda told: ("job.stalled", "stand") in told.events())
    scene.hurry("stand")
    expected = sorted(
        [
            ("job.succeeded", "end"),
            ("job.failed", "fail"),
            ("job.stalled", "stand"),
            ("job.succeeded", "stand"),
            ("job.lost", "killed"),
            ("job.failed", "killed"),
            ("job.interrupted", "stopped"),
            ("job.canceled", "asked"),
            ("checkpoint.saved", "saves"),
            ("job.succeeded", "saves"),
        ]
    )
    names = {name for _, name in expected}
    receiver.wait_for(lambda told: len(told.events(*names)) >= len(expected))
    scene.trainer("after", "end")  # what came twice has come before this
    receiver.wait_for(lambda told: ("job.succeeded", "after") in told.events())
    assert receiver.events(*names) == expected, [str(message.body) for message in receiver.came]
    whole = {(body["event"], body["job"]["name"]): body for body in receiver.taken()}
    failed = whole["job.failed", "fail"]
    assert failed["error"] == "RuntimeError: the microphone was muted" and failed["severity"] == "critical"
    assert failed["link"] == f"{scene.desk.url}/ui/jobs/detail/?id={failed['job']['job_id']}"
    saved = whole["checkpoint.saved", "saves"]["checkpoint"]
    assert Path(saved["path"]).stat().st_size == saved["size"] and saved["epoch"] == 1
    assert whole["job.failed", "killed"]["error"] == "lost contact"
    assert {message.path for message in receiver.came} == {PATH}
    assert "geheim" not in scene.log()


def test_a_desk_that_is_killed_loses_nothing_and_repeats_nothing(scene: Scene) -> None:
    """SIGKILL while the receiver hangs and messages wait; trainers end while no desk is there; then it is slow."""
    receiver, desk = scene.receiver, scene.desk
    begun = [scene.launch(name, "wait") for name in ("late", "later")]
    for name in ("late", "later"):
        scene.wait_for(name)
    receiver.fault = "hang"
    for name in ("first", "second"):
        scene.trainer(name, "end")
        wait_until(lambda name=name: scene.status(name) == "succeeded", f"the end of {name}")
    receiver.wait_for(lambda told: told.came)
    desk.end(signal.SIGKILL)
    receiver.fault = 503
    for name in ("late", "later"):
        scene.hurry(name)
    for trainer in begun:
        assert trainer.wait(90) == 0, trainer.communicate()[0]
    begun_again = len(receiver.came)
    desk.start()
    receiver.wait_for(lambda told: len(told.came) > begun_again)
    receiver.fault = "slow"
    names = "first", "second", "late", "later", "last"
    receiver.wait_for(lambda told: len(told.events(*names)) >= 4, 120)
    scene.trainer("last", "end")
    receiver.wait_for(lambda told: ("job.succeeded", "last") in told.events())
    assert receiver.events(*names) == [("job.succeeded", name) for name in sorted(names)]


def test_trying_it_out(scene: Scene) -> None:
    receiver, desk = scene.receiver, scene.desk
    done = desk.cli("notify", "test")
    assert done.stdout.startswith(f"{receiver.url} took it (200, ") and "geheim" not in done.stdout
    assert desk.cli_json("notify", "test")["format"] == "json"
    (finding,) = (item for item in desk.get("/admin/doctor")["items"] if item["check"] == "notify")
    assert finding["verdict"] == "ok" and "taken" in finding["found"]
    receiver.fault, receiver.say = 404, b"no_service"
    refused = desk.cli("notify", "test", check=False)
    assert refused.returncode == 1 and f"{receiver.url} answered 404 (no_service)" in refused.stderr
    (finding,) = (item for item in desk.get("/admin/doctor")["items"] if item["check"] == "notify")
    assert finding["verdict"] == "broken" and "404" in finding["found"]
    shown = desk.get("/admin/settings")["settings"]["notify"]
    assert shown["url"] == f"{receiver.url}/***"
    lines = [line for line in desk.get("/admin/audit")["items"] if line["action"] == "notify.test"]
    assert [line["outcome"] for line in lines] == ["failed", "succeeded", "succeeded"]
    metrics = desk.get("/metrics", "scraper")
    assert 'mixdesk_notifications_total{event="job.failed",outcome="sent"} 0.0' in metrics
    everything = str([shown, lines, finding, metrics]) + refused.stderr + scene.log()
    assert "geheim" not in everything


def test_a_receiver_that_hangs_holds_up_neither_requests_nor_the_end_of_the_desk(scene: Scene) -> None:
    receiver, desk = scene.receiver, scene.desk
    receiver.fault = "hang"
    scene.trainer("one", "end")
    receiver.wait_for(lambda told: told.came)
    scene.trainer("two", "end")
    wait_until(lambda: scene.status("two") == "succeeded", "the end of two")
    hung = [message.answered for message in receiver.came]
    assert hung == [None], "it still hangs"
    desk.end()
    assert desk.process is not None and desk.process.returncode == 0
    assert [message.answered for message in receiver.came] == [None], "it hung to the end"
    assert "what still runs is left" not in scene.log(), "nor does a thread"
