"""The addresses beside the desk that a browser is told, and who is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from mixdesk_control import settings
from mixdesk_control.settings import SettingsError
from mixdesk_control.web.links import links_of


def told(**flags: Any) -> dict[str, str | None]:
    return links_of(settings.load(env={"HOME": "/home/somebody"}, **flags)).model_dump()


def test_nothing_set_is_nothing_told(desk: Any) -> None:
    assert told() == {"grafana": None, "traces": None}
    assert desk.ask("GET", "/admin/links", "viewer").json() == {"grafana": None, "traces": None}


def test_browsers_are_told_their_own_address() -> None:
    assert told(grafana={"url": "http://grafana:3000/"})["grafana"] == "http://grafana:3000"
    both = {"url": "http://grafana:3000", "browser_url": "https://studio.example/grafana/"}
    assert told(grafana=both)["grafana"] == "https://studio.example/grafana"


def test_a_trace_is_seen_where_it_is_said_else_in_grafana() -> None:
    grafana, otel = {"browser_url": "http://h/grafana"}, {"endpoint": "http://127.0.0.1:4318"}
    assert told(grafana=grafana)["traces"] is None, "no spans go out"
    explore = told(grafana=grafana, otel=otel)["traces"]
    assert explore is not None and explore.startswith("http://h/grafana/explore?") and explore.count("{trace_id}") == 1
    shown = unquote(explore.replace("{trace_id}", "ab12"))
    assert '"query":"ab12"' in shown and '"uid":"tempo"' in shown
    own = otel | {"trace_url": "http://jaeger:16686/trace/{trace_id}"}
    assert told(grafana=grafana, otel=own)["traces"] == "http://jaeger:16686/trace/{trace_id}"


def test_who_is_bound_is_let_in_nowhere(new_desk: Any) -> None:
    desk = new_desk(MIXDESK_GRAFANA__BROWSER_URL="http://127.0.0.1:3000/grafana").start()
    assert desk.ask("GET", "/admin/links", "viewer").json()["grafana"] == "http://127.0.0.1:3000/grafana"
    made = desk.ask("POST", "/admin/tokens", json={"roles": ["viewer"], "owner": "anna"}).json()
    (desk.state_dir / "tokens" / "anna").write_text(made["token"])
    assert desk.ask("GET", "/admin/links", "anna").json() == {"grafana": None, "traces": None}


@pytest.mark.parametrize(
    ("key", "value", "why"),
    [
        ("GRAFANA__BROWSER_URL", "javascript:alert(1)", "http:// or https://"),
        ("GRAFANA__URL", "http://admin:secret@grafana:3000", "without a password"),
        ("GRAFANA__BROWSER_URL", "http://g/ ; script-src *", "http:// or https://"),
        ("OTEL__TRACE_URL", "http://jaeger:16686/trace/", "{trace_id}"),
        ("SERVER__FRAME_ANCESTORS", "*", "'self' or a site"),
        ("SERVER__FRAME_ANCESTORS", "https://a.example; script-src *", "'self' or a site"),
        ("SERVER__FRAME_ANCESTORS", "ftp://a.example", "'self' or a site"),
    ],
)
def test_what_is_no_address_is_refused(tmp_path: Path, key: str, value: str, why: str) -> None:
    with pytest.raises(SettingsError, match=why) as refused:
        settings.load(env={"HOME": str(tmp_path), f"MIXDESK_{key}": value})
    assert "secret" not in str(refused.value)


def test_sites_that_may_show_embeds() -> None:
    given = ["self", "https://app.example", "http://127.0.0.1:3000", "https://*.example:8443", "http://[::1]:8080"]
    found = settings.load(env={"HOME": "/home/somebody"}, server={"frame_ancestors": given})
    assert found.server.frame_ancestors == ("'self'", *given[1:])
    as_a_proxy_has_it = {"HOME": "/home/somebody", "MIXDESK_SERVER__FRAME_ANCESTORS": "'self' https://app.example"}
    assert settings.load(env=as_a_proxy_has_it).server.frame_ancestors == ("'self'", "https://app.example")
