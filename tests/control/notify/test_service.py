"""Messages on their way to a real receiver that takes them, refuses, hangs, is gone and comes back."""

from __future__ import annotations

import asyncio
import logging
import socket
import subprocess
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import quick_store
from told import Receiver

from mixdesk_control.notify import delivery, outbox, patience, service
from mixdesk_control.notify.event import About, Event
from mixdesk_control.notify.sender import LIMIT_S, seconds_of
from mixdesk_control.notify.service import NotifyService, Refused
from mixdesk_control.settings import SettingsError
from mixdesk_control.settings_notify import NotifySettings
from mixdesk_control.store import Store

SECRET = "/services/T0/geheim"


@pytest.fixture
def store() -> Iterator[Store]:
    with quick_store.quick_folder() as folder:
        made = quick_store.opened(folder)
        yield made
        made.close()


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "AGAIN_S", 0.3)
    monkeypatch.setattr(delivery, "AGAIN_S", 0.3)
    monkeypatch.setattr(patience, "FIRST_S", 0.1)
    monkeypatch.setattr(delivery, "LOOK_S", 0.2)


def event(key: str = "k", kind: str = "job.failed", at: float = 2e9) -> Event:
    return Event(key=key, event=kind, at=at, job=About(job_id="j", job_type="t", status="failed", name="anton"))


def run(store: Store, url: str, scene: Callable[[NotifyService], Awaitable[Any]], **settings: Any) -> NotifyService:
    """One service from its start to its stop, with a scene between."""

    async def play() -> NotifyService:
        made = NotifyService(store, NotifySettings(url=url, **settings))
        await made.start()
        try:
            async with asyncio.timeout(90):
                await scene(made)
        finally:
            async with asyncio.timeout(LIMIT_S / 2):  # far less than a receiver that hangs would take
                await made.stop()
        return made

    return asyncio.run(play())


async def until(condition: Callable[[], Any]) -> None:
    while not condition():
        await asyncio.sleep(0.02)


def test_what_is_told_is_sent_once(store: Store, receiver: Receiver) -> None:
    async def scene(made: NotifyService) -> None:
        for _ in range(3):
            made.tell(event())
        made.tell(event("other", "job.canceled"))  # not one of the usual ones
        made.tell(event("late"))
        await until(lambda: made.outcomes["job.failed", "sent"] == 2)

    run(store, receiver.url + SECRET, scene)
    assert [body["id"] for body in receiver.taken()] == ["k", "late"]
    (first, _) = receiver.came
    assert first.path == SECRET and first.headers["content-type"] == "application/json"
    run(store, receiver.url + SECRET, lambda made: _tell(made, event()))
    assert len(receiver.came) == 2, "nor by the next desk"


async def _tell(made: NotifyService, told: Event) -> None:
    made.tell(told)
    await asyncio.sleep(0.5)


@pytest.mark.parametrize(("fault", "wait"), [(503, None), (429, "1"), (408, "0")])
def test_what_is_refused_for_now_is_sent_later(store: Store, receiver: Receiver, fault: int, wait: str | None) -> None:
    receiver.fault, receiver.retry_after = fault, wait

    async def scene(made: NotifyService) -> None:
        made.tell(event())
        await until(lambda: made.outcomes["job.failed", "failed"])
        receiver.fault = None
        await until(lambda: made.outcomes["job.failed", "sent"])

    run(store, receiver.url, scene)
    assert len(receiver.taken()) == 1


@pytest.mark.parametrize("fault", [400, 401, 410])
def test_what_is_refused_for_good_is_given_up_at_once_and_said(
    store: Store, receiver: Receiver, fault: int, caplog: pytest.LogCaptureFixture
) -> None:
    receiver.fault, receiver.say = fault, b"no_service at /services/T0/geheim\n for Bearer tk_geheim"

    async def scene(made: NotifyService) -> None:
        made.tell(event("a"))
        await until(lambda: made.outcomes["job.failed", "given_up"])
        receiver.fault = None
        made.tell(event("b"))
        await until(lambda: made.outcomes["job.failed", "sent"])

    with caplog.at_level(logging.INFO):
        run(store, receiver.url + SECRET, scene)
    assert [message.answered for message in receiver.came] == [fault, 200]
    assert f"answered {fault} (no_service" in caplog.text and "given up" in caplog.text
    assert "geheim" not in caplog.text
    errors = store.read_blocking(lambda conn: conn.exec_driver_sql("SELECT error FROM notices").scalars().all())
    assert "geheim" not in str(errors)


def test_one_that_is_refused_does_not_hold_up_the_next(store: Store, receiver: Receiver) -> None:
    receiver.fault = 500

    async def scene(made: NotifyService) -> None:
        made.tell(event("a"))
        await until(lambda: made.outcomes["job.failed", "failed"] >= 2)
        receiver.fault = None
        made.tell(event("b"))
        await until(lambda: made.outcomes["job.failed", "sent"] == 2)

    run(store, receiver.url, scene)


def test_one_that_is_not_there_yet_hears_it_when_it_comes(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    came = []

    async def scene(made: NotifyService) -> None:
        made.tell(event())
        await until(lambda: made.outcomes["job.failed", "failed"])

        async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            came.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n")
            await writer.drain()
            writer.close()

        async with await asyncio.start_server(take, "127.0.0.1", port):
            await until(lambda: made.outcomes["job.failed", "sent"])

    run(store, f"http://127.0.0.1:{port}{SECRET}", scene)
    assert len(came) == 1 and "Connection refused" in caplog.text and "geheim" not in caplog.text


@pytest.mark.parametrize("fault", ["hang", "drip"])
def test_one_that_hangs_holds_up_nobody(store: Store, receiver: Receiver, fault: str) -> None:
    """The desk stops while it hangs; the next one tells it, and no sooner is it told twice."""
    receiver.fault = fault

    async def scene(made: NotifyService) -> None:
        made.tell(event())
        await until(lambda: receiver.came)
        made.tell(event("meanwhile"))

    run(store, receiver.url, scene)
    assert [message.answered for message in receiver.came] == [None]
    receiver.fault = None
    run(store, receiver.url, lambda made: until(lambda: made.outcomes["job.failed", "sent"] == 2))
    assert sorted(body["id"] for body in receiver.taken()) == ["k", "meanwhile"]


def test_a_slow_receiver_hears_it_once(store: Store, receiver: Receiver) -> None:
    receiver.fault, receiver.slow_s = "slow", 0.3

    async def scene(made: NotifyService) -> None:
        made.tell(event())
        await until(lambda: made.outcomes["job.failed", "sent"])

    run(store, receiver.url, scene)
    assert len(receiver.came) == 1


def test_a_desk_that_was_killed_while_it_told_leaves_it_to_the_next(store: Store, receiver: Receiver) -> None:
    async def kill(made: NotifyService) -> None:
        receiver.fault = "hang"
        made.tell(event())
        await until(lambda: receiver.came)

    run(store, receiver.url, kill)
    # As SIGKILL leaves it: taken by a desk that is no more.
    store.write_blocking(lambda conn: conn.exec_driver_sql("UPDATE notices SET claimed_until = 9e9, tries = 7"))
    receiver.fault = None
    run(store, receiver.url, lambda made: until(lambda: made.outcomes["job.failed", "sent"]))
    assert len(receiver.taken()) == 1


def test_old_news_is_none(store: Store, receiver: Receiver, caplog: pytest.LogCaptureFixture) -> None:
    now = [2e9]

    async def scene(made: NotifyService) -> None:
        await asyncio.sleep(0.3)
        made.tell(event("before it was switched on", at=now[0] - 5))
        await until(lambda: not made._told)
        await asyncio.sleep(0.3)
        now[0] += 200_000
        made.tell(event("a day ago", at=now[0] - 90_000))
        receiver.fault = 503
        made.tell(event("told in vain", at=now[0]))
        await until(lambda: made.outcomes["job.failed", "failed"])
        now[0] += 90_000
        await until(lambda: made.outcomes["job.failed", "given_up"])

    async def play() -> None:
        made = NotifyService(store, NotifySettings(url=receiver.url), clock=lambda: now[0])
        await made.start()
        async with asyncio.timeout(90):
            await scene(made)
        await made.stop()

    asyncio.run(play())
    assert {message.body["id"] for message in receiver.came} == {"told in vain"} and not receiver.taken()
    assert "could not be sent for a day" in caplog.text


def test_what_cannot_be_noted_just_now_is_noted_later(store: Store, receiver: Receiver) -> None:
    def lock(sql: str) -> None:
        store.write_blocking(lambda conn: conn.exec_driver_sql(sql))

    lock("CREATE TRIGGER no BEFORE INSERT ON notices BEGIN SELECT RAISE(ABORT, 'full'); END")

    async def scene(made: NotifyService) -> None:
        made.tell(event())
        await asyncio.sleep(0.5)
        await asyncio.to_thread(lock, "DROP TRIGGER no")
        await until(lambda: made.outcomes["job.failed", "sent"])

    run(store, receiver.url, scene)


def test_what_was_taken_is_not_told_again_because_the_disk_is_full(store: Store, receiver: Receiver) -> None:
    def lock(sql: str) -> None:
        store.write_blocking(lambda conn: conn.exec_driver_sql(sql))

    no = "CREATE TRIGGER no BEFORE UPDATE OF outcome ON notices BEGIN SELECT RAISE(ABORT, 'full'); END"

    async def scene(made: NotifyService) -> None:
        await asyncio.to_thread(lock, no)
        made.tell(event())
        await until(lambda: made.outcomes["job.failed", "sent"])
        await asyncio.sleep(0.5)
        await asyncio.to_thread(lock, "DROP TRIGGER no")
        await until(lambda: store.read_blocking(outbox.standing).outcome == "sent")

    run(store, receiver.url, scene)
    assert len(receiver.came) == 1


def test_a_test_says_what_the_receiver_said(store: Store, receiver: Receiver) -> None:
    async def scene(made: NotifyService) -> None:
        _, answer = await made.test()
        assert answer.status == 200
        receiver.fault, receiver.say = 403, b"action_prohibited"
        with pytest.raises(Refused, match=r"http://127\.0\.0\.1:\d+ answered 403 \(action_prohibited\)"):
            await made.test()

    run(store, receiver.url + SECRET, scene, format="slack")
    assert "Mixdesk: a test" in receiver.came[0].body["text"]
    assert store.read_blocking(outbox.standing).outcome == "given_up"


def test_the_token_goes_along(store: Store, receiver: Receiver, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("tk_1")
    run(store, receiver.url + "/topic", lambda made: made.test(), format="ntfy", token_file=tmp_path / "token")
    (message,) = receiver.came
    assert (message.path, message.headers["authorization"]) == ("/", "Bearer tk_1")
    assert message.body["topic"] == "topic"


def test_a_certificate_must_be_right(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    request = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=told -addext subjectAltName=IP:127.0.0.1"
    files = tmp_path / "cert.pem", tmp_path / "key.pem"
    command = ["openssl", *request.split(), "-out", str(files[0]), "-keyout", str(files[1])]
    subprocess.run(command, check=True, capture_output=True)
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    receiver = Receiver(files)
    try:

        async def scene(made: NotifyService) -> None:
            with pytest.raises(Refused, match="self-signed certificate"):
                await made.test()
            monkeypatch.setenv("SSL_CERT_FILE", str(files[0]))
            _, answer = await made.test()
            assert answer.status == 200

        run(store, receiver.url, scene)
    finally:
        receiver.close()


def test_proxies_of_the_environment_hear_nothing(
    store: Store, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    run(store, receiver.url, lambda made: made.test())
    assert len(receiver.came) == 1


def test_without_an_address_nothing_is_done(store: Store, tmp_path: Path) -> None:
    async def play() -> None:
        made = NotifyService(store, NotifySettings())
        await made.start()
        made.tell(event())
        await made.stop()
        assert not made.events

    asyncio.run(play())
    assert store.read_blocking(outbox.standing).waiting == 0
    with pytest.raises(SettingsError, match="cannot be read"):
        NotifyService(store, NotifySettings(url_file=tmp_path / "none"))


def test_waits_grow_and_have_an_end() -> None:
    waits = [patience.again_in(tries) for tries in (1, 2, 5, 20, 2000)]
    assert all(0 < wait <= patience.MOST_S * 1.2 for wait in waits) and waits[3] > waits[0]
    assert patience.again_in(1, 0.0) == 1.0 and patience.again_in(1, 1e9) == patience.MOST_ASKED_S
    given = [seconds_of(text, 0.0) for text in ("3", "1.5", "-4", "nan", "x", "Thu, 01 Jan 1970 00:00:09 GMT", None)]
    assert given == [3.0, 1.5, 0.0, None, None, 9.0, None]
