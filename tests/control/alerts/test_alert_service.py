"""The inbox over a real database: what is kept, what is shown to whom, several desks, bounds."""

from __future__ import annotations

import asyncio
import json
import random
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from alert_inbox import BEGAN, VIEWER, Inbox, told, webhook
from live_desk import wait_until
from postgres import Server
from sqlalchemy import Connection, text
from torture import chance

from mixdesk_control.alerts import inbox as parser
from mixdesk_control.alerts import rights, service
from mixdesk_control.alerts.alert import LATE_S, STALE_S
from mixdesk_control.auth.errors import AccessRefused
from mixdesk_control.auth.principal import Principal
from mixdesk_control.jobs.queries import Owned
from mixdesk_control.store import Store
from mixdesk_control.web.paging import decode_cursor

HOUR = 3600.0


def test_what_fires_is_listed_and_what_is_over_only_where_it_is_asked_for(inbox: Inbox) -> None:
    answer = inbox.hear(told(1), told(2, severity="critical"), told(3, ends=BEGAN + 5))
    assert answer == {"taken": 3, "late": 0, "dropped": 0, "truncated": 0, "refused": []}
    assert inbox.numbers() == [2, 1]
    assert inbox.numbers(state="firing") == [2, 1] and inbox.numbers(state="resolved") == [3]
    assert inbox.numbers(state="all") == [2, 1, 3] and inbox.numbers(state="stale") == []
    assert inbox.numbers(severity="critical") == [2] and inbox.numbers(name="Other") == []
    assert inbox.numbers(component="job", severity="warning") == [1]
    shown = inbox.page(state="all")
    assert shown["firing"] == 2 and shown["items"][0]["runbook"] == "/runbooks/JobStalled"
    inbox.hear(told(4, alertname="NoPage"))
    assert inbox.page(name="NoPage")["items"][0]["runbook"] is None


def test_a_late_word_is_counted_and_changes_nothing(inbox: Inbox) -> None:
    inbox.hear(told(1))
    inbox.hear(told(1, ends=BEGAN + 10))
    inbox.now += LATE_S - 1
    assert inbox.hear(told(1))["late"] == 1 and inbox.numbers() == []
    inbox.now += 1
    assert inbox.hear(told(1))["late"] == 0 and inbox.numbers() == [1]


def test_the_same_alert_twice_in_one_body(inbox: Inbox) -> None:
    assert inbox.hear(told(1), told(1, ends=BEGAN + 10), told(1))["late"] == 1
    assert inbox.numbers(state="all") == inbox.numbers(state="resolved") == [1]


def test_what_is_not_repeated_is_stale_and_then_forgotten(inbox: Inbox) -> None:
    inbox.hear(told(1), told(2, severity="critical"), told(3, ends=BEGAN + 1))
    inbox.now += STALE_S / 2
    inbox.hear(told(1))
    inbox.now += STALE_S / 2 + 1
    assert inbox.numbers() == [1, 2] and inbox.numbers(state="stale") == [2]
    assert inbox.page()["firing"] == 1
    inbox.now += service.KEEP_S - STALE_S
    assert inbox.numbers(state="all") == [1]
    inbox.hear()
    assert len(rows_of(inbox)) == 1


def rows_of(inbox: Inbox) -> list[Any]:
    from mixdesk_control.alerts import rows

    return inbox.service._store.read_blocking(lambda conn: rows.load_since(conn, 0.0))


def test_of_too_many_what_is_over_goes_first_then_what_was_not_repeated(
    inbox: Inbox, caplog: pytest.LogCaptureFixture
) -> None:
    inbox.hear(*(told(number) for number in range(1, 901)))
    inbox.now += 1
    inbox.hear(*(told(number, ends=BEGAN + 1) for number in range(901, 1001)))
    inbox.now += 1
    assert inbox.hear(*(told(number) for number in range(2001, 2121)))["dropped"] == 120
    assert "120 alerts had to make room" in caplog.text
    kept = {int(alert.fingerprint, 16) for alert in rows_of(inbox)}
    assert len(kept) == service.MOST and not kept & set(range(901, 1001)) and kept >= set(range(2001, 2121))
    assert parser.MOST_ALERTS == service.MOST


def test_what_could_not_be_read_is_in_the_log(inbox: Inbox, caplog: pytest.LogCaptureFixture) -> None:
    answer = inbox.hear(told(1), {**told(2), "status": "odd\nlevel=info"}, truncatedAlerts=4)
    assert answer["taken"] == 1 and len(answer["refused"]) == 1 and answer["truncated"] == 4
    assert "1 alerts could not be read, the first: alerts[1]: " in caplog.text
    assert "left 4 alerts out" in caplog.text


def test_the_watchdog_says_whether_alertmanager_is_heard(inbox: Inbox) -> None:
    assert inbox.page()["alertmanager"] is None
    inbox.hear(told(1))
    assert inbox.page()["alertmanager"] == {
        "last_heard_at": "2026-11-30T00:54:20.000000Z",
        "watchdog_at": None,
        "silent": False,
    }
    watchdog = told(9, alertname="Watchdog", severity="none")
    inbox.hear(watchdog)
    inbox.now += service.SILENT_S
    assert not inbox.page()["alertmanager"]["silent"]
    inbox.now += 1
    inbox.hear(told(9, alertname="Watchdog", ends=BEGAN), told(1))
    assert inbox.page()["alertmanager"]["silent"] and inbox.page()["firing"] == 1
    inbox.hear(watchdog)
    assert not inbox.page()["alertmanager"]["silent"]
    assert inbox.numbers(state="all") == [1]


def test_pages_are_whole_and_are_not_shifted_by_what_comes(inbox: Inbox) -> None:
    inbox.now = BEGAN + 1000
    dice = chance()
    severities = ("critical", "warning", "info", "none", "own")
    for number in range(1, 60):
        ends = dice.choice((None, None, BEGAN + 900.0))
        inbox.hear(told(number, starts=BEGAN + dice.randrange(9), ends=ends, severity=dice.choice(severities)))
    whole = [item["fingerprint"] for item in inbox.page(state="all")["items"]]
    paged: list[str] = []
    cursor, number = None, 1000
    while True:
        after = None if cursor is None else decode_cursor(cursor, tuple[int, int, float, str])
        page = inbox.page(limit=7, after=after, state="all")
        paged += [item["fingerprint"] for item in page["items"]]
        cursor, number = page["next"], number + 1
        if cursor is None:
            break
        inbox.hear(told(number, severity="critical", starts=BEGAN + 500))
    assert [name for name in paged if int(name, 16) < 1000] == whole and len(set(paged)) == len(paged)


# -- who sees what -------------------------------------------------------------------------------------

BOB = Principal("bob", frozenset({"viewer"}), owner="bob")
BOB_OPERATES = Principal("bob", frozenset({"operator", "viewer"}), owner="bob")
EMBED = Principal("embed", frozenset({"viewer"}), job_id="a")
EMBED_OF_BOB = Principal("embed", frozenset({"viewer"}), owner="bob", job_id="b")


def test_who_is_bound_sees_alerts_of_its_jobs_and_of_machines_that_name_none(inbox: Inbox) -> None:
    inbox.jobs = {"a": Owned("alice", BEGAN), "b": Owned("bob", BEGAN), "c": Owned(None, BEGAN)}
    for number, job_id in enumerate(("a", "b", "c", "unknown"), 1):
        inbox.hear(told(number, job_id=job_id))
    for number, component in enumerate((*sorted(rights.SHARED), "job", "checkpoint", "log", "desk", "telemetry"), 11):
        inbox.hear(told(number, component=component))
    inbox.hear(told(31, component="gpu", job_id="a"), told(32, component="gpu", job_id="b"))
    inbox.hear(told(33, component="job", job_type="training_rvc"), told(34, component="asset", job_type="x"))
    assert len(inbox.numbers()) == 17
    for principal in (BOB, BOB_OPERATES):
        assert sorted(inbox.numbers(principal)) == [2, 11, 12, 13, 14, 32]
        assert inbox.page(principal)["firing"] == 6
    assert sorted(inbox.numbers(EMBED)) == [1, 31] and sorted(inbox.numbers(EMBED_OF_BOB)) == [2, 32]


def test_an_alert_that_began_before_its_job_is_not_for_who_may_have_claimed_the_id(inbox: Inbox) -> None:
    inbox.hear(told(1, job_id="b"))
    inbox.jobs = {"b": Owned("bob", BEGAN + rights.EARLY_S + 1)}
    assert inbox.numbers(BOB) == [] and inbox.numbers() == [1]
    inbox.jobs = {"b": Owned("bob", BEGAN + rights.EARLY_S)}
    assert inbox.numbers(BOB) == [1]


def test_a_reporter_of_one_owner_may_not_tell_of_alerts(inbox: Inbox) -> None:
    for bound in (Principal("r", frozenset({"reporter"}), owner="bob"), Principal("r", frozenset(), job_id="a")):
        with pytest.raises(AccessRefused, match="alerts are of all") as caught:
            asyncio.run(inbox.service.take(b"{}", bound))
        assert caught.value.status_code == 403
    assert inbox.page()["alertmanager"] is None


# -- several desks -------------------------------------------------------------------------------------


@pytest.fixture
def two_desks(postgres_server: Server, inbox_of: Callable[[Store], Inbox], tmp_path: Path) -> Iterator[list[Inbox]]:
    """On one database."""
    postgres_server.clear()
    stores = [Store.open(postgres_server.url, state_dir=tmp_path) for _ in range(2)]
    try:
        yield [inbox_of(store) for store in stores]
    finally:
        for store in stores:
            store.close()


def test_two_desks_on_one_database_end_alike(two_desks: list[Inbox]) -> None:
    """Two Alertmanagers tell two desks the same at the same time, each in an order of its own."""
    dice = chance()
    words = [told(number, starts=BEGAN) for number in range(1, 21)]
    words += [told(number, starts=BEGAN, ends=BEGAN + 5) for number in range(1, 21)]
    words += [told(number, starts=BEGAN + 10) for number in range(1, 11)]
    with ThreadPoolExecutor(2) as both:
        list(both.map(lambda desk: tell(desk, words, dice.getrandbits(32)), two_desks))
    for desk in two_desks:
        assert sorted(desk.numbers()) == list(range(1, 11)), "what started again after its end"
        assert sorted(desk.numbers(state="resolved")) == list(range(11, 21))
        assert desk.page(VIEWER, limit=3)["next"] is not None and desk.page()["firing"] == 10
        assert desk.page()["alertmanager"]["last_heard_at"].startswith("2026")


def test_a_desk_looks_at_what_another_one_is_about_to_write(two_desks: list[Inbox]) -> None:
    """One hears of the end; before that is on the disk the other hears, late, that it fires."""
    first, second = two_desks
    written, go_on = threading.Event(), threading.Event()

    def slowly(conn: Connection) -> None:
        body = json.dumps(webhook(told(1, ends=BEGAN + 5))).encode()
        service._write(conn, parser.read(body, first.now), first.now)
        written.set()
        assert go_on.wait(60)

    with ThreadPoolExecutor(2) as both:
        ends = both.submit(first.service._store.write_blocking, slowly)
        assert written.wait(60)
        fires = both.submit(second.hear, told(1))
        try:
            wait_until(lambda: waiting(first.service._store), "the other waits")
        finally:
            go_on.set()
        ends.result(60)
        assert fires.result(60)["late"] == 1
    assert second.numbers() == [] and second.numbers(state="resolved") == [1]


def waiting(store: Store) -> int:
    """How many connections wait for a lock."""
    query = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    return int(store.read_blocking(lambda conn: conn.execute(query).scalar()) or 0)


def tell(desk: Inbox, words: list[dict[str, Any]], seed: int) -> None:
    """All words in any order, a few a body, most of them twice."""
    turned = [*words, *words]
    random.Random(seed).shuffle(turned)
    for first in range(0, len(turned), 4):
        desk.hear(*turned[first : first + 4])


def test_what_was_taken_is_there_after_a_restart(
    store: Store, inbox: Inbox, inbox_of: Callable[[Store], Inbox]
) -> None:
    inbox.hear(told(1), told(9, alertname="Watchdog"))
    again = inbox_of(store)
    assert again.page() == inbox.page() and again.numbers() == [1]
    assert json.dumps(again.page()["alertmanager"]).count("2026-11-30") == 2
