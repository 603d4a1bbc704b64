"""From the settings to the room: what is wrong with the registry stops the start."""

from __future__ import annotations

from mixdesk_control.assets.books import JobsOf
from mixdesk_control.assets.drivers import drivers
from mixdesk_control.assets.gpus import Meters
from mixdesk_control.assets.registry import RegistryError, reread
from mixdesk_control.assets.service import AssetService
from mixdesk_control.operations import OperationService
from mixdesk_control.settings import Settings, SettingsError
from mixdesk_control.store import Store


def asset_service(
    settings: Settings, store: Store, operations: OperationService, *, meters: Meters, jobs_of: JobsOf
) -> AssetService:
    """The assets that the settings name, not yet looked at. Raises SettingsError, one line."""
    try:
        return AssetService(
            store,
            operations,
            drivers(settings),
            settings.assets,
            meters=meters,
            headroom_mb=settings.gpu.headroom_mb,
            jobs_of=jobs_of,
            reread=lambda: reread(settings),
        )
    except RegistryError as error:
        where = f"{settings.file}: " if settings.file is not None else ""
        raise SettingsError(f"{where}{error}") from error
