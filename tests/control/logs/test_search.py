"""Search over logs and their rotated files: the same as looking at each record, in the order of time."""

from __future__ import annotations

import heapq
import itertools
import os
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from log_archive import START, Archive, Plain, docker_json, stamp, wrote
from torture import chance, times

from mixdesk_control.logs.document import cut_document
from mixdesk_control.logs.history import unpack
from mixdesk_control.logs.history.asked import LONGEST_TEXT, Asked, Cut, Hit
from mixdesk_control.logs.history.search import search
from mixdesk_control.logs.source import DOCKER_JSON, Source
from mixdesk_control.logs.text.redact import Redactor
from mixdesk_control.logs.text.wanted import BadPattern

REDACTOR = Redactor()


@pytest.fixture(name="archive")
def _archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path)


def found(sources: Sequence[Source] | Source, **asked: object) -> list[Hit]:
    """All hits; nothing may be cut."""
    hits = everything(sources, **asked)
    assert not [hit for hit in hits if isinstance(hit, Cut)], hits[-1]
    return [hit for hit in hits if isinstance(hit, Hit)]


def everything(sources: Sequence[Source] | Source, **asked: object) -> list[Hit | Cut]:
    """Hits, and a Cut where there is one."""
    many = [sources] if isinstance(sources, Source) else sources
    return list(search(many, Asked(**asked), engine=None, redactor=REDACTOR))  # type: ignore[arg-type]


def texts(hits: Sequence[Hit | Cut]) -> list[str]:
    return [hit.text for hit in hits if isinstance(hit, Hit)]


# -- the same as a plain search ------------------------------------------------------------------------

QUESTIONS = (
    {"q": "timeout"},
    {"q": "TIMEOUT"},
    {"q": "épée"},
    {"q": "ZÜRICH"},
    {"q": "redacted"},
    {"q": "password="},
    {"q": "hunter2"},
    {"q": "nowhere to be found"},
    {"q": "valueerror"},
    {"regex": r"user .*saved"},
    {"regex": r"refused|timeout"},
    {"regex": r"^Traceback"},
    {"regex": r"\d+$"},
    {"regex": r"(?i)GPU\s+MODEL"},
    {"regex": r"hunter\d|redis://u:\["},
    {"regex": r"x*"},
    {"level": "error"},
    {"level": "warning", "q": "voice"},
    {"level": "info", "regex": "pay(ment|day)", "q": "order"},
)


@pytest.mark.parametrize("name", ["app.log", "app.log.gz", "app.log.bz2", "app.log.xz"])
def test_each_file_alone(archive: Archive, name: str) -> None:
    random = chance()
    for _ in range(times(20, 1)):
        log = wrote(random, 1, 150_000)
        archive.write(name, log.parts[0], log.until[0] + 1)
        plain = Plain(log.parts[0], REDACTOR)
        for asked in random.sample(QUESTIONS, times(len(QUESTIONS), 6)):
            hits = found(archive.source(name), limit=10_000, **asked)
            assert [(hit.time, hit.text) for hit in hits] == plain.newest_first(**asked), asked


def test_a_tree_of_sources_with_rotated_files(archive: Archive) -> None:
    random = chance()
    for _ in range(times(100, 2)):
        services = [_service(archive, random, name) for name in ("api", "worker", "db")]
        sources = [source for source, _ in services]
        for asked in random.sample(QUESTIONS, 5):
            span = _span(random) if random.random() < 0.5 else {}
            each = ([hit for file in files for hit in file.newest_first(**asked, **span)] for _, files in services)
            hits = found(sources, limit=10_000, **asked, **span)
            assert [(hit.time, hit.text) for hit in hits] == [*heapq.merge(*each, key=_time, reverse=True)], (
                asked | span
            )


def _service(archive: Archive, random: random.Random, service: str) -> tuple[Source, list[Plain]]:
    """One with rotated files; each of its times has a fraction of its own, so that no two services share one."""
    log = wrote(random, random.randrange(1, 6), 40_000, START)
    mark = {"api": "", "worker": ".25", "db": ".5"}[service]
    contents = [_marked(part, mark) for part in log.parts[::-1]]
    names = [f"{service}/app.log", *(f"{service}/app.log.{at}" + random.choice(("", ".gz")) for at in range(1, 6))]
    names = names[: len(contents)]
    for name, content, until in zip(names, contents, log.until[::-1], strict=True):
        archive.write(name, content, until + 0.9)
    return archive.source(*names, service=service), [Plain(content, REDACTOR) for content in contents]


def _marked(content: bytes, mark: str) -> bytes:
    return content.replace(b"] app.", mark.encode() + b"] app.")


def _span(random: random.Random) -> dict[str, float]:
    since = START + random.randrange(-100, 4000)
    return {"since": since, "until": since + random.randrange(3000)}


def _time(item: tuple[float, str]) -> float:
    return item[0]


# -- what a hit is -------------------------------------------------------------------------------------


def test_a_hit_says_where_and_when(archive: Archive) -> None:
    lines = f"{stamp(START)} production.ERROR: no disk\n#0 /app/Disk.php(3): fail()\n{stamp(START + 9)} app.INFO: on\n"
    archive.write("laravel.log", lines.encode())
    assert found(archive.source("laravel.log"), q="DISK.PHP") == [
        Hit("api", "laravel", "laravel.log", START, "error", lines[: lines.index("\n[2026", 5)])
    ]


def test_lines_without_a_time_have_that_of_the_line_before(archive: Archive) -> None:
    archive.write("app.log", f"{stamp(START)} app.INFO: up\nINFO:  GET /one\nINFO:  GET /two\n".encode(), START + 50)
    assert [(hit.time, hit.text) for hit in found(archive.source("app.log"), q="GET")] == [
        (START, "INFO:  GET /two"),
        (START, "INFO:  GET /one"),
    ]


def test_without_any_time_they_come_by_the_files_own(archive: Archive) -> None:
    archive.write("one.log", b"INFO: GET /one\n", START)
    archive.write("two.log", b"INFO: GET /two\n", START + 5)
    archive.write("three.log", f"{stamp(START + 2)} GET /three\n".encode(), START + 2)
    sources = [archive.source(name) for name in ("one.log", "two.log", "three.log")]
    assert [hit.source for hit in found(sources, q="get")] == ["two", "three", "one"]
    assert [hit.source for hit in found(sources, q="get", since=START + 1)] == ["two", "three"]
    assert [hit.source for hit in found(sources, q="get", until=START + 4)] == ["three", "one"]


def test_long_records_are_shortened(archive: Archive) -> None:
    archive.write("app.log", b"found " + b"x" * 50_000 + b"\n")
    (hit,) = found(archive.source("app.log"), q="found")
    assert len(hit.text) < LONGEST_TEXT + 100
    assert hit.text.endswith(f"x … [{50_006 - LONGEST_TEXT} bytes left out]")


# -- secrets -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "asked",
    [
        {"q": "hunter2horse"},
        {"q": "=hunter"},
        {"regex": "hunter2horse"},
        {"regex": "password=hunter2h"},
        {"regex": r"(?:hunter2horse|nothing)"},
        {"regex": r"password=.*horse"},
    ],
)
def test_nobody_finds_a_secret(archive: Archive, asked: dict[str, str]) -> None:
    archive.write("app.log", b"INFO: signed in with password=hunter2horse now\n" * 3)
    assert found(archive.source("app.log"), **asked) == []


@pytest.mark.parametrize("secret", ["hunter2horse", "another7secret"])
def test_what_is_found_does_not_depend_on_a_secret(archive: Archive, secret: str) -> None:
    archive.write("app.log", f"INFO: signed in with password={secret} now\n".encode())
    for regex in (r"hunter2|password=\[", r"password=(?:hunter2horse|\[redacted\])", r"(?:hunter|password=\B)"):
        (hit,) = found(archive.source("app.log"), regex=regex)
        assert hit.text == "INFO: signed in with password=[redacted] now", regex
    assert found(archive.source("app.log"), q="d=[redacted] n") != []


# -- bounds --------------------------------------------------------------------------------------------


def test_the_newest_are_given_and_that_there_are_more(archive: Archive) -> None:
    lines = [f"{stamp(START + at)} number {at}\n" for at in range(5000)]
    archive.write("app.log", "".join(lines).encode(), START + 5000)
    *hits, cut = everything(archive.source("app.log"), q="number", limit=7)
    assert texts(hits) == [line[:-1] for line in lines[:-8:-1]]
    assert isinstance(cut, Cut)
    assert cut.reason is not None and "newest 7" in cut.reason
    assert "there may be more" not in cut.reason, "the command says that"
    assert "not_searched" not in cut_document(cut)
    assert 0 < cut.searched_bytes <= 70_000, "the rest was not read"


def test_of_a_compressed_file_too(archive: Archive) -> None:
    lines = [f"{stamp(START + at)} number {at}\n" for at in range(5000)]
    archive.write("app.log.1.gz", "".join(lines).encode(), START + 5000)
    assert texts(everything(archive.source("app.log.1.gz"), q="number", limit=3)) == [
        line[:-1] for line in lines[:-4:-1]
    ]


def test_it_ends_when_its_time_is_over(archive: Archive) -> None:
    archive.write("app.log", b"INFO: a line of it\n" * 100_000)
    ticks = itertools.count()
    hits = search(
        [archive.source("app.log")],
        Asked(q="nothing", budget_s=5),
        engine=None,
        redactor=REDACTOR,
        clock=lambda: next(ticks),
    )
    (cut,) = hits
    assert isinstance(cut, Cut)
    assert cut.reason == "it was stopped after 5 s"
    assert 0 < cut.searched_bytes < 1_000_000


def test_it_can_be_stopped(archive: Archive) -> None:
    archive.write("app.log", b"INFO: a line of it\n" * 100_000)
    asked = itertools.count()
    (cut,) = search(
        [archive.source("app.log")],
        Asked(q="nothing"),
        engine=None,
        redactor=REDACTOR,
        stopped=lambda: next(asked) > 3,
    )
    assert isinstance(cut, Cut)
    assert cut.reason == "it was stopped"


def test_old_files_and_old_blocks_are_left_out(archive: Archive) -> None:
    lines = [f"{stamp(START + 60 * at)} number {at}\n" for at in range(20_000)]
    archive.write("app.log", "".join(lines).encode(), START + 60 * 20_000)
    archive.write("app.log.1", b"INFO: number of old\n" * 100_000, START - 60)
    since = START + 60 * 19_990
    *hits, cut = everything(archive.source("app.log", "app.log.1"), q="number", since=since, limit=10)
    assert texts(hits) == [line[:-1] for line in lines[:-11:-1]]
    assert isinstance(cut, Cut)
    ticks = itertools.count()
    asked = Asked(q="nothing", since=since, budget_s=12)
    source = archive.source("app.log", "app.log.1")
    assert not list(search([source], asked, engine=None, redactor=REDACTOR, clock=lambda: next(ticks))), "a few blocks"


def test_bad_patterns() -> None:
    for bad in ({"regex": "("}, {"regex": "x" * 2000}, {"level": "loud"}, {"regex": r"(\w+) \1"}):
        with pytest.raises(BadPattern):
            search([], Asked(**bad), engine=None, redactor=REDACTOR)  # type: ignore[arg-type]


# -- hostile files -------------------------------------------------------------------------------------


def test_regex_bombs_take_linear_time(archive: Archive) -> None:
    archive.write("app.log", b"INFO: " + b"a" * 20_000 + b"!\n")
    for regex in ("(a+)+$", "(a|aa)+$", "(.*)*x", "(a?){200}a{200}x"):
        assert found(archive.source("app.log"), regex=regex) == []


def test_a_line_without_end(archive: Archive) -> None:
    path = archive.write("app.log", b"INFO: first one\n")
    with path.open("ab") as log:
        log.write(b"begin ")
        log.truncate(3 << 30)
        log.seek(3 << 30)
        log.write(b"\nINFO: last one\n")
    assert texts(found(archive.source("app.log"), q="one")) == ["INFO: last one", "INFO: first one"]
    (hit,) = found(archive.source("app.log"), q="begin")
    assert hit.text.startswith("begin")


def test_binary_utf16_and_invalid_utf8(archive: Archive) -> None:
    archive.write("binary.log", bytes(range(256)) * 300 + b"\nINFO: a needle\n")
    archive.write("wide.log", "INFO: a needle, épée\r\n".encode("utf-16"))
    archive.write("invalid.log", b"INFO: \xff\xfe a needle \xc3\x28\n")
    sources = [archive.source(name) for name in ("binary.log", "wide.log", "invalid.log")]
    assert {hit.source: hit.text for hit in found(sources, q="needle")} == {
        "binary": "INFO: a needle",
        "wide": "INFO: a needle, épée",
        "invalid": "INFO: \ufffd\ufffd a needle \ufffd(",
    }


def test_what_cannot_be_read_is_said(archive: Archive) -> None:
    archive.write("app.log", b"INFO: a needle\n")
    os.mkfifo(archive.folder / "fifo.log")
    (archive.folder / "vanished.log.1").touch()
    sources = [archive.source("fifo.log"), archive.source("app.log"), archive.source("app.log", "vanished.log.1")]
    (archive.folder / "vanished.log.1").unlink()
    *hits, cut = everything(sources, q="needle")
    assert texts(hits) == ["INFO: a needle"] * 2
    assert isinstance(cut, Cut)
    assert cut.reason is None, "no time nor limit brings more"
    (unread,) = cut.not_searched
    assert unread.startswith("api/fifo: /fifo.log is a fifo") and cut.not_searched_count == 1
    assert cut_document(cut) == {
        "searched_bytes": cut.searched_bytes,
        "not_searched": (unread,),
        "not_searched_count": 1,
    }


def test_of_many_that_cannot_be_read_a_few_are_named(archive: Archive) -> None:
    archive.write("app.log", b"INFO: a needle\n" * 2)
    for number in range(5):
        os.mkfifo(archive.folder / f"{number}.log")
    sources = [archive.source(name) for name in ("app.log", *(f"{number}.log" for number in range(5)))]
    for limit in (1, 10):
        cut = everything(sources, q="needle", limit=limit)[-1]
        assert isinstance(cut, Cut)
        assert (cut.reason is None) == (limit == 10)
        assert len(cut.not_searched) == 3 and cut.not_searched_count == 5


def test_what_is_listed_as_unreadable_is_passed_over(archive: Archive) -> None:
    archive.write("app.log", b"INFO: a needle\n")
    listed = archive.source("app.log")
    away = Source(service="db", id="slow", kind="application", reason="nobody mounts it")
    assert texts(found([away, listed, replace(listed, id="other", reason="it is a device")], q="needle")) == [
        "INFO: a needle"
    ]


def test_a_file_that_was_rotated_meanwhile_is_searched_once(archive: Archive) -> None:
    for name in ("app.log", "app.log.1", "app.log.2"):
        archive.write(name, f"INFO: needle of {name}\n".encode())
    hits = search(
        [archive.source("app.log", "app.log.1", "app.log.2")], Asked(q="needle"), engine=None, redactor=REDACTOR
    )
    first = next(hits)
    assert isinstance(first, Hit)
    assert first.file == "app.log"
    (archive.folder / "app.log.1").rename(archive.folder / "app.log.2")
    (archive.folder / "app.log").rename(archive.folder / "app.log.1")
    assert texts(list(hits)) == ["INFO: needle of app.log.1"]


def test_a_zip_bomb(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpack, "LEAST_MOST", times(unpack.LEAST_MOST, 1 << 20))
    archive.write("app.log.1.gz", b"INFO: needle\n" + b"\0" * times(300 << 20, 30 << 20))
    *hits, cut = everything(archive.source("app.log.1.gz"), q="needle")
    assert texts(hits) == ["INFO: needle"]
    assert isinstance(cut, Cut)
    assert cut.reason is not None
    assert "app.log.1.gz: the rest of it is left out: it unpacks to more than" in cut.reason


# -- the engine's files --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["1-json.log", "1-json.log.1.gz"])
def test_the_engines_files(archive: Archive, name: str) -> None:
    lines = [f'INFO: request {at} <of> a "user"'.encode() for at in range(3000)]
    lines[1500] = b"INFO: long " + b"y" * 40_000 + b" needle"
    lines[7:9] = [b"Traceback (most recent call last):", b"  File x needle"]
    archive.write(name, docker_json(lines), START + 3000)
    source = archive.source(name, layout=DOCKER_JSON)
    assert [(hit.time, hit.text[:20]) for hit in found(source, q="NEEDLE")] == [
        (pytest.approx(START + 1500.123, abs=0.01), "INFO: long yyyyyyyyy"),
        (pytest.approx(START + 7.123, abs=0.01), "Traceback (most rece"),
    ]
    assert texts(found(source, q='request 77 <of> a "user"')) == [lines[77].decode()]
    assert texts(found(source, regex="request 9[0-9] ")) == [lines[at].decode() for at in range(99, 89, -1)]
    asked = {"q": "request", "since": START + 2990, "until": START + 2995}
    assert texts(found(source, **asked)) == [lines[at].decode() for at in range(2994, 2989, -1)]
