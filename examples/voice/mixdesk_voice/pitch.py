"""Fundamental frequency per frame: YIN (de Cheveigné and Kawahara, JASA 111, 2002), all frames of a piece at once."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from mixdesk_voice.features import framed
from mixdesk_voice.settings import Analysis
from mixdesk_voice.wav import Samples

Pitch = NDArray[np.float32]  # [frames], Hz; 0 where nothing is voiced
Table = NDArray[np.float64]  # [frames, lags]

THRESHOLD = 0.15
QUIETEST = 1e-6  # mean square, -60 dB


def pitch(audio: Samples, analysis: Analysis) -> Pitch:
    """[1 + len // hop] Hz, 0 where unvoiced, at the frames of `features.log_mel`."""
    frames = framed(audio, analysis.frame, analysis.hop)
    shortest = int(analysis.rate / analysis.pitch_high)
    longest = int(analysis.rate / analysis.pitch_low) + 1
    dips = normalised_difference(frames, longest + 2)
    lag, voiced = first_dip(dips, shortest, longest)
    voiced &= (frames.astype(np.float64) ** 2).mean(axis=1) > QUIETEST
    hz = np.where(voiced, analysis.rate / refined(dips, lag), 0.0)
    return smoothed(hz).astype(np.float32)


def normalised_difference(frames: Samples, lags: int) -> Table:
    """d'(lag) for lags 0..lags-1 (equations 6 to 8 of the paper): 1 at lag 0, near 0 at a period."""
    size = frames.shape[1]
    window = size - lags
    ahead = np.fft.rfft(frames, axis=1)
    head = np.fft.rfft(frames[:, :window], n=size, axis=1)
    # With window + lags <= size nothing wraps around, so the circular correlation is the linear one.
    correlation = np.fft.irfft(np.conj(head) * ahead, n=size, axis=1)[:, :lags].astype(np.float64)
    power = np.cumsum(np.pad(frames.astype(np.float64) ** 2, ((0, 0), (1, 0))), axis=1)
    energy = power[:, window : window + lags] - power[:, :lags]
    difference = np.maximum(energy[:, :1] + energy - 2.0 * correlation, 0.0)
    difference[:, 0] = 0.0
    mean = np.cumsum(difference, axis=1) / np.maximum(np.arange(lags), 1)
    ratio = difference / np.maximum(mean, 1e-12)
    ratio[:, 0] = 1.0
    return ratio


def first_dip(dips: Table, shortest: int, longest: int) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Per frame the first local minimum under the threshold between the two lags, and whether there is one."""
    here = dips[:, shortest : longest + 1]
    minimum = (here < dips[:, shortest - 1 : longest]) & (here <= dips[:, shortest + 1 : longest + 2])
    found = minimum & (here < THRESHOLD)
    return found.argmax(axis=1) + shortest, np.asarray(found.any(axis=1))


def refined(dips: Table, lag: NDArray[np.intp]) -> NDArray[np.float64]:
    """The lag between samples: the vertex of the parabola through the minimum and its neighbours."""
    rows = np.arange(len(lag))
    left, here, right = dips[rows, lag - 1], dips[rows, lag], dips[rows, lag + 1]
    bend = left - 2.0 * here + right
    safe = np.where(np.abs(bend) < 1e-12, 1.0, bend)
    return np.asarray(lag + np.clip(0.5 * (left - right) / safe, -0.5, 0.5), np.float64)


def smoothed(hz: NDArray[np.float64], width: int = 5) -> NDArray[np.float64]:
    """Voiced frames take the median of the voiced frames around them: single octave slips vanish, silence stays 0."""
    heard = np.where(hz > 0.0, hz, np.nan)
    windows = sliding_window_view(np.pad(heard, width // 2, constant_values=np.nan), width)
    middle = hz.copy()
    voiced = hz > 0.0
    middle[voiced] = np.nanmedian(windows[voiced], axis=1) if voiced.any() else 0.0
    return middle
