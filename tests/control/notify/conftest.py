"""A receiver on a real socket."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from told import Receiver


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """Makes a file system of this size, as `64k`."""
    made = tmp_path / "small"

    def mount(size: str) -> Path:
        made.mkdir()
        if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", made]).returncode:
            pytest.skip("needs the right to mount")
        return made

    yield mount
    if made.is_mount():
        subprocess.run(["umount", made], check=True)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    try:
        yield made
    finally:
        made.close()
