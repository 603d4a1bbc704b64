"""How secrets look in logs. Each shape is a pattern that RE2 and `re` understand alike.

Its group `secret` is what goes; of one called `loose` the punctuation that ends it stays, of one called `open` what
goes on after a mark too. No shape but those of APART may wait for its end through text of any length: all that is
found behind its beginning would wait with it, each time anew.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mixdesk_control.logs.text.harmless import Found, about_an_option, no_mix, one_case, plain

_NAMED = (
    rb"(?:password|passwd|passphrase|pwd|secret|token|authorization|credentials?|signature|requirepass|masterauth"
    rb"|[\"'_.-]pass|(?:api|secret|private|app|auth|encryption|account)[_-]?key|access[_-]?key(?:[_-]?id)?)"
)
_BETWEEN = rb"(?:\\*[\"']|\\+u002[27])?\]?[ \t]{0,8}(?:=>|[:=]|%3[dD])[ \t]{0,8}"
_SCHEME = rb"(?:(?:bearer|basic|token|negotiate|apikey)[ \t]+)?"
_OPTION = rb"--(?:[a-z0-9]{1,16}[-_]){0,2}(?:password|passwd|passphrase|pass|token|secret|api-?key)(?:[\"'],)?"
_GIVEN = rb"[ \t]+[\"']?(?P<loose>[^\s\"',;:=|<>(\[{-][^\s\"']*)"
_HIDDEN = rb"[^\s/\"'<>@{}]"  # within the password of an address


@dataclass(frozen=True, slots=True)
class Shape:
    """A pattern, and what tells that a match of it is none.

    parts  texts of which one is in every match, as it stands here
    """

    pattern: bytes
    harmless: Callable[[Found], bool] | None = None
    parts: tuple[bytes, ...] = ()


SHAPES = (
    Shape(
        _NAMED + _BETWEEN + rb"(?:"
        rb"\"" + _SCHEME + rb"(?P<secret>(?:[^\"\\\n]|\\[^\n])+)"
        rb"|'" + _SCHEME + rb"(?P<secret2>(?:[^'\\\n]|\\[^\n])+)"
        rb"|\\+[\"']" + _SCHEME + rb"(?P<loose>[^\"'\n]+)"  # JSON within JSON
        rb"|\\+u002[27]" + _SCHEME + rb"(?P<secret4>[^\"'\\\n]+)"
        rb"|(?P<secret3>(?:digest[ \t]|aws4-hmac)[^\n]+)"
        rb"|" + _SCHEME + rb"(?P<open>[^\s\"'&;,<>(){}\[\]|\\][^\s\"'&;<>]*))",
        plain,
    ),
    Shape(
        rb"cookie" + _BETWEEN + rb"[\["
        rb"\"'\\]*(?P<secret>[\w.-]+=[^\"'\n]*)"
    ),
    Shape(_OPTION + _GIVEN, about_an_option),
    Shape(rb"\b(?:requirepass|masterauth)" + _GIVEN, about_an_option),
    Shape(
        rb"\bidentified[ \t]+(?:with[ \t]+\S+[ \t]+)?by[ \t]+(?:password[ \t]+)?"
        rb"(?:'(?P<secret>[^'\n]+)|\\*\"(?P<secret2>[^\"\\\n]+))"
    ),
    Shape(rb"\bbearer[ \t]+(?P<secret>[\w+/.~=-]{8,})", no_mix),
    Shape(rb"\bbasic[ \t]+(?P<secret>[A-Za-z0-9+/]{8,}={0,2})", one_case),
    Shape(rb"[?&;]sig=(?P<secret>[^\s\"'&;<>]{16,})"),
    Shape(rb"\b(?P<secret>(?:AKIA|ASIA)[0-9A-Z]{16})\b"),
    Shape(rb"\b(?P<secret>AIza[\w-]{35}|ya29\.[\w-]{20,}|GOOG1[0-9A-Z]{20,})"),
    Shape(rb"\b(?P<secret>hf_[A-Za-z0-9]{20,}|npm_[A-Za-z0-9]{30,}|glpat-[\w-]{20,}|dckr_pat_[\w-]{20,})"),
    Shape(rb"\b(?P<secret>gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|AGE-SECRET-KEY-1[0-9A-Z]{40,})"),
    Shape(rb"\b(?P<secret>(?:sk|rk|pk)[-_][\w-]{16,})", no_mix),
    Shape(rb"\b(?P<secret>xox[a-z]-[\w-]{10,}|xapp-[\w-]{10,})"),
    Shape(rb"hooks\.slack\.com/services/(?P<secret>[\w/]+)"),
    Shape(rb"\b(?P<secret>base64:[A-Za-z0-9+/]{43}=)"),
    Shape(rb"\b(?P<secret>mxd_[\w-]{20,}|ticket\.[\w-]{30,})"),
    Shape(rb"/login/#(?P<secret>[\w-]{8,})"),
    # of a private key whose beginning was not seen
    Shape(rb"(?m:^)[ \t]*(?P<secret>[A-Za-z0-9+/]{64})[ \t\r]*(?m:$)", one_case),
)
"""All are looked for in one run."""

APART = (
    Shape(rb"\b(?P<secret>eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?)", parts=(b"eyJ",)),
    Shape(rb"\b(?P<secret>SG\.[\w-]{16,}\.[\w-]{16,})", parts=(b"SG.",)),
    Shape(
        rb"://[^\s:/@\"'?#<>\[]*:(?:(?P<secret>[^\s/\"'<>]+)"
        rb"|(?P<secret2>" + _HIDDEN + rb"*[^\s/\"'<>@{}0-9]" + _HIDDEN + rb"*/[^\s\"'<>@]*))@",
        parts=(b"://",),
    ),
    Shape(
        rb"\b(?:mysql|mariadb)(?:-?(?:dump|admin|check|import))?[ \t]+"
        rb"(?:-[^\s|;&]*[ \t]+(?:[^\s|;&-][^\s|;&]*[ \t]+){0,2})*?"
        rb"(?-i:-p)[\"']?(?P<loose>[^\s\"'=-][^\s\"']*)",
        parts=(b"mysql", b"mariadb"),
    ),
    Shape(
        rb"\bcurl[ \t]+(?:[^\s|;]+[ \t]+)*?(?:(?-i:-u)[ \t]*|--user[ \t=]+)[\"']?[^\s:\"']+:(?P<loose>[^\s\"']+)",
        parts=(b"curl",),
    ),
)
"""Each is looked for in a run of its own, where it can be there at all."""
