"""How a run is named, remembered and found again."""

from __future__ import annotations

from pathlib import Path

import pytest

from mixdesk_voice.__main__ import main
from mixdesk_voice.errors import OptionError
from mixdesk_voice.options import Options, parse, remember


def test_flags_win_over_what_the_run_was_started_with_and_that_over_the_defaults(tmp_path: Path) -> None:
    first = parse(["--out", str(tmp_path), "--name", "anton", "--data", str(tmp_path), "--epochs", "7", "--seed", "5"])
    remember(first, finished=False)
    again = parse(["--out", str(tmp_path), "--name", "anton", "--epochs", "9"])
    assert (again.epochs, again.seed, again.data, again.batch_size) == (9, 5, tmp_path, 16)
    assert parse(["--out", str(tmp_path), "--name", "berta"]) == Options(tmp_path, "berta")


def test_without_a_name_the_unfinished_run_goes_on_else_a_new_one_begins(tmp_path: Path) -> None:
    out = ["--out", str(tmp_path)]
    first = parse(out)
    assert first.name == "voice-1"
    remember(first, finished=False)
    assert parse(out).name == "voice-1"
    remember(first, finished=True)
    second = parse(out)
    assert second.name == "voice-2"
    remember(second, finished=False)
    remember(Options(tmp_path, "anton"), finished=True)
    assert parse(out).name == "voice-2"


@pytest.mark.parametrize("name", ["", "../up", ".hidden", "a b", "x" * 65, "-x"])
def test_a_name_that_is_no_file_name_is_refused(tmp_path: Path, name: str) -> None:
    if not name:
        assert parse(["--out", str(tmp_path), "--name", name]).name == "voice-1"
        return
    with pytest.raises(OptionError, match="--name"):
        parse(["--out", str(tmp_path), f"--name={name}"])


@pytest.mark.parametrize("content", ["", "{", "[1]", "\x00"])
def test_a_memory_that_cannot_be_read_is_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "runs" / "anton.json"
    path.parent.mkdir()
    path.write_text(content)
    for argv in (["--out", str(tmp_path), "--name", "anton"], ["--out", str(tmp_path)]):
        with pytest.raises(OptionError, match=r"anton\.json"):
            parse(argv)


@pytest.mark.parametrize("flag", ["--epochs=0", "--batch-size=0", "--clips=-1", "--workers=x", "--device=tpu"])
def test_values_out_of_range_are_a_usage_error(tmp_path: Path, flag: str) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["--out", str(tmp_path), flag])


def test_a_refusal_is_one_line_and_exit_1(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["--out", str(tmp_path), "--name", "../up"]) == 1
    error = capfd.readouterr().err
    assert error.startswith("mixdesk_voice: --name '../up'")
    assert error.count("\n") == 1
