"""`GET /admin/settings`: what this desk runs with, secrets left out."""

from __future__ import annotations

import re
from typing import Annotated, Any

from fastapi import APIRouter, Depends

from mixdesk_control.auth.guard import needs
from mixdesk_control.auth.principal import ADMIN, Principal
from mixdesk_control.settings import Settings
from mixdesk_control.settings_sources import REFERENCE, SECRET

HIDDEN = "***"
_PASSWORD = re.compile(r"(://[^:/@]*):[^@/]*@")


def router(settings: Settings, version: str) -> APIRouter:
    """The route over one set of settings."""
    routes = APIRouter(tags=["settings"])

    @routes.get("/admin/settings")
    async def get_settings(_principal: Annotated[Principal, Depends(needs(ADMIN))]) -> dict[str, Any]:
        """Every setting as it stands, the file it came from and the state folder; passwords are left out."""
        return {
            "version": version,
            "state_dir": str(settings.state_dir),
            "file": None if settings.file is None else str(settings.file),
            "settings": _masked(settings.model_dump(mode="json", by_alias=True)),
        }

    return routes


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return _PASSWORD.sub(r"\1:***@", value)
    if isinstance(value, dict):
        return {key: _hidden(item) if key in SECRET else _masked(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(item) for item in value]
    return value


def _hidden(value: Any) -> Any:
    """Names without what they hold; where a file holds it, that is no secret."""
    if isinstance(value, dict):
        return {key: _hidden(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_hidden(item) for item in value]
    return value if value is None or str(value).startswith(REFERENCE) else HIDDEN
