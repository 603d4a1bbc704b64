"""Content-Security-Policies of the desk's pages: scripts and styles of their own, and nothing from elsewhere. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from mixdesk_control.web.origin import Site

_HOST = re.compile(r"([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?")
NONE = "'none'"


def of_built(
    scripts: Iterable[str], *, sockets: Iterable[str] = (), frames: Iterable[str] = (), ancestors: Iterable[str] = ()
) -> str:
    """Of a page that was built: files of this desk, and its own inline scripts by their hashes."""
    return _text(
        {
            "default-src": NONE,
            "script-src": " ".join(("'self'", *(f"'{digest}'" for digest in scripts))),
            "style-src": "'self'",
            "connect-src": " ".join(("'self'", *sockets)),
            "img-src": "'self' data:",
            "font-src": "'self'",
            "manifest-src": "'self'",
            "frame-src": " ".join(frames) or NONE,
            "base-uri": NONE,
            "form-action": NONE,
            "frame-ancestors": " ".join(ancestors) or NONE,
        }
    )


def of_inline(scripts: Iterable[str], styles: Iterable[str], ancestors: Iterable[str] = ()) -> str:
    """Of a page in one file: its own script and style by their hashes."""
    return _text(
        {
            "default-src": NONE,
            "script-src": " ".join(f"'{digest}'" for digest in scripts) or NONE,
            "style-src": " ".join(f"'{digest}'" for digest in styles) or NONE,
            "connect-src": "'self'",
            "img-src": "data:",
            "base-uri": NONE,
            "form-action": NONE,
            "frame-ancestors": " ".join(ancestors) or NONE,
        }
    )


def sockets(site: Site, host: str | None) -> tuple[str, ...]:
    """The desk's own WebSockets, spelled out: older browsers take 'self' for http alone."""
    url = site.public_url
    if url is None and host is not None and _HOST.fullmatch(host):
        url = f"{site.scheme}://{host}"
    return () if url is None else (f"ws{url.removeprefix('http')}",)


def origins(urls: Iterable[str | None]) -> tuple[str, ...]:
    """The origins of some addresses."""
    parts = [urlsplit(url) for url in urls if url is not None]
    return tuple(dict.fromkeys(f"{part.scheme}://{part.netloc}" for part in parts))


def _text(rules: dict[str, str]) -> str:
    return "; ".join(f"{name} {value}" for name, value in rules.items())
