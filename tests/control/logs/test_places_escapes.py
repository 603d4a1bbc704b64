"""What is never read, whatever links, names and others who move things say."""

from __future__ import annotations

import os
import socket
import threading
from pathlib import Path

import pytest
from jail import OUTSIDE, Jail, entry, read
from torture import chance, times

from mixdesk_control.logs.place import Place, Unreadable
from mixdesk_control.logs.places import HostPlace, RootPlace, started
from mixdesk_control.logs.places.beneath import open_below

pytestmark = pytest.mark.process

ESCAPES = [
    "../../../outside.log",
    "../../../../../../../../{tmp}/outside.log",
    "{tmp}/outside.log",
    "./../..//../outside.log",
]


@pytest.mark.parametrize("to", ESCAPES)
def test_links_never_lead_out(place: Place, jail: Jail, to: str) -> None:
    (jail.logs / "evil.log").symlink_to(to.format(tmp=jail.tree.parent))
    with pytest.raises((Unreadable, FileNotFoundError)):
        place.open("/var/log/evil.log")
    found = entry(place, "evil.log")
    assert found is None or found.reason is not None


@pytest.mark.parametrize(
    "path", ["/var/log/../../../outside.log", "/var/log/x/../../../../outside.log", "../outside.log"]
)
def test_paths_never_lead_out(place: Place, jail: Jail, path: str) -> None:
    (jail.logs / "x").mkdir()
    with pytest.raises((Unreadable, FileNotFoundError)):
        place.open(path)


def test_a_folder_that_leads_out_is_not_looked_into(place: Place, jail: Jail) -> None:
    (jail.logs / "evil").symlink_to(jail.tree.parent)
    with pytest.raises((Unreadable, FileNotFoundError)):
        place.open("/var/log/evil/outside.log")
    try:
        assert place.scan("/var/log/evil") == []
    except Unreadable:
        pass


def test_links_without_end(place: Place, jail: Jail) -> None:
    (jail.logs / "a.log").symlink_to("b.log")
    (jail.logs / "b.log").symlink_to("a.log")
    with pytest.raises(Unreadable):
        place.open("/var/log/a.log")


def test_what_is_no_file_is_refused_and_hangs_nobody(place: Place, jail: Jail) -> None:
    os.mkfifo(jail.logs / "fifo.log")
    (jail.logs / "folder.log").mkdir()
    os.mknod(jail.logs / "device.log", 0o20666, os.makedev(1, 5))
    with socket.socket(socket.AF_UNIX) as listening:
        here = Path.cwd()
        os.chdir(jail.logs)  # the path of a socket is short
        listening.bind("socket.log")
        os.chdir(here)
    (jail.logs / "to-fifo.log").symlink_to("fifo.log")
    for name, what in {"fifo": "a fifo", "folder": "a folder", "device": "a device", "socket": "a socket"}.items():
        with pytest.raises(Unreadable, match=what):
            place.open(f"/var/log/{name}.log")
        found = entry(place, f"{name}.log")
        assert found is not None and found.reason == what
    with pytest.raises(Unreadable, match="a fifo"):
        place.open("/var/log/to-fifo.log")


def test_a_link_to_a_secret_is_refused(place: Place, jail: Jail) -> None:
    (jail.logs / ".env").write_text("APP_KEY=1")
    (jail.logs / "env.log").symlink_to(".env")
    with pytest.raises(Unreadable, match="secrets"):
        place.open("/var/log/env.log")
    found = entry(place, "env.log")
    assert found is not None and found.reason is not None


def test_names_that_are_hard_to_write(place: Place, jail: Jail) -> None:
    for name in (b"new\nline.log", b"bad\xff.log", b"x" * 251 + b".log", b" .log", b"\x1b[31m.log"):
        Path(os.fsdecode(os.fsencode(jail.logs) + b"/" + name)).write_text("x")
        assert read(place, f"/var/log/{os.fsdecode(name)}") == "x"
    assert len(place.scan("/var/log")) == 5
    with pytest.raises((FileNotFoundError, Unreadable)):
        place.open("/var/log/" + "x" * 300)
    with pytest.raises(Unreadable, match="NUL"):
        place.open("/var/log/a\0b.log")


def test_a_folder_that_is_swapped_for_a_link_meanwhile(jail: Jail, openat2: bool) -> None:
    """Whoever wins the race, the bytes are never those outside."""
    draw = chance()
    outside = jail.tree.parent / "swap"
    outside.mkdir()
    (outside / "app.log").write_text(OUTSIDE)
    inside, link, spare = jail.logs / "a", jail.logs / "b", jail.logs / "c"
    inside.mkdir()
    (inside / "app.log").write_text("inside")
    link.symlink_to(outside)
    over = threading.Event()

    def swap() -> None:
        while not over.is_set():
            inside.rename(spare)
            link.rename(inside)
            inside.rename(link)
            spare.rename(inside)

    swapping = threading.Thread(target=swap)
    swapping.start()
    places: list[Place] = [
        HostPlace((("/var/log", str(jail.logs)),), openat2),
        RootPlace(jail.pid, jail.ticks, openat2=openat2),
    ]
    try:
        for _ in range(times(20_000, 500)):
            try:
                assert read(draw.choice(places), "/var/log/a/app.log") == "inside"
            except (Unreadable, FileNotFoundError):
                continue
    finally:
        over.set()
        swapping.join()


def test_files_of_the_kernel_are_no_logs(openat2: bool) -> None:
    place = HostPlace((("/logs", "/proc/self"), ("/sys-logs", "/sys/kernel")), openat2)
    with pytest.raises(Unreadable, match="kernel"):
        place.open("/logs/status")
    with pytest.raises(Unreadable, match="kernel"):
        place.scan("/logs")


def test_a_magic_link_is_not_followed(tmp_path: Path, openat2: bool) -> None:
    (tmp_path / "app.log").write_text("mine")
    with (tmp_path / "app.log").open() as file:
        (tmp_path / "magic.log").symlink_to(f"/proc/{os.getpid()}/fd/{file.fileno()}")
        ticks = started(os.getpid())
        assert ticks is not None
        place = RootPlace(os.getpid(), ticks, openat2=openat2)
        (tmp_path / "root.log").symlink_to(f"/proc/{os.getpid()}/status")
        with pytest.raises(Unreadable):
            place.open(str(tmp_path / "root.log"))
        if openat2:
            with pytest.raises(Unreadable):
                place.open(str(tmp_path / "magic.log"))
        else:  # its text is the path of the file that it stands for
            assert read(place, str(tmp_path / "magic.log")) == "mine"


def test_the_kernel_and_the_hand_agree(jail: Jail) -> None:
    """Random trees of folders, files and links; random paths; both ways of both kinds."""
    draw = chance()
    root = jail.logs / "t"
    root.mkdir()
    names = ["a", "b", "c"]
    folders = [root]
    for _ in range(8):
        made = draw.choice(folders) / draw.choice(names)
        if not os.path.lexists(made):
            made.mkdir()
            folders.append(made)
    for _ in range(25):
        made = draw.choice(folders) / f"{draw.choice(names)}{draw.randint(0, 3)}"
        if os.path.lexists(made):
            continue
        to = draw.choice(["", "/", "/a/", "/b/"]) + "/".join(
            draw.choices([*names, "a0", "b1", "..", "."], k=draw.randint(1, 4))
        )
        made.symlink_to(to) if draw.random() < 0.7 else made.write_text("x")
    descriptor = os.open(root, os.O_PATH)
    try:
        for _ in range(times(20_000, 1000)):
            parts = draw.choices([*names, "a0", "a1", "b0", "b1", "c0", "c2", "..", "."], k=draw.randint(1, 5))
            for is_root in (True, False):
                assert tried(descriptor, parts, is_root, True) == tried(descriptor, parts, is_root, False), parts
    finally:
        os.close(descriptor)


def tried(root: int, parts: list[str], is_root: bool, openat2: bool) -> object:
    try:
        found = open_below(root, "/".join(parts), is_root=is_root, openat2=openat2)
    except FileNotFoundError:
        return "absent"
    except Unreadable as error:
        return type(error)
    try:
        return os.fstat(found).st_ino
    finally:
        os.close(found)
