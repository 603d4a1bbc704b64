"""Files of /proc that are cut off, garbage or unreadable: what needs them is missing and says so, the rest is whole."""

from __future__ import annotations

import json
import os
import random
import shutil
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families as parse_text
from torture import chance, times

from mixdesk_exporter.collectors import HOST
from mixdesk_exporter.errors import Absent
from mixdesk_exporter.exposition import TEXT, render_as
from mixdesk_exporter.host import Host, Roots
from mixdesk_exporter.sampler import Sampler

# Programming errors as the sampler would put them; who reads the log cannot do anything with them.
OUR_FAULT = (
    "KeyError",
    "IndexError",
    "ValueError",
    "TypeError",
    "AttributeError",
    "Unicode",
    "OverflowError",
    "Assertion",
)


@cache
def sources() -> dict[str, frozenset[str]]:
    """{collector: the files of /proc that it has read here}."""
    found = {}
    for make in HOST:
        host = Host()
        collector = make(host)
        try:
            list(collector.families(collector.read()))
        except (Absent, OSError):
            pass
        found[collector.name] = frozenset(host._read)
        collector.close()
        host.close()
    return found


@pytest.fixture
def copied() -> Iterator[Roots]:
    """What all collectors read of the real /proc, as files that everybody may read."""
    folder = Path(tempfile.mkdtemp(prefix="spoiled-"))
    folder.chmod(0o755)
    for name in frozenset[str]().union(*sources().values()):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(Path("/proc", name).read_bytes())
    yield Roots(procfs=folder)
    shutil.rmtree(folder)


def look(roots: Roots) -> dict[str, str]:
    """{collector: what is wrong with it, '' where nothing is}; absent ones are left out."""
    host = Host(roots)
    sampler = Sampler([make(host) for make in HOST], new_round=host.new_round)
    snapshot = sampler.snapshot(0, whole=True)
    list(parse_text(render_as(snapshot.families(), TEXT).decode()))
    for family in snapshot.families():
        assert len(set(family.keys)) == len(family.keys), f"{family} has a series twice"
    for outcome in snapshot.outcomes.values():
        assert outcome.good or not outcome.families
    sampler.close()
    host.close()
    return {name: outcome.error or "" for name, outcome in snapshot.outcomes.items() if not outcome.absent}


def cut(content: bytes, luck: random.Random) -> bytes:
    return content[: luck.randrange(len(content) + 1)]


def noise(content: bytes, luck: random.Random) -> bytes:
    return luck.randbytes(luck.randrange(1, 4000))


def words(content: bytes, luck: random.Random) -> bytes:
    """Some words are replaced by what is no number, or far too large."""
    odd = (b"x", b"-1", b"9" * 400, b"\xff\xfe", b"1e9", b":", b"")
    parts = content.split(b" ")
    for _ in range(luck.randrange(1, 10)):
        parts[luck.randrange(len(parts))] = luck.choice(odd)
    return b" ".join(parts)


def flipped(content: bytes, luck: random.Random) -> bytes:
    spoiled = bytearray(content or b"?")
    for _ in range(luck.randrange(1, 20)):
        spoiled[luck.randrange(len(spoiled))] = luck.randrange(256)
    return bytes(spoiled)


def lines(content: bytes, luck: random.Random) -> bytes:
    """Lines come twice, in another order, or not at all."""
    there = content.splitlines(keepends=True) or [b"\n"]
    return b"".join(luck.choices(there, k=luck.randrange(1, 2 * len(there) + 1)))


@pytest.mark.parametrize("name", sorted(name for name, files in sources().items() if files))
@pytest.mark.parametrize("spoil", [cut, noise, words, flipped, lines], ids=lambda spoil: spoil.__name__)
def test_a_spoiled_file(copied: Roots, name: str, spoil: Callable[[bytes, random.Random], bytes]) -> None:
    luck, before = chance(), look(copied)
    assert not any(before.values())
    for _ in range(times(100, 2)):
        for file in sorted(sources()[name]):
            path = copied.procfs / file
            kept = path.read_bytes()
            path.write_bytes(spoil(kept, luck))
            complain_only(look(copied), before, file)
            path.write_bytes(kept)
    assert look(copied) == before


def complain_only(after: dict[str, str], before: dict[str, str], file: str) -> None:
    """Only who reads this file may be missing, and names it."""
    for name in before:
        if file not in sources()[name]:
            assert after[name] == "", f"{name} does not read {file}"
        elif error := after.get(name, ""):
            assert not error.startswith(OUR_FAULT), f"{name}: {error}"
            assert tail(file) in error, f"{name} does not name {file}: {error}"


def tail(file: str) -> str:
    return file.removeprefix("1/").removeprefix("self/")


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to become somebody else")
@pytest.mark.parametrize("file", sorted(frozenset[str]().union(*sources().values())))
def test_a_file_that_may_not_be_read(copied: Roots, file: str) -> None:
    before: dict[str, str] = as_nobody(lambda: look(copied))
    assert not any(before.values())
    (copied.procfs / file).chmod(0)
    after: dict[str, str] = as_nobody(lambda: look(copied))
    complain_only(after, before, file)
    readers = {name for name in before if file in sources()[name]}
    assert any("Permission denied" in after.get(name, "") for name in readers) or file in MAY_BE_MISSED


# What is read beside something else, and left out where it cannot be had.
MAY_BE_MISSED = ("sys/kernel/domainname",)


def as_nobody(call: Callable[[], Any]) -> Any:
    """What `call` returns in a child that has no rights."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setresgid(65534, 65534, 65534)
            os.setresuid(65534, 65534, 65534)
            os.write(writer, json.dumps(call()).encode())
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as answer:
        text = answer.read()
    os.waitpid(child, 0)
    return json.loads(text)
