"""`mixdesk up` on databases that cannot be used, and on a disk that is full: refused in one line, nothing touched."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from torture import TORTURE

from mixdesk import wire
from mixdesk.identity import new_job_id

NewDesk = Callable[..., Any]
Damage = Callable[[Path], None]

ROOT = os.geteuid() == 0


def refusal(desk: Any) -> str:
    """The one line of a start that is refused."""
    done = desk.run("up", "--port", str(desk.port), "--config", str(desk._config))
    lines = done.stderr.strip().splitlines()
    assert (done.returncode, len(lines)) == (1, 1) and lines[0].startswith("mixdesk: "), done.stderr
    assert "Traceback" not in done.stdout
    return str(lines[0])


def contents(folder: Path) -> dict[str, str]:
    """Name and sum of the database and its journal; the index `-shm` is made anew by whoever looks into them."""
    found = [path for path in folder.glob("mixdesk.db*") if path.is_file() and not path.name.endswith("-shm")]
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


def report_of(job_id: str, seq: int, **fields: Any) -> bytes:
    made = wire.Report(job_id=job_id, job_key="k" * 64, job_type="download_model", seq=seq, status="running")
    for name, value in fields.items():
        setattr(made, name, value)
    return wire.encode(made)


def put(desk: Any, job_id: str, seq: int, **fields: Any) -> requests.Response:
    headers = {"Content-Type": "application/json"}
    data = report_of(job_id, seq, **fields)
    return desk.ask("PUT", f"/jobs/{job_id}/report", "reporter", data=data, headers=headers)


_used: dict[str, bytes] = {}


def used(desk: Any) -> dict[str, bytes]:
    """The files of a desk that was killed: a database of some pages, and a journal that holds more."""
    if not _used:
        desk.start()
        for number in range(20):
            assert put(desk, f"job{number}", 1, name="n" * 150).status_code == 200
        desk.restart()
        assert put(desk, "newest", 1).status_code == 200
        desk.kill()
        _used.update({path.name: path.read_bytes() for path in desk.state_dir.glob("mixdesk.db*")})
    return _used


@pytest.fixture
def place(new_desk: NewDesk) -> tuple[Any, Path]:
    """A desk that was not started, over those files."""
    files, desk = used(new_desk()), new_desk()
    desk.state_dir.mkdir(mode=0o700)
    for name, data in files.items():
        (desk.state_dir / name).write_bytes(data)
    return desk, desk.state_dir / "mixdesk.db"


def flip(offset: int, size: int, suffix: str = "") -> Damage:
    def damage(path: Path) -> None:
        with path.with_name(path.name + suffix).open("r+b") as file:
            file.seek(offset)
            file.write(b"\xa5" * size)

    return damage


def a_middle_page(path: Path) -> None:
    """A page of a table, whole. Without its journal, which may hold that page again."""
    path.with_name(path.name + "-wal").unlink()
    path.with_name(path.name + "-shm").unlink(missing_ok=True)
    with contextlib.closing(sqlite3.connect(path)) as conn:
        page = conn.execute("SELECT rootpage FROM sqlite_master WHERE name = 'jobs'").fetchone()[0]
    flip((page - 1) * 4096, 4096)(path)


def cut_short(path: Path) -> None:
    path.with_name(path.name + "-wal").unlink()
    os.truncate(path, path.stat().st_size // 2)


def a_newer_one(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as conn, conn:
        conn.execute("UPDATE alembic_version SET version_num = '9999'")


DAMAGES: dict[str, tuple[Damage, str]] = {
    "header": (flip(0, 16), "is not a SQLite database"),
    "middle page": (a_middle_page, "restore a backup"),
    "cut short": (cut_short, "restore a backup"),
    "journal header": (flip(0, 32, "-wal"), "restore a backup"),
    "newer version": (a_newer_one, "newer version"),
    "something else": (lambda path: path.write_text("notes\n" * 500) and None, "is not a SQLite database"),
}


FEW = ["middle page", "journal header", "newer version"]  # the others are tried without a desk as well


@pytest.mark.parametrize("name", DAMAGES if TORTURE else FEW)
def test_a_start_on_it_is_refused_and_nothing_touched(place: tuple[Any, Path], name: str) -> None:
    desk, path = place
    damage, said = DAMAGES[name]
    damage(path)
    before = contents(path.parent)
    line = refusal(desk)
    assert said in line and "mixdesk.db" in line, line
    assert contents(path.parent) == before


def test_a_folder_in_its_place(new_desk: NewDesk) -> None:
    desk = new_desk()
    (desk.state_dir / "mixdesk.db").mkdir(parents=True, mode=0o700)
    assert "mixdesk.db is a folder" in refusal(desk)


@pytest.fixture
def immutable(place: tuple[Any, Path]) -> Iterator[tuple[Any, Path]]:
    """A database that not even root may write."""
    path = place[1]
    done = subprocess.run(["chattr", "+i", str(path)], capture_output=True, check=False)
    if done.returncode:
        path.chmod(0o444)
    yield place
    subprocess.run(["chattr", "-i", str(path)], capture_output=True, check=False)


def test_a_file_that_may_not_be_written(immutable: tuple[Any, Path]) -> None:
    desk, path = immutable
    before = contents(path.parent)
    assert "is read-only" in refusal(desk)
    assert contents(path.parent) == before


def test_the_files_of_a_killed_desk_are_used(place: tuple[Any, Path]) -> None:
    """What the tests above damage is sound: the journal's jobs are there."""
    desk, _ = place
    desk.start()
    jobs = {job["job_id"] for job in desk.ask("GET", "/jobs?limit=1000").json()["items"]}
    assert jobs == {f"job{number}" for number in range(20)} | {"newest"}


# -- a disk that is full, a disk that is read-only -----------------------------------------------------


@pytest.fixture
def small_disk(new_desk: NewDesk) -> Iterator[Any]:
    """A desk whose state folder is a file system of its own, of 4 MB."""
    desk = new_desk()
    desk.state_dir.mkdir(mode=0o700)
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m,mode=0700", "tmpfs", str(desk.state_dir)]
    if not ROOT or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("needs a loop device or a mount of its own, which only root may make")
    try:
        yield desk
    finally:
        desk.close()
        subprocess.run(["umount", "-l", str(desk.state_dir)], check=True)


def fill(path: Path) -> None:
    """Takes all that is left."""
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            return


def test_a_full_disk_refuses_clicks_and_keeps_what_it_is_told(small_disk: Any, eventually: Any) -> None:
    desk, job_id = small_disk.start(), new_job_id()
    assert put(desk, job_id, 1, metrics={"loss": 1.0}).status_code == 200
    click = f"/admin/jobs/{job_id}"
    kept = desk.ask("POST", f"{click}/checkpoint", "operator", json={}).json()
    filler = desk.state_dir / "filler"
    fill(filler)
    try:
        seq, refused = 1, None
        while refused is None and seq < 500:
            seq += 1
            assert put(desk, job_id, seq, metrics={"loss": float(seq)}).status_code == 200
            answer = desk.ask("POST", f"{click}/{'pause' if seq % 2 else 'resume'}", "operator", json={})
            assert answer.status_code in (202, 503), answer.text
            refused = answer.json() if answer.status_code == 503 else None
        assert refused is not None and "full" in refused["detail"], refused
        shown = desk.ask("GET", f"/jobs/{job_id}").json()
        assert shown["metrics"]["loss"]["value"] == seq, "telemetry stays in memory"
        assert desk.ask("GET", "/jobs?status=running").status_code == 200
        assert desk.ask("GET", "/metrics", "scraper").status_code == 200
        assert desk.ask("GET", "/readyz", None).status_code in (200, 503)
    finally:
        filler.unlink()
    answer = eventually(lambda: _accepted(desk.ask("POST", f"{click}/checkpoint", "operator", json={"then": "cancel"})))
    desk.kill()
    desk.restart()
    shown = desk.ask("GET", f"/jobs/{job_id}").json()
    assert shown["desired"]["generation"] == answer["generation"] > kept["generation"]
    assert desk.ask("GET", f"/admin/operations/{kept['operation']}").status_code == 200
    assert desk.ask("GET", f"/admin/operations/{answer['operation']}").json()["state"] == "pending"


def _accepted(answer: requests.Response) -> Any:
    return answer.json() if answer.status_code == 202 else None


def test_a_read_only_file_system(small_disk: Any) -> None:
    desk = small_disk.start()
    assert put(desk, "job1", 1).status_code == 200
    desk.stop()
    subprocess.run(["mount", "-o", "remount,ro", str(desk.state_dir)], check=True)
    before = contents(desk.state_dir)
    line = refusal(desk)
    assert "read-only" in line.lower() and str(desk.state_dir) in line
    assert contents(desk.state_dir) == before
