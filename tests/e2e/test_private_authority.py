"""A desk whose certificate is of a private authority: trainers and commands trust what SSL_CERT_FILE names."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from live_desk import Desk, free_port, output_of, wait_until


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that nobody knows, and its key."""
    certificate, key = tmp_path / "desk.crt", tmp_path / "desk.key"
    request = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=desk -addext subjectAltName=IP:127.0.0.1"
    subprocess.run(["openssl", *request.split(), "-out", certificate, "-keyout", key], check=True, capture_output=True)
    return certificate, key


def test_trainers_and_commands_reach_it(tmp_path: Path, certificate: tuple[Path, Path]) -> None:
    config = tmp_path / "mixdesk.toml"
    config.write_text(f'[server]\ntls_cert = "{certificate[0]}"\ntls_key = "{certificate[1]}"\n')
    desk = Desk(tmp_path / "state", free_port(), config=config, authority=certificate[0])
    try:
        desk.start()
        assert output_of(desk.trainer("--checkpoints", tmp_path / "kept", "--step-s", 0, "--epochs", 1))
        wait_until(lambda: [job["status"] for job in desk.jobs()] == ["succeeded"], "the run's report")
        assert desk.cli_json("jobs", "list")[0]["status"] == "succeeded"
    finally:
        desk.close()
