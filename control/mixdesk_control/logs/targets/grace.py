"""Targets that are gone stay listed for a while: a shipper forgets its place in a file whose target it loses, and
sends all of it again when the target comes back. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from mixdesk_control.logs.targets import globs
from mixdesk_control.logs.targets.listing import EXCLUDE, PATH, Group, excluding

Key = tuple[str, str]


class Grace:
    """Groups by service and source, each with the paths that it had lately and when they were seen last.

    A new path is listed beside the one before it, under the same labels: the shipper reads the old file, of a
    container that was made anew say, to its end. `grace_s` counts in the same seconds as `now`.
    """

    def __init__(self, grace_s: float) -> None:
        self._grace_s = grace_s
        self._labels: dict[Key, dict[str, str]] = {}
        self._paths: dict[Key, dict[str, float]] = {}

    def remember(self, groups: Iterable[Group], now: float) -> None:
        """What is there now, or was when the desk ended."""
        for group in groups:
            labels = group["labels"]
            key = labels["service"], labels["source"]
            self._labels[key] = {name: value for name, value in labels.items() if name not in (PATH, EXCLUDE)}
            for path in globs.alternatives(labels[PATH]):
                self._paths.setdefault(key, {})[path] = now

    def groups(self, now: float) -> list[Group]:
        """Those that are there and those not gone for long, in the order of service and source."""
        self._forget(now - self._grace_s)
        return [self._group(key) for key in sorted(self._labels)]

    def _forget(self, before: float) -> None:
        for key, paths in list(self._paths.items()):
            self._paths[key] = {path: seen for path, seen in paths.items() if seen > before}
            if not self._paths[key]:
                del self._paths[key], self._labels[key]

    def _group(self, key: Key) -> Group:
        pattern = self._pattern(self._paths[key])
        labels = {PATH: pattern, EXCLUDE: excluding(pattern), **self._labels[key]}
        return {"targets": ["localhost"], "labels": labels}

    def _pattern(self, paths: dict[str, float]) -> str:
        try:
            return globs.joined(paths)
        except globs.BadGlob:  # names that braces cannot hold: the newest one alone
            return max(paths, key=lambda path: paths[path])
