"""Logs of real containers on the page: a compose project on an engine of the test's own."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from admin_logs import rows
from docker_engine import DOCKER, DockerEngine
from live_desk import Desk, free_port, wait_until
from log_world import PLAYERS, LogWorld
from playwright.sync_api import expect

SERVICES = ("nginx", "voice-engine")


@pytest.fixture
def world() -> Iterator[LogWorld]:
    if not Path(DOCKER).exists():
        pytest.skip("needs the Debian package docker.io")
    folder = Path(tempfile.mkdtemp(prefix="mixdesk-"))  # the path of a socket must be short
    engine = DockerEngine(folder)
    try:
        engine.start()
        engine.make_image()
        made = LogWorld(engine, "voice-platform")
        made.start({name: PLAYERS[name] for name in SERVICES})
        yield made
        made.close()
    finally:
        engine.close()
        shutil.rmtree(folder, ignore_errors=True)


def test_files_and_output_of_containers_are_there_and_live(world: LogWorld, visit: Any, tmp_path: Path) -> None:
    compose = world.compose_file(tmp_path)
    config = tmp_path / "mixdesk.toml"
    config.write_text(f'[logs]\ncompose = ["{compose}"]\ndocker = "unix://{world.engine.socket}"\n')
    desk = Desk(tmp_path / "state", free_port(), config=config)
    desk.start()
    try:
        wait_until(lambda: "voice-engine" in str(desk.get("/admin/logs/services")), "the services")
        visitor = visit(desk)
        visitor.enter("operator")
        page = visitor.open("/ui/logs/?service=voice-engine")
        sources = page.get_by_role("navigation", name="Logs of voice-engine")
        expect(sources.get_by_role("listitem")).to_have_count(4)
        expect(sources.get_by_role("listitem").first).to_contain_text("error")
        expect(page.get_by_text("Container voice-platform-voice-engine-1: running")).to_be_visible()
        expect(rows(page)).to_contain_text("ERROR out of memory")
        world.engine.docker(
            "exec", "voice-platform-voice-engine-1", "/bin/sh", "-c", "echo 'ERROR again' >> /app/logs/error.log"
        )
        expect(rows(page).filter(has_text="ERROR again")).to_be_visible()
        sources.get_by_role("link", name="stdout").click()
        expect(rows(page).filter(has_text="engine is up")).to_be_visible()
        world.remove("voice-platform-voice-engine-1")
        expect(page.get_by_text("nothing comes:")).to_be_visible(timeout=60_000)
        expect(rows(page).filter(has_text="engine is up")).to_be_visible()
        page = visitor.open("/ui/logs/?view=search&q=upstream")
        expect(page.get_by_role("link", name="nginx/error")).to_be_visible()
    finally:
        desk.close()
