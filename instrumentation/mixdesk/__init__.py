"""Mixdesk in a trainer: weighted progress, verified checkpoints on request, pause, cancel and exact resume.

import mixdesk

with mixdesk.job("training_rvc", name="anton", checkpoints="checkpoints") as job:
    for clip in job.track("preprocessing", clips):
        slice_clip(clip)
    job.register(net=net, optimizer=optimizer)
    for epoch in job.epochs("training", 200):
        for batch in epoch.steps(loader):
            train_step(batch)
"""

from __future__ import annotations

from .checkpoints import Checkpoint, resume, save_checkpoint
from .entry import Queued, job, queue
from .errors import Busy, Canceled, CheckpointError, MixdeskError
from .job import Job
from .loops import Epoch
from .phases import Phase
from .version import __version__

__all__ = [
    # a job and its parts
    "job",
    "Job",
    "Phase",
    "Epoch",
    "queue",
    "Queued",
    # checkpoints without a job
    "resume",
    "save_checkpoint",
    "Checkpoint",
    # what is raised
    "Canceled",
    "MixdeskError",
    "Busy",
    "CheckpointError",
    "__version__",
]
