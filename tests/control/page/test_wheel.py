"""A wheel: with the built page where it was built, whole without it, and never with what a build leaves beside it."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import built_page
import pages
import pytest

pytest.importorskip("hatchling", reason="wheels are built with hatchling")

PARTS = ("instrumentation", "exporter", "control", "examples/voice", "docs/runbooks")
FILES = ("pyproject.toml", "README.md", "LICENSE", ".gitignore")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """The source of a wheel, without a built page."""
    unwanted = shutil.ignore_patterns("__pycache__", "*.egg-info", "ui", "build")
    for part in PARTS:
        shutil.copytree(pages.ROOT / part, tmp_path / "source" / part, ignore=unwanted)
    for name in FILES:
        shutil.copy(pages.ROOT / name, tmp_path / "source" / name)
    return tmp_path / "source"


def names_in_wheel(source: Path) -> set[str]:
    made = source.parent / "dist"
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(made)]
    done = subprocess.run(command, cwd=source, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    (wheel,) = made.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        return set(packed.namelist())


def test_a_wheel_has_the_built_page(source: Path) -> None:
    package = source / "control" / "mixdesk_control"
    built = built_page.write(package / "ui")
    built_page.put(package / "build" / "ui.log", b"what npm said")
    found = names_in_wheel(source)
    for file in (file for file in built.rglob("*") if file.is_file()):
        assert f"mixdesk_control/ui/{file.relative_to(built)}" in found
    assert "mixdesk_control/fallback.html" in found
    assert not [name for name in found if "ui.log" in name]


def test_a_wheel_without_it_has_the_small_page(source: Path) -> None:
    found = names_in_wheel(source)
    assert "mixdesk_control/fallback.html" in found and "mixdesk_control/web/docs.html" in found
    assert not [name for name in found if name.startswith("mixdesk_control/ui/")]
