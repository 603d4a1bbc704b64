"""The last lines of a log, or all of it with its rotated files: exact, in bounded steps, and always at an end."""

from __future__ import annotations

import errno
import gzip
import itertools
import os
import random
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from log_archive import Archive, docker_json, numbered
from torture import chance, times

from mixdesk_control.logs.history import download, unpack
from mixdesk_control.logs.history.parts import Part
from mixdesk_control.logs.history.stretch import Stretch
from mixdesk_control.logs.piece import LONGEST
from mixdesk_control.logs.place import Unreadable
from mixdesk_control.logs.places import HostPlace
from mixdesk_control.logs.source import DOCKER_JSON, PLAIN, InFiles, Source
from mixdesk_control.logs.text.redact import Redactor

SHOWN = Redactor()


@pytest.fixture(name="archive")
def _archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path)


def pieces(source: Source, lines: int | None = None) -> Iterable[bytes]:
    return download.last(source, lines, engine=None, redactor=SHOWN)


def text(source: Source, lines: int | None = None) -> bytes:
    return b"".join(pieces(source, lines))


def ends(contents: bytes, lines: int) -> bytes:
    """The last lines, as anybody would take them."""
    return b"".join(contents.splitlines(keepends=True)[-lines:])


# -- the last lines ------------------------------------------------------------------------------------


@pytest.mark.parametrize("layout", [PLAIN, DOCKER_JSON])
def test_last_lines_over_rotated_files(archive: Archive, layout: str) -> None:
    random = chance()
    for _ in range(times(100, 5)):
        parts = _parts(random)
        names = ["a.log", *(f"a.log.{at}" + random.choice(("", ".gz", ".bz2", ".xz")) for at in range(1, 5))]
        for name, part in zip(names, parts[::-1], strict=False):
            lines = [line + b"\n" for line in part.split(b"\n")[:-1]]
            archive.write(name, docker_json(line[:-1] for line in lines) if layout == DOCKER_JSON else part)
        source = archive.source(*names[: len(parts)], layout=layout)
        everything = b"".join(parts)
        assert text(source) == everything
        count = everything.count(b"\n")
        for wanted in {1, 2, count - 1, count, count + 5, random.randrange(1, count + 2)} - {0}:
            assert text(source, wanted) == ends(everything, wanted), wanted


def _parts(random: random.Random) -> list[bytes]:
    """Oldest first; lines short and long, some empty, some cut in parts by the engine."""
    sizes = (0, 1, 20, 120, 120, 120, 3000, 40_000)
    return [
        b"".join(b"x" * random.choice(sizes) + b" %d\n" % at for at in range(random.randrange(1, 300)))
        for _ in range(random.randrange(1, 6))
    ]


def test_a_last_line_without_an_end(archive: Archive) -> None:
    archive.write("a.log", b"one\ntwo\nthree")
    assert text(archive.source("a.log"), 2) == b"two\nthree\n"
    assert text(archive.source("a.log")) == b"one\ntwo\nthree\n"


def test_empty_and_missing(archive: Archive) -> None:
    archive.write("a.log", b"")
    archive.write("a.log.1", b"older\n")
    assert text(archive.source("a.log"), 5) == b""
    assert text(archive.source("a.log", "a.log.1"), 5) == b"older\n"
    assert text(archive.source("none.log", "a.log.1")) == b"older\n"


def test_older_gives_what_is_not_known_yet(archive: Archive) -> None:
    archive.write("a.log", numbered(10, 20))
    archive.write("a.log.1", numbered(10, 10))
    archive.write("a.log.2.gz", numbered(10))
    source = archive.source("a.log", "a.log.1", "a.log.2.gz")
    assert download.older(source, 12) == numbered(12, 8)
    assert download.older(source, 0) == b""
    live = (archive.folder / "a.log.1").stat()
    assert download.older(source, 12, {(live.st_dev, live.st_ino)}) == numbered(10)


def test_utf16(archive: Archive) -> None:
    content = "\r\n".join(f"line {number} épée" for number in range(3000)) + "\r\n"
    for name in ("wide.log", "wide.log.1.gz"):
        archive.write(name, content.encode("utf-16"))
        assert text(archive.source(name), 2).decode() == "line 2998 épée\nline 2999 épée\n"
        assert text(archive.source(name)).decode() == content.replace("\r", "")


# -- all of it -----------------------------------------------------------------------------------------


def test_it_comes_in_small_pieces(archive: Archive) -> None:
    content = numbered(100_000)
    archive.write("a.log", content)
    sizes = [len(piece) for piece in pieces(archive.source("a.log"))]
    assert sum(sizes) == len(content)
    assert max(sizes) <= 1 << 20


def test_a_log_that_grows_faster_than_it_is_read_ends(archive: Archive) -> None:
    path = archive.write("a.log", numbered(100_000))
    before = path.read_bytes()
    got = []
    for piece in pieces(archive.source("a.log")):
        got.append(piece)
        with path.open("ab") as log:
            log.write(piece * 2)
    assert b"".join(got) == before


def test_what_happens_to_the_file_meanwhile(archive: Archive) -> None:
    content = numbered(100_000)
    for name in ("a.log", "a.log.1"):
        archive.write(name, content)
    stream = iter(pieces(archive.source("a.log", "a.log.1")))
    first = next(stream)
    (archive.folder / "a.log.1").unlink()
    (archive.folder / "a.log").rename(archive.folder / "a.log.1")
    archive.write("a.log", b"another\n")
    assert first + b"".join(stream) == content * 2


def test_it_ends_where_the_file_is_cut(archive: Archive) -> None:
    content = numbered(100_000)
    path = archive.write("a.log", content)
    stream = iter(pieces(archive.source("a.log")))
    first = next(stream)
    os.truncate(path, 0)
    assert content.startswith(first + b"".join(stream))


def test_who_has_enough_leaves_nothing_open(archive: Archive) -> None:
    archive.write("a.log", numbered(100_000))
    archive.write("a.log.1", numbered(10))
    before = _open_files()
    stream = download.last(archive.source("a.log", "a.log.1"), None, engine=None, redactor=SHOWN)
    next(stream)
    assert _open_files() == before + 2
    stream.close()
    assert _open_files() == before


def _open_files() -> int:
    return len([*Path("/proc/self/fd").iterdir()])


def test_more_rotated_files_than_are_held(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "MOST_OPEN", 3)
    names = ["a.log", *(f"a.log.{at}" for at in range(1, 10))]
    for at, name in enumerate(names[::-1]):
        archive.write(name, numbered(5, 5 * at))
    assert text(archive.source(*names)) == numbered(50)


def test_no_more_files_are_held_than_a_few(archive: Archive) -> None:
    names = ["a.log", *(f"a.log.{at}{'.gz' * (at % 2)}" for at in range(1, 40))]
    for at, name in enumerate(names[::-1]):
        archive.write(name, numbered(5, 5 * at))
    before, most, got = _open_files(), 0, b""
    for piece in pieces(archive.source(*names)):
        most, got = max(most, _open_files() - before), got + piece
    assert got == numbered(200)
    assert 0 < most <= 17
    for lines in (1, 79, 80, 81, 100, 199, 500):
        assert text(archive.source(*names), lines) == ends(numbered(200), lines)


@pytest.mark.parametrize("removed", [False, True])
def test_a_rotation_meanwhile_leaves_nothing_out_without_a_word(archive: Archive, removed: bool) -> None:
    names = ["a.log", *(f"a.log.{at}" for at in range(1, 21))]
    for at, name in enumerate(names[::-1]):
        archive.write(name, numbered(5, 5 * at))
    stream = iter(pieces(archive.source(*names)))
    got = next(stream)
    if removed:
        (archive.folder / "a.log.18").unlink()
    else:
        for newer, older in reversed([*itertools.pairwise(names)]):
            (archive.folder / newer).replace(archive.folder / older)
    got += b"".join(stream)
    if removed:
        assert b"[mixdesk: a.log.18 could not be read: it was removed" in got
        assert got.count(b"\n") == 101
    else:
        assert got == numbered(105)


class Scarce(HostPlace):
    """Opens so many files, then no more."""

    left = 2

    def open(self, path: str) -> int:
        """As the system refuses it."""
        if type(self).left == 0:
            raise Unreadable(f"{path}: too many") from OSError(errno.EMFILE, "Too many open files")
        type(self).left -= 1
        return super().open(path)


@pytest.mark.parametrize("left", [0, 2, 18])
def test_nothing_is_left_out_where_no_file_can_be_opened(archive: Archive, left: int) -> None:
    names = ["a.log", *(f"a.log.{at}" for at in range(1, 20))]
    for name in names:
        archive.write(name, numbered(5))
    source = archive.source(*names)
    assert isinstance(source.origin, InFiles)
    origin = replace(source.origin, place=Scarce(archive.place.mounts))
    Scarce.left = left
    with pytest.raises(Unreadable, match="no file descriptors left"):
        text(replace(source, origin=origin))


@pytest.mark.parametrize("lines", [None, 3])
def test_a_file_that_cannot_be_read_is_told_where_it_belongs(archive: Archive, lines: int | None) -> None:
    archive.write("a.log", b"new\n")
    os.mkfifo(archive.folder / "a.log.1")
    archive.write("a.log.2", b"old\n")
    old, told, new = text(archive.source("a.log", "a.log.1", "a.log.2"), lines).splitlines()
    assert (old, new) == (b"old", b"new")
    assert told == b"[mixdesk: a.log.1 could not be read: /a.log.1 is a fifo, no file]"


def test_a_file_whose_content_cannot_be_read_says_so(tmp_path: Path) -> None:
    fd = os.open(tmp_path, os.O_RDONLY)
    part = Part("/a\n.log", fd, 100, 0.0)
    try:
        assert b"".join(Stretch(part, PLAIN).pieces()) == b"[mixdesk: a\\n.log could not be read: Is a directory]\n"
    finally:
        part.close()


# -- hostile files -------------------------------------------------------------------------------------


def test_secrets_and_escape_sequences_are_taken_out(archive: Archive) -> None:
    archive.write("a.log", b"\x1b]0;gone\x07up \x1b[31mred\x1b[0m\n10%\r100%\npassword=hunter2horse\n")
    assert text(archive.source("a.log")) == b"up red\n100%\npassword=[redacted]\n"
    assert text(archive.source("a.log"), 1) == b"password=[redacted]\n"


def test_a_private_key_over_two_files(archive: Archive) -> None:
    body = [b"MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQ%012d" % number for number in range(20)]
    lines = [b"-----BEGIN PRIVATE KEY-----", *body, b"-----END PRIVATE KEY-----", b"after it"]
    archive.write("a.log.1", b"".join(line + b"\n" for line in lines[:9]))
    archive.write("a.log", b"".join(line + b"\n" for line in lines[9:]))
    got = text(archive.source("a.log", "a.log.1"))
    assert b"MII" not in got
    assert got.endswith(b"after it\n")
    assert got.count(b"\n") == len(lines)


def test_a_line_of_gigabytes(archive: Archive) -> None:
    path = archive.write("a.log", b"first\nbegin ")
    with path.open("ab") as log:
        log.truncate(4 << 30)
        log.seek(4 << 30)
        log.write(b"x" * (1 << 20) + b"\nlast\n")
    got = text(archive.source("a.log"))
    assert got.startswith(b"first\nbegin xxx")
    assert got.endswith(b"bytes left out]\nlast\n")
    assert len(got) < LONGEST + 100
    assert text(archive.source("a.log"), 1) == b"last\n"
    assert text(archive.source("a.log"), 3) == got


def test_a_zip_bomb_ends_with_a_word(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpack, "LEAST_MOST", times(unpack.LEAST_MOST, 1 << 20))
    archive.write("a.log.1.gz", b"x" * 78 + b"\n" + b"more\n" * times(60_000_000, 6_000_000))
    archive.write("a.log", b"live\n")
    source = archive.source("a.log", "a.log.1.gz")
    *_, note, live = text(source, 1000).split(b"\n")[:-1]
    assert note.startswith(b"[a.log.1.gz: the rest of it is left out: it unpacks to more than ")
    assert live == b"live"
    assert text(source, 1000).count(b"\n") == 1000


@pytest.mark.parametrize("suffix", [".gz", ".bz2", ".xz"])
def test_damaged_and_misnamed_files(archive: Archive, suffix: str) -> None:
    random = chance()
    content = numbered(20_000)
    path = archive.write(f"a.log.1{suffix}", content)
    packed = path.read_bytes()
    for at in (0, 1, 5, 20, len(packed) // 2, len(packed) - 3, *(random.randrange(len(packed)) for _ in range(5))):
        path.write_bytes(packed[:at])
        text(archive.source(path.name))
        path.write_bytes(packed[:at] + b"\xff\x00\xff" + packed[at + 3 :])
        text(archive.source(path.name))
    path.write_bytes(packed * 2)
    assert text(archive.source(path.name)) == content * 2, "several members"
    path.write_bytes(content)
    assert text(archive.source(path.name), 2) == ends(content, 2)


def test_what_cannot_be_read_says_why(archive: Archive) -> None:
    os.mkfifo(archive.folder / "fifo.log")
    (archive.folder / "folder.log").mkdir()
    (archive.folder / "out.log").symlink_to("/etc/hostname")
    for name in ("fifo.log", "folder.log", "out.log"):
        with pytest.raises(Unreadable, match=name):
            text(archive.source(name))
    with pytest.raises(Unreadable, match="nobody mounts it"):
        text(Source(service="db", id="slow", kind="application", reason="nobody mounts it"))


# -- gzip ----------------------------------------------------------------------------------------------


def test_gzip_is_the_same_and_begins_at_once(archive: Archive) -> None:
    content = numbered(50_000)
    archive.write("a.log", content)
    packed = list(download.gzipped(pieces(archive.source("a.log"))))
    assert gzip.decompress(b"".join(packed)) == content
    first = unpack._Gzip().decompress(packed[0], 1 << 20)
    assert content.startswith(first)
    assert first
    assert gzip.decompress(b"".join(download.gzipped([]))) == b""


def test_a_gzip_stream_is_flushed_as_it_comes() -> None:
    stream = download.gzipped(numbered(1000, 1000 * at) for at in range(100))
    unpacker, seen = unpack._Gzip(), b""
    for packed in stream:
        seen += unpacker.decompress(packed, 10 << 20)
    assert seen == numbered(100_000)
