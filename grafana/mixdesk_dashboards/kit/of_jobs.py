"""PromQL about jobs: each job once, whatever number of desks on one database publish it, and with a title for people.

`chosen` is a selector of `mixdesk_job_info`: `job_type=~"$job_type"` or `job_id="$job_id"`.
"""

from __future__ import annotations

from grafana_foundation_sdk.models.dashboard import ValueMapping

from mixdesk_dashboards.kit.looks import GREEN, GREY, RED, YELLOW, steps, words
from mixdesk_dashboards.kit.states import LIVE, REPORTING

# What a query answers for a job that has no such value, so that its column is there: -1, and a mapping says the word.
NOTHING, WAITS = "-1", "-2"
# seconds since the last report: a job sends one a second, and without any is lost after 10 s
SILENT = steps(GREEN, (30, YELLOW), (120, RED))


def absent(word: str) -> ValueMapping:
    """-1 is shown as this word."""
    return words({NOTHING: (word, GREY)})


def info(chosen: str = "", window: str = "") -> str:
    """One series a job with job_id, title, job_type and host, its value 1.

    Where desks differ, the one that knows the host is believed. `window`: also the jobs whose series left within it.
    """
    located = over("mixdesk_job_info", ", ".join(filter(None, [chosen, 'host!=""'])), window)
    every = titled(f"({located} * 2 or {over('mixdesk_job_info', chosen, window)})")
    return f"topk by (job_id) (1, max by (job_id, title, job_type, host) ({every})) ^ 0"


def over(metric: str, chosen: str, window: str) -> str:
    """The last value that a family had within the window; without one, the value that it has."""
    selected = f"{metric}{{{chosen}}}" if chosen else metric
    return f"last_over_time({selected}[{window}])" if window else selected


def titled(jobs: str) -> str:
    """With a label `title`: the name and the end of the id, because names repeat; the whole id where there is none."""
    both = f'label_join({jobs}, "both", "/", "name", "job_id")'
    named = f'label_replace({both}, "title", "$1 $2", "both", "(?s:(.+)/[^/]*?([^/]{{1,6}}))")'
    return f'label_replace({named}, "title", "$1", "both", "/([^/]+)")'


def each(metric: str) -> str:
    """The value of a family with one series a job, one series a job."""
    return f"max by (job_id) ({metric})"


def shown(expr: str, chosen: str = "") -> str:
    """One value a job, with the label `title` for legends."""
    return f"({expr}) * on (job_id) group_left (title) {info(chosen)}"


def within(statuses: str, chosen: str = "") -> str:
    """The jobs in one of these statuses (`a|b`): 1 each."""
    held = f'(max by (job_id) (mixdesk_job_status{{status=~"{statuses}"}}) == 1)'
    return f"({held} and on (job_id) mixdesk_job_info{{{chosen}}})" if chosen else held


def cells(expr: str, statuses: str = LIVE, chosen: str = "") -> str:
    """`expr` for the jobs in these statuses, and -1 for those of them that it says nothing of: a column of a table."""
    jobs = within(statuses, chosen)
    return f"({expr} or {jobs} * 0 - 1) and on (job_id) {jobs}"


def one(expr: str) -> str:
    """The largest value of `expr`, without labels; -1 where it says nothing."""
    return f"max({expr}) or vector(-1)"


def age(metric: str) -> str:
    """Seconds since the time that a family says."""
    return f"time() - {each(metric)}"


def heard(chosen: str = "") -> str:
    """Seconds since the last report of each job that sends them; -2 for one that waits, and so has nothing to say."""
    last = age("mixdesk_job_last_report_timestamp_seconds")
    return f"(({last}) and on (job_id) {within(REPORTING, chosen)} or {within('queued', chosen)} * 0 + {WAITS})"


def unheard(ended: str) -> ValueMapping:
    """The words for what is no time in `heard`."""
    return words({NOTHING: (ended, GREY), WAITS: ("waits", GREY)})


def clock(seconds: str) -> str:
    """A time in seconds as Grafana's date units want it: milliseconds."""
    return f"({seconds}) * 1000"


def words_of(metric: str, column: str, statuses: str = LIVE, chosen: str = "") -> str:
    """The word of a state set, in a column of that name: one row a job in these statuses."""
    held = f"{metric} == 1"
    named = held if column == "status" else f'label_replace({held}, "{column}", "$1", "status", "(.+)")'
    return f"topk by (job_id) (1, max by (job_id, {column}) ({named})) and on (job_id) {within(statuses, chosen)}"
