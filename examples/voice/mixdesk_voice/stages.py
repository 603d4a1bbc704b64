"""The stages before training, clip by clip: pieces of speech, their pitch, their log-mel features. All cached."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from mixdesk_voice import audio, features
from mixdesk_voice import pitch as pitches
from mixdesk_voice.cache import Arrays, Cache
from mixdesk_voice.clips import Clip
from mixdesk_voice.errors import RecordingsError, WavError
from mixdesk_voice.features import Mel
from mixdesk_voice.pitch import Pitch
from mixdesk_voice.settings import Analysis
from mixdesk_voice.wav import read_wav

LOG = logging.getLogger(__name__)
Stage = Callable[[Clip], Arrays]


@dataclass(frozen=True, slots=True)
class Utterance:
    """One piece of speech: log-mel [bands, frames] and pitch [frames] in Hz, 0 where unvoiced."""

    mel: Mel
    pitch: Pitch


@dataclass(frozen=True, slots=True)
class Studio:
    """Where clips are worked on. Each stage calls the one before it, which by then answers from the cache.

    Deterministic and without random numbers, so that a run that starts again finds exactly what it had.
    """

    folder: Path
    analysis: Analysis = field(default_factory=Analysis)
    skipped: set[Path] = field(default_factory=set)

    @property
    def stages(self) -> dict[str, Stage]:
        """The work of each phase of the job before training, in order."""
        return {"preprocessing": self.pieces, "f0_extraction": self.pitch, "feature_extraction": self.mels}

    def pieces(self, clip: Clip) -> Arrays:
        """What is spoken in the clip, one array a piece; none, and one warning, where the file is no usable wav."""
        try:
            return self._cached("pieces", clip, lambda: self._cut(clip))
        except WavError as problem:
            if clip.path not in self.skipped:
                LOG.warning("skipped: %s", problem)
            self.skipped.add(clip.path)
            return []

    def pitch(self, clip: Clip) -> Arrays:
        """[frames] Hz for each piece."""
        return self._cached("pitch", clip, lambda: [pitches.pitch(x, self.analysis) for x in self.pieces(clip)])

    def mels(self, clip: Clip) -> Arrays:
        """[bands, frames] for each piece."""
        return self._cached("mels", clip, lambda: [features.log_mel(x, self.analysis) for x in self.pieces(clip)])

    def utterances(self, clips: Iterable[Clip]) -> list[Utterance]:
        """All pieces of all clips, ready to train on; raises RecordingsError where there is not one."""
        found = [Utterance(m, f) for clip in clips for m, f in zip(self.mels(clip), self.pitch(clip), strict=True)]
        if not found:
            shortest = self.analysis.shortest
            raise RecordingsError(f"no speech of {shortest} s or more in any of these wav files; pass --data others")
        return found

    def _cut(self, clip: Clip) -> Arrays:
        return audio.cut(*read_wav(clip.path), self.analysis)

    def _cached(self, stage: str, clip: Clip, make: Callable[[], Arrays]) -> Arrays:
        return Cache(self.folder).get(stage, f"{clip.key}-{self.analysis.digest()}", make)
