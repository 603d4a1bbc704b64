"""A run, from recordings to a packaged voice. Every line of the package that is about mixdesk is in this file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import mixdesk
from mixdesk_voice import convert, index, package
from mixdesk_voice.clips import choose
from mixdesk_voice.errors import InUseError
from mixdesk_voice.options import Options
from mixdesk_voice.settings import VERSION
from mixdesk_voice.stages import Studio, Utterance
from mixdesk_voice.train import Training, end_epoch, median_pitch, prepare, train_step


def run(options: Options) -> Path | None:
    """The packaged voice; None where the run was asked to leave before its end; InUseError where it has a twin."""
    try:
        return _run(options, Studio(options.out / "cache"), options.out / "checkpoints")
    except mixdesk.Busy as twin:
        raise InUseError(f"{twin}; wait for it, or pass another --name") from twin


def _run(options: Options, studio: Studio, kept: Path) -> Path | None:
    clips = choose(options.data, options.clips, options.out)
    seconds = sum(clip.seconds for clip in clips)
    with mixdesk.job("training_rvc", name=options.name, version=VERSION, checkpoints=kept, save_every="1 epoch") as job:
        job.expect(**dict.fromkeys(studio.stages, seconds), training=seconds * options.epochs, index_building=seconds)
        for stage, work in studio.stages.items():
            with job.phase(stage, total=seconds, unit="seconds") as phase:
                for clip in clips:
                    work(clip)
                    phase.advance(clip.seconds)

        utterances = studio.utterances(clips)
        training = prepare(utterances, options)
        job.register(model=training.model, optimizer=training.optimizer, scheduler=training.scheduler)
        for epoch in job.epochs("training", options.epochs):
            for batch in epoch.steps(training.loader):
                job.log(loss=train_step(training, batch))
            end_epoch(training, options.epochs)

        codes = [index.codes(training.model, utterance.mel) for utterance in job.track("index_building", utterances)]
        with job.phase("packaging"):
            bundle = pack(options, studio, training, utterances, codes)
        job.artifact("voice", bundle)
        return bundle
    return None


def pack(
    options: Options, studio: Studio, training: Training, utterances: Sequence[Utterance], codes: Sequence[index.Codes]
) -> Path:
    """Weights, index, configuration and a sample of a stranger's words, as one file."""
    voice = package.Voice(
        name=options.name,
        version=VERSION,
        model=training.model,
        index=index.build(codes),
        size=training.model.size,
        analysis=studio.analysis,
        pitch=median_pitch(utterances),
    )
    return package.write(options.bundle, {**package.parts_of(voice), **convert.sample(voice)})
