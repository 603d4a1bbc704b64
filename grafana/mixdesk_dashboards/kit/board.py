"""A whole dashboard: sections of panels, packed into the grid, and its JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import (
    AnnotationContainer,
    AnnotationQuery,
    Dashboard,
    DashboardCursorSync,
    DashboardDashboardTemplating,
    DashboardDashboardTime,
    DashboardLink,
    GridPos,
    Panel,
    RowPanel,
    TimePickerConfig,
    VariableModel,
)

from mixdesk_dashboards.kit.annotations import manual
from mixdesk_dashboards.kit.links import TAG, among_dashboards

WIDTH = 24
INTERVALS = ["5s", "10s", "30s", "1m", "5m", "15m", "1h"]


@dataclass(frozen=True)
class Section:
    """Panels under a heading; the first section of a dashboard may have none (`title` "").

    `number` is the id of the heading, as of a panel. A `folded` one queries nothing until it is opened.
    """

    number: int
    title: str
    panels: list[Panel]
    folded: bool = False


@dataclass(frozen=True)
class Board:
    """One dashboard; `sections` from top to bottom."""

    uid: str
    title: str
    text: str
    variables: list[VariableModel]
    sections: list[Section]
    annotations: list[AnnotationQuery] = field(default_factory=list)
    links: list[DashboardLink] = field(default_factory=list)
    since: str = "now-6h"
    refresh: str = "10s"

    def build(self) -> Dashboard:
        """As the SDK has it.

        Raises:
            ValueError: two panels with one number, or one wider than the grid.
        """
        made = Dashboard(
            uid=self.uid,
            title=self.title,
            description=self.text,
            tags=[TAG],
            # Grafana shows actions to those alone who may edit; allowUiUpdates: false keeps what is stored.
            editable=True,
            graph_tooltip=DashboardCursorSync.CROSSHAIR,
            time=DashboardDashboardTime(self.since, "now"),
            timepicker=TimePickerConfig(refresh_intervals=INTERVALS),
            refresh=self.refresh,
        )
        made.templating = DashboardDashboardTemplating(self.variables)
        made.annotations = AnnotationContainer([manual(), *self.annotations])
        made.links = [among_dashboards(), *self.links]
        made.panels = packed(self.sections)
        return made

    def json(self) -> str:
        """The file: sorted keys, two spaces, a newline at the end; `id` null, which every Grafana replaces."""
        data: dict[str, Any] = json.loads(json.dumps(self.build(), cls=JSONEncoder)) | {"id": None}
        _tidy(data)
        return json.dumps(data, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def packed(sections: list[Section]) -> list[Panel | RowPanel]:
    """All panels with their places: from left to right, a new line where one does not fit any more.

    Raises:
        ValueError: two with one number, or one wider than the grid.
    """
    _numbered(sections)
    made: list[Panel | RowPanel] = []
    y = 0
    for section in sections:
        inner: list[Panel] = section.panels
        if section.title:
            row = RowPanel(section.folded, section.title, grid_pos=GridPos(1, WIDTH, 0, y), id_val=section.number)
            row.panels = inner if section.folded else []
            made.append(row)
            y += 1
        y = _placed(inner, y)
        made.extend([] if section.folded else inner)
    return made


def _numbered(sections: list[Section]) -> None:
    seen: dict[int, str] = {}
    for section in sections:
        titles = [(section.number, section.title)] if section.title else []
        for number, title in [*titles, *((panel.id_val or 0, panel.title or "") for panel in section.panels)]:
            if number in seen:
                raise ValueError(
                    f"number {number} is {seen[number]!r} and {title!r}: give the new one a number of its own"
                )
            seen[number] = title


def _placed(panels: list[Panel], y: int) -> int:
    x = height = 0
    for panel in panels:
        place = panel.grid_pos
        assert place is not None
        if place.w > WIDTH:
            raise ValueError(f"panel {panel.id_val} {panel.title!r} is {place.w} wide: the grid is {WIDTH}")
        if x + place.w > WIDTH:
            x, y, height = 0, y + height, 0
        place.x, place.y = x, y
        x, height = x + place.w, max(height, place.h)
    return y + height


def _tidy(data: Any) -> None:
    """Data links keep what Grafana knows of a data link; the SDK writes a whole dashboard link for each."""
    if isinstance(data, list):
        for item in data:
            _tidy(item)
    elif isinstance(data, dict):
        for name, value in data.items():
            _tidy(value)
            if name == "fieldConfig":
                _tidy_links(value)


def _tidy_links(config: Any) -> None:
    held = [config.get("defaults", {}).get("links") or []]
    for override in config.get("overrides", []):
        held += [item["value"] for item in override["properties"] if item["id"] == "links"]
    for links in held:
        links[:] = [
            {"title": link["title"], "url": link["url"], "targetBlank": link.get("targetBlank", False)}
            for link in links
        ]
