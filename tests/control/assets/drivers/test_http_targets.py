"""What the registry says of a model server: checked before anything is asked, each mistake in one line."""

from __future__ import annotations

from typing import Any

import pytest

from mixdesk_control.assets.asset import Asset
from mixdesk_control.assets.drivers.http.driver import HttpDriver
from mixdesk_control.assets.drivers.http.presets import PRESETS
from mixdesk_control.assets.drivers.http.target import filled, target_of
from mixdesk_control.settings_assets import HttpSettings

OWN: dict[str, Any] = {
    "url": "http://127.0.0.1:8000",
    "load": {"path": "/load"},
    "unload": {"path": "/unload"},
    "check": {"path": "/check"},
}
OLLAMA: dict[str, Any] = {"url": "http://127.0.0.1:11434", "preset": "ollama", "model": "m"}


def key(**settings: Any) -> str:
    target = HttpSettings.model_validate(settings)
    return HttpDriver().key(Asset(id="a", name="a", driver="http", target=target))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"url": "http://h"}, "load, unload, check missing"),
        ({**OWN, "check": None}, "check missing"),
        ({**OWN, "unload": None}, "unload missing"),
        ({**OLLAMA, "model": ""}, "http.model is missing"),
        ({**OLLAMA, "model": ".."}, "no name of a model"),
        ({**OWN, "load": {"path": "/{model}"}}, "{model} stands in http.load"),
        ({**OWN, "unload": {"path": "/x", "json": {"a": [{"b": "{model}"}]}}}, "{model} stands in http.unload"),
        ({**OWN, "check": {"path": "/x", "find": "a", "values": ["{model}"]}}, "{model} stands in http.check.values"),
        ({**OWN, "load": {"path": "/a b"}}, "http.load.path"),
        ({**OWN, "load": {"path": "/a\r\nX: 1"}}, "http.load.path"),
        ({**OWN, "load": {"path": "/a#b"}}, "http.load.path"),
        ({**OWN, "load": {"path": "/é"}}, "http.load.path"),
        ({**OWN, "check": {"path": "/x", "find": "a"}}, "both find and values"),
        ({**OWN, "check": {"path": "/x", "values": [1]}}, "both find and values"),
        ({**OWN, "check": {"path": "/x", "vram": "a"}}, "count from what find leads to"),
        ({**OWN, "check": {"path": "/x", "find": "a", "values": [1], "state": "s"}}, "both state and loaded"),
        ({**OWN, "check": {"path": "/x", "find": "a", "values": [1], "between": ["s"]}}, "both state and loaded"),
        ({**OWN, "headers": {"X": "a\r\nY: 1"}}, "http.headers.X"),
        ({**OWN, "headers": {"X": "a\nb"}}, "http.headers.X"),
        ({**OWN, "headers": {"X\r\nY": "1"}}, "no header that can be set"),
        ({**OWN, "headers": {"Host": "other"}}, "no header that can be set"),
        ({**OWN, "headers": {"Content-Length": "0"}}, "no header that can be set"),
        ({**OWN, "headers": {"X": "file:relative"}}, "must begin with /"),
        *[
            ({**OWN, "url": url}, "http.url")
            for url in (
                "",
                "127.0.0.1:8000",
                "ftp://h",
                "unix:///run/x.sock",
                "file:///etc/passwd",
                "http://",
                "http://h/path",
                "http://h/?q=1",
                "http://h?q=1",
                "http://h#f",
                "http://user:secret@h",
                "http://h:0",
                "http://h:99999",
                "http://h:x",
                "http://[::1",
                "http://h\r\nX: 1",
                "http://h h",
            )
        ],
    ],
)
def test_a_target_that_cannot_work(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=r".+") as wrong:
        key(**settings)
    assert said in str(wrong.value) and str(wrong.value).isprintable()


def test_what_an_asset_is() -> None:
    assert key(**OLLAMA) == "m:latest at http://127.0.0.1:11434"
    assert key(**OLLAMA) == key(**{**OLLAMA, "model": "m:latest", "url": "HTTP://127.0.0.1:11434/"})
    assert key(**{**OLLAMA, "model": "reg:5000/m"}) == "reg:5000/m:latest at http://127.0.0.1:11434"
    assert key(**{**OLLAMA, "model": "m:1b"}) != key(**OLLAMA)
    assert key(**OWN) == "POST /load at http://127.0.0.1:8000"
    assert key(**{**OWN, "url": "http://[fe80::1]:80"}) == "POST /load at http://[fe80::1]"


def test_the_names_of_the_loopback_are_one_place_and_what_is_asked_stays_as_it_is_given() -> None:
    names = ("localhost", "LOCALHOST", "localhost.", "127.0.0.1", "[::1]")
    assert {key(**{**OWN, "url": f"http://{name}:8000"}) for name in names} == {key(**OWN)}
    assert {key(**{**OWN, "url": f"http://{name}"}) for name in names} == {"POST /load at http://127.0.0.1"}
    for other in ("localhost.lan", "127.0.0.2", "127.0.0.1.nip.io", "notlocalhost"):
        assert key(**{**OWN, "url": f"http://{other}:8000"}) != key(**OWN)
    assert target_of(HttpSettings.model_validate({**OWN, "url": "https://localhost:1"})).url == "https://localhost:1"


def test_a_request_beside_a_preset_replaces_that_one() -> None:
    embeds = {"path": "/api/embed", "json": {"model": "{model}", "input": "", "keep_alive": -1}}
    target = target_of(HttpSettings.model_validate({**OLLAMA, "load": embeds}))
    assert target.load.path == "/api/embed" and target.unload.path == "/api/generate"


def test_the_model_is_put_into_texts_alone() -> None:
    body = {"{model}": ["{model}", 1, True, None, {"x": "a {model} b"}]}
    assert filled(body, 'q"') == {"{model}": ['q"', 1, True, None, {"x": 'a q" b'}]}


def test_a_body_is_sent_as_json_and_none_has_no_length_missing() -> None:
    target = target_of(HttpSettings.model_validate({**OWN, "headers": {"content-type": "application/x"}}))
    assert target.load.body == b"" and target.check.body is None, "a POST says that it has no body"
    assert target_of(HttpSettings.model_validate(OLLAMA)).load.headers == (("Content-Type", "application/json"),)
    own = {**OLLAMA, "headers": {"content-type": "application/x"}}
    assert target_of(HttpSettings.model_validate(own)).load.headers == (("content-type", "application/x"),)


def test_every_preset_is_one_that_settings_know() -> None:
    for name in PRESETS:
        assert target_of(HttpSettings.model_validate({**OLLAMA, "preset": name}))


@pytest.mark.parametrize(
    "url",
    [
        "http://user:hunter2@h",
        "http://user:hun/ter2@h:x",
        "http://us@er:hunter2@h:x",
        "ftp://hunter2@h",
        "http://u:hunter2 @h",
    ],
)
def test_a_password_in_an_address_is_not_shown(url: str) -> None:
    with pytest.raises(ValueError, match=r"^http.url '\w+://\*\*\*@") as wrong:
        key(**{**OWN, "url": url})
    assert "hun" not in str(wrong.value)
