"""The worker processes of torch's loaders, when SIGTERM comes to all processes of a run at once.

Service managers and shells send it to the whole process group. A run that is to save at its next boundary needs
its loaders until then, so their workers get a process group of their own as they are forked. They end as ever: when
the loader tells them, when their parent terminates them, or within seconds when their parent is gone.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from typing import Any

_TORCH = "torch.utils.data._utils.worker"
_TERM = {signal.SIGTERM}
_wanted = 0
_masks = threading.local()


def keep_apart() -> None:
    """From now on take workers out of the process group, until `stop_keeping_apart`."""
    global _wanted
    _wanted += 1


def stop_keeping_apart() -> None:
    """As it was before the matching `keep_apart`."""
    global _wanted
    _wanted -= 1


def is_death(error: BaseException | None) -> bool:
    """Whether an error says that a worker of a loader has died."""
    return isinstance(error, RuntimeError) and "DataLoader worker" in str(error)


def _before_fork() -> None:
    """The child is to be born deaf to SIGTERM, until it is known whether it is a worker."""
    _masks.before = signal.pthread_sigmask(signal.SIG_BLOCK, _TERM) if _wanted else None


def _after_fork_in_parent() -> None:
    if _masks.before is not None:
        signal.pthread_sigmask(signal.SIG_SETMASK, _masks.before)


def _after_fork_in_child() -> None:
    if _masks.before is None:
        return
    if _is_worker(sys._getframe(1)):
        os.setpgid(0, 0)
        if signal.SIGTERM in signal.sigpending():
            signal.sigwait(_TERM)  # it was the group's
    signal.pthread_sigmask(signal.SIG_SETMASK, _masks.before)


def _is_worker(caller: Any) -> bool:
    """Whether this fork is one of a loader: multiprocessing's `_launch` holds the process that it begins."""
    worker = sys.modules.get(_TORCH)
    target = getattr(caller.f_locals.get("process_obj"), "_target", None)
    return worker is not None and target is getattr(worker, "_worker_loop", None)


if hasattr(os, "register_at_fork") and hasattr(signal, "pthread_sigmask"):
    os.register_at_fork(before=_before_fork, after_in_parent=_after_fork_in_parent, after_in_child=_after_fork_in_child)
