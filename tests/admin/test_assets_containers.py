"""Real containers as assets in the browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import standin_gpu
from admin_assets import Studio, container
from admin_page import PATIENCE_MS
from containers import POLITE, created
from docker_engine import DockerEngine
from playwright.sync_api import Page, expect

expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DockerEngine]:
    made = DockerEngine(tmp_path_factory.mktemp("docker"))
    try:
        made.start()
        made.make_image()
        yield made
    finally:
        made.close()


@pytest.fixture
def studio(tmp_path: Path, engine: DockerEngine) -> Iterator[Studio]:
    created(engine, "voice-hubert", POLITE)
    created(engine, "voice-rvc", POLITE)
    library = tmp_path / "nvml"
    library.mkdir()
    entries = [
        container("hubert", "voice-hubert", name="HuBERT", type="component", vram_mb=1024),
        container("rvc", "voice-rvc", name="RVC", type="model", vram_mb=2048, dependencies=["hubert"]),
    ]
    made = Studio(tmp_path, standin_gpu.build(library), entries=entries)
    made.env["DOCKER_HOST"] = f"unix://{engine.socket}"
    made.start()
    try:
        yield made
    finally:
        made.close()


def start(page: Page, name: str, words: str) -> None:
    page.get_by_role("button", name=f"Start {name}", exact=True).click()
    page.get_by_role("dialog", name=f"Start {name}?").get_by_role("button", name=words).click()


def test_containers_are_started_in_order_killed_outside_and_stopped(
    studio: Studio, engine: DockerEngine, visit: Any
) -> None:
    visitor = visit(studio)
    visitor.enter("operator")
    page = visitor.open("/ui/assets/?asset=rvc")
    row = page.get_by_role("row").filter(has=page.get_by_role("button", name="RVC", exact=True))
    expect(page.get_by_text("container voice-rvc")).to_be_visible()

    start(page, "RVC", "Start RVC and 1 that it needs")
    expect(page.get_by_role("article", name="start rvc")).to_contain_text("succeeded")
    assert set(engine.docker("ps", "--format", "{{.Names}}").split()) == {"voice-hubert", "voice-rvc"}
    studio.card.hold(int(engine.docker("inspect", "--format", "{{.State.Pid}}", "voice-rvc")), 1900)
    expect(row).to_contain_text("1.9 GiB")

    engine.docker("kill", "voice-rvc")
    expect(row).to_contain_text("stopped elsewhere")
    expect(row).to_contain_text("somebody else has stopped it")

    start(page, "RVC", "Start RVC")
    expect(row).to_contain_text(re.compile("running"))
    studio.card.hold(int(engine.docker("inspect", "--format", "{{.State.Pid}}", "voice-rvc")), 1900)
    expect(row).to_contain_text("1.9 GiB")
    page.get_by_role("button", name="Stop HuBERT", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Stop rvc and HuBERT").click()
    expect(page.get_by_role("article", name="stop hubert")).to_contain_text("freed 1.9 GiB")
    assert engine.docker("ps", "--quiet") == ""
    assert visitor.complaints == []
