"""Messages on their way: what is told goes into the outbox, and from there to the receiver, one after the other.

Nobody waits for a receiver: not a job, not a request, not the end of the desk.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
import uuid
from collections.abc import Awaitable, Callable, Iterable, Mapping

from sqlalchemy import Connection

from mixdesk_control.notify import outbox, patience, switched
from mixdesk_control.notify.delivery import Delivery
from mixdesk_control.notify.direct import Direct
from mixdesk_control.notify.event import TEST, Event
from mixdesk_control.notify.memory import MOST, Memory, Slot, Well
from mixdesk_control.notify.metrics import GIVEN_UP
from mixdesk_control.notify.sender import Answer, SendError, refusal
from mixdesk_control.notify.target import Target, target_of
from mixdesk_control.settings import SettingsError
from mixdesk_control.settings_notify import SUCCEEDED, NotifySettings
from mixdesk_control.store import Store, StoreError

AGAIN_S = 5.0
TEST_LIMIT_S = 10.0
PRUNE_S = 3600.0
LAST_S = 0.8

log = logging.getLogger(__name__)


class Refused(Exception):
    """A test that did not arrive; one line without secrets."""


class NotifyService:
    """Tells one receiver. Used on the event loop alone; where `[notify]` names nobody, it does nothing."""

    def __init__(
        self,
        store: Store,
        settings: NotifySettings,
        *,
        public_url: str | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Raises SettingsError where a file of `[notify]` cannot be used."""
        self._store, self._settings = store, settings
        self._clock = clock
        self.events = frozenset(settings.events if settings.is_on else ())
        self._delivery = Delivery(store, settings, public_url=public_url, clock=clock)
        self._told = Memory()
        self._beginning = time.monotonic()
        self._direct = Direct(store, self._delivery, self._told, clock=clock, began=self._began)
        self._news = asyncio.Event()
        self._is_begun = False
        self._tasks: list[asyncio.Task[None]] = []
        if self.is_on:
            target_of(settings)

    @property
    def is_on(self) -> bool:
        """Whether anybody is told anything."""
        return self._settings.is_on

    @property
    def format(self) -> str:
        """What the receiver understands."""
        return self._settings.format

    @property
    def outcomes(self) -> Mapping[tuple[str, str], int]:
        """{(event, outcome): how often} since the desk started."""
        return self._delivery.outcomes

    # -- start and stop ------------------------------------------------------------------------------

    async def start(self) -> None:
        """From now on what is told is sent, and what an earlier desk left."""
        if self.is_on:
            self._tasks = [asyncio.create_task(_forever(run)) for run in (self._keep, self._send, self._prune)]

    async def stop(self) -> None:
        """Ends within a second, whatever the receiver does; what is not sent stays in the outbox."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        with contextlib.suppress(StoreError, TimeoutError):
            async with asyncio.timeout(LAST_S):
                await self._write_down()

    # -- what is told --------------------------------------------------------------------------------

    def tell(self, event: Event) -> None:
        """Something happened: it is sent once, unless its kind is not to be told or it is old."""
        if event.event in self.events and not patience.is_stale(event.at, self._clock()) and not self._is_brief(event):
            self._remember(event)

    def well(self, key: str) -> None:
        """What was told under this key is over: should it come again, it is told again."""
        if self.is_on:
            self._remember(Well(key))

    def _is_brief(self, event: Event) -> bool:
        """Whoever runs something of a few seconds is there when it succeeds."""
        ran_s = None if event.job is None else event.job.ran_s
        return event.event == SUCCEEDED and ran_s is not None and ran_s < self._settings.min_duration_s

    def _remember(self, item: Event | Well) -> None:
        dropped = self._told.add(item)
        if dropped is not None:
            self._delivery.outcomes[dropped.event, GIVEN_UP] += 1
            log.error("a message (%s) is given up: more than %d cannot be noted", dropped.event, MOST)
        self._news.set()

    def _began(self) -> float:
        """When this desk began, as its clock is now."""
        return self._clock() - (time.monotonic() - self._beginning)

    async def _keep(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            try:
                await self._write_down()
            except StoreError as error:
                self._news.set()
                if not await self._direct.send_one():
                    log.warning("messages cannot be noted, again in %g s: %s", AGAIN_S, error)
                    await asyncio.sleep(AGAIN_S)

    async def _write_down(self) -> None:
        told = self._told.all()
        if told:
            await self._store.write(lambda conn: self._put(conn, told.values()))
            self._told.forget(told)  # not where it was broken off: what is noted twice is told once
            self._delivery.due.set()

    def _put(self, conn: Connection, told: Iterable[Slot]) -> None:
        now = self._clock()
        since = switched.since(conn, self.events, now, self._began())
        for slot in told:
            if isinstance(slot.item, Well):
                outbox.reopen(conn, slot.item.key)
            elif slot.outcome is not None:
                outbox.add_ended(conn, slot.item, slot.ended_at, slot.outcome, slot.error)
            elif slot.item.at >= since[slot.item.event]:
                outbox.add(conn, [slot.item], now)

    async def _send(self) -> None:
        if not self._is_begun:
            await self._store.write(self._begin)
            self._is_begun = True
        await self._delivery.run()

    def _begin(self, conn: Connection) -> None:
        now = self._clock()
        switched.since(conn, self.events, now, self._began())
        outbox.set_right(conn, now, now + patience.MOST_ASKED_S)
        if conn.dialect.name == "sqlite":  # no other desk can be at any of them
            outbox.release_all(conn)

    async def _prune(self) -> None:
        while True:
            await self._store.write(lambda conn: outbox.prune(conn, self._clock()))
            await asyncio.sleep(PRUNE_S)

    # -- trying it out -------------------------------------------------------------------------------

    async def test(self) -> tuple[Target, Answer]:
        """Sends one message now and says what the receiver answered. Raises Refused."""
        event = Event(key=f"{TEST}:{uuid.uuid4().hex}", event=TEST, at=self._clock())
        try:
            target, answer = await self._delivery.post(event, TEST_LIMIT_S)
            why = None if answer.is_taken else refusal(target, answer)
        except (SendError, SettingsError) as error:
            why = str(error)
        try:
            await self._store.write(lambda conn: outbox.note_test(conn, event, self._clock(), why))
        except StoreError as error:
            log.warning("how a test message went cannot be noted: %s", error)
        if why is not None:
            raise Refused(why)
        return target, answer


async def _forever(run: Callable[[], Awaitable[None]]) -> None:
    """Keeps a background task going: what goes wrong is one log line, and another attempt."""
    while True:
        try:
            await run()
        except StoreError as error:
            log.warning("the outbox of messages cannot be used, again in %g s: %s", AGAIN_S, error)
        except Exception:
            log.exception("a background task of the notifications failed; it goes on in %g s", AGAIN_S)
        await asyncio.sleep(AGAIN_S)
