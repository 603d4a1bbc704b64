"""Data sources through Grafana: whoever may look asks them for data, and for nothing else, whatever a path says."""

from __future__ import annotations

from typing import Any

import pytest

PROXY, UID, RESOURCES = "/grafana/api/datasources/proxy", "/grafana/api/datasources/uid", "resources"
SHUTDOWN = f"{PROXY}/uid/loki/ingester/shutdown"

ASKED = [
    ("GET", f"{PROXY}/uid/tempo/api/search?q=%7B%7D%2F..%2F"),
    ("GET", f"{PROXY}/uid/tempo/api/v2/traces/0af7651916cd43dd8448eb211c80319c"),
    ("GET", f"{PROXY}/uid/loki/loki/api/v1/tail?query=%7B%7D"),
    ("HEAD", f"{PROXY}/uid/alertmanager/api/v2/status"),
    ("GET", f"{UID}/loki/{RESOURCES}/label/service/values?query=x"),
    ("GET", f"{UID}/loki/{RESOURCES}/label/a%3Ab.c/values"),
    ("GET", f"{UID}/prometheus/{RESOURCES}/api/v1/label/__name__/values"),
    ("GET", f"{UID}/prometheus/health"),
    ("POST", f"{UID}/prometheus/{RESOURCES}/api/v1/series"),
    ("POST", f"{UID}/prometheus/{RESOURCES}/api/v1/labels?x=/"),
    ("POST", f"{UID}/prometheus/{RESOURCES}/suggestions"),
    ("POST", "/grafana/api/ds/query?ds_type=loki"),
    ("GET", "/grafana/api/datasources/name/proxy-of-mine"),
]


@pytest.mark.parametrize(("method", "path"), ASKED)
def test_what_panels_and_explore_ask_goes_through(plain: Any, method: str, path: str) -> None:
    answer = plain.ask(method, path, "viewer", None if method in ("GET", "HEAD") else {})
    assert answer.status == 200, answer.text
    assert plain.grafana.last().path == path.partition("?")[0]


NOT_DATA = [
    ("GET", SHUTDOWN),
    ("GET", SHUTDOWN + "?x=/api/"),
    ("HEAD", SHUTDOWN),
    ("GET", SHUTDOWN.replace("datasources", "d%61tasources")),
    ("GET", SHUTDOWN.replace("proxy", "prox%79")),
    ("GET", SHUTDOWN.replace("/loki/", "/lo%6bi/")),
    ("GET", f"{PROXY}/uid/loki/flush"),
    ("GET", f"{PROXY}/uid/loki/"),
    ("GET", f"{PROXY}/uid/loki/apis/x"),
    ("GET", f"{PROXY}/uid/loki/%61pi/v1/x"),
    ("GET", f"{PROXY}/uid/prometheus/debug/pprof/heap"),
    ("GET", f"{PROXY}/1/api/v1/query"),
    ("GET", f"{PROXY}/uid/a%0Ab/ingester/shutdown"),
    ("POST", f"{PROXY}/uid/alertmanager/api/v2/alerts"),
    ("POST", f"{PROXY}/uid/loki/loki/api/v1/push"),
    ("POST", f"{PROXY}/uid/tempo/x"),
    ("DELETE", f"{PROXY}/uid/loki/loki/api/v1/delete"),
    ("POST", f"{UID}/prometheus/{RESOURCES}/api/v1/otlp/v1/metrics"),
    ("POST", f"{UID}/prometheus/{RESOURCES}/api/v1/write"),
    ("POST", f"{UID}/prometheus/{RESOURCES}/api/v1/series/x"),
    ("PUT", f"{UID}/prometheus/{RESOURCES}/api/v1/series"),
    ("GET", f"{UID}/prometheus/{RESOURCES}/-/quit"),
    ("GET", f"{UID}/prometheus/{RESOURCES}/debug/pprof/profile"),
    ("GET", "/grafana/api/datasources/1/resources/labels"),
    ("GET", "/grafana/api/plugin-proxy/some-app/x"),
    ("POST", "/grafana/api/plugins/some-app/resources/x"),
    ("GET", "/grafana/apis/loki.datasource.grafana.app/v0alpha1/namespaces/default/datasources/loki/proxy/flush"),
]
"""As a Viewer might write them; the first one stops Loki."""


@pytest.mark.parametrize("who", ["viewer", "admin"])
@pytest.mark.parametrize(("method", "path"), NOT_DATA)
def test_what_is_no_question_for_data_stays_here(plain: Any, method: str, path: str, who: str) -> None:
    before = len(plain.grafana.asked)
    answer = plain.ask(method, path, who, None if method in ("GET", "HEAD") else {})
    assert answer.status == (400 if "%0A" in path else 403), (answer.status, answer.text)
    assert method == "HEAD" or answer.headers["Content-Type"] == "application/problem+json"
    assert len(plain.grafana.asked) == before


AMBIGUOUS = [
    f"{PROXY}/uid/loki/api/../ingester/shutdown",
    f"{PROXY}/uid/loki/api/%2e%2e/ingester/shutdown",
    f"{PROXY}/uid/loki/api/.%2E/ingester/shutdown",
    f"{PROXY}/uid/loki/api/..%2fingester/shutdown",
    f"{PROXY}/uid/loki/api/%252e%252e/ingester/shutdown",
    f"{PROXY}/uid/loki/api/..;/ingester/shutdown",
    f"{PROXY}/uid/loki/api/..%5cingester/shutdown",
    f"{PROXY}/uid/loki//ingester/shutdown",
    f"{UID}/loki/{RESOURCES}/label/../../../ingester/shutdown",
    "/grafana/api/datasources/proxy%2fuid/loki/ingester/shutdown",
    "/grafana/d/x/../../api/datasources/proxy/uid/loki/ingester/shutdown",
    f"{PROXY}/uid/loki/ingester/shutdown/../../../../../../search",
    "//grafana/api/datasources/proxy/uid/loki/ingester/shutdown",
    "/x/../grafana/api/datasources/proxy/uid/loki/ingester/shutdown",
]


@pytest.mark.parametrize("path", AMBIGUOUS)
def test_a_path_that_can_be_read_in_two_ways_stays_here(plain: Any, path: str) -> None:
    before = len(plain.grafana.asked)
    for who in (None, "viewer", "admin"):
        answer = plain.ask("GET", path, who)
        assert answer.status == 400, (answer.status, answer.text)
    assert len(plain.grafana.asked) == before


NO_HEALTH = [
    "/grafana/api/org/../health",
    "/grafana/api/health/../health",
    "//grafana/api/health",
    "/grafana//api/health",
    "/grafana/metrics%2f..%2fapi/health",
    "/grafana/api/datasources%2f%2e%2e%2fhealth?x",
    "/grafana/public/x/%2e%2e/%2e%2e/api/health",
    "/grafana/login%2f..%2fapi/health",
    "/grafana/api/%68ealth",
    "/x/../grafana/api/health",
]


@pytest.mark.parametrize("path", NO_HEALTH)
def test_what_is_open_is_one_path_however_it_is_written(plain: Any, path: str) -> None:
    """Grafana would read some of these as others, and nobody is asked for here."""
    before = len(plain.grafana.asked)
    assert plain.ask("GET", path, None).status in (200, 400)
    assert {asked.path for asked in plain.grafana.asked[before:]} <= {"/grafana/api/health"}


@pytest.mark.parametrize("site", ["same-site", "cross-site", "Same-Site"])
def test_other_pages_load_nothing_from_grafana(origin: Any, site: str) -> None:
    """Another port of localhost is the same site: its pictures come with the session and without Origin."""
    before = len(origin.grafana.asked)
    for path in (SHUTDOWN, f"{PROXY}/uid/loki/loki/api/v1/labels", "/grafana/api/search", "/grafana/render/d/x"):
        for mode in ("no-cors", "cors", "websocket", ""):
            headers = {"Sec_Fetch_Site": site, "Sec_Fetch_Mode": mode, "Sec_Fetch_Dest": "image"}
            assert origin.ask("GET", path, "admin", None, **headers).status == 403, (path, mode)
    assert len(origin.grafana.asked) == before


@pytest.mark.parametrize("site", ["same-site", "cross-site", "same-origin", "none"])
def test_other_pages_may_lead_to_grafana_or_frame_it(origin: Any, site: str) -> None:
    for dest in ("document", "iframe"):
        headers = {"Sec_Fetch_Site": site, "Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": dest}
        assert origin.ask("GET", "/grafana/d/x", "viewer", None, **headers).status == 200
        assert origin.ask("GET", SHUTDOWN, "viewer", None, **headers).status == 403


def test_grafanas_own_requests_go_through(origin: Any) -> None:
    for site in ("same-origin", "none"):
        headers = {"Sec_Fetch_Site": site, "Sec_Fetch_Mode": "cors", "Sec_Fetch_Dest": "empty"}
        assert origin.ask("GET", "/grafana/api/search", "viewer", None, **headers).status == 200
