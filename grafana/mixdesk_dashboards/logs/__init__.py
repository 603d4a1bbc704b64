"""What services and jobs write: how much, how bad, and the lines themselves."""

from __future__ import annotations

from grafana_foundation_sdk.models.dashboard import VariableModel

from mixdesk_dashboards.kit import links, variables
from mixdesk_dashboards.kit.annotations import event
from mixdesk_dashboards.kit.board import Board
from mixdesk_dashboards.logs import lines, sources
from mixdesk_dashboards.logs.asked import LEVELS


def dashboard() -> Board:
    return Board(
        "mixdesk-logs",
        "Logs",
        "What services and jobs write: how much, where errors come in bursts, and the lines themselves.",
        [
            variables.datasource(),
            variables.loki_source(),
            variables.loki_variable(
                "service", "Service", "service", "", "Services of the compose project; `jobs` are jobs."
            ),
            level(),
            variables.textbox(
                "filter", "Contains", "A regular expression (RE2); case does not matter, no backtick in it."
            ),
        ],
        [lines.overview(), lines.section(), sources.section(), sources.kept()],
        annotations=[
            event(
                "Alerts",
                'ALERTS{alertstate="firing"}',
                title="{{alertname}}",
                text="{{severity}} {{component}}",
                tags="alertname,severity,component",
                colour="red",
            ),
        ],
        links=[links.desk_link("Logs in the desk", "/ui/logs/")],
        since="now-3h",
        refresh="30s",
    )


def level() -> VariableModel:
    """Loki finds the level of a line itself; where none is known the label may be missing, and All takes those too."""
    made = variables.custom("level", "Level", LEVELS, "What Loki takes a line for.")
    made.all_value = ".*"
    return made
