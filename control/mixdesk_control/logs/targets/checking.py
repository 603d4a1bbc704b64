"""What is wrong with a targets file, told before a shipper trips over it."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mixdesk_control.logs.targets import globs
from mixdesk_control.logs.targets.file import MOST_BYTES, SUFFIXES
from mixdesk_control.logs.targets.listing import EXCLUDE, LABELS, LONGEST_VALUE, PATH

ERROR, WARNING, INFO = "error", "warning", "info"
MOST_LABELS = 15
"""Loki's own limit."""
MOST_STREAMS = 500
"""The limit in the shipped loki.yaml."""
NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
ROTATED = re.compile(r"\.\d{1,3}$|\.(gz|bz2|xz|zst|old)$|\.log-\d{6,8}$")


@dataclass(frozen=True, slots=True)
class Finding:
    """level `error`: a shipper fails, doubles or loses lines; `warning`: it may; `info`: for people.

    target  `service/source`; None for the file as a whole
    """

    level: str
    text: str
    target: str | None = None


def check(path: Path, path_map: Mapping[str, str] | None = None) -> list[Finding]:
    """Reads the file and looks at the files it names, as this host has them. Blocks; never raises.

    path_map  as in the settings, to take the shipper's paths back to those of this host
    """
    try:
        groups = _groups(path)
    except (OSError, ValueError, RecursionError) as error:
        return [Finding(ERROR, f"{path}: {error}")]
    found = [finding for group in groups for finding in _of_group(group, path_map or {})]
    if any(finding.level == ERROR for finding in found):
        return found
    return [*found, *_of_all([group["labels"] for group in groups], path_map or {})]


def _groups(path: Path) -> list[Any]:
    if path.suffix not in SUFFIXES:
        msg = "the name must end in .json, .yml or .yaml"
        raise ValueError(msg)
    if path.exists() and not path.is_file():
        msg = "is no regular file"
        raise ValueError(msg)
    if path.stat().st_size > MOST_BYTES:
        msg = f"larger than {MOST_BYTES} bytes"
        raise ValueError(msg)
    text = path.read_text("utf-8")
    groups = json.loads(text) if path.suffix == ".json" else _yaml(text)
    if not isinstance(groups, list):
        msg = f"must hold a list of groups, not {type(groups).__name__}"
        raise ValueError(msg)
    return groups


def _yaml(text: str) -> Any:
    import yaml

    try:
        return yaml.safe_load(text) or []
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from None


def _of_group(group: Any, path_map: Mapping[str, str]) -> Iterator[Finding]:
    if not isinstance(group, dict) or not isinstance(group.get("labels"), dict) or not group.get("targets"):
        yield Finding(ERROR, f'must have "labels" and a list "targets" that is not empty: {_shown(group)}')
        return
    labels: dict[Any, Any] = group["labels"]
    name = f"{_shown(labels.get('service'))}/{_shown(labels.get('source'))}"
    problems = list(_of_labels(labels))
    if isinstance(labels.get(PATH), str) and isinstance(labels.get(EXCLUDE, ""), str):
        problems += _of_path(labels, path_map)
    yield from (Finding(level, text, name) for level, text in problems)


def _shown(value: Any) -> str:
    """Short, whatever it is: lists that hold themselves many times have no text that could be made."""
    if isinstance(value, (str, int, float)) or value is None:
        return str(value)[:100]
    return f"a {type(value).__name__}"


def _of_labels(labels: dict[Any, Any]) -> Iterator[tuple[str, str]]:
    if missing := [name for name in (PATH, *LABELS) if name not in labels]:
        yield ERROR, f"has no label {', '.join(missing)}"
    if more := sorted(str(name) for name in labels if name not in {PATH, EXCLUDE, *LABELS}):
        yield ERROR, f"has the label {', '.join(more)}, which others lack: one label set for all"
    if sum(not str(name).startswith("__") for name in labels) + 1 > MOST_LABELS:  # and service_name, Loki's own
        yield ERROR, f"has more than {MOST_LABELS} labels"
    for name, value in labels.items():
        if not isinstance(value, str) or not value:
            yield ERROR, f"label {name} is {_shown(value)}, not a text"
        elif not str(name).startswith("__") and len(value.encode()) > LONGEST_VALUE:
            yield ERROR, f"label {name} is longer than {LONGEST_VALUE} bytes"
        if not NAME.fullmatch(str(name)):
            yield ERROR, f"{name!r} is no label name"


def _of_path(labels: dict[Any, Any], path_map: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    pattern = labels[PATH]
    if not pattern.startswith("/"):
        yield ERROR, f"{pattern!r} must be an absolute path"
        return
    try:
        found = list(_files(labels, path_map))
    except globs.BadGlob as error:
        yield ERROR, str(error)
        return
    if not found:
        yield WARNING, f"no file matches {pattern} on this host"
    for file in found:
        if ROTATED.search(file.name):
            yield ERROR, f"{pattern} matches {file.name}, a rotated file: its lines would be sent twice"
        if not os.access(file, os.R_OK):
            yield WARNING, f"{file} cannot be read by this user"


def _files(labels: Mapping[str, str], path_map: Mapping[str, str]) -> Iterator[Path]:
    """What a shipper would read, where this host has it. Raises BadGlob."""
    leave_out: Callable[[str], bool] = _never
    if labels.get(EXCLUDE):
        leave_out = globs.matcher(_here(labels[EXCLUDE], path_map))
    return (file for file in globs.files(_here(labels[PATH], path_map)) if not leave_out(str(file)))


def _never(path: str) -> bool:
    return False


def _here(pattern: str, path_map: Mapping[str, str]) -> str:
    """The shipper's path as this host has it."""
    back = {other.rstrip("/"): own.rstrip("/") for own, other in path_map.items()}
    above = [other for other in back if pattern.startswith(f"{other}/")]
    longest = max(above, key=len, default="")
    return back.get(longest, "") + pattern[len(longest) :]


def _of_all(labels: list[dict[str, str]], path_map: Mapping[str, str]) -> Iterator[Finding]:
    streams: set[tuple[str, ...]] = set()
    readers: dict[Path, str] = {}
    for one in labels:
        name = f"{one['service']}/{one['source']}"
        values = tuple(one[label] for label in LABELS)
        if values in streams:
            yield Finding(ERROR, "has the same labels as another target", name)
        streams.add(values)
        for file in _files(one, path_map):
            other = readers.setdefault(file, name)
            if other != name:
                yield Finding(INFO, f"{file} is also {other}: Loki keeps its lines under both", name)
    if len(streams) > MOST_STREAMS:
        yield Finding(WARNING, f"{len(streams)} streams are more than loki.yaml allows ({MOST_STREAMS})")
    yield Finding(INFO, f"{len(labels)} targets, {len(streams)} streams")
