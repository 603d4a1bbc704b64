"""File names of checkpoints. They are for people; the manifest is what decides. Pure."""

from __future__ import annotations

import hashlib
import re
import string
from datetime import date
from typing import NamedTuple

NAME_LIMIT = 100  # bytes of an escaped name: with all that follows it, every file name stays under 255
VERSION_LIMIT = 40
_SAFE = frozenset((string.ascii_letters + string.digits + "._-").encode())
_CHECKPOINT = re.compile(r".+-v.+-e\d+-s\d+-\d{8}(-\d+)?\.pth", re.DOTALL)
_TEMP = re.compile(r"(?P<target>.+\.pth(?:\.json)?)\.(?P<host>[0-9a-f]{8})\.(?P<pid>\d+)\.tmp", re.DOTALL)


class TempName(NamedTuple):
    """What a temporary file's name says: the file it was to become, and who wrote it."""

    target: str
    host: str
    pid: int


def short_hash(text: str, digits: int = 8) -> str:
    """The first hexadecimal digits of a text's SHA-256: tells texts apart, protects nothing."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:digits]


def escape(text: str, limit: int = NAME_LIMIT) -> str:
    """`text` as part of a file name: bytes outside [A-Za-z0-9._-] become %XX, as does a leading dot.

    What is longer than `limit` is cut, and ends in a hash of the whole instead.
    """
    pieces = [chr(byte) if byte in _SAFE else f"%{byte:02X}" for byte in text.encode("utf-8", "surrogatepass")]
    if pieces and pieces[0] == ".":
        pieces[0] = "%2E"
    escaped = "".join(pieces)
    if len(escaped) <= limit:
        return escaped
    return f"{escaped[: limit - 17]}%{short_hash(text, 16)}"


def stem(name: str, version: str) -> str:
    """How the file names of this name and version begin."""
    return f"{escape(name)}-v{escape(version, VERSION_LIMIT)}"


def file_name(name: str, version: str, epoch: int, step: int, day: date, copy: int = 1) -> str:
    """`{name}-v{version}-e{epoch}-s{step}-{YYYYMMDD}.pth`; the second of the same name ends in `-2.pth`."""
    suffix = f"-{copy}" if copy > 1 else ""
    return f"{stem(name, version)}-e{epoch}-s{step}-{day:%Y%m%d}{suffix}.pth"


def manifest_name(file: str) -> str:
    """The name of the manifest that belongs to a checkpoint file."""
    return f"{file}.json"


def temp_name(target: str, host: str, pid: int) -> str:
    """The name under which `target` is written, before it is complete."""
    return f"{target}.{short_hash(host)}.{pid}.tmp"


def parse_temp(file: str) -> TempName | None:
    """The parts of a temporary file's name; None for any other file."""
    match = _TEMP.fullmatch(file)
    return TempName(match["target"], match["host"], int(match["pid"])) if match else None


def resembles(file: str, name: str, version: str | None = None) -> bool:
    """Whether a file looks like a checkpoint of this name: all there is to go by where the manifest is missing."""
    start = f"{stem(name, version)}-e" if version is not None else f"{escape(name)}-v"
    return file.startswith(start) and _CHECKPOINT.fullmatch(file) is not None
