"""`[logs]`: where services and their logs are found, and what is done with them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from mixdesk_control import settings_sources as sources

Texts = Annotated[tuple[str, ...], BeforeValidator(sources.as_list)]
Paths = Annotated[tuple[Path, ...], BeforeValidator(sources.as_list)]
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}$")]


def _absolute(paths: tuple[str, ...]) -> tuple[str, ...]:
    for path in paths:
        if not path.startswith("/"):
            msg = f"{path!r} must be an absolute path, as the service itself sees it"
            raise ValueError(msg)
    return paths


Places = Annotated[Texts, AfterValidator(_absolute)]


class Table(BaseModel):
    """One table: frozen, and nothing unknown in it."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)


class ServiceLogs(Table):
    """`[logs.services.NAME]`: logs of a service, beside those that are found by themselves.

    files        absolute paths, `*` in the last part allowed: of this host, or of the container where one is named
    directories  more folders to look into
    container    its container's name, where neither compose nor labels tell
    """

    files: Places = ()
    directories: Places = ()
    container: str | None = None


def _service(value: Any) -> Any:
    """`api = ["/srv/api/*.log"]` is short for a table with `files`."""
    return value if isinstance(value, dict) else {"files": value}


class LogsSettings(Table):
    """`[logs]`.

    compose       compose files, a later one over the ones before it
    docker        the engine's socket or address; default DOCKER_HOST, then /var/run/docker.sock
    services      logs that are named here
    redact        further patterns (RE2) that are blacked out beside those of the desk; false: nothing is
    targets_file  where the list for Promtail and Alloy is written; without it none is
    path_map      {a folder as the desk sees it: the same as the shipper does}
    platform      label of all targets; default the compose project's name
    """

    compose: Paths = (Path("docker-compose.prod.yml"),)
    docker: str | None = None
    services: dict[Name, Annotated[ServiceLogs, BeforeValidator(_service)]] = Field(default_factory=dict)
    redact: Literal[False] | Texts = ()
    targets_file: Path | None = None
    path_map: dict[str, str] = Field(default_factory=dict)
    platform: str | None = None
