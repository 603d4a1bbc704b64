"""Queries. Nobody writes a refId: `lettered` gives A, B, C in the order of the list."""

from __future__ import annotations

from string import ascii_uppercase

from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models import loki as loki_models
from grafana_foundation_sdk.models import prometheus as prometheus_models
from grafana_foundation_sdk.models import tempo as tempo_models
from grafana_foundation_sdk.models.common import DataSourceRef
from grafana_foundation_sdk.models.prometheus import PromQueryFormat, QueryEditorMode

from mixdesk_dashboards.kit.sources import LOKI, PROMETHEUS, TEMPO

Target = prometheus_models.Dataquery | loki_models.Dataquery | tempo_models.Dataquery


def prom(expr: str, legend: str = "", *, exemplar: bool = False, hide: bool = False) -> prometheus_models.Dataquery:
    """PromQL over the time range. `legend` as Grafana has it: `{{name}}`; `exemplar`: dots that lead to traces."""
    return _prom(expr, legend, instant=False, exemplar=exemplar, hide=hide)


def prom_now(expr: str, legend: str = "", *, hide: bool = False) -> prometheus_models.Dataquery:
    """PromQL at the end of the time range: one value a series."""
    return _prom(expr, legend, instant=True, hide=hide)


def prom_table(expr: str, *, hide: bool = False) -> prometheus_models.Dataquery:
    """PromQL at the end of the time range, as a table: a column a label, and `Value #A`."""
    return _prom(expr, "", instant=True, hide=hide, table=True)


def prom_heat(expr: str) -> prometheus_models.Dataquery:
    """Buckets (`sum by (le) (rate(..._bucket[...]))`) for a heatmap, with exemplars."""
    query = _prom(expr, "{{le}}", instant=False, exemplar=True)
    query.format_val = PromQueryFormat.HEATMAP
    return query


def _prom(
    expr: str, legend: str, *, instant: bool, exemplar: bool = False, hide: bool = False, table: bool = False
) -> prometheus_models.Dataquery:
    return prometheus_models.Dataquery(
        datasource=PROMETHEUS,
        expr=expr,
        legend_format=legend,
        editor_mode=QueryEditorMode.CODE,
        format_val=PromQueryFormat.TABLE if table else PromQueryFormat.TIME_SERIES,
        instant=instant,
        range_val=not instant,
        exemplar=exemplar,
        hide=hide,
    )


def loki(expr: str, legend: str = "", *, instant: bool = False, max_lines: int | None = None) -> loki_models.Dataquery:
    """LogQL: lines, or numbers made of them (then `legend` as in `prom`)."""
    return loki_models.Dataquery(
        datasource=LOKI,
        expr=expr,
        legend_format=legend or None,
        editor_mode=loki_models.QueryEditorMode.CODE,
        query_type="instant" if instant else "range",
        max_lines=max_lines,
    )


def tempo(query: str, *, limit: int = 20) -> tempo_models.Dataquery:
    """TraceQL; a table of the newest `limit` traces."""
    return tempo_models.Dataquery(
        datasource=TEMPO,
        query_type=tempo_models.TempoQueryType.TRACEQL,
        query=query,
        limit=limit,
        table_type=tempo_models.SearchTableType.TRACES,
    )


def lettered(targets: tuple[Target, ...]) -> list[Dataquery]:
    """The same queries with their refIds; at most 26.

    Raises:
        ValueError: more than the alphabet has.
    """
    if len(targets) > len(ascii_uppercase):
        raise ValueError(f"{len(targets)} queries in one panel: at most {len(ascii_uppercase)}, make two panels of it")
    for letter, target in zip(ascii_uppercase, targets, strict=False):
        target.ref_id = letter
    return list(targets)


def source_of(targets: tuple[Target, ...]) -> DataSourceRef:
    """The data source of a panel: that of its queries.

    Raises:
        ValueError: there are several.
    """
    sources = {target.datasource.type_val: target.datasource for target in targets if target.datasource is not None}
    if len(sources) != 1:
        raise ValueError(f"a panel takes one data source, not {sorted(map(str, sources))}")
    return next(iter(sources.values()))
