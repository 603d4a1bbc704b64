"""Where CI is set, a run that has skipped what it must not skip is no green run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = Path(__file__).parents[1] / "conftest.py"


@pytest.mark.parametrize(
    ("reason", "ci", "status"),
    [("needs a GPU", "true", 0), ("promtool is not installed", "true", 1), ("promtool is not installed", "", 0)],
)
def test_what_may_be_skipped(tmp_path: Path, reason: str, ci: str, status: int) -> None:
    shutil.copy(CONFTEST, tmp_path / "conftest.py")
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "test_one.py").write_text(
        f"import pytest\ndef test_runs(): pass\ndef test_skipped(): pytest.skip({reason!r})\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=tmp_path, env=os.environ | {"CI": ci}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == status, done.stdout + done.stderr
    assert ("must not be skipped in CI" in done.stdout) == bool(status)
