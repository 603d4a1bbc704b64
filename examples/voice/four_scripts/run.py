"""Starts the four scripts one after another, as RVC's web UI does, and has them report as one job.

python run.py --data DIR --out DIR --name NAME        (any option of `python -m mixdesk_voice`)
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import mixdesk
from mixdesk_voice import console
from mixdesk_voice.options import Options, parse, remember
from mixdesk_voice.settings import VERSION

SCRIPTS = ("preprocess.py", "extract_f0.py", "extract_features.py", "train.py")
LEFT = (3, 143)  # how a script ends that was asked to leave: by the desk, or by SIGTERM


def main(argv: list[str]) -> int:
    """0 when all four are done, 130 when the run was asked to leave before; started again it goes on."""
    options = parse(argv)
    remember(options, finished=False)
    with mixdesk.job("training_rvc", name=options.name, version=VERSION) as job:
        for script in SCRIPTS:
            run_one(script, options, job.environ())
        remember(options, finished=True)
        return 0
    return 130


def run_one(script: str, options: Options, environ: dict[str, str]) -> None:
    """Runs one script, in a process that joins the job by `environ`; leaves with it, fails with it."""
    where = ["--out", str(options.out), "--name", options.name]
    command = [sys.executable, str(Path(__file__).with_name(script)), *where]
    code = subprocess.run(command, env={**os.environ, **environ}, check=False).returncode
    if code in LEFT:
        raise mixdesk.Canceled(f"{script} was asked to leave")
    if code:
        raise RuntimeError(f"{script} ended with {code}; what it printed says why")


if __name__ == "__main__":
    sys.exit(console.run(lambda: main(sys.argv[1:])))
