"""Real trainers for benchmarks: processes with the trainer library, paused and resumed."""

from __future__ import annotations

import asyncio
import json
import secrets
import sys
from pathlib import Path

from shared.cheap import Clicker, Connection, request
from shared.desk import Desk

STOPPED_S = 0.15  # a stop shorter than this the script does not take for one
SCRIPT = Path(__file__).parent / "trainers" / "pausing.py"


class RealTrainer:
    """One process in a loop of 1 ms steps."""

    def __init__(self, name: str, process: asyncio.subprocess.Process) -> None:
        self.name = name
        self.process = process
        self.job_id = ""

    @classmethod
    async def start(cls, desk: Desk, name: str) -> RealTrainer:
        """A trainer that finds the desk by its state folder."""
        env = desk.env | {"OMP_NUM_THREADS": "1"}
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            str(SCRIPT),
            name,
            env=env,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        return cls(name, process)

    async def seen(self, timeout_s: float = 30.0) -> float:
        """When its loop saw the newest pause; to be asked once it has been resumed."""
        assert self.process.stdout is not None
        line = await asyncio.wait_for(self.process.stdout.readline(), timeout_s)
        return float(line.split()[1])

    def end(self) -> None:
        """Kills it."""
        if self.process.returncode is None:
            self.process.kill()


async def start_all(desk: Desk, count: int) -> list[RealTrainer]:
    """So many trainers, once the desk says that they run."""
    group = secrets.token_hex(3)  # trainers of this name that were killed run on for the desk until their lease ends
    trainers = [await RealTrainer.start(desk, f"real-{group}-{number}") for number in range(count)]
    connection = await Connection.open(desk.port)
    while True:
        _, body = await connection.ask(request("GET", "/jobs?status=running&limit=1000", desk.tokens["viewer"]))
        ids = {item["name"]: item["job_id"] for item in json.loads(body)["items"]}
        if all(trainer.name in ids for trainer in trainers):
            break
        await asyncio.sleep(0.2)
    for trainer in trainers:
        trainer.job_id = ids[trainer.name]
    connection.close()
    await asyncio.sleep(1.0)  # until all of them poll
    return trainers


async def resume(clicker: Clicker, trainer: RealTrainer) -> float:
    """Resumes one that was asked to pause, once it does; when its loop had seen the pause."""
    await _until(clicker, trainer, "paused")
    await asyncio.sleep(STOPPED_S)
    await clicker.click_until_answered(trainer.job_id, "resume")
    seen = await trainer.seen()
    await _until(clicker, trainer, "running")
    return seen


async def _until(clicker: Clicker, trainer: RealTrainer, status: str) -> None:
    while await clicker.status(trainer.job_id) != status:  # noqa: ASYNC110
        await asyncio.sleep(0.05)
