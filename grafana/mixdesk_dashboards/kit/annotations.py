"""Marks on the time axis of every panel."""

from __future__ import annotations

from grafana_foundation_sdk.models.dashboard import AnnotationQuery
from grafana_foundation_sdk.models.prometheus import Dataquery

from mixdesk_dashboards.kit.sources import GRAFANA, PROMETHEUS


def manual() -> AnnotationQuery:
    """What people write into Grafana themselves."""
    made = AnnotationQuery("Annotations and alerts", GRAFANA, True, True, "rgba(0, 211, 255, 1)", type_val="dashboard")
    made.built_in = 1
    return _shown(made)


def event(
    name: str, expr: str, *, title: str, text: str = "", tags: str = "", colour: str = "blue", on: bool = True
) -> AnnotationQuery:
    """A mark wherever `expr` has a sample that is not 0."""
    made = AnnotationQuery(name, PROMETHEUS, on, False, colour, built_in=None, expr=expr)
    made.title_format, made.text_format, made.tag_keys = title, text, tags
    # twice, because Grafana has moved it: older ones read `expr` beside the name, newer ones that of `target`
    made.target = Dataquery(datasource=PROMETHEUS, expr=expr, ref_id="Anno", range_val=True, instant=False)
    return _shown(made)


def moment(
    name: str, expr: str, *, title: str, text: str = "", tags: str = "", colour: str = "blue", on: bool = True
) -> AnnotationQuery:
    """A mark at the time that `expr` says in milliseconds: the `..._timestamp_seconds` families times 1000."""
    made = event(name, expr, title=title, text=text, tags=tags, colour=colour, on=on)
    made.use_value_for_time = True
    return made


def _shown(made: AnnotationQuery) -> AnnotationQuery:
    made.placement = None  # type: ignore[assignment] # the SDK's default hides its switch in a menu
    return made
