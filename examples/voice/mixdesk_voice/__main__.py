"""`python -m mixdesk_voice`: learns a voice, or goes on learning it."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from mixdesk_voice import console
from mixdesk_voice.options import Options, parse, remember


def main(argv: Sequence[str] | None = None) -> int:
    """0: the voice is packaged, or the run was asked to leave and can go on; 1: refused, with one line; 130: Ctrl-C."""
    return console.run(lambda: _work(parse(argv)))


def _work(options: Options) -> int:
    from mixdesk_voice import pipeline, train  # torch takes a second or two: not for --help or a wrong option

    print(f"{options.name}: {options.epochs} epochs, in {options.out}", flush=True)
    remember(options, finished=False)
    train.make_exact(options.threads)
    bundle = pipeline.run(options)
    if bundle is None:
        print(f"{options.name}: left before its end; to go on: {_again(options)}", flush=True)
        return 0
    remember(options, finished=True)
    print(f"{options.name}: {bundle} (sample.wav in it is a stranger's words in this voice)", flush=True)
    return 0


def _again(options: Options) -> str:
    return f"python -m mixdesk_voice --out {options.out} --name {options.name}"


if __name__ == "__main__":
    sys.exit(main())
