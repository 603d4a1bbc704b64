"""Which recordings a run learns from."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from pathlib import Path

import numpy as np

from mixdesk_voice import synth
from mixdesk_voice.errors import RecordingsError
from mixdesk_voice.wav import seconds_of

LOG = logging.getLogger(__name__)
RECORDINGS = Path("/usr/share/asterisk/sounds/en_US_f_Allison")  # Debian: asterisk-core-sounds-en-wav
SYNTHESISED = 420


@dataclass(frozen=True)
class Clip:
    """A wav file, known by its content: the same recording under another name is the same clip."""

    path: Path

    @cached_property
    def key(self) -> str:
        try:
            content = self.path.read_bytes()
        except OSError:  # whoever reads it says so
            content = str(self.path).encode()
        return blake2b(content, digest_size=12).hexdigest()

    @cached_property
    def seconds(self) -> float:
        """How long it is; 0 where it is no wav file."""
        return seconds_of(self.path)


def choose(data: Path | None, limit: int, out: Path) -> list[Clip]:
    """`data`, else the installed recordings, else a voice synthesised into `out`; at most `limit` clips, 0 for all."""
    if data is not None:
        return find(data, limit)
    if RECORDINGS.is_dir():
        return find(RECORDINGS, limit)
    LOG.info("no recordings here: synthesising a voice")
    return find(synth.write_voice(out / "synthesised", limit or SYNTHESISED), limit)


def find(data: Path, limit: int = 0) -> list[Clip]:
    """Every wav file in the folder `data` and below it, by name; with a limit, that many spread evenly over them."""
    if not data.exists():
        raise RecordingsError(f"{data}: no such folder; pass --data a folder that holds wav files")
    paths = [data] if data.is_file() else sorted(path for path in data.rglob("*") if _is_wav(path))
    if not paths:
        raise RecordingsError(f"{data}: no wav files in it or below it; pass --data a folder that holds some")
    if 0 < limit < len(paths):
        paths = [paths[index] for index in np.linspace(0, len(paths) - 1, limit).round().astype(int)]
    LOG.info("%d recordings from %s", len(paths), data)
    return [Clip(path) for path in paths]


def _is_wav(path: Path) -> bool:
    return path.suffix.lower() in (".wav", ".wave") and not path.name.startswith(".") and path.is_file()
