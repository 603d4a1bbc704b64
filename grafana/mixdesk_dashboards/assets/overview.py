"""How the assets are: in numbers, in a table that acts, and over time."""

from __future__ import annotations

from grafana_foundation_sdk.models.dashboard import Panel

from mixdesk_dashboards.assets.asked import CHOSEN, EACH, NAMED, all_on_gpu, bare, keyed, of, on_gpu
from mixdesk_dashboards.kit import links, looks, panels, states, transforms
from mixdesk_dashboards.kit.actions import asset_actions
from mixdesk_dashboards.kit.board import Section
from mixdesk_dashboards.kit.looks import BLUE, GREEN, GREY, ORANGE, RED, column, steps
from mixdesk_dashboards.kit.targets import Target, prom, prom_now, prom_table

NO_ASSET = "no asset in the registry: `mixdesk assets init`"


def section() -> Section:
    return Section(0, "", [*counts(), every_one(), timeline()])


def counts() -> list[Panel]:
    return [
        counted(1, "Running", "running", "They run and are ready as far as anybody asked.", GREEN, GREEN),
        counted(2, "Loading", "loading", "Worry about one that stays here: see why in the desk.", BLUE, BLUE),
        counted(3, "In error", "error", "Worry above 0: the desk says why, in one line each.", GREEN, RED),
        counted(4, "Stopped", "stopped", "They do not run, and nobody asked for more.", GREY, GREY),
        panels.stat(
            5,
            "Starts and stops that failed",
            "In the time range; each desk counts its own. Metric: `mixdesk_actions_total`. Worry above 0.",
            "short",
            "0",
            prom_now(
                'sum(increase(mixdesk_actions_total{action=~"start|stop", outcome="failed"}[$__range])) or vector(0)'
            ),
            decimals=0,
            limits=steps(GREEN, (1, ORANGE)),
        ),
        panels.stat(
            6,
            "Leaked",
            "GPU memory that did not come back after a stop. Metric: `mixdesk_asset_gpu_memory_leaked_bytes`. Worry "
            "above 0: a process of it still lives, or the driver kept it.",
            "bytes",
            "0 B",
            prom_now(f"sum({all_on_gpu('mixdesk_asset_gpu_memory_leaked_bytes')}) or vector(0)"),
            limits=steps(GREEN, (1, RED)),
        ),
    ]


def counted(number: int, title: str, status: str, text: str, none: str, some: str) -> Panel:
    """How many assets have this status."""
    return panels.stat(
        number,
        title,
        f"Assets whose status is {status}. Metric: `mixdesk_asset_status`. {text}",
        "none",
        "0",
        prom_now(f'sum(max by ({EACH}) (mixdesk_asset_status{{status="{status}"}})) or vector(0)'),
        limits=steps(none, (1, some)),
    )


def every_one() -> Panel:
    """One row an asset, with what one can do about it."""
    return panels.table(
        7,
        "Assets",
        "Every asset: what it is, how it is, what it holds. Metric: `mixdesk_asset_status` and others. Start and Stop "
        "ask first, and are shown to people who may edit this dashboard; the link to the desk is for everybody. Both "
        "lead to the desk at this address: where several are scraped, act on the others' assets there. Worry about "
        "`error`, and about restarts that nobody asked for.",
        "none",
        NO_ASSET,
        *_columns(),
        sort_by="Asset",
        transforms=[
            transforms.without_time(),
            transforms.join("key"),
            transforms.arrange(
                "asset",
                "status",
                "Value #B",
                *(f"Value #{letter}" for letter in "CDEFGHI"),
                "type",
                "resource_type",
                "driver",
                "instance",
                "key",
            ),
        ],
        overrides=[
            column("asset", "Asset", links=[links.assets_page()]),
            column(
                "status",
                "Status",
                width=100,
                cell=looks.COLOURED,
                means=states.as_words(states.ASSET),
                nothing="unknown",
            ),
            column("Value #A", hidden=True),
            column("Value #B", "Do", cell=looks.BUTTONS, actions=asset_actions(), width=150),
            column("Value #C", "Memory", unit="bytes", nothing="–"),
            column("Value #D", "Cores", decimals=2, nothing="–"),
            column("Value #E", "GPU memory", unit="bytes", nothing="–"),
            column("Value #F", "Promised", unit="bytes", nothing="–"),
            column("Value #G", "Leaked", unit="bytes", nothing="–", cell=looks.TINTED, limits=steps(GREEN, (1, RED))),
            column("Value #H", "Restarts", nothing="–", cell=looks.TINTED, limits=steps(GREEN, (1, ORANGE))),
            column("Value #I", "Changes", decimals=0, nothing="–"),
            column("type", "Type", width=100),
            column("resource_type", "Uses", width=70),
            column("driver", "Driver", width=80),
            column("instance", "Desk", width=120),
            column("key", hidden=True),
        ],
    )


def _columns() -> list[Target]:
    return [
        prom_table(keyed(states.word_of("mixdesk_asset_status", EACH, CHOSEN))),
        prom_table(f"max by (key, type, resource_type, driver) ({keyed(f'mixdesk_asset_info{{{CHOSEN}}}')})"),
        prom_table(bare(of("mixdesk_asset_memory_bytes"))),
        prom_table(bare(of("mixdesk_asset_cpu_ratio"))),
        prom_table(bare(on_gpu("mixdesk_asset_gpu_memory_bytes", EACH))),
        prom_table(bare(on_gpu("mixdesk_asset_gpu_memory_reserved_bytes", EACH))),
        prom_table(bare(on_gpu("mixdesk_asset_gpu_memory_leaked_bytes", EACH))),
        prom_table(bare(of("mixdesk_asset_restarts"))),
        prom_table(bare(f"increase(mixdesk_asset_transitions_total{{{CHOSEN}}}[$__range])")),
    ]


def timeline() -> Panel:
    return panels.states(
        8,
        "Over time",
        "What each asset was when. Metric: `mixdesk_asset_status`. Worry about one that changes all the time.",
        NO_ASSET,
        prom(states.number_of("mixdesk_asset_status", EACH, states.ASSET, CHOSEN), NAMED),
        means=[states.as_numbers(states.ASSET)],
    )
