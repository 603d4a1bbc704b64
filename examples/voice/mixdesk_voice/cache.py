"""What a stage made of a clip, kept on disk under a name made of what it was made from."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Arrays = list[NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Cache:
    """One file a stage and clip. The name holds the clip's content and the settings, so nothing ever grows stale."""

    folder: Path

    def get(self, stage: str, key: str, make: Callable[[], Arrays]) -> Arrays:
        """The stored arrays, or those of `make()`, stored. A file that cannot be read is made again."""
        path = self.folder / stage / f"{key}.npz"
        stored = _load(path)
        if stored is not None:
            return stored
        made = make()
        _store(path, made)
        return made


def _load(path: Path) -> Arrays | None:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            return [stored[f"arr_{index}"] for index in range(len(stored.files))]
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None


def _store(path: Path, arrays: Sequence[NDArray[np.float32]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    with partial.open("wb") as out:
        np.savez(out, *arrays)
    partial.replace(path)
