"""From the settings to the sources: what is wrong with them stops the start, what is away is waited for."""

from __future__ import annotations

from mixdesk_control.meters.service import MetersService
from mixdesk_control.meters.sources import LocalSource, RemoteSource, Source, of_this_host
from mixdesk_control.settings import LOCAL, ExporterSettings, Settings, SettingsError
from mixdesk_exporter.app import host_sampler
from mixdesk_exporter.host import Roots


def meters(settings: Settings) -> MetersService:
    """The meters that the settings name, not yet read. Raises SettingsError, one line."""
    names = settings.meters.sources
    local = local_source(settings.exporter) if LOCAL in names else None
    token = token_of(settings.exporter) if set(names) - {LOCAL} else None

    def opened(name: str) -> Source:
        if name != LOCAL or local is None:
            return RemoteSource(name, token)
        return of_this_host(settings.exporter.procfs) or local.open()

    return MetersService(names, opened)


def local_source(exporter: ExporterSettings) -> LocalSource:
    """The exporter in this process. Raises SettingsError for a collector that is none."""
    roots = Roots(exporter.procfs, exporter.sysfs, exporter.rootfs)
    try:
        return LocalSource(host_sampler(roots, exporter.collectors or ()), exporter.procfs)
    except ValueError as error:
        raise SettingsError(f"[exporter] collectors: {error}") from error


def token_of(exporter: ExporterSettings) -> str | None:
    """What other exporters are asked with. Raises SettingsError."""
    file = exporter.token_file
    if file is None:
        return None
    try:
        token = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text"
        raise SettingsError(f"[exporter] token_file {file}: {why}") from error
    if not token or not token.isascii() or not token.isprintable():
        raise SettingsError(f"[exporter] token_file {file}: put one token into it, in ASCII")
    return token
