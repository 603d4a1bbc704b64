"""The files themselves: nginx takes each variant, nothing is left open, and Grafana's settings fit the proxy's."""

from __future__ import annotations

import configparser
import re
from pathlib import Path

import one_origin
import pytest

INI = one_origin.ROOT / "grafana" / "grafana.ini"
TEMPLATES = sorted((one_origin.NGINX / "templates").iterdir())


def rendered(folder: Path, **variables: str) -> Path:
    config = one_origin.render(folder, **variables)
    one_origin.move(folder, plain=18080, tls=18443, certificate=one_origin.certificate(folder / "tls", "localhost"))
    return config


@pytest.mark.parametrize("site", ["plain", "tls"])
@pytest.mark.parametrize("ancestors", ["'self'", "'none'", "'self' https://admin.example https://*.example:8443"])
@pytest.mark.parametrize("public", ["http://localhost:9770", "https://desk.example/", "http://[::1]:80"])
def test_nginx_takes_it(tmp_path: Path, site: str, ancestors: str, public: str) -> None:
    given = {"MIXDESK_PROXY_SITE": site, "MIXDESK_FRAME_ANCESTORS": ancestors, "MIXDESK_PUBLIC_URL": public}
    checked = one_origin.check(rendered(tmp_path, **given))
    assert checked.returncode == 0, checked.stderr
    assert "warn" not in checked.stderr


def test_an_unknown_site_is_said(tmp_path: Path) -> None:
    checked = one_origin.check(rendered(tmp_path, MIXDESK_PROXY_SITE="tsl"))
    assert checked.returncode != 0 and "site_tsl.conf" in checked.stderr


@pytest.mark.parametrize("name", sorted(one_origin.NAMES))
def test_a_variable_that_is_not_set_stops_it(tmp_path: Path, name: str) -> None:
    """envsubst leaves what it does not know, and nginx knows no variable of that name."""
    given = {"MIXDESK_PROXY_SITE": "tls"} | {name: "${" + name + "}"}
    checked = one_origin.check(rendered(tmp_path, **given))
    assert checked.returncode != 0 and name.lower() in checked.stderr.lower(), checked.stderr


def test_the_templates_use_what_is_listed_and_nothing_else() -> None:
    used = {name for file in TEMPLATES for name in re.findall(r"\$\{(\w+)\}", file.read_text())}
    assert used == set(one_origin.NAMES)
    assert {file.suffix for file in TEMPLATES} == {".template"}, "the image fills in no others"
    readme = (one_origin.NGINX / "README.md").read_text()
    assert set(re.findall(r"^\| `(MIXDESK_\w+)`", readme, re.MULTILINE)) == used


def ini() -> configparser.RawConfigParser:
    found = configparser.RawConfigParser(comment_prefixes=(";",), interpolation=None)
    found.read_string(INI.read_text())
    return found


def test_grafana_believes_the_proxy_alone() -> None:
    settings = ini()
    proxy = settings["auth.proxy"]
    sent = (one_origin.NGINX / "templates" / "to_grafana.conf.template").read_text()
    assert proxy["enabled"] == "true" and f"proxy_set_header {proxy['header_name']} " in sent
    assert proxy["headers"] == "Role:X-WEBAUTH-ROLE" and "proxy_set_header X-WEBAUTH-ROLE " in sent
    first, second = proxy["whitelist"].split(",")
    assert second == "$__env{MIXDESK_PROXY_ADDRESS}"
    assert first == "192.0.2.1", "an empty list would be everybody"
    assert proxy["enable_login_token"] == "false"
    assert settings["auth"]["disable_login_form"] == "true"
    assert settings["auth.anonymous"]["enabled"] == "false"
    assert "@" in settings["security"]["admin_user"], "so that no name of the desk can be it"
    for secret in ("admin_password", "secret_key"):
        assert settings["security"][secret].startswith("$__file{/run/secrets/grafana_")
    assert settings["panels"]["disable_sanitize_html"] == "false"
    assert settings["unified_alerting"]["enabled"] == "false", "an Editor's contact point sends to any address inside"


def test_grafana_is_where_the_proxy_puts_it() -> None:
    server, security = ini()["server"], ini()["security"]
    assert server["root_url"] == "$__env{MIXDESK_PUBLIC_URL}/grafana/" and server["serve_from_sub_path"] == "true"
    policy = security["content_security_policy_template"]
    assert policy.startswith('"""') and policy.endswith('frame-ancestors $__env{MIXDESK_FRAME_ANCESTORS};"""')
    assert "connect-src 'self' ws://$ROOT_PATH wss://$ROOT_PATH;" in policy, "actions go to this origin alone"
    assert security["allow_embedding"] == "true"
