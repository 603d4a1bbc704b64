"""`python -I -S .../runner FOLDER`, with the launch as JSON on its standard input."""
# Pathlib alone would make the runner half as large again.
# ruff: noqa: PTH100, PTH120

from __future__ import annotations

import os
import sys


def _find_package() -> None:
    """Without `site`, and started by its path: last in the list, so that nothing of it hides the standard library."""
    room = os.path.abspath(__file__)
    for _ in range(4):
        room = os.path.dirname(room)
    sys.path.append(room)


if __name__ == "__main__":
    _find_package()
    from mixdesk_control.assets.runner.run import main

    main(sys.argv[1], sys.stdin.buffer.read())
