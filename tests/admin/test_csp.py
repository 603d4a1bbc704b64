"""The policy of every built page: nothing inline but what it names by its hash, and that alone runs."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest
import requests
from admin_page import UI, Visitor, missing

Visit = Callable[..., Visitor]
BUILT = sorted(json.loads((UI / "pages.json").read_text())) if (UI / "pages.json").is_file() else []
EXECUTED = ("", "module", "text/javascript")


class Inline(HTMLParser):
    """The inline scripts of a page, and what of it the policy forbids."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.scripts: list[str] = []
        self.forbidden: list[str] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.forbidden += [f"<{tag} {name}>" for name in given if name == "style" or name.startswith("on")]
        if tag == "style":
            self.forbidden.append("<style>")
        self._inside = tag == "script" and "src" not in given and (given.get("type") or "") in EXECUTED
        if self._inside:
            self.scripts.append("")

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.scripts[-1] += data

    def handle_endtag(self, tag: str) -> None:
        self._inside = False


def directives(policy: str) -> dict[str, list[str]]:
    return {words[0]: words[1:] for part in policy.split(";") if (words := part.split())}


def hash_of(script: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() + "'"


@pytest.mark.parametrize("name", BUILT or [""])
def test_a_page_names_its_scripts_and_nothing_else(empty_desk: Any, name: str) -> None:
    if not BUILT:
        missing("needs the built admin: scripts/build-admin")
    path = re.sub(r"(^|/)index\.html$", r"\1", name)
    answer = requests.get(f"{empty_desk.url}/ui/{path}", headers={"Accept": "text/html"}, timeout=30)
    allowed = directives(answer.headers["Content-Security-Policy"])
    text = answer.headers["Content-Security-Policy"]
    assert "unsafe" not in text
    assert "*" not in text
    assert allowed["default-src"] == ["'none'"]
    assert allowed["style-src"] == ["'self'"]
    page = Inline()
    page.feed(answer.text)
    assert page.forbidden == []
    hashes = {source for source in allowed["script-src"] if source.startswith("'sha256-")}
    assert hashes == {hash_of(script) for script in page.scripts}
    assert set(allowed["script-src"]) == {"'self'"} | hashes


def test_what_is_slipped_in_does_not_run(empty_desk: Any, visit: Visit) -> None:
    visitor = visit(empty_desk)
    visitor.enter()
    visitor.forgive("Content Security Policy")
    page = visitor.open("/ui/")
    page.get_by_role("heading", level=1).wait_for()
    refused = page.evaluate("""async () => {
      const refused = [];
      document.addEventListener("securitypolicyviolation", (event) => refused.push(event.effectiveDirective));
      const script = document.createElement("script");
      script.textContent = "window.ran = true";
      document.body.append(script);
      const box = document.createElement("div");
      box.innerHTML = '<img src="/none.png" onerror="window.ran = true"><b style="color: red">x</b>';
      document.body.append(box);
      const far = document.createElement("script");
      far.src = "https://elsewhere.example/x.js";
      document.body.append(far);
      await new Promise((resolve) => setTimeout(resolve, 500));
      return [window.ran ?? false, refused];
    }""")
    assert refused[0] is False
    assert {"script-src-elem", "script-src-attr", "style-src-attr"} <= set(refused[1])
