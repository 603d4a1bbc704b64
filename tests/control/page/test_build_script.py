"""`scripts/build-admin` and `scripts/up` in a tree of their own, with an npm that takes no minutes."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pages
import pytest

SCRIPTS = ("build-admin", "up")
NPM = """#!/usr/bin/env bash
echo "$*" >>"$NPM_CALLS"
case "$1" in
    ci) [ -z "${NPM_CI_FAILS:-}" ] || { echo "npm error network" >&2; exit 1; }; mkdir -p node_modules ;;
    run)
        [ -z "${NPM_WAITS:-}" ] || { : >"$NPM_CALLS.waits"; while [ -e "$NPM_CALLS.waits" ]; do sleep 0.05; done; }
        [ -z "${NPM_SAYS:-}" ] || { echo "$NPM_SAYS" >&2; exit 1; }
        rm -rf out && mkdir out && cp page.html out/index.html && echo '{}' | tee out/pages.json >out/files.json ;;
esac
"""
NODE = "#!/bin/sh\necho ${NODE_VERSION:-20.9.0}\n"


class Tree:
    """A source tree with stand-ins for node and npm before everything else in PATH."""

    def __init__(self, folder: Path) -> None:
        self.root, self.calls = folder / "tree", folder / "calls"
        self._started: list[subprocess.Popen[str]] = []
        self.package = self.root / "control" / "mixdesk_control"
        self.ui = self.package / "ui"
        for script in SCRIPTS:
            self._put(f"scripts/{script}", (pages.ROOT / "scripts" / script).read_text(), 0o755)
        self._put("instrumentation/mixdesk/version.py", '__version__ = "0.1.0"\n')
        self._put("admin/package-lock.json", "{}")
        self._put("admin/page.html", "one")
        self._put("control/mixdesk_control/__init__.py", "")
        self._put("bin/npm", NPM, 0o755)
        self._put("bin/node", NODE, 0o755)
        self.env = os.environ | {"PATH": f"{self.root / 'bin'}:{os.environ['PATH']}", "NPM_CALLS": str(self.calls)}

    def _put(self, name: str, text: str, mode: int = 0o644) -> None:
        file = self.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(mode)

    def start(self, *command: str, cwd: Path | None = None, **env: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [str(self.root / "scripts" / command[0]), *command[1:]],
            cwd=cwd or self.root,
            env=self.env | env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self._started.append(process)
        return process

    def close(self) -> None:
        """Nothing that was started goes on."""
        Path(f"{self.calls}.waits").unlink(missing_ok=True)
        for process in self._started:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate(timeout=60)

    def build(self, **options: Any) -> tuple[int, str]:
        """Exit status and the last line that was said."""
        process = self.start("build-admin", **options)
        _, said = process.communicate(timeout=60)
        return process.returncode, (said.strip().splitlines() or [""])[-1]

    def asked(self) -> list[str]:
        """What npm was asked for since the last question."""
        found = self.calls.read_text().splitlines() if self.calls.exists() else []
        self.calls.write_text("")
        return [line.split()[0] for line in found]

    def note(self) -> dict[str, Any] | None:
        file = self.package / "build" / "ui.json"
        return dict(json.loads(file.read_text())) if file.exists() else None

    def waits(self, process: subprocess.Popen[str]) -> None:
        """Until the build is under way."""
        mark = Path(f"{self.calls}.waits")
        while not mark.exists():
            assert process.poll() is None
            time.sleep(0.02)

    def go_on(self) -> None:
        Path(f"{self.calls}.waits").unlink()


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[Tree]:
    made = Tree(tmp_path)
    yield made
    made.close()


def page(tree: Tree) -> str:
    return (tree.ui / "index.html").read_text()


def test_it_builds_once_and_again_when_the_source_has_changed(tree: Tree, tmp_path: Path) -> None:
    assert tree.build(cwd=tmp_path) == (0, "")
    assert tree.asked() == ["ci", "run"] and page(tree) == "one" and tree.note() is None
    assert tree.build() == (0, "") and tree.asked() == []
    os.utime(tree.root / "admin" / "page.html")
    assert tree.build() == (0, "") and tree.asked() == [], "the same content"
    (tree.root / "admin" / "page.html").write_text("two")
    assert tree.build() == (0, "") and tree.asked() == ["run"] and page(tree) == "two"
    (tree.root / "admin" / "package-lock.json").write_text("{ }")
    assert tree.build() == (0, "") and tree.asked() == ["ci", "run"]
    left = {file.name for file in (tree.package / "build").iterdir()}
    assert left == {"ui.lock", "ui.log"}


def test_what_npm_has_installed_itself_is_taken(tree: Tree) -> None:
    own = tree.root / "admin" / "node_modules" / ".package-lock.json"
    own.parent.mkdir()
    own.write_text("{}")
    os.utime(own, (time.time() + 60,) * 2)
    assert tree.build() == (0, "") and tree.asked() == ["run"]


@pytest.mark.parametrize(
    ("env", "why"),
    [
        ({"NODE_VERSION": "20.8.1"}, "Node 20.8.1 is too old: 20.9 or newer is needed"),
        ({"NODE_VERSION": "18.20.0"}, "Node 18.20.0 is too old"),
        ({"NPM_CI_FAILS": "1"}, "npm could not install its packages (log: control/mixdesk_control/build/ui.log)"),
        ({"NPM_SAYS": "Type error: x"}, "the build failed (log: control/mixdesk_control/build/ui.log)"),
        ({"NPM_SAYS": "ENOSPC: no space left on device"}, "the disk is full"),
    ],
)
def test_what_goes_wrong_is_one_line_and_noted(tree: Tree, env: dict[str, str], why: str) -> None:
    assert tree.build() == (0, "")
    (tree.root / "admin" / "page.html").write_text("two")
    (tree.root / "admin" / "package-lock.json").write_text("{ }")
    status, said = tree.build(**env)
    assert status == 1 and said.startswith(f"mixdesk: the web page was not built: {why}")
    noted = tree.note()
    assert noted is not None and noted["state"] == "failed" and noted["detail"].startswith(why)
    assert page(tree) == "one", "what was there stays"
    assert tree.build() == (0, "") and page(tree) == "two" and tree.note() is None


def test_without_node(tree: Tree) -> None:
    only = tree.root / "only"
    only.mkdir()
    for name in ("bash", "env", "dirname", "mkdir", "tr", "mv", "rm", "flock", "cat"):
        (only / name).symlink_to(str(shutil.which(name)))
    status, said = tree.build(PATH=str(only))
    assert (status, said) == (1, "mixdesk: the web page was not built: Node 20.9 or newer and npm are missing")


def test_interrupted_it_leaves_what_was_there(tree: Tree) -> None:
    assert tree.build() == (0, "")
    (tree.root / "admin" / "page.html").write_text("two")
    process = tree.start("build-admin", NPM_WAITS="1")
    tree.waits(process)
    assert tree.note() == {"state": "building", "detail": "", "pid": process.pid}
    os.killpg(process.pid, signal.SIGTERM)
    process.communicate(timeout=60)
    noted = tree.note()
    assert noted is not None and noted["state"] == "failed" and "interrupted" in noted["detail"]
    assert page(tree) == "one" and not list((tree.package / "build").glob("ui.new*"))


def test_two_at_once_build_once(tree: Tree) -> None:
    first = tree.start("build-admin", NPM_WAITS="1")
    tree.waits(first)
    second = tree.start("build-admin")
    tree.go_on()
    for process in (first, second):
        process.communicate(timeout=60)
    assert (first.returncode, second.returncode) == (0, 0)
    assert tree.asked() == ["ci", "run"]


def test_a_swap_that_was_cut_off_is_mended(tree: Tree) -> None:
    assert tree.build() == (0, "")
    tree.ui.rename(tree.package / "build" / "ui.old")
    assert tree.build() == (0, "")
    assert page(tree) == "one" and not (tree.package / "build" / "ui.old").exists()


# -- beside a desk -------------------------------------------------------------------------------------

DESK = 'echo "sign in at http://x"; read -r _ <"$GATE"; echo "the desk ends"'


@pytest.fixture
def gate(tmp_path: Path) -> Path:
    os.mkfifo(tmp_path / "gate")
    return tmp_path / "gate"


def test_the_desk_speaks_first_and_the_build_has_one_line(tree: Tree, gate: Path) -> None:
    process = tree.start("up", "bash", "-c", DESK, GATE=str(gate), NPM_WAITS="1")
    assert process.stdout is not None
    assert process.stdout.readline() == "sign in at http://x\n"
    tree.waits(process)
    tree.go_on()
    assert process.stdout.readline() == "mixdesk: the web page is built; a tab that is open loads it by itself\n"
    gate.write_text("\n")
    assert process.stdout.readline() == "the desk ends\n"
    assert process.wait(60) == 0 and page(tree) == "one"


def test_nothing_is_said_where_nothing_was_built(tree: Tree, gate: Path) -> None:
    assert tree.build() == (0, "")
    process = tree.start("up", "bash", "-c", "exit 7")
    assert process.communicate(timeout=60) == ("", "") and process.returncode == 7


def test_a_build_that_fails_is_one_line_beside_the_desk(tree: Tree, gate: Path) -> None:
    process = tree.start("up", "bash", "-c", DESK, GATE=str(gate), NODE_VERSION="16.0.0")
    assert process.stdout is not None
    assert process.stdout.readline() == "sign in at http://x\n"
    assert process.stdout.readline().startswith("mixdesk: the web page was not built: Node 16.0.0 is too old")
    gate.write_text("\n")
    assert process.communicate(timeout=60) == ("the desk ends\n", "")


def test_it_ends_with_the_desk(tree: Tree, gate: Path, eventually: Callable[..., object]) -> None:
    process = tree.start("up", "bash", "-c", DESK, GATE=str(gate), NPM_WAITS="1")
    tree.waits(process)
    gate.write_text("\n")
    said, wrong = process.communicate(timeout=60)
    assert said == "sign in at http://x\nthe desk ends\n" and wrong == ""
    eventually(lambda: (tree.note() or {}).get("state") == "failed")
