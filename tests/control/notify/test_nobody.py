"""A desk that tells nobody."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

import httpx
import quick_store

from mixdesk_control import settings
from mixdesk_control.app import create_app


def test_where_nobody_is_told_a_test_says_so(tmp_path: Path) -> None:
    async def asked(role: str) -> httpx.Response:
        token = (tmp_path / "tokens" / role).read_text().strip()
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:9770") as client:
            return await client.post("/admin/notify/test", json={}, headers={"Authorization": f"Bearer {token}"})

    with quick_store.quick_folder() as folder, contextlib.closing(quick_store.opened(folder)) as store:
        app = create_app(settings.load(env={"MIXDESK_STATE_DIR": str(tmp_path)}), store)
        answer = asyncio.run(asked("admin"))
        assert answer.status_code == 409 and "[notify] url" in answer.json()["detail"]
        assert asyncio.run(asked("operator")).status_code == 403
