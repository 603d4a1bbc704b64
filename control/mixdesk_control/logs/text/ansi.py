"""Escape sequences and other characters that command a terminal: colours may stay, nothing else does."""

from __future__ import annotations

import re

_CONTROLS = bytes([*range(9), *range(11, 32), 127])
_BUT_ESCAPE = _CONTROLS.replace(b"\x1b", b"")

_COLOUR = rb"\x1b\[[0-9;:]{0,48}m"
_COLOURS = re.compile(_COLOUR)
# No part is looked at twice, or a line full of beginnings takes the square of its length.
_TITLE = rb"[^\x07\x1b\n\xc2]*(?:\xc2[^\x07\x1b\n\x9c][^\x07\x1b\n\xc2]*)*(?:\x07|\x1b\\|\xc2\x9c)?"
_ESCAPE = re.compile(
    rb"\x1b(?:\[[0-9;:]{0,48}m"
    rb"|\]" + _TITLE + rb"|"  # OSC: titles, links, the clipboard
    rb"[PX^_][^\x1b\n]*(?:\x1b\\)?"  # DCS, SOS, PM, APC
    rb"|\[[0-?]*[ -/]*[@-~]?"  # CSI
    rb"|[ -/]*[0-~]?)"  # all others, and one that is alone
)
_C1 = re.compile(rb"\xc2(?:\x9b[0-?]*[ -/]*[@-~]?|\x9d" + _TITLE + rb"|[\x80-\x9f])")
_UNSEEN = re.compile(rb"\xe2(?:\x80[\x8e\x8f\xa8-\xae]|\x81[\xa6-\xa9])|\xd8\x9c")  # bidi, line separators


def clean(data: bytes, keep_colours: bool = False) -> bytes:
    """The same in valid UTF-8 with nothing in it that moves, hides, sounds or is run by a terminal.

    Newlines and tabs stay, with `keep_colours` the sequences that set colours (SGR) too. Twice is as good as once.
    """
    if b"\x1b" in data:
        data = _ESCAPE.sub(_kept if keep_colours else b"", data)
    if not data.isascii():
        data = _beyond_ascii(data)  # first, as a bell may end what goes here
    return data.translate(None, _BUT_ESCAPE if keep_colours else _CONTROLS)


def without_colours(data: bytes) -> bytes:
    """What `clean` leaves, less its colours."""
    return _COLOURS.sub(b"", data) if b"\x1b" in data else data


def _kept(match: re.Match[bytes]) -> bytes:
    found = match[0]
    return found if found.endswith(b"m") and _COLOURS.fullmatch(found) else b""


def _beyond_ascii(data: bytes) -> bytes:
    try:
        data.decode()
    except UnicodeDecodeError:
        data = data.decode("utf-8", "replace").encode()
    if b"\xc2" in data:
        data = _C1.sub(b"", data)
    if b"\xe2\x80" in data or b"\xe2\x81" in data or b"\xd8\x9c" in data:
        data = _UNSEEN.sub(b"", data)
    return data
