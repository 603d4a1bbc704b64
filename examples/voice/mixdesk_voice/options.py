"""The command line, and what a run remembers of it, so that it goes on as it began when it is started again."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from mixdesk_voice.errors import OptionError

DATA_HELP = "wav files of one speaker, in DIR or below it (default: installed recordings, else a synthesised voice)"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class Options:
    """One run. All but `out` and `name` is remembered in `out/runs/NAME.json`."""

    out: Path
    name: str
    data: Path | None = None
    epochs: int = 16
    seed: int = 1
    batch_size: int = 16
    clips: int = 0
    workers: int = 0
    threads: int = 1  # layers this small gain little from more, and lose it many times over where a core is busy
    device: str = "auto"

    @property
    def bundle(self) -> Path:
        """Where the finished voice goes."""
        return self.out / f"{self.name}.zip"


def parse(argv: Sequence[str] | None = None) -> Options:
    """Flags, else what the run of this name was started with before, else the defaults.

    Without --name: the unfinished run of the folder --out that was started last, else a new one, `voice-1` and so on.
    """
    given = vars(_parser().parse_args(argv))
    out = Path(given.pop("out")).absolute()
    name = given.pop("name", None) or unfinished(out) or new_name(out)
    if not NAME.fullmatch(name):
        raise OptionError(f"--name {name!r}: at most 64 of A-Z a-z 0-9 . _ - and a letter or digit first")
    known = _recall(out, name)
    return replace(Options(out, name), **{**known, **given})


def remember(options: Options, *, finished: bool) -> None:
    """Writes `out/runs/NAME.json` in one step."""
    path = _memory(options.out, options.name)
    path.parent.mkdir(parents=True, exist_ok=True)
    kept = {key: value for key, value in asdict(options).items() if key not in ("out", "name")}
    kept["data"] = str(options.data) if options.data else None
    partial = path.with_suffix(".tmp")
    partial.write_text(json.dumps({**kept, "finished": finished}, indent=2) + "\n", encoding="utf-8")
    partial.replace(path)


def unfinished(out: Path) -> str | None:
    """The name of the run in `out` that was started last and has not come to its end."""
    started = sorted((out / "runs").glob("*.json"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
    return next((path.stem for path in started if not _read(path).get("finished")), None)


def new_name(out: Path) -> str:
    """`voice-1`, or the next number that is not taken."""
    number = 1
    while _memory(out, f"voice-{number}").exists():
        number += 1
    return f"voice-{number}"


def _memory(out: Path, name: str) -> Path:
    return out / "runs" / f"{name}.json"


def _recall(out: Path, name: str) -> dict[str, Any]:
    path = _memory(out, name)
    known = _read(path) if path.exists() else {}
    names = {field.name for field in fields(Options)} - {"out", "name"}
    kept = {key: value for key, value in known.items() if key in names}
    if kept.get("data"):
        kept["data"] = Path(kept["data"])
    return kept


def _read(path: Path) -> dict[str, Any]:
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise OptionError(f"{path}: cannot be read ({problem}); delete it, or pass another --name") from problem
    if not isinstance(known, dict):
        raise OptionError(f"{path}: holds no settings of a run; delete it, or pass another --name")
    return known


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="mixdesk_voice",
        description="Learn a voice from recordings. Started again with the same --out and --name, a run goes on.",
        argument_default=argparse.SUPPRESS,
    )
    add = parser.add_argument
    add("--data", type=_folder, metavar="DIR", help=DATA_HELP)
    add("--out", default="mixdesk-voice", metavar="DIR", help="all the run keeps and makes (default: %(default)s)")
    add("--name", help="what the voice is called (default: an unfinished run in --out, else voice-1, voice-2, ...)")
    add("--epochs", type=_at_least(1), metavar="N", help="times through the data (default: 16)")
    add("--clips", type=_at_least(0), metavar="N", help="use only N of the wav files (default: 0, all of them)")
    add("--batch-size", type=_at_least(1), metavar="N", help="windows of 1.28 s a step (default: 16)")
    add("--seed", type=int, metavar="N", help="the same seed gives the same weights (default: 1)")
    add("--workers", type=_at_least(0), metavar="N", help="processes that load data (default: 0, the training's own)")
    add("--threads", type=_at_least(0), metavar="N", help="CPU threads of torch, 0: as many as it likes (default: 1)")
    add("--device", choices=("auto", "cpu", "cuda"), help="where to train (default: auto, a GPU where there is one)")
    return parser


def _folder(text: str) -> Path:
    return Path(text).absolute()


def _at_least(least: int) -> Any:
    def number(text: str) -> int:
        value = int(text)
        if value < least:
            raise argparse.ArgumentTypeError(f"{value} is less than {least}")
        return value

    return number
