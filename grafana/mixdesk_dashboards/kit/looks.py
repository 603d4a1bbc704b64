"""How values look: words and colours for values, thresholds, columns of tables."""

from __future__ import annotations

from collections.abc import Mapping

from grafana_foundation_sdk.models.dashboard import (
    Action,
    DashboardFieldConfigSourceOverrides,
    DashboardLink,
    DynamicConfigValue,
    MatcherConfig,
    Threshold,
    ThresholdsConfig,
    ThresholdsMode,
    ValueMap,
    ValueMapping,
    ValueMappingResult,
)

GREEN, BLUE, YELLOW, ORANGE, RED, GREY, PURPLE = "green", "blue", "yellow", "orange", "red", "#8e8e8e", "purple"
Override = DashboardFieldConfigSourceOverrides


def words(meaning: Mapping[str, tuple[str, str]]) -> ValueMapping:
    """`{"1": ("up", GREEN)}`: this value is shown as that word in that colour."""
    return ValueMap(
        {
            value: ValueMappingResult(text, colour, index=at)
            for at, (value, (text, colour)) in enumerate(meaning.items())
        }
    )


def steps(base: str, *above: tuple[float, str]) -> ThresholdsConfig:
    """`steps(GREEN, (80, RED))`: green, and red from 80 on."""
    first = Threshold(None, base)
    return ThresholdsConfig(ThresholdsMode.ABSOLUTE, [first, *(Threshold(value, colour) for value, colour in above)])


NO_STEPS = steps(BLUE)


def column(
    name: str,
    title: str = "",
    *,
    unit: str | None = None,
    decimals: int | None = None,
    width: int | None = None,
    cell: Mapping[str, object] | None = None,
    means: ValueMapping | None = None,
    limits: ThresholdsConfig | None = None,
    lowest: float | None = None,
    highest: float | None = None,
    hidden: bool = False,
    nothing: str | None = None,
    links: list[DashboardLink] | None = None,
    actions: list[Action] | None = None,
) -> Override:
    """A column of a table by its field's name; the name stays (links use it), `title` is what is shown.

    `cell` is one of GAUGE, COLOURED, TINTED, BUTTONS, LINKS. A hidden column can still be used in links.
    `nothing` stands in a cell without a value.
    """
    values: dict[str, object] = {
        "displayName": title or None,
        "unit": unit,
        "decimals": decimals,
        "custom.width": width,
        "custom.cellOptions": dict(cell) if cell else None,
        "mappings": [means] if means else None,
        "thresholds": limits,
        "min": lowest,
        "max": highest,
        "custom.hideFrom.viz": True if hidden else None,
        "noValue": nothing,
        "links": links,
        "actions": actions,
    }
    return override("byName", name, values)


GAUGE = {"type": "gauge", "mode": "basic", "valueDisplayMode": "text"}
COLOURED = {"type": "color-background", "mode": "basic"}
TINTED = {"type": "color-text"}
BUTTONS = {"type": "actions"}
LINKS = {"type": "data-links"}


def override(matcher: str, options: object, values: Mapping[str, object]) -> Override:
    """Properties of the fields that match; those that are None are left out."""
    properties = [DynamicConfigValue(name, value) for name, value in values.items() if value is not None]
    return Override(matcher=MatcherConfig(matcher, options), properties=properties)


def by_name(name: str, **values: object) -> Override:
    """Properties of one series or column: `by_name("total", color=fixed(RED), unit="bytes")`."""
    return override("byName", name, values)


def by_regex(pattern: str, **values: object) -> Override:
    """The same for all whose name matches `/pattern/`."""
    return override("byRegexp", pattern, values)


def fixed(colour: str) -> dict[str, str]:
    """One colour, for `color` of an override."""
    return {"mode": "fixed", "fixedColor": colour}
