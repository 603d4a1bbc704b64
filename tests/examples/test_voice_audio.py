"""Cutting, levelling and resampling, on signals whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest

from mixdesk_voice.audio import cut, join_spans, normalise, resample, runs, speech_spans, split_span
from mixdesk_voice.settings import Analysis


def tone(hz: float, seconds: float, rate: int, amplitude: float = 0.5) -> np.ndarray:
    return (amplitude * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


@pytest.mark.parametrize("rate", [8_000, 11_025, 22_050, 44_100, 44_101, 48_000, 96_000])
def test_a_resampled_tone_is_the_tone_at_the_other_rate(rate: int) -> None:
    out = resample(tone(440, 2.0, rate), rate, 16_000)
    inner = slice(800, -800)
    assert len(out) == 32_000
    assert np.abs(out - tone(440, 2.0, 16_000))[inner].max() < 5e-3


def test_what_does_not_fit_under_the_new_rate_is_gone() -> None:
    out = resample(tone(10_000, 1.0, 48_000), 48_000, 16_000)
    assert np.abs(out[800:-800]).max() < 1e-2


def test_nothing_and_the_same_rate_come_back_as_they_are() -> None:
    empty, same = np.zeros(0, np.float32), tone(100, 0.1, 16_000)
    assert len(resample(empty, 8_000, 16_000)) == 0
    assert resample(same, 16_000, 16_000) is same


def test_pieces_are_where_the_sound_is_and_short_gaps_do_not_part_them() -> None:
    rate, quiet = 8_000, np.zeros(4_000, np.float32)
    word = np.concatenate([tone(200, 0.4, rate), np.zeros(800, np.float32), tone(300, 0.4, rate)])
    spans = speech_spans(np.concatenate([quiet, word, quiet, tone(250, 0.5, rate), quiet]), rate, 0.3, 8.0)
    expected = [(4_000, 11_200), (15_200, 19_200)]
    assert len(spans) == 2
    for found, wanted in zip(spans, expected, strict=True):
        assert np.abs(np.array(found) - wanted).max() <= 0.07 * rate


def test_short_clicks_are_dropped_and_long_speech_is_split() -> None:
    rate, quiet = 8_000, np.zeros(8_000, np.float32)
    assert speech_spans(np.concatenate([quiet, tone(200, 0.02, rate), quiet]), rate, 0.3, 8.0) == []
    pieces = speech_spans(tone(200, 20.0, rate), rate, 0.3, 8.0)
    assert len(pieces) == 3
    assert all(6.0 * rate < end - start <= 8.0 * rate for start, end in pieces)


def test_silence_noise_floor_and_nothing_hold_no_speech(analysis: Analysis) -> None:
    hiss = (1e-4 * np.random.default_rng(0).standard_normal(16_000)).astype(np.float32)
    for audio in (np.zeros(16_000, np.float32), hiss, np.zeros(0, np.float32), np.ones(3, np.float32)):
        assert cut(audio, 16_000, analysis) == []


def test_pieces_have_one_loudness_whatever_the_recording_had(analysis: Analysis) -> None:
    for amplitude in (0.01, 0.9):
        (piece,) = cut(tone(220, 1.0, 44_100, amplitude) + np.float32(0.05), 44_100, analysis)
        assert piece.dtype == np.float32
        assert np.sqrt((piece**2).mean()) == pytest.approx(0.1, rel=0.02)


def test_levelling_never_clips_and_leaves_silence_alone() -> None:
    click = np.zeros(1_000, np.float32)
    click[500] = 0.01
    assert np.abs(normalise(click)).max() == pytest.approx(0.95, rel=1e-5)
    assert not normalise(np.zeros(10, np.float32)).any()


def test_spans() -> None:
    flags = np.array([1, 1, 0, 0, 1, 0, 1], bool)
    assert runs(flags) == [(0, 2), (4, 5), (6, 7)]
    assert join_spans([(0, 2), (4, 5), (6, 7)], 1) == [(0, 2), (4, 7)]
    assert split_span((10, 20), 4) == [(10, 13), (13, 16), (16, 20)]
