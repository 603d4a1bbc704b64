"""A real trainer with steps of 1 ms that says when it saw a pause: `seen MONOTONIC_SECONDS`, once it goes on."""

from __future__ import annotations

import sys
import time

import mixdesk

STEP_S, STOPPED_S = 0.001, 0.1
STEPS = 10_000_000


def main() -> None:
    """Runs until it is killed or asked to leave."""
    with mixdesk.job("training_rvc", name=sys.argv[1]) as job:
        for epoch in job.epochs("training", 1):
            left = time.monotonic()
            for _ in epoch.steps(range(STEPS)):
                came = time.monotonic()
                if came - left > STOPPED_S:  # the flag was read as this boundary was entered
                    print(f"seen {left!r}", flush=True)
                time.sleep(STEP_S)
                left = time.monotonic()


if __name__ == "__main__":
    main()
