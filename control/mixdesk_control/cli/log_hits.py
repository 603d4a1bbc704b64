"""Hits of a search as they come."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from typing import Any

from mixdesk_control.cli import screens, words
from mixdesk_control.cli.errors import CliError
from mixdesk_control.cli.log_lines import OF_LEVELS, OTHERS


def show(lines: Iterable[bytes], *, as_json: bool) -> None:
    """Prints each; says at the end what was not searched. Raises CliError where nothing was found."""
    found, left = 0, ""
    for line in lines:
        hit = _decoded(line)
        if "text" not in hit:
            left = _left(hit)
            continue
        if as_json:
            screens.print_json(hit)
        else:
            sys.stdout.write(_line(hit, colour=sys.stdout.isatty()))
            sys.stdout.flush()
        found += 1
    if left:
        print(f"mixdesk: {words.clean(left)}", file=sys.stderr)  # noqa: T201
    if not found:
        raise CliError("nothing was found")


def _left(last: dict[str, Any]) -> str:
    """What the last line of a search says, in one line."""
    said = [f"there may be more: {last['cut']}"] if last.get("cut") else []
    if unread := last.get("not_searched"):
        more = last.get("not_searched_count", 0) - len(unread)
        said.append("not searched: " + "; ".join(unread) + (f"; and {more} more" if more > 0 else ""))
    return "; ".join(said)


def _decoded(line: bytes) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise CliError("the desk's answer is none of a search")
    return found


def _line(hit: dict[str, Any], *, colour: bool) -> str:
    text = OTHERS.sub("\ufffd", hit["text"])
    code = OF_LEVELS.get(hit.get("level") or "") if colour else None
    where = f"{hit['service']}/{hit['source']}"
    when = words.local(hit["time"]) if hit.get("time") else words.UNKNOWN
    return f"{when}  {words.clean(where)}  " + (f"\x1b[{code}m{text}\x1b[0m" if code else text) + "\n"
