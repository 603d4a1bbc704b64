"""What every panel has in common."""

from __future__ import annotations

from typing import TypedDict

from grafana_foundation_sdk.models.dashboard import (
    Action,
    DashboardLink,
    DataTransformerConfig,
    FieldColor,
    FieldColorModeId,
    FieldConfig,
    FieldConfigSource,
    GridPos,
    Panel,
    ThresholdsConfig,
    ValueMapping,
)

from mixdesk_dashboards.kit.looks import NO_STEPS, Override
from mixdesk_dashboards.kit.targets import Target, lettered, source_of


class Look(TypedDict, total=False):
    """What any panel may be given beside what it must have. Sizes are in grid units: 24 wide, one is 30 px high."""

    w: int
    h: int
    decimals: int
    lowest: float
    highest: float
    means: list[ValueMapping]
    limits: ThresholdsConfig
    colour: str
    overrides: list[Override]
    links: list[DashboardLink]
    actions: list[Action]
    transforms: list[DataTransformerConfig]
    points: int


def panel(
    number: int,
    kind: str,
    title: str,
    text: str,
    unit: str,
    nothing: str,
    targets: tuple[Target, ...],
    options: object,
    custom: object,
    look: Look,
    *,
    colour_mode: FieldColorModeId = FieldColorModeId.PALETTE_CLASSIC_BY_NAME,
) -> Panel:
    """Any kind of panel; the functions of `panels` are how dashboards make them.

    Raises:
        ValueError: no number, title, text or unit.
    """
    if number < 1 or not (title and text and unit):
        raise ValueError(f"panel {number} {title!r}: a number from 1, a title, a text and a unit are needed")
    made = Panel(kind, number, title=title, description=text, options=options)
    made.grid_pos = GridPos(look.get("h", 8), look.get("w", 12))
    made.field_config = FieldConfigSource(
        _defaults(unit, nothing, custom, look, colour_mode), look.get("overrides", [])
    )
    made.transformations = look.get("transforms")
    made.max_data_points = look.get("points")
    if targets:
        made.datasource, made.targets = source_of(targets), lettered(targets)
    return made


def _defaults(unit: str, nothing: str, custom: object, look: Look, mode: FieldColorModeId) -> FieldConfig:
    colour = look.get("colour")
    return FieldConfig(
        unit=unit,
        no_value=nothing,
        decimals=look.get("decimals"),
        min_val=look.get("lowest"),
        max_val=look.get("highest"),
        mappings=look.get("means", []),
        thresholds=look.get("limits", NO_STEPS),
        color=FieldColor(FieldColorModeId.FIXED, colour) if colour else FieldColor(mode),
        links=look.get("links"),
        actions=look.get("actions"),
        custom=custom,
    )


def sized(look: Look, w: int, h: int) -> Look:
    return {"w": w, "h": h, **look}
