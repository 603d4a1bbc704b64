"""Runbooks as pages: where they lie, what of Markdown is shown, where links lead, what is never let through."""

from __future__ import annotations

import re
from pathlib import Path

import pages
import pytest

from mixdesk_control.alerts.runbooks import INDEX, Runbooks, folder_of
from mixdesk_control.web.pages import policy

TEXT = """# DiskFull

The disk is *full*. See [the other](GpuHot.md#what), [all](README.md), [docs](../desk.md#limits), [none](Missing.md),
[out](https://example.org/x?a=1&b=2), [page](/ui/jobs/), [here](#what), [twice](//evil.example/), [up](../../etc/passwd)
and [odd](javascript:alert(1)).

| what | do |
|---|---|
| `df -h` | $HOME |

<script>alert(1)</script> <img src=x onerror=alert(1)> ![picture](https://example.org/a.png)

```sh
rm -rf "$TMPDIR" && echo '<b>'
```
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "DiskFull.md").write_text(TEXT)
    (tmp_path / "GpuHot.md").write_text("# GpuHot\n\nCool it.\n")
    (tmp_path / "not-a-name.md").write_text("# no\n")
    (tmp_path / "secret.txt").write_text("no")
    return tmp_path


def test_a_page_is_rendered(folder: Path) -> None:
    page = Runbooks(folder).page("DiskFull")
    assert page is not None
    assert (
        "<title>DiskFull - Mixdesk</title>" in page
        and '<h1 id="diskfull">DiskFull</h1>' in page
        and "<em>full</em>" in page
    )
    assert "<table>" in page and "<code>df -h</code>" in page and "$HOME" in page and "&quot;$TMPDIR&quot;" in page
    assert 'name="viewport"' in page and "color-scheme: light dark" in page


def test_links_lead_to_pages_of_this_desk_or_are_text(folder: Path) -> None:
    page = Runbooks(folder).page("DiskFull") or ""
    body = page.partition("<main>")[2]
    assert re.findall(r'<a href="([^"]*)">', body) == [
        "/runbooks/GpuHot#what", "/runbooks/", "https://example.org/x?a=1&amp;b=2", "/ui/jobs/", "#what",
        "https://example.org/a.png",
    ]  # fmt: skip
    for word in ("docs", "none", "twice", "up"):
        assert re.search(rf"[ ,]{word}[, \n]", body), word
    assert body.count("<a ") == body.count("</a>")


def test_headings_can_be_linked_to(folder: Path) -> None:
    (folder / "Long.md").write_text("# Long\n\n## What to do: `df -h` first!\n")
    assert '<h2 id="what-to-do-df--h-first">' in (Runbooks(folder).page("Long") or "")


def test_no_html_of_a_page_comes_through(folder: Path) -> None:
    page = Runbooks(folder).page("DiskFull") or ""
    assert "<script" not in page and "<img" not in page and "&lt;script&gt;" in page
    rules = dict(rule.split(" ", 1) for rule in policy(page).split("; "))
    assert rules["script-src"] == rules["default-src"] == rules["frame-ancestors"] == "'none'"
    assert rules["style-src"].count("'sha256-") == 1
    assert re.search(r"\sstyle=|\son\w+=", re.sub(r"&lt;.*?&gt;", "", page)) is None


def test_only_names_are_names(folder: Path) -> None:
    runbooks = Runbooks(folder)
    assert runbooks.names == {"DiskFull", "GpuHot"}
    for name in ("", ".", "..", "../secret", "not-a-name", "secret.txt", "DiskFull.md", "diskfull", "README", "a\x00b"):
        assert runbooks.page(name) is None and runbooks.address(name) is None
    assert runbooks.address("GpuHot") == "/runbooks/GpuHot"


def test_the_index_is_the_one_that_is_written_or_a_list(folder: Path) -> None:
    listed = Runbooks(folder).index()
    assert '<a href="/runbooks/DiskFull">DiskFull</a>' in listed and "<title>Runbooks - Mixdesk</title>" in listed
    (folder / f"{INDEX}.md").write_text("# All of them\n\n- [hot](GpuHot.md)\n")
    assert '<h1 id="all-of-them">All of them</h1>' in Runbooks(folder).index()
    empty = folder / "empty"
    empty.mkdir()
    assert "This desk has none." in Runbooks(empty).index() and Runbooks(empty).names == frozenset()


def test_the_folder_is_the_one_of_the_package_or_of_the_checkout(tmp_path: Path) -> None:
    package = tmp_path / "site-packages" / "mixdesk_control" / "alerts"
    package.mkdir(parents=True)
    (tmp_path / "docs" / "runbooks").mkdir(parents=True)
    assert folder_of(package) is None, "a docs folder of somebody else's"
    (tmp_path / "pyproject.toml").touch()
    assert folder_of(package) == tmp_path / "docs" / "runbooks"
    (package / "runbooks").mkdir()
    assert folder_of(package) == package / "runbooks"
    assert folder_of() == pages.DOCS / "runbooks"


def test_every_page_that_is_there_can_be_shown() -> None:
    runbooks = Runbooks()
    files = {file.stem for file in (pages.DOCS / "runbooks").glob("*.md")} - {INDEX}
    assert runbooks.names == files, "a page whose name no alert can have"
    for name in runbooks.names:
        page = runbooks.page(name) or ""
        assert "<h1 id=" in page, name
        for target in re.findall(r'href="/runbooks/(\w+)', page):
            assert target in files, (name, target)
    assert "<h1 id=" in runbooks.index()
