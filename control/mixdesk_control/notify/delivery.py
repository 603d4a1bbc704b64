"""From the outbox to the receiver: one message after the other, each until it is taken or given up."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import Counter
from collections.abc import Callable
from functools import partial

import msgspec
from sqlalchemy import Connection

from mixdesk_control.notify import outbox, patience
from mixdesk_control.notify.event import Event, event_from
from mixdesk_control.notify.formats import FORMATS
from mixdesk_control.notify.metrics import FAILED, GIVEN_UP, SENT
from mixdesk_control.notify.outbox import Notice
from mixdesk_control.notify.rest import Rest
from mixdesk_control.notify.sender import LIMIT_S, Answer, SendError, refusal, send
from mixdesk_control.notify.target import Target, target_of
from mixdesk_control.notify.texts import message
from mixdesk_control.notify.urgency import MILD, PRESSING, rank
from mixdesk_control.settings import SettingsError
from mixdesk_control.settings_notify import NotifySettings
from mixdesk_control.store import Store, StoreError

CLAIM_S = 2 * LIMIT_S
LOOK_S = 30.0  # another desk may have left something
AGAIN_S = 5.0
JUMP_S = 5.0

log = logging.getLogger(__name__)


class Delivery:
    """Sends what is due. `public_url` is how browsers call the desk; `outcomes` counts (event, outcome)."""

    def __init__(
        self, store: Store, settings: NotifySettings, *, public_url: str | None, clock: Callable[[], float]
    ) -> None:
        self._store, self._settings, self._public_url, self._clock = store, settings, public_url, clock
        self.outcomes: Counter[tuple[str, str]] = Counter()
        self.due = asyncio.Event()
        self.rest = Rest()
        self._doubts: Counter[int] = Counter()
        self._offset = clock() - time.monotonic()

    async def run(self) -> None:
        """Until it is cancelled. Raises StoreError where the outbox cannot be read or written."""
        while True:
            self.due.clear()
            await asyncio.sleep(self.rest.left(PRESSING))
            await self._mind_the_clock()
            least = PRESSING if self.rest.left() else MILD
            notice = await self._store.write(partial(self._claim, least=least))
            if notice is None:
                await self._wait(least)
            else:
                await self._try(notice)

    async def _mind_the_clock(self) -> None:
        """One that went back would let messages wait for a time that is far away."""
        now = self._clock()
        offset = now - time.monotonic()
        if offset < self._offset - JUMP_S:
            await self._store.write(lambda conn: outbox.set_right(conn, now, now))
        self._offset = offset

    def _claim(self, conn: Connection, least: int) -> Notice | None:
        now = self._clock()
        return outbox.claim(conn, now, now + CLAIM_S, least)

    async def _wait(self, least: int) -> None:
        """Until something is told, the next try is due, or the receiver has rested."""
        due = await self._store.read(partial(outbox.next_due, least=least))
        wait = LOOK_S if due is None else min(max(due - self._clock(), 0.05), LOOK_S)
        if least == PRESSING:
            wait = min(wait, self.rest.left())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait):
                await self.due.wait()

    async def _try(self, notice: Notice) -> None:
        try:
            target, answer = await self.post(event_from(notice.body), LIMIT_S)
        except asyncio.CancelledError:
            self._store.write_soon(lambda conn: outbox.release(conn, notice))
            raise
        except msgspec.MsgspecError as error:
            await self._give_up(notice, f"what was noted cannot be read: {error}")
        except (SendError, SettingsError) as error:
            await self._later(notice, str(error))
        else:
            await self._settle(notice, target, answer)

    async def post(self, event: Event, limit_s: float) -> tuple[Target, Answer]:
        """One try of one message. Raises SendError, and SettingsError where a file of `[notify]` cannot be used."""
        target = await asyncio.to_thread(target_of, self._settings)
        posted = FORMATS[self._settings.format](event, message(event, self._public_url), target.path)
        return target, await send(target, posted, limit_s=limit_s)

    async def _settle(self, notice: Notice, target: Target, answer: Answer) -> None:
        if answer.is_taken:
            self.rest.taken()
            self._doubts.pop(notice.id, None)
            self.outcomes[notice.event, SENT] += 1
            await self._note(lambda conn: outbox.end(conn, notice, self._clock(), outbox.SENT))
        elif answer.is_for_now:
            await self._later(notice, refusal(target, answer), answer.retry_after)
        elif answer.may_pass:
            await self._doubt(notice, refusal(target, answer))
        else:
            await self._give_up(notice, refusal(target, answer))

    async def _later(self, notice: Notice, why: str, asked_s: float | None = None) -> None:
        wait = patience.again_in(notice.tries, asked_s)
        self.rest.failed(wait, asked_s)
        if patience.is_stale(notice.created_at, self._clock()):
            await self._give_up(notice, f"it could not be sent for a day: {why}")
        else:
            await self._put_off(notice, patience.probed(wait) if rank(notice.event) == PRESSING else wait, why)

    async def _doubt(self, notice: Notice, why: str) -> None:
        """Refused for good, if it was the receiver that answered: a few more tries tell."""
        self._doubts[notice.id] += 1
        wait = patience.doubted(self._doubts[notice.id])
        if wait is None:
            await self._give_up(notice, why)
        else:
            self.rest.failed(wait, None)
            await self._put_off(notice, wait, why)

    async def _put_off(self, notice: Notice, wait: float, why: str) -> None:
        self.outcomes[notice.event, FAILED] += 1
        log.warning("a message (%s) was not taken, again in %.0f s: %s", notice.event, wait, why)
        await self._note(lambda conn: outbox.postpone(conn, notice, self._clock() + wait, why))

    async def _give_up(self, notice: Notice, why: str) -> None:
        self.outcomes[notice.event, GIVEN_UP] += 1
        self._doubts.pop(notice.id, None)
        log.error("a message (%s) is given up: %s", notice.event, why)
        await self._note(lambda conn: outbox.end(conn, notice, self._clock(), outbox.GIVEN_UP, why))

    async def _note(self, work: Callable[[Connection], None]) -> None:
        """What became of a try, until it is on disk: what is not noted would be told again."""
        while True:
            try:
                await self._store.write(work)
            except asyncio.CancelledError:
                self._store.write_soon(work)
                raise
            except StoreError as error:
                log.warning("what became of a message cannot be noted, again in %g s: %s", AGAIN_S, error)
                await asyncio.sleep(AGAIN_S)
            else:
                return
