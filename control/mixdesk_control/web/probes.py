"""`/healthz` (the process answers) and `/readyz` (its database does too): open, for whoever keeps it running."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from fastapi import APIRouter
from pydantic import BaseModel
from sqlalchemy import text

from mixdesk_control.auth.guard import open_to_all
from mixdesk_control.store.errors import StoreError
from mixdesk_control.web.problems import Problem

if TYPE_CHECKING:
    from mixdesk_control.store import Store

READY_S = 2.0


class Health(BaseModel):
    """What a probe hears."""

    status: str
    version: str


def router(store: Store, version: str) -> APIRouter:
    """The two probes."""
    routes = APIRouter(tags=["probes"])

    @routes.get("/healthz", response_model=Health)
    @open_to_all
    async def healthz() -> Health:
        """The process answers."""
        return Health(status="ok", version=version)

    @routes.get("/readyz", response_model=Health)
    @open_to_all
    async def readyz() -> Health:
        """The database can be written."""
        try:
            async with asyncio.timeout(READY_S):
                await store.write(lambda conn: conn.execute(text("SELECT 1")).scalar())
        except (StoreError, TimeoutError) as error:
            raise Problem(503, f"the database does not answer: {error or 'no answer in time'}") from error
        return Health(status="ok", version=version)

    return routes
