"""Somebody's words in the learned voice: `python -m mixdesk_voice.convert VOICE.zip IN.wav OUT.wav`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from mixdesk_voice import console, package, synth, vocoder
from mixdesk_voice import index as indexes
from mixdesk_voice.audio import normalise, resample, speech_spans
from mixdesk_voice.data import condition, fit
from mixdesk_voice.features import Mel, log_mel
from mixdesk_voice.package import Voice
from mixdesk_voice.pitch import Pitch, pitch
from mixdesk_voice.wav import Samples, encode_wav, read_wav


def convert(voice: Voice, samples: Samples, rate: int, closeness: float = 0.5) -> Samples:
    """`samples` said by `voice`, at `voice.analysis.rate`; `closeness` 0..1 is how far codes move to the voice's own.

    Piece by piece, as in training: between what is spoken there is silence.
    """
    analysis = voice.analysis
    heard = resample(samples, rate, analysis.rate)
    said = np.zeros_like(heard)
    for start, end in speech_spans(heard, analysis.rate, 0.1, analysis.longest):
        piece = say(voice, normalise(heard[start:end]), closeness)
        said[start : start + len(piece)] = normalise(piece)
    return said


def say(voice: Voice, piece: Samples, closeness: float) -> Samples:
    """One piece of speech of the usual loudness, at the voice's rate."""
    wanted = transposed(pitch(piece, voice.analysis), voice.pitch)
    mel = speak(voice, log_mel(piece, voice.analysis), wanted, closeness)
    return vocoder.voice(mel, wanted, voice.analysis)


def transposed(source: Pitch, median: float) -> Pitch:
    """`source` shifted so that its voiced frames have the median `median` Hz."""
    voiced = source[source > 0.0]
    return source if not len(voiced) else (source * (median / np.median(voiced))).astype(np.float32)


def speak(voice: Voice, mel: Mel, wanted: Pitch, closeness: float) -> Mel:
    """Log-mel [bands, frames] in, the log-mel of the voice out."""
    model, device = voice.model, voice.model.mean.device
    code = indexes.towards(voice.index, indexes.codes(model, mel), closeness)
    moments = torch.from_numpy(code.T.copy())[None].to(device)
    tune = fit(condition(wanted), 2 * len(code))[0][None].to(device)
    with torch.no_grad():
        said: Tensor = model.decode(moments, tune) * model.scale + model.mean
    return np.ascontiguousarray(said[0, :, : mel.shape[1]].cpu().numpy())


def sample(voice: Voice, clips: int = 3) -> dict[str, bytes]:
    """What a stranger's phrases become, and the phrases: wav files under the names they have in a bundle."""
    source = np.concatenate([synth.clip(synth.STRANGER, number) for number in range(clips)])
    said = convert(voice, source, synth.RATE)
    return {package.SAMPLE: encode_wav(said, voice.analysis.rate), package.SOURCE: encode_wav(source, synth.RATE)}


def main(argv: Sequence[str] | None = None) -> int:
    """Converts one file; 0 done, 1 refused with one line."""
    parser = argparse.ArgumentParser(prog="mixdesk_voice.convert", description=__doc__)
    parser.add_argument("voice", type=Path, help="a packaged voice, VOICE.zip")
    parser.add_argument("source", type=Path, help="the wav file to convert")
    parser.add_argument("target", type=Path, help="the wav file to write")
    parser.add_argument("--closeness", type=float, default=0.5, help="0: the source's own sounds, 1: the voice's")
    return console.run(lambda: _convert_file(parser.parse_args(argv)))


def _convert_file(options: argparse.Namespace) -> int:
    voice = package.load(options.voice)
    said = convert(voice, *read_wav(options.source), closeness=options.closeness)
    options.target.write_bytes(encode_wav(said, voice.analysis.rate))
    return 0


if __name__ == "__main__":
    sys.exit(main())
