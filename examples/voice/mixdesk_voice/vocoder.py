"""Log-mel features and pitch back to a waveform, without a trained vocoder: clear, buzzy, and quick."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mixdesk_voice.features import FLOOR, Mel, band_edges, framed, hann
from mixdesk_voice.pitch import Pitch
from mixdesk_voice.settings import Analysis
from mixdesk_voice.wav import Samples

Magnitudes = NDArray[np.float64]  # [frames, frame // 2 + 1]

BLUR_HZ = 300.0  # wider than the harmonics of most voices lie apart


def voice(mel: Mel, pitch: Pitch, analysis: Analysis) -> Samples:
    """(frames - 1) * hop samples: pulses at `pitch`, noise where unvoiced, given the spectral envelope of `mel`.

    The channel vocoder (Dudley, JASA 11, 1939), with short-time spectra for the channels.
    """
    windowed = framed(excitation(pitch, analysis), analysis.frame, analysis.hop) * hann(analysis.frame)
    return overlap_add(np.fft.rfft(windowed, axis=1) * envelope(mel, analysis), analysis)


def envelope(mel: Mel, analysis: Analysis) -> Magnitudes:
    """The magnitudes of `mel` at each bin, without the ripple of its harmonics."""
    bins = np.fft.rfftfreq(analysis.frame, 1.0 / analysis.rate)
    centres = band_edges(analysis)[1:-1]
    heard = np.maximum(np.exp(mel) - 2.0 * FLOOR, 0.0)  # what lies about the floor of the features is silence
    linear = np.stack([np.interp(bins, centres, column) for column in heard.T])
    width = int(BLUR_HZ * analysis.frame / analysis.rate) | 1
    kernel = hann(width + 1)[1:] / hann(width + 1).sum()
    padded = np.pad(linear, ((0, 0), (width // 2, width // 2)), mode="edge")
    return np.stack([np.convolve(row, kernel, "valid") for row in padded])


def excitation(pitch: Pitch, analysis: Analysis) -> Samples:
    """Pulses where voiced, noise of a fixed seed elsewhere, both with a power of 1 a sample."""
    at = np.arange((len(pitch) - 1) * analysis.hop) / analysis.hop
    noise = np.random.default_rng(0).standard_normal(len(at))
    voiced = pitch > 0.0
    if not voiced.any():
        return noise.astype(np.float32)
    hz = np.interp(at, np.flatnonzero(voiced), pitch[voiced])
    pulses = np.diff(np.floor(np.cumsum(hz / analysis.rate)), prepend=0.0) * np.sqrt(analysis.rate / hz)
    return np.where(voiced[np.round(at).astype(int)], pulses, noise).astype(np.float32)


def overlap_add(spectra: NDArray[np.complexfloating], analysis: Analysis) -> Samples:
    """The waveform nearest to the short-time spectra (Griffin and Lim, IEEE TASSP 32, 1984, equation 6)."""
    frame, hop = analysis.frame, analysis.hop
    window = hann(frame)
    pieces = np.fft.irfft(spectra, frame, axis=1) * window
    out = np.zeros(frame + hop * (len(pieces) - 1))
    weight = np.zeros_like(out)
    for index, piece in enumerate(pieces):
        out[index * hop : index * hop + frame] += piece
        weight[index * hop : index * hop + frame] += window**2
    return (out / np.maximum(weight, 1e-3))[frame // 2 : -(frame // 2)].astype(np.float32)
