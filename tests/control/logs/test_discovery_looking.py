"""The files of a service as sources: many of them, odd ones, rotated ones."""

from __future__ import annotations

import os
import select
from collections.abc import Hashable, Iterator
from pathlib import Path

import pytest

from mixdesk_control.logs import directories, naming
from mixdesk_control.logs.discovery import inventory
from mixdesk_control.logs.discovery.folders import Folders
from mixdesk_control.logs.discovery.looking import Looked, look, single_files
from mixdesk_control.logs.discovery.remembered import MOST, Remembered
from mixdesk_control.logs.place import Place
from mixdesk_control.logs.places import ContainerPlace, HostPlace
from mixdesk_control.logs.source import InFiles, Source

NOW = 1_800_000_000.0


def looked(tmp_path: Path, *files: str) -> Looked:
    return look(place(tmp_path), ["/logs"], files)


def place(tmp_path: Path) -> ContainerPlace:
    return ContainerPlace((HostPlace((("/logs", str(tmp_path)),)),))


def sources(found: Looked) -> dict[str, Source]:
    logs = list(inventory.logs(found))
    ids = naming.ids([log.base for log in logs], taken=["stdout"])
    return {ids[log.base]: inventory.source(log, "api", ids[log.base], NOW) for log in logs}


def write(tmp_path: Path, *names: str) -> None:
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)


def test_one_level_of_folders_is_looked_into_and_no_more(tmp_path: Path) -> None:
    write(tmp_path, "a.log", "nginx/b.log", "nginx/deep/c.log", ".git/d.log", "journal/e.log")
    assert set(sources(looked(tmp_path))) == {"a", "b"}


def test_rotated_files_belong_to_their_log(tmp_path: Path) -> None:
    write(tmp_path, "error.log", "error.log.1", "error.log.2.gz", "laravel-2026-11-01.log", "laravel-2026-10-31.log")
    found = sources(looked(tmp_path))
    assert set(found) == {"error", "laravel"}
    error, laravel = found["error"].origin, found["laravel"].origin
    assert isinstance(error, InFiles) and isinstance(laravel, InFiles)
    assert [(one.path, one.compressed) for one in error.rotated] == [
        ("/logs/error.log.1", False),
        ("/logs/error.log.2.gz", True),
    ]
    assert (laravel.path, laravel.pattern) == ("/logs/laravel-2026-11-01.log", "laravel-*.log")
    assert [one.path for one in laravel.rotated] == ["/logs/laravel-2026-10-31.log"]


def test_the_next_day_it_is_the_same_source(tmp_path: Path) -> None:
    write(tmp_path, "laravel-2026-10-31.log")
    before = set(sources(looked(tmp_path)))
    write(tmp_path, "laravel-2026-11-01.log")
    assert set(sources(looked(tmp_path))) == before == {"laravel"}


def test_parts_that_cannot_be_unpacked_are_told(tmp_path: Path) -> None:
    write(tmp_path, "error.log", "error.log.1.zst", "error.log.2.gz")
    assert "older parts in .zst cannot be read" in sources(looked(tmp_path))["error"].why


def test_between_two_steps_of_a_rotation_it_is_there_by_its_own_name(tmp_path: Path) -> None:
    write(tmp_path, "error.log.1")
    error = sources(looked(tmp_path))["error"]
    assert (error.path, error.size, error.reason) == ("/logs/error.log", None, None)


def test_of_very_many_files_the_freshest_are_shown_and_the_rest_counted(tmp_path: Path) -> None:
    for number in range(directories.MOST_FILES + 200):
        (tmp_path / f"x{number}.log").touch()
        os.utime(tmp_path / f"x{number}.log", (number, number))
    found = looked(tmp_path)
    assert found.notes == ["/logs has 200 more files with names of logs than the 1,000 freshest, which are shown"]
    shown = sources(found)
    assert len(shown) == directories.MOST_FILES
    assert "x200" in shown and "x199" not in shown


def test_names_that_cannot_be_shown_are_listed_with_the_reason(tmp_path: Path) -> None:
    for name in (b"new\nline.log", b"bad\xff.log", b"\x1b[31m.log"):
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).touch()
    found = sources(looked(tmp_path))
    assert len(found) == 3
    for source in found.values():
        assert source.origin is None and "rename it" in str(source.reason)
        assert str(source.path).isprintable() and str(source.reason).isprintable()
        str(source.path).encode()


def test_one_file_under_two_names_is_one_source(tmp_path: Path) -> None:
    write(tmp_path, "a.log")
    (tmp_path / "b.log").hardlink_to(tmp_path / "a.log")
    (tmp_path / "again").symlink_to(".")
    assert set(sources(looked(tmp_path))) == {"a"}


def test_named_files_need_no_name_of_a_log(tmp_path: Path) -> None:
    write(tmp_path, "output.txt", "output.txt.1", "other.txt", "a.log")
    found = sources(look(place(tmp_path), [], ["/logs/output*", "/logs/none.txt"]))
    assert set(found) == {"output.txt"}
    assert isinstance(found["output.txt"].origin, InFiles) and len(found["output.txt"].origin.rotated) == 1


def test_files_that_are_mounted_alone() -> None:
    mounts = [("/srv/app.log", "/x"), ("/etc/error.log", "/y"), ("/srv/nginx.conf", "/z"), ("/run/docker.sock", "/s")]
    assert single_files(mounts) == ["/srv/app.log"]


def test_a_folder_that_may_not_be_looked_into_is_told(tmp_path: Path) -> None:
    (tmp_path / "evil").symlink_to("/etc")
    found = look(place(tmp_path), ["/logs", "/logs/evil"])
    assert "leads out of its mount" in found.refusals["/logs/evil"]


# -- names that come and go ------------------------------------------------------------------------


@pytest.fixture
def folders() -> Iterator[Folders]:
    made = Folders()
    yield made
    made.close()


def came(folders: Folders) -> bool:
    """Whether the kernel has something to say; it says it within the call that did it."""
    found = bool(select.select([folders.descriptor], [], [], 0)[0])
    folders.drain()
    return found


def test_names_are_told_and_lines_are_not(tmp_path: Path, folders: Folders) -> None:
    watched: dict[Hashable, tuple[Place, str]] = {1: (place(tmp_path), "/logs")}
    assert folders.watch(watched)
    assert not folders.watch(watched)
    write(tmp_path, "a.log")
    assert came(folders)
    (tmp_path / "a.log").write_text("more")
    assert not came(folders)
    (tmp_path / "a.log").rename(tmp_path / "a.log.1")
    assert came(folders)
    folders.watch({})
    folders.drain()
    write(tmp_path, "b.log")
    assert not came(folders)


def test_a_folder_that_is_made_anew_is_watched_again(tmp_path: Path, folders: Folders) -> None:
    watched: dict[Hashable, tuple[Place, str]] = {1: (place(tmp_path), "/logs/nginx")}
    assert not folders.watch(watched)
    (tmp_path / "nginx").mkdir()
    assert folders.watch(watched)
    (tmp_path / "nginx").rmdir()
    assert came(folders)
    assert not folders.watch(watched)
    (tmp_path / "nginx").mkdir()
    assert folders.watch(watched)
    write(tmp_path, "nginx/a.log")
    assert came(folders)


def test_closed_it_watches_nothing(tmp_path: Path) -> None:
    made = Folders()
    made.close()
    assert not made.watch({1: (place(tmp_path), "/logs")})
    made.watch({})


# -- ids that are kept -----------------------------------------------------------------------------


def test_ids_outlive_a_start(tmp_path: Path) -> None:
    path = tmp_path / "logs/ids.json"
    Remembered(path).keep({"api": {"/a/error.log": "error"}})
    assert Remembered(path).of("api") == {"/a/error.log": "error"}
    assert Remembered(path).of("web") == {}


def test_what_is_known_is_not_written_again(tmp_path: Path) -> None:
    path = tmp_path / "ids.json"
    remembered = Remembered(path)
    remembered.keep({"api": {"/a/error.log": "error"}})
    path.unlink()
    remembered.keep({"api": {"/a/error.log": "error"}})
    assert not path.exists()


def test_what_has_gone_is_kept_within_bounds(tmp_path: Path) -> None:
    remembered = Remembered(tmp_path / "ids.json")
    for number in range(3):
        remembered.keep({"api": {f"/{number}/{name}.log": f"{number}-{name}" for name in range(MOST - 100)}})
    assert len(remembered.of("api")) == MOST


@pytest.mark.parametrize("content", ["", "[]", "{", '{"api": 1}', "\xff"])
def test_a_spoilt_file_is_begun_anew(tmp_path: Path, content: str) -> None:
    path = tmp_path / "ids.json"
    path.write_text(content, "latin-1")
    remembered = Remembered(path)
    assert remembered.of("api") == {}
    remembered.keep({"api": {"/a.log": "a"}})
    assert Remembered(path).of("api") == {"/a.log": "a"}


def test_a_folder_that_cannot_be_written_to_ends_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    remembered = Remembered(tmp_path / "file/ids.json")
    remembered.keep({"api": {"/a.log": "a"}})
    assert remembered.of("api") == {"/a.log": "a"}
