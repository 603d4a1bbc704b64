"""Signing in to the admin."""

from __future__ import annotations

from typing import Any


def test_a_login_link_opens_the_overview(desk: Any, visit: Any) -> None:
    visitor = visit(desk)
    page = visitor.sign_in("admin")
    page.get_by_role("link", name="Overview").wait_for()
    assert visitor.complaints == []
