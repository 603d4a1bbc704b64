"""Asking the compose program: once a change, with little in its environment, and without ever waiting for it long."""

from __future__ import annotations

import json
import os
import select
from pathlib import Path

import compose_program
import pytest

from mixdesk_control import compose
from mixdesk_control.compose import ComposeError, Project, ProjectFiles, program
from mixdesk_control.compose.errors import UnansweredError

pytestmark = pytest.mark.process
needs_program = pytest.mark.skipif(
    compose_program.program() is None, reason=f"needs Docker Compose {compose_program.VERSION}: scripts/newer-packages"
)
ANSWER = json.dumps({"name": "told", "services": {"a": {"image": "of the program $$A"}}})


class Standin:
    """A program in the place of the real one, which notes each of its runs."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "bin"
        self._runs = folder / "runs"
        self._folder.mkdir()
        self.file = folder / "compose.yml"
        self.file.write_text("name: own\nservices: {a: {image: 'of the file ${WANTED:-}'}}")
        self.env = {"PATH": f"{self._folder}:/usr/bin:/bin", "WANTED": "w", "SECRET": "s"}

    def does(self, script: str, name: str = "docker-compose") -> Standin:
        path = self._folder / name
        path.write_text(f'#!/bin/sh\necho "$0 $*" >>{self._runs}\n{script}\n')
        path.chmod(0o755)
        return self

    def runs(self) -> list[str]:
        return self._runs.read_text().splitlines() if self._runs.exists() else []

    def ask(self, timeout_s: float = 60.0) -> Project:
        return program.ask([self.file], self.env, timeout_s)


@pytest.fixture
def standin(tmp_path: Path) -> Standin:
    return Standin(tmp_path).does("exit 1", "docker")


def test_what_it_prints_is_the_project(standin: Standin) -> None:
    standin.does(f"printf '%s' '{ANSWER}'")
    found = standin.ask()
    assert (found.name, found.services["a"].image) == ("told", "of the program $A")
    docker, alone = standin.runs()
    arguments = f"--file {standin.file} --profile * config --no-env-resolution --format json"
    assert docker.endswith(f"/docker compose {arguments}") and alone.endswith(f"/docker-compose {arguments}")


def test_the_plugin_comes_first(standin: Standin) -> None:
    standin.does(f"printf '%s' '{ANSWER}'", "docker").does("exit 1")
    assert standin.ask().name == "told" and len(standin.runs()) == 1


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("echo more >&2; echo 'no\tsuch thing' >&2; exit 3", "docker-compose: no such thing"),
        ("exit 3", "docker-compose: it ended with 3"),
        ("yes x", "docker-compose: it printed more than 16 MiB"),
        ("echo nonsense", "the compose program printed no project: "),
        ("echo '{}'", "the compose program printed no project: "),
        ("echo '[1]'", "the compose program printed no project: "),
        ("kill -9 $$", "docker-compose: it ended with -9"),
    ],
)
def test_what_is_no_answer(standin: Standin, script: str, message: str) -> None:
    standin.does(script)
    with pytest.raises(UnansweredError) as caught:
        standin.ask()
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    "said",
    [
        "docker: unknown command: docker compose\n\nRun 'docker --help' for more information",
        "docker: 'compose' is not a docker command.\nSee 'docker --help'",
    ],
)
def test_docker_without_the_plugin_is_none(standin: Standin, said: str) -> None:
    standin.does(f'echo "{said}" >&2; exit 1', "docker")
    with pytest.raises(UnansweredError, match="neither `docker compose` nor `docker-compose` is here"):
        standin.ask()


def test_what_prints_without_end_ends(standin: Standin) -> None:
    standin.does("while :; do echo x; sleep 0.01; done")
    with pytest.raises(UnansweredError, match=r"it took more than 0\.5 s"):
        standin.ask(timeout_s=0.5)


def test_many_messages_do_no_harm(standin: Standin) -> None:
    standin.does(f"head -c 3000000 /dev/zero >&2; printf '%s' '{ANSWER}'")
    assert standin.ask().name == "told"


def test_it_is_not_waited_for_and_its_children_end_with_it(standin: Standin, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "held")
    reader = os.open(tmp_path / "held", os.O_RDONLY | os.O_NONBLOCK)
    os.close(os.open(tmp_path / "held", os.O_WRONLY))  # from now on nobody at the other end is an end
    standin.does(f"exec 3>{tmp_path}/held; sleep 1000 & sleep 1000")
    with pytest.raises(UnansweredError, match=r"it took more than 0\.5 s"):
        standin.ask(timeout_s=0.5)
    assert select.select([reader], [], [], 60.0)[0] and os.read(reader, 1) == b""  # nobody holds the other end
    os.close(reader)


def test_without_a_program(tmp_path: Path) -> None:
    standin = Standin(tmp_path)
    standin.env["PATH"] = str(tmp_path / "bin")
    with pytest.raises(UnansweredError, match="neither `docker compose` nor `docker-compose` is here"):
        standin.ask()
    project = ProjectFiles([standin.file], standin.env).project()
    assert (project.name, project.services["a"].image) == ("own", "of the file w")
    assert project.notes == ("read by Mixdesk itself: neither `docker compose` nor `docker-compose` is here",)


def test_it_is_asked_once_a_change(standin: Standin, tmp_path: Path) -> None:
    standin.does(f"printf '%s' '{ANSWER}'", "docker")
    files = ProjectFiles([standin.file], standin.env)
    assert [files.project().name for _ in range(5)] == ["told"] * 5 and len(standin.runs()) == 1
    assert files.project().notes == ("read by the compose program",)
    (tmp_path / ".env").write_text("A=1")  # what was not there
    files.project()
    assert len(standin.runs()) == 2
    (tmp_path / "other.yml").write_text("services: {b: }")
    standin.file.write_text("include: [other.yml]")
    files.project()
    assert len(standin.runs()) == 3
    (tmp_path / "other.yml").write_text("services: {c: {image: x}}")
    assert [files.project().name for _ in range(5)] == ["told"] * 5 and len(standin.runs()) == 4


def test_it_is_asked_once_a_change_also_where_it_fails(standin: Standin) -> None:
    standin.does("exit 1", "docker").does("echo 'it is old' >&2; exit 1")
    files = ProjectFiles([standin.file], standin.env)
    assert [files.project().notes for _ in range(5)] == [("read by Mixdesk itself: docker-compose: it is old",)] * 5
    assert len(standin.runs()) == 2
    standin.file.write_text("nonsense")
    for _ in range(3):
        with pytest.raises(ComposeError, match="it is no compose file"):
            files.project()
    assert len(standin.runs()) == 4


def test_it_gets_the_variables_that_the_files_name(standin: Standin, tmp_path: Path) -> None:
    standin.does(f"env >{tmp_path}/seen; printf '%s' '{ANSWER}'", "docker")
    (tmp_path / ".env").write_text("A=$OF_ENV_FILE\n")
    standin.env |= {"OF_ENV_FILE": "o", "HOME": "/home/me"}
    ProjectFiles([standin.file], standin.env).project()
    seen = dict(line.split("=", 1) for line in (tmp_path / "seen").read_text().splitlines())
    assert {"WANTED": "w", "OF_ENV_FILE": "o", "HOME": "/home/me"}.items() <= seen.items()
    assert "SECRET" not in seen and seen["COMPOSE_EXPERIMENTAL_GIT_REMOTE"] == "false"


@pytest.mark.parametrize(
    "text",
    [
        "include: ['https://example.com/x.git']\nservices: {a: {image: x}}",
        "services: {a: {image: '${A:-%s}'}}" % ("x" * 70_000),
    ],
)
def test_files_that_ask_for_too_much_never_reach_it(standin: Standin, text: str) -> None:
    standin.file.write_text(text)
    try:
        assert "not on this host" in ProjectFiles([standin.file], standin.env).project().notes[0]
    except ComposeError as error:
        assert "64 KiB" in str(error)
    assert standin.runs() == []


@needs_program
def test_the_real_one(tmp_path: Path) -> None:
    found = compose_program.program()
    assert found is not None
    env = {**compose_program.ENV, "PATH": str(found.parent)}
    for name in ("include-long", "files", "volumes-short"):
        files = compose_program.files_of(compose_program.CORPUS / f"{name}.yml")
        asked = compose.project(files, env)
        assert asked.notes[0] == "read by the compose program"
        assert compose_program.agreed(asked) == compose_program.agreed(compose.read(files, env))
    (tmp_path / "compose.yml").write_text("services: {a: {imagine: x, image: y}}")
    read = compose.project([tmp_path / "compose.yml"], env)
    assert read.services["a"].image == "y" and "'imagine' not allowed" in read.notes[0]
