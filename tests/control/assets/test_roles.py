"""Who may see and do what with assets over HTTP and WebSocket, and what of it a person who is bound does not see."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from asset_room import Room, asset
from fastapi import FastAPI

from mixdesk_control.assets import routes as asset_routes
from mixdesk_control.assets import schema
from mixdesk_control.auth.service import AuthService
from mixdesk_control.auth.tokens import new_token
from mixdesk_control.operations import routes as operation_routes
from mixdesk_control.web import problems
from mixdesk_control.web.gate import Gate
from mixdesk_control.web.origin import Site
from mixdesk_control.web.seats import Seats

Scene = Callable[..., None]

PEOPLE: dict[str, tuple[tuple[str, ...], str | None]] = {
    "viewer": (("viewer",), None),
    "operator": (("operator",), None),
    "reporter": (("reporter",), None),
    "scraper": (("scraper",), None),
    "bound viewer": (("viewer",), "team-a"),
    "bound operator": (("operator",), "team-a"),
}
READS = [("GET", "/admin/assets"), ("GET", "/admin/assets/a/status")]
ACTS = [
    ("POST", "/admin/assets/a/start"),
    ("POST", "/admin/assets/a/start?dry_run=true"),
    ("POST", "/admin/assets/a/stop"),
    ("POST", "/admin/assets/a/holds"),
    ("DELETE", "/admin/assets/a/holds/nothing"),
    ("POST", "/admin/assets/reload"),
]


class Door:
    """The routes of a room behind the desk's own gate, asked in this process."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.auth = AuthService(room.store, state_dir=room.folder)
        self.auth.load()
        self.app = FastAPI(telemetry={"tracing": False, "metrics": False, "logs": False})
        state, site = self.app.state, Site()
        state.auth, state.site, state.streams, state.requests = self.auth, site, Seats("streams", 9), Counter()
        self.app.include_router(asset_routes.router(room.service))
        self.app.include_router(operation_routes.router(room.operations))
        problems.install(self.app)
        self.app.add_middleware(Gate, site=site, cookie_name=self.auth.cookie_name, on_refused=lambda *_: None)
        self.secrets: dict[str, str] = {}

    async def open(self) -> Door:
        for name, (roles, owner) in PEOPLE.items():
            token, secret = new_token(name, roles, now=1.0, owner=owner)
            await self.auth.tokens.create(token, lambda _conn: None)
            self.secrets[name] = secret
            if name == "viewer":
                ticket = await self.auth.sign_in.embed_ticket(
                    token.principal(), ttl=60.0, job_id="job-1", owner=None, note=lambda _conn: None
                )
                self.secrets["embed"] = (await self.auth.sign_in.trade_embed(ticket))[1]
        return self

    async def ask(self, who: str | None, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {} if who is None else {"Authorization": f"Bearer {self.secrets[who]}"}
        headers |= options.pop("headers", {})
        transport = httpx.ASGITransport(self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            return await client.request(method, path, headers=headers, **options)

    async def first_frames(self, who: str, path: str, number: int) -> list[dict[str, Any]]:
        """So many frames of a stream; none where it is refused."""
        said: asyncio.Queue[Any] = asyncio.Queue()
        gone = asyncio.Event()

        async def receive() -> dict[str, Any]:
            if not said.empty() or connected.is_set():
                await gone.wait()
                return {"type": "websocket.disconnect", "code": 1000}
            connected.set()
            return {"type": "websocket.connect"}

        connected = asyncio.Event()
        scope = {
            "type": "websocket",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "headers": [(b"authorization", f"Bearer {self.secrets[who]}".encode()), (b"host", b"127.0.0.1")],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 9770),
            "scheme": "ws",
            "subprotocols": [],
            "extensions": {"websocket.http.response": {}},
        }
        serving = asyncio.create_task(self.app(scope, receive, said.put))
        frames: list[dict[str, Any]] = []
        while len(frames) < number:
            message = await asyncio.wait_for(said.get(), 30)
            if message["type"] == "websocket.send":
                frames.append(json.loads(message.get("bytes") or message["text"]))
            elif message["type"] == "websocket.http.response.start":
                frames.append({"refused": message["status"]})
        gone.set()
        await serving
        return frames


def behind(scene: Scene, play: Callable[[Door], Any]) -> None:
    async def opened(room: Room) -> None:
        await play(await Door(room).open())

    scene(opened, asset("a"), asset("b"))


def test_who_may_read(scene: Scene) -> None:
    async def play(door: Door) -> None:
        for method, path in READS:
            for who in ("viewer", "operator", "bound viewer", "bound operator"):
                assert (await door.ask(who, method, path)).status_code == 200, (who, path)
            for who in ("reporter", "scraper", "embed"):
                assert (await door.ask(who, method, path)).status_code == 403, (who, path)
            assert (await door.ask(None, method, path)).status_code == 401
        assert (await door.ask("viewer", "GET", "/admin/assets/none/status")).status_code == 404

    behind(scene, play)


def test_who_may_act(scene: Scene) -> None:
    async def play(door: Door) -> None:
        before = door.room.disk()
        for method, path in ACTS:
            for who in ("viewer", "reporter", "scraper", "bound viewer", "embed", "bound operator"):
                assert (await door.ask(who, method, path)).status_code == 403, (who, path)
            assert (await door.ask(None, method, path)).status_code == 401
        assert door.room.disk() == before
        answers = [(await door.ask("operator", method, path)).status_code for method, path in ACTS]
        assert answers == [202, 200, 202, 409, 404, 200]  # it is not held while it is being stopped
        await door.room.quiet()

    behind(scene, play)


def test_a_stop_of_a_bound_operator_names_why(scene: Scene) -> None:
    async def play(door: Door) -> None:
        answer = await door.ask("bound operator", "POST", "/admin/assets/a/stop")
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["detail"] == "bound operator is bound to owner 'team-a'; assets are everybody's"

    behind(scene, play)


def test_who_is_bound_sees_no_names_of_jobs_and_none_of_holders(scene: Scene) -> None:
    async def play(door: Door) -> None:
        room = door.room
        await room.done("start", "a")
        room.jobs = {"a": ["job-of-team-b"]}
        await room.service.watch.tick()
        await room.hold("a", 60.0, "team b's show", by="bob")
        whole = (await door.ask("viewer", "GET", "/admin/assets/a/status")).json()
        assert whole["usage"]["jobs"] == ["job-of-team-b"] and whole["holds"][0]["actor"] == "bob"
        seen = [
            (await door.ask("bound viewer", "GET", "/admin/assets/a/status")).json(),
            (await door.ask("bound viewer", "GET", "/admin/assets")).json()["items"][0],
            next(
                frame["asset"]
                for frame in await door.first_frames("bound viewer", "/admin/assets/stream", 2)
                if frame["asset"]["id"] == "a"
            ),
        ]
        for found in seen:
            assert found["usage"]["jobs"] == [] and len(found["holds"]) == 1
            assert "job-of-team-b" not in json.dumps(found) and "bob" not in json.dumps(found)
            assert "team b" not in json.dumps(found)
            assert (found["id"], found["status"]) == ("a", "running")
        frames = await door.first_frames("viewer", "/admin/assets/stream", 2)
        assert "job-of-team-b" in json.dumps(frames)

    behind(scene, play)


@pytest.mark.parametrize("who", ["embed", "scraper"])
def test_streams_are_refused(scene: Scene, who: str) -> None:
    async def play(door: Door) -> None:
        assert await door.first_frames(who, "/admin/assets/stream", 1) == [{"refused": 403}]

    behind(scene, play)


def test_who_is_bound_sees_no_operation_on_an_asset_and_takes_none_back(scene: Scene) -> None:
    async def play(door: Door) -> None:
        door.room.world.hold("start", "a")
        operation = await door.room.begun("start", "a")
        await door.room.world.reached("start", "a")
        path = f"/admin/operations/{operation}"
        assert (await door.ask("bound viewer", "GET", path)).status_code == 404
        assert (await door.ask("bound operator", "POST", path + "/cancel")).status_code == 404
        assert (await door.ask("viewer", "POST", path + "/cancel")).status_code == 403
        assert (await door.ask("viewer", "GET", path)).json()["state"] == "running"
        answer = await door.ask("operator", "POST", path + "/cancel")
        assert answer.status_code == 202 and answer.json()["id"] == operation
        door.room.world.let("start", "a")
        assert (await door.room.ended(operation))["state"] == "canceled"

    behind(scene, play)


def test_what_an_action_of_a_grafana_panel_may_do(scene: Scene) -> None:
    async def play(door: Door) -> None:
        panel = {"X-Grafana-Action": "1"}
        for method, path in (*READS, *ACTS[3:]):
            assert (await door.ask("operator", method, path, headers=panel)).status_code == 403, path
        for action in ("start", "stop"):
            answer = await door.ask("operator", "POST", f"/admin/assets/a/{action}", headers=panel)
            assert answer.status_code == 202
        await door.room.quiet()

    behind(scene, play)


def test_a_key_is_for_one_request(scene: Scene) -> None:
    async def play(door: Door) -> None:
        key = {"Idempotency-Key": "k1"}
        first = await door.ask("operator", "POST", "/admin/assets/a/start", headers=key)
        await door.room.ended(first.json()["operation"])
        await door.room.done("stop", "a")
        again = await door.ask("operator", "POST", "/admin/assets/a/start", headers=key)
        assert (again.status_code, again.json()) == (202, first.json())
        assert door.room.said("a")[1] == "stopped"
        other = await door.ask("operator", "POST", "/admin/assets/a/start", headers=key, json={"x": 1})
        assert other.status_code == 422
        evicting = await door.ask("operator", "POST", "/admin/assets/a/start?evict=true", headers=key)
        assert evicting.json() != first.json(), "another query is another wish"
        await door.room.quiet()

    behind(scene, play)


@pytest.mark.parametrize("body", [{"ttl_s": 0}, {"ttl_s": 90_000}, {"reason": "x" * 201}, {"ttl_s": "soon"}])
def test_a_hold_that_makes_no_sense(scene: Scene, body: dict[str, Any]) -> None:
    async def play(door: Door) -> None:
        answer = await door.ask("operator", "POST", "/admin/assets/a/holds", json=body)
        assert answer.status_code == 422 and door.room.show("a")["holds"] == []

    behind(scene, play)


def test_answers_are_as_they_are_described(scene: Scene) -> None:
    async def play(door: Door) -> None:
        await door.room.done("start", "a")
        listed = (await door.ask("viewer", "GET", "/admin/assets")).json()
        assert schema.AssetList.model_validate(listed).model_dump().keys() == listed.keys()
        for item in listed["items"]:
            model = schema.AssetInfo.model_validate(item)
            assert item.keys() <= model.model_dump().keys()
            assert model.model_dump(exclude_unset=True) == item
        for action in ("start", "stop"):
            plan = (await door.ask("operator", "POST", f"/admin/assets/a/{action}?dry_run=true")).json()
            assert schema.PlanAnswer.model_validate(plan).model_dump(exclude_unset=True) == plan
        held = await door.ask("operator", "POST", "/admin/assets/a/holds", json={"ttl_s": 5, "reason": "a show"})
        assert held.status_code == 201
        assert schema.HoldInfo.model_validate(held.json()).model_dump() == held.json()
        ended = await door.ask("operator", "DELETE", f"/admin/assets/a/holds/{held.json()['id']}")
        assert ended.status_code == 204 and ended.content == b""
        reloaded = (await door.ask("operator", "POST", "/admin/assets/reload")).json()
        assert schema.ReloadAnswer.model_validate(reloaded).model_dump() == reloaded

    behind(scene, play)
