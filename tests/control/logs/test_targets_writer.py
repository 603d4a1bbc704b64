"""The file on disk: only on change, whole, with what is gone kept for a while, and never the end of the desk."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from log_shipping import service, stdout

from mixdesk_control.logs.places import HostPlace
from mixdesk_control.logs.source import InFiles, Service
from mixdesk_control.logs.targets import Writer, document
from mixdesk_control.logs.targets.writer import job_types

HERE = HostPlace.everything()


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def groups(*services: Service, types: Sequence[str] = ()) -> list[dict[str, Any]]:
    return document(services, platform="voice", host="box", path_map={}, job_types=types, log_root="/state/logs")


def nginx() -> Service:
    return service("nginx", error=InFiles(HERE, "/srv/nginx/error.log"))


def api(container: str) -> Service:
    return service("api", stdout=stdout(container))


def listed(path: Path) -> dict[str, str]:
    return {
        f"{g['labels']['service']}/{g['labels']['source']}": g["labels"]["__path__"]
        for g in json.loads(path.read_text())
    }


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "targets.json"


def test_it_is_written_on_change_alone(path: Path) -> None:
    writer = Writer(path, clock=Clock())
    assert writer.update(groups(nginx()))
    before = path.stat()
    assert stat.S_IMODE(before.st_mode) == 0o644
    assert path.read_text().endswith("]\n")
    assert not writer.update(groups(nginx()))
    assert path.stat().st_ino == before.st_ino
    assert writer.update(groups(nginx(), types=["tts"]))
    assert path.stat().st_ino != before.st_ino, "replaced, not written over"
    assert [left.name for left in path.parent.iterdir()] == ["targets.json"]


def test_the_mode_does_not_depend_on_the_umask(path: Path) -> None:
    old = os.umask(0o077)
    try:
        Writer(path).update(groups(nginx()))
    finally:
        os.umask(old)
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_what_is_gone_stays_for_the_grace_period(path: Path) -> None:
    clock = Clock()
    writer = Writer(path, grace_s=600, clock=clock)
    writer.update(groups(nginx(), api("a" * 64)))
    clock.now += 10
    assert not writer.update(groups(nginx())), "a container that restarts changes nothing"
    clock.now += 580
    assert not writer.update(groups(nginx()))
    clock.now += 11
    assert writer.update(groups(nginx()))
    assert set(listed(path)) == {"nginx/error"}
    writer.update([])
    clock.now += 601
    writer.update([])
    assert listed(path) == {}


def test_a_container_made_anew_is_read_beside_the_old_one_for_a_while(path: Path) -> None:
    clock = Clock()
    writer = Writer(path, grace_s=600, clock=clock)
    old, new = "a" * 64, "b" * 64
    writer.update(groups(api(old)))
    clock.now += 5
    writer.update(groups(api(new)))
    folder = "/var/lib/docker/containers"
    assert listed(path) == {"api/stdout": f"{folder}/{{{old}/{old}-json.log,{new}/{new}-json.log}}"}
    clock.now += 300
    writer.update(groups(api(new)))
    clock.now += 301
    writer.update(groups(api(new)))
    assert listed(path) == {"api/stdout": f"{folder}/{new}/{new}-json.log"}


def test_grace_lasts_over_a_restart_of_the_desk(path: Path) -> None:
    Writer(path, clock=Clock()).update(groups(nginx(), api("a" * 64)))
    clock = Clock()
    clock.now = 5.0  # another clock altogether
    writer = Writer(path, grace_s=600, clock=clock)
    assert not writer.update(groups(nginx())), "the engine does not answer yet"
    clock.now += 1
    writer.update(groups(nginx(), api("b" * 64)))
    again = Writer(path, grace_s=600, clock=clock)
    assert not again.update(groups(nginx(), api("b" * 64))), "braces are taken apart and put together again"
    clock.now += 601
    again.update(groups(nginx(), api("b" * 64)))
    assert listed(path)["api/stdout"].count("{") == 0


def test_names_that_braces_cannot_hold_change_at_once(path: Path) -> None:
    clock = Clock()
    writer = Writer(path, clock=clock)
    for name in ("a,b", "c,d"):
        clock.now += 1
        writer.update(groups(service("x", error=InFiles(HERE, f"/srv/{name}.log"))))
    assert listed(path) == {"x/error": "/srv/c,d.log"}


def test_a_list_that_was_removed_is_written_again(path: Path) -> None:
    writer = Writer(path)
    writer.update(groups(nginx()))
    path.unlink()
    assert writer.update(groups(nginx()))
    path.write_text("")
    assert writer.update(groups(nginx()))


def test_what_is_no_list_is_never_overwritten(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    for content in ("[server]\nport = 1\n", '{"a": 1}', '[{"targets": ["x"], "labels": {}}]', "[1]", '["a"]'):
        path.write_text(content)
        writer = Writer(path)
        caplog.clear()
        assert not writer.update(groups(nginx()))
        assert not writer.update(groups(nginx()))
        assert path.read_text() == content
        assert "something else" in writer.notes[0]
        assert len(caplog.records) == 1, "said once"


def test_folders_links_and_wrong_names_are_refused(tmp_path: Path) -> None:
    (tmp_path / "folder.json").mkdir()
    outside = tmp_path / "outside"
    outside.write_text("")
    (tmp_path / "link.json").symlink_to(outside)
    os.mkfifo(tmp_path / "fifo.json")
    for name, why in (
        ("folder.json", "a folder"),
        ("link.json", "is a link"),
        ("fifo.json", "no regular file"),
        ("targets.txt", "end in .json"),
        ("none/targets.json", "No such file"),
    ):
        writer = Writer(tmp_path / name)
        assert not writer.update(groups(nginx()))
        assert why in writer.notes[0]
    assert outside.read_text() == ""


def test_trouble_ends_with_its_cause(path: Path) -> None:
    path.mkdir()
    writer = Writer(path)
    writer.update(groups(nginx()))
    assert writer.notes
    path.rmdir()
    assert writer.update(groups(nginx()))
    assert writer.notes == ()


def test_job_types_are_the_folders(tmp_path: Path) -> None:
    assert job_types(tmp_path) == []
    for name in ("b%2Fc", "a", "%", "%zz"):
        (tmp_path / "jobs" / name).mkdir(parents=True)
    (tmp_path / "jobs" / "file").write_text("")
    (tmp_path / "jobs" / "link").symlink_to(tmp_path)
    assert job_types(tmp_path) == ["a", "b/c"]
