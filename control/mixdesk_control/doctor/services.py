"""Prometheus, Grafana and Loki, where the settings name them."""

from __future__ import annotations

import requests

from mixdesk_control.doctor.finding import ABSENT, BROKEN, OK, Check, Context, Finding


def prometheus(context: Context) -> Finding:
    """Is it ready?"""
    return _asked("prometheus", context.settings.prometheus.url, "/-/ready")


def grafana(context: Context) -> Finding:
    """Is it healthy?"""
    return _asked("grafana", context.settings.grafana.url, "/api/health")


def loki(context: Context) -> Finding:
    """Is it ready?"""
    return _asked("loki", context.settings.loki.url, "/ready")


CHECKS: tuple[Check, ...] = (prometheus, grafana, loki)


def _asked(name: str, url: str | None, path: str) -> Finding:
    if url is None:
        return Finding(name, ABSENT, "not configured", f"set [{name}] url to use it")
    try:
        with requests.Session() as session:
            session.trust_env = False
            answer = session.get(f"{url.rstrip('/')}{path}", timeout=3)
    except requests.RequestException as error:
        return Finding(
            name, BROKEN, f"{url} does not answer: {type(error).__name__}", f"start it, or correct [{name}] url"
        )
    if answer.status_code != 200:
        return Finding(name, BROKEN, f"{url} answers {answer.status_code}", f"see its log, or correct [{name}] url")
    return Finding(name, OK, url)
