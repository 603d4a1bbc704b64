"""The words of Mixdesk's state sets (label `status`, 0 or 1), their colours, and the number of each in a timeline."""

from __future__ import annotations

from grafana_foundation_sdk.models.dashboard import ValueMapping

from mixdesk_dashboards.kit.looks import BLUE, GREEN, GREY, ORANGE, PURPLE, RED, YELLOW, words

JOB = {
    "queued": GREY,
    "starting": PURPLE,
    "running": GREEN,
    "paused": YELLOW,
    "finalizing": BLUE,
    "succeeded": "dark-green",
    "failed": RED,
    "canceled": "dark-yellow",
    "lost": ORANGE,
}
REPORTING = "starting|running|paused|finalizing|lost"
LIVE = f"queued|{REPORTING}"
ENDED = "succeeded|failed|canceled"
CHECKPOINT = {"idle": GREY, "requested": PURPLE, "saving": BLUE, "saved": GREEN, "failed": RED}
ASSET = {"running": GREEN, "stopped": GREY, "loading": BLUE, "error": RED}


def as_words(states: dict[str, str]) -> ValueMapping:
    """For a column that holds the word itself."""
    return words({state: (state, colour) for state, colour in states.items()})


def as_numbers(states: dict[str, str]) -> ValueMapping:
    """For the numbers of `number_of`."""
    return words({str(at): (state, colour) for at, (state, colour) in enumerate(states.items(), 1)})


def number_of(metric: str, key: str, states: dict[str, str], selector: str = "") -> str:
    """PromQL: one series a `key` whose value is the place of its status in `states`, from 1."""
    chosen = f", {selector}" if selector else ""
    parts = [f'{metric}{{status="{state}"{chosen}}} * {at}' for at, state in enumerate(states, 1)]
    return f"max by ({key}) ({' or '.join(parts)})"


def word_of(metric: str, key: str, selector: str = "") -> str:
    """PromQL for `prom_table`: one row a `key`, its column `status` holds the word."""
    return f"max by ({key}, status) ({metric}{{{selector}}} == 1)"
