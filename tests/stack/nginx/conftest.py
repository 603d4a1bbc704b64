"""One origin: a real desk and a stand-in for Grafana behind the real proxy, without TLS and with it."""

from __future__ import annotations

import http.client
import json
import shutil
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import one_origin
import pytest
from live_desk import Desk, free_port
from standin_grafana import Grafana

ASSET = """
[[assets]]
id = "bark"
name = "Bark"
type = "model"
resource_type = "cpu"
driver = "process"

[assets.process]
argv = ["sleep", "600"]
"""
PEOPLE = ("viewer", "operator", "admin", "anna")
"""Those who have a session; anna is a viewer who is bound to an owner."""


@dataclass
class Answer:
    """What came back through the proxy."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass
class Origin:
    """The proxy as browsers see it. `who` is a name of PEOPLE (by cookie), a role with a colon before it (by token)."""

    desk: Desk
    grafana: Grafana
    folder: Path
    port: int
    tls: bool
    url: str
    plain_port: int
    cookies: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)

    @property
    def host(self) -> str:
        return self.url.partition("://")[2]

    def connection(self) -> http.client.HTTPConnection:
        if not self.tls:
            return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        return http.client.HTTPSConnection("127.0.0.1", self.port, context=self.trusted(), timeout=60)

    def trusted(self) -> ssl.SSLContext:
        """Takes the proxy's certificate, whatever name it was asked by."""
        context = ssl.create_default_context(cafile=str(self.folder / "tls" / "fullchain.pem"))
        context.check_hostname = False
        return context

    def credentials(self, who: str | None) -> dict[str, str]:
        if who is None:
            return {}
        if who.startswith(":"):
            return {"Authorization": f"Bearer {self.tokens[who[1:]]}"}
        return {"Cookie": self.cookies[who]}

    def ask(self, method: str, path: str, who: str | None = None, body: Any = None, **headers: str) -> Answer:
        """One request; `path` goes out byte for byte. Names of headers with _ for -."""
        sent = {"Host": self.host} | self.credentials(who)
        if body is not None:
            sent["Content-Type"] = "application/json"
        if method not in ("GET", "HEAD"):
            sent["Origin"] = self.url
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        link = self.connection()
        try:
            link.request(method, path, None if body is None else json.dumps(body), sent)
            answer = link.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            link.close()

    def sign_in(self) -> None:
        """A session for each of PEOPLE, through the proxy."""
        roles = ("viewer", "operator", "admin", "reporter", "scraper")
        self.tokens = {role: self.desk.token(role) for role in roles}
        made = self.ask("POST", "/admin/tokens", ":admin", {"roles": ["viewer"], "name": "anna", "owner": "anna"})
        assert made.status == 201, made.text
        self.tokens["anna"] = made.json["token"]
        for who in PEOPLE:
            answer = self.ask("POST", "/auth/login", body={"token": self.tokens[who]})
            assert answer.status == 200, answer.text
            self.cookies[who] = str(answer.headers["Set-Cookie"]).partition(";")[0]


@contextmanager
def one_origin_at(folder: Path, *, tls: bool) -> Iterator[Origin]:
    plain, secure, desk_port = free_port(), free_port(), free_port()
    port = secure if tls else plain
    url = f"{'https' if tls else 'http'}://localhost:{port}"
    config = folder / "mixdesk.toml"
    config.write_text(f'[server]\npublic_url = "{url}"\nbehind_proxy = ["127.0.0.1"]\n{ASSET}')
    desk = Desk(folder / "state", desk_port, config=config)
    grafana = Grafana(url).start()
    proxy = one_origin.render(
        folder / "proxy", MIXDESK_PROXY_SITE="tls" if tls else "plain", MIXDESK_PUBLIC_URL=url,
        MIXDESK_PROXY_DESK=f"127.0.0.1:{desk_port}", MIXDESK_PROXY_GRAFANA=grafana.address,
    )  # fmt: skip
    certificate = one_origin.certificate(proxy.parent / "tls", "localhost")
    one_origin.move(proxy.parent, plain=plain, tls=secure, certificate=certificate)
    try:
        desk.start()
        with one_origin.running(proxy, port):
            found = Origin(desk, grafana, proxy.parent, port, tls, url, plain)
            found.sign_in()
            yield found
    finally:
        desk.close()
        grafana.stop()


@pytest.fixture(scope="session", autouse=True)
def needs_nginx() -> None:
    if shutil.which("nginx") is None:
        pytest.skip("needs the Debian package nginx-light")


@pytest.fixture(scope="session")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Origin]:
    """Without TLS."""
    with one_origin_at(tmp_path_factory.mktemp("plain"), tls=False) as found:
        yield found


@pytest.fixture(scope="session")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Origin]:
    """With TLS."""
    with one_origin_at(tmp_path_factory.mktemp("tls"), tls=True) as found:
        yield found


@pytest.fixture(params=["plain", "secure"])
def origin(request: pytest.FixtureRequest) -> Origin:
    """Each of the two."""
    return request.getfixturevalue(request.param)  # type: ignore[no-any-return]
