from __future__ import annotations

from datetime import date

import pytest

from mixdesk.checkpoints import naming

DAY = date(2024, 1, 15)
ODD = [
    "a-v0.5-e9-s9",
    "two words",
    "Größe",
    "日本語" * 100,
    "a/b",
    "../up",
    "..",
    ".",
    ".hidden",
    "100%",
    "a\nb",
    "x" * 500,
    "\ud800",
]


def test_the_name_is_the_documented_one() -> None:
    assert naming.file_name("anton", "0.5", 100, 4300, DAY) == "anton-v0.5-e100-s4300-20240115.pth"
    assert naming.file_name("anton", "0.5", 100, 4300, DAY, 2) == "anton-v0.5-e100-s4300-20240115-2.pth"


@pytest.mark.parametrize("name", ODD)
def test_odd_names_stay_one_short_visible_file_in_the_folder(name: str) -> None:
    file = naming.file_name(name, name, 10**12, 10**12, DAY, 100)
    longest = naming.temp_name(naming.manifest_name(file), "host", 2**22)
    assert "/" not in file
    assert not file.startswith(".")
    assert file.isascii()
    assert len(longest) <= 255
    assert naming.resembles(file, name)
    assert naming.resembles(file, name, name)


def test_different_names_stay_different() -> None:
    names = [*ODD, "a%2Fb", "x" * 499, "x" * 501, "%2Ehidden", "日本語" * 99]
    assert len({naming.escape(name) for name in names}) == len(names)


def test_safe_names_are_left_alone() -> None:
    assert naming.escape("RVC_v2.anton-40k") == "RVC_v2.anton-40k"


def test_a_temp_name_tells_its_target_and_writer() -> None:
    temp = naming.parse_temp(naming.temp_name("anton-v0.5-e1-s1-20240115.pth", "box", 77))
    assert temp == naming.TempName("anton-v0.5-e1-s1-20240115.pth", naming.short_hash("box"), 77)
    for other in ("anton-v0.5-e1-s1-20240115.pth", "anton.tmp", "notes.pth.tmp", "a.pth.1234567.1.tmp"):
        assert naming.parse_temp(other) is None


def test_a_longer_name_does_not_resemble_a_shorter_one_of_the_same_version() -> None:
    file = naming.file_name("anton-v2", "0.5", 1, 1, DAY)
    assert not naming.resembles(file, "anton", "0.5")
    assert not naming.resembles(file, "ant")
    assert not naming.resembles("anton-v0.5-best.pth", "anton", "0.5")
