"""Step 4 of 4: the training, the index of what was learned, and the packaged voice."""

from __future__ import annotations

import sys

import mixdesk
from mixdesk_voice import console, index
from mixdesk_voice.clips import choose
from mixdesk_voice.options import parse
from mixdesk_voice.pipeline import pack
from mixdesk_voice.settings import VERSION
from mixdesk_voice.stages import Studio
from mixdesk_voice.train import end_epoch, make_exact, prepare, train_step


def main(argv: list[str]) -> int:
    """0 done, 3 asked to leave."""
    options = parse(argv)
    make_exact(options.threads)
    studio = Studio(options.out / "cache")
    utterances = studio.utterances(choose(options.data, options.clips, options.out))
    training = prepare(utterances, options)
    kept = options.out / "checkpoints"
    with mixdesk.job("training_rvc", name=options.name, version=VERSION, checkpoints=kept, save_every="1 epoch") as job:
        job.register(model=training.model, optimizer=training.optimizer, scheduler=training.scheduler)
        for epoch in job.epochs("training", options.epochs):
            for batch in epoch.steps(training.loader):
                job.log(loss=train_step(training, batch))
            end_epoch(training, options.epochs)
        codes = [index.codes(training.model, utterance.mel) for utterance in job.track("index_building", utterances)]
        with job.phase("packaging"):
            job.artifact("voice", pack(options, studio, training, utterances, codes))
        return 0
    return 3


if __name__ == "__main__":
    sys.exit(console.run(lambda: main(sys.argv[1:])))
