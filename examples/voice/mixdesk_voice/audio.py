"""Waveforms: where somebody speaks, how loud, at which rate. Pure functions on mono float32 arrays in -1..1."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from mixdesk_voice.settings import Analysis
from mixdesk_voice.wav import Samples

Span = tuple[int, int]

SPEECH_BELOW_PEAK_DB = 40.0
SILENCE_DB = -60.0
LONGEST_GAP_S = 0.25
MARGIN_S = 0.05


def cut(audio: Samples, rate: int, analysis: Analysis) -> list[Samples]:
    """The spoken stretches of a recording, each at one loudness and at `analysis.rate`."""
    centred = (audio - audio.mean(dtype=np.float64)).astype(np.float32) if len(audio) else audio
    spans = speech_spans(centred, rate, analysis.shortest, analysis.longest)
    return [normalise(resample(centred[start:end], rate, analysis.rate)) for start, end in spans]


def speech_spans(audio: Samples, rate: int, shortest: float, longest: float) -> list[Span]:
    """Sample ranges no more than 40 dB under the loudest moment, joined over gaps, `shortest` to `longest` seconds."""
    hop = max(1, rate // 100)
    levels = levels_db(audio, hop)
    if not len(levels):
        return []
    loud = levels > max(float(levels.max()) - SPEECH_BELOW_PEAK_DB, SILENCE_DB)
    margin = int(MARGIN_S * rate)
    joined = join_spans(runs(loud), int(LONGEST_GAP_S * rate) // hop)
    padded = [(max(0, a * hop - margin), min(len(audio), b * hop + margin)) for a, b in joined]
    pieces = [piece for span in padded for piece in split_span(span, int(longest * rate))]
    return [(a, b) for a, b in pieces if b - a >= shortest * rate]


def levels_db(audio: Samples, hop: int) -> NDArray[np.float64]:
    """Root mean square of windows of 2 x hop samples, one each hop, in dB of full scale."""
    if len(audio) < 2 * hop:
        return np.empty(0)
    windows = sliding_window_view(audio, 2 * hop)[::hop].astype(np.float64)
    power: NDArray[np.float64] = (windows**2).mean(axis=1)
    return 10.0 * np.log10(np.maximum(power, 1e-12))


def runs(flags: NDArray[np.bool_]) -> list[Span]:
    """Where `flags` is true, as half-open ranges."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False])).astype(np.int8)))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]


def join_spans(spans: list[Span], gap: int) -> list[Span]:
    """Neighbours at most `gap` apart become one."""
    joined: list[Span] = []
    for start, end in spans:
        if joined and start - joined[-1][1] <= gap:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


def split_span(span: Span, longest: int) -> list[Span]:
    """Equal pieces of at most `longest` samples."""
    start, end = span
    count = -(-(end - start) // longest)
    edges = np.linspace(start, end, count + 1).astype(int).tolist()
    return list(pairwise(edges))


def normalise(audio: Samples, rms: float = 0.1, peak: float = 0.95) -> Samples:
    """Scaled to a root mean square of `rms`, less where a sample would pass `peak`; silence stays silence."""
    level = float(np.sqrt(np.mean(audio.astype(np.float64) ** 2))) if len(audio) else 0.0
    if level == 0.0:
        return audio
    gain = min(rms / level, peak / float(np.abs(audio).max()))
    return (audio * np.float32(gain)).astype(np.float32)


def resample(audio: Samples, rate: int, to: int) -> Samples:
    """Band-limited, for any two rates: the spectrum is cut or extended, with a raised-cosine edge 5 % wide.

    Fourier interpolation. It takes the piece as periodic, so silence is put behind it, which keeps its end from ringing
    into its beginning. Made for pieces of seconds, not for hours: the whole piece is one transform.
    """
    if rate == to or not len(audio):
        return audio
    seconds = -(-len(audio) // rate) + 1  # whole seconds: the two lengths are then exactly in the ratio of the rates
    spectrum = np.fft.rfft(audio.astype(np.float64), seconds * rate)
    size = seconds * to
    kept = min(len(spectrum), size // 2 + 1)
    out = np.fft.irfft(spectrum[:kept] * _edge(kept), size) * (to / rate)
    return out[: round(len(audio) * to / rate)].astype(np.float32)


def _edge(bins: int) -> NDArray[np.float64]:
    """1, falling to 0 over the last twentieth of the band."""
    position = np.linspace(0.0, 1.0, bins)
    return 0.5 * (1.0 + np.cos(np.pi * np.clip((position - 0.95) / 0.05, 0.0, 1.0)))
