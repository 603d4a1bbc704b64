"""The variables at the top of a dashboard. Their names are part of the links between dashboards."""

from __future__ import annotations

from grafana_foundation_sdk.models.common import DataSourceRef
from grafana_foundation_sdk.models.dashboard import (
    VariableHide,
    VariableModel,
    VariableOption,
    VariableRefresh,
    VariableSort,
    VariableType,
)

from mixdesk_dashboards.kit.sources import LOKI, PROMETHEUS


def datasource() -> VariableModel:
    """`${datasource}`: a Prometheus."""
    return _source("datasource", "Prometheus", "prometheus")


def loki_source() -> VariableModel:
    """`${loki}`: a Loki."""
    return _source("loki", "Loki", "loki")


def tempo_source() -> VariableModel:
    """`${tempo}`: a Tempo."""
    return _source("tempo", "Tempo", "tempo")


def _source(name: str, label: str, kind: str) -> VariableModel:
    return VariableModel(
        VariableType.DATASOURCE,
        name,
        label,
        VariableHide.DONT_HIDE,
        query=kind,
        refresh=VariableRefresh.ON_DASHBOARD_LOAD,
    )


def prom_variable(
    name: str,
    label: str,
    query: str,
    description: str,
    *,
    many: bool = False,
    regex: str | None = None,
    sort: VariableSort = VariableSort.ALPHABETICAL_CASE_INSENSITIVE_ASC,
) -> VariableModel:
    """A variable of `label_values(...)` or `query_result(...)`; with `many`: several, and "All" is `.+`.

    `regex` with the groups `text` and `value` shows one thing and stands for another.
    """
    wrapped: dict[str, object] = {
        "query": query,
        "refId": f"variable-{name}",
        "qryType": 3 if query.startswith("query_result") else 1,
    }
    return _query(name, label, wrapped, query, description, PROMETHEUS, many, regex, sort)


def loki_variable(name: str, label: str, wanted: str, stream: str, description: str) -> VariableModel:
    """The values of the label `wanted` of the log streams that `stream` selects; several, and "All" is `.+`."""
    wrapped: dict[str, object] = {"label": wanted, "stream": stream, "type": 1, "refId": f"variable-{name}"}
    shown = f"label_values({stream}, {wanted})"
    return _query(name, label, wrapped, shown, description, LOKI, True, None, VariableSort.ALPHABETICAL_ASC)


def _query(
    name: str,
    label: str,
    query: dict[str, object],
    definition: str,
    description: str,
    source: DataSourceRef,
    many: bool,
    regex: str | None,
    sort: VariableSort,
) -> VariableModel:
    return VariableModel(
        VariableType.QUERY,
        name,
        label,
        VariableHide.DONT_HIDE,
        description=description,
        query=query,
        definition=definition,
        datasource=source,
        current=VariableOption(True, ["All"], ["$__all"]) if many else None,
        multi=many,
        include_all=many,
        all_value=".+" if many else None,
        refresh=VariableRefresh.ON_TIME_RANGE_CHANGED,
        sort=sort,
        regex=regex,
    )


def textbox(name: str, label: str, description: str, default: str = "") -> VariableModel:
    """Something to type in."""
    option = VariableOption(True, default, default)
    return VariableModel(
        VariableType.TEXTBOX,
        name,
        label,
        VariableHide.DONT_HIDE,
        description=description,
        query=default,
        current=option,
        options=[option],
    )


def custom(name: str, label: str, values: list[str], description: str, *, many: bool = True) -> VariableModel:
    """A fixed list; with `many`: several, and "All" is `.+`."""
    return VariableModel(
        VariableType.CUSTOM,
        name,
        label,
        VariableHide.DONT_HIDE,
        description=description,
        query=",".join(values),
        current=VariableOption(True, ["All"], ["$__all"]) if many else VariableOption(True, values[0], values[0]),
        multi=many,
        include_all=many,
        all_value=".+" if many else None,
    )
