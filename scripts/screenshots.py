"""What scripts/screenshots runs: overview, job and logs of the desk that tests call the full one, in docs/images/."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests" / "fixtures"))

import admin_page  # noqa: E402
import standin_gpu  # noqa: E402
from admin_full_desk import FullDesk  # noqa: E402
from playwright.sync_api import Browser  # noqa: E402

LIVES_S = 130.0  # two minutes of history, and a little
SIZE = {"width": 1280, "height": 860}
MOST_BYTES = 300_000
PICTURES = {
    "overview": ("dark", "/ui/"),
    "job": ("light", "/ui/jobs/detail/?id={job}"),
    "logs": ("dark", "/ui/logs/?service=voice-engine&source=engine"),
}


def main() -> int:
    """Takes them all."""
    lives_s = float(sys.argv[1]) if len(sys.argv) > 1 else LIVES_S
    with tempfile.TemporaryDirectory(prefix="voice-", dir="/tmp") as made, admin_page.chromium() as browser:
        folder = Path(made)
        for name in ("desk", "nvml"):
            (folder / name).mkdir()
        desk = FullDesk(folder / "desk", standin_gpu.build(folder / "nvml"))
        try:
            desk.fill()
            time.sleep(lives_s)
            for name in PICTURES:
                take(browser, desk, name)
        finally:
            desk.close()
    return 0


def take(browser: Browser, desk: FullDesk, name: str) -> None:
    """One of them; it must not be large, for everybody who opens the README loads it."""
    theme, path = PICTURES[name]
    visitor = admin_page.Visitor(browser, desk, viewport=SIZE, color_scheme=theme)
    visitor.enter()
    page = visitor.open(path.replace("{job}", desk.job_ids["running"]))
    page.locator("h1").wait_for()
    page.wait_for_timeout(6000)
    file = ROOT / "docs" / "images" / f"{name}.png"
    file.parent.mkdir(exist_ok=True)
    page.screenshot(path=file)
    visitor.close()
    size = file.stat().st_size
    print(f"{file.relative_to(ROOT)}  {size / 1000:.0f} kB")
    assert size < MOST_BYTES, f"{file} is too large for a README"


if __name__ == "__main__":
    sys.exit(main())
