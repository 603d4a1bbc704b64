"""`mixdesk doctor`: what works here, what is missing, what to do."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mixdesk_control.cli.errors import refusals
from mixdesk_control.cli.options import AsJson
from mixdesk_control.cli.up import load_settings

if TYPE_CHECKING:
    from mixdesk_control.doctor.finding import Finding

app = typer.Typer(add_completion=False)

SIGNS = {"ok": ("✔", "green"), "absent": ("–", "dim"), "warning": ("!", "yellow"), "broken": ("✘", "bold red")}


@app.command()
@refusals
def doctor(
    as_json: AsJson = False,
    config: Annotated[Path | None, typer.Option(help="Settings file (default: mixdesk.toml, if it is here).")] = None,
) -> None:
    """Check what works here. Exits with 1 where something that is configured does not work."""
    from mixdesk_control.cli import screens
    from mixdesk_control.doctor import runner
    from mixdesk_control.doctor.finding import BROKEN, Context

    findings = runner.run(Context(load_settings(config)))
    if as_json:
        screens.print_json([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            _show(finding)
    if any(finding.verdict == BROKEN for finding in findings):
        raise typer.Exit(1)


def _show(finding: Finding) -> None:
    from rich.text import Text

    from mixdesk_control.cli import screens

    sign, style = SIGNS[finding.verdict]
    line = Text.assemble((f"{sign} ", style), (f"{finding.check:<13} ", ""), finding.found)
    if finding.todo is not None:
        line.append(f"\n  {'':<13} → {finding.todo}", style="dim" if finding.verdict == "absent" else style)
    screens.console().print(line, soft_wrap=True)
