"""The whole way with the real programs: a source, its target, the shipper, Loki, and a query that returns the lines.

The programs are in no package registry: LOKI_BIN with ALLOY_BIN or PROMTAIL_BIN name them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import log_shipping
import pytest
from log_shipping import Loki, Program, service, stdout

from mixdesk_control.logs.places import HostPlace
from mixdesk_control.logs.source import InFiles, Service
from mixdesk_control.logs.targets import LABELS, Writer, check, document
from mixdesk_control.logs.targets.writer import job_types

Shipper = Callable[[Path, Path, str], Program]
SHIPPERS = {"ALLOY_BIN": log_shipping.alloy, "PROMTAIL_BIN": log_shipping.promtail}


@pytest.fixture(params=SHIPPERS)
def shipper(request: pytest.FixtureRequest) -> Shipper:
    for variable in ("LOKI_BIN", request.param):
        log_shipping.program(variable)
    return SHIPPERS[request.param]


@pytest.fixture
def loki(shipper: Shipper, tmp_path: Path) -> Iterator[Loki]:
    program = Loki(tmp_path / "loki")
    yield program
    program.close()


class Host:
    """A host with an nginx, a container's output and a job, its list and its shipper."""

    def __init__(self, folder: Path, loki: Loki, shipper: Shipper) -> None:
        self.folder, self.loki, self._shipper = folder, loki, shipper
        self.targets = folder / "targets" / "mixdesk.json"
        self.targets.parent.mkdir(parents=True)
        self.writer = Writer(self.targets)
        self.program: Program | None = None

    def start(self) -> None:
        self.program = self._shipper(self.folder / "shipper", self.targets, self.loki.push_url)

    def stop(self) -> None:
        if self.program is not None:
            self.program.close()

    def write(self, path: str, *lines: str) -> None:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a") as log:
            log.writelines(f"{line}\n" for line in lines)

    def output(self, container: str, *lines: str) -> None:
        records = [{"log": f"{line}\n", "stream": "stderr", "time": self.now()} for line in lines]
        self.write(f"docker/{container}/{container}-json.log", *map(json.dumps, records))

    def now(self) -> str:
        from datetime import datetime, timezone

        return datetime.now(timezone.utc).isoformat().replace("+00:00", "Z")

    def list(self, container: str) -> bool:
        root = str(self.folder / "logs")
        groups = document(
            self.services(container),
            platform="voice",
            host="box",
            path_map={},
            job_types=job_types(self.folder / "logs"),
            log_root=root,
        )
        return self.writer.update(groups)

    def services(self, container: str) -> list[Service]:
        error = InFiles(HostPlace.everything(), str(self.folder / "nginx/error.log"))
        return [service("nginx", error=error), service("api", stdout=stdout(container, str(self.folder / "docker")))]

    def lines(self, query: str) -> list[str]:
        return [line for _, line in self.loki.lines(query)]

    def wait_for(self, query: str, expected: list[str]) -> None:
        assert self.program is not None
        self.program.wait_for(lambda: len(self.lines(query)) >= len(expected), f"{query} has {len(expected)}", 90)
        assert sorted(self.lines(query)) == sorted(expected)


@pytest.fixture
def host(tmp_path: Path, loki: Loki, shipper: Shipper) -> Iterator[Host]:
    host = Host(tmp_path / "host", loki, shipper)
    yield host
    host.stop()


@pytest.mark.timeout(600)
def test_a_query_returns_the_very_lines_and_a_restart_sends_none_again(host: Host) -> None:
    errors = [f"2026/11/30 10:00:{n:02} [error] 7#7: number {n}" for n in range(50)]
    prints = [f"printed {n}" for n in range(50)]
    steps = [f"step {n} of 50" for n in range(50)]
    first, second = "a" * 64, "b" * 64
    host.write("nginx/error.log", *errors)
    host.write("nginx/error.log.1", "2026/11/29 10:00:00 [error] 7#7: of yesterday")
    host.output(first, *prints)
    host.write("logs/jobs/tts/j-1.log", *steps)
    assert host.list(first)
    assert [one for one in check(host.targets) if one.level != "info"] == []
    host.start()
    host.wait_for('{service="nginx"}', errors)
    host.wait_for('{service="api", kind="stdout"}', prints)
    host.wait_for('{service="jobs", source="tts"} | job_id="j-1"', steps)
    labels, _ = host.loki.lines('{service="api"}')[0]
    assert {**labels} | {"stream": "stderr"} == labels
    assert set(LABELS) <= set(labels)

    # the container restarts, and the shipper with it: the list is as it was
    assert not host.list(first)
    host.stop()
    host.output(first, "after the restart")
    host.start()
    host.wait_for('{service="api", kind="stdout"}', [*prints, "after the restart"])

    # it is made anew: another file under the same labels
    host.output(second, "of the new one")
    host.output(first, "last words of the old one")
    assert host.list(second)
    expected = [*prints, "after the restart", "last words of the old one", "of the new one"]
    host.wait_for('{service="api", kind="stdout"}', expected)

    # rotated by renaming: what is new comes, what was sent does not come again
    (host.folder / "nginx/error.log").rename(host.folder / "nginx/error.log.2")
    host.write("nginx/error.log", "2026/11/30 11:00:00 [error] 7#7: after rotation")
    host.wait_for('{service="nginx"}', [*errors, "2026/11/30 11:00:00 [error] 7#7: after rotation"])
