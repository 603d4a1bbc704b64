"""`GET /admin/doctor`."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from mixdesk_control.auth.guard import needs
from mixdesk_control.auth.principal import ADMIN, Principal
from mixdesk_control.doctor.finding import Verdict
from mixdesk_control.settings import Settings


class FindingInfo(BaseModel):
    """What one check says and what to do."""

    check: str
    verdict: Verdict
    found: str
    todo: str | None


class FindingList(BaseModel):
    """Every check, in a fixed order."""

    items: list[FindingInfo]
    next: None = None


def router(settings: Settings) -> APIRouter:
    """The route over one set of settings."""
    routes = APIRouter(tags=["settings"])

    @routes.get("/admin/doctor", response_model=FindingList)
    async def get_doctor(_principal: Annotated[Principal, Depends(needs(ADMIN))]) -> FindingList:
        """What works here, what is missing and what to do; five seconds at most."""
        # Imported when first asked for: the checks bring an HTTP client that the desk itself has no use for.
        from mixdesk_control.doctor import runner
        from mixdesk_control.doctor.finding import Context

        findings = await asyncio.to_thread(runner.run, Context(settings))
        return FindingList(items=[FindingInfo(**asdict(finding)) for finding in findings])

    return routes
