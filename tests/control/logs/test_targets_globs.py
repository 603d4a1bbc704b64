"""Patterns as doublestar reads them: what they match, what they are made of, what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
import torture

from mixdesk_control.logs.targets import globs


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("/a/*.log", "/a/x.log", True),
        ("/a/*.log", "/a/b/x.log", False),
        ("/a/**/*.log", "/a/x.log", True),
        ("/a/**/*.log", "/a/b/c/x.log", True),
        ("/a/x?.log", "/a/x1.log", True),
        ("/a/x?.log", "/a/x/.log", False),
        ("/a/l-[0-9][0-9].log", "/a/l-07.log", True),
        ("/a/l-[!0-9].log", "/a/l-7.log", False),
        ("/a/l-[^0-9].log", "/a/l-x.log", True),
        (r"/a/\[x\]\*.log", "/a/[x]*.log", True),
        (r"/a/\[x\].log", "/a/x.log", False),
        ("/c/{A/A,B/B}-json.log", "/c/B/B-json.log", True),
        ("/c/{A/A,B/B}-json.log", "/c/A/B-json.log", False),
        ("/c/{a,b{1,2}}.{gz,xz}", "/c/b2.xz", True),
        (r"/c/{a\,b,c}.log", "/c/a,b.log", True),
        ("/a/x.log", "/a/xxlog", False),
        ("/a/x.log", "/a/x.log\n", False),
    ],
)
def test_what_a_pattern_matches(pattern: str, path: str, matches: bool) -> None:
    assert bool(globs.matcher(pattern)(path)) is matches


@pytest.mark.parametrize("pattern", ["/a/{x", "/a/[x", "/a/x\\", "/a/[z-a].log", "/" + "{a,b}" * 40])
def test_a_bad_pattern_is_told(pattern: str) -> None:
    with pytest.raises(globs.BadGlob):
        globs.matcher(pattern)


@pytest.mark.parametrize("path", ["/a/x\ny", "/a/\x1b[31m", "/a/\\x", "/a/\udcff"])
def test_what_cannot_be_written_is_refused(path: str) -> None:
    with pytest.raises(globs.BadGlob, match="rename it"):
        globs.escaped(path)


def test_a_pattern_made_to_be_slow_is_not() -> None:
    matches = globs.matcher("/" + "*a" * 30 + "b")
    assert not matches("/" + "a" * 5000)


def test_a_pattern_that_looks_everywhere_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(globs, "MOST_TRIED", 10)
    for n in range(11):
        (tmp_path / f"{n}.txt").write_text("")
    with pytest.raises(globs.BadGlob, match="name the folder"):
        list(globs.files(f"{tmp_path}/**/*.log"))


def test_an_escaped_path_matches_itself_alone() -> None:
    chance = torture.chance()
    for _ in range(torture.times(20_000, 500)):
        path = "/" + "".join(chance.choice("ab*?[]{},.-é /") for _ in range(12))
        other = path[:-1] + ("x" if path[-1] != "x" else "y")
        matcher = globs.matcher(globs.escaped(path))
        assert matcher(path)
        assert not matcher(other)


def test_joined_patterns_come_apart_again() -> None:
    chance = torture.chance()
    for _ in range(torture.times(5_000, 200)):
        paths = {
            "/" + "/".join(globs.escaped("".join(chance.choice("ab{[") for _ in range(3))) for _ in range(4))
            for _ in range(3)
        }
        assert set(globs.alternatives(globs.joined(paths))) == paths
    assert globs.joined(["/c/A/A.log", "/c/B/B.log"]) == "/c/{A/A.log,B/B.log}"
    assert globs.joined(["/a.log", "/b/c.log"]) == "/{a.log,b/c.log}"


def test_files_of_this_host(tmp_path: Path) -> None:
    for name in ("a/x.log", "a/y.log", "a/[z].log", "b/c/x.log", "b/x.log.1"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("line\n")

    def found(pattern: str, most: int = 100) -> list[str]:
        return [str(path.relative_to(tmp_path)) for path in globs.files(f"{tmp_path}/{pattern}", most)]

    assert found("a/*.log") == ["a/[z].log", "a/x.log", "a/y.log"]
    assert found("{a,b}/**/x.log") == ["a/x.log", "b/c/x.log"]
    assert found(r"a/\[z\].log") == ["a/[z].log"]
    assert found("*/*") == ["a/[z].log", "a/x.log", "a/y.log", "b/x.log.1"]
    assert found("**/*", 2) == ["a/[z].log", "a/x.log"]
    (tmp_path / "a" / "\udcff.log").write_text("no UTF-8")
    assert found("a/*.log") == ["a/[z].log", "a/x.log", "a/y.log"]
    assert found("none/*.log") == found("a") == []
