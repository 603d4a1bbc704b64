"""What `make demo` runs: a desk of this host where none runs yet, then a real training run.

A desk that it started serves on until Ctrl-C.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

MIXDESK = str(Path(sys.executable).with_name("mixdesk"))
START_WAIT_S = 60.0
# the demo is for the desk of this host, whatever the shell's variables say of another one
ENV = {
    key: value for key, value in os.environ.items() if key not in ("MIXDESK_URL", "MIXDESK_TOKEN", "MIXDESK_CLI_TOKEN")
}


def main() -> int:
    """Start what is missing, run the demo, serve on."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    desk = None if _login().returncode == 0 else subprocess.Popen([MIXDESK, "up"], env=ENV)
    try:
        if desk is not None and not _wait_for(desk):
            return _give_up(desk)
        if desk is None:
            print(_login().stdout, end="", flush=True)
        outcome = subprocess.run([MIXDESK, "demo"], env=ENV, check=False).returncode
        if desk is None or outcome != 0:
            return outcome
        print("\nThe desk serves on. Run 'make demo' again for another run; Ctrl-C here ends the desk.", flush=True)
        return desk.wait()
    except KeyboardInterrupt:
        return 130
    finally:
        _end(desk)


def _login() -> subprocess.CompletedProcess[str]:
    return subprocess.run([MIXDESK, "login"], env=ENV, capture_output=True, text=True, check=False)


def _wait_for(desk: subprocess.Popen[bytes]) -> bool:
    deadline = time.monotonic() + START_WAIT_S
    while time.monotonic() < deadline and desk.poll() is None:
        if _login().returncode == 0:
            return True
        time.sleep(0.2)
    return False


def _give_up(desk: subprocess.Popen[bytes]) -> int:
    if desk.poll() is not None:
        return desk.returncode or 1  # it has said why
    print(f"mixdesk: the desk was started and cannot be used: {_login().stderr.strip()}", file=sys.stderr)
    return 1


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
