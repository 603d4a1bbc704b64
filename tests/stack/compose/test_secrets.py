"""scripts/compose-secrets: what it makes, what it never touches, and how it fails."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from pathlib import Path
from typing import Any

import pytest
from observability import FILE, ROOT

SCRIPT = ROOT / "scripts/compose-secrets"
SHORTEST = 20  # of a token that the desk takes


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of what it needs, and a socket in the place of the engine's."""
    for name in (FILE, ".env.example"):
        shutil.copy(ROOT / name, tmp_path / name)
    listen(tmp_path / "docker.sock")
    example = tmp_path / ".env.example"
    example.write_text(example.read_text() + f"\nMIXDESK_DOCKER_SOCKET={tmp_path}/docker.sock\n")
    return tmp_path


def listen(path: Path) -> None:
    """A socket there; nobody answers."""
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(path))


def run(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(SCRIPT), str(folder)], capture_output=True, text=True, timeout=60, check=False)


def contents(folder: Path) -> dict[str, str]:
    return {file.name: file.read_text() for file in (folder / "secrets").iterdir()}


def test_it_makes_what_the_file_names(folder: Path, shipped: dict[str, Any]) -> None:
    done = run(folder)
    assert done.returncode == 0 and done.stderr == ""
    found = contents(folder)
    assert set(found) == set(shipped["secrets"])
    assert len(set(found.values())) == len(found)
    for text in found.values():
        assert len(text.strip()) == 64 >= SHORTEST and int(text, 16)
    assert (folder / "secrets").stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in (folder / "secrets").iterdir()} == {0o444}
    assert all(name in done.stdout for name in found) and not any(
        text.strip() in done.stdout for text in found.values()
    )
    gid = (folder / "docker.sock").stat().st_gid
    assert f"\nMIXDESK_DOCKER_GID={gid}\n" in (folder / ".env").read_text()


def test_again_it_changes_nothing(folder: Path) -> None:
    run(folder)
    before, env = contents(folder), (folder / ".env").read_text()
    done = run(folder)
    assert done.returncode == 0 and "kept as they are" in done.stdout and "made" not in done.stdout
    assert (contents(folder), (folder / ".env").read_text()) == (before, env)


def test_what_is_there_stays(folder: Path) -> None:
    (folder / "secrets").mkdir(mode=0o755)
    (folder / "secrets/admin").write_text("a token of my own, long enough\n")
    (folder / ".env").write_text(f"MIXDESK_PORT=1\nMIXDESK_DOCKER_SOCKET={folder}/docker.sock\n")
    assert run(folder).returncode == 0
    assert contents(folder)["admin"] == "a token of my own, long enough\n"
    assert (folder / "secrets").stat().st_mode & 0o777 == 0o700
    gid = (folder / "docker.sock").stat().st_gid
    lines = (folder / ".env").read_text().splitlines()
    assert lines[0] == "MIXDESK_PORT=1" and lines[-1] == f"MIXDESK_DOCKER_GID={gid}"


def test_a_folder_in_the_place_of_a_secret_is_named(folder: Path) -> None:
    """Docker makes one where the stack is started before the secrets are there."""
    (folder / "secrets/viewer").mkdir(parents=True)
    done = run(folder)
    assert done.returncode == 1 and f"{folder}/secrets/viewer is there and holds no secret" in done.stderr


def test_without_docker_it_says_so(folder: Path) -> None:
    (folder / "docker.sock").unlink()
    done = run(folder)
    assert done.returncode == 1 and "there is no" in done.stderr and "MIXDESK_DOCKER_SOCKET" in done.stderr
    assert len(contents(folder)) == 8  # and goes on from there


def test_in_the_wrong_folder_it_makes_nothing(tmp_path: Path) -> None:
    done = run(tmp_path)
    assert done.returncode == 1 and FILE in done.stderr and list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_a_folder_of_somebody_else_is_left_alone(folder: Path) -> None:
    (folder / "secrets").mkdir()
    os.chown(folder / "secrets", 65534, 65534)
    done = run(folder)
    assert done.returncode == 1 and "belongs to another user" in done.stderr and contents(folder) == {}


def test_two_at_once_make_one_set(folder: Path) -> None:
    both = [subprocess.Popen([str(SCRIPT), str(folder)], stderr=subprocess.PIPE, stdout=subprocess.PIPE) for _ in "12"]
    ended = [process.communicate(timeout=60) and process.returncode for process in both]
    assert 0 in ended
    assert run(folder).returncode == 0 and len(contents(folder)) == 8
    assert all(len(text.strip()) == 64 for text in contents(folder).values())


def test_a_clone_that_others_may_not_read_is_named(folder: Path) -> None:
    """One made under umask 077: the containers' users are others."""
    (folder / "prometheus/rules").mkdir(parents=True)
    (folder / "prometheus/rules/own.yml").touch()
    (folder / "nginx").mkdir()
    (folder / "nginx/nginx.conf").touch()
    assert run(folder).returncode == 0
    (folder / "prometheus/rules/own.yml").chmod(0o640)
    (folder / "prometheus/rules").chmod(0o750)
    done = run(folder)
    assert done.returncode == 1
    assert "\n./prometheus/rules\n./prometheus/rules/own.yml\n" in done.stderr and "nginx.conf\n" not in done.stderr
    (command,) = (line for line in done.stderr.splitlines() if line.startswith("chmod"))
    subprocess.run(command, shell=True, cwd=folder, check=True, timeout=60)
    assert run(folder).returncode == 0


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("MIXDESK_PUBLIC_URL=https://desk.example/", "without a path and a slash at its end"),
        ('MIXDESK_PUBLIC_URL="https://desk.example/desk"', "without a path and a slash at its end"),
        ("MIXDESK_PUBLIC_URL=desk.example", "https://desk.example"),
        ("MIXDESK_PORT=9999\r", "the line ends of Windows"),
        ("MIXDESK_DOCKER_SOCKET=/etc/passwd", "/etc/passwd is no socket"),
        ("MIXDESK_DOCKER_SOCKET='/nowhere/docker.sock'", "there is no /nowhere/docker.sock"),
    ],
)
def test_what_would_not_work_is_named(folder: Path, line: str, said: str) -> None:
    run(folder)
    with (folder / ".env").open("a", newline="") as file:
        file.write(f"{line}\n")
    done = run(folder)
    assert done.returncode == 1 and said in done.stderr and str(folder) in done.stderr


def test_what_may_be_meant_is_only_said(folder: Path) -> None:
    """A file of one's own, with quotes, without profiles, with another group."""
    (folder / ".env").write_text(
        f"MIXDESK_DOCKER_SOCKET='{folder}/docker.sock'\nMIXDESK_PUBLIC_URL=\"https://desk.example:8443\"\n"
    )
    gid = (folder / "docker.sock").stat().st_gid
    done = run(folder)
    assert done.returncode == 0 and "has no COMPOSE_PROFILES" in done.stdout
    assert f"MIXDESK_DOCKER_GID={gid}\n" in (folder / ".env").read_text()
    (folder / ".env").write_text(
        f"COMPOSE_PROFILES=\nMIXDESK_DOCKER_GID=4242\nMIXDESK_DOCKER_SOCKET={folder}/docker.sock\n"
    )
    done = run(folder)
    assert done.returncode == 0 and "COMPOSE_PROFILES" not in done.stdout
    assert f"MIXDESK_DOCKER_GID=4242 in .env, but the group of {folder}/docker.sock is {gid}" in done.stdout
