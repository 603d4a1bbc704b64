"""What looks like a secret and is none. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Found:
    """What matched a shape.

    name    what stands before the secret
    before  the character before all of it
    """

    name: bytes
    secret: bytes
    before: bytes


_CONSTANTS = frozenset(b"null none nil true false undefined <redacted> [redacted]".split())
_SAID = frozenset(
    b"yes no required incorrect invalid wrong missing expired try must cannot can the is was not no field attempt too "
    b"reset change changed denied failed mismatch unset hidden provided given empty and or for has have".split()
)
_AFTER_OPTIONS = _SAID | frozenset(b"to in on with as a an if are may instead".split())
_PASSED = _SAID | frozenset(b"ok done passed fail pass".split())
_OF_MODELS = re.compile(rb"(?i)(?:pad|bos|eos|unk|mask|sep|cls|next|special|start|end|prev|stop|speaker)_?token\b")
_SPEAKABLE = re.compile(rb"(?i)token|secret|credential|signature|authorization|-pass\b")
_PASS = re.compile(rb"(?i)[_.\-\"']pass\b")
_MARKS = re.compile(rb"[^0-9a-z\x80-\xff]{0,3}")
_WORD = re.compile(rb"[a-z]{1,20}[.,!?]?")
_NUMBER = re.compile(rb"\d{1,4}[.,]?")
_MEASURE = re.compile(rb"(?:\d{1,4}|\d*\.\d+|\d+(?=[a-z%]))(?:[nmu]?s|%)?[.,]?")


def plain(found: Found) -> bool:
    """No secret, though its name sounds like one."""
    bare = found.secret.strip(b"\"'\\").lower()
    name = found.name.lower()
    if bare in _CONSTANTS or not bare.strip(b"*x.") or _MARKS.fullmatch(bare):
        return True
    if b"pwd" in name and bare.startswith(b"/"):
        return True
    if b"token" in name and (_OF_MODELS.search(name) or _NUMBER.fullmatch(bare)):
        return True
    if _PASS.search(name) and (_MEASURE.fullmatch(bare) or bare in _PASSED):
        return True
    return _spoken(found, bare)


def _spoken(found: Found, bare: bytes) -> bool:
    """`Invalid token: expired` is a sentence; `token: expired` at the beginning of a line is not."""
    if not found.name.endswith((b": ", b":\t")) or not found.name[:1].isspace() or not found.before.isalnum():
        return False
    if bare.rstrip(b".,!?)") in _SAID:
        return True
    return _SPEAKABLE.search(found.name) is not None and _WORD.fullmatch(found.secret) is not None


def about_an_option(found: Found) -> bool:
    """`--password is required`, `--hf-token HF_TOKEN`: said of an option, not given with it."""
    bare = found.secret.lower().rstrip(b".,:!?)")
    said = bare in _AFTER_OPTIONS or bare in _CONSTANTS or not bare.strip(b"*x.")
    return said or bare.replace(b"_", b"-") in found.name.lower()


def no_mix(found: Found) -> bool:
    """Words alone: `sk-learn-something`, `bearer authentication`."""
    return re.search(rb"[0-9A-Z]", found.secret) is None


def one_case(found: Found) -> bool:
    """A word, or a number in hex: Base64 of any length mixes them."""
    return not all(re.search(kind, found.secret) for kind in (rb"[a-z]", rb"[A-Z]", rb"[0-9+/]"))
