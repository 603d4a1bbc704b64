"""Mixdesk's dashboards as code: one module each, the list below, JSON by `python -m mixdesk_dashboards FOLDER`."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from mixdesk_dashboards.kit.board import Board

# In the order in which people open them; a module has one function `dashboard`.
NAMES = ("jobs", "job", "hosts", "assets", "logs")


def dashboards() -> list[Board]:
    """All of them."""
    return [_made(name) for name in NAMES]


def _made(name: str) -> Board:
    make: Callable[[], Board] = import_module(f"{__name__}.{name}").dashboard
    return make()
