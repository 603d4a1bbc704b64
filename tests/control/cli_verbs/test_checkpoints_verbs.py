"""`mixdesk checkpoints`: real files, no desk."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from mixdesk.checkpoints import save_checkpoint


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three checkpoints of anton and, the newest of all, one of berta."""
    folder = tmp_path / "checkpoints"
    for step in (10, 20, 30):
        save_checkpoint(
            folder, {"net": {"weight": torch.arange(64.0) * step}}, name="anton", epoch=step // 10, step=step
        )
    save_checkpoint(folder, {"net": {"weight": torch.zeros(3)}}, name="berta", version="2", epoch=1, step=5)
    return folder


def of_step(folder: Path, step: int) -> Path:
    return next(path for path in folder.glob("*.pth") if f"-s{step}-" in path.name)


def break_bytes(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def test_list_is_newest_first(call: Any, folder: Path) -> None:
    done = call("checkpoints", "list", str(folder))
    assert done.exit_code == 0, done.stderr
    rows = [line.split() for line in done.stdout.splitlines()]
    assert rows[0][:4] == ["SERIAL", "EPOCH", "STEP", "SIZE"]
    assert [row[:3] for row in rows[1:]] == [["4", "1", "5"], ["3", "3", "30"], ["2", "2", "20"], ["1", "1", "10"]]
    assert rows[1][-1] == of_step(folder, 5).name


def test_list_as_json(call: Any, folder: Path) -> None:
    rows = json.loads(call("checkpoints", "list", str(folder), "--json").stdout)
    assert [(row["name"], row["step"], row["verified"]) for row in rows] == [
        ("berta", 5, None),
        ("anton", 30, None),
        ("anton", 20, None),
        ("anton", 10, None),
    ]
    assert rows[0]["size"] == of_step(folder, 5).stat().st_size


def test_list_tells_what_is_broken(call: Any, folder: Path) -> None:
    break_bytes(of_step(folder, 20))
    of_step(folder, 30).with_name(of_step(folder, 30).name + ".json").unlink()
    rows = json.loads(call("checkpoints", "list", str(folder), "--verify", "--json").stdout)
    wrong = {Path(row["path"]).name: row["problem"] for row in rows if not row["verified"]}
    assert set(wrong) == {of_step(folder, 20).name, of_step(folder, 30).name}
    assert "its bytes have changed" in wrong[of_step(folder, 20).name]
    assert "manifest" in wrong[of_step(folder, 30).name]
    assert "broken: " in call("checkpoints", "list", str(folder)).stdout


def test_verify(call: Any, folder: Path) -> None:
    path = of_step(folder, 10)
    done = call("checkpoints", "verify", str(path))
    assert (done.exit_code, done.stdout) == (0, f"{path}: verified\n")
    assert json.loads(call("checkpoints", "verify", str(path), "--json").stdout)["verified"] is True
    break_bytes(path)
    done = call("checkpoints", "verify", str(path))
    assert done.exit_code == 1
    assert done.stdout.startswith(f"{path}: its bytes have changed")


def test_verify_of_a_folder_is_of_everything_in_it(call: Any, folder: Path) -> None:
    assert call("checkpoints", "verify", str(folder)).exit_code == 0
    break_bytes(of_step(folder, 10))
    done = call("checkpoints", "verify", str(folder))
    assert done.exit_code == 1
    assert [line.endswith(": verified") for line in done.stdout.splitlines()].count(False) == 1


def test_latest_passes_over_what_is_broken(call: Any, folder: Path) -> None:
    assert call("checkpoints", "latest", str(folder)).stdout == f"{of_step(folder, 5)}\n"
    assert call("checkpoints", "latest", str(folder), "--name", "anton").stdout == f"{of_step(folder, 30)}\n"
    break_bytes(of_step(folder, 30))
    done = call("checkpoints", "latest", str(folder), "--name", "anton")
    assert (done.exit_code, done.stdout) == (0, f"{of_step(folder, 20)}\n")
    assert done.stderr.startswith(f"mixdesk: passed over: {of_step(folder, 30)}: its bytes have changed")
    assert json.loads(call("checkpoints", "latest", str(folder), "--json").stdout)["name"] == "berta"


def test_nothing_to_find_is_exit_1(call: Any, folder: Path, tmp_path: Path) -> None:
    done = call("checkpoints", "latest", str(folder), "--name", "carla")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == f"mixdesk: no checkpoint of carla in {folder} verifies\n"
    (tmp_path / "empty").mkdir()
    assert call("checkpoints", "latest", str(tmp_path / "empty")).exit_code == 1
    assert call("checkpoints", "list", str(tmp_path / "empty"), "--json").stdout == "[]\n"
    assert call("checkpoints", "verify", str(tmp_path / "empty")).exit_code == 1
    assert call("checkpoints", "verify", str(tmp_path / "nothing.pth")).exit_code == 1


@pytest.mark.parametrize("verb", ["list", "latest"])
def test_a_folder_that_is_none_is_one_line(call: Any, tmp_path: Path, verb: str) -> None:
    done = call("checkpoints", verb, str(tmp_path / "nowhere"))
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == f"mixdesk: {tmp_path / 'nowhere'} is not there: name a folder of checkpoints\n"


def test_no_desk_is_needed(call: Any, folder: Path, small_desk: Any, tmp_path: Path) -> None:
    small_desk.stop()
    assert call("checkpoints", "latest", str(folder), MIXDESK_STATE_DIR=str(tmp_path / "nothing")).exit_code == 0
