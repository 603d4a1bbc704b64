"""How recordings are analysed: one frozen value that every stage takes, and that a packaged voice carries."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from hashlib import blake2b
from json import dumps

VERSION = "1.0"  # of the model: the checkpoints of another version do not fit it


@dataclass(frozen=True, slots=True)
class Analysis:
    """Frames lie `hop` samples apart and are centred on their time, in every stage alike. Seconds, Hz and samples."""

    rate: int = 16_000
    frame: int = 1024
    hop: int = 160
    bands: int = 80
    mel_low: float = 40.0
    mel_high: float = 7_600.0
    pitch_low: float = 65.0
    pitch_high: float = 500.0
    shortest: float = 0.3
    longest: float = 8.0

    def digest(self) -> str:
        """Names the cache files: other settings, other files."""
        return blake2b(dumps(asdict(self)).encode(), digest_size=4).hexdigest()
