"""Messages that cannot be noted, sent from memory: a full disk is what people most need to hear of."""

from __future__ import annotations

import logging
from collections.abc import Callable

from mixdesk_control.notify import outbox, patience, switched
from mixdesk_control.notify.delivery import Delivery
from mixdesk_control.notify.event import Event
from mixdesk_control.notify.memory import Memory, Slot
from mixdesk_control.notify.metrics import FAILED, GIVEN_UP, SENT
from mixdesk_control.notify.sender import LIMIT_S, Answer, SendError, refusal
from mixdesk_control.notify.target import Target
from mixdesk_control.notify.urgency import rank
from mixdesk_control.settings import SettingsError
from mixdesk_control.store import Store, StoreError

log = logging.getLogger(__name__)


class Direct:
    """Past the outbox: what is sent here is noted as sent as soon as it can be.

    began  says since when the desk runs
    """

    def __init__(
        self,
        store: Store,
        delivery: Delivery,
        memory: Memory,
        *,
        clock: Callable[[], float],
        began: Callable[[], float],
    ) -> None:
        self._store, self._delivery, self._memory = store, delivery, memory
        self._clock, self._began = clock, began

    async def send_one(self) -> bool:
        """Tries the worst that is news; True where it is settled, so that the next may follow at once."""
        for slot, event, is_renewed in self._memory.waiting():
            if self._delivery.rest.left(rank(event.event)):
                continue
            try:
                if await self._is_news(event, is_renewed):
                    return await self._try(slot, event)
            except StoreError:
                return False  # nobody knows whether it was told
        return False

    async def _is_news(self, event: Event, is_renewed: bool) -> bool:
        now = self._clock()
        return await self._store.read(
            lambda conn: (
                switched.is_news(conn, event, now, self._began()) and (is_renewed or not outbox.holds(conn, event))
            )
        )

    async def _try(self, slot: Slot, event: Event) -> bool:
        slot.tries += 1
        try:
            target, answer = await self._delivery.post(event, LIMIT_S)
        except (SendError, SettingsError) as error:
            self._later(slot, event, str(error), None)
        else:
            self._settle(slot, event, target, answer)
        return slot.outcome is not None

    def _settle(self, slot: Slot, event: Event, target: Target, answer: Answer) -> None:
        if answer.is_taken:
            self._delivery.rest.taken()
            self._delivery.outcomes[event.event, SENT] += 1
            slot.end(outbox.SENT, self._clock())
            log.warning("a message (%s) was sent and cannot be noted yet", event.event)
        elif answer.is_for_now or answer.may_pass:
            self._later(slot, event, refusal(target, answer), answer.retry_after)
        else:
            self._delivery.outcomes[event.event, GIVEN_UP] += 1
            slot.end(outbox.GIVEN_UP, self._clock(), refusal(target, answer))
            log.error("a message (%s) is given up: %s", event.event, slot.error)

    def _later(self, slot: Slot, event: Event, why: str, asked_s: float | None) -> None:
        self._delivery.outcomes[event.event, FAILED] += 1
        self._delivery.rest.failed(patience.again_in(slot.tries, asked_s), asked_s)
        log.warning("a message (%s) that cannot be noted was not taken: %s", event.event, why)
