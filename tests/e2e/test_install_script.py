"""What `scripts/install` says where a machine lacks something: one line each, and nothing installed."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def fake(path: Path, script: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def install(python: object, venv: Path) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [ROOT / "scripts" / "install", str(python), venv, "control"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    return done


def test_a_python_that_is_not_there(tmp_path: Path) -> None:
    done = install(tmp_path / "nopython", tmp_path / "venv")
    assert done.stderr.splitlines() == [done.stderr.strip()]
    assert "is not installed: install Python 3.11 or newer" in done.stderr


def test_a_python_that_is_too_old(tmp_path: Path) -> None:
    old = fake(tmp_path / "python", 'test "$1" = --version && echo Python 3.9.2 && exit 0; exit 1')
    done = install(old, tmp_path / "venv")
    assert done.stderr.startswith("mixdesk: Python 3.9.2 is too old")
    assert len(done.stderr.splitlines()) == 1


def test_a_python_without_venv(tmp_path: Path) -> None:
    bare = fake(tmp_path / "python", 'case "$2" in *ensurepip*) exit 1;; esac; exit 0')
    done = install(bare, tmp_path / "venv")
    assert done.stderr.startswith("mixdesk: Python's venv module is missing")
    assert len(done.stderr.splitlines()) == 1


def test_an_environment_of_an_older_python(tmp_path: Path) -> None:
    fake(tmp_path / "venv" / "bin" / "python", 'test "$1" = --version && echo Python 3.10.1 && exit 0; exit 1')
    done = install("python3", tmp_path / "venv")
    assert "remove the folder, and run this again" in done.stderr


@pytest.mark.parametrize(
    ("said", "advice"),
    [("error: command 'gcc' failed", "build-essential"), ("No space left on device", "its last lines stand above")],
)
def test_a_pip_that_fails(tmp_path: Path, said: str, advice: str) -> None:
    fake(tmp_path / "venv" / "bin" / "python", "exit 0")
    fake(tmp_path / "venv" / "bin" / "pip", f'echo "{said}" >&2; exit 1')
    done = install("python3", tmp_path / "venv")
    assert advice in done.stderr.splitlines()[-1]
