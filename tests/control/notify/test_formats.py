"""An event in the form of each receiver: whole, within its limits, and harmless whatever a job is called."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pages
import pytest
from torture import chance

from mixdesk_control.notify import patience
from mixdesk_control.notify.event import About, Event, Saved, Space, event_from, text_of
from mixdesk_control.notify.formats import FORMATS
from mixdesk_control.notify.formats import slack as slack_form
from mixdesk_control.notify.sender import LIMIT_S
from mixdesk_control.notify.texts import TOLD, message, size, spoken
from mixdesk_control.settings_notify import EVENTS, USUAL

URL = "https://desk.example"
ODD = "<!channel> @everyone *b* _i_ `c` [x](https://evil) &amp; \\ \x1b[31m ü\n"


def event(kind: str = "job.failed", **more: Any) -> Event:
    job = About(
        job_id="0198/ä", job_type="training_rvc", status="failed", name="anton", owner="studio", host="box1", attempt=2,
        progress=43.125, phase="training", epoch=5, epochs=20, step=10, steps=100, ran_s=11_530.0,
    )  # fmt: skip
    return Event(**({"key": "k", "event": kind, "at": 1_790_000_000.0, "job": job, "error": "boom"} | more))


def sent(form: str, told: Event, path: str = "/secret/topic", url: str | None = URL) -> tuple[str, Any]:
    posted = FORMATS[form](told, message(told, url), path)
    return posted.path, json.loads(posted.body)


def test_every_event_has_words() -> None:
    assert set(TOLD) == {*EVENTS, "test"}
    assert len({title for _, title in TOLD.values()}) == len(TOLD)


def test_what_people_read() -> None:
    told = message(event(), URL)
    assert told.title == "anton failed"
    assert told.text.splitlines() == [
        "boom",
        "training_rvc, on box1, attempt 2",
        "43.1 %, training, epoch 5 of 20, step 10 of 100, after 3 h 12 min",
    ]
    assert told.link == "https://desk.example/ui/jobs/detail/?id=0198%2F%C3%A4"
    assert message(event(), None).link is None
    space = Space(folder="/data/ck", free=10 << 20, needed=3 << 30)
    text = message(event("disk.low", error=None, space=space), URL).text
    assert text.startswith("/data/ck has 10.0 MiB left, the next checkpoint needs 3.0 GiB.")
    record = Saved(path="/a/anton-v1-e1-s2.pth", epoch=1, step=2, size=5, reason="requested")
    text = message(event("checkpoint.saved", error=None, checkpoint=record), URL).text
    assert text.startswith("anton-v1-e1-s2.pth, 5 B, requested, epoch 1, step 2")
    full = message(Event(key="k", event="disk.low", at=0.0, error="disk is full"), URL)
    assert (full.title, full.severity) == ("Mixdesk: the desk cannot write", "critical") and "disk is full" in full.text
    assert "for 15 min" in message(event("job.stalled", error=None, since=900.0), URL).text
    assert message(Event(key="k", event="test", at=0.0), URL).link == "https://desk.example/ui/"


def test_durations_and_sizes() -> None:
    assert [spoken(seconds) for seconds in (-1, 0, 59.9, 60, 3601, 90_000)] == [
        "0 s", "0 s", "59 s", "1 min", "1 h 1 s", "1 d 1 h",
    ]  # fmt: skip
    assert [size(count) for count in (0, 1023, 1024, 5 << 40)] == ["0 B", "1023 B", "1.0 KiB", "5.0 TiB"]


def test_an_event_is_the_same_once_it_was_stored() -> None:
    record = Saved(path="/a", epoch=1, step=2, size=5, reason="requested")
    told = event(checkpoint=record, space=Space(folder="/", free=1, needed=2), since=3.0)
    assert event_from(text_of(told)) == told


def test_json_has_every_key_always() -> None:
    path, whole = sent("json", event(), "/hook?x=1")
    assert path == "/hook?x=1"
    assert whole["v"] == 1 and whole["id"] == "k" and whole["at"] == "2026-09-21T14:13:20.000000Z"
    assert whole["job"]["owner"] == "studio" and whole["job"]["progress_percent"] == 43.125
    _, bare = sent("json", Event(key="t", event="test", at=0.0), url=None)
    assert set(bare) == set(whole) and bare["job"] is None and bare["link"] is None


def test_slack_takes_nothing_for_markup() -> None:
    path, body = sent("slack", event(error=ODD, job=About(job_id="j", job_type=ODD, status="failed", name=ODD)))
    assert path == "/secret/topic"
    (block,) = body["blocks"]
    text = block["text"]["text"]
    assert set(re.findall(r"<[^>]*>", text)) == {"<https://desk.example/ui/jobs/detail/?id=j|Open in Mixdesk>"}
    assert "&lt;!channel&gt;" in text and "&lt;!channel&gt;" in body["text"] and "&amp;amp;" in text
    assert "\n" not in body["text"] and "\x1b" not in text.splitlines()[0]


def test_discord_pings_nobody() -> None:
    _, body = sent("discord", event(error=ODD, job=About(job_id="j", job_type="t", status="failed", name=ODD)))
    assert body["allowed_mentions"] == {"parse": []} and "content" not in body
    (embed,) = body["embeds"]
    assert "\\<!channel\\>" in embed["title"] and "\\[x\\]\\(https://evil\\)" in embed["description"]
    assert embed["url"].endswith("id=j") and isinstance(embed["color"], int)


def test_ntfy_carries_the_topic_and_any_letter() -> None:
    path, body = sent(
        "ntfy", event(job=About(job_id="j", job_type="t", status="failed", name="Käthe 🎤")), "/to-pic?up=1"
    )
    assert path == "/?up=1" and body["topic"] == "to-pic" and body["title"] == "Käthe 🎤 failed"
    assert body["click"].endswith("id=j") and body["priority"] == 4 and body["tags"] == ["rotating_light"]
    assert "click" not in sent("ntfy", event(), url=None)[1]
    assert sent("ntfy", event("disk.low"))[1]["tags"] == ["warning", "floppy_disk"]


@pytest.mark.parametrize("form", FORMATS)
def test_nothing_is_beyond_what_a_receiver_takes(form: str) -> None:
    dice = chance()
    for _ in range(60):
        long = "".join(dice.choices("ab&<>*_`@\\[]\n é漢🎤", k=dice.randrange(6000)))
        space = Space(folder="/" + long, free=1, needed=2)
        job = About(job_id=long[:64], job_type=long, status="x", name=long, host=long, phase=long, epoch=1)
        record = Saved(path=long, epoch=1, step=1, size=1, reason=long[:5000])
        _, body = sent(form, event("checkpoint.failed", error=long, space=space, job=job, checkpoint=record))
        if form == "slack":
            (block,) = body["blocks"]
            assert len(block["text"]["text"]) <= slack_form.MOST
            assert not re.search(r"&(?!amp;|lt;|gt;)", block["text"]["text"]), "no entity is cut in two"
        elif form == "discord":
            (embed,) = body["embeds"]
            assert len(embed["title"]) <= 256 and len(embed["description"]) <= 4096
        elif form == "ntfy":
            assert len(body["message"].encode()) <= 4096 and len(body["title"]) <= 250


def test_the_page_shows_the_form_as_it_is() -> None:
    page = pages.page("notifications")
    shown = json.loads(pages.marked(page, "message"))
    told = event("checkpoint.failed", error=shown["error"])
    _, whole = sent("json", told)
    assert set(shown) == set(whole) and set(shown["job"]) == set(whole["job"])
    listed = {name for row in pages.table(page, "key", "") for name in pages.names(row[0])}
    assert listed == set(whole) - {"v"}
    events = {pages.names(row[0])[0]: row[2] for row in pages.table(page, "event", "told when", "by default")}
    assert events == {name: "yes" if name in USUAL else "no" for name in EVENTS}
    forms = {pages.names(row[0])[0] for row in pages.table(page, "format", "`url`", "notes")}
    assert forms == set(FORMATS)
    assert told.job is not None
    job = replace(told.job, job_id=shown["job"]["job_id"], attempt=1, progress=43.1, status="running")
    same = message(replace(told, job=job), URL)
    assert (same.title, same.text, same.link) == (shown["title"], shown["text"], shown["link"])
    assert f"twice as long each time\nup to {patience.MOST_S / 60:g} minutes" in page and patience.FIRST_S == 2
    assert f"No answer within {LIMIT_S:g} seconds" in page
