"""`POST /admin/notify/test`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel

from mixdesk_control.auth.guard import needs
from mixdesk_control.auth.principal import ADMIN, Principal
from mixdesk_control.notify.service import NotifyService, Refused
from mixdesk_control.web.origin import client_address
from mixdesk_control.web.problems import Problem

Note = Callable[[Principal, str, str], Awaitable[None]]


class Tried(BaseModel):
    """What the receiver said: its status, and after how many seconds. `receiver` is scheme and host alone."""

    receiver: str
    format: str
    status: int
    seconds: float


def router(service: NotifyService, note: Note) -> APIRouter:
    """The route over one service; `note` puts into the audit who tested, from where, and how it ended."""
    routes = APIRouter(tags=["settings"])

    @routes.post("/admin/notify/test", response_model=Tried)
    async def post_test(request: Request, principal: Annotated[Principal, Depends(needs(ADMIN))]) -> Tried:
        """Sends one message to the receiver of `[notify]` now; 502 with the reason where it is not taken."""
        if not service.is_on:
            raise Problem(409, "nobody is told: set [notify] url or url_file and start the desk again")
        origin = client_address(request)
        try:
            target, answer = await service.test()
        except Refused as error:
            await note(principal, origin, "failed")
            raise Problem(502, f"the test message was not taken: {error}") from error
        await note(principal, origin, "succeeded")
        return Tried(
            receiver=target.shown, format=service.format, status=answer.status, seconds=round(answer.seconds, 3)
        )

    return routes
