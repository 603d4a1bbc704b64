"""Output as lines: whole whatever the pieces, cut, and with bounded memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

from torture import chance, times

from mixdesk_control.docker_engine.output import framed, plain, records
from mixdesk_control.lines import LONGEST

OUT, ERR = 1, 2


def frame(stream: int, content: bytes) -> bytes:
    return bytes((stream, 0, 0, 0)) + len(content).to_bytes(4, "big") + content


def all_of(batches: Iterable[Sequence[str]]) -> list[str]:
    return list(chain.from_iterable(batches))


def test_both_streams_whatever_the_pieces() -> None:
    generator = chance()
    frames = [frame(OUT, "erste Zeile, größer\n".encode()), frame(ERR, b"half "), frame(OUT, b"second\nthi")]
    frames += [frame(OUT, b""), frame(ERR, b"a line\r\n"), frame(OUT, b"rd\n\n"), frame(ERR, b"without end")]
    sent = b"".join(frames)
    wanted = ["erste Zeile, größer", "second", "half a line", "third", "", "without end"]
    assert all_of(framed([sent])) == wanted
    for _ in range(times(2000, 100)):
        cuts = sorted(generator.randrange(len(sent)) for _ in range(generator.randrange(20)))
        pieces = [sent[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(sent)], strict=True)]
        assert all_of(framed(pieces)) == wanted, cuts


def test_a_terminal() -> None:
    assert all_of(plain([b"on", b"e\r\ntwo\r", b"\nthree"])) == ["one", "two", "three"]


def test_a_frame_that_never_ends_holds_no_memory() -> None:
    pieces = chain([bytes((OUT, 0, 0, 0)) + b"\xff\xff\xff\xff"], [b"z" * 65536] * 100, [b"\nend\n"])
    assert all_of(framed(pieces)) == ["z" * LONGEST, "end"]


def test_what_is_no_text() -> None:
    assert all_of(plain([b"\xff\xfe\n"])) == ["\ufffd\ufffd"]


def test_records_are_lines_of_json() -> None:
    pieces = [b'{"a": 1}\n{"b"', b": 2}\n[1]\nnothing\n", b'{"c": 3}\n{"d": ']
    assert list(chain.from_iterable(records(pieces))) == [{"a": 1}, {"b": 2}, {"c": 3}]
