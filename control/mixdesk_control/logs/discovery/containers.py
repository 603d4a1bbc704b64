"""What the engine says of a container, as far as its logs are concerned. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

JSON_FILE = "json-file"
_LABEL = "com.docker.compose."


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """One, running or not.

    service  by the label of compose; None where nobody but its name tells
    number   of the replica, from 1
    once     made for one command (`docker compose run`)
    created  as the engine writes it: the later, the greater
    pid      of its first process on the engine's host; 0 where it does not run
    ticks    that process's start; None where it cannot be seen
    mounts   (path in it, path on the engine's host) each
    driver   that of its output: json-file, local, none, ...
    log      the file of the driver json-file; empty where there is none
    """

    id: str
    name: str
    project: str | None = None
    service: str | None = None
    number: int = 1
    once: bool = False
    state: str = ""
    created: str = ""
    pid: int = 0
    ticks: int | None = None
    mounts: tuple[tuple[str, str], ...] = ()
    terminal: bool = False
    driver: str = JSON_FILE
    log: str = ""

    @property
    def runs(self) -> bool:
        """Whether it has processes now."""
        return self.state in ("running", "paused") and self.pid > 0


def container(told: Mapping[str, Any]) -> Container:
    """Of what `inspect` answers. Raises KeyError where that is none."""
    config, host, state = (_table(told, name) for name in ("Config", "HostConfig", "State"))
    labels, driver = _table(config, "Labels"), _table(host, "LogConfig").get("Type") or JSON_FILE
    return Container(
        id=str(told["Id"]),
        name=str(told["Name"]).removeprefix("/"),
        project=labels.get(f"{_LABEL}project") or None,
        service=labels.get(f"{_LABEL}service") or None,
        number=_number(labels.get(f"{_LABEL}container-number")),
        once=str(labels.get(f"{_LABEL}oneoff", "")).lower() == "true",
        state=str(state.get("Status", "")),
        created=str(told.get("Created", "")),
        pid=int(state.get("Pid") or 0),
        mounts=_mounts(told.get("Mounts") or ()),
        terminal=bool(config.get("Tty")),
        driver=str(driver),
        log=str(told.get("LogPath") or "") if driver == JSON_FILE else "",
    )


def _table(told: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = told.get(name)
    return found if isinstance(found, Mapping) else {}


def _number(text: object) -> int:
    found = str(text)
    return int(found) if found.isascii() and found.isdigit() and len(found) <= 9 else 1


def _mounts(told: Any) -> tuple[tuple[str, str], ...]:
    """Binds and volumes; what has no place on the host (tmpfs) has no source."""
    found = {str(one["Destination"]).rstrip("/") or "/": str(one["Source"]) for one in told if one.get("Source")}
    return tuple(sorted(found.items()))
