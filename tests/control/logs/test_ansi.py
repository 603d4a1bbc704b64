"""Escape sequences: colours may stay, nothing that commands a terminal does."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixdesk_control.logs.text import ansi, progress

DANGEROUS = {
    "title": b"\x1b]0;owned\x07",
    "clipboard": b"\x1b]52;c;cm0gLXJm\x1b\\",
    "link": b"\x1b]8;;https://evil.example\x1b\\",
    "unended": b"\x1b]0;to the end of the line",
    "dcs": b"\x1bP$qm\x1b\\",
    "apc": b"\x1b_Gf=100\x1b\\",
    "cursor": b"\x1b[2J\x1b[1;1H",
    "private mode": b"\x1b[?1049h",
    "charset": b"\x1b(0",
    "reset": b"\x1bc",
    "alone": b"\x1b",
    "c1 csi": "\x9b2J".encode(),
    "c1 osc": "\x9d0;x\x9c".encode(),
    "bell": b"\x07\x08\x0e\x7f\x00",
    "bidi": "\u202eabc\u2066\u200f\u061c".encode(),
    "separators": "\u2028\u2029\x85".encode(),
    "raw c1": b"\x9b31m\xff",
}
HARMFUL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
COLOUR = re.compile("\x1b\\[[0-9;:]*m")
PIECES = st.lists(
    st.sampled_from(
        [*DANGEROUS.values(), b"\x1b[31m", b"\x1b[0m", b"a", b"0;", b"[", b"m", b"]", b"\\", b"\n", b"\xc2"]
    )
    | st.binary(max_size=4),
    max_size=12,
).map(b"".join)


@pytest.mark.parametrize("name", DANGEROUS)
@pytest.mark.parametrize("keep", [False, True])
def test_what_is_dangerous_goes(name: str, keep: bool) -> None:
    shown = ansi.clean(b"one " + DANGEROUS[name] + b"\ntwo\n", keep).decode()
    assert not HARMFUL.search(shown)
    assert shown.startswith("one ")
    assert shown.endswith("\ntwo\n")


def test_colours_stay_where_they_are_wanted() -> None:
    text = b"\x1b[1;31mERROR\x1b[0m \x1b[38;2;1;2;3mgone\x1b[m\n"
    assert ansi.clean(text, keep_colours=True) == text
    assert ansi.clean(text) == b"ERROR gone\n" == ansi.without_colours(text)


@pytest.mark.parametrize("osc", ["\x9d", "\x1b]"])
def test_a_title_without_an_end_takes_its_own_line_alone(osc: str) -> None:
    text = f"a{osc}0;x\u00a3\u009d y\nb{osc}0;x\u00a3\x07c\n{osc}1;d\u009ce\n".encode()
    assert ansi.clean(text) == b"a\nbc\ne\n"


def test_ordinary_text_is_as_it_was() -> None:
    text = "tabs\tand ümlauts, 音声, 🎛\n".encode()
    assert ansi.clean(text) == text


@given(PIECES)
def test_nothing_dangerous_survives_and_twice_is_as_good_as_once(data: bytes) -> None:
    bare = ansi.clean(data)
    assert not HARMFUL.search(bare.decode())
    assert ansi.clean(bare) == bare
    coloured = ansi.clean(data, keep_colours=True)
    assert not HARMFUL.search(COLOUR.sub("", coloured.decode()))
    assert ansi.clean(coloured, keep_colours=True) == coloured
    assert bare.count(b"\n") == coloured.count(b"\n") == data.count(b"\n")


def test_a_line_that_overwrites_itself_is_shown_as_it_ends() -> None:
    assert progress.collapse(b" 1%\r 50%\r100%\nnext\r\nlast\r\r\n") == b"100%\nnext\nlast\n"
    assert progress.collapse(b"plain\n") == b"plain\n"


def test_the_state_of_an_unfinished_line_is_its_latest() -> None:
    assert progress.state(b" 1%\r 50%") == b" 50%"
    assert progress.state(b" 1%\r 50%\r") == b" 50%"
    assert progress.state(b"\r") == b""
