"""How lines say their level, by the character that they begin with."""

from __future__ import annotations

import re
from collections.abc import Callable

from mixdesk_control.logs.text import level_words as words

Form = re.Pattern[bytes]


def _form(*ways: bytes) -> Form:
    """One pattern; groups of the same meaning get numbers, as `re` wants them to differ."""
    seen: dict[bytes, int] = {}

    def numbered(match: re.Match[bytes]) -> bytes:
        seen[match[1]] = seen.get(match[1], 0) + 1
        return b"(?P<%b%d>" % (match[1], seen[match[1]])

    return re.compile(_GROUP.sub(numbered, rb"(?:" + b"|".join(ways) + rb")"))


_GROUP = re.compile(rb"\(\?P<(\w+)>")

_LOUD = (
    rb"(?:ERROR|WARN(?:ING)?|INFO|DEBUG[1-5]?|DEBG|SUCCESS|CRIT(?:ICAL)?|FATAL|NOTICE|TRACE|EMERG(?:ENCY)?|ALERT|PANIC|DPANIC"
    rb"|VERBOSE|SEVERE|ERR|WRN|INF|DBG|FTL|LOG)(?=[\s:\]|/,]|$)"
)
_QUIET = rb"(?:error|warn(?:ing)?|info|debug|crit(?:ical)?|fatal|notice|trace|alert|panic|dpanic)(?=[\t:\]|])"
_EITHER = rb"(?:" + _LOUD + rb"|" + _QUIET + rb")"

_CLOCK = rb"\d\d:\d\d:\d\d(?:[.,]\d+)?"
_ZONE = rb"(?: ?(?:Z|UTC|GMT|[+-]\d\d:?\d\d)| [A-Z]{2,3}T(?= ))?"
_TIME = rb"(?:\d{4}[-/]\d\d[-/]\d\d[T ])?" + _CLOCK + _ZONE + rb"[ \t|:;,-]{0,8}"
_NAME = (
    rb"(?:\[[^\]\n]{1,60}\][ \t:|-]*|[\w.$/<>@:-]{1,80}(?: - | \| )|[\w.-]+\[\d+\]:? |\d+ (?=[A-Z\[])|[\w-]+@[\w-]+ )"
)
_REQUEST = rb'"[^"\\\n]*(?:\\.[^"\\\n]*)*" '
_PHP = rb"(?:PHP )?(?P<php>(?:Fatal|Parse|Recoverable fatal|Core) error|Warning|Notice|Deprecated):"
_FAILURE = (
    rb"(?P<failure>Traceback \(most recent|(?:[\w$.]+[.\\])?[A-Z]\w*(?:Error|Exception)(?=: |$|\n)"
    rb"|Error: |Uncaught |Unhandled|Exception in thread)"
)
_CRASH = rb"(?P<crash>panic: |fatal error: |thread '[^'\n]*' panicked|Segmentation fault)"
_PROSE = (  # says nothing, and is not looked at for long
    rb"(?!Uncaught|Unhandled|Exception|Fatal|Parse|Segmentation|Recoverable|Core|fatal|thread|npm)[A-Za-z][a-z]+ [a-z]"
)
_SYSLOG = rb"\w{3} [ \d]\d " + _CLOCK + rb" \S+ [^\s:]+: \[?(?P<word>" + _EITHER + rb")"
_BRACKETED = rb"\[[^\]\n]{1,60}\][ \t:|-]*"

BRACKET = _form(
    rb"\[\d{4}-[^\]\n]*\] [\w-]+\.(?P<word>[A-Za-z]+):",  # Laravel
    rb"\[\d{4}-[^\]\n]*: (?P<word>[A-Z]+)/\w[^\]\n]*\]",  # celery
    rb"\[(?:\d{4}-|\d\d-\w{3}-|\d\d:)[^\]\n]*\](?:\[\w+\])?[ \t]*(?:"
    rb"(?:\[\d+\] )?\[(?P<word>[A-Za-z]+)\]"  # gunicorn
    rb"|(?P<word>" + _EITHER + rb"|(?:Failed|Process(?:ing|ed)):))",  # php-fpm, queues
    rb"\[\w{3} \w{3} [^\]\n]*\] \[(?:\w+)?:?(?P<word>[a-z]+)\d?\]",  # Apache
    rb"\[(?P<letter>[TDIWECF])(?: \d|\d{4} )",  # Tornado, torch
    rb"\[GIN\][^|\n]*\|\s*(?P<status>\d{3})",
    rb"\[\s*(?P<word>[A-Za-z]{3,9})\s*\]",
    _BRACKETED + rb"\[?(?P<word>" + _EITHER + rb")",
    _BRACKETED + _PHP,
    _BRACKETED + _FAILURE,
)
DIGIT = _form(
    _TIME + rb"(?:"
    rb"\[?(?P<word>" + _EITHER + rb")"
    rb"|(?:\d+ )?(?:\[\w+\] )?\[(?P<word>[A-Za-z]{3,9})\s*\]"  # nginx, MariaDB, structlog
    rb"|" + _NAME + rb"{1,2}\[?(?P<word>" + _EITHER + rb")"
    rb"|(?P<letter>[IWEF]) [\w/]"  # TensorFlow
    rb"|" + _FAILURE + rb")",
    rb"[\w.-]+: (?P<word>" + _QUIET + rb")",
    rb"\d+:[XCSM] \d\d? \w{3} (?:\d{4} )?[\d:.]+ (?P<redis>[.*#-]) ",
)
JSON = re.compile(
    rb'"(?:level|severity|severity_text|lvl|levelname|level_name|log\.level|log_level|loglevel)"\s*:\s*'
    rb'(?:"(?P<word1>[A-Za-z]+)"|(?P<number1>\d{1,3})\b|\{[^}\n]{0,200}"name"\s*:\s*"(?P<word2>[A-Za-z]+)")'
    rb'|"status"\s*:\s*"?(?P<status1>[1-5]\d\d)\b'
)
WORD = _form(
    _PROSE,
    rb"(?P<word>" + _LOUD + rb")",
    rb"(?P<letter>[IWEF])\d{4} \d\d:\d\d:\d\d",
    rb"npm (?P<word>ERR!|WARN|error|warn|notice|info)(?= )",
    rb"(?P<word>(?i:error|warn(?:ing)?|info|debug|notice|fatal|critical|trace|note|alert))\s*(?:[:|]|\t)(?=\s|\S+:)",
    rb"\w+: \[(?P<word>[a-z]+)\]",
    rb"(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) \S+ (?P<status>\d{3})\b",
    rb"(?:\S+:\d+: )?(?P<caution>[A-Z]\w*Warning: )",
    rb"[\w.$/<>-]{1,80} - (?P<word>" + _LOUD + rb")",
    _PHP,
    _FAILURE,
    _CRASH,
    _SYSLOG,
)
OTHER = _form(
    rb"<(?P<priority>\d{1,3})>",
    rb"(?P<mark>\xe2\xa8\xaf|\xe2\x9c\x96|\xe2\x9d\x8c|\xe2\x9a\xa0|\xe2\x9c\x93|\xe2\x97\x8b|\xe2\x96\xb2)",
    rb"[\w./-]+: (?P<word>" + _QUIET + rb")",
    rb"- (?P<word>ERR!|error|warn|info|event)(?= )",
    rb"\+ Exception Group (?P<failure>Traceback)",
    rb"(?:\(node:\d+\) (?:\[\w+\] )?|\S+:\d+: )(?P<caution>\w*Warning: )",
)
ACCESS = re.compile(rb'[^\s"]+ [^"\n]{0,200}' + _REQUEST + rb"(?P<status1>\d{3})\b")
QUEUE = re.compile(_TIME + rb"[^\n]* \.{2,} [^\n]*?(?P<word1>FAIL|DONE|RUNNING)\s*(?=\n|$)")  # Laravel
PAIRS = re.compile(rb"(?:^|[\s,{])(?:level|lvl|severity)=[\"']?(?P<word1>[A-Za-z]+)")
SERVED = re.compile(rb'HTTP/\d(?:\.\d)?" (?P<status>\d{3})\b')


_QUICK_TIME = re.compile(
    rb"\d{4}[-/]\d\d[-/]\d\d[T ]" + _CLOCK + _ZONE + rb"[ \t|-]{1,8}\[?(" + _LOUD + rb")"
    rb'|[\d.]+ \S+ \S+ \[[^\]\n]+\] "[^"\\\n]*" ([1-5])\d\d '
).match
_QUICK_WORD = re.compile(rb"(" + _LOUD + rb")").match

QUICK: dict[int, Callable[[bytes], re.Match[bytes] | None]] = {
    **dict.fromkeys(b"0123456789", _QUICK_TIME),
    **dict.fromkeys(b"CDEFINTW", _QUICK_WORD),
    ord("["): re.compile(rb"\[\d{4}-[^\]\n]*\] \w+\.([A-Z]+):").match,
    ord("{"): re.compile(rb'"level": ?"([A-Za-z]+)"').search,
}
"""For the most common lines, one pattern with little to decide: its group is a word, or a status's first digit."""


def _by_first() -> list[Form]:
    forms = [OTHER] * 256
    for first in b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ":
        forms[first] = WORD
    for first in b"0123456789":
        forms[first] = DIGIT
    forms[ord("[")] = BRACKET
    return forms


BY_FIRST = _by_first()
"""The form of lines that begin with this byte."""

_MEANINGS: dict[str, Callable[[bytes], str | None]] = {
    "word": words.of_word,
    "letter": words.of_letter,
    "redis": words.of_redis,
    "number": words.of_number,
    "priority": words.of_priority,
    "status": words.of_status,
    "php": words.of_php,
    "mark": words.of_mark,
    "failure": words.of_failure,
    "crash": words.of_crash,
    "caution": words.of_caution,
}


def meaning(match: re.Match[bytes]) -> str | None:
    """The level that a match of one of these forms says."""
    group = match.lastgroup
    return None if group is None else _MEANINGS[group.rstrip("0123456789")](match[group])
