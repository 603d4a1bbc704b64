"""Panels. Each must have a number, a title, a text and a unit, and says itself what stands there when there is nothing.

The number is the panel's id: links and embedded panels (`/d-solo/...&panelId=`) use it, so it never changes and is
never given to another panel. Texts say what is shown, `Metric: ...` and when to worry.
"""

from __future__ import annotations

from typing import Unpack

from grafana_foundation_sdk.models import bargauge as bargauge_models
from grafana_foundation_sdk.models import heatmap as heatmap_models
from grafana_foundation_sdk.models import logs as logs_models
from grafana_foundation_sdk.models import stat as stat_models
from grafana_foundation_sdk.models import statetimeline as statetimeline_models
from grafana_foundation_sdk.models import table as table_models
from grafana_foundation_sdk.models import timeseries as timeseries_models
from grafana_foundation_sdk.models.common import (
    AxisPlacement,
    BarGaugeDisplayMode,
    BarGaugeValueMode,
    BigValueColorMode,
    BigValueGraphMode,
    BigValueTextMode,
    GraphDrawStyle,
    GraphFieldConfig,
    LegendDisplayMode,
    LegendPlacement,
    LineInterpolation,
    LogsDedupStrategy,
    LogsSortOrder,
    ReduceDataOptions,
    SortOrder,
    StackingConfig,
    StackingMode,
    TableCellHeight,
    TableSortByFieldState,
    TooltipDisplayMode,
    VisibilityMode,
    VizLegendOptions,
    VizOrientation,
    VizTooltipOptions,
)
from grafana_foundation_sdk.models.dashboard import (
    FieldColorModeId,
    Panel,
)

from mixdesk_dashboards.kit.panel import Look, panel, sized
from mixdesk_dashboards.kit.targets import Target


def stat(
    number: int,
    title: str,
    text: str,
    unit: str,
    nothing: str,
    *targets: Target,
    graph: bool = False,
    names: bool = False,
    background: bool = False,
    field: str = "",
    **look: Unpack[Look],
) -> Panel:
    """One big value a series (4 wide, 4 high). `graph`: its course below; `names`: with the name of the series;
    `field`: the column that is shown (also one of words), a regular expression between slashes."""
    options = stat_models.Options(
        graph_mode=BigValueGraphMode.AREA if graph else BigValueGraphMode.NONE,
        color_mode=BigValueColorMode.BACKGROUND if background else BigValueColorMode.VALUE,
        text_mode=BigValueTextMode.VALUE_AND_NAME if names else BigValueTextMode.VALUE,
        reduce_options=ReduceDataOptions(values=False, calcs=["lastNotNull"], fields=field),
    )
    look = sized(look, 4, 4)
    mode = FieldColorModeId.THRESHOLDS
    return panel(number, "stat", title, text, unit, nothing, targets, options, None, look, colour_mode=mode)


def timeseries(
    number: int,
    title: str,
    text: str,
    unit: str,
    nothing: str,
    *targets: Target,
    stacked: bool = False,
    bars: bool = False,
    legend: tuple[str, ...] = ("lastNotNull", "max"),
    legend_right: bool = False,
    axis: str = "",
    fill: int = 10,
    gaps_ms: int | None = None,
    **look: Unpack[Look],
) -> Panel:
    """Lines over time (12 wide, 8 high). `legend`: what its table says of each series; () for none.

    `gaps_ms`: a gap of at least that long is a gap, shorter ones are joined.
    """
    custom = GraphFieldConfig(
        draw_style=GraphDrawStyle.BARS if bars else GraphDrawStyle.LINE,
        line_interpolation=LineInterpolation.LINEAR,
        line_width=1,
        fill_opacity=80 if bars else 40 if stacked else fill,
        show_points=VisibilityMode.NEVER,
        span_nulls=gaps_ms or False,
        stacking=StackingConfig(StackingMode.NORMAL if stacked else StackingMode.NONE, "A"),
        axis_placement=AxisPlacement.AUTO,
        axis_label=axis,
    )
    options = timeseries_models.Options(
        legend=_legend(legend, legend_right), tooltip=VizTooltipOptions(TooltipDisplayMode.MULTI, SortOrder.DESCENDING)
    )
    return panel(number, "timeseries", title, text, unit, nothing, targets, options, custom, look)


def _legend(calcs: tuple[str, ...], right: bool = False) -> VizLegendOptions:
    placement = LegendPlacement.RIGHT if right else LegendPlacement.BOTTOM
    mode = LegendDisplayMode.TABLE if calcs else LegendDisplayMode.HIDDEN
    return VizLegendOptions(mode, placement, show_legend=bool(calcs), calcs=list(calcs))


def table(
    number: int,
    title: str,
    text: str,
    unit: str,
    nothing: str,
    *targets: Target,
    sort_by: str = "",
    descending: bool = False,
    **look: Unpack[Look],
) -> Panel:
    """Rows (24 wide, 9 high) of `prom_table` queries; columns by `looks.column`, `sort_by` one as it is shown."""
    order = [TableSortByFieldState(sort_by, descending)] if sort_by else []
    options = table_models.Options(show_header=True, cell_height=TableCellHeight.SM, sort_by=order)
    look = sized(look, 24, 9)
    mode = FieldColorModeId.THRESHOLDS
    return panel(number, "table", title, text, unit, nothing, targets, options, _TABLE, look, colour_mode=mode)


_TABLE = {"align": "auto", "cellOptions": {"type": "auto"}, "inspect": False}


def states(
    number: int,
    title: str,
    text: str,
    nothing: str,
    *targets: Target,
    values: bool = True,
    **look: Unpack[Look],
) -> Panel:
    """A bar a series with the state it was in over time (24 wide, 8 high). Give `means`: the words of the numbers."""
    custom = statetimeline_models.FieldConfig(line_width=0, fill_opacity=80, span_nulls=False)
    options = statetimeline_models.Options(
        show_value=VisibilityMode.AUTO if values else VisibilityMode.NEVER,
        merge_values=True,
        legend=VizLegendOptions(LegendDisplayMode.LIST, LegendPlacement.BOTTOM, show_legend=True, calcs=[]),
        tooltip=VizTooltipOptions(TooltipDisplayMode.SINGLE, SortOrder.NONE),
    )
    look = sized(look, 24, 8)
    mode = FieldColorModeId.THRESHOLDS
    return panel(
        number, "state-timeline", title, text, "none", nothing, targets, options, custom, look, colour_mode=mode
    )


def bars(number: int, title: str, text: str, unit: str, nothing: str, *targets: Target, **look: Unpack[Look]) -> Panel:
    """A horizontal bar a series, its value now (12 wide, 8 high)."""
    options = bargauge_models.Options(
        display_mode=BarGaugeDisplayMode.BASIC,
        value_mode=BarGaugeValueMode.COLOR,
        orientation=VizOrientation.HORIZONTAL,
        legend=_legend(()),
        reduce_options=ReduceDataOptions(values=False, calcs=["lastNotNull"], fields=""),
    )
    mode = FieldColorModeId.THRESHOLDS
    return panel(number, "bargauge", title, text, unit, nothing, targets, options, None, look, colour_mode=mode)


def heatmap(
    number: int, title: str, text: str, unit: str, nothing: str, *targets: Target, **look: Unpack[Look]
) -> Panel:
    """The buckets of a histogram over time (12 wide, 8 high), with exemplars to traces. `unit`: of the buckets."""
    options = heatmap_models.Options(
        calculate=False,
        color=heatmap_models.HeatmapColorOptions(
            heatmap_models.HeatmapColorMode.SCHEME, "Blues", "dark-blue", exponent=0.5, steps=64
        ),
        y_axis=heatmap_models.YAxisConfig(unit=unit, axis_placement=AxisPlacement.LEFT),
        cell_values=heatmap_models.CellValues(unit="short"),
        legend=heatmap_models.HeatmapLegend(show=True),
        tooltip=heatmap_models.HeatmapTooltip(TooltipDisplayMode.SINGLE, y_histogram=True, show_color_scale=True),
        exemplars=heatmap_models.ExemplarConfig("rgba(255,0,255,0.7)"),
    )
    return panel(number, "heatmap", title, text, unit, nothing, targets, options, heatmap_models.FieldConfig(), look)


def logs(number: int, title: str, text: str, nothing: str, *targets: Target, **look: Unpack[Look]) -> Panel:
    """Log lines, newest first (24 wide, 12 high)."""
    options = logs_models.Options(
        show_time=True,
        show_labels=False,
        show_common_labels=False,
        wrap_log_message=True,
        enable_log_details=True,
        show_log_context_toggle=True,
        enable_infinite_scrolling=True,
        sort_order=LogsSortOrder.DESCENDING,
        dedup_strategy=LogsDedupStrategy.NONE,
    )
    return panel(number, "logs", title, text, "none", nothing, targets, options, None, sized(look, 24, 12))


def traces(number: int, title: str, text: str, nothing: str, *targets: Target, **look: Unpack[Look]) -> Panel:
    """What a `tempo` query finds, one row a trace (24 wide, 8 high)."""
    return table(number, title, text, "none", nothing, *targets, **sized(look, 24, 8))
