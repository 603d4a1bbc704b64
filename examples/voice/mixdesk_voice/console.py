"""What every script of this package does around its work: progress as plain lines, a mendable error as one line."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable

from mixdesk_voice.errors import VoiceError


def run(work: Callable[[], int]) -> int:
    """The exit code of `work`; 1, with one line on stderr, for a VoiceError; 130 for Ctrl-C."""
    logging.basicConfig(format="%(message)s", stream=sys.stdout)
    logging.getLogger("mixdesk_voice").setLevel(logging.INFO)
    try:
        return work()
    except VoiceError as problem:
        print(f"mixdesk_voice: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
