"""What is written of the client and of views in frames: each piece of code compiles against the packed client."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from admin_embed_client import CLIENT, ROOT, node_modules, packed, run

PAGES = (ROOT / "docs" / "client.md", ROOT / "docs" / "embedding.md", CLIENT / "README.md")
BLOCK = re.compile(r"^```(tsx?)\n(.*?)^```", re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return packed(tmp_path_factory)


def test_each_piece_compiles(project: Path) -> None:
    names = []
    for page in PAGES:
        for number, (kind, code) in enumerate(BLOCK.findall(page.read_text())):
            names.append(f"{page.stem.lower()}-{number}.{kind}")
            (project / names[-1]).write_text(code)
    assert len(names) >= 8
    run(
        "node", str(node_modules() / "typescript" / "bin" / "tsc"), "--noEmit", "--strict", "--skipLibCheck",
        "--target", "es2022", "--lib", "dom,dom.iterable,es2023", "--module", "esnext", "--moduleResolution", "bundler",
        "--jsx", "react-jsx", "--types", "node,react", *names,
        cwd=project,
    )  # fmt: skip


def test_all_hooks_are_named() -> None:
    hooks = re.findall(r"\buse[A-Z]\w+", (CLIENT / "src" / "react" / "index.ts").read_text())
    written = (ROOT / "docs" / "client.md").read_text()
    assert [hook for hook in hooks if f"`{hook}(" not in written] == []
