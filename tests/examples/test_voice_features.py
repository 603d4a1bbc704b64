"""The mel scale, the filterbank and the log-mel, by their properties."""

from __future__ import annotations

import numpy as np
import pytest

from mixdesk_voice import features
from mixdesk_voice.settings import Analysis


def test_the_mel_scale_is_its_formula_and_has_an_inverse() -> None:
    hz = np.array([0.0, 700.0, 1_000.0, 7_600.0])
    mel = features.hz_to_mel(hz)
    assert mel[0] == 0.0
    assert mel[1] == pytest.approx(2595 * np.log10(2))
    assert mel[2] == pytest.approx(1_000.0, abs=0.1)  # by definition of the unit
    assert features.mel_to_hz(mel) == pytest.approx(hz)


def test_between_the_first_and_last_peak_every_frequency_counts_once(analysis: Analysis) -> None:
    bank = features.filterbank(analysis)
    edges = features.band_edges(analysis)
    bins = np.fft.rfftfreq(analysis.frame, 1 / analysis.rate)
    covered = (bins >= edges[1]) & (bins <= edges[-2])
    assert bank.shape == (analysis.bands, analysis.frame // 2 + 1)
    assert bank.sum(axis=0)[covered] == pytest.approx(1.0, abs=1e-5)
    assert (bank >= 0).all()
    assert (bank.max(axis=1) > 0).all()
    assert (np.diff(bank.argmax(axis=1)) >= 0).all()
    assert not bank[:, (bins <= edges[0]) | (bins >= edges[-1])].any()


@pytest.mark.parametrize("hz", [150.0, 440.0, 1_000.0, 3_000.0, 6_500.0])
def test_a_tone_is_loudest_in_the_band_around_it(analysis: Analysis, hz: float) -> None:
    audio = np.sin(2 * np.pi * hz * np.arange(16_000) / 16_000).astype(np.float32)
    mel = features.log_mel(audio, analysis)
    loudest = int(mel[:, 50].argmax())
    edges = features.band_edges(analysis)
    assert mel.shape == (80, 101)
    assert edges[loudest] < hz < edges[loudest + 2]


def test_silence_lies_on_the_floor_and_twice_the_amplitude_is_ln_2_more(analysis: Analysis) -> None:
    assert (features.log_mel(np.zeros(1_600, np.float32), analysis) == np.float32(np.log(features.FLOOR))).all()
    noise = np.random.default_rng(3).standard_normal(16_000).astype(np.float32) * 0.1
    more = features.log_mel(2 * noise, analysis) - features.log_mel(noise, analysis)
    assert more == pytest.approx(np.log(2), abs=1e-3)


def test_a_sine_of_amplitude_one_reads_one() -> None:
    audio = np.sin(2 * np.pi * 1_000 * np.arange(16_000) / 16_000).astype(np.float32)
    assert features.magnitudes(audio, 1024, 160)[64, 50] == pytest.approx(1.0, abs=1e-3)
