"""A host as files: /proc and /sys of a test's own, and helpers to read families."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from small_host import collector, plain_environment, sampler, started  # noqa: F401 - fixtures of the tests of OTLP

from mixdesk_exporter.family import Family
from mixdesk_exporter.host import Host, Roots

Samples = dict[str, dict[tuple[str, ...] | str, float]]


class Tree:
    """Files below a procfs and a sysfs."""

    def __init__(self, folder: Path) -> None:
        self.roots = Roots(procfs=folder / "proc", sysfs=folder / "sys", rootfs=folder / "root")
        for root in (self.roots.procfs, self.roots.sysfs, self.roots.rootfs):
            root.mkdir(parents=True)

    def proc(self, name: str, content: str | bytes) -> None:
        self._write(self.roots.procfs / name, content)

    def sys(self, name: str, content: str | bytes) -> None:
        self._write(self.roots.sysfs / name, content)

    def _write(self, path: Path, content: str | bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)

    def host(self) -> Host:
        """A reader of these files."""
        return Host(self.roots)


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path)


@pytest.fixture
def samples() -> Callable[[Iterable[Family]], Samples]:
    """{sample name: {key: value}} of families."""

    def by_name(families: Iterable[Family]) -> Samples:
        return {
            family.descriptor.sample: dict(zip(family.keys, family.values, strict=True))
            for family in families
            if family.keys
        }

    return by_name
