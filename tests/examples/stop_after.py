"""`python stop_after.py STEPS HOW ...`: the voice trainer, told to leave right after that many of its optimizer steps.

HOW is `sigterm` (the process ends by it) or `leave` (as the desk asks: the process goes on after the job's block).
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from itertools import count
from typing import Any

from torch.optim.optimizer import register_optimizer_step_post_hook

from mixdesk.job import Job
from mixdesk_voice.__main__ import main

WHEN, HOW = int(sys.argv[1]), sys.argv[2]
STEPS = count(1)


def after_step(*_: Any) -> None:
    if next(STEPS) != WHEN:
        return
    if HOW == "sigterm":
        os.kill(os.getpid(), signal.SIGTERM)
    else:
        next(job for job in gc.get_objects() if isinstance(job, Job)).leave()


if __name__ == "__main__":
    register_optimizer_step_post_hook(after_step)
    sys.exit(main(sys.argv[3:]))
