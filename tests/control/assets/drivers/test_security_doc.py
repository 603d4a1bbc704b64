"""docs/security.md says which calls are made, and the filter that it shows lets them through and nothing else."""

from __future__ import annotations

import asyncio
import json
import os
import re
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import aclosing
from http.client import HTTPConnection
from pathlib import Path

import pages
import pytest
from containers import POLITE, asset, closing, seen
from docker_engine import DockerEngine, wait_for

from mixdesk_control.assets.asset import RUNNING, STOPPED
from mixdesk_control.assets.drivers.docker.driver import DockerDriver
from mixdesk_control.docker_engine.engine import ASSET_CALLS, CALLS

PAGE = pages.page("security")
SOCKET = "/var/run/docker.sock"
NOBODY = 65534


def test_the_calls_are_those_of_the_code() -> None:
    rows = pages.table(PAGE, "method", "path", "for")
    assert [(row[0], row[1].strip("`")) for row in rows] == list(CALLS)
    assert set(CALLS) - set(ASSET_CALLS) == {("HEAD", rows[-1][1].strip("`")), ("GET", rows[-1][1].strip("`"))}


@pytest.fixture
def folder() -> Iterator[Path]:
    """The filter's runtime folder, as its unit makes it: its user's own."""
    with tempfile.TemporaryDirectory(prefix="mixdesk-docker-") as made:
        os.chown(made, NOBODY, NOBODY)
        yield Path(made)


@pytest.fixture
def site(docker_engine: DockerEngine, folder: Path) -> Iterator[Path]:
    """The filter as it is shown, before the engine of the tests, by a user who is in the group of its socket: the
    filter's socket."""
    (shown,) = pages.blocks(PAGE, "nginx")
    engine = folder / "engine.sock"
    engine.hardlink_to(docker_engine.socket)  # the way to the real one is root's alone
    assert shown.count(SOCKET) == 1 and "user" not in shown
    config = folder / "nginx.conf"
    config.write_text(shown.replace("/run/mixdesk-docker", str(folder)).replace(SOCKET, str(engine)))
    command = [*unit("ExecStart").split()[:-1], str(config)]
    server = subprocess.Popen(
        command, stderr=subprocess.PIPE, user=NOBODY, group=NOBODY, extra_groups=[engine.stat().st_gid]
    )
    try:
        wait_for((folder / "docker.sock").exists, "the filter's socket")
        yield folder / "docker.sock"
    finally:
        server.terminate()
        server.communicate(timeout=30)


def unit(key: str) -> str:
    """A line of the filter's unit."""
    (shown,) = pages.blocks(PAGE, "ini")
    (value,) = (line.partition("=")[2] for line in shown.splitlines() if line.startswith(f"{key}="))
    return value


def test_the_filter_is_an_nginx_of_its_own() -> None:
    """With rights to the engine's socket, all that an nginx serves is root on the host."""
    assert (unit("User"), unit("SupplementaryGroups")) == ("mixdesk-docker", "docker")
    assert (unit("RuntimeDirectory"), unit("RuntimeDirectoryMode")) == ("mixdesk-docker", "0750")
    assert f"Group={unit('Group')}\n" in (pages.DOCS / "mixdesk.service").read_text()
    (shown,) = pages.blocks(PAGE, "nginx")
    assert re.findall(r"listen\s+(\S+);", shown) == ["unix:/run/mixdesk-docker/docker.sock"]
    assert "include" not in shown


@pytest.mark.process
def test_the_filter_shown_is_enough(site: Path, create: Callable[..., str]) -> None:
    create("bark", f"echo here; {POLITE}")
    bark = asset("bark")

    async def live() -> None:
        told = asyncio.Event()
        async with closing(DockerDriver(f"unix://{site}")) as driver:
            follower = asyncio.create_task(driver.follow(lambda: [bark], lambda _: told.set()))
            await asyncio.wait_for(told.wait(), 30)
            assert (await seen(driver, bark)).doing == STOPPED
            await driver.start(bark)
            assert (await seen(driver, bark)).doing == RUNNING
            async with aclosing(driver.lines(bark)) as lines:
                assert await asyncio.wait_for(anext(lines), 30) == "here"
            told.clear()
            await driver.stop(bark, 30)
            assert (await seen(driver, bark)).doing == STOPPED
            await asyncio.wait_for(told.wait(), 30)
            follower.cancel()
            await asyncio.gather(follower, return_exceptions=True)

    asyncio.run(live())


@pytest.mark.process
def test_and_it_lets_nothing_else_through(site: Path, create: Callable[..., str]) -> None:
    one = f"/containers/{create('bark', POLITE)}"
    assert ask(site, "GET", f"/v1.41{one}/json") == 200
    refused = [
        *(("POST", f"{one}/{verb}") for verb in ("kill", "restart", "exec", "rename?name=x", "update", "wait")),
        *(("POST", path) for path in ("/containers/create", "/containers/prune", "/build", "/images/create")),
        *(("GET", f"{one}/{noun}") for noun in ("archive?path=/", "export", "top", "changes", "attach/ws")),
        *(("GET", path) for path in ("/info", "/images/json", "/secrets", "/containers/json/../../info")),
        *(
            ("GET", f"/containers/json{end}")
            for end in ("/", "/..%2f..%2finfo", "%0a/info", "%0a", "x", "#/../../info")
        ),
        *(("POST", f"{one}/start?{query}") for query in ("checkpoint=x", "checkpoint-dir=/", "t=1&checkpoint=x")),
        *(("POST", f"/v{old}{one}/start") for old in ("1.23", "1.12", "1", "1.2%33", "1.24/../v1.23", "01.23")),
        *(("POST", path) for path in ("/containers/bark/start", f"{one[:24]}/start", f"{one}/start/../kill")),
        ("GET", f"{one}/start"),
        ("POST", f"{one}/json"),
        ("DELETE", one),
        ("PUT", f"{one}/archive"),
    ]
    for method, path in refused:
        assert ask(site, method, path) in (400, 403), (method, path)


@pytest.mark.process
@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("version", ["", "/v1.23", "/v1.24", "/v1.41"])
def test_no_body_comes_through(
    site: Path, docker_engine: DockerEngine, create: Callable[..., str], version: str, chunked: bool
) -> None:
    """An engine that knows version 1.23 would mount what it says; a newer version is refused with any body."""
    one = create("bark", POLITE)
    body = json.dumps({"Binds": ["/:/host"], "Privileged": True}).encode()
    answered = ask(site, "POST", f"{version}/containers/{one}/start", body, chunked)
    assert answered == (403 if version == "/v1.23" else 204)
    (found,) = json.loads(docker_engine.docker("inspect", one))
    assert not found["HostConfig"]["Binds"] and not found["HostConfig"]["Privileged"]
    assert [mount["Destination"] for mount in found["Mounts"]] == []


def ask(path: Path, method: str, target: str, body: bytes | None = None, chunked: bool = False) -> int:
    """The status of one request over a socket, its target as it is."""
    if body is None and method != "GET":
        body = b"{}"
    link = HTTPConnection("localhost")
    link.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        link.sock.connect(str(path))
        said = {"Content-Type": "application/json"} | ({"Transfer-Encoding": "chunked"} if chunked else {})
        link.request(method, target, [body] if chunked else body, said, encode_chunked=chunked)
        answer = link.getresponse()
        answer.read()
        return answer.status
    finally:
        link.close()
