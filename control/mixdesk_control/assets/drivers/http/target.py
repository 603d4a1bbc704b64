"""A target of the http driver, checked and ready to be asked: addresses, paths, bodies, headers. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from mixdesk_control.assets.drivers.http.answers import Rule
from mixdesk_control.assets.drivers.http.presets import expand
from mixdesk_control.settings_assets import HttpCheck, HttpRequest, HttpSettings
from mixdesk_control.settings_sources import without_password

MODEL = "{model}"
FILE = "file:"
_PORTS = {"http": 80, "https": 443}
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_LOOPBACK = re.compile(r"(localhost\.?|127\.0\.0\.1|\[::1\])(?=:|$)")
_OURS = frozenset({"host", "connection", "content-length", "transfer-encoding", "user-agent", "upgrade", "expect"})


@dataclass(frozen=True, slots=True)
class Question:
    """One request as it is sent, but for headers that stand in files: those are read when it is."""

    method: str
    path: str
    body: bytes | None = None
    headers: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True)
class Target:
    """A model in a server; `rule` is how the answer to `check` is read."""

    url: str
    model: str
    load: Question
    unload: Question
    check: Question
    rule: Rule
    timeout_s: float

    @property
    def thing(self) -> str:
        """What it is, however it is reached: the names of this host's loopback are one."""
        scheme, _, place = self.url.partition("://")
        name = _LOOPBACK.match(place)
        place = place if name is None else f"127.0.0.1{place[name.end() :]}"
        return f"{self.model or self.load} at {scheme}://{place}"


def target_of(settings: HttpSettings) -> Target:
    """Raises ValueError, one line that names the setting, for a target that cannot work."""
    requests = expand(settings)
    model, headers = requests.model, _headers(settings.headers)
    if settings.model in (".", ".."):  # in a path they would be a step, not a name
        msg = f"http.model {settings.model!r} is no name of a model"
        raise ValueError(msg)
    return Target(
        url=base_of(settings.url, "http.url"),
        model=model,
        load=_question("load", requests.load, model, headers),
        unload=_question("unload", requests.unload, model, headers),
        check=_question("check", requests.check, model, headers),
        rule=_rule(requests.check, model),
        timeout_s=settings.timeout_s,
    )


def base_of(url: str, setting: str) -> str:
    """Scheme, host and port alone, written in one way. Raises ValueError."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        why = "" if "@" in url else f": {error}"  # which may cite a part of a password
        msg = f"{setting} {without_password(repr(url))} is no address{why}"
        raise ValueError(msg) from None
    wrong = _wrong(url, parts.scheme, parts.hostname, port)
    if wrong is None and ("@" in parts.netloc or parts.path not in ("", "/") or "?" in url or "#" in url):
        wrong = "give scheme, host and port alone; a path belongs to the requests, a password to headers"
    if wrong is not None:
        msg = f"{setting} {without_password(repr(url))}: {wrong}"
        raise ValueError(msg)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{parts.scheme}://{host}" + ("" if port in (None, _PORTS[parts.scheme]) else f":{port}")


def _wrong(url: str, scheme: str, host: str | None, port: int | None) -> str | None:
    # urlsplit silently drops line ends and tabs, so the text itself is looked at.
    if any(char.isspace() or not char.isprintable() for char in url):
        return "an address holds no spaces and no line ends"
    if scheme not in _PORTS:
        return "only http:// and https:// can be asked"
    return "it names no host" if not host else "there is no port 0" if port == 0 else None


def _question(
    name: str, request: HttpRequest | HttpCheck, model: str, headers: tuple[tuple[str, str], ...]
) -> Question:
    if not model and MODEL in json.dumps([request.path, request.json_body]):
        msg = f"http.model is missing: {MODEL} stands in http.{name}"
        raise ValueError(msg)
    path = request.path.replace(MODEL, quote(model, safe=""))
    if not path.isascii() or any(char.isspace() or not char.isprintable() or char == "#" for char in path):
        msg = f"http.{name}.path {request.path!r}: write spaces, # and letters beyond ASCII as %XX"
        raise ValueError(msg)
    if request.json_body is None:
        return Question(request.method, path, b"" if request.method in ("POST", "PUT") else None, headers)
    body = json.dumps(filled(request.json_body, model)).encode()
    kind = () if any(name.lower() == "content-type" for name, _ in headers) else (("Content-Type", "application/json"),)
    return Question(request.method, path, body, (*headers, *kind))


def filled(value: Any, model: str) -> Any:
    """The same JSON with the model in its texts; names of fields stay."""
    if isinstance(value, str):
        return value.replace(MODEL, model)
    if isinstance(value, Mapping):
        return {name: filled(inner, model) for name, inner in value.items()}
    return [filled(inner, model) for inner in value] if isinstance(value, list | tuple) else value


def _rule(check: HttpCheck, model: str) -> Rule:
    if bool(check.find) != bool(check.values):
        msg = "http.check: give both find and values, or neither where the status says it all"
        raise ValueError(msg)
    if (check.vram or check.state) and not check.find:
        msg = "http.check: vram and state count from what find leads to: give find and values"
        raise ValueError(msg)
    if bool(check.state) != bool(check.loaded) or (check.between and not check.state):
        msg = "http.check: give both state and loaded (the states of a loaded model), or neither"
        raise ValueError(msg)
    if not model and MODEL in check.values:
        msg = f"http.model is missing: {MODEL} stands in http.check.values"
        raise ValueError(msg)
    values = (filled(value, model) for value in check.values)
    return Rule(
        find=check.find,
        values=frozenset((type(value), value) for value in values),
        vram=check.vram,
        state=check.state,
        loaded=frozenset(check.loaded),
        between=frozenset(check.between),
    )


def _headers(given: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    for name, value in given.items():
        if not _TOKEN.fullmatch(name) or name.lower() in _OURS:
            msg = f"http.headers: {name!r} is no header that can be set"
            raise ValueError(msg)
        if not fits_header(value):
            msg = f"http.headers.{name}: its value holds a line end or a letter beyond ASCII"
            raise ValueError(msg)
        if value.startswith(FILE) and not Path(value[len(FILE) :]).is_absolute():
            msg = f"http.headers.{name}: {value!r}: the path of a file must begin with /"
            raise ValueError(msg)
    return tuple(given.items())


def fits_header(value: str) -> bool:
    """Whether it stays in its line."""
    return value.isascii() and value.isprintable()
