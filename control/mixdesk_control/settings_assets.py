"""`[[assets]]`: the registry as `mixdesk.toml` has it. What the entries mean together is settled by the assets room."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from mixdesk_control import settings_sources as sources

Texts = Annotated[tuple[str, ...], BeforeValidator(sources.as_list)]
Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,62}$")]
Seconds = Annotated[float, Field(gt=0, le=86_400, strict=True)]
Port = Annotated[int, Field(ge=1, le=65535, strict=True)]
Gpu = Annotated[int, Field(strict=True)] | str


class Entry(BaseModel):
    """One table of the registry: frozen, and nothing unknown in it."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)


class ProcessSettings(Entry):
    """`process`: what is run, or which process of this host is meant.

    argv            program and arguments; no shell reads them
    cwd, env        where, and with which variables beside the desk's own
    name, pid_file  instead of argv: a process that others start, by its name or by a file that holds its pid
    """

    argv: Annotated[tuple[str, ...], Field(max_length=1000)] = ()
    cwd: Path | None = None
    env: dict[str, str] = Field(default_factory=dict)
    name: str | None = None
    pid_file: Path | None = None

    @model_validator(mode="after")
    def _one_way(self) -> ProcessSettings:
        if sum((bool(self.argv), self.name is not None, self.pid_file is not None)) != 1:
            msg = "give one of argv (what to run), name or pid_file (what others run)"
            raise ValueError(msg)
        return self


class HttpRequest(Entry):
    """One request to a model server; `path` counts from its address, and `{model}` in it and in `json` is the model."""

    method: Literal["GET", "POST", "PUT", "DELETE"] = "POST"
    path: Annotated[str, Field(pattern=r"^/")]
    json_body: Any = Field(default=None, alias="json")


class HttpCheck(Entry):
    """Whether a model is loaded: an answer of 200 in which `find` leads to one of the `values`.

    find    names from the outside in, `*` for each of a list: `models.*.name`; empty: the status alone decides
    values  what is to stand there; `{model}` is the model
    vram    leads to the bytes of GPU memory that the entry found says it has
    state   leads to the state of the entry found, for servers that list models which are not loaded, or not yet:
            one of `loaded`, one of `between` (loading, unloading), or any other, which is not loaded
    """

    method: Literal["GET", "POST"] = "GET"
    path: Annotated[str, Field(pattern=r"^/")]
    json_body: Any = Field(default=None, alias="json")
    find: str = ""
    values: tuple[str | bool | int, ...] = ()
    vram: str = ""
    state: str = ""
    loaded: tuple[str, ...] = ()
    between: tuple[str, ...] = ()


class HttpSettings(Entry):
    """`http`: a model that a server loads and unloads inside itself.

    url      address of the server, no path; it is the only one that is ever asked
    preset   ollama or triton: the requests of a server that is known
    headers  sent with each request; a value of `file:PATH` is read from there
    """

    url: str
    model: str = ""
    preset: Literal["ollama", "triton"] | None = None
    load: HttpRequest | None = None
    unload: HttpRequest | None = None
    check: HttpCheck | None = None
    headers: dict[str, str] = Field(default_factory=dict)
    timeout_s: Seconds = 10.0


class ReadySettings(Entry):
    """`ready`: when a started asset counts as running; exactly one way.

    health  the container's own health check
    port    something listens there, on `host`
    http    an address that answers with 200 to 399
    log     a line of its output that contains this text
    """

    health: bool = False
    port: Port | None = None
    host: str = "127.0.0.1"
    http: str | None = None
    log: str | None = None
    timeout_s: Seconds = 120.0

    @model_validator(mode="after")
    def _one_way(self) -> ReadySettings:
        if sum((self.health, self.port is not None, self.http is not None, self.log is not None)) > 1:
            msg = "give one of health, port, http and log"
            raise ValueError(msg)
        return self


def _ready(value: Any) -> Any:
    """`ready = "health"` is short for a table."""
    return {"health": True} if value == "health" else value


class AssetSettings(Entry):
    """One `[[assets]]`."""

    id: Id
    name: str | None = None
    type: Literal["model", "service", "component"] = "service"
    resource_type: Literal["cpu", "gpu", "ram"] = "cpu"
    driver: Literal["docker", "process", "http"] | None = None
    container: str | None = None
    process: ProcessSettings | None = None
    http: HttpSettings | None = None
    dependencies: Texts = ()
    gpus: tuple[Gpu, ...] = ()
    vram_mb: Annotated[float, Field(ge=0, strict=True, allow_inf_nan=False)] | None = None
    ready: Annotated[ReadySettings, BeforeValidator(_ready)] = ReadySettings()
    stop_grace_s: Seconds = 10.0
    evictable: bool = False
    detach: bool = False
