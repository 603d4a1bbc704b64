"""A log that is downloaded: to a new file, whole or not at all, or to stdout."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path

from mixdesk_control.cli.errors import CliError


def to_stdout(chunks: Iterable[bytes]) -> None:
    """Writes it as it comes; whoever reads may stop before its end (`| head`)."""
    try:
        for chunk in chunks:
            sys.stdout.buffer.write(chunk)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else the interpreter complains at its end


def to_file(chunks: Iterable[bytes], path: Path) -> int:
    """Bytes written. Raises CliError; then there is no file."""
    try:
        with path.open("xb") as file:
            try:
                return sum(file.write(chunk) for chunk in chunks)
            except BaseException:
                path.unlink(missing_ok=True)
                raise
    except FileExistsError as error:
        raise CliError(f"{path} is there already: name another file") from error
    except OSError as error:
        raise CliError(f"{path} cannot be written: {error.strerror or error}") from error
