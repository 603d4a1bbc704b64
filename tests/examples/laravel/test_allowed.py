"""What of a browser's request reaches the desk: the list itself, and everything that tries to get around it."""

from __future__ import annotations

import json
import re
import string
import subprocess
import uuid
from pathlib import Path
from typing import Any

import pages
import pytest
from php_site import EXAMPLE, STANDINS, php, verdicts, wish
from torture import chance, times

from mixdesk_control import settings
from mixdesk_control.app import create_app
from mixdesk_control.store import Store
from mixdesk_control.web import openapi

JOB = "0198f3c2-7d10-7c3a-9b52-6f0d5c1e4a77"
NAMES = {"job_id": JOB, "asset_id": "rvc", "hold_id": JOB, "operation_id": JOB, "service": "api", "source": "error.log"}
NEVER = ("/admin/tokens", "/admin/settings", "/admin/doctor", "/admin/notify/test", "/admin/alerts/webhook", "/auth")


def rows() -> list[list[Any]]:
    allowed = "App\\Mixdesk\\Allowed"
    code = f"require '{EXAMPLE}/app/Mixdesk/Allowed.php'; echo json_encode([{allowed}::ROUTES, {allowed}::STREAMS]);"
    done = subprocess.run([php(), "-n", "-r", code], capture_output=True, check=True)
    return list(json.loads(done.stdout))


ROUTES, STREAMS = rows()
PATHS = [(method, path.format_map(NAMES)) for method, path, _, _ in ROUTES]


def refused(*asked: dict[str, Any]) -> list[int | None]:
    return [given.get("refused") for given in verdicts(asked)]


def test_every_file_is_php() -> None:
    files = [*EXAMPLE.rglob("*.php"), *STANDINS.glob("*.php")]
    assert len(files) > 15
    for file in files:
        subprocess.run([php(), "-n", "-l", file], check=True, capture_output=True)


def test_the_list_is_that_of_the_desk() -> None:
    """Method, path and role of each are the desk's, and all that a viewer or operator may ask is in it."""
    table = pages.table(pages.page("api"), "method", "path", "role", "")
    known = {(row[0], pages.names(row[1])[0]): row[2] for row in table if row[2] in ("viewer", "operator")}
    listed = {(method, path): role for method, path, role, _ in ROUTES} | {("WS", path): "viewer" for path in STREAMS}
    # The application has a path of its own for the first; the others are for whoever runs the desk, or its own page.
    apart = {("POST", path) for path in ("/auth/embed-ticket", "/auth/login-code", "/admin/assets/reload")}
    apart.add(("GET", "/admin/links"))
    assert listed == {route: role for route, role in known.items() if route not in apart}
    assert not [path for _, path, _, _ in ROUTES if path.startswith(NEVER)]


def test_the_words_of_queries_are_those_of_the_desk(tmp_path: Path) -> None:
    store = Store.open(state_dir=tmp_path)
    document = openapi.describe(create_app(settings.load(env={"MIXDESK_STATE_DIR": str(tmp_path)}), store))
    store.close()
    for method, path, _, words in ROUTES:
        given = document["paths"][path][method.lower()].get("parameters", ())
        assert set(words) == {item["name"] for item in given if item["in"] == "query"}, path


@pytest.mark.parametrize(("method", "path"), PATHS, ids=lambda value: value)
def test_what_is_listed_goes_to_the_desk_as_it_came(method: str, path: str) -> None:
    (given,) = verdicts([wish(method, path)])
    assert (given["method"], given["target"], given["body"], given["key"]) == (method, path, "", None)


TRICKS = (
    *("/..", "/../tokens", "/%2e%2e/tokens", "/..%2ftokens", "/%2e%2e%2ftokens", "/%252e%252e%252ftokens", "//", "/./"),
    *(
        "/..;/tokens",
        ";a=b",
        "%00",
        "\0",
        "%0d%0aX-Admin:%201",
        "\r\nX-Admin: 1",
        "%0a",
        "\n",
        " HTTP/1.1",
        "#",
        "%23",
        "?",
    ),
    *(
        "%3fa=b",
        "%5c..%5ctokens",
        "\\..\\tokens",
        "@evil.example",
        "%ef%bc%8e",
        "．．/tokens",
        "%c0%ae%c0%ae/",
        "%u002e",
        "%",
    ),
    *(":80", "*", "{x}", "é", "%C3%A9", "'", '"', "<", "%20", "+", "~", "$", "^", "`", "|"),
)


def test_nothing_gets_around_the_list() -> None:
    tried = [wish(method, path + trick) for method, path in PATHS for trick in TRICKS]
    tried += [
        wish(method, re.sub(r"/(?=[^/]+$)", trick, path)) for method, path in PATHS for trick in ("//", "/x/../", "%2f")
    ]
    tried += [wish(method, "/%61dmin" + path[6:]) for method, path in PATHS if path.startswith("/admin")]
    tried += [wish(method, path.upper()) for method, path in PATHS]
    tried += [
        wish(method, before + path) for method, path in PATHS for before in ("//", "http://evil.example", "@evil/", ".")
    ]
    assert set(refused(*tried)) == {404}


def test_names_that_are_none() -> None:
    names = ("", ".", "..", "...", "-", "a" * 65, "stream", "desired", "a%2fb", "a/b", "ä")
    tried = [wish("GET", f"/jobs/{name}") for name in names if name != "-"]
    tried += [wish("GET", f"/admin/assets/{name}/status") for name in ("", ".", "..", "-", "RVC", "a" * 64, "a b")]
    tried += [wish("GET", f"/admin/logs/download/{name}/x") for name in ("", ".", "..", ".x", "a" * 129)]
    tried += [wish("GET", f"/admin/logs/download/x/{name}") for name in ("", ".", "..", ".x", "a" * 129)]
    assert set(refused(*tried)) == {404}


def test_paths_of_the_desk_that_are_not_for_users() -> None:
    table = pages.table(pages.page("api"), "method", "path", "role", "")
    rest = [(row[0], pages.names(row[1])[0]) for row in table]
    listed = {(method, path) for method, path, _, _ in ROUTES}
    tried = [
        wish(method, path.replace("{path:path}", "x").format_map({**NAMES, "token_id": JOB, "name": "x"}))
        for method, path in rest
        if (method, path) not in listed
    ]
    assert len(tried) > 20
    assert set(refused(*tried)) <= {404, 405}
    methods = [
        wish(other, path)
        for _, path in PATHS
        for other in ("PUT", "PATCH", "HEAD", "OPTIONS", "CONNECT", "get", "GET ")
    ]
    found = verdicts(methods)
    assert {one["refused"] for one in found} == {405}
    allow = [set(one["headers"]["allow"].split(", ")) for one in found]
    assert all(asked["wish"][0] not in names and names for asked, names in zip(methods, allow, strict=True))
    assert verdicts([wish("PUT", "/jobs")])[0]["headers"] == {"allow": "GET, HEAD"}
    assert verdicts([wish("PUT", f"/jobs/{JOB}")])[0]["headers"] == {"allow": "GET, DELETE, HEAD"}


def test_random_paths_hold_only_what_was_meant() -> None:
    """Whatever is accepted is one of the list's patterns, letter by letter."""
    random = chance()
    shapes = [re.compile(re.sub(r"\\\{\w+\\\}", "[A-Za-z0-9._-]{1,128}", re.escape(path))) for _, path, _, _ in ROUTES]
    letters = string.printable + "é%%%%//..\0"
    tried = []
    for _ in range(times(20_000, 2_000)):
        method, path = random.choice(PATHS)
        at = random.randrange(len(path) + 1)
        tried.append(
            (
                method,
                path[:at]
                + "".join(random.choices(letters, k=random.randint(1, 4)))
                + path[at + random.randint(0, 3) :],
            )
        )
    for (method, path), given in zip(tried, verdicts([wish(*one) for one in tried]), strict=True):
        if "refused" not in given:
            assert given["target"] == path and any(shape.fullmatch(path) for shape in shapes), (method, path)
            assert "/.." not in path and "/." not in path


def test_queries() -> None:
    given = verdicts(
        [
            wish("GET", "/jobs", "status=running&status=lost&name=a%26b+c"),
            wish("GET", "/admin/logs/search", "q=%C3%A9%22&limit=5"),
            wish("GET", "/jobs", "&&limit=5&"),
            wish("GET", "/jobs", "owner"),
        ]
    )
    assert [one["target"] for one in given] == [
        "/jobs?status=running&status=lost&name=a%26b%20c",
        "/admin/logs/search?q=%C3%A9%22&limit=5",
        "/jobs?limit=5",
        "/jobs?owner=",
    ]
    wrong = (
        "token=x",
        "status[]=x",
        "Status=x",
        "%20status=x",
        "status%00=x",
        "name=%00",
        "name=%0d%0aX:1",
        "name=%ff",
    )
    tried = [wish("GET", "/jobs", query) for query in (*wrong, "name=" + "x" * 1001, "name=x&" * 2000)]
    tried += [wish("GET", "/admin/assets", "limit=1"), wish("POST", "/admin/assets/rvc/start", "force=true")]
    assert set(refused(*tried)) == {400}


def test_bodies() -> None:
    save = f"/admin/jobs/{JOB}/checkpoint"
    given = verdicts(
        [
            wish("POST", save, body=b'{"then": "cancel"}', kind="application/json"),
            wish("POST", save, body=b"{}", kind="Application/JSON; charset=utf-8"),
            wish("GET", "/jobs", body=b"not looked at", kind="text/plain"),
        ]
    )
    assert [one["body"] for one in given] == ['{"then": "cancel"}', "{}", ""]
    kinds = ("", "text/plain", "application/x-www-form-urlencoded", "application/jsonx", "multipart/form-data")
    assert set(refused(*(wish("POST", save, body=b"{}", kind=kind) for kind in kinds))) == {415}
    bodies = (b"[]", b"1", b"{", b'"x"', b"\xff", b"null")
    assert set(refused(*(wish("POST", save, body=body, kind="application/json") for body in bodies))) == {400}
    assert refused(wish("POST", save, body=b"{" + b" " * 65536 + b"}", kind="application/json")) == [413]


def test_keys_of_two_users_are_two() -> None:
    path = f"/admin/jobs/{JOB}/pause"
    given = verdicts([wish("POST", path, key="1", user=user) for user in ("anna", "anna", "bo")])
    first, again, other = (one["key"] for one in given)
    assert first == again != other and re.fullmatch("[0-9a-f]{64}", first)
    wrong = ("", "x" * 201, "a\r\nX-Admin: 1", "a\nb", "\0", "é")
    assert set(refused(*(wish("POST", path, key=key) for key in wrong))) == {400}


def test_queued_jobs() -> None:
    given = verdicts([{"queue": ["training_rvc", "anton", "0.5", "anna"]}] * 200)
    for one in given:
        found = uuid.UUID(one["job_id"])
        assert (found.version, found.variant) == (7, uuid.RFC_4122)
        assert re.fullmatch("[0-9a-f]{64}", one["job_key"])
        assert one["environ"] == {"MIXDESK_JOB": f"{one['job_id']}:{one['job_key']}"}
        assert (one["status"], one["seq"], one["name"], one["owner"]) == ("queued", 1, "anton", "anna")
    moments = [uuid.UUID(one["job_id"]).int >> 80 for one in given]
    assert moments == sorted(moments)
    assert len({one["job_key"] for one in given}) == len({one["job_id"] for one in given}) == 200
    assert set(refused({"queue": ["t", ""]}, {"queue": ["t", "a\nb"]}, {"queue": ["t", "x" * 201]})) == {422}
