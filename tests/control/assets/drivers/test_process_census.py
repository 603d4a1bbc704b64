"""Which processes a look reads, from files as the kernel writes them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from mixdesk_control.assets.drivers.process.census import Census

INIT, GONE, ONE, CHILD, OTHER, STRANGER = 1, 9, 10, 11, 20, 30


def put(folder: Path, pid: int, parent: int = INIT) -> None:
    (folder / str(pid)).mkdir(exist_ok=True)
    (folder / str(pid) / "stat").write_text(f"{pid} (a) S {parent} 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 {pid} 0 0 0\n")


@pytest.fixture
def census(tmp_path: Path) -> Census:
    for pid, parent in ((INIT, 0), (ONE, INIT), (CHILD, ONE), (OTHER, INIT), (STRANGER, INIT)):
        put(tmp_path, pid, parent)
    return Census(str(tmp_path))


def read(census: Census, roots: Iterable[int]) -> set[int]:
    return set(census.read(set(roots)).stats) - {INIT}


def test_strangers_are_read_once(census: Census) -> None:
    assert read(census, [ONE, OTHER]) == {ONE, CHILD, OTHER, STRANGER}
    assert read(census, [ONE, OTHER]) == {ONE, CHILD, OTHER}


def test_a_look_at_one_leaves_the_others_known(census: Census) -> None:
    read(census, [ONE, OTHER])
    assert read(census, [ONE]) >= {ONE, CHILD}
    assert read(census, [ONE, OTHER]) == {ONE, CHILD, OTHER}


def test_a_new_root_may_have_been_a_stranger(census: Census, tmp_path: Path) -> None:
    read(census, [ONE])
    put(tmp_path, 31, STRANGER)
    assert read(census, [ONE]) == {ONE, CHILD, 31}
    assert read(census, [STRANGER]) >= {STRANGER, 31}
    assert read(census, [ONE, STRANGER]) == {ONE, CHILD, STRANGER, 31}


def test_a_root_that_has_gone_is_forgotten(census: Census, tmp_path: Path) -> None:
    read(census, [ONE, OTHER])
    (tmp_path / str(OTHER) / "stat").unlink()
    (tmp_path / str(OTHER)).rmdir()
    assert read(census, [ONE]) == {ONE, CHILD}
    put(tmp_path, OTHER)
    read(census, [ONE])
    assert read(census, [ONE]) == {ONE, CHILD}


def test_one_whose_parent_went_unread_is_no_stranger_yet(census: Census, tmp_path: Path) -> None:
    """The parent ended between the reading of its child and its own."""
    put(tmp_path, 5, GONE)
    put(tmp_path, 6, 5)
    read(census, [ONE])
    put(tmp_path, 5, ONE)
    assert read(census, [ONE]) == {ONE, CHILD, 5, 6}
