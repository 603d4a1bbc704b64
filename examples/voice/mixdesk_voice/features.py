"""Frames, spectra and log-mel features of a waveform, in numpy."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from mixdesk_voice.settings import Analysis
from mixdesk_voice.wav import Samples

Mel = NDArray[np.float32]  # [bands, frames], natural logarithm
Hz = NDArray[np.float64]

FLOOR = 1e-4  # of magnitude: about 80 dB under what a normalised voice reaches


def framed(audio: Samples, size: int, hop: int) -> Samples:
    """[1 + len // hop, size]: frame i is centred on sample i * hop; beyond the ends there is silence."""
    return sliding_window_view(np.pad(audio, (size // 2, size // 2)), size)[::hop]


def hann(size: int) -> NDArray[np.float32]:
    """The periodic Hann window."""
    curve: NDArray[np.float64] = 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(size) / size)
    return curve.astype(np.float32)


def magnitudes(audio: Samples, size: int, hop: int) -> NDArray[np.float32]:
    """[size // 2 + 1, frames], scaled so that a sine of amplitude 1 reads 1 at its bin."""
    spectrum = np.fft.rfft(framed(audio, size, hop) * hann(size), axis=1)
    return (np.abs(spectrum).T * (4.0 / size)).astype(np.float32)


def log_mel(audio: Samples, analysis: Analysis) -> Mel:
    """[bands, 1 + len // hop]: natural logarithm of the mel magnitudes, floored at 1e-4."""
    mel = filterbank(analysis) @ magnitudes(audio, analysis.frame, analysis.hop)
    return np.asarray(np.log(np.maximum(mel, FLOOR)), np.float32)


def hz_to_mel(hz: NDArray[Any]) -> Hz:
    """m = 2595 log10(1 + f / 700): O'Shaughnessy, "Speech Communication" (1987), p. 150; the HTK book's scale."""
    return np.asarray(2595.0 * np.log10(1.0 + np.asarray(hz, np.float64) / 700.0))


def mel_to_hz(mel: NDArray[Any]) -> Hz:
    """The inverse of hz_to_mel."""
    return np.asarray(700.0 * (10.0 ** (np.asarray(mel, np.float64) / 2595.0) - 1.0))


def band_edges(analysis: Analysis) -> Hz:
    """bands + 2 frequencies in Hz, equally far apart in mel: band i rises from i, peaks at i + 1, falls to i + 2."""
    low, high = hz_to_mel(np.array([analysis.mel_low, analysis.mel_high]))
    return mel_to_hz(np.linspace(low, high, analysis.bands + 2))


@lru_cache(maxsize=8)
def filterbank(analysis: Analysis) -> NDArray[np.float32]:
    """[bands, frame // 2 + 1]: triangles of height 1 that overlap by half, so that between the first and the last peak
    the weights of every frequency sum to 1 (Davis and Mermelstein 1980, as in the HTK book, section 5.4)."""
    edges = band_edges(analysis)[:, None]
    bins = np.fft.rfftfreq(analysis.frame, 1.0 / analysis.rate)[None, :]
    rising = (bins - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - bins) / (edges[2:] - edges[1:-1])
    return np.maximum(0.0, np.minimum(rising, falling)).astype(np.float32)
