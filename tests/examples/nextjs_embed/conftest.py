"""The example built as it stands, with the client as npm would install it, beside a real desk."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import admin_page
import pytest
import requests
from admin_embed import framed_in
from admin_embed_client import node_modules, packed, run
from admin_embed_example import EXAMPLE, App
from live_desk import Desk, free_port, wait_until
from playwright.sync_api import Browser

HERE = Path(__file__).parent
BUILD_S = 600  # the first test waits for the build


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.process)
            item.add_marker(pytest.mark.timeout(BUILD_S))


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    with admin_page.chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the built app."""
    folder = tmp_path_factory.mktemp("example")
    client = packed(tmp_path_factory) / "node_modules" / "@mixdesk" / "client"
    app = folder / "app"
    ignored = shutil.ignore_patterns("node_modules", ".next", "next-env.d.ts")
    shutil.copytree(EXAMPLE, app, ignore=ignored)
    # not a link to the packages: Next looks at nothing outside the app's folder
    shutil.copytree(
        node_modules(), app / "node_modules", symlinks=True, copy_function=_linked,
        ignore=lambda _, names: [name for name in names if name == "@mixdesk"],
    )  # fmt: skip
    shutil.copytree(client, app / "node_modules" / "@mixdesk" / "client")
    run("npm", "run", "build", cwd=app)
    return app


def _linked(source: str, target: str) -> str:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
    return target


@pytest.fixture(scope="session")
def app(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """The example at `localhost`, and a desk that lets it in."""
    folder, port = tmp_path_factory.mktemp("desk"), free_port()
    origin = f"http://localhost:{port}"
    desk = Desk(folder / "state", free_port(), config=framed_in(folder, origin, allowed=(origin,)))
    desk.start()
    env = {name: value for name, value in os.environ.items() if not re.match("MIXDESK|GRAFANA", name)}
    env |= {"MIXDESK_URL": desk.url, "MIXDESK_TOKEN": desk.token("viewer"), "NEXT_TELEMETRY_DISABLED": "1"}
    command = [str(built / "node_modules" / ".bin" / "next"), "start", "--port", str(port)]
    with (folder / "app.log").open("wb") as log:
        server = subprocess.Popen(command, cwd=built, env=env, stdout=log, stderr=log, start_new_session=True)
    try:
        wait_until(lambda: _answers(f"{origin}/api/ticket"), "the app's answer", 60)
        yield App(built, origin, desk)
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(30)
        desk.close()


def _answers(url: str) -> bool:
    try:
        return requests.post(url, json={}, timeout=5).status_code == 422
    except requests.RequestException:
        return False
