"""What `make demo` runs: a desk where none runs yet, then a real training run. The desk serves on until Ctrl-C."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

MIXDESK = str(Path(sys.executable).with_name("mixdesk"))
START_WAIT_S = 30.0


def main() -> int:
    """Start what is missing, run the demo, serve on."""
    desk = None if _desk_answers() else subprocess.Popen([MIXDESK, "up"])
    try:
        if desk is not None and not _wait_for(desk):
            return desk.wait()
        if desk is None:
            subprocess.run([MIXDESK, "login"], check=False)
        outcome = subprocess.run([MIXDESK, "demo"], check=False).returncode
        if desk is None or outcome != 0:
            return outcome
        print("\nThe desk serves on. Run 'make demo' again for another run; Ctrl-C here ends the desk.", flush=True)
        return desk.wait()
    except KeyboardInterrupt:
        return 130
    finally:
        _end(desk)


def _desk_answers() -> bool:
    return subprocess.run([MIXDESK, "login"], capture_output=True, check=False).returncode == 0


def _wait_for(desk: subprocess.Popen[bytes]) -> bool:
    deadline = time.monotonic() + START_WAIT_S
    while time.monotonic() < deadline and desk.poll() is None:
        if _desk_answers():
            return True
        time.sleep(0.2)
    return False


def _end(desk: subprocess.Popen[bytes] | None) -> None:
    if desk is None or desk.poll() is not None:
        return
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    desk.send_signal(signal.SIGTERM)
    try:
        desk.wait(10)
    except subprocess.TimeoutExpired:
        os.kill(desk.pid, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main())
