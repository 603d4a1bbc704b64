"""Glob patterns as the shippers read them (doublestar): made of paths, taken apart, and tried on this host's files."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import re2

SPECIAL = "*?[]{}"
MOST_FOUND = 10_000
MOST_TRIED = 200_000
MOST_BRACES = 8


class BadGlob(ValueError):
    """A path or pattern that no shipper can be told; one line that says why."""


def escaped(path: str) -> str:
    """A pattern that matches this path alone.

    Raises BadGlob where doublestar has no way to write it: it never takes a backslash back before other characters
    than its own special ones, and a list of targets is UTF-8.
    """
    if "\\" in path or any(ord(char) < 32 for char in path) or not is_text(path):
        msg = f"{path!r} has a backslash, a control character or bytes that are no UTF-8: rename it to ship it"
        raise BadGlob(msg)
    return "".join(f"\\{char}" if char in SPECIAL else char for char in path)


def joined(patterns: Iterable[str]) -> str:
    """One pattern for all that these match: `/a/{x/1.log,y/1.log}`; `alternatives` takes it apart again."""
    several = sorted(set(patterns))
    if len(several) == 1:
        return several[0]
    if any("," in pattern for pattern in several):
        msg = f"patterns with a comma cannot be listed in one: {', '.join(several)}"
        raise BadGlob(msg)
    folder = os.path.commonpath([pattern.rpartition("/")[0] or "/" for pattern in several]).rstrip("/") + "/"
    return f"{folder}{{{','.join(pattern[len(folder) :] for pattern in several)}}}"


def alternatives(pattern: str) -> list[str]:
    """The patterns that braces stand for, without them. Raises BadGlob."""
    if len(re.findall(r"(?<!\\){", pattern)) > MOST_BRACES:
        msg = f"{pattern[:100]!r} has more than {MOST_BRACES} braces"
        raise BadGlob(msg)
    start = _find(pattern, "{")
    if start < 0:
        return [pattern]
    end = _closing(pattern, start)
    choices = _split(pattern[start + 1 : end])
    return [found for choice in choices for found in alternatives(pattern[:start] + choice + pattern[end + 1 :])]


def _find(pattern: str, wanted: str, start: int = 0) -> int:
    at = start
    while at < len(pattern):
        if pattern[at] == "\\":
            at += 1
        elif pattern[at] == wanted:
            return at
        at += 1
    return -1


def _closing(pattern: str, start: int) -> int:
    depth, at = 0, start
    while at < len(pattern):
        char = pattern[at]
        at += char == "\\"
        depth += (char == "{") - (char == "}")
        if not depth:
            return at
        at += 1
    msg = f"{pattern!r} has a brace that is never closed"
    raise BadGlob(msg)


def _split(choices: str) -> list[str]:
    """At its own commas, not those of braces within."""
    parts, depth, start, at = [], 0, 0, 0
    while at < len(choices):
        char = choices[at]
        at += char == "\\"
        depth += (char == "{") - (char == "}")
        if char == "," and not depth:
            parts.append(choices[start:at])
            start = at + 1
        at += 1
    return [*parts, choices[start:]]


def matcher(pattern: str) -> Callable[[str], bool]:
    """Says of a path whether the pattern matches it, in time that grows with its length alone. Raises BadGlob."""
    expression = "|".join(_expression(one) for one in alternatives(pattern))
    try:
        compiled = re2.compile(expression, _quiet())
    except re2.error as error:
        msg = f"{pattern!r} is no pattern: {error.args[0].decode(errors='replace')}"
        raise BadGlob(msg) from None
    return lambda path: compiled.fullmatch(path) is not None


def _quiet() -> re2.Options:
    options = re2.Options()
    options.log_errors = False
    return options


def _expression(pattern: str) -> str:
    out, at = [], 0
    while at < len(pattern):
        piece, at = _piece(pattern, at)
        out.append(piece)
    return "".join(out)


def _piece(pattern: str, at: int) -> tuple[str, int]:
    """What stands at this place, as a regular expression, and the place behind it."""
    char = pattern[at]
    if pattern.startswith("/**/", at):
        return r"/(?:.*/)?", at + 4
    if char == "*":
        return "[^/]*", at + 1
    if char == "?":
        return "[^/]", at + 1
    if char == "[":
        return _class(pattern, at)
    if char == "\\":
        if at + 1 == len(pattern):
            msg = f"{pattern!r} ends in a backslash"
            raise BadGlob(msg)
        return re2.escape(pattern[at + 1]), at + 2
    return re2.escape(char), at + 1


def _class(pattern: str, at: int) -> tuple[str, int]:
    end = pattern.find("]", at + 2)
    if end < 0:
        msg = f"{pattern!r} has a bracket that is never closed"
        raise BadGlob(msg)
    inside = pattern[at + 1 : end].replace("[", r"\[")
    return (f"[^/{inside[1:]}]" if inside[0] in "!^" else f"[{inside}]"), end + 1


def files(pattern: str, most: int = MOST_FOUND) -> Iterator[Path]:
    """This host's files that a pattern matches, at most so many. Blocks. Raises BadGlob, also where too many files
    would have to be tried; folders that may not be read have none."""
    seen: set[Path] = set()
    tried = 0
    for one in alternatives(pattern):
        matching = matcher(one)
        for path in _candidates(one):
            tried += 1
            if tried > MOST_TRIED:
                msg = f"{pattern!r} looks through more than {MOST_TRIED} files: name the folder"
                raise BadGlob(msg)
            if path not in seen and matching(str(path)):
                seen.add(path)
                yield path
                if len(seen) >= most:
                    return


def _candidates(pattern: str) -> Iterator[Path]:
    """The files that could match: those below the folder that has no special characters, as deep as the pattern."""
    parts = pattern.split("/")
    plain = next((n for n, part in enumerate(parts) if any(_find(part, char) >= 0 for char in "*?[")), len(parts))
    root = Path(re.sub(r"\\(.)", r"\1", "/".join(parts[:plain])) or "/")
    if plain == len(parts):
        yield from [root] if root.is_file() else []
        return
    depth = None if "**" in pattern else len(parts) - plain
    yield from _below(root, depth)


def _below(folder: Path, depth: int | None) -> Iterator[Path]:
    for entry in _entries(folder):
        if depth != 1 and entry.is_dir(follow_symlinks=False):
            yield from _below(Path(entry.path), None if depth is None else depth - 1)
        if depth in (1, None) and entry.is_file():
            yield Path(entry.path)


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            return sorted((entry for entry in found if is_text(entry.name)), key=lambda entry: entry.name)
    except OSError:
        return []


def is_text(name: str) -> bool:
    """Whether it can be written as UTF-8."""
    return not any(0xD800 <= ord(char) <= 0xDFFF for char in name)
