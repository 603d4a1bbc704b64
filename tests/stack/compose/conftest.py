"""What the tests of the compose file share: the file as it stands, as Docker Compose reads it, and the stack itself."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import compose_program
import observability
import pytest
from net_engine import NetEngine
from observability import FILE, ROOT, Stack

ASSET = """
[[assets]]
id = "engine"
driver = "docker"
container = "platform-engine-1"
"""
Config = Callable[..., dict[str, Any]]


@pytest.fixture(scope="session")
def shipped() -> dict[str, Any]:
    """The file, variables as they stand."""
    return observability.shipped()


@pytest.fixture(scope="session")
def compose() -> Path:
    """The program."""
    found = compose_program.program()
    assert found is not None, "needs Docker Compose: scripts/newer-packages"
    return found


@pytest.fixture(scope="session")
def config(compose: Path) -> Config:
    """What Compose makes of the file with these profiles and variables."""

    def read(*profiles: str, files: tuple[str, ...] = (FILE,), **variables: str) -> dict[str, Any]:
        chosen = [part for profile in profiles for part in ("--profile", profile)]
        named = [part for file in files for part in ("--file", file)]
        command = [str(compose), *named, "--env-file", "/dev/null", *chosen, "config", "--format", "json"]
        env = {"PATH": "/usr/bin:/bin", "MIXDESK_DOCKER_GID": "999", **variables}
        done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout)
        assert isinstance(found, dict)
        return found

    return read


@pytest.fixture(scope="session")
def stack(compose: Path) -> Iterator[Stack]:
    """The stack, running and healthy, and a container that is one of its assets, made and not started."""
    why = observability.available()
    if why is not None:
        pytest.skip(why)
    with tempfile.TemporaryDirectory(prefix="mixdesk-stack-") as made:
        folder = Path(made)
        for part in ("engine", "stack"):
            (folder / part).mkdir()
        engine = NetEngine(folder / "engine")
        running = Stack(engine, compose, folder / "stack")
        try:
            engine.start()
            running.prepare(ASSET)
            asset = ("create", "--name", "platform-engine-1", "--network", "none", "--init", observability.BASE)
            engine.docker(*asset, "sleep", "1000000")
            running.up(*observability.RUN)
            yield running
        finally:
            engine.close()
