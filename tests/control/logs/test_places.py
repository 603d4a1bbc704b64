"""Files of this host and of a process with a root of its own, by each way and by several."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from jail import Jail, entry, nobody, read

from mixdesk_control.docker_engine.engine import Engine
from mixdesk_control.logs.place import Found, Place, Unreadable
from mixdesk_control.logs.places import ArchivePlace, ContainerPlace, HostPlace, RootPlace, started
from mixdesk_control.logs.places.listing import A_FOLDER

pytestmark = pytest.mark.process


def test_a_file_is_read_and_listed(place: Place, jail: Jail) -> None:
    (jail.logs / "app.log").write_text("a line\n")
    os.utime(jail.logs / "app.log", (1000, 1000))
    assert read(place, "/var/log/app.log") == "a line\n"
    seen = (jail.logs / "app.log").stat()
    assert entry(place, "app.log") == Found("app.log", 7, 1000.0, (seen.st_dev, seen.st_ino))


def test_a_folder_that_is_not_there_has_nothing_in_it(place: Place) -> None:
    assert place.scan("/var/log/none") == []
    with pytest.raises(FileNotFoundError):
        place.open("/var/log/none/app.log")
    with pytest.raises(FileNotFoundError):
        place.open_folder("/var/log/none")


def test_a_file_as_a_folder_has_nothing_in_it(place: Place, jail: Jail) -> None:
    (jail.logs / "app.log").write_text("a line\n")
    with pytest.raises(FileNotFoundError):
        place.open("/var/log/app.log/app.log")


def test_a_folder_can_be_watched(place: Place, jail: Jail) -> None:
    (jail.logs / "app.log").write_text("")
    found = place.open_folder("/var/log")
    try:
        assert os.fstat(found).st_ino == jail.logs.stat().st_ino
    finally:
        os.close(found)
    with pytest.raises(Unreadable, match="no folder"):
        place.open_folder("/var/log/app.log")


def test_links_inside_are_followed(place: Place, jail: Jail) -> None:
    (jail.logs / "deep").mkdir()
    (jail.logs / "deep/app.log").write_text("inside")
    (jail.logs / "one.log").symlink_to("deep/../deep/app.log")
    (jail.logs / "folder").symlink_to("deep")
    assert read(place, "/var/log/one.log") == "inside"
    assert read(place, "/var/log/folder/app.log") == "inside"
    found = entry(place, "one.log")
    assert found is not None and found.size == 6 and found.reason is None
    assert entry(place, "folder") is not None


def test_a_hard_link_is_the_same_file(place: Place, jail: Jail) -> None:
    (jail.logs / "a.log").write_text("twice")
    (jail.logs / "b.log").hardlink_to(jail.logs / "a.log")
    one, two = entry(place, "a.log"), entry(place, "b.log")
    assert one is not None and two is not None and one.identity == two.identity
    assert read(place, "/var/log/b.log") == "twice"


@pytest.mark.parametrize("to", ["/dev/stdout", "/dev/stderr", "/proc/self/fd/1", "/proc/self/fd/2", "/proc/1/fd/1"])
def test_links_to_the_output_are_no_files(place: Place, jail: Jail, to: str) -> None:
    (jail.logs / "access.log").symlink_to(to)
    assert entry(place, "access.log") == Found("access.log", output=True)


def test_only_files_whose_names_are_wanted_and_folders(place: Place, jail: Jail) -> None:
    (jail.logs / "app.log").write_text("")
    (jail.logs / "other").write_text("")
    (jail.logs / "nginx").mkdir()
    assert isinstance(place, HostPlace | RootPlace)
    found = place.scan("/var/log", lambda name: name.endswith(".log"))
    assert {one.name for one in found} == {"app.log", "nginx"}


def test_what_this_user_may_not_read(place: Place, jail: Jail) -> None:
    (jail.logs / "app.log").write_text("x")
    (jail.logs / "app.log").chmod(0)
    with nobody(), pytest.raises(Unreadable, match=r"may not"):
        place.open("/var/log/app.log")


# -- this host's folders ---------------------------------------------------------------------------


def test_the_longest_mount_wins(tmp_path: Path) -> None:
    (tmp_path / "outer").mkdir()
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner/app.log").write_text("inner")
    place = HostPlace((("/data", str(tmp_path / "outer")), ("/data/logs", str(tmp_path / "inner"))))
    assert read(place, "/data/logs/app.log") == "inner"
    assert place.on_host("/data/logs/app.log") == str(tmp_path / "inner/app.log")
    assert place.on_host("/data/logs2/app.log") == str(tmp_path / "outer/logs2/app.log")
    assert place.on_host("/else") is None
    assert [one.name for one in place.scan("/data")] == ["logs"]


def test_mount_points_are_seen_in_folders_that_are_not_mounted(tmp_path: Path) -> None:
    (tmp_path / "app.log").write_text("one file alone")
    place = HostPlace((("/var/log/nginx", str(tmp_path)), ("/var/log/app.log", str(tmp_path / "app.log"))))
    assert {one.name: one.reason for one in place.scan("/var/log")} == {"nginx": A_FOLDER, "app.log": None}
    assert {one.name for one in place.scan("/var")} == {"log"}
    assert read(place, "/var/log/app.log") == "one file alone"
    with pytest.raises(Unreadable, match="no mount"):
        place.open("/var/log/other.log")


def test_a_mount_that_is_not_seen_here_leaves_the_others_to_try(jail: Jail) -> None:
    (jail.logs / "app.log").write_text("inside")
    host = HostPlace((("/var/log", str(jail.tree / "away")),))
    with pytest.raises(Unreadable, match="not there"):
        host.scan("/var/log")
    place = ContainerPlace((host, RootPlace(jail.pid, jail.ticks)))
    assert [one.name for one in place.scan("/var/log")] == ["app.log"]
    assert read(place, "/var/log/app.log") == "inside"


# -- a process's root ------------------------------------------------------------------------------


def test_absolute_links_mean_the_processs_own_root(jail: Jail, openat2: bool) -> None:
    (jail.tree / "srv").mkdir()
    (jail.tree / "srv/app.log").write_text("of the jail")
    (jail.logs / "app.log").symlink_to("/srv/app.log")
    (jail.logs / "up.log").symlink_to("../../../../../srv/app.log")
    place = RootPlace(jail.pid, jail.ticks, openat2=openat2)
    assert read(place, "/var/log/app.log") == "of the jail"
    assert read(place, "/var/log/up.log") == "of the jail"


def test_another_process_of_that_number_is_not_taken_for_it(jail: Jail) -> None:
    (jail.logs / "app.log").write_text("x")
    place = RootPlace(jail.pid, jail.ticks + 1)
    for call in (place.open, place.scan, place.open_folder):
        with pytest.raises(Unreadable, match="has ended"):
            call("/var/log")


def test_a_process_that_has_ended() -> None:
    with subprocess.Popen(["/bin/busybox", "sleep", "3600"]) as process:
        ticks = started(process.pid)
        assert ticks is not None
        place = RootPlace(process.pid, ticks)
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # nobody has reaped it yet
        with pytest.raises(Unreadable, match=r"ended|not seen"):
            place.open("/var/log/app.log")
        assert started(process.pid) is None
    with pytest.raises(Unreadable, match="not seen"):
        place.open("/var/log/app.log")


def test_a_process_that_is_not_seen(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="pid: host"):
        RootPlace(1, 1, tmp_path).scan("/var/log")


def test_without_rights_it_says_what_is_missing(jail: Jail) -> None:
    place = RootPlace(jail.pid, jail.ticks)
    with nobody(), pytest.raises(Unreadable, match="CAP_SYS_PTRACE"):
        place.scan("/var/log")


# -- several ways ----------------------------------------------------------------------------------


def test_a_link_from_one_mount_into_another_is_read_inside(jail: Jail) -> None:
    (jail.tree / "data").mkdir()
    (jail.tree / "data/app.log").write_text("in the other mount")
    (jail.logs / "app.log").symlink_to("/data/app.log")
    host = HostPlace((("/var/log", str(jail.logs)), ("/data", str(jail.tree / "data"))))
    root = RootPlace(jail.pid, jail.ticks)
    with pytest.raises(Unreadable, match="leads out of its mount"):
        host.open("/var/log/app.log")
    place = ContainerPlace((host, root))
    assert read(place, "/var/log/app.log") == "in the other mount"
    ((found, way),) = place.look("/var/log")
    assert (found.reason, way) == (None, root)


def test_mounts_come_first_and_the_rest_is_added(jail: Jail, tmp_path: Path) -> None:
    (jail.logs / "nginx").mkdir()
    (jail.logs / "app.log").write_text("in the root")
    (tmp_path / "error.log").write_text("in the mount")
    host = HostPlace((("/var/log/nginx", str(tmp_path)),))
    root = RootPlace(jail.pid, jail.ticks)
    place = ContainerPlace((host, root))
    assert {found.name: way for found, way in place.look("/var/log")} == {"nginx": host, "app.log": root}
    assert {found.name: way for found, way in place.look("/var/log/nginx")} == {"error.log": host}
    assert read(place, "/var/log/nginx/error.log") == "in the mount"
    assert place.on_host("/var/log/nginx/error.log") == str(tmp_path / "error.log")
    assert place.on_host("/var/log/app.log") is None
    with pytest.raises(FileNotFoundError):
        place.open("/var/log/none.log")


def test_where_no_way_leads_the_reason_says_more_than_no_mount(tmp_path: Path) -> None:
    place = ContainerPlace((HostPlace((("/data", str(tmp_path)),)), RootPlace(1, 1, tmp_path)))
    with pytest.raises(Unreadable, match="pid: host"):
        place.open("/var/log/app.log")
    with pytest.raises(Unreadable, match="pid: host"):
        place.scan("/var/log")


@dataclass(frozen=True)
class Copies(ArchivePlace):
    """Copies of one file, which are counted."""

    asked: list[str] = field(default_factory=list, compare=False)

    def scan(self, folder: str, wanted: Callable[[str], bool] | None = None) -> list[Found]:
        self.asked.append(folder)
        return [Found("copied.log", 1)]


def test_copies_are_asked_for_only_where_nothing_else_leads(jail: Jail, tmp_path: Path) -> None:
    copies = Copies(Engine(tmp_path / "none.sock"), "c" * 64)
    host = HostPlace((("/var/log/nginx", str(tmp_path)),))
    os.mkfifo(jail.logs / "fifo.log")
    works = ContainerPlace((host, RootPlace(jail.pid, jail.ticks), copies))
    assert {one.name for one in works.scan("/var/log")} == {"nginx", "fifo.log"}
    assert works.scan("/var/log/nginx") == []
    assert copies.asked == []
    fails = ContainerPlace((host, RootPlace(jail.pid, jail.ticks + 1), copies))
    assert {one.name for one in fails.scan("/var/log")} == {"nginx", "copied.log"}


def test_equal_places_compare_equal(tmp_path: Path) -> None:
    def made() -> ContainerPlace:
        return ContainerPlace((HostPlace((("/data", str(tmp_path)),)), RootPlace(1, 2)))

    assert made() == made()
    assert len({made(), made()}) == 1
