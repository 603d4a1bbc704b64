"""`mixdesk logs` without a desk: which logs are meant, how records are printed, and what a lost connection costs."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from mixdesk_control.cli import log_find, log_hits, log_lines, log_merge, log_save, tables
from mixdesk_control.cli.errors import CliError
from mixdesk_control.cli.log_streams import Came, first_new


def source(service: str, id: str, kind: str = "application", readable: bool = True) -> dict[str, Any]:
    return {"service": service, "id": id, "kind": kind, "readable": readable}


LOGS = {
    "api": [source("api", "php-error", "error"), source("api", "laravel"), source("api", "error", "access")],
    "web": [source("web", "broken", "error", readable=False), source("web", "stdout", "stdout")],
}


class Desk:
    """What `find_sources` asks of a desk."""

    def items(self, path: str) -> list[dict[str, Any]]:
        return LOGS.get(path.rpartition("/")[2], [])


def found(*words: str) -> list[str]:
    return [log_lines._key(one) for one in log_find.find_sources(Desk(), words)]  # type: ignore[arg-type]


def test_a_log_is_meant_by_id_then_by_kind() -> None:
    assert found("api", "laravel") == ["api/laravel"]
    assert found("api", "error") == ["api/error"], "an id comes before a kind"
    assert found("api/application") == ["api/laravel"]


def test_of_a_service_alone_the_best_that_can_be_read_is_meant() -> None:
    assert found("web") == ["web/stdout"]
    assert found("api") == ["api/php-error"]


def test_several_logs_each_once() -> None:
    assert found("api", "laravel", "error", "web/stdout") == ["api/laravel", "api/error", "web/stdout"]
    assert found("web/", "web/stdout") == ["web/stdout"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["/api"], "names no service"),
        (["nobody"], "mixdesk logs services"),
        (["api", "nothing"], "it has php-error, laravel, error"),
    ],
)
def test_what_is_not_there_is_said_with_what_is(words: list[str], said: str) -> None:
    with pytest.raises(CliError, match=said):
        found(*words)


@pytest.mark.parametrize(
    ("seen", "again", "first"),
    [
        ("", "abc", 0),
        ("abc", "abc", 3),
        ("abc", "abcde", 3),
        ("xabc", "bcde", 2),
        ("abc", "xyz", None),
        ("aba", "abab", 3),
        ("aa", "aaaa", 4),
        ("abc", "", None),
    ],
)
def test_where_a_lost_stream_goes_on(seen: str, again: str, first: int | None) -> None:
    assert first_new(list(seen), list(again)) == first


def printed(*frames: dict[str, Any], sources: int = 1, colour: bool = False, ended: bool = False) -> str:
    out = io.StringIO()
    logs = [source("api", "error"), source("nginx", "access")][:sources]
    printer = log_lines.Printer(logs, out, colour=colour)
    for number, frame in enumerate(frames):
        printer.show(Came(logs[number % sources], frame, idle="idle" in frame))
    if ended:
        printer.end()
    return out.getvalue()


def lines(*texts: str, level: str | None = None) -> dict[str, Any]:
    return {"lines": list(texts), "levels": [level] * len(texts)}


def test_records_of_one_log_stand_alone_and_of_several_have_names() -> None:
    assert printed(lines("one", "two")) == "one\ntwo\n"
    assert printed(lines("one\n  more"), lines("two"), sources=2) == (
        "api/error    | one\napi/error    |   more\nnginx/access | two\n"
    )


def test_levels_are_coloured_on_a_terminal_alone() -> None:
    assert printed(lines("bad", level="error"), colour=True) == "\x1b[31mbad\x1b[0m\n"
    assert printed(lines("bad", level="error")) == "bad\n"


def test_nothing_that_a_terminal_may_act_on_gets_through() -> None:
    text = printed(lines("a\x1b]0;title\x07b\x1b[2Jc\x9bd\x1b[31me"))
    assert not set(text) & {"\x1b", "\x07", "\x9b"}
    assert printed(lines("\x1b[31mred"), colour=True) == "\x1b[31mred\x1b[0m\n"


def test_what_is_no_line_goes_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    assert printed({"skipped": 7}, {"rotated": "renamed"}, {"gone": "no\x1b[2J file"}, {"live": True}) == ""
    said = capsys.readouterr().err
    assert "7 lines skipped" in said and "renamed" in said and "\x1b" not in said


def test_a_line_without_end_is_written_once_it_stands_and_never_twice() -> None:
    idle = {"idle": True}
    assert printed({"partial": "10%"}, {"partial": "last words"}, ended=True) == "last words\n"
    assert printed({"partial": "last"}, idle, idle, ended=True) == "last\n"
    assert printed({"partial": "last"}, idle, {"partial": "last"}, lines("last", "next"), ended=True) == "last\nnext\n"
    assert printed({"partial": "last"}, idle, lines("last words\n  more")) == "last\n words\n  more\n"
    assert printed({"partial": "last"}, idle, lines("other"), lines("last")) == "last\nother\nlast\n"
    assert printed({"partial": "last"}, lines("last words"), idle, ended=True) == "last words\n"
    assert printed({"partial": "a"}, {"partial": "b"}, sources=2, ended=True) == "api/error    | a\nnginx/access | b\n"


def test_json_has_lines_without_end_too(capsys: pytest.CaptureFixture[str]) -> None:
    log_lines.JsonPrinter().show(Came(source("api", "error"), {"partial": "last words"}))
    assert json.loads(capsys.readouterr().out) == {"service": "api", "source": "error", "partial": "last words"}


def test_what_several_logs_hold_is_merged_by_time() -> None:
    logs = [source("api", "error"), source("nginx", "access")]
    first = ["starts", "2026-11-30 10:00:01 a", "no time", "2026-11-30 10:00:04 b", "2026-11-30 10:00:03 out of order"]
    second = ["2026-11-30 10:00:01 A", "2026-11-30 10:00:02 B", "2026-11-30 10:00:05 C", "no time either"]
    held = [[(text, None) for text in texts] for texts in (first, second)]
    shown = [(log["id"], text) for log, frame in log_merge.frames(logs, held) for text in frame["lines"]]
    assert [text for _, text in shown] == [*first[:3], *second[:2], *first[3:], *second[2:]]
    assert [text for name, text in shown if name == "access"] == second


def test_a_log_is_saved_whole_or_not_at_all(tmp_path: Path) -> None:
    def broken() -> Any:
        yield b"half"
        raise CliError("broke off")

    path = tmp_path / "api.log"
    assert log_save.to_file([b"one\n", b"two\n"], path) == 8 and path.read_bytes() == b"one\ntwo\n"
    with pytest.raises(CliError, match="is there already"):
        log_save.to_file([b"x"], path)
    with pytest.raises(CliError, match="broke off"):
        log_save.to_file(broken(), tmp_path / "other.log")
    assert [file.name for file in tmp_path.iterdir()] == ["api.log"]


def test_hits_are_lines_and_what_was_cut_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    hit = {"service": "api", "source": "error", "time": None, "level": "error", "text": "bad\x1b[2J"}
    log_hits.show([json.dumps(hit).encode(), b'{"cut": "the limit of 1 is reached"}'], as_json=False)
    told = capsys.readouterr()
    assert told.out == "—  api/error  bad�[2J\n" and "the limit of 1" in told.err
    with pytest.raises(CliError, match="nothing was found"):
        log_hits.show([], as_json=True)


@pytest.mark.parametrize(
    ("last", "said"),
    [
        ({"cut": "the newest 1"}, "there may be more: the newest 1"),
        ({"not_searched": ["a/b: no"], "not_searched_count": 1}, "not searched: a/b: no"),
        (
            {"cut": "the newest 1", "not_searched": ["a/b: no", "c/d: no"], "not_searched_count": 7},
            "there may be more: the newest 1; not searched: a/b: no; c/d: no; and 5 more",
        ),
    ],
)
def test_what_was_not_searched_is_said_in_one_line(
    last: dict[str, Any], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    hit = {"service": "api", "source": "error", "time": None, "level": None, "text": "x"}
    for as_json in (False, True):
        log_hits.show([json.dumps(hit).encode(), json.dumps({"searched_bytes": 1, **last}).encode()], as_json=as_json)
        assert capsys.readouterr().err == f"mixdesk: {said}\n"


def test_a_search_is_narrowed_to_services_and_to_single_logs() -> None:
    words = ["api", "nginx/access", "db/", "jobs/j-1"]
    assert log_find.narrowed(words) == {"service": ["api", "db"], "source": ["nginx/access", "jobs/j-1"]}
    assert log_find.narrowed(()) == {}


def test_what_stands_in_brackets_is_no_markup() -> None:
    names = ("/logs/x[/b].log", "/logs/[link=http://elsewhere.example/]click[/link].log")
    table = tables.table("PATH")
    for name in names:
        table.add_row(name)
    console = Console(file=io.StringIO(), width=200, force_terminal=True)
    console.print(table)
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert all(name in shown for name in names) and "\x1b]8" not in shown
