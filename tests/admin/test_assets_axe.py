"""The assets and their dialogs for everybody: axe finds nothing, in both themes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import standin_gpu
from admin_assets import Studio
from admin_axe import axe
from admin_page import PATIENCE_MS
from playwright.sync_api import expect

expect.set_options(timeout=PATIENCE_MS)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(theme: Any, tmp_path: Path, visit: Any) -> None:
    (tmp_path / "nvml").mkdir()
    studio = Studio(tmp_path, standin_gpu.build(tmp_path / "nvml"))
    studio.start()
    try:
        studio.done("bark", "start")
        studio.begin("broken", "start")
        visitor = visit(studio, color_scheme=theme)
        visitor.enter("operator")
        page = visitor.open("/ui/assets/?asset=bark")
        expect(page.get_by_role("region", name="GPU 0")).to_contain_text("bark 13.2 GiB")
        assert axe(page) == []
        page.get_by_role("button", name="Start UVR5", exact=True).click()
        expect(page.get_by_role("dialog")).to_contain_text("It does not fit")
        assert axe(page) == []
        page.keyboard.press("Escape")
        for tab in ("Dependencies", "Operations"):
            page.get_by_role("tab", name=tab).click()
            expect(page.get_by_role("tabpanel", name=tab)).to_contain_text("needs" if tab == "Dependencies" else "bark")
            assert axe(page) == []
        visitor.open("/ui/audit/").get_by_role("table").wait_for()
        assert axe(page) == []
    finally:
        studio.close()
