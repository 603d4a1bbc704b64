"""The shipped voice platform in containers, and the logs of its eight services at a real desk beside it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator, Set
from contextlib import contextmanager
from typing import Any

import compose_program
import pytest
import requests
from docker_engine import DockerEngine
from live_desk import MIXDESK, Desk, free_port, wait_until
from log_platform import FILES, SOURCES, Platform, Tail, name

pytestmark = [
    pytest.mark.process,
    pytest.mark.skipif(compose_program.program() is None, reason="needs Docker Compose: scripts/newer-packages"),
]

ALL = "lines=100000"
ROTATING = """
cd /var/log/nginx; exec 3>>error.log; i=0
while [ $i -lt 450 ]; do
    i=$((i+1)); echo "2026/11/30 10:00:01 [error] rotated $i" >&3
    case $i in
        *90) for n in 3 2 1; do [ ! -e error.log.$n ] || busybox mv error.log.$n error.log.$((n+1)); done
            busybox mv error.log error.log.1 ;;
        *00) exec 3>>error.log ;;
        *5) busybox usleep 10000 ;;
    esac
done
"""
"""As nginx turns its log over: what it writes before it opens the new file goes to the renamed one."""


@pytest.fixture(scope="module")
def platform(docker_engine: DockerEngine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    program = compose_program.program()
    assert program is not None
    made = Platform(docker_engine, program, tmp_path_factory.mktemp("platform"))
    made.start()
    yield made
    made.close()


@pytest.fixture(scope="module")
def desk(platform: Platform) -> Iterator[Desk]:
    """With the settings of the example, and a list for shippers."""
    shipped = platform.config.read_text()
    platform.config.write_text(shipped.replace("[logs]\n", '[logs]\ntargets_file = "targets.json"\n'))
    with running(platform, "state", platform.engine.env["DOCKER_HOST"]) as made:
        yield made


@contextmanager
def running(platform: Platform, state: str, engine: str) -> Iterator[Desk]:
    made = Desk(platform.folder / state, free_port(), config=platform.config)
    made.env["DOCKER_HOST"] = engine
    try:
        made.start()
        yield made
    finally:
        made.close()


def services(desk: Desk) -> dict[str, Any]:
    """By name, without that of jobs."""
    items = desk.get("/admin/logs/services", "operator")["items"]
    return {item["service"]: item for item in items if item["service"] != "jobs"}


def sources(desk: Desk, service: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = desk.get(f"/admin/logs/sources/{service}", "operator")["items"]
    return found


def tail(desk: Desk, source: str, query: str = ALL) -> Tail:
    return Tail(f"{desk.url}/admin/logs/stream/{source}?{query}", desk.token("operator"))


def ask(desk: Desk, path: str) -> str:
    headers = {"Authorization": f"Bearer {desk.token('operator')}"}
    answer = requests.get(f"{desk.url}/admin/logs/{path}", headers=headers, timeout=60)
    answer.raise_for_status()
    return answer.text


def hits(desk: Desk, query: str) -> list[dict[str, Any]]:
    """Newest first; a search that was cut is no answer here."""
    found = [json.loads(line) for line in ask(desk, f"search?limit=10000&{query}").splitlines()]
    assert all("cut" not in hit for hit in found), found[-1]
    return found


def test_all_eight_are_listed_with_their_containers(desk: Desk) -> None:
    found = services(desk)
    assert {service: item["containers"] for service, item in found.items()} == {one: [name(one)] for one in SOURCES}
    for service, item in found.items():
        assert (item["container"], item["state"]) == (name(service), "running")
        assert set(item["found_in"]) == {"compose", "engine"} and item["notes"] == []
        assert item["sources"] == item["readable"] == len(SOURCES[service])


def test_the_sources_of_each_are_ranked_and_say_why(desk: Desk) -> None:
    for service, wanted in SOURCES.items():
        found = sources(desk, service)
        assert [(one["id"], one["kind"]) for one in found] == wanted
        assert all(one["readable"] and one["why"] and one["reason"] is None for one in found)
        assert {one["path"] for one in found} >= FILES.get(service, {}).keys()


def test_what_was_written_is_downloaded_and_found(desk: Desk) -> None:
    for service, files in FILES.items():
        by_path = {one["path"]: one["id"] for one in sources(desk, service)}
        for path, line in files.items():
            assert ask(desk, f"download/{service}/{by_path[path]}").startswith(f"{line}\n"), path
    starts = {(hit["service"], hit["source"], hit["text"]) for hit in hits(desk, "regex=%20starts$")}
    assert starts == {(service, "stdout", f"{service} starts") for service in SOURCES}
    (one,) = hits(desk, "q=signed&level=info")
    assert (one["service"], one["source"], one["file"]) == ("api", "laravel", "laravel.log")
    assert one["time"].startswith("2026-11-30T10:00:00")


def test_the_list_for_shippers_has_them_all_and_a_restart_changes_none(desk: Desk, platform: Platform) -> None:
    wanted = {(service, source, kind) for service, found in SOURCES.items() for source, kind in found}
    before = listed(platform, wanted)
    assert {group["labels"]["platform"] for group in before} == {"voice-platform"}
    platform.engine.docker("restart", name("api"), name("redis"))
    (platform.folder / "logs/nginx/later.log").write_text("its being listed shows that there was a look\n")
    later = ("nginx", "later", "application")
    assert [group for group in listed(platform, {*wanted, later}) if told_by(group) != later] == before
    done = desk.cli("logs", "targets", "--check", str(platform.folder / "targets.json"), check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def listed(platform: Platform, wanted: Set[tuple[str, ...]]) -> list[dict[str, Any]]:
    """The list, once just those sources are in it."""
    path = platform.folder / "targets.json"

    def has() -> list[dict[str, Any]]:
        groups: list[dict[str, Any]] = json.loads(path.read_text()) if path.exists() else []
        return groups if {told_by(group) for group in groups} == wanted else []

    found: list[dict[str, Any]] = wait_until(has, "the list of all sources")
    return found


def told_by(group: dict[str, Any]) -> tuple[str, ...]:
    return tuple(group["labels"][key] for key in ("service", "source", "kind"))


def test_a_tail_goes_through_rotations_inside_the_container(desk: Desk, platform: Platform) -> None:
    wanted = [f"2026/11/30 10:00:01 [error] rotated {number}" for number in range(1, 451)]
    with tail(desk, "nginx/error") as seen:
        seen.live()
        platform.shell("nginx", ROTATING)
        lines = seen.until(wanted[-1])
    assert lines == [FILES["nginx"]["/var/log/nginx/error.log"], *wanted]
    assert set(seen.said("rotated")) == {"renamed"} and not seen.said("skipped")
    assert set(seen.said("levels")[-1]) == {"error"}
    wait_until(lambda: ask(desk, "download/nginx/error").splitlines() == lines, "all of its files in the download")
    found = hits(desk, "q=rotated&service=nginx")
    assert [hit["text"] for hit in reversed(found)] == wanted
    assert len({hit["file"] for hit in found}) == 5


def test_a_tail_goes_on_in_a_container_that_is_made_anew(desk: Desk, platform: Platform) -> None:
    before = platform.engine.docker("inspect", "--format", "{{.Id}}", name("voice-engine"))
    with tail(desk, "voice-engine/engine") as file, tail(desk, "voice-engine/stdout") as output:
        file.live()
        output.live()
        platform.compose("up", "--detach", "--wait", "--no-deps", "--force-recreate", "voice-engine")
        assert platform.engine.docker("inspect", "--format", "{{.Id}}", name("voice-engine")) != before
        platform.compose("stop", "voice-engine")
        written = (platform.folder / "logs/voice-engine/engine.log").read_text().splitlines()
        assert file.until(written[-1]) == written
        shown = [line for line in output.until(written[-1]) if line != "voice-engine starts"]
        assert shown == written
    platform.compose("start", "voice-engine")
    assert len({line.split()[1] for line in written}) == 2, "two containers"
    assert ask(desk, "download/voice-engine/engine").splitlines()[: len(written)] == written
    assert not file.said("skipped") and not output.said("skipped")


def test_a_tail_of_what_it_prints_goes_through_a_restart(desk: Desk, platform: Platform) -> None:
    with tail(desk, "web/stdout") as seen:
        seen.live()
        platform.engine.docker("restart", name("web"))
        platform.engine.docker("stop", name("web"))
        written = platform.file("/written", "web")
        lines = seen.until(written[-1])
    assert [line for line in lines if line != "web starts"] == written
    assert lines.count("web starts") == len({line.split()[1] for line in written}) == 2
    assert ask(desk, "download/web/stdout").splitlines() == lines
    assert [hit["text"] for hit in reversed(hits(desk, "q=line&service=web"))] == written
    platform.engine.docker("start", name("web"))


def test_the_command_follows_it(desk: Desk, platform: Platform) -> None:
    command = [MIXDESK, "logs", "tail", "nginx", "error", "-f", "-n", "1"]
    with subprocess.Popen(command, env=desk.env, stdout=subprocess.PIPE, text=True) as follower:
        assert follower.stdout is not None
        try:
            first = follower.stdout.readline()
            assert "[error]" in first
            platform.shell("nginx", "echo '[error] told to the command' >> /var/log/nginx/error.log")
            assert follower.stdout.readline() == "[error] told to the command\n"
        finally:
            follower.terminate()


def test_an_engine_that_hangs_is_told_and_keeps_nobody_waiting(desk: Desk, platform: Platform) -> None:
    daemon = int((platform.engine.folder / "pid").read_text())
    os.kill(daemon, signal.SIGSTOP)
    try:
        found = wait_until(lambda: told(desk), "a note of it")
        assert found.keys() == SOURCES.keys()
        assert "upstream timed out" in ask(desk, "download/nginx/error")
    finally:
        os.kill(daemon, signal.SIGCONT)
    comes_back(desk)


def test_an_engine_that_is_away_is_told_and_comes_back(desk: Desk, platform: Platform) -> None:
    platform.engine.stop()
    try:
        found = wait_until(lambda: told(desk), "a note of it")
        assert found.keys() == SOURCES.keys()
        assert "upstream timed out" in ask(desk, "download/nginx/error")
    finally:
        platform.engine.start()
    platform.compose("up", "--detach", "--wait")
    comes_back(desk)


def told(desk: Desk) -> dict[str, Any]:
    """The services, where each has a note."""
    found = services(desk)
    return found if all(item["notes"] for item in found.values()) else {}


def comes_back(desk: Desk) -> None:
    wait_until(lambda: not any(map(is_wanting, services(desk).values())), "all services with all of their logs")


def is_wanting(item: dict[str, Any]) -> bool:
    return item["state"] != "running" or item["readable"] != item["sources"] or not item["sources"]


def test_without_an_engine_the_compose_file_is_enough(platform: Platform) -> None:
    with running(platform, "other-state", f"unix://{platform.folder}/no.sock") as desk:
        found = services(desk)
        assert found.keys() == SOURCES.keys()
        assert all("compose" in item["found_in"] and item["notes"] for item in found.values())
        assert "upstream timed out" in ask(desk, "download/nginx/error")
