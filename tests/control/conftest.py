"""A real desk: a process of its own, on a free port, with a state folder of its own; and a real Docker engine."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from docker_engine import DockerEngine
from patience import patiently

START_S = 120.0


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def clean_env(state_dir: Path, **more: str) -> dict[str, str]:
    """This environment without any setting of Mixdesk, and with this state folder."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("MIXDESK_", "OTEL_"))}
    return env | {"MIXDESK_STATE_DIR": str(state_dir)} | more


@pytest.fixture(scope="session")
def docker_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DockerEngine]:
    """With the image; for tests that neither stop it nor count what is in it."""
    made = DockerEngine(tmp_path_factory.mktemp("docker"))
    try:
        made.start()
        made.make_image()
        yield made
    finally:
        made.close()


@pytest.fixture(name="eventually", scope="session")
def eventually_fixture() -> Callable[..., object]:
    return eventually


def eventually(check: Callable[[], object], timeout: float = 30.0, every: float = 0.05) -> object:
    """The first true value of `check`; fails loudly after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while True:
        value = check()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"still {value!r} after {timeout} s: {check}")
        time.sleep(every)


class Desk:
    """One desk that can be stopped, killed and started again; `port` and `state_dir` stay the same."""

    def __init__(self, state_dir: Path, *, config: str = "", arguments: tuple[str, ...] = (), **env: str) -> None:
        self.state_dir = state_dir
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = state_dir.with_name(state_dir.name + ".log")
        self._arguments = arguments
        # the small page, whether or not the full one lies in the source tree
        self._env = clean_env(state_dir, MIXDESK_UI_DIR=str(state_dir.with_name("no-ui"))) | env
        self._config = state_dir.with_name(state_dir.name + ".toml")
        self._config.write_text(config)
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def env(self) -> dict[str, str]:
        """For commands and trainers beside this desk."""
        return dict(self._env)

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    @property
    def tokens(self) -> dict[str, str]:
        return {path.name: path.read_text().strip() for path in (self.state_dir / "tokens").iterdir()}

    def start(self) -> Desk:
        command = [sys.executable, "-m", "mixdesk_control.cli", "up", "--port", str(self.port)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*command, "--config", str(self._config), *self._arguments], env=self._env, stdout=log, stderr=log
            )
        eventually(self._answers, START_S)
        return self

    def _answers(self) -> bool:
        assert self.process is not None
        if self.process.poll() is not None:
            raise AssertionError(f"the desk ended with {self.process.returncode}:\n{self.log.read_text()}")
        try:
            ready = requests.get(f"{self.url}/healthz", timeout=5).status_code == 200
        except requests.RequestException:
            return False
        return ready and self._announced()

    def _announced(self) -> bool:
        try:
            return json.loads((self.state_dir / "desk.json").read_text())["pid"] == self.pid
        except (OSError, ValueError):
            return False

    def stop(self) -> int:
        """SIGTERM, and the exit status."""
        return self._end(signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL."""
        self._end(signal.SIGKILL)

    def _end(self, number: signal.Signals) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(60)

    def restart(self) -> Desk:
        """Stopped, unless it is down already, and started again on the same port."""
        if self.process is not None and self.process.poll() is None:
            self.stop()
        return self.start()

    def session(self, role: str | None = "admin") -> requests.Session:
        """A client with the token of this role, or with none."""
        session = requests.Session()
        session.trust_env = False
        if role is not None:
            session.headers["Authorization"] = f"Bearer {self.tokens[role]}"
        return session

    def ask(self, method: str, path: str, role: str | None = "admin", **options: object) -> requests.Response:
        """One request with the token of a role; `json=`, `headers=` and so on as requests has them."""
        with self.session(role) as session:
            return patiently(
                lambda: session.request(method, self.url + path, timeout=60, **options)  # type: ignore[arg-type]
            )

    def run(self, *arguments: str, timeout: float = 60.0, **env: str) -> subprocess.CompletedProcess[str]:
        """`mixdesk ARGUMENTS` beside this desk."""
        command = [sys.executable, "-m", "mixdesk_control.cli", *arguments]
        return subprocess.run(command, env=self._env | env, capture_output=True, text=True, timeout=timeout)

    def close(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.kill()


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One desk for all tests that neither stop it nor count what is in it."""
    found = Desk(tmp_path_factory.mktemp("desk") / "state")
    try:
        yield found.start()
    finally:
        found.close()


@pytest.fixture(scope="module")
def new_desks() -> Iterator[Callable[..., Desk]]:
    """Makes desks (not started) for the tests of one file: `new_desks(state_dir, MIXDESK_X__Y="z")`."""
    made: list[Desk] = []

    def make(state_dir: Path, **options: object) -> Desk:
        made.append(Desk(state_dir, **options))  # type: ignore[arg-type]
        return made[-1]

    try:
        yield make
    finally:
        for found in made:
            found.close()


@pytest.fixture
def new_desk(tmp_path: Path) -> Iterator[Callable[..., Desk]]:
    """Makes desks (not started) for one test: `new_desk(config="[jobs]\\nlease_s = 1", MIXDESK_X__Y="z")`."""
    made: list[Desk] = []

    def make(**options: object) -> Desk:
        made.append(Desk(tmp_path / f"state{len(made)}", **options))  # type: ignore[arg-type]
        return made[-1]

    try:
        yield make
    finally:
        for found in made:
            found.close()
