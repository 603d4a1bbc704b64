"""`mixdesk exporter`: the meters of this host alone. It needs nothing of the desk's."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def app(args: Sequence[str], prog_name: str) -> None:
    """Runs it, and exits with its status."""
    from mixdesk_exporter.app import main

    sys.exit(main(args))
