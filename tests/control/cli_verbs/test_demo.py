"""`mixdesk demo`: the voice example beside the real desk, on few recordings."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mixdesk_control.cli import demo

pytest.importorskip("mixdesk_voice")


@pytest.fixture
def recordings(tmp_path: Path) -> Path:
    from mixdesk_voice import synth

    return Path(synth.write_voice(tmp_path / "recordings", 6))


def trains(desk: Any) -> bool:
    jobs = json.loads(desk.run("jobs", "list", "--status", "running", "--json").stdout)
    return any(job["name"] == "voice-1" and job["current_step"]["key"] == "training" for job in jobs)


def test_it_is_seen_saved_and_gone_on_with(
    new_desk: Any, recordings: Path, tmp_path: Path, terminal: Any, eventually: Any
) -> None:
    desk = new_desk().start()
    out = tmp_path / "out"
    arguments = ("--data", str(recordings), "--out", str(out))
    env = desk.env | {"MIXDESK_TOKEN": ""}
    first = terminal("demo", *arguments, tty=True, **env)
    first.expect(f"{desk.url}/ui/login/#")
    first.expect("Training")
    eventually(lambda: trains(desk), timeout=120)
    left = desk.run("jobs", "checkpoint", "voice-1", "--then", "cancel")
    assert left.returncode == 0, left.stderr + first.text
    assert first.end() == 0
    assert "■ canceled" in first.text

    second = terminal("demo", *arguments, tty=True, **env)  # no name: it finds what is unfinished
    assert second.end() == 0
    assert "✔ succeeded" in second.text
    assert (out / "voice-1.zip").is_file()
    newest, before = json.loads(desk.run("jobs", "list", "--name", "voice-1", "--json").stdout)
    assert (newest["parent_id"], newest["attempt"]) == (before["job_id"], 2)
    assert demo._arguments(out, None)[:4] == ["--out", str(out), "--name", "voice-2"]


def test_ctrl_c_ends_it_and_says_how_to_go_on(new_desk: Any, recordings: Path, tmp_path: Path, terminal: Any) -> None:
    desk = new_desk().start()
    env = desk.env | {"MIXDESK_TOKEN": ""}
    running = terminal("demo", "--data", str(recordings), "--out", str(tmp_path / "out"), tty=True, **env)
    running.expect("Training")
    running.type_ctrl_c()
    assert running.end() == 130
    assert "■ canceled" in running.text
    assert "mixdesk: ended by Ctrl-C; what the last checkpoint holds is kept: " in running.text
    assert "Traceback" not in running.text


def test_without_a_desk_it_trains_all_the_same(
    recordings: Path, tmp_path: Path, cli_env: dict[str, str], small_desk: Any
) -> None:
    env = cli_env | {"MIXDESK_STATE_DIR": str(tmp_path / "no-desk")}
    del env["MIXDESK_TOKEN"]
    code = "import mixdesk_control.cli.demo as demo; demo.FRESH = ('--epochs', '1'); demo.app(prog_name='mixdesk demo')"
    done = subprocess.run(
        [sys.executable, "-c", code, "--data", str(recordings)], env=env, capture_output=True, text=True, timeout=150
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("No desk runs here")
    assert (tmp_path / "no-desk" / "demo" / "voice-1.zip").is_file()


def test_an_unfinished_run_keeps_its_name_and_settings(tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "voice-1.json").write_text('{"finished": true}')
    (tmp_path / "runs" / "voice-2.json").write_text('{"finished": false, "epochs": 3}')
    assert demo._arguments(tmp_path, None) == ["--out", str(tmp_path), "--name", "voice-2"]
    (tmp_path / "runs" / "voice-2.json").write_text('{"finished": true}')
    assert demo._arguments(tmp_path, None) == ["--out", str(tmp_path), "--name", "voice-3", *demo.FRESH]


def test_what_is_missing_is_one_line_with_the_install(tmp_path: Path, cli_env: dict[str, str]) -> None:
    """In an interpreter that sees the desk's packages but none of the example's."""
    import typer

    for path in Path(typer.__file__).parents[1].iterdir():
        if not path.name.startswith(("torch", "numpy", "faiss")):
            (tmp_path / path.name).symlink_to(path)
    rooms = [str(Path(__file__).parents[3] / room) for room in ("control", "instrumentation")]
    env = cli_env | {"PYTHONPATH": os.pathsep.join([str(tmp_path), *rooms])}
    done = subprocess.run(
        [sys.executable, "-S", "-m", "mixdesk_control.cli", "demo"], env=env, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == ("mixdesk: the demo needs torch, numpy, faiss, mixdesk_voice: pip install 'mixdesk[demo]'\n")


def test_data_that_is_no_folder_is_one_line(call: Any, tmp_path: Path) -> None:
    done = call("demo", "--data", str(tmp_path / "nowhere"))
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == f"mixdesk: --data {tmp_path / 'nowhere'} is no folder: name one that holds wav files\n"


def test_a_damaged_memory_of_a_run_is_one_line(call: Any, tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "voice-1.json").write_text("{")
    done = call("demo", "--out", str(tmp_path))
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith("mixdesk: ") and "voice-1.json" in done.stderr and done.stderr.count("\n") == 1
