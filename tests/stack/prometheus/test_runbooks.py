"""The pages that alerts lead to: what they tell people to type exists, and their links lead somewhere from every place
that shows them."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pages
import promql
import pytest
import typer
from alert_rules import RUNBOOKS

from mixdesk_control.cli import NOUNS

PAGES = sorted(RUNBOOKS.glob("*.md"))
each = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
# other pages of this folder, and those one above: the desk shows the first, and makes the second text
LINK = re.compile(r"(?:[A-Za-z0-9]+|\.\./[a-z]+)\.md")


@each
def test_links_lead_somewhere(page: Path) -> None:
    links = pages.links(page.read_text())
    assert [link for link in links if not LINK.fullmatch(link)] == []
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_links_of_the_readme_lead_somewhere() -> None:
    readme = RUNBOOKS.parents[1] / "prometheus" / "README.md"
    assert [link for link in pages.links(readme.read_text()) if not (readme.parent / link).exists()] == []


@each
def test_commands_exist(page: Path) -> None:
    text = page.read_text()
    code = "\n".join([*re.findall(r"^ {4}\S.*$", text, re.MULTILINE), *re.findall(r"`[^`\n]+`", text)])
    for noun, verb in re.findall(r"(?:^ *|[`|;] ?| desk )mixdesk ([a-z]+)(?: ([a-z]+)\b)?", code, re.MULTILINE):
        assert noun in NOUNS, f"mixdesk {noun}"
        verbs = verbs_of(noun)
        assert not verbs or verb in verbs, f"mixdesk {noun} {verb}"


def verbs_of(noun: str) -> set[str]:
    """None where it has no verbs."""
    app = importlib.import_module(f"mixdesk_control.cli.{NOUNS[noun][0]}").app
    return set(getattr(typer.main.get_command(app), "commands", ())) if isinstance(app, typer.Typer) else set()


@each
def test_queries_are_right(page: Path) -> None:
    text = page.read_text()
    for block in re.findall(r"^In Prometheus:\n\n((?: {4}.*\n)+)", text, re.MULTILINE):
        for line in block.splitlines():
            assert promql.problems(line.strip()) == []


@each
def test_code_stands_in_one_line(page: Path) -> None:
    # a mark that opens in one line and closes in the next is read as prose by half of those who show pages
    prose = re.sub(r"^ {4}.*$|^```.*?^```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    assert [line for line in prose.splitlines() if line.count("`") % 2] == []


def test_a_page_belongs_to_an_alert() -> None:
    text = "\n".join(path.read_text() for path in (RUNBOOKS.parents[1] / "prometheus" / "rules").glob("*.yml"))
    text += (RUNBOOKS.parents[1] / "loki" / "rules" / "fake" / "logs.yaml").read_text()
    alerts = set(re.findall(r"- alert: (\w+)", text))
    assert {page.stem for page in PAGES} - {"README"} <= alerts
