"""`[notify]`: what is taken, what is refused in one line, and that its address is shown nowhere."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mixdesk_control import settings
from mixdesk_control.notify.target import parsed, target_of
from mixdesk_control.settings import SettingsError
from mixdesk_control.settings_notify import EVENTS, USUAL

HOME = {"HOME": "/home/somebody"}
SECRET = "https://hooks.slack.com/services/T0/B0/geheim"


def load(tmp_path: Path, text: str, **env: str) -> settings.Settings:
    file = tmp_path / "mixdesk.toml"
    file.write_text(text)
    return settings.load(file, HOME | env)


def test_nobody_is_told_unless_somebody_is_named(tmp_path: Path) -> None:
    found = load(tmp_path, "[notify]\n").notify
    assert (found.is_on, found.format, found.events) == (False, "json", USUAL)
    assert (found.stalled_s, found.min_duration_s) == (900.0, 60.0)
    assert set(EVENTS) - set(USUAL) == {"job.canceled", "checkpoint.saved"}


def test_files_count_from_the_folder_of_the_settings(tmp_path: Path) -> None:
    found = load(tmp_path, '[notify]\nurl_file = "secrets/url"\ntoken_file = "token"\nevents = ["disk.low"]\n').notify
    assert (found.url_file, found.token_file) == (tmp_path / "secrets/url", tmp_path / "token")
    assert found.is_on and found.events == ("disk.low",)


def test_an_environment_variable_names_some_events(tmp_path: Path) -> None:
    found = load(tmp_path, "", MIXDESK_NOTIFY__EVENTS="job.lost, job.failed", MIXDESK_NOTIFY__URL=SECRET).notify
    assert found.events == ("job.lost", "job.failed") and found.url == SECRET


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('url = "hooks.slack.com/geheim"', "url must be an address"),
        ('url = "ftp://u:geheim@box/x"', "url must be an address"),
        ('url = "https:///geheim"', "url must be an address"),
        ('url = "https://box:99999/geheim"', "url must be an address"),
        ('url = "https://box/geheim ü"', "url must be an address"),
        ('url = "https://box/geheim\\n"', "url must be an address"),
        ('url = "https://box/#geheim"', "after #"),
        ('url = ["https://box/geheim"]', "url must be text"),
        ('url = "https://box/geheim"\nurl_file = "x"', "keep one of them"),
        ('url = "https://u:geheim@box/x"\ntoken_file = "x"', "only one of them"),
        ('url = "https://ntfy.sh/"\nformat = "ntfy"', "must end with the topic"),
        ('url = "https://ntfy.sh/geheim/to pic"\nformat = "ntfy"', "url must be an address"),
        ('url = "https://box/geheim"\nformat = "teams"', "teams"),
        ('url = "https://box/geheim"\nevents = ["job.done"]', "job.done"),
        ('url = "https://box/geheim"\nstalled_s = 0', "stalled_s"),
        ('urls = "https://box/geheim"', "did you mean url?"),
        ('events = ["job.lost", "https://box/geheim"]', "events holds an address"),
        ('events = "box/geheim"', "events holds an address"),
        ('url_file = "https://box/geheim"', "url_file holds an address"),
        ('token_file = "HTTPS://box/geheim"', "token_file holds an address"),
        ('format = "https://box/geheim"', "format holds an address"),
        ('stalled_s = "https://box/geheim"', "stalled_s holds an address"),
    ],
)
def test_what_is_wrong_is_said_in_one_line_without_the_address(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, f"[notify]\n{text}\n")
    told = str(caught.value)
    assert said in told and "notify" in told and "\n" not in told
    assert "geheim" not in told


@pytest.mark.parametrize("text", ['notify = "https://box/geheim"', 'notify = ["geheim"]', "notify = 31415"])
def test_what_is_no_table_is_said_without_its_value(tmp_path: Path, text: str) -> None:
    with pytest.raises(SettingsError, match=r"notify: must be a table: \[notify\]") as caught:
        load(tmp_path, text)
    assert "geheim" not in str(caught.value) and "31415" not in str(caught.value)


def test_the_address_is_in_no_dump_and_no_repr(tmp_path: Path) -> None:
    found = load(tmp_path, f'[notify]\nurl = "{SECRET}"\n')
    shown = found.model_dump(mode="json")["notify"]
    assert shown["url"] == "https://hooks.slack.com/***"
    target = target_of(found.notify)
    assert "geheim" not in json.dumps(shown) + repr(found) + repr(found.notify) + repr(target)
    assert target.shown == "https://hooks.slack.com" and target.path == "/services/T0/B0/geheim"


def test_files_are_read_when_a_message_goes(tmp_path: Path) -> None:
    found = load(tmp_path, '[notify]\nurl_file = "url"\ntoken_file = "token"\nformat = "ntfy"\n').notify
    with pytest.raises(SettingsError, match=r"notify\.token_file: .*token cannot be read: No such file"):
        target_of(found)
    (tmp_path / "token").write_text("tk_1\n")
    (tmp_path / "url").write_text("http://ntfy/a/b?x=1\n")
    target = target_of(found)
    assert (target.tls, target.host, target.port, target.path) == (False, "ntfy", 80, "/a/b?x=1")
    assert target.authorization == "Bearer tk_1"
    (tmp_path / "token").write_text("tk_2\n")
    assert target_of(found).authorization == "Bearer tk_2"
    for wrong in ("", "two lines\n", "http://ntfy/geheim/", "\0"):
        (tmp_path / "url").write_text(wrong)
        with pytest.raises(SettingsError, match=r"notify\.url_file") as caught:
            target_of(found)
        assert "geheim" not in str(caught.value)


def test_name_and_password_go_into_the_header() -> None:
    target = parsed("https://us%40er:pass%20word@box:8443/hook")
    assert target.shown == "https://box:8443" and target.authorization == "Basic dXNAZXI6cGFzcyB3b3Jk"
    said = target.hushed("no /hook for Basic dXNAZXI6cGFzcyB3b3Jk")
    assert "hook" not in said and "dXNA" not in said


@pytest.mark.parametrize(
    "said",
    [
        "bad token tk_Geheim1 for you",
        "bad token TK_GEHEIM1",
        "no /hooks/ab%2Fcd/x here",
        "no ab/cd here",
        "no ab%2fcd here",
        "signature a+b= is wrong, not a b=",
        "user hunter22, password pass word or pass%20word",
        "header aHVudGVyMjI6cGFzcyB3b3Jk",
        "short: pin=xyz, or xyz",
        "cut off at its end: tk_Geh",
    ],
)
def test_no_part_of_an_address_is_said(said: str) -> None:
    address = "https://hunter22:pass%20word@box/hooks/ab%2Fcd/x?token=tk_Geheim1&sig=a%2Bb%3D&s2=a+b=;pin=xyz"
    told = parsed(address).hushed(said)
    assert "***" in told
    secrets = "geh hunter ab%2 ab/cd a+b a%20b pass%20 aHVud".lower().split()
    assert not [part for part in [*secrets, "pass word", "a b=", "xyz"] if part in told.lower()], told


def test_words_that_only_look_like_it_stay() -> None:
    assert parsed("https://box/v1/up").hushed("no v12 upon v1") == "no v12 upon ***"
