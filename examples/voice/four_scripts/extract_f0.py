"""Step 2 of 4: the pitch of every piece."""

from __future__ import annotations

import sys

import mixdesk
from mixdesk_voice import console
from mixdesk_voice.clips import choose
from mixdesk_voice.options import parse
from mixdesk_voice.stages import Studio


def main(argv: list[str]) -> int:
    """0 done, 3 asked to leave."""
    options = parse(argv)
    studio = Studio(options.out / "cache")
    clips = choose(options.data, options.clips, options.out)
    with mixdesk.job("training_rvc", name=options.name) as job:
        for clip in job.track("f0_extraction", clips):
            studio.stages["f0_extraction"](clip)
        return 0
    return 3


if __name__ == "__main__":
    sys.exit(console.run(lambda: main(sys.argv[1:])))
