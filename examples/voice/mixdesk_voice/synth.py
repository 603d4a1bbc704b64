"""A voice made by rule, for machines without recordings: pulses from a glottis, shaped by moving formants.

Deterministic: the same speaker and number give the same samples. The source-filter model is Fant's (1960), the
second-order resonators are Klatt's (JASA 67, 1980), the vowels are the men's averages of Peterson and Barney (JASA 24,
1952).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mixdesk_voice.features import framed, hann
from mixdesk_voice.wav import Samples, encode_wav

RATE = 16_000
FRAME, HOP = 512, 128
VOWELS = np.array(
    [(270, 2290, 3010), (530, 1840, 2480), (660, 1720, 2410), (730, 1090, 2440), (570, 840, 2410), (300, 870, 2240)]
)
UPPER = (3500.0, 4500.0, 5500.0)  # formants that hardly move, and make a voice out of a hum
BANDWIDTHS = (60.0, 90.0, 150.0, 200.0, 250.0, 300.0)
Curve = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Speaker:
    """Median pitch in Hz, a factor on every formant (a shorter throat), breath noise and the seed of what is said."""

    pitch: float = 205.0
    formants: float = 1.17
    breath: float = 0.03
    seed: int = 1


LEARNED = Speaker()
STRANGER = Speaker(pitch=118.0, formants=0.97, breath=0.02, seed=2)


@dataclass(frozen=True, slots=True)
class Score:
    """What a clip says, one value a hop: pitch in Hz, loudness of voice and of noise, six formants in Hz [hops, 6]."""

    pitch: Curve
    voice: Curve
    noise: Curve
    formants: Curve


def write_voice(folder: Path, clips: int, speaker: Speaker = LEARNED) -> Path:
    """`clips` wav files in `folder`; those already there stay. Returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(clips):
        path = folder / f"clip{number:04d}.wav"
        if not path.exists():
            partial = path.with_suffix(".tmp")
            partial.write_bytes(encode_wav(clip(speaker, number), RATE))
            partial.replace(path)
    return folder


def clip(speaker: Speaker, number: int) -> Samples:
    """One phrase of 1.5 to 4 s at 16 kHz, with pauses before, between and after its words."""
    rng = np.random.default_rng((speaker.seed, number))
    score = compose(speaker, rng)
    samples = len(score.pitch) * HOP
    at = np.arange(samples) / HOP
    hops = np.arange(len(score.pitch))
    pulses = glottis(np.interp(at, hops, score.pitch), RATE)
    breath = rng.standard_normal(samples)
    voiced = np.interp(at, hops, score.voice) * (pulses + speaker.breath * breath)
    vowels = shape(voiced, resonance(score.formants))
    hiss = np.diff(np.interp(at, hops, score.noise) * breath, prepend=0.0)
    audio = vowels / max(float(np.abs(vowels).max()), 1e-9) + 0.02 * hiss
    return np.asarray(0.5 * audio / np.abs(audio).max(), np.float32)


def glottis(pitch: Curve, rate: int) -> Curve:
    """The derivative of Rosenberg's pulse (JASA 49, 1971, type C): opens over 40 % of a period, closes over 16 %."""
    phase = np.cumsum(pitch / rate) % 1.0
    opening = 0.5 * np.sin(np.pi * phase / 0.4) * (np.pi / 0.4)
    closing = -np.sin(0.5 * np.pi * (phase - 0.4) / 0.16) * (0.5 * np.pi / 0.16)
    return np.where(phase < 0.4, opening, np.where(phase < 0.56, closing, 0.0)) / 10.0


def resonance(formants: Curve) -> Curve:
    """[hops, FRAME // 2 + 1] gain of six resonators in a row at `formants` in Hz [hops, 6]."""
    turn = np.exp(-2j * np.pi * np.fft.rfftfreq(FRAME))
    gain = np.ones((len(formants), len(turn)))
    for index, bandwidth in enumerate(BANDWIDTHS):
        c = -np.exp(-2.0 * np.pi * bandwidth / RATE)
        b = 2.0 * np.exp(-np.pi * bandwidth / RATE) * np.cos(2.0 * np.pi * formants[:, index] / RATE)[:, None]
        gain = gain * np.abs((1.0 - b - c) / (1.0 - b * turn - c * turn**2))
    return gain


def shape(audio: Curve, gain: Curve) -> Curve:
    """`audio` filtered by one gain a hop: short-time spectra, multiplied, overlapped and added."""
    window = hann(FRAME)
    spectra = np.fft.rfft(framed(audio.astype(np.float32), FRAME, HOP)[: len(gain)] * window, axis=1)
    pieces = np.fft.irfft(spectra * gain, FRAME, axis=1) * window
    out = np.zeros(len(gain) * HOP + FRAME)
    for index, piece in enumerate(pieces):
        out[index * HOP : index * HOP + FRAME] += piece
    return out[FRAME // 2 : FRAME // 2 + len(audio)] / 1.5  # 1.5: the sum of four overlapping squared Hann windows


def compose(speaker: Speaker, rng: np.random.Generator) -> Score:
    """Words of one to four syllables: each a vowel, before some of them a fricative; pitch falls over the phrase."""
    words = [[_syllable(speaker, rng) for _ in range(rng.integers(1, 5))] for _ in range(rng.integers(2, 5))]
    parts = [_pause(rng)]
    for word in words:
        parts += [*word, _pause(rng)]
    rows = _ease(np.concatenate(parts))
    seconds = np.arange(len(rows)) * HOP / RATE
    vibrato = 1.0 + 0.015 * np.sin(2.0 * np.pi * 5.2 * seconds + rng.uniform(0.0, 6.28))
    falling = np.linspace(1.08, 0.92, len(rows))
    return Score(speaker.pitch * rows[:, 2] * falling * vibrato, rows[:, 0], rows[:, 1], rows[:, 3:])


def _syllable(speaker: Speaker, rng: np.random.Generator) -> Curve:
    """[hops, 9]: voice, noise, pitch factor, six formants."""
    vowel = np.append(VOWELS[rng.integers(len(VOWELS))], UPPER) * speaker.formants * rng.uniform(0.97, 1.03)
    factor = 2.0 ** rng.uniform(-0.25, 0.25)
    length = int(rng.uniform(0.11, 0.26) * RATE / HOP)
    sounding = np.tile([1.0, 0.0, factor, *vowel], (length, 1))
    if rng.random() < 0.4:
        hissing = np.tile([0.0, 1.0, factor, *vowel], (int(0.07 * RATE / HOP), 1))
        return np.concatenate([hissing, sounding])
    return sounding


def _pause(rng: np.random.Generator) -> Curve:
    return np.tile([0.0, 0.0, 1.0, 500.0, 1500.0, 2500.0, *UPPER], (int(rng.uniform(0.08, 0.35) * RATE / HOP), 1))


def _ease(rows: Curve, width: int = 7) -> Curve:
    """Values move to the next within 7 hops (56 ms) instead of jumping, as a mouth does."""
    padded = np.pad(rows, ((width // 2, width // 2), (0, 0)), mode="edge")
    kernel = hann(width + 1)[1:].astype(np.float64)
    kernel /= kernel.sum()
    return np.stack([np.convolve(column, kernel, "valid") for column in padded.T], axis=1)
