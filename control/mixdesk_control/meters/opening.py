"""From the settings to the sources: what is wrong with them stops the start, what is away is waited for."""

from __future__ import annotations

import functools
import os
from collections.abc import Mapping

from mixdesk_control.meters.service import MetersService
from mixdesk_control.meters.sources import OwnExporter, RemoteSource, Source, ThisHost
from mixdesk_control.settings import LOCAL, ExporterSettings, Settings, SettingsError
from mixdesk_exporter import otlp
from mixdesk_exporter.host import Roots
from mixdesk_exporter.options import Options, host_sampler
from mixdesk_exporter.otlp_target import OtlpError, target, wanted


def meters(settings: Settings) -> MetersService:
    """The meters that the settings name, not yet read. Raises SettingsError, one line."""
    names = settings.meters.sources
    token = token_of(settings.exporter) if set(names) - {LOCAL} else None
    return MetersService([_source(name, settings, token) for name in dict.fromkeys(names)])


def _source(name: str, settings: Settings, token: str | None) -> Source:
    if name == LOCAL:
        return ThisHost(own_exporter(settings), settings.exporter.procfs)
    return RemoteSource(name, token)


def own_exporter(settings: Settings) -> OwnExporter:
    """The exporter in this process. Raises SettingsError for a collector that is none."""
    options = options_of(settings.exporter)
    push = functools.partial(otlp.start, roots=options.roots, endpoint=settings.otel.endpoint)
    try:
        return OwnExporter(host_sampler(options), options.roots.procfs, push if pushes(settings) else None)
    except ValueError as error:
        raise SettingsError(f"[exporter] {error}") from error


def options_of(exporter: ExporterSettings) -> Options:
    """The settings as the exporter's options."""
    return Options(
        roots=Roots(exporter.procfs, exporter.sysfs, exporter.rootfs),
        listed=exporter.collectors or (),
        node_names=exporter.node_names,
        dcgm_names=exporter.dcgm_names,
        cadvisor_names=exporter.cadvisor_names,
    )


def pushes(settings: Settings, env: Mapping[str, str] = os.environ) -> bool:
    """Whether metrics are pushed by OTLP. Raises SettingsError where OpenTelemetry's variables are wrong."""
    if not (settings.exporter.otlp or wanted(env)):
        return False
    try:
        target(env, settings.otel.endpoint)
    except OtlpError as error:
        raise SettingsError(str(error)) from error
    return True


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
