"""What is known of a checkpoint, in the small JSON file beside it. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime, timezone
from typing import Any, TypeGuard

import xxhash

from mixdesk.errors import CheckpointError

FORMAT = 1
REASONS = ("automatic", "requested", "final", "manual")
_CHECK = "check"
_HASH = re.compile(r"[0-9a-f]{32}")
_TEXTS = ("name", "version", "saved_at", "reason", "xxh3_128")
_OPTIONAL_TEXTS = ("loop", "job_id", "trace", "parent")
_COUNTS = ("format", "serial", "epoch", "step", "step_in_epoch", "size", "attempt")


@dataclass(frozen=True)
class Manifest:
    """One checkpoint's facts; `size` in bytes, `xxh3_128` of the data file in hexadecimal, `saved_at` RFC 3339 in UTC.

    `serial` grows with each save in a folder; the highest that verifies is the newest. `parent` is the file name
    of the checkpoint this run was resumed from. `epoch` and `step` count completed ones since the run began.
    """

    name: str
    version: str
    serial: int
    epoch: int
    step: int
    size: int
    xxh3_128: str
    saved_at: str
    reason: str = "manual"
    loop: str | None = None
    step_in_epoch: int = 0
    job_id: str | None = None
    attempt: int = 1
    trace: str | None = None
    parent: str | None = None
    libraries: dict[str, str] = field(default_factory=dict)
    position: dict[str, Any] = field(default_factory=dict)
    format: int = FORMAT

    def __post_init__(self) -> None:
        """Refuse what is no manifest, naming the field."""
        _check(vars(self))

    def to_json(self) -> str:
        """The text of the manifest file."""
        try:
            values = json.loads(json.dumps(asdict(self), allow_nan=False))  # as a reader will see them
        except (TypeError, ValueError) as error:
            raise CheckpointError(f"the position of a checkpoint must be plain JSON values: {error}") from error
        return json.dumps({**values, _CHECK: _checksum(values)}, indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str | bytes) -> Manifest:
        """A manifest from its file's text; CheckpointError where something is wrong.

        Unknown fields are ignored, and a manifest without `check` (written by hand) is taken as it is.
        """
        values = _parse(text)
        known = {entry.name for entry in fields(cls)}
        missing = [name for name in (*_TEXTS, *_COUNTS) if name not in values]
        if missing:
            raise CheckpointError(f"the manifest lacks {', '.join(missing)}")
        if values.get(_CHECK, "") not in ("", _checksum(values)):
            raise CheckpointError("the manifest has changed since it was written: its own check does not match")
        return cls(**{key: value for key, value in values.items() if key in known})


def timestamp(moment: datetime) -> str:
    """RFC 3339 in UTC with milliseconds."""
    return moment.astimezone(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def serial_in(text: str | bytes) -> int:
    """The serial that a manifest claims, whatever else is wrong with it; 0 where there is none."""
    try:
        serial = _parse(text).get("serial")
    except CheckpointError:
        return 0
    return serial if _is_count(serial) else 0


def _parse(text: str | bytes) -> Mapping[str, Any]:
    try:
        values = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise CheckpointError(f"the manifest is not JSON: {error}") from error
    if not isinstance(values, dict):
        raise CheckpointError(f"the manifest is a JSON {type(values).__name__}, not an object")
    declared = values.get("format")
    if _is_count(declared) and declared > FORMAT:
        raise CheckpointError(f"the manifest has format {declared}; this version of mixdesk reads up to {FORMAT}")
    return values


def _checksum(values: Mapping[str, Any]) -> str:
    """xxh3-64 of all fields but the check itself, whatever their order and spacing."""
    others = {key: value for key, value in values.items() if key != _CHECK}
    return xxhash.xxh3_64_hexdigest(json.dumps(others, sort_keys=True).encode())


def _check(values: Mapping[str, Any]) -> None:
    for name in _TEXTS:
        _require(values, name, isinstance(values[name], str) and values[name] != "", "a text that is not empty")
    for name in _OPTIONAL_TEXTS:
        _require(values, name, values[name] is None or isinstance(values[name], str), "a text or null")
    for name in _COUNTS:
        _require(values, name, _is_count(values[name]), "a whole number, 0 or more")
    _require(values, "format", values["format"] == FORMAT, f"{FORMAT}")
    _require(values, "xxh3_128", _HASH.fullmatch(values["xxh3_128"]) is not None, "32 hexadecimal digits")
    _require(values, "reason", values["reason"] in REASONS, f"one of {', '.join(REASONS)}")
    _require(values, "saved_at", _is_moment(values["saved_at"]), "a time in RFC 3339 in UTC, ending in Z")
    _require(values, "libraries", _is_texts(values["libraries"]), "an object of texts")
    _require(values, "position", isinstance(values["position"], dict), "an object")


def _require(values: Mapping[str, Any], name: str, holds: bool, wanted: str) -> None:
    if not holds:
        raise CheckpointError(f"a checkpoint's {name} is {values[name]!r:.80}; it must be {wanted}")


def _is_count(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_texts(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(part, str) for pair in value.items() for part in pair)


def _is_moment(text: str) -> bool:
    try:
        moment = datetime.fromisoformat(text[:-1] + "+00:00")
    except ValueError:
        return False
    return text.endswith("Z") and moment.utcoffset() is not None
