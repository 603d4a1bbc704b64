"""The committed description of the API and the client's types are those of this desk."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pages
import pytest

from mixdesk_control import describe
from mixdesk_control.web.operation_ids import OPERATION_IDS

ADMIN = pages.ROOT / "admin"
CLIENT = ADMIN / "client"


@pytest.fixture(scope="module")
def text() -> str:
    return describe.description()


@pytest.fixture(scope="module")
def document(text: str) -> dict[str, Any]:
    return dict(json.loads(text))


def test_the_committed_description_is_the_desks(text: str) -> None:
    written = (CLIENT / "openapi.json").read_text(encoding="utf-8")
    assert written == text, "run `python -m mixdesk_control.describe admin/client/openapi.json`, then `npm run types`"


def test_the_types_are_made_from_it(tmp_path: Path) -> None:
    if not (ADMIN / "node_modules" / "openapi-typescript").is_dir():
        pytest.skip("needs `npm ci` in admin/")
    for part in ("client/openapi.json", "scripts/types.mjs", "package.json"):
        (tmp_path / part).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ADMIN / part, tmp_path / part)
    (tmp_path / "client" / "src").mkdir()
    (tmp_path / "node_modules").symlink_to(ADMIN / "node_modules")
    subprocess.run(["node", "scripts/types.mjs"], cwd=tmp_path, check=True, timeout=120)
    made, written = ((folder / "client/src/api.ts").read_text() for folder in (tmp_path, ADMIN))
    assert made == written, "run `npm run types` in admin/"


def test_every_operation_has_a_name_of_its_own(document: dict[str, Any]) -> None:
    named = {
        (method, path): operation["operationId"]
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    }
    assert named == OPERATION_IDS
    assert len(set(named.values())) == len(named)
    assert all(re.fullmatch(r"[a-z]+([A-Z][a-z]+)*", name) for name in named.values())


def test_refusals_of_assets_are_problems_that_say_more(document: dict[str, Any]) -> None:
    for action in ("start", "stop"):
        answers = document["paths"][f"/admin/assets/{{asset_id}}/{action}"]["post"]["responses"]
        shape = answers["409"]["content"]["application/problem+json"]["schema"]
        assert shape == {"$ref": "#/components/schemas/AssetRefusal"}
        assert set(answers) == {"200", "202", "409", "default"}
    known = document["components"]["schemas"]["AssetRefusal"]["properties"]
    assert set(known) == {"type", "title", "status", "detail", "holders", "stop", "dependents", "jobs", "holds"}


def test_what_is_not_read_of_a_gpu_is_left_out(document: dict[str, Any]) -> None:
    for name in ("TrainingJobDetails", "OwnJobDetails"):
        shape = document["components"]["schemas"][name]
        for key in ("gpu_utilization", "vram_usage_mb"):
            assert shape["properties"][key]["type"] == "number" and key not in shape["required"]
        assert shape["properties"]["gpus"]["type"] == "array" and "gpus" not in shape["required"]
