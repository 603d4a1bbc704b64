"""How secrets look in logs. Each shape is a pattern that RE2 and `re` understand alike.

Its group `secret` is what goes; of one called `loose` the punctuation that ends it stays.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

_NAMED = (
    rb"[\w.-]*(?:password|passwd|passphrase|pwd|secret|token|authorization|credentials?|signature"
    rb"|(?:api|secret|private|app|auth|encryption)[_-]?key|access[_-]?key(?:[_-]?id)?)"
)
_BETWEEN = rb"(?:\\*[\"'])?\]?[ \t]{0,8}(?:=>|[:=]|%3[dD])[ \t]{0,8}"
_SCHEME = rb"(?:(?:bearer|basic|token|negotiate|apikey)[ \t]+)?"


@dataclass(frozen=True, slots=True)
class Found:
    """What matched a shape.

    name    what stands before the secret
    before  the character before all of it
    """

    name: bytes
    secret: bytes
    before: bytes


@dataclass(frozen=True, slots=True)
class Shape:
    """A pattern, and what tells that a match of it is none."""

    pattern: bytes
    harmless: Callable[[Found], bool] | None = None


_CONSTANTS = frozenset(b"null none nil true false undefined <redacted> [redacted]".split())
_SAID = frozenset(
    b"yes no required incorrect invalid wrong missing expired try must cannot can the is was not no field attempt too "
    b"reset change changed denied failed mismatch unset hidden provided given empty and or for has have".split()
)
_OF_MODELS = re.compile(rb"(?i)(?:pad|bos|eos|unk|mask|sep|cls|next|special|start|end|prev|stop|speaker)_?token\b")
_SPEAKABLE = re.compile(rb"(?i)token|secret|credential|signature|authorization")
_MARKS = re.compile(rb"[^0-9a-z\x80-\xff]{0,3}")
_WORD = re.compile(rb"[a-z]{1,20}[.,!?]?")
_NUMBER = re.compile(rb"\d{1,4}[.,]?")


def _plain(found: Found) -> bool:
    """No secret, though its name sounds like one."""
    bare = found.secret.strip(b"\"'\\").lower()
    name = found.name.lower()
    if bare in _CONSTANTS or not bare.strip(b"*x.") or _MARKS.fullmatch(bare):
        return True
    if b"pwd" in name and bare.startswith(b"/"):
        return True
    if b"token" in name and (_OF_MODELS.search(name) or _NUMBER.fullmatch(bare)):
        return True
    return _spoken(found, bare)


def _spoken(found: Found, bare: bytes) -> bool:
    """`Invalid token: expired` is a sentence; `token: expired` at the beginning of a line is not."""
    if not found.name.endswith((b": ", b":\t")) or not found.name[:1].isspace() or not found.before.isalnum():
        return False
    if bare.rstrip(b".,!?)") in _SAID:
        return True
    return _SPEAKABLE.search(found.name) is not None and _WORD.fullmatch(found.secret) is not None


def _no_mix(found: Found) -> bool:
    """Words alone: `sk-learn-something`, `bearer authentication`."""
    return re.search(rb"[0-9A-Z]", found.secret) is None


def _one_case(found: Found) -> bool:
    """A word, or a number in hex: Base64 of any length mixes them."""
    return not all(re.search(kind, found.secret) for kind in (rb"[a-z]", rb"[A-Z]", rb"[0-9+/]"))


SHAPES = (
    Shape(
        rb"[ \t]?" + _NAMED + _BETWEEN + rb"(?:"
        rb"\"" + _SCHEME + rb"(?P<secret>(?:[^\"\\\n]|\\[^\n])+)"
        rb"|'" + _SCHEME + rb"(?P<secret2>(?:[^'\\\n]|\\[^\n])+)"
        rb"|\\+[\"']" + _SCHEME + rb"(?P<loose>[^\"'\n]+)"  # JSON within JSON
        rb"|(?P<secret3>(?:digest[ \t]|aws4-hmac)[^\n]+)"
        rb"|" + _SCHEME + rb"(?P<loose2>[^\s\"'&;,<>(){}\[\]|\\][^\s\"'&;<>]*))",
        _plain,
    ),
    Shape(
        rb"cookie" + _BETWEEN + rb"[\["
        rb"\"'\\]*(?P<secret>[\w.%-]+=[^\"'\n]*)"
    ),
    Shape(rb"\bbearer[ \t]+(?P<secret>[\w+/.~=-]{8,})", _no_mix),
    Shape(rb"\bbasic[ \t]+(?P<secret>[A-Za-z0-9+/]{8,}={0,2})", _one_case),
    Shape(rb"[a-z][a-z0-9+.-]*://[^\s:/@\"'?#<>]*:(?P<secret>[^\s/\"'<>]+)@"),
    Shape(rb"\b(?P<secret>(?:AKIA|ASIA)[0-9A-Z]{16})\b"),
    Shape(rb"\b(?P<secret>AIza[\w-]{35}|ya29\.[\w-]{20,}|GOOG1[0-9A-Z]{20,})"),
    Shape(rb"\b(?P<secret>hf_[A-Za-z0-9]{20,}|npm_[A-Za-z0-9]{30,}|glpat-[\w-]{20,})"),
    Shape(rb"\b(?P<secret>gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,})"),
    Shape(rb"\b(?P<secret>(?:sk|rk|pk)[-_][\w-]{16,})", _no_mix),
    Shape(rb"\b(?P<secret>xox[a-z]-[\w-]{10,}|xapp-[\w-]{10,})"),
    Shape(rb"hooks\.slack\.com/services/(?P<secret>[\w/]+)"),
    Shape(rb"\b(?P<secret>SG\.[\w-]{16,}\.[\w-]{16,})"),
    Shape(rb"\b(?P<secret>eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?)"),
    Shape(rb"\b(?P<secret>base64:[A-Za-z0-9+/]{43}=)"),
    Shape(rb"\b(?P<secret>mxd_[\w-]{20,}|ticket\.[\w-]{30,})"),
    Shape(rb"/login/#(?P<secret>[\w-]{8,})"),
    Shape(rb"(?m:^)(?P<secret>[A-Za-z0-9+/]{64})(?m:$)", _one_case),  # of a private key whose beginning was not seen
)
