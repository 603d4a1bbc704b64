"""The only reader of `mixdesk.toml` and of `MIXDESK_<TABLE>__<KEY>`: flags over environment over file over defaults."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    ValidationError,
    field_validator,
)
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from mixdesk_control import settings_sources as sources
from mixdesk_control.settings_assets import AssetSettings
from mixdesk_control.settings_logs import LogsSettings
from mixdesk_control.settings_notify import NotifySettings
from mixdesk_control.settings_sources import SettingsError

__all__ = ["Settings", "SettingsError", "default_state_dir", "load"]

DEFAULT_FILE = "mixdesk.toml"

ROLES = ("admin", "operator", "viewer", "reporter", "scraper")


LOCAL = "local"

_VISIBLE = re.compile(r"[!-~]+")
_ANCESTOR = re.compile(r"https?://(\*\.)?([A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*|\[[0-9A-Fa-f:.]+\])(:(\d{1,5}|\*))?")
USUAL_PORTS = {"http": 80, "https": 443}


def _site(text: str) -> str:
    parts = urlsplit(text)
    _ = parts.port  # a ValueError of its own where it is none
    if (
        parts.scheme not in ("http", "https")
        or not parts.hostname
        or parts.path.strip("/")
        or parts.query
        or "@" in parts.netloc
    ):
        msg = "must be http:// or https:// and a host name, with a port where it has one, no path and no password"
        raise ValueError(msg)
    return _origin(parts.scheme, parts.hostname, parts.port)


def _page(text: str) -> str:
    parts = urlsplit(text)
    _ = parts.port
    if (
        parts.scheme not in ("http", "https")
        or not parts.hostname
        or "@" in parts.netloc
        or not _VISIBLE.fullmatch(text)
    ):
        msg = "must be the http:// or https:// address of a page, without a password"
        raise ValueError(msg)
    return text.rstrip("/")


def _trace_page(text: str) -> str:
    if "{trace_id}" not in text:
        msg = "must hold {trace_id}, where the id of a trace is put"
        raise ValueError(msg)
    return _page(text)


def _ancestor(text: str) -> str:
    if text.strip("'") == "self":
        return "'self'"
    if not _ANCESTOR.fullmatch(text):
        msg = "must be 'self' or a site that may show the embeds, such as https://app.example or https://*.example:8443"
        raise ValueError(msg)
    return text


def _as_in_a_policy(value: Any) -> Any:
    """A list, also from one text with spaces: so that a proxy's policy and this setting can be one variable."""
    plain = isinstance(value, str) and not value.lstrip().startswith("[")
    return sources.as_list(",".join(value.split()) if plain else value)


def _origin(scheme: str, host: str, port: int | None) -> str:
    """As browsers write it in Origin, which is compared as text: without the port that the scheme has anyway."""
    name = f"[{host}]" if ":" in host else host
    return f"{scheme}://{name}" if port in (None, USUAL_PORTS[scheme]) else f"{scheme}://{name}:{port}"


Texts = Annotated[tuple[str, ...], BeforeValidator(sources.as_list)]
Paths = Annotated[tuple[Path, ...], BeforeValidator(sources.as_list)]
SiteUrl = Annotated[str, AfterValidator(_site)]
SiteUrls = Annotated[tuple[SiteUrl, ...], BeforeValidator(sources.as_list)]
PageUrl = Annotated[str, AfterValidator(_page)]
Ancestors = Annotated[tuple[Annotated[str, AfterValidator(_ancestor)], ...], BeforeValidator(_as_in_a_policy)]
Source = Annotated[str, AfterValidator(lambda text: text if text == LOCAL else _site(text))]
Sources = Annotated[tuple[Source, ...], BeforeValidator(sources.as_list)]
Seconds = Annotated[float, Field(gt=0, le=1e9)]


class Table(BaseModel):
    """One table of the file: frozen, and nothing unknown in it."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)


class ServerSettings(Table):
    """`[server]`: where the desk listens and who may reach it."""

    host: Texts = ("127.0.0.1",)
    port: Annotated[int, Field(ge=0, le=65535)] = 9770
    public_url: SiteUrl | None = None
    tls_cert: Path | None = None
    tls_key: Path | None = None
    behind_proxy: Texts = ()
    trusted_networks: Texts = ()
    allowed_hosts: Texts = ()
    allowed_origins: SiteUrls = ()
    frame_ancestors: Ancestors = ()


class AuthSettings(Table):
    """`[auth]`: tokens that are given instead of made."""

    token_files: dict[str, Path] = Field(default_factory=dict)

    @field_validator("token_files")
    @classmethod
    def _roles(cls, given: dict[str, Path]) -> dict[str, Path]:
        for role in given:
            if role not in ROLES:
                msg = f"{role!r} is not a role: use {', '.join(ROLES)}"
                raise ValueError(msg)
        return given


class JobsSettings(Table):
    """`[jobs]`: leases and retention; `weights` of job types, {type: {phase: weight}}."""

    lease_s: Seconds = 10.0
    lost_fail_s: Seconds = 600.0
    keep_days: Annotated[float, Field(gt=0, le=36500)] = 90.0
    weights: dict[str, dict[str, Annotated[float, Field(ge=0)]]] = Field(default_factory=dict)


class MetricsSettings(Table):
    """`[metrics]`: how many jobs have series of their own, and for how long after their end."""

    max_jobs: Annotated[int, Field(ge=0, le=100_000)] = 200
    retention_s: Annotated[float, Field(ge=0, le=1e9)] = 900.0


class ExporterSettings(Table):
    """`[exporter]`: the meters of this host."""

    collectors: Texts | None = None
    procfs: Path = Path("/proc")
    sysfs: Path = Path("/sys")
    rootfs: Path = Path("/")
    otlp: bool = False
    token_file: Path | None = None
    node_names: bool = True
    dcgm_names: bool = True
    cadvisor_names: bool = True


class StoreSettings(Table):
    """`[store]`: the database; empty means SQLite in the state folder."""

    url: str = ""


class OtelSettings(Table):
    """`[otel]`: where spans go, and the page where people look at one trace."""

    endpoint: str | None = None
    trace_url: Annotated[str, AfterValidator(_trace_page)] | None = None


class GpuSettings(Table):
    """`[gpu]`: memory that admission leaves free on each."""

    headroom_mb: Annotated[float, Field(ge=0)] = 512.0


class MetersSettings(Table):
    """`[meters]`: exporters this desk reads, `local` being the one of its own host."""

    sources: Sources = (LOCAL,)


class UrlSettings(Table):
    """`[prometheus]` and `[loki]`."""

    url: SiteUrl | None = None


class GrafanaSettings(Table):
    """`[grafana]`: `url` as the desk sees it, `browser_url` as people do."""

    url: PageUrl | None = None
    browser_url: PageUrl | None = None

    @property
    def shown(self) -> str | None:
        """The address that browsers take."""
        return self.browser_url or self.url


class Settings(BaseSettings):
    """Everything that can be set. Make it with `load`."""

    model_config = SettingsConfigDict(extra="forbid", frozen=True, validate_default=True)

    server: ServerSettings = ServerSettings()
    auth: AuthSettings = AuthSettings()
    jobs: JobsSettings = JobsSettings()
    metrics: MetricsSettings = MetricsSettings()
    assets: tuple[AssetSettings, ...] = ()
    logs: LogsSettings = LogsSettings()
    exporter: ExporterSettings = ExporterSettings()
    store: StoreSettings = StoreSettings()
    otel: OtelSettings = OtelSettings()
    prometheus: UrlSettings = UrlSettings()
    gpu: GpuSettings = GpuSettings()
    meters: MetersSettings = MetersSettings()
    grafana: GrafanaSettings = GrafanaSettings()
    loki: UrlSettings = UrlSettings()
    notify: NotifySettings = NotifySettings()

    _state_dir: Path = PrivateAttr(default=Path())
    _file: Path | None = PrivateAttr(default=None)

    @property
    def state_dir(self) -> Path:
        """Where database, tokens and spool lie."""
        return self._state_dir

    @property
    def file(self) -> Path | None:
        """The file that was read, if any."""
        return self._file

    def without_exporter(self) -> Settings:
        """The same, but this host is not read."""
        others = tuple(source for source in self.meters.sources if source != LOCAL)
        return self.model_copy(update={"meters": MetersSettings(sources=others)})

    def place(self, state_dir: Path, file: Path | None) -> Settings:
        """Notes where the state lies and which file was read; neither is a setting."""
        self._state_dir, self._file = state_dir, file
        return self


def default_state_dir(env: Mapping[str, str]) -> Path:
    """`$MIXDESK_STATE_DIR`, else `mixdesk` in the XDG state folder; absolute."""
    if env.get("MIXDESK_STATE_DIR"):
        return Path(env["MIXDESK_STATE_DIR"]).expanduser().absolute()
    base = env.get("XDG_STATE_HOME") or str(Path(env.get("HOME") or "~").expanduser() / ".local" / "state")
    return Path(base).absolute() / "mixdesk"


def load(
    config: Path | None = None,
    env: Mapping[str, str] | None = None,
    *,
    state_dir: Path | None = None,
    **flags: Mapping[str, Any],
) -> Settings:
    """The settings; `flags` are tables, `load(server={"port": 9771})`. Raises SettingsError, one line.

    Without `config`, `mixdesk.toml` of the current folder is read where there is one.
    """
    env = os.environ if env is None else env
    file = config if config is not None else (Path(DEFAULT_FILE) if Path(DEFAULT_FILE).is_file() else None)
    from_file = sources.read_file(file, _path_keys(), {("assets", "http", "headers")})
    from_env = sources.read_env(env, set(Settings.model_fields))
    from_flags = {table: dict(values) for table, values in flags.items() if values}
    try:
        settings = _assemble(from_flags, from_env, from_file)
    except ValidationError as error:
        raise sources.explain(error, Settings, from_env, file, from_file) from error
    if settings.otel.endpoint is None and env.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
        endpoint = {"otel": OtelSettings(endpoint=env["OTEL_EXPORTER_OTLP_ENDPOINT"])}
        settings = settings.model_copy(update=endpoint)
    return settings.place(state_dir or default_state_dir(env), file.absolute() if file else None)


def _assemble(flags: dict[str, Any], env: dict[str, Any], file: dict[str, Any]) -> Settings:
    class Assembled(Settings):
        @classmethod
        def settings_customise_sources(
            cls, settings_cls: type[BaseSettings], *_: PydanticBaseSettingsSource, **__: PydanticBaseSettingsSource
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return tuple(sources.Given(settings_cls, tables) for tables in (flags, env, file))

    assembled = Assembled()
    return Settings.model_construct(**{name: getattr(assembled, name) for name in Settings.model_fields})


def _path_keys() -> set[tuple[str, ...]]:
    """The settings that name files: relative ones in the file count from its folder."""
    return {
        ("server", "tls_cert"),
        ("server", "tls_key"),
        ("auth", "token_files"),
        ("logs", "compose"),
        ("logs", "targets_file"),
        ("exporter", "token_file"),
        ("notify", "url_file"),
        ("notify", "token_file"),
        ("exporter", "procfs"),
        ("exporter", "sysfs"),
        ("exporter", "rootfs"),
        ("assets", "process", "cwd"),
        ("assets", "process", "pid_file"),
    }
