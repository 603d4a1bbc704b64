"""What goes through the network, and what is lost on the way."""

from __future__ import annotations

from mixdesk_dashboards.hosts.asked import of, rate
from mixdesk_dashboards.kit import panels
from mixdesk_dashboards.kit.board import Section
from mixdesk_dashboards.kit.targets import prom

SOON = "after two scrapes"
REAL = 'device!~"lo|veth.*|br-.*|docker.*"'  # what is inside of containers goes through one of the others too


def section() -> Section:
    lost = [
        prom(f"sum by (device) ({rate(f'node_network_{way}_{what}_total', REAL)})", f"{{{{device}}}} {name}")
        for way, what, name in (
            ("receive", "errs", "receive errors"),
            ("transmit", "errs", "send errors"),
            ("receive", "drop", "received and dropped"),
            ("transmit", "drop", "not sent"),
        )
    ]
    return Section(
        500,
        "Network",
        [
            panels.timeseries(
                501,
                "Received and sent",
                "Bytes a second of each interface, without those between containers. Metric: "
                "`node_network_receive_bytes_total`. Worry when a download of data or models fills the line.",
                "Bps",
                SOON,
                prom(f"sum by (device) ({rate('node_network_receive_bytes_total', REAL)})", "{{device}} received"),
                prom(f"sum by (device) ({rate('node_network_transmit_bytes_total', REAL)})", "{{device}} sent"),
                lowest=0,
            ),
            panels.timeseries(
                502,
                "Lost packets",
                "Packets that were broken or dropped. Metric: `node_network_receive_errs_total`. Worry about anything "
                "that is not 0 for long: a cable, a full queue.",
                "pps",
                SOON,
                *lost,
                w=6,
                lowest=0,
            ),
            panels.timeseries(
                503,
                "TCP",
                "Open connections, and segments sent again in a second. Metric: `node_netstat_Tcp_CurrEstab`. Worry "
                "about connections that only grow.",
                "short",
                "not read",
                prom(of("node_netstat_Tcp_CurrEstab"), "open connections"),
                prom(rate("node_netstat_Tcp_RetransSegs"), "sent again, a second"),
                w=6,
                lowest=0,
            ),
        ],
    )
