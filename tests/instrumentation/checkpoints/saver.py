"""A program of the tests: imports torch once, then forks a saver for every request, which the tests may kill.

A request is one line of JSON on stdin: {"do": name, ...}. The answers: {"pid": N} at once, {"status": N} at its end
(negative: the signal that ended it).
"""

from __future__ import annotations

import itertools
import json
import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any

import torch

from mixdesk import checkpoints


def payload(step: int, floats: int) -> dict[str, Any]:
    state = {"net": {"weight": torch.full((floats,), float(step)), "step": step}}
    return checkpoints.collect(state, position={"epoch": 0, "step": step})


def save(request: dict[str, Any], step: int) -> checkpoints.Checkpoint:
    return checkpoints.save(
        request["folder"], name=request.get("name", "anton"), version="0.5", epoch=0, step=step,
        payload=payload(step, request["floats"]), job_id="run", reason="automatic",
    )  # fmt: skip


def save_until_killed(request: dict[str, Any]) -> None:
    """One save after the other, old ones pruned; every acknowledged serial is written to the file `acks`."""
    acks = os.open(request["acks"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for step in itertools.count(request["step"]):
        os.write(acks, f"{save(request, step).serial}\n".encode())
        checkpoints.prune(request["folder"], name="anton", version="0.5", keep=2, job_id="run")


def save_some(request: dict[str, Any]) -> None:
    """`count` saves, all at the same step."""
    for _ in range(request["count"]):
        save(request, request["step"])


def killed_before_call(request: dict[str, Any]) -> None:
    """One save and one prune, killed before the n-th call into the operating system; ends with 0 if there are fewer."""
    left = request["call"]

    def count(_frame: FrameType, event: str, called: Any) -> None:
        nonlocal left
        if event == "c_call" and getattr(called, "__module__", "") == "posix":
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.setprofile(count)
    save(request, request["step"])
    checkpoints.prune(request["folder"], name="anton", version="0.5", keep=2, job_id="run")
    sys.setprofile(None)


def claim_with_child(request: dict[str, Any]) -> None:
    """Claims the run, forks a child that goes on living, writes the child's pid to the file `note`, and waits."""
    checkpoints.claim(request["folder"], "anton", "0.5", "run")
    child = os.fork()
    if child:
        Path(request["note"]).write_text(f"{child}\n")
    signal.pause()


def serve() -> None:
    actions = {
        action.__name__: action for action in (save_until_killed, save_some, killed_before_call, claim_with_child)
    }
    torch.set_num_threads(1)
    for line in sys.stdin:
        request = json.loads(line)
        pid = os.fork()
        if pid == 0:
            actions[request["do"]](request)
            os._exit(0)
        print(json.dumps({"pid": pid}), flush=True)
        _, status = os.waitpid(pid, 0)
        print(json.dumps({"status": os.waitstatus_to_exitcode(status)}), flush=True)


if __name__ == "__main__":
    serve()
