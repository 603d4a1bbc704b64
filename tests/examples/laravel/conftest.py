"""A desk with an asset, a log and a job, and the application in front of it."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Iterator

import pytest
import requests
from live_desk import Desk, free_port, wait_until
from php_site import Site

CONFIG = """
[logs]
compose = []

[logs.services]
api = ["{folder}/laravel.log"]

[[assets]]
id = "rvc"
name = "RVC"
type = "model"
resource_type = "cpu"
driver = "process"
process = {{ argv = ["sleep", "3600"] }}
"""
LINES = 200_000
JOB, KEY = "0198f3c2-7d10-7c3a-9b52-6f0d5c1e4a77", "5b1f0c9e7a3d42868e0f9d1c2b3a49586776859403b2a1c0d9e8f70615243342"


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """With a log of some 20 MB: more than PHP is given memory here."""
    folder = tmp_path_factory.mktemp("laravel")
    line = "[2026-11-30 10:00:{:02d}] production.ERROR: line {} of many, as long as lines of an application are {}\n"
    (folder / "laravel.log").write_text("".join(line.format(n % 60, n, "x" * 40) for n in range(LINES)))
    (folder / "mixdesk.toml").write_text(CONFIG.format(folder=folder))
    desk = Desk(folder / "state", free_port(), config=folder / "mixdesk.toml")
    try:
        desk.start()
        wait_until(lambda: desk.get("/admin/logs/sources/api")["items"], "the log")
        yield desk
    finally:
        desk.close()


@pytest.fixture(scope="session")
def site(live: Desk, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with Site(live, tmp_path_factory.mktemp("site")).running() as started:
        yield started


@pytest.fixture(scope="session")
def job(live: Desk, site: Site) -> str:
    """A job that runs, as far as the desk hears, for tests that ask nothing of it."""
    site.secrets.append(KEY)
    return reported(live, JOB, KEY)


@pytest.fixture
def own_job(live: Desk, site: Site) -> str:
    """The same for one test alone: what it asks of its job is pending for no other."""
    key = secrets.token_hex(32)
    site.secrets.append(key)
    return reported(live, str(uuid.uuid4()), key)


def reported(live: Desk, job_id: str, key: str) -> str:
    report = {"v": 1, "job_id": job_id, "job_key": key, "job_type": "training_rvc", "seq": 1, "status": "running"}
    said = requests.put(
        f"{live.url}/jobs/{job_id}/report",
        json=report | {"name": "anton", "owner": "anna"},
        headers={"Authorization": f"Bearer {live.token('reporter')}"},
        timeout=60,
    )
    assert said.status_code == 200, said.text
    return job_id
