"""`mixdesk exporter`: the meters of this host alone. It needs nothing of the desk's, unless settings are there."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

FILE = "mixdesk.toml"
VARIABLES = "MIXDESK_EXPORTER__"


def app(args: Sequence[str], prog_name: str) -> None:
    """Runs it, and exits with its status."""
    from mixdesk_exporter.app import main

    sys.exit(main(args, settings))


def settings(config: Path | None, env: Mapping[str, str] | None = None) -> dict[str, Any]:
    """What `[exporter]` sets, by file or environment, as the exporter's flags are called. Raises ValueError, one line.

    Without a file and a variable nothing of the desk is imported.
    """
    env = os.environ if env is None else env
    variable = next((name for name in env if name.upper().startswith(VARIABLES)), None)
    if config is None and variable is None and not Path(FILE).is_file():
        return {}
    try:
        from mixdesk_control import settings as desk
    except ModuleNotFoundError as error:
        what = config or variable or FILE
        raise ValueError(f"{what}: reading it takes {error.name}; pip install 'mixdesk[control]'") from error
    try:
        table = desk.load(config, env).exporter
    except desk.SettingsError as error:
        raise ValueError(str(error)) from error
    found = {key: getattr(table, key) for key in table.model_fields_set}
    # None is not set, and OTEL_METRICS_EXPORTER may ask for OTLP where the settings do not.
    return {key: value for key, value in found.items() if value is not None and (key != "otlp" or value)}
