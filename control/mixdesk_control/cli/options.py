"""Arguments and options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Url = Annotated[
    str | None,
    typer.Option("--url", help="Address of the desk (default: MIXDESK_URL, else this host's).", metavar="URL"),
]
TokenFile = Annotated[
    Path | None,
    typer.Option(
        "--token-file", help="File with a token (default: MIXDESK_CLI_TOKEN, else this host's).", metavar="FILE"
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON alone.")]
JobRef = Annotated[
    str | None,
    typer.Argument(
        metavar="JOB",
        help="Id, unique beginning of one, or name (the newest of it); may be left out when exactly one job runs.",
        show_default=False,
    ),
]
