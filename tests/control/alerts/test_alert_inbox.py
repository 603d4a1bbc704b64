"""What is sent to the webhook, as bytes: read, cut, refused with a reason; never a fault."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from alert_inbox import BEGAN, told, webhook
from hypothesis import given
from hypothesis import strategies as st

from mixdesk_control.alerts import inbox
from mixdesk_control.web.problems import Problem

NOW = BEGAN + 60.0


def read(*alerts: Any, **fields: Any) -> inbox.Delivery:
    return inbox.read(json.dumps(webhook(*alerts, **fields)).encode(), NOW)


def refusal(body: bytes) -> Problem:
    with pytest.raises(Problem) as caught:
        inbox.read(body, NOW)
    return caught.value


def test_an_alert_is_read_whole() -> None:
    delivery = read(told(7, job_id="j1"), {**told(8, ends=BEGAN + 30.5), "later": {"unknown": [1]}})
    first, second = delivery.alerts
    assert (first.fingerprint, first.name, first.labels["job_id"]) == (f"{7:016x}", "JobStalled", "j1")
    assert (first.starts_at, first.ends_at, first.heard_at) == (BEGAN, None, NOW)
    assert first.annotations["description"] == "for 16 minutes" and first.source == told()["generatorURL"]
    assert second.ends_at == BEGAN + 30.5 and delivery.refused == ()


def test_one_bad_alert_keeps_none_of_the_others_away() -> None:
    bad: dict[str, Any] = {
        "status": {**told(), "status": "pending"},
        "fingerprint": {**told(), "fingerprint": "../x"},
        "startsAt": {**told(), "startsAt": "yesterday"},
        "year 1": {**told(), "startsAt": "0001-01-01T00:00:00Z"},
        "in the future": told(starts=NOW + inbox.AHEAD_S + 1),
        "labels": {**told(), "labels": {"alertname": 5}},
        "none": 17,
        "empty": {},
    }
    delivery = read(told(1), *bad.values(), told(2))
    assert [alert.fingerprint for alert in delivery.alerts] == [f"{1:016x}", f"{2:016x}"]
    assert len(delivery.refused) == len(bad)
    for number, (reason, word) in enumerate(zip(delivery.refused, bad, strict=True), 1):
        assert reason.startswith(f"alerts[{number}]: ")
        assert word in reason or word in ("year 1", "none", "empty"), reason


def test_where_none_can_be_read_it_is_refused_with_the_reasons() -> None:
    problem = refusal(json.dumps(webhook({**told(), "fingerprint": "zz"}, 3)).encode())
    assert problem.status_code == 422 and "fingerprint 'zz'" in problem.detail
    assert len(problem.extra["refused"]) == 2


def test_other_bodies_are_refused() -> None:
    assert "not JSON" in refusal(b"{").detail and refusal(b"\xff\xfe").status_code == 400
    assert refusal(b"[]").status_code == refusal(b"{}").status_code == refusal(b'{"version": "4"}').status_code == 422
    assert "version 4, not '1'" in refusal(json.dumps(webhook(version="1")).encode()).detail
    assert refusal(json.dumps(webhook(version=4)).encode()).status_code == 422
    deep = b'{"version": "4", "alerts": [%s]}' % (b"[" * 100_000 + b"]" * 100_000)
    assert refusal(deep).status_code in (400, 422)


def test_an_end_is_never_before_the_start_and_never_missing() -> None:
    early, none = told(1, ends=BEGAN - 5.0), {**told(2, ends=BEGAN), "endsAt": "0001-01-01T00:00:00Z"}
    assert [alert.ends_at for alert in read(early, none).alerts] == [BEGAN, NOW]
    odd = [{**told(ends=BEGAN), "endsAt": end} for end in ("", "9999-12-31T23:59:59-23:59", "x" * 99, None)]
    assert {alert.ends_at for alert in read(*odd).alerts} == {NOW}


def test_texts_are_cut_and_say_so() -> None:
    labels = {"alertname": "A", "job_id": "j1", **{f"label{number:03}": "v" * 100 for number in range(200)}}
    given = {**told(), "labels": labels, "annotations": {"description": "d" * 5000, "n" * 500: "x"}}
    (alert,) = read(given).alerts
    assert sum(len(name) + len(value) for name, value in alert.labels.items()) <= inbox.MOST_TEXT + 40
    assert alert.name == "A" and alert.labels["job_id"] == "j1"
    assert alert.labels["…"] == f"{202 - len(alert.labels) + 1} more are left out"
    assert alert.annotations["description"] == "d" * (inbox.MOST_VALUE - 1) + "…"
    assert any(name.endswith("n…") for name in alert.annotations)


def test_more_than_a_desk_keeps_is_said() -> None:
    delivery = read(*(told(number) for number in range(1, 1003)), truncatedAlerts=9)
    assert len(delivery.alerts) == 1000 and delivery.refused == ("alerts[1000:]: 2 more than a desk keeps",)
    assert delivery.truncated == 9


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "http://a b", "https://x\n", "", "//x"])
def test_only_addresses_that_a_browser_may_be_led_to_are_kept(address: str) -> None:
    (alert,) = read({**told(), "generatorURL": address}).alerts
    assert alert.source is None


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
TEXT = st.text(max_size=30) | st.just("2026-12-01T00:00:00.123456789+05:30") | st.just("w" * 9000)
ODD_ALERT = st.fixed_dictionaries(
    {},
    optional={
        "status": st.sampled_from(["firing", "resolved"]) | ANYTHING,
        "labels": st.dictionaries(TEXT, TEXT, max_size=4) | ANYTHING,
        "annotations": st.dictionaries(TEXT, TEXT, max_size=4) | ANYTHING,
        "startsAt": st.datetimes().map(lambda at: at.isoformat() + "Z") | TEXT | ANYTHING,
        "endsAt": st.datetimes().map(lambda at: at.isoformat() + "-23:59") | TEXT | ANYTHING,
        "generatorURL": TEXT | ANYTHING,
        "fingerprint": st.just("ab12") | ANYTHING,
    },
)


@given(alerts=st.lists(ODD_ALERT | ANYTHING, max_size=4), truncated=ANYTHING)
def test_nothing_that_is_sent_is_a_fault(alerts: list[Any], truncated: Any) -> None:
    body = json.dumps({"version": "4", "alerts": alerts, "truncatedAlerts": truncated}).encode()
    try:
        delivery = inbox.read(body, NOW)
    except Problem as problem:
        assert problem.status_code in (400, 422)
        return
    assert len(delivery.alerts) + len(delivery.refused) == len(alerts)
    for alert in delivery.alerts:
        msgspec.json.encode([dict(alert.labels), dict(alert.annotations)])
        assert alert.ends_at is None or alert.ends_at >= alert.starts_at


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_no_bytes_are_a_fault(body: bytes) -> None:
    with pytest.raises(Problem) as caught:
        inbox.read(body, NOW)
    assert caught.value.status_code in (400, 422)
