"""Which logs a person means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from mixdesk_control.cli.errors import CliError

if TYPE_CHECKING:
    from mixdesk_control.cli.client import Client

Source = dict[str, Any]


def logs_path(*parts: str) -> str:
    """The path of something below `/admin/logs`, each part quoted."""
    return "/".join(["/admin/logs", *(quote(part, safe="") for part in parts)])


def all_services(client: Client) -> list[dict[str, Any]]:
    """Whatever writes logs."""
    return list(client.get(logs_path("services"))["items"])


def sources_of(client: Client, service: str) -> list[Source]:
    """The logs of a service, best first."""
    return list(client.items(logs_path("sources", service)))


def find_sources(client: Client, words: Sequence[str]) -> list[Source]:
    """`api error`, `api/error nginx/access`, `api`: by id or kind; of a service alone its best one.

    Raises CliError, which names those there are.
    """
    found: list[Source] = []
    for service, name in _pairs(words):
        source = _one(sources_of(client, service), service, name)
        if source not in found:
            found.append(source)
    return found


def narrowed(words: Sequence[str]) -> dict[str, list[str]]:
    """`api nginx/access` as a search has them: all logs of the one, one log of the other."""
    asked = {
        "service": [word.rstrip("/") for word in words if "/" not in word.rstrip("/")],
        "source": [word for word in words if "/" in word.rstrip("/")],
    }
    return {name: given for name, given in asked.items() if given}


def _pairs(words: Sequence[str]) -> list[tuple[str, str | None]]:
    """A word with `/` is both; the first one without is a service, and those behind it are its sources."""
    pairs: list[tuple[str, str | None]] = []
    service: str | None = None
    named = True
    for word in words:
        if "/" in word:
            one, _, name = word.partition("/")
            if not one:
                raise CliError(f"{word!r} names no service: write SERVICE, or SERVICE/LOG", exit_code=2)
            pairs.append((one, name or None))
        elif service is None:
            service, named = word, False
        else:
            pairs.append((service, word))
            named = True
    return pairs if service is None or named else [*pairs, (service, None)]


def _one(sources: Sequence[Source], service: str, name: str | None) -> Source:
    if not sources:
        raise CliError(f"{service} has no logs: `mixdesk logs services` shows which services have some")
    if name is None:
        return next((source for source in sources if source["readable"]), sources[0])
    for key in ("id", "kind"):
        for source in sources:
            if source[key] == name:
                return source
    some = ", ".join(source["id"] for source in sources[:20])
    raise CliError(f"{service} has no log {name!r}; it has {some}")
