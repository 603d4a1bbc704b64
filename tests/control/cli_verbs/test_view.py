"""Words and pictures: pure functions, so compared as text."""

from __future__ import annotations

import io
import time
from typing import Any

import pytest
from rich.console import Console

from mixdesk_control.cli import details, view, words
from mixdesk_control.cli.phases import phases_of

NOW = 1_795_522_202.0  # 2026-11-24T12:10:02Z


def drawn(picture: Any, width: int = 120) -> str:
    out = io.StringIO()
    Console(file=out, width=width, highlight=False).print(picture)
    return out.getvalue()


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "—"),
        (float("nan"), "—"),
        (-3, "0 s"),
        (0.4, "0 s"),
        (59.6, "1 min"),
        (61, "1 min 1 s"),
        (599, "9 min 59 s"),
        (629, "10 min"),
        (3599, "1 h"),
        (3600 * 5 + 60 * 7, "5 h 7 min"),
        (86400 * 3 + 3600 * 4, "3 d 4 h"),
    ],
)
def test_durations(seconds: float | None, text: str) -> None:
    assert words.duration(seconds) == text


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [
        (840, 1140, "14–19 min"),
        (50, 120, "50 s – 2 min"),
        (70, 70, "1 min 10 s"),
        (70, 85, "1 min 10 s – 1 min 25 s"),
    ],
)
def test_ranges(low: float, high: float, text: str) -> None:
    assert words.span(low, high) == text


def test_an_eta_nobody_knows_is_a_dash_and_never_zero() -> None:
    assert words.eta({"eta_seconds": None, "eta_low_seconds": None, "eta_high_seconds": None}) == "—"
    assert words.eta({"eta_seconds": 42.0, "eta_low_seconds": None, "eta_high_seconds": None}) == "42 s"


@pytest.mark.parametrize(("count", "text"), [(0, "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (2**40, "1024.0 GiB")])
def test_sizes(count: int, text: str) -> None:
    assert words.size(count) == text


def test_sparks() -> None:
    assert words.spark([1, 2, 3]) == "▁▅█"
    assert words.spark([2, 2]) == "▁▁"
    assert words.spark([1, "NaN", 2]) == "▁ █"
    assert words.spark([1]) == words.spark([]) == words.spark(["NaN", "NaN"]) == ""


def test_times() -> None:
    assert words.moment("2026-11-24T12:10:02Z") == NOW
    assert words.moment("soon") is None
    assert words.ago("2026-11-24T12:10:00Z", NOW) == "2 s ago"
    assert words.ago(None, NOW) == "—"
    assert words.local("2026-11-24T12:10:02Z") == time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(NOW))


def test_ids_are_cut_where_they_still_differ() -> None:
    jobs = [{"job_id": job_id} for job_id in ("0193a8f0-1111", "0193a8f0-1222", "b", "0193a8f0-1111x")]
    assert view.short_ids(jobs) == {
        "0193a8f0-1111": "0193a8f0-1111",
        "0193a8f0-1222": "0193a8f0-12",
        "b": "b",
        "0193a8f0-1111x": "0193a8f0-1111x",
    }


PHASES = [
    {"key": "a", "label": "First", "weight": 40.0, "state": "done", "progress_percent": 100.0, "done": 5, "total": 5,
     "unit": "items", "started_at": "2026-11-24T12:00:00Z", "ended_at": "2026-11-24T12:01:31Z"},
    {"key": "b", "label": "Second", "weight": 10.0, "state": "skipped", "progress_percent": 100.0, "done": 0,
     "total": None, "unit": "items", "started_at": None, "ended_at": None},
    {"key": "c", "label": "Third", "weight": 30.0, "state": "running", "progress_percent": 25.0, "done": 2.5,
     "total": 10, "unit": "epochs", "started_at": "2026-11-24T12:01:31Z", "ended_at": None},
    {"key": "d", "label": "Fourth", "weight": 20.0, "state": "pending", "progress_percent": 0.0, "done": 0,
     "total": None, "unit": "items", "started_at": None, "ended_at": None},
]  # fmt: skip


def test_the_picture_has_a_bar_per_phase_and_one_for_all(training: Any) -> None:
    text = drawn(view.panel(training("j1", phases=PHASES), NOW))
    lines = [line.split() for line in text.splitlines()]
    assert lines[0][:3] == ["anton", "training_rvc", "j1"]
    bars = {line[-1] if line[0] == "All" else line[1]: line for line in lines if "━" in "".join(line)}
    assert bars["First"][-4:] == ["1", "min", "31", "s"]
    assert "skipped" in bars["Second"]
    assert bars["Third"][-2:] == ["2.5/10", "epochs"] and "25.0" in bars["Third"]
    assert bars["Third"][:5] == ["▶", "Third", "30", "%", "━" * 7]
    assert "All" in text and "56.5 %" in text and "14–19 min left" in text
    assert "epoch 4/10 · step 12/80 · 34.2 steps/s" in text


def test_a_phase_without_a_total_has_no_percentage(training: Any) -> None:
    unknown = [PHASES[2] | {"progress_percent": None, "total": None, "done": 7}]
    text = drawn(view.panel(training("j1", phases=unknown), NOW))
    third = next(line for line in text.splitlines() if "Third" in line)
    assert "—" in third and "7 epochs" in third


def test_what_is_wrong_is_said(training: Any) -> None:
    job = training("j1", lost=True, error="CUDA out of memory", resuming=True)
    text = drawn(view.panel(job, NOW, away="Connection refused"))
    assert "? lost" in text
    assert "Nothing heard from the trainer for 2 s." in text
    assert "CUDA out of memory" in text
    assert "Resuming" in text
    assert "The desk does not answer (Connection refused)" in text


def test_square_brackets_of_users_are_no_markup(training: Any) -> None:
    job = training("j1", name="[red]anton[/red]", error="[/] [bold]", host="[box]")
    assert "[red]anton[/red]" in drawn(view.panel(job, NOW))
    assert "[red]anton[/red]" in drawn(view.jobs_table([job], NOW))
    page = drawn(details.page(job, {"transitions": [], "checkpoints": [], "scores": None}, NOW))
    assert "[/] [bold]" in page and "[box]" in page


def test_the_time_left_is_told_with_its_range(training: Any) -> None:
    nothing = {"transitions": [], "checkpoints": [], "scores": None}
    page = drawn(details.page(training("j1"), nothing, NOW))
    assert "15 min; 14–19 min in 4 of 5 runs" in page
    page = drawn(details.page(training("j1", eta_low_seconds=None, eta_high_seconds=None), nothing, NOW))
    assert "15 min" in page and "4 of 5" not in page
    page = drawn(
        details.page(training("j1", eta_seconds=None, eta_low_seconds=None, eta_high_seconds=None), nothing, NOW)
    )
    assert "left" not in page
    assert "in 4 of 5" not in drawn(details.page(training("j1", status="succeeded"), nothing, NOW))


def test_a_queued_job_has_the_phases_of_its_type(training: Any) -> None:
    waiting = training("j1", status="queued", current_step={"key": "", "label": "", "step_index": 0}, phases=[])
    assert [(phase.key, phase.state) for phase in phases_of(waiting)][:2] == [
        ("preprocessing", "pending"),
        ("f0_extraction", "pending"),
    ]
    assert phases_of(training("j1", job_type="my_own", current_step={}, phases=[])) == []


def test_a_narrow_terminal_cuts_and_does_not_fail(training: Any) -> None:
    assert drawn(view.panel(training("j1", phases=PHASES), NOW), width=40)
    assert drawn(view.jobs_table([training("j1")], NOW), width=20)


def test_control_characters_of_others_never_reach_the_terminal(training: Any) -> None:
    job = training("j1", name="a\x1b]0;owned\x07\x9bz", error="two\nlines\x1b[2J")
    for text in (drawn(view.panel(job, NOW)), drawn(view.jobs_table([job], NOW)), view.line(job)):
        assert not any(letter in text for letter in "\x1b\x07\x9b")
    assert "two lines�[2J" in view.line(job)
