"""What the check says of a targets file, right and wrong."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from log_shipping import service

from mixdesk_control.logs.places import HostPlace
from mixdesk_control.logs.source import InFiles
from mixdesk_control.logs.targets import Finding, check, document


def group(path: str, **labels: Any) -> dict[str, Any]:
    plain = {"platform": "p", "host": "h", "service": "api", "source": "error", "kind": "error"}
    given = {**plain, "__path__": path, **labels}
    return {"targets": ["localhost"], "labels": {name: value for name, value in given.items() if value is not None}}


@pytest.fixture
def log(tmp_path: Path) -> Path:
    file = tmp_path / "logs" / "error.log"
    file.parent.mkdir()
    file.write_text("line\n")
    return file


def checked(tmp_path: Path, groups: Any, name: str = "targets.json", **more: Any) -> list[Finding]:
    path = tmp_path / name
    path.write_text(groups if isinstance(groups, str) else json.dumps(groups))
    return check(path, **more)


def worst(findings: list[Finding]) -> list[str]:
    return [f"{one.level}: {one.text}" for one in findings if one.level != "info"]


def test_what_the_desk_writes_is_right(tmp_path: Path, log: Path) -> None:
    (log.parent / "error.log.1").write_text("older\n")
    (log.parent / "error.log.2.gz").write_bytes(b"")
    found = service("api", error=InFiles(HostPlace.everything(), str(log)))
    made = document([found], platform="p", host="h", path_map={}, job_types=[], log_root=str(tmp_path))
    findings = checked(tmp_path, made)
    assert worst(findings) == []
    assert findings[-1].text == "1 targets, 1 streams"


def test_yaml_is_read_too(tmp_path: Path, log: Path) -> None:
    assert worst(checked(tmp_path, json.dumps([group(str(log))]), "targets.yml")) == []


def test_paths_are_taken_back_to_this_host(tmp_path: Path, log: Path) -> None:
    made = [group("/shipper/error.log", __path_exclude__="/shipper/*.gz")]
    assert worst(checked(tmp_path, made, path_map={str(log.parent): "/shipper"})) == []
    assert "no file matches" in worst(checked(tmp_path, made))[0]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "targets.json"),
        ('{"a": 1}', "must hold a list"),
        ("[1]", 'must have "labels"'),
        ('[{"targets": [], "labels": {}}]', "not empty"),
        ([group("error.log")], "absolute"),
        ([group("/x/{a")], "never closed"),
        ([group("/x/a.log", kind=None)], "no label kind"),
        ([group("/x/a.log", container="c")], "label container"),
        ([group("/x/a.log", service="s" * 201)], "longer than 200"),
        ([group("/x/a.log", service=7)], "not a text"),
        ([group("/x/a.log", **{f"l{n}": "v" for n in range(12)})], "more than 15 labels"),
        ([group("/x/a.log", **{"a-b": "v"})], "no label name"),
        ([group("/x/a.log", __path_exclude__=7)], "not a text"),
        ([group("/x/[z-a].log")], "is no pattern"),
        ("[" * 100_000, "targets.json"),
        ([group("/x/a.log"), group("/x/b.log")], "same labels"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, content: Any, said: str) -> None:
    findings = checked(tmp_path, content)
    assert any(one.level == "error" and said in one.text for one in findings), findings


def test_a_pattern_that_takes_rotated_files_along(tmp_path: Path, log: Path) -> None:
    for name in ("error.log.1", "error.log.2.gz", "error.log-20261101", "error.log.old"):
        (log.parent / name).write_text("older\n")
        made = [group(f"{log.parent}/error.log*")]
        assert any(name in text for text in worst(checked(tmp_path, made)))
        (log.parent / name).unlink()


def test_a_file_read_twice_is_told_as_it_is(tmp_path: Path, log: Path) -> None:
    findings = checked(tmp_path, [group(str(log)), group(str(log), service="api-worker")])
    assert worst(findings) == []
    assert any("is also api/error" in one.text for one in findings)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    (finding,) = check(tmp_path / "targets.json")
    assert finding.level == "error"
    assert "No such file" in finding.text


def test_yaml_that_grows_without_end(tmp_path: Path) -> None:
    levels = [f"- &a{n} [{', '.join([f'*a{n - 1}'] * 9) if n else 'x'}]" for n in range(30)]
    content = "\n".join([*levels, "- {targets: [x], labels: {service: *a29, __path__: /x}}"])
    findings = checked(tmp_path, content, "targets.yml")
    assert any("not a text" in one.text for one in findings)


def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "targets.json")
    (finding,) = check(tmp_path / "targets.json")
    assert "no regular file" in finding.text
