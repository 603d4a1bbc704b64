"""The client package, packed and used from outside: its streams against a real desk."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from admin_embed import Reported
from admin_embed_client import CLIENT, Streams, node_modules, packed, run
from live_desk import Desk, free_port, wait_until

import mixdesk

CONSUMER = """
import { Desk, type Job, shownStatus, unwrap } from "@mixdesk/client";
import { DeskProvider, useJob, useLogTail, useOperation } from "@mixdesk/client/react";
import { embedTicket, embedUrl } from "@mixdesk/client/server";

const desk = new Desk({ url: "http://127.0.0.1:9770", ticket: async () => "t" });
export const all = async (): Promise<string[]> =>
  (await unwrap(desk.rest.GET("/jobs"))).items.map((job) => shownStatus(job as Job));
// @ts-expect-error there is no such route
export const wrong = desk.rest.GET("/nowhere");
export { DeskProvider, embedTicket, embedUrl, useJob, useLogTail, useOperation };
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return packed(tmp_path_factory)


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("logs")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, logs: Path) -> Iterator[Desk]:
    """A desk that reads the logs of a folder."""
    folder = tmp_path_factory.mktemp("desk")
    (folder / "mixdesk.toml").write_text(f'[logs.services]\napi = ["{logs}/*.log"]\n')
    own = Desk(folder / "state", free_port(), config=folder / "mixdesk.toml")
    own.start()
    try:
        yield own
    finally:
        own.close()


@pytest.fixture
def streams(project: Path, desk: Desk) -> Iterator[Streams]:
    program = Streams(project, desk)
    try:
        yield program
    finally:
        program.close()


def until(streams: Streams, kind: str, holds: Callable[[Any], object], what: str) -> Any:
    """The first view of a stream that `holds`."""

    def look() -> Any:
        view = streams("view", kind)
        return view if holds(view) else None

    return wait_until(look, what, 30)


# -- the package -----------------------------------------------------------------------------------


def test_the_package_holds_what_is_built_and_nothing_else(project: Path) -> None:
    installed = project / "node_modules" / "@mixdesk" / "client"
    top = {path.name for path in installed.iterdir()}
    assert top == {"package.json", "README.md", "dist"}
    files = {path.suffix for path in (installed / "dist").rglob("*") if path.is_file()}
    assert files == {".js", ".ts"}
    assert not [one for one in (installed / "dist").rglob("*.js") if '.ts"' in one.read_text()]


def test_its_version_is_the_projects() -> None:
    version = json.loads((CLIENT / "package.json").read_text())["version"]
    assert version == mixdesk.__version__


@pytest.mark.parametrize(("module", "resolution"), [("esnext", "bundler"), ("nodenext", "nodenext")])
def test_others_compile_against_it(project: Path, module: str, resolution: str) -> None:
    (project / "consumer.ts").write_text(CONSUMER)
    run(
        "node", str(node_modules() / "typescript" / "bin" / "tsc"), "--noEmit", "--strict", "--skipLibCheck",
        "--target", "es2022", "--lib", "dom,es2023", "--module", module, "--moduleResolution", resolution,
        "--exactOptionalPropertyTypes", "--types", "react", "consumer.ts",
        cwd=project,
    )  # fmt: skip


def test_it_loads_where_there_is_neither_a_window_nor_a_websocket(project: Path) -> None:
    program = """
      const { Desk, jobs } = await import("@mixdesk/client");
      await import("@mixdesk/client/server");
      await import("@mixdesk/client/react");
      delete globalThis.WebSocket;
      const desk = new Desk({ url: "http://127.0.0.1:9" });
      await desk.me().catch((problem) => console.log(problem.name, problem.status, problem.unreachable));
      try { desk.WebSocket } catch (error) { console.log(error.message) }
    """
    said = run("node", "--input-type=module", "-e", program, cwd=project)
    assert said.splitlines()[0] == "DeskProblem 0 true"
    assert "new Desk({ WebSocket })" in said


def test_a_bundle_holds_only_what_is_used(project: Path) -> None:
    (project / "small.js").write_text('import { shownStatus } from "@mixdesk/client";\nconsole.log(shownStatus({}));\n')
    rolldown = str(node_modules() / ".bin" / "rolldown")
    run(rolldown, "small.js", "--file", "small.out.js", "--format", "esm", cwd=project)
    assert (project / "small.out.js").stat().st_size < 1000


# -- collections -----------------------------------------------------------------------------------


def test_an_empty_collection_is_known_to_be_empty(streams: Streams) -> None:
    for kind in ("assets", "operations"):
        streams("open", kind)
        view = until(streams, kind, lambda view: view["ready"], f"the word on {kind}")
        assert view["data"] == []
        assert view["state"]["phase"] == "live"
    streams("open", "jobs", "there-is-none")
    assert until(streams, "jobs", lambda view: view["ready"], "the word on a job")["data"] == []


def test_changes_are_told_together(streams: Streams, desk: Desk) -> None:
    many = 120
    for number in range(many):
        Reported(desk, f"many-{number}").at(1)
    streams("open", "jobs")
    view = until(streams, "jobs", lambda view: view["ready"], "the jobs")
    # what is there comes as one change, however many frames it took
    assert len([job for job in view["data"] if job[0].startswith("many-")]) == many
    assert view["told"] <= 3


def test_a_stream_goes_on_after_a_restart_of_the_desk(streams: Streams, desk: Desk) -> None:
    job = Reported(desk, "restarted")
    job.at(2)
    streams("open", "jobs")
    until(streams, "jobs", lambda view: ["restarted", "running", 2] in view["data"], "the job")
    desk.end()
    view = until(streams, "jobs", lambda view: view["state"]["phase"] == "reconnecting", "the break")
    assert ["restarted", "running", 2] in view["data"]
    answer = streams("me")
    assert (answer["problem"], answer["status"]) == (True, 0)
    desk.start()
    job.at(5)
    until(streams, "jobs", lambda view: ["restarted", "running", 5] in view["data"], "the next epoch")
    assert streams("view", "jobs")["state"]["phase"] == "live"


def test_an_operation_is_known_also_where_it_had_ended(streams: Streams, desk: Desk) -> None:
    job = Reported(desk, "asked")
    job.at(2)
    asked = desk.post("/admin/jobs/asked/pause", {})["operation"]
    streams("open", "operation", asked)
    until(streams, "operation", lambda view: view["data"] == "pending", "the operation")
    desk.post(f"/admin/operations/{asked}/cancel", {})
    until(streams, "operation", lambda view: view["data"] == "canceled", "its end")
    streams("close", "operation")
    streams("open", "operation", asked)
    until(streams, "operation", lambda view: view["data"] == "canceled", "its end once more")
    streams("open", "operation", "there-is-none")
    view = until(streams, "operation", lambda view: view["ready"], "the word on none")
    assert view["data"] is None


def test_a_right_that_is_not_there_ends_a_stream_with_the_desks_words(project: Path, desk: Desk) -> None:
    reporter = Streams(project, desk, "reporter")
    try:
        reporter("open", "jobs")
        view = until(reporter, "jobs", lambda view: view["state"]["phase"] == "ended", "the refusal")
        assert "needs the role viewer" in view["state"]["reason"]
    finally:
        reporter.close()


# -- metrics ---------------------------------------------------------------------------------------


def test_readings_come_once_and_in_order(streams: Streams, desk: Desk) -> None:
    streams("open", "metrics")
    until(streams, "metrics", lambda view: len(view["data"]) >= 3, "readings")
    streams("close", "metrics")
    streams("open", "metrics")
    view = until(streams, "metrics", lambda view: len(view["data"]) >= 5, "the history again")
    assert view["data"] == sorted(set(view["data"]))


# -- logs ------------------------------------------------------------------------------------------


def tail_of(streams: Streams, **options: Any) -> None:
    streams("open", "tail", json.dumps({"service": "api", "source": "app", **options}))


def texts(view: Any) -> list[str]:
    return [entry["text"] for entry in view["data"]["entries"] if entry["kind"] == "record"]


def marks(view: Any) -> list[str]:
    return [entry["kind"] for entry in view["data"]["entries"] if entry["kind"] != "record"]


@pytest.fixture
def log(logs: Path, desk: Desk) -> Iterator[Path]:
    """A log with three lines, which the desk knows."""
    file = logs / "app.log"
    file.write_text("one\nERROR two\nthree\n")
    wait_until(lambda: desk.get("/admin/logs/sources/api")["items"], "the log")
    yield file
    file.unlink()


def test_a_tail_grows_and_goes_on_after_a_restart(streams: Streams, desk: Desk, log: Path) -> None:
    tail_of(streams, lines=2)
    view = until(streams, "tail", lambda view: view["data"]["live"] and view["ready"], "the last lines")
    assert texts(view) == ["ERROR two", "three"]
    assert view["data"]["entries"][0]["level"] == "error"
    assert view["data"]["source"]["id"] == "app"
    with log.open("a") as file:
        file.write("four\n")
    until(streams, "tail", lambda view: texts(view)[-1] == "four", "a new line")
    desk.end()
    until(streams, "tail", lambda view: view["state"]["phase"] == "reconnecting", "the break")
    with log.open("a") as file:
        file.write("five\nsix\n")
    desk.start()
    view = until(streams, "tail", lambda view: "six" in texts(view), "what was written meanwhile")
    # nothing twice, nothing lost, and the place of the break is marked
    assert texts(view) == ["ERROR two", "three", "four", "five", "six"]
    assert marks(view) == ["seam"]
    assert next(entry for entry in view["data"]["entries"] if entry["kind"] == "seam")["whole"] is True


def test_a_burst_is_told_a_dozen_times_a_second_at_most(streams: Streams, log: Path) -> None:
    tail_of(streams, keep=1000)
    before = until(streams, "tail", lambda view: view["data"]["live"], "the last lines")["told"]
    with log.open("a") as file:
        for number in range(5000):
            file.write(f"line {number}\n")
    view = until(streams, "tail", lambda view: texts(view)[-1:] == ["line 4999"], "the burst")
    assert len(view["data"]["entries"]) == 1000
    assert view["told"] - before < 200


def test_a_log_or_a_filter_that_is_not_there_is_said_in_the_desks_words(streams: Streams, log: Path) -> None:
    tail_of(streams, regex="(")
    view = until(streams, "tail", lambda view: view["state"]["phase"] == "ended", "the refusal")
    assert "regex" in view["state"]["reason"]
    streams("close", "tail")
    streams("open", "tail", json.dumps({"service": "api", "source": "nothing"}))
    view = until(streams, "tail", lambda view: view["state"]["phase"] == "ended", "the refusal")
    assert "nothing" in view["state"]["reason"]
