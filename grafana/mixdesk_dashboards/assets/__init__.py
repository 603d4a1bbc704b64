"""Models, services and components: which run, what they hold, start and stop, and what of GPU memory is left."""

from __future__ import annotations

from mixdesk_dashboards.assets import overview, room, usage
from mixdesk_dashboards.assets.asked import ACTIONS
from mixdesk_dashboards.kit import links, variables
from mixdesk_dashboards.kit.annotations import event
from mixdesk_dashboards.kit.board import Board


def dashboard() -> Board:
    return Board(
        "mixdesk-assets",
        "Assets",
        "Which models, services and components run, what each holds, and what of GPU memory is left for the next one.",
        [
            variables.datasource(),
            variables.prom_variable(
                "asset", "Asset", "label_values(mixdesk_asset_info, asset)", "Its id in the registry.", many=True
            ),
            variables.textbox(
                "headroom_mb",
                "Headroom, MiB",
                "What the desk keeps free of each GPU: [gpu] headroom_mb of mixdesk.toml.",
                "512",
            ),
        ],
        [overview.section(), room.section(), usage.section(), usage.asked()],
        annotations=[
            event(
                "Alerts",
                'ALERTS{alertstate="firing", component="asset"}',
                title="{{alertname}}",
                text="{{severity}}",
                tags="alertname,asset",
                colour="red",
            ),
            event(
                "Starts and stops",
                f"sum by (action, outcome) (increase({ACTIONS}[$__rate_interval])) > 0",
                title="{{action}} {{outcome}}",
                tags="action,outcome",
                colour="blue",
            ),
        ],
        links=[links.desk_link("Assets in the desk", "/ui/assets/")],
    )
