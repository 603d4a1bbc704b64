"""The command `mixdesk`: a door that imports the standard library alone, and one thin file a noun behind it."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Sequence

NEEDED = (3, 11)

# noun: (module, attribute with its typer app, what it does)
NOUNS = {
    "up": ("up", "start the desk: meters and faders on one port"),
    "exporter": ("exporter", "the meters of this host alone, for Prometheus"),
    "login": ("login", "print a fresh login link"),
    "demo": ("demo", "train a small voice model and watch it"),
    "jobs": ("jobs", "list, show, watch; checkpoint, pause, resume, cancel, delete"),
    "assets": ("assets", "list, watch; start and stop models and services; init writes a registry"),
    "logs": ("logs", "list and tail logs of all services and jobs; search, download, targets"),
    "checkpoints": ("checkpoints", "list, verify and find checkpoint files"),
    "notify": ("notify", "send a test message to whoever is told of jobs"),
    "token": ("token", "list, create and revoke tokens"),
    "backup": ("backup", "copy the database to a file"),
    "completion": ("completion", "print what bash, zsh or fish need to complete commands and ids"),
    "doctor": ("doctor", "check what works here and what to do about the rest"),
}

# What an import needs, and the extra that brings it.
EXTRAS = {
    "torch": "demo",
    "faiss": "demo",
    "numpy": "demo",
    "psycopg": "postgres",
    "mixdesk_voice": "demo",
    "httptools": "exporter",
}


def main(argv: Sequence[str] | None = None) -> None:
    """Runs the command line; exits with 0 done, 1 refused or failed, 2 usage."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        sys.stdout.write(usage())
        sys.exit(0 if arguments else 2)
    if arguments[0] in ("-V", "--version"):
        sys.stdout.write(f"mixdesk {_version()}\n")
        sys.exit(0)
    if arguments[0] not in NOUNS:
        _fail(f"{arguments[0]!r} is no command; see `mixdesk --help`", 2)
    if sys.version_info < NEEDED:
        here = ".".join(str(part) for part in sys.version_info[:3])
        _fail(f"the desk and its commands need Python 3.11 or newer, this is {here}; the trainer library runs here", 2)
    run(arguments[0], arguments[1:])


def run(noun: str, arguments: Sequence[str]) -> None:
    """Imports a noun's module and hands it the rest of the line."""
    try:
        module = importlib.import_module(f"mixdesk_control.cli.{NOUNS[noun][0]}")
        module.app(args=list(arguments), prog_name=f"mixdesk {noun}")
    except ModuleNotFoundError as error:
        _fail(missing(error.name or "", noun), 2)


def missing(name: str, noun: str) -> str:
    """One line for a module that is not installed."""
    root = name.partition(".")[0]
    if root in ("mixdesk", "mixdesk_control", "mixdesk_exporter") or not root:
        return f"`mixdesk {noun}` is not in this installation ({name} is missing)"
    extra = EXTRAS.get(root, "control")
    return f"`mixdesk {noun}` needs {root}, which is not installed: pip install 'mixdesk[{extra}]'"


def usage() -> str:
    """The help of the whole command."""
    width = max(len(noun) for noun in NOUNS)
    lines = [f"  {noun:<{width}}  {words}" for noun, (_, words) in NOUNS.items()]
    return (
        "usage: mixdesk COMMAND ...\n\n"
        "Meters and faders for machines that train and serve voice models.\n\n"
        "commands:\n" + "\n".join(lines) + "\n\n"
        "`mixdesk COMMAND --help` says more. Start with `mixdesk up`, then `mixdesk demo`.\n"
    )


def _version() -> str:
    from mixdesk.version import __version__

    return __version__


def _fail(message: str, status: int) -> None:
    sys.stderr.write(f"mixdesk: {message}\n")
    sys.exit(status)
