"""Bytes of files as lines: forward, backward, whatever they hold, and never more memory than is allowed."""

from __future__ import annotations

import codecs
import json
import os
import random
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torture

from mixdesk_control.logs.files import backwards, docker_json, holes
from mixdesk_control.logs.files.encoding import UTF8, Decoder, Plain, of_file
from mixdesk_control.logs.files.lines import Cutter, clean, count, whole, without_first
from mixdesk_control.logs.piece import LONGEST

MARKS = {"utf-8": b"", "utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}
Opened = Callable[[bytes], int]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    fds: list[int] = []

    def opened(content: bytes) -> int:
        path = tmp_path / str(len(fds))
        path.write_bytes(content)
        fds.append(os.open(path, os.O_RDWR))
        return fds[-1]

    yield opened
    for fd in fds:
        os.close(fd)


def fed(decoder: Decoder, raw: bytes, chance: random.Random) -> bytes:
    """All lines of these bytes, which come in pieces of any size."""
    found, at = b"", 0
    while at < len(raw):
        size = chance.choice((1, 2, 3, 1000, 1 << 16, 300_000))
        found += decoder.feed(raw[at : at + size])
        at += size
    return found + decoder.end()


def some_lines(chance: random.Random) -> list[str]:
    many = (0, 1, 5, 100, 40_000, 140_000 if chance.random() < 0.05 else 3)
    return [f"l{number} " + "xé" * chance.choice(many) for number in range(chance.randrange(60))]


@pytest.mark.parametrize("encoding", MARKS)
def test_forward_and_backward_agree(encoding: str, opened: Opened) -> None:
    chance = torture.chance()
    for _ in range(torture.times(200, 15)):
        text = "\n".join(some_lines(chance)) + ("\n" if chance.random() < 0.7 else "")
        raw = MARKS[encoding] + text.encode(encoding)
        fd = opened(raw)
        forward = fed(Plain(), raw, chance)
        backward = b"".join(reversed(list(backwards.blocks(fd))))
        assert [one[:1000] for one in forward.split(b"\n")] == [one[:1000] for one in backward.split(b"\n")]
        assert all(len(one) < LONGEST for one in forward.split(b"\n"))
        assert forward == backward or encoding != "utf-8"
        count = chance.randrange(40)
        assert backwards.last_lines(fd, count) == b"".join(lines_of(backward)[-count:] if count else [])


def lines_of(content: bytes) -> list[bytes]:
    return [one + b"\n" for one in content.split(b"\n")[:-1]]


def test_the_last_lines_before_a_place(opened: Opened) -> None:
    content = b"".join(b"line %d\n" % number for number in range(50_000))
    fd = opened(content)
    end = content.index(b"line 30000\n")
    assert backwards.last_lines(fd, 2, end) == b"line 29998\nline 29999\n"
    assert backwards.last_lines(fd, 100_000) == content
    assert backwards.last_lines(fd, 0) == b""


def test_what_is_handed_out_is_bounded(opened: Opened) -> None:
    fd = opened(b"x" * 99 + b"\n" + (b"y" * 999 + b"\n") * 5000)
    found = backwards.last_lines(fd, 100_000, most=1 << 20)
    assert 1 << 20 <= len(found) <= (1 << 20) + backwards.STEP + LONGEST


def test_utf_16_with_windows_line_ends() -> None:
    raw = codecs.BOM_UTF16_LE + "eins\r\nzwei\r\n\u0a0a\r\n".encode("utf-16-le")
    assert Plain().feed(raw) == "eins\nzwei\n\u0a0a\n".encode()


def test_a_mark_that_comes_byte_by_byte() -> None:
    plain = Plain()
    assert b"".join(plain.feed(bytes([byte])) for byte in codecs.BOM_UTF8 + b"a\n") == b"a\n"
    assert Plain().feed(b"\xef\xbba\n") == "\ufffda\n".encode()


def test_counting_and_leaving_out() -> None:
    chance = torture.chance()
    for _ in range(torture.times(500, 50)):
        lines = [b"x" * chance.choice((0, 1, 50, 900)) + b"\n" for _ in range(chance.randrange(1, 200))]
        left_out = chance.randrange(len(lines) + 1)
        assert count(b"".join(lines)) == len(lines)
        assert without_first(b"".join(lines), left_out) == b"".join(lines[left_out:])


def test_no_character_and_no_nul() -> None:
    assert clean(b"a\0b\xff\xfe\n\0") == "ab\ufffd\ufffd\n".encode()
    assert clean("é\n".encode()) == "é\n".encode()
    assert Plain().feed(b"\0" * 5000 + b"a\xc3\n") == "a\ufffd\n".encode()


@pytest.mark.parametrize("ending", [b"\n", b""])
def test_a_line_of_a_gigabyte_takes_no_memory(ending: bytes) -> None:
    step, steps = b"z" * (1 << 20), torture.times(1024, 64)
    plain = Plain()
    tracemalloc.start()
    assert b"".join(plain.feed(step) for _ in range(steps)) == b""
    found = plain.feed(ending) + plain.end()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 << 20
    assert len(found) < LONGEST
    shown = found.index(" … ".encode())
    assert found[shown:] == f" … [{(steps << 20) - shown} bytes left out]\n".encode()


def test_a_long_line_of_bytes_that_are_no_characters() -> None:
    found = whole(b"\xff" * LONGEST, 10)
    assert len(found) <= LONGEST
    assert found.decode().endswith("bytes left out]\n")


def test_a_long_line_read_backwards_is_the_same(opened: Opened) -> None:
    raw = b"first\n" + b"z" * (3 * LONGEST) + b"\nlast\n"
    fd = opened(raw)
    assert backwards.last_lines(fd, 3) == Plain().feed(raw)


def test_a_progress_bar_keeps_its_last_state() -> None:
    cutter = Cutter()
    for number in range(40_000):
        assert cutter.feed(b"\r%d%% of it" % number) == b""
    assert cutter.rest.endswith(b"\r39999% of it")
    assert len(cutter.rest) < 100
    assert cutter.feed(b"\n").endswith(b"\r39999% of it\n")


def test_holes_of_many_gigabytes_are_stepped_over(opened: Opened) -> None:
    fd = opened(b"a\nb\nc")
    os.pwrite(fd, b"d\ne\n", 50 << 30)
    os.ftruncate(fd, 200 << 30)
    assert backwards.last_lines(fd, 5) == b"a\nb\ncd\ne\n"
    assert backwards.line_begin(fd, 200 << 30, UTF8) == (50 << 30) + 4
    assert holes.data_from(fd, 1 << 20) == 50 << 30


def test_a_file_that_is_cut_while_it_is_read_ends(opened: Opened) -> None:
    fd = opened(b"line\n" * 100_000)
    blocks = backwards.blocks(fd)
    assert next(blocks).endswith(b"line\n")
    os.ftruncate(fd, 10)
    assert list(blocks) == []


def test_files_without_a_word(opened: Opened) -> None:
    for content in (b"", codecs.BOM_UTF16_BE, codecs.BOM_UTF8):
        fd = opened(content)
        assert list(backwards.blocks(fd)) == []
        assert backwards.line_begin(fd, len(content), of_file(fd)) == len(content)


def entry(log: str, stream: str = "stdout", second: int = 0) -> bytes:
    found = {"log": log, "stream": stream, "time": f"2026-11-01T00:00:{second:02}.000000001Z"}
    return json.dumps(found).encode() + b"\n"


def test_docker_json_in_pieces_forward_and_backward(opened: Opened) -> None:
    chance = torture.chance()
    for _ in range(torture.times(200, 15)):
        texts, raw = [], b""
        for number in range(chance.randrange(80)):
            text = f"line {number} " + 'y\u2028é\\n"' * chance.choice((0, 1, 3, 2000, 9000))
            parts = [text[at : at + 16384] for at in range(0, len(text), 16384)]
            stream = chance.choice(("stdout", "stderr"))
            raw += b"".join(entry(part, stream) for part in parts[:-1]) + entry(parts[-1] + "\n", stream)
            texts.append(text)
        expected = [f"{text}\n".encode() for text in texts]
        fd = opened(raw)
        assert fed(docker_json.DockerJson(), raw, chance) == b"".join(expected)
        assert b"".join(reversed(list(docker_json.blocks(fd)))) == b"".join(expected)
        count = chance.randrange(1, 90)
        assert docker_json.last_lines(fd, count) == b"".join(expected[-count:])


def test_docker_json_of_two_streams_at_once() -> None:
    raw = entry("be") + entry("error\n", "stderr") + entry("gin\n")
    assert docker_json.text(raw) == b"error\nbegin\n"
    assert docker_json.text(raw, times=True).splitlines() == [
        b"2026-11-01T00:00:00.000000001Z error",
        b"2026-11-01T00:00:00.000000001Z begin",
    ]


def test_docker_json_that_is_none() -> None:
    raw = b'{"log":"a\\n"}\n' + b"\0\0half an entry\n" + b'{"log":"\\ud800b\\n","stream":"stdout"}\n[1]\n'
    assert docker_json.text(raw) == b"a\nhalf an entry\n?b\n[1]\n"
    assert docker_json.text(b'{"log":"whole\\n"}\n{"log":"hal') == b"whole\n"


def test_an_unfinished_line_of_docker_json(opened: Opened) -> None:
    raw = entry("one\n") + entry("two")
    fd = opened(raw)
    assert docker_json.last_lines(fd, 5) == b"one\n"
    assert list(docker_json.blocks(fd, unfinished=True)) == [b"two\n", b"one\n"]
    assert docker_json.line_begin(fd, len(raw)) == len(entry("one\n"))
