"""What programs call their levels, and the words of this desk for them."""

from __future__ import annotations

_WORDS: dict[str, str] = {
    "trace": "trace trc finest silly",
    "debug": "debug dbg debg fine finer verbose debug1 debug2 debug3 debug4 debug5",
    "info": "info information inf log note system success done running processing: processed:",
    "notice": "notice",
    "warning": "warning warn wrn deprecated",
    "error": "error err err! eror severe fail failed:",
    "critical": "critical crit fatal panic emerg emergency alert ftl dpanic",
}

LEVEL_OF: dict[bytes, str] = {
    spelled.encode(): level
    for level, words in _WORDS.items()
    for word in words.split()
    for spelled in (word, word.upper(), word.capitalize())
}
"""By the word as it is written: `WARN`, `Warn`, `warn`."""

QUICK: dict[bytes, str] = {**LEVEL_OF, b"1": "info", b"2": "info", b"3": "info", b"4": "warning", b"5": "error"}
"""The same, and statuses by their first digit."""

_LETTERS: dict[bytes, str] = {
    b"T": "trace",
    b"D": "debug",
    b"V": "debug",
    b"I": "info",
    b"W": "warning",
    b"E": "error",
    b"C": "critical",
    b"F": "critical",
}
_REDIS: dict[bytes, str] = {b".": "debug", b"-": "debug", b"*": "notice", b"#": "warning"}
_SYSLOG = ("critical", "critical", "critical", "error", "warning", "notice", "info", "debug")
_PINO = {10: "trace", 20: "debug", 30: "info", 40: "warning", 50: "error", 60: "critical"}
_MONOLOG = {
    100: "debug",
    200: "info",
    250: "notice",
    300: "warning",
    400: "error",
    500: "critical",
    550: "critical",
    600: "critical",
}
_PHP = {b"w": "warning", b"d": "warning", b"n": "notice"}
_MARKS = {b"\xe2\xa8\xaf": "error", b"\xe2\x9c\x96": "error", b"\xe2\x9d\x8c": "error", b"\xe2\x9a\xa0": "warning"}


def of_word(word: bytes) -> str | None:
    """The level that a word stands for, whatever its case."""
    return LEVEL_OF.get(word) or LEVEL_OF.get(word.lower())


def of_letter(letter: bytes) -> str | None:
    """Of the first letter, as glog, klog and Tornado write it."""
    return _LETTERS.get(letter)


def of_redis(mark: bytes) -> str | None:
    """Of the mark that Redis puts before its lines."""
    return _REDIS.get(mark)


def of_number(digits: bytes) -> str | None:
    """Of a number in JSON: pino's, Monolog's, else syslog's severity (RFC 5424)."""
    number = int(digits)
    return _PINO.get(number) or _MONOLOG.get(number) or (_SYSLOG[number] if number < len(_SYSLOG) else None)


def of_priority(digits: bytes) -> str | None:
    """Of syslog's `<PRI>`: facility times eight plus severity (RFC 5424, 6.2.1)."""
    return _SYSLOG[int(digits) % 8]


def of_status(status: bytes) -> str | None:
    """Of an access line, by its HTTP status."""
    return {b"5": "error", b"4": "warning"}.get(status[:1], "info")


def of_php(kind: bytes) -> str | None:
    """Of PHP's own messages: `Fatal error`, `Warning`, `Notice`, `Deprecated`."""
    return _PHP.get(kind[:1].lower(), "error")


def of_mark(mark: bytes) -> str | None:
    """Of the signs that Node's tools put before their lines."""
    return _MARKS.get(mark, "info")


def of_failure(_text: bytes) -> str | None:
    """An exception or a traceback that nobody gave a level."""
    return "error"


def of_crash(_text: bytes) -> str | None:
    """The end of a process."""
    return "critical"


def of_caution(_text: bytes) -> str | None:
    """A warning without a level, as Python's and Node's runtimes write it."""
    return "warning"
