from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from mixdesk.checkpoints.manifest import Manifest, serial_in, timestamp
from mixdesk.errors import CheckpointError

MANIFEST = Manifest(
    name="Größe",
    version="0.5",
    serial=7,
    epoch=100,
    step=4300,
    size=123,
    xxh3_128="0123456789abcdef" * 2,
    saved_at="2024-01-15T12:00:00.000Z",
    reason="requested",
    loop="training",
    step_in_epoch=12,
    job_id="job",
    attempt=2,
    trace="abc",
    parent="anton-v0.5-e1-s1-20240101.pth",
    libraries={"torch": "2.13.0"},
    position={"step": 4300, "seen": [1, 2]},
)


def test_what_is_written_is_read() -> None:
    assert Manifest.from_json(MANIFEST.to_json()) == MANIFEST
    assert Manifest.from_json(MANIFEST.to_json().encode()) == MANIFEST
    odd = replace(MANIFEST, name="\ud800", position={"10": 1, "9": (1, 2)})
    assert Manifest.from_json(odd.to_json()).position == {"10": 1, "9": [1, 2]}


def test_numbers_as_keys_of_the_position_are_read_as_texts() -> None:
    assert Manifest.from_json(replace(MANIFEST, position={10: 1, 9: 2}).to_json()).position == {"10": 1, "9": 2}


def test_fields_of_a_later_version_are_ignored() -> None:
    values = {**json.loads(MANIFEST.to_json()), "colour": "blue"}
    del values["check"]
    assert Manifest.from_json(json.dumps(values)) == MANIFEST


def test_optional_fields_may_be_missing() -> None:
    values = json.loads(MANIFEST.to_json())
    for name in ("loop", "job_id", "trace", "parent", "libraries", "position", "check"):
        del values[name]
    assert Manifest.from_json(json.dumps(values)).position == {}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", 5),
        ("version", None),
        ("serial", -1),
        ("serial", "7"),
        ("epoch", True),
        ("step", 1.5),
        ("size", None),
        ("xxh3_128", "0123"),
        ("xxh3_128", "G" * 32),
        ("saved_at", "yesterday"),
        ("saved_at", "2024-01-15T12:00:00+01:00"),
        ("reason", "because"),
        ("job_id", 5),
        ("libraries", {"torch": 2}),
        ("libraries", []),
        ("position", [1]),
        ("attempt", None),
        ("format", 0),
    ],
)
def test_a_wrong_field_is_named(field: str, value: Any) -> None:
    values = {**json.loads(MANIFEST.to_json()), field: value}
    del values["check"]
    with pytest.raises(CheckpointError, match=rf"\b{field} is "):
        Manifest.from_json(json.dumps(values))


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "5", '{"name": "anton"}', "\x00" * 100, "[" * 100_000])
def test_what_is_no_manifest_is_refused(text: str) -> None:
    with pytest.raises(CheckpointError, match="the manifest"):
        Manifest.from_json(text)
    assert serial_in(text) == 0


def test_a_later_format_is_refused_by_number() -> None:
    with pytest.raises(CheckpointError, match="format 2"):
        Manifest.from_json(json.dumps({**json.loads(MANIFEST.to_json()), "format": 2}))


def test_a_position_that_is_not_plain_is_refused() -> None:
    for bad in ({"at": object()}, {"loss": float("nan")}):
        with pytest.raises(CheckpointError, match="position"):
            replace(MANIFEST, position=bad).to_json()


def test_every_single_flipped_bit_is_refused_or_harmless() -> None:
    text = MANIFEST.to_json().encode()
    refused = 0
    for bit in range(len(text) * 8):
        damaged = bytearray(text)
        damaged[bit // 8] ^= 1 << bit % 8
        try:
            assert Manifest.from_json(bytes(damaged)) == MANIFEST
        except CheckpointError:
            refused += 1
    assert refused > len(text) * 7  # harmless are white space, and the check's own name


def test_times_are_utc() -> None:
    moment = datetime(2024, 1, 15, 1, 30, tzinfo=timezone(timedelta(hours=2)))
    assert timestamp(moment) == "2024-01-14T23:30:00.000Z"
