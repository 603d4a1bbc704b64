"""What can be wrong with a Docker engine, each in one line that says what to do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from requests import Response

MOST_TEXT = 300


class EngineError(Exception):
    """The engine cannot be reached, refuses, or fails; one line.

    told    the engine's own words; empty where it said nothing
    status  that of its answer; None where there was none
    """

    def __init__(self, line: str, told: str = "", status: int | None = None) -> None:
        super().__init__(line)
        self.told, self.status = told, status


class Gone(EngineError):
    """There is no such container."""


def one_line(text: str, most: int = MOST_TEXT) -> str:
    """Without line breaks, and its end alone where it is long: there it says what went wrong."""
    flat = " ".join(text.split())
    return flat if len(flat) <= most else f"…{flat[1 - most :]}"


def answered(address: str, call: str, status: int, told: str) -> EngineError:
    """Of an answer that is none of success."""
    kind = Gone if status == 404 else EngineError
    told = one_line(told)
    return kind(f"{address}: the Docker engine answers {call} with {status}: {told}", told, status)


def message(response: Response) -> str:
    """What the engine says in an answer of failure; a proxy's page where it is that."""
    try:
        return str(response.json()["message"])
    except (ValueError, KeyError, TypeError):
        return response.text


def trouble(error: BaseException, call: str, timeout_s: float) -> str:
    """Why a call had no answer, and what to do."""
    from requests import Timeout

    causes = list(_causes(error))
    if any(isinstance(cause, FileNotFoundError | ConnectionRefusedError) for cause in causes):
        return "no Docker engine answers here; start it, or set `docker` in [logs] to where it is"
    if any(isinstance(cause, PermissionError) for cause in causes):
        return "this user may not use the Docker engine; add it to the group docker, or see docs/security.md"
    if any(isinstance(cause, Timeout | TimeoutError) for cause in causes):
        return f"the Docker engine has not answered {call} within {timeout_s:g} s"
    return f"{call} failed: {one_line(str(error)) or type(error).__name__}"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
