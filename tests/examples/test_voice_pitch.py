"""The pitch of sounds whose pitch is known."""

from __future__ import annotations

import numpy as np
import pytest

from mixdesk_voice.pitch import pitch, smoothed
from mixdesk_voice.settings import Analysis

RATE = 16_000


@pytest.mark.parametrize("hz", [70.0, 98.0, 131.3, 220.0, 330.0, 480.0])
@pytest.mark.parametrize("harmonics", [1, 12])
def test_a_steady_tone_within_half_a_percent(analysis: Analysis, hz: float, harmonics: int) -> None:
    at = np.arange(RATE) / RATE
    audio = sum(np.sin(2 * np.pi * hz * k * at) / k for k in range(1, harmonics + 1)) * 0.2
    found = pitch(np.asarray(audio, np.float32), analysis)
    assert len(found) == 101
    assert found[5:-5] == pytest.approx(hz, rel=5e-3)


def test_a_missing_fundamental_is_heard(analysis: Analysis) -> None:
    at = np.arange(RATE) / RATE
    audio = sum(np.sin(2 * np.pi * 150 * k * at) for k in (3, 4, 5)) * 0.1
    assert np.median(pitch(np.asarray(audio, np.float32), analysis)) == pytest.approx(150, rel=5e-3)


def test_a_glide_is_followed(analysis: Analysis) -> None:
    hz = np.linspace(120, 240, RATE)
    phase = 2 * np.pi * np.cumsum(hz) / RATE
    found = pitch((0.3 * (np.sin(phase) + 0.5 * np.sin(2 * phase))).astype(np.float32), analysis)
    assert found[5:-5] == pytest.approx(np.append(hz[::160], 240)[5:-5], rel=0.02)


def test_noise_and_silence_are_unvoiced(analysis: Analysis) -> None:
    noise = (0.1 * np.random.default_rng(5).standard_normal(RATE)).astype(np.float32)
    assert (pitch(noise, analysis) > 0).mean() < 0.05
    assert not pitch(np.zeros(RATE, np.float32), analysis).any()
    assert not pitch(np.sin(np.arange(RATE) * 0.1).astype(np.float32) * 1e-4, analysis).any()


def test_one_octave_slip_vanishes_and_silence_stays() -> None:
    track = np.array([0, 0, 100, 101, 202, 102, 103, 0, 0], float)
    assert smoothed(track).tolist() == [0, 0, 101, 101.5, 102, 102.5, 103, 0, 0]
