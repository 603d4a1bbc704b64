"""The built page as it is served: policies, caching, compression, what is not there, and a build that is replaced."""

from __future__ import annotations

import asyncio
import gzip
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from http.client import HTTPConnection
from pathlib import Path
from types import MappingProxyType
from typing import Any

import built_page
import httpx
import pytest
from starlette.types import ASGIApp

from mixdesk_control import settings
from mixdesk_control.app import create_app
from mixdesk_control.store import Store

GRAFANA = "http://grafana.example:3000/grafana"
SITES = ("https://app.example", "http://127.0.0.1:3001")
CHUNK = "/ui/_next/static/chunks/one.js"
PAGE = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


class Browser:
    """Asks an app as a browser on this host does, and follows nothing."""

    def __init__(self, app: ASGIApp) -> None:
        self._transport = httpx.ASGITransport(app)

    def get(self, path: str, headers: Mapping[str, str] = MappingProxyType({})) -> httpx.Response:
        async def ask() -> httpx.Response:
            async with httpx.AsyncClient(transport=self._transport, base_url="http://127.0.0.1:9770") as client:
                return await client.get(path, headers=dict(headers))

        return asyncio.run(ask())


Make = Callable[..., Browser]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """A desk's HTTP over the build in `tmp_path / "ui"`, as a browser on this host finds it."""
    stores: list[Store] = []

    def made(**flags: Any) -> Browser:
        stores.append(Store.open(state_dir=tmp_path))
        found = settings.load(env={"MIXDESK_STATE_DIR": str(tmp_path)}, **flags)
        return Browser(create_app(found, stores[-1], ui=tmp_path / "ui"))

    try:
        yield made
    finally:
        for store in stores:
            store.close()


@pytest.fixture
def ui(tmp_path: Path) -> Path:
    return built_page.write(tmp_path / "ui")


def rules(answer: Any) -> dict[str, list[str]]:
    parts = [rule.split() for rule in answer.headers["Content-Security-Policy"].split("; ")]
    return {name: values for name, *values in parts}


# -- policies ------------------------------------------------------------------------------------------


def test_each_page_allows_its_own_inline_scripts(ui: Path, make: Make) -> None:
    client = make()
    for path, scripts in (("", ["start('one')"]), ("login/", ["one('one')", "two()"]), ("jobs/", [])):
        found = rules(client.get(f"/ui/{path}"))
        assert found["script-src"] == ["'self'", *(f"'{built_page.digest(script)}'" for script in scripts)]
        assert found["style-src"] == ["'self'"] and found["default-src"] == ["'none'"]
        assert found["frame-ancestors"] == found["base-uri"] == found["form-action"] == ["'none'"]
        assert "unsafe" not in client.get(f"/ui/{path}").headers["Content-Security-Policy"]


def test_sockets_are_spelled_out_for_browsers_that_need_it(ui: Path, make: Make) -> None:
    client = make()
    assert rules(client.get("/ui/"))["connect-src"] == ["'self'", "ws://127.0.0.1:9770"]
    tunnel = client.get("/ui/", headers={"Host": "[::1]:8000"})
    assert rules(tunnel)["connect-src"] == ["'self'", "ws://[::1]:8000"]
    for host in ("x; script-src *", "a b", "http://x", ""):
        assert rules(client.get("/ui/", headers={"Host": host}))["connect-src"] == ["'self'"], host
    public = make(server={"public_url": "https://studio.example:8443"})
    assert rules(public.get("/ui/"))["connect-src"] == ["'self'", "wss://studio.example:8443"]


def test_embeds_alone_may_be_framed_and_show_no_frames(ui: Path, make: Make) -> None:
    client = make(server={"frame_ancestors": SITES}, grafana={"browser_url": GRAFANA})
    embed, page = rules(client.get("/ui/embed/job/?id=x")), rules(client.get("/ui/"))
    assert embed["frame-ancestors"] == list(SITES) and embed["frame-src"] == ["'none'"]
    # of every page: one that was opened at the overview goes to the dashboards without loading anew
    assert page["frame-ancestors"] == ["'none'"] and page["frame-src"] == ["http://grafana.example:3000"]
    opener = "Cross-Origin-Opener-Policy"
    assert client.get("/ui/").headers[opener] == "same-origin"
    assert opener not in client.get("/ui/embed/job/").headers
    assert rules(client.get("/ui/nothing/", headers=PAGE))["frame-ancestors"] == ["'none'"]
    bare = make()
    assert rules(bare.get("/ui/embed/job/"))["frame-ancestors"] == rules(bare.get("/ui/"))["frame-src"] == ["'none'"]


# -- caching, compression, kinds -----------------------------------------------------------------------


def test_pages_are_asked_for_anew_and_answered_in_a_line(ui: Path, make: Make) -> None:
    client = make()
    first = client.get("/ui/")
    assert first.headers["Cache-Control"] == "no-cache" and first.headers["Vary"] == "Accept-Encoding"
    for sent in (first.headers["ETag"], f'"other", W/{first.headers["ETag"]}', "*"):
        again = client.get("/ui/", headers={"If-None-Match": sent})
        assert (again.status_code, again.content) == (304, b"") and again.headers["ETag"] == first.headers["ETag"]
        assert rules(again) == rules(first)
    assert client.get("/ui/", headers={"If-None-Match": '"other"'}).status_code == 200


def test_what_is_named_by_its_content_is_kept_for_good(ui: Path, make: Make) -> None:
    answer = make().get(CHUNK)
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "Set-Cookie" not in answer.headers and answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize(
    ("accepted", "zipped"),
    [("gzip", True), ("br, gzip;q=0.5", True), ("*", True), ("identity", False), ("gzip;q=0", False), ("", False)],
)
def test_it_is_zipped_for_who_takes_that(ui: Path, make: Make, accepted: str, zipped: bool) -> None:
    client, wanted = make(), (ui / CHUNK.removeprefix("/ui/")).read_bytes()
    answer = client.get(CHUNK, headers={"Accept-Encoding": accepted})
    assert answer.content == wanted, "httpx unpacks"
    assert answer.headers.get("Content-Encoding") == ("gzip" if zipped else None)
    packed = len((ui / f"{CHUNK.removeprefix('/ui/')}.gz").read_bytes())
    assert int(answer.headers["Content-Length"]) == (packed if zipped else len(wanted))
    assert answer.headers["Vary"] == "Accept-Encoding"
    plain = client.get(CHUNK, headers={"Accept-Encoding": "identity"})
    assert (plain.headers["ETag"] == answer.headers["ETag"]) is not zipped


def test_kinds(ui: Path, make: Make) -> None:
    client = make()
    kinds = {
        "/ui/": "text/html; charset=utf-8",
        "/ui/index.txt": "text/plain; charset=utf-8",
        "/ui/icon.svg": "image/svg+xml",
        CHUNK: "text/javascript; charset=utf-8",
        "/ui/build.json": "application/json",
    }
    assert {path: client.get(path).headers["Content-Type"] for path in kinds} == kinds


def test_head_is_get_without_the_body(ui: Path, make: Make, new_desk: Any) -> None:
    desk = new_desk(MIXDESK_UI_DIR=str(ui)).start()
    for path in ("/ui/", CHUNK, "/ui/icon.svg"):
        whole, head = desk.ask("GET", path, None), desk.ask("HEAD", path, None)
        assert head.status_code == 200 and head.content == b""
        for name in ("Content-Length", "ETag", "Cache-Control", "Content-Type"):
            assert head.headers[name] == whole.headers[name], (path, name)


# -- what is not there ---------------------------------------------------------------------------------


def test_a_page_that_is_not_there(ui: Path, make: Make) -> None:
    client = make()
    shown = client.get("/ui/nothing/", headers=PAGE)
    assert shown.status_code == 404 and "Nothing here one" in shown.text
    assert f"'{built_page.digest('lost()')}'" in rules(shown)["script-src"]
    assert shown.headers["Cache-Control"] == "no-store" and "ETag" not in shown.headers
    for path, headers in (("nothing/", {}), ("_next/static/chunks/gone.js", PAGE)):
        told = client.get(f"/ui/{path}", headers=headers)
        assert told.status_code == 404 and told.headers["Content-Type"] == "application/problem+json"
        assert told.headers["Cache-Control"] == "no-store"


def test_a_slash_that_is_missing(ui: Path, make: Make) -> None:
    client = make()
    answer = client.get("/ui/jobs?status=lost&x=%2F%2F")
    assert (answer.status_code, answer.headers["Location"]) == (307, "/ui/jobs/?status=lost&x=%2F%2F")
    assert client.get("/ui/embed", headers=PAGE).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "../secret", "%2e%2e/secret", "..%2fsecret", "..%5csecret", "%2e%2e%2fsecret", "jobs/../../secret",
        "_next/static/../../../secret", "//secret", "/etc/passwd", "%2fetc%2fpasswd", "index.html%00.js", "%00",
        "jobs//index.html", "./index.html", "jobs/./index.html", "..%c0%afsecret", "files.json", "pages.json",
        "index.html.gz", "%252e%252e/secret", "~", "con", "index.html/", "_next", "_next/",
    ],
)  # fmt: skip
def test_tricks_find_nothing(ui: Path, tmp_path: Path, bare: HTTPConnection, path: str) -> None:
    bare.request("GET", f"/ui/{path}", headers={"Accept": "*/*"})
    answer = bare.getresponse()
    body = answer.read()
    assert answer.status == 404, (path, answer.status)
    assert b"root:" not in body and b"very secret" not in body


@pytest.fixture(scope="module")
def bare_desk(tmp_path_factory: pytest.TempPathFactory, new_desks: Any) -> Any:
    folder = tmp_path_factory.mktemp("tricks")
    (folder / "secret").write_text("very secret")
    return new_desks(folder / "state", MIXDESK_UI_DIR=str(built_page.write(folder / "ui"))).start()


@pytest.fixture
def bare(bare_desk: Any) -> Iterator[HTTPConnection]:
    """A connection that writes paths as they are."""
    connection = HTTPConnection("127.0.0.1", bare_desk.port, timeout=30)
    yield connection
    connection.close()


def test_a_build_with_a_link_in_it_is_not_shown(ui: Path, tmp_path: Path, make: Make) -> None:
    secret = tmp_path / "secret.svg"
    secret.write_bytes((ui / "icon.svg").read_bytes())
    (ui / "icon.svg").unlink()
    (ui / "icon.svg").symlink_to(secret)
    client = make()
    assert client.get("/ui/build.json").json()["built"] is False
    assert client.get("/ui/icon.svg").status_code == 404


def test_a_build_may_lie_behind_a_link(ui: Path, tmp_path: Path, make: Make) -> None:
    ui.rename(tmp_path / "ui-1")
    ui.symlink_to(tmp_path / "ui-1")
    assert make().get("/ui/").status_code == 200


# -- another build -------------------------------------------------------------------------------------


def test_a_build_that_is_half_there_is_not_shown(ui: Path, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mixdesk_control.web.admin.AGAIN_S", 0.0)
    page = ui / "jobs" / "index.html"
    whole = page.read_bytes()
    page.write_bytes(whole[:-5])
    client = make()
    assert client.get("/ui/build.json").json()["built"] is False
    assert "mixdesk demo" in client.get("/ui/").text, "the small page"
    page.write_bytes(whole)
    assert client.get("/ui/build.json").json() == {"built": True, "state": "built", "detail": ""}
    assert "Overview one" in client.get("/ui/").text


def test_another_build_takes_its_place_and_open_tabs_go_on(ui: Path, make: Make) -> None:
    client = make()
    assert "Overview one" in client.get("/ui/").text
    built_page.replace(ui, "two")
    shown = client.get("/ui/")
    script = built_page.digest("start('two')")
    assert "Overview two" in shown.text and f"'{script}'" in rules(shown)["script-src"]
    assert client.get("/ui/_next/static/chunks/two.js").status_code == 200
    old = client.get(CHUNK)
    assert old.status_code == 200 and "// one" in old.text, "a tab that was open may still ask for it"
    ui.rename(ui.with_name("ui.old"))
    assert "Overview two" in client.get("/ui/").text, "the moment between two builds"


def test_no_answer_is_of_two_builds(ui: Path, new_desk: Any, eventually: Any) -> None:
    desk = new_desk(MIXDESK_UI_DIR=str(ui)).start()
    # a desk that starts in the very moment of a swap has none yet
    eventually(lambda: "Overview" in desk.ask("GET", "/ui/", None).text)
    wrong: list[str] = []
    done = threading.Event()

    def look() -> None:
        with desk.session(None) as session:
            while not done.is_set():
                answer = session.get(f"{desk.url}/ui/", timeout=30)
                mark = answer.text.partition("Overview ")[2].partition("<")[0]
                script = built_page.digest(f"start('{mark}')")
                if answer.status_code != 200 or f"'{script}'" not in answer.headers["Content-Security-Policy"]:
                    wrong.append(f"{answer.status_code} {mark}")

    watchers = [threading.Thread(target=look) for _ in range(2)]
    for watcher in watchers:
        watcher.start()
    for number in range(20):
        built_page.replace(ui, f"b{number}")
    done.set()
    for watcher in watchers:
        watcher.join()
    assert wrong == []
    eventually(lambda: "Overview b19" in desk.ask("GET", "/ui/", None).text)


def test_a_build_whose_lists_are_nonsense(ui: Path, make: Make) -> None:
    (ui / "files.json").write_text("[]")
    assert make().get("/ui/build.json").json()["built"] is False


def test_the_zipped_is_the_same(ui: Path) -> None:
    listed = json.loads((ui / "files.json").read_text())["files"]
    for name in (name for name in listed if name.endswith(".gz")):
        assert gzip.decompress((ui / name).read_bytes()) == (ui / name.removesuffix(".gz")).read_bytes()
