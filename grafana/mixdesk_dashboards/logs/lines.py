"""How many lines, of which level, when too many of them are errors, and the lines."""

from __future__ import annotations

from grafana_foundation_sdk.models.dashboard import Panel

from mixdesk_dashboards.kit import panels
from mixdesk_dashboards.kit.board import Section
from mixdesk_dashboards.kit.looks import BLUE, GREEN, GREY, ORANGE, PURPLE, RED, by_name, fixed, override, steps
from mixdesk_dashboards.kit.targets import loki, prom_now
from mixdesk_dashboards.logs.asked import ALERTING, CHOSEN, ERRORS, LEVELS, NO_ERRORS, NO_SOURCE, QUIET, STREAMS

COLOURS = dict(zip(LEVELS, (PURPLE, PURPLE, RED, ORANGE, GREEN, BLUE, "light-blue", GREY), strict=True))
BURST = 50  # in five minutes: that of the alert LogErrorBurst


def overview() -> Section:
    return Section(0, "", [*counts(), by_level(), bursts()])


def section() -> Section:
    return Section(100, "Lines", [lines()])


def counts() -> list[Panel]:
    return [
        counted(1, "Lines", CHOSEN, "Lines of the chosen services and levels. Worry when it is 0 and they should run."),
        counted(2, "Errors", ERRORS, "Lines of level error or worse. Worry when they are more than usual.", ORANGE),
        counted(
            3,
            "Warnings",
            f'{STREAMS} | detected_level=~"warn|warning"',
            "Lines of level warning. Many at once often come before an error.",
        ),
        panels.stat(
            4,
            "Services with errors",
            "How many services wrote a line of level error or worse. Worry when several start at once: something that "
            "all of them need is away. Metric: lines in Loki.",
            "none",
            "0",
            loki(f"count(sum by (service) (count_over_time({ERRORS} [$__range]))) or vector(0)", instant=True),
            limits=steps(GREEN, (1, ORANGE)),
        ),
        panels.stat(
            5,
            "On disk",
            "What all logs take with their rotated files. Metric: `mixdesk_log_source_bytes`. Worry when the disk is "
            "small: see the sources below.",
            "bytes",
            NO_SOURCE,
            prom_now("sum(max by (service, source) (mixdesk_log_source_bytes)) or vector(0)"),
        ),
        panels.stat(
            6,
            "Skipped for slow readers",
            "Lines that the desk left out for viewers who were too slow, in the time range. Metric: "
            "`mixdesk_log_lines_skipped_total`. Nothing is lost in the file itself.",
            "short",
            "0",
            prom_now("sum(increase(mixdesk_log_lines_skipped_total[$__range])) or vector(0)"),
            decimals=0,
        ),
    ]


def counted(number: int, title: str, stream: str, text: str, some: str = GREEN) -> Panel:
    """How many lines there are of it in the time range."""
    return panels.stat(
        number,
        title,
        f"In the time range. {text} Metric: lines in Loki.",
        "short",
        "0",
        loki(f"sum(count_over_time({stream} [$__range])) or vector(0)", instant=True),
        decimals=0,
        limits=steps(GREEN, (1, some)),
    )


def by_level() -> Panel:
    return panels.timeseries(
        7,
        "Lines by level",
        "How many lines of each level, of the chosen services and with the chosen text. Metric: lines in Loki. Worry "
        "when red grows, and when everything stops.",
        "short",
        QUIET,
        loki(f"sum by (detected_level) (count_over_time({CHOSEN} [$__auto]))", "{{detected_level}}"),
        bars=True,
        stacked=True,
        legend=("sum",),
        decimals=0,
        overrides=[by_name(name, color=fixed(colour)) for name, colour in COLOURS.items()],
    )


def bursts() -> Panel:
    return panels.timeseries(
        8,
        "Error bursts",
        f"Errors of each service within five minutes. Metric: lines in Loki. Above {BURST} for two minutes the alert "
        "LogErrorBurst fires.",
        "short",
        NO_ERRORS,
        loki(f"sum by (platform, host, service) (count_over_time({ALERTING} [5m]))", "{{service}} on {{host}}"),
        decimals=0,
        lowest=0,
        limits=steps("transparent", (BURST, RED)),
        overrides=[override("byRegexp", "/.*/", {"custom.thresholdsStyle": {"mode": "dashed"}})],
    )


def lines() -> Panel:
    return panels.logs(
        101,
        "Lines of the chosen services",
        "The newest lines first; open one for its labels, the job that wrote it, and its trace where it names one "
        "(`trace_id`). Metric: lines in Loki. Worry about what is new, not about what is loud.",
        QUIET,
        loki(CHOSEN, max_lines=1000),
        h=16,
    )
