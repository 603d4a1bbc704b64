"""Tokens, sessions, codes and tickets over a real database, with a clock that the test holds."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Connection, select
from starlette.requests import HTTPConnection

from mixdesk_control.auth import tokens
from mixdesk_control.auth.errors import AccessRefused
from mixdesk_control.auth.first_start import TokenFileError
from mixdesk_control.auth.principal import ROLES, Principal, expand
from mixdesk_control.auth.service import AuthService
from mixdesk_control.store import Store, tables


class Clock:
    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    found = Store.open(state_dir=tmp_path)
    yield found
    found.close()


def service(store: Store, folder: Path, clock: Clock, **options: Any) -> AuthService:
    made = AuthService(store, state_dir=folder, clock=clock, **options)
    made.load()
    return made


@pytest.fixture
def auth(store: Store, tmp_path: Path, clock: Clock) -> AuthService:
    return service(store, tmp_path, clock)


def nothing(_conn: Connection, _principal: object = None) -> None:
    return None


def connection(
    auth: AuthService, *, bearer: str = "", cookie: str = "", ticket: str = "", path: str = "/", peer: str = "10.0.0.9"
) -> HTTPConnection:
    headers = []
    if bearer:
        headers.append((b"authorization", f"Bearer {bearer}".encode()))
    if cookie:
        headers.append((b"cookie", f"other=1; {auth.cookie_name}={cookie}".encode()))
    scope = {
        "type": "websocket" if ticket else "http",
        "path": path,
        "headers": headers,
        "client": (peer, 5),
        "server": ("127.0.0.1", 1),
        "scheme": "http",
        "query_string": b"",
        "app": SimpleNamespace(state=SimpleNamespace(auth=auth)),
        "subprotocols": ["mixdesk.v1", f"ticket.{ticket}"] if ticket else [],
    }
    return HTTPConnection(scope)


async def who(auth: AuthService, **given: str) -> Principal:
    return await auth.authenticate(connection(auth, **given))


async def refused(auth: AuthService, **given: str) -> int:
    with pytest.raises(AccessRefused) as caught:
        await auth.authenticate(connection(auth, **given))
    return caught.value.status_code


def secret(folder: Path, role: str) -> str:
    return (folder / "tokens" / role).read_text().strip()


def test_roles_imply_each_other() -> None:
    assert expand(["admin"]) == {"admin", "operator", "viewer"}
    assert expand(["operator", "reporter"]) == {"operator", "viewer", "reporter"}
    assert expand(["scraper"]) == {"scraper"}
    with pytest.raises(ValueError, match="'root' is not known"):
        expand(["root"])


def test_what_a_principal_may_see() -> None:
    everyone, bound = Principal("a", frozenset()), Principal("b", frozenset(), owner="ann")
    embed = Principal("c", frozenset(), owner="ann", job_id="j1")
    assert everyone.sees("j1", "bob") and everyone.sees("j1", None)
    assert bound.sees("j1", "ann") and not bound.sees("j1", "bob") and not bound.sees("j1", None)
    assert embed.sees("j1", "ann") and not embed.sees("j2", "ann") and not embed.sees("j1", "bob")


def test_first_start_makes_private_tokens(auth: AuthService, tmp_path: Path) -> None:
    assert stat.S_IMODE((tmp_path / "tokens").stat().st_mode) == 0o700
    for role in ROLES:
        assert stat.S_IMODE((tmp_path / "tokens" / role).stat().st_mode) == 0o600
        principal = asyncio.run(who(auth, bearer=secret(tmp_path, role)))
        assert (principal.name, principal.via, principal.roles) == (role, "token", expand([role]))
    assert len({secret(tmp_path, role) for role in ROLES}) == len(ROLES)


def test_the_database_holds_no_secret(auth: AuthService, tmp_path: Path) -> None:
    code = auth.own_code()
    dump = b"".join(path.read_bytes() for path in tmp_path.glob("mixdesk.db*"))
    for found in [code, *(secret(tmp_path, role) for role in ROLES)]:
        assert found.encode() not in dump


def test_a_second_start_keeps_the_tokens(auth: AuthService, store: Store, tmp_path: Path, clock: Clock) -> None:
    before = secret(tmp_path, "admin")
    again = service(store, tmp_path, clock)
    assert secret(tmp_path, "admin") == before
    assert asyncio.run(who(again, bearer=before)).name == "admin"
    assert len(asyncio.run(again.tokens.all())) == len(ROLES)


def test_a_lost_database_learns_the_tokens_anew(auth: AuthService, store: Store, tmp_path: Path, clock: Clock) -> None:
    elsewhere = tmp_path / "other"
    elsewhere.mkdir()
    fresh = Store.open(state_dir=elsewhere)
    try:
        again = service(fresh, tmp_path, clock)
        assert asyncio.run(who(again, bearer=secret(tmp_path, "reporter"))).roles == {"reporter"}
    finally:
        fresh.close()


def test_a_token_file_that_was_removed_is_a_rotation(
    store: Store, tmp_path: Path, clock: Clock, auth: AuthService
) -> None:
    old = secret(tmp_path, "viewer")
    (tmp_path / "tokens" / "viewer").unlink()
    again = service(store, tmp_path, clock)
    assert asyncio.run(refused(again, bearer=old)) == 401
    assert asyncio.run(who(again, bearer=secret(tmp_path, "viewer"))).name == "viewer"


def test_given_token_files(store: Store, tmp_path: Path, clock: Clock) -> None:
    file = tmp_path / "given"
    file.write_text("a-token-that-somebody-chose\n")
    auth = service(store, tmp_path, clock, given={"admin": file})
    assert asyncio.run(who(auth, bearer="a-token-that-somebody-chose")).roles == expand(["admin"])
    assert not (tmp_path / "tokens" / "admin").exists()
    file.write_text("another-token-that-somebody-chose\n")
    auth = service(store, tmp_path, clock, given={"admin": file})
    assert asyncio.run(refused(auth, bearer="a-token-that-somebody-chose")) == 401
    assert asyncio.run(who(auth, bearer="another-token-that-somebody-chose")).name == "admin"


@pytest.mark.parametrize(
    ("text", "part"),
    [("short", "20 characters"), ("two words are not one token", "without spaces"), (None, "cannot be read")],
)
def test_token_files_that_cannot_be_used(
    store: Store, tmp_path: Path, clock: Clock, text: str | None, part: str
) -> None:
    file = tmp_path / "given"
    if text is not None:
        file.write_text(text)
    with pytest.raises(TokenFileError, match=part):
        service(store, tmp_path, clock, given={"viewer": file})


def test_one_token_cannot_be_two_roles(store: Store, tmp_path: Path, clock: Clock) -> None:
    file = tmp_path / "given"
    file.write_text("the-same-token-for-everything")
    with pytest.raises(TokenFileError, match="each role needs one of its own"):
        service(store, tmp_path, clock, given={"viewer": file, "admin": file})


@pytest.mark.parametrize("bearer", ["nonsense", "mxd_", "a" * 10_000, "\u00e4"])
def test_an_unknown_bearer_is_refused(auth: AuthService, bearer: str) -> None:
    with pytest.raises(AccessRefused) as caught:
        auth._by_bearer(bearer)
    assert caught.value.status_code == 401
    assert "WWW-Authenticate" in (caught.value.headers or {})


def test_a_bad_bearer_never_falls_back_to_a_good_cookie(auth: AuthService) -> None:
    async def run() -> None:
        _, cookie = await auth.sign_in.by_code(auth.own_code(), nothing)
        assert (await who(auth, cookie=cookie)).via == "session"
        assert await refused(auth, cookie=cookie, bearer="nonsense") == 401
        assert await refused(auth, cookie=cookie, ticket="nonsense") == 401

    asyncio.run(run())


def test_a_created_token_ends_when_it_was_said_to(auth: AuthService, clock: Clock) -> None:
    async def run() -> None:
        token, text = tokens.new_token("ci", ["reporter"], now=clock(), owner="ann", expires_at=clock() + 10)
        await auth.tokens.create(token, nothing)
        assert (await who(auth, bearer=text)).owner == "ann"
        clock.now += 11
        assert await refused(auth, bearer=text) == 401

    asyncio.run(run())


def test_a_revoked_token_takes_everything_with_it(
    auth: AuthService, store: Store, tmp_path: Path, clock: Clock
) -> None:
    async def run() -> None:
        token, text = tokens.new_token("ann", ["viewer"], now=clock())
        await auth.tokens.create(token, nothing)
        principal = await who(auth, bearer=text)
        session, cookie = await auth.sign_in.by_token(text, nothing)
        ticket = await auth.sign_in.ws_ticket(session, "/s")
        embed = await auth.sign_in.embed_ticket(principal, ttl=60, job_id="j", owner=None, note=nothing)
        _, bearer = await auth.sign_in.trade_embed(embed)
        with auth.watching(session) as ended, auth.watching(Principal("b", frozenset(), token_id="other")) as other:
            await auth.tokens.revoke(token, nothing)
            assert await asyncio.wait_for(ended, 60) == 4401
            assert not other.done()
        for given in ({"bearer": text}, {"cookie": cookie}, {"ticket": ticket, "path": "/s"}, {"bearer": bearer}):
            assert await refused(auth, **given) == 401
        again = service(store, tmp_path, clock)
        for given in ({"bearer": text}, {"cookie": cookie}, {"bearer": bearer}):
            assert await refused(again, **given) == 401

    asyncio.run(run())


def test_a_revoked_state_token_is_made_anew(auth: AuthService, store: Store, tmp_path: Path, clock: Clock) -> None:
    async def run() -> None:
        old = secret(tmp_path, "admin")
        token = next(item for item in await auth.tokens.all() if item.name == "admin")
        await auth.tokens.revoke(token, nothing)
        assert secret(tmp_path, "admin") != old
        assert await refused(auth, bearer=old) == 401
        assert (await who(auth, bearer=secret(tmp_path, "admin"))).name == "admin"
        (tmp_path / "tokens" / "admin").write_text(old)  # the old one, brought back from a copy
        again = service(store, tmp_path, clock)
        assert await refused(again, bearer=old) == 401

    asyncio.run(run())


def test_a_login_code_works_once_and_for_ten_minutes(auth: AuthService, clock: Clock) -> None:
    async def run() -> None:
        code = auth.own_code()
        principal, cookie = await auth.sign_in.by_code(code, nothing)
        assert principal.roles == expand(["admin"]) and principal.via == "session"
        for spent in (code, "nonsense"):
            with pytest.raises(AccessRefused, match="used already"):
                await auth.sign_in.by_code(spent, nothing)
        late = auth.own_code()
        clock.now += 601
        with pytest.raises(AccessRefused):
            await auth.sign_in.by_code(late, nothing)
        assert (await who(auth, cookie=cookie)).name == "admin"

    asyncio.run(run())


def test_two_browsers_cannot_spend_one_code(auth: AuthService) -> None:
    async def run() -> None:
        code = auth.own_code()
        results = await asyncio.gather(*(auth.sign_in.by_code(code, nothing) for _ in range(8)), return_exceptions=True)
        assert sum(not isinstance(result, BaseException) for result in results) == 1

    asyncio.run(run())


def test_sessions_survive_a_restart_and_end_at_sign_out(
    auth: AuthService, store: Store, tmp_path: Path, clock: Clock
) -> None:
    async def run() -> None:
        principal, cookie = await auth.sign_in.by_code(auth.own_code(), nothing)
        again = service(store, tmp_path, clock)
        assert again.cookie_name == auth.cookie_name
        assert await who(again, cookie=cookie) == principal
        with again.watching(principal) as ended:
            await again.sign_in.sign_out(principal, nothing)
            assert await asyncio.wait_for(ended, 60) == 4401
        assert await refused(again, cookie=cookie) == 401
        assert await refused(service(store, tmp_path, clock), cookie=cookie) == 401

    asyncio.run(run())


def test_a_session_runs_out(auth: AuthService, clock: Clock) -> None:
    async def run() -> None:
        _, cookie = await auth.sign_in.by_code(auth.own_code(), nothing)
        clock.now += 14 * 86400 + 1
        assert await refused(auth, cookie=cookie) == 401

    asyncio.run(run())


def test_a_stream_ends_when_its_session_runs_out(auth: AuthService, clock: Clock) -> None:
    async def run() -> None:
        principal = Principal("a", frozenset(), via="session", token_id="t", expires_at=clock() + 0.05)
        with auth.watching(principal) as ended:
            assert await asyncio.wait_for(ended, 60) == 4401

    asyncio.run(run())


def test_a_websocket_ticket_is_bound_to_its_path_single_use_and_short(auth: AuthService, clock: Clock) -> None:
    async def run() -> None:
        admin, _ = await auth.sign_in.by_code(auth.own_code(), nothing)
        ticket = await auth.sign_in.ws_ticket(admin, "/jobs/stream")
        principal = await who(auth, ticket=ticket, path="/jobs/stream")
        assert (principal.via, principal.roles, principal.session) == ("ticket", admin.roles, admin.session)
        assert await refused(auth, ticket=ticket, path="/jobs/stream") == 401
        other = await auth.sign_in.ws_ticket(admin, "/jobs/stream")
        assert await refused(auth, ticket=other, path="/admin/operations/stream") == 403
        late = await auth.sign_in.ws_ticket(admin, "/jobs/stream")
        clock.now += 31
        assert await refused(auth, ticket=late, path="/jobs/stream") == 401

    asyncio.run(run())


def test_an_embed_reads_one_job_and_no_more(auth: AuthService, clock: Clock) -> None:
    async def run() -> None:
        admin, _ = await auth.sign_in.by_code(auth.own_code(), nothing)
        ticket = await auth.sign_in.embed_ticket(admin, ttl=5, job_id="j1", owner=None, note=nothing)
        _, bearer = await auth.sign_in.trade_embed(ticket)
        principal = await who(auth, bearer=bearer)
        assert (principal.roles, principal.job_id, principal.via) == ({"viewer"}, "j1", "ticket")
        for spent in (ticket, bearer):
            with pytest.raises(AccessRefused):
                await auth.sign_in.trade_embed(spent)
        with pytest.raises(AccessRefused):  # an embed cannot become a session
            await auth.sign_in.by_token(bearer, nothing)
        stream = await who(auth, ticket=await auth.sign_in.ws_ticket(principal, "/jobs/stream"), path="/jobs/stream")
        assert (stream.job_id, stream.roles, stream.expires_at) == ("j1", {"viewer"}, principal.expires_at)
        clock.now += 901
        assert await refused(auth, bearer=bearer) == 401

    asyncio.run(run())


def test_an_embed_is_never_wider_than_who_hands_it_out(auth: AuthService) -> None:
    async def run() -> None:
        bound = Principal("ann", expand(["viewer"]), owner="ann", token_id=(await auth.tokens.all())[0].id)
        with pytest.raises(AccessRefused, match="bound to owner 'ann'"):
            await auth.sign_in.embed_ticket(bound, ttl=5, job_id=None, owner="bob", note=nothing)
        ticket = await auth.sign_in.embed_ticket(bound, ttl=5, job_id="j1", owner=None, note=nothing)
        principal, _ = await auth.sign_in.trade_embed(ticket)
        assert not principal.sees("j1", "bob") and principal.sees("j1", "ann")

    asyncio.run(run())


@pytest.mark.parametrize("peer", ["127.0.0.1", "::1", "::ffff:127.0.0.1"])
def test_the_loopback_exemption(auth: AuthService, peer: str) -> None:
    principal = asyncio.run(auth.authenticate(connection(auth, peer=peer), loopback=True))
    assert (principal.via, principal.roles) == ("loopback", {"scraper"})


@pytest.mark.parametrize("peer", ["10.0.0.1", "::ffff:10.0.0.1", "nonsense"])
def test_no_exemption_for_others(auth: AuthService, peer: str) -> None:
    with pytest.raises(AccessRefused):
        asyncio.run(auth.authenticate(connection(auth, peer=peer), loopback=True))


def test_no_exemption_where_it_was_not_declared_or_behind_a_proxy(store: Store, tmp_path: Path, clock: Clock) -> None:
    behind = service(store, tmp_path, clock, loopback=False)
    for exempt in (True, False):
        with pytest.raises(AccessRefused):
            asyncio.run(behind.authenticate(connection(behind, peer="127.0.0.1"), loopback=exempt))


def test_when_a_token_was_used_is_kept(auth: AuthService, tmp_path: Path, clock: Clock) -> None:
    async def run() -> None:
        clock.now += 5
        await who(auth, bearer=secret(tmp_path, "operator"))
        used = {token.name: token.last_used_at for token in await auth.tokens.all()}
        assert used["operator"] == clock.now and used["viewer"] is None

    asyncio.run(run())


def test_what_has_run_out_is_forgotten(auth: AuthService, store: Store, clock: Clock) -> None:
    async def run() -> None:
        await auth.sign_in.by_code(auth.own_code(), nothing)
        clock.now += 15 * 86400
        auth.keep_house()
        left = [await store.write(lambda conn, table=table: conn.execute(select(table)).all()) for table in _SHORT]
        assert left == [[], [], []]

    asyncio.run(run())


_SHORT = (tables.sessions, tables.login_codes, tables.tickets)


def test_cookie_names(store: Store, tmp_path: Path, clock: Clock, auth: AuthService) -> None:
    assert auth.cookie_name.startswith("mixdesk_")
    assert service(store, tmp_path, clock, secure=True).cookie_name == f"__Host-{auth.cookie_name}"
    with sqlite3.connect(tmp_path / "mixdesk.db") as conn:
        (desk_id,) = conn.execute("SELECT value FROM meta WHERE key = 'desk_id'").fetchone()
    assert auth.cookie_name == f"mixdesk_{desk_id}"


def test_what_has_run_out_leaves_memory(auth: AuthService, clock: Clock) -> None:
    async def run() -> None:
        admin, cookie = await auth.sign_in.by_code(auth.own_code(), nothing)
        for _ in range(3):
            ticket = await auth.sign_in.embed_ticket(admin, ttl=5, job_id="j1", owner=None, note=nothing)
            await auth.sign_in.trade_embed(ticket)
        table = auth._table
        auth.keep_house()
        assert (len(table._bearers), len(table._sessions)) == (len(ROLES) + 3, 1)
        clock.now += 901
        auth.keep_house()
        assert (len(table._bearers), len(table._sessions)) == (len(ROLES), 1)
        assert (await who(auth, cookie=cookie)).roles >= {"admin"}

    asyncio.run(run())
