"""Refusals as one line on stderr: exit 1 where something was refused or failed, 2 for wrong usage."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any, ParamSpec, TypeVar

import typer

from mixdesk_control.cli import words

P = ParamSpec("P")
R = TypeVar("R")


class CliError(Exception):
    """Why a command could not do what it was asked; the message is one line for a person.

    status     what the desk answered, None where it is not the desk that refused
    exit_code  1 for what was refused or failed, 2 for what cannot work as it was called
    problem    all that the desk said, where it is the desk that refused
    """

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        exit_code: int = 1,
        problem: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.exit_code, self.problem = status, exit_code, problem or {}


def refusals(command: Callable[P, R]) -> Callable[P, R]:
    """A command whose CliError becomes its message on stderr and its exit status."""

    @functools.wraps(command)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except CliError as error:
            typer.echo(f"mixdesk: {words.clean(str(error))}", err=True)
            raise typer.Exit(error.exit_code) from error

    return guarded
