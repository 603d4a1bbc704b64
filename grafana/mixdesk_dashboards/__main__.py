"""`python -m mixdesk_dashboards [--check] FOLDER`: write the JSON of all dashboards, or say which files differ."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from mixdesk_dashboards import dashboards


def main(arguments: list[str] | None = None) -> int:
    """Exit status: 0, or 1 where `--check` found a difference. Other files in the folder are left alone."""
    parser = argparse.ArgumentParser(prog="python -m mixdesk_dashboards", description=__doc__)
    parser.add_argument("folder", type=Path, help="where the JSON files are")
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit 1 with a line for each file that differs"
    )
    given = parser.parse_args(arguments)
    files = {given.folder / f"{board.uid}.json": board.json() for board in dashboards()}
    return check(files) if given.check else write(given.folder, files)


def check(files: dict[Path, str]) -> int:
    """One line on stderr for each file that is missing or differs."""
    stale = [file for file, text in files.items() if not file.exists() or file.read_text(encoding="utf-8") != text]
    for file in stale:
        sys.stderr.write(f"{file} is not what the generator makes: run `make dashboards`\n")
    return 1 if stale else 0


def write(folder: Path, files: dict[Path, str]) -> int:
    """The files, each with one line on stdout."""
    folder.mkdir(parents=True, exist_ok=True)
    for file, text in files.items():
        file.write_text(text, encoding="utf-8")
        sys.stdout.write(f"{file}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
