"""One host: what it is short of, what its GPUs do and who holds them, which containers take most.

It asks for node_exporter's names where `job` is `node` (an exporter) or `mixdesk` (a desk with the exporter inside), of
one instance at a time: so a host that both publish is never counted twice.
"""

from __future__ import annotations

from mixdesk_dashboards.hosts import containers, cpu, disks, exporter, gpus, memory, network, overview, sensors
from mixdesk_dashboards.hosts.asked import HOST, HOSTS, NAMED_HOST
from mixdesk_dashboards.kit import variables
from mixdesk_dashboards.kit.annotations import event, moment
from mixdesk_dashboards.kit.board import Board


def dashboard() -> Board:
    return Board(
        "mixdesk-hosts",
        "Host and GPU",
        "What a host is short of: cores, memory, disks, network; what each of its GPUs does and who holds its memory.",
        [
            variables.datasource(),
            variables.prom_variable(
                "host", "Host", f"label_values({HOSTS}, nodename)", "Its name, as `uname -n` says."
            ),
            variables.prom_variable(
                "instance",
                "Scraped as",
                f"label_values({NAMED_HOST}, instance)",
                "The exporter, or the desk with the exporter inside, that tells of this host.",
            ),
        ],
        [
            overview.section(),
            gpus.section(),
            cpu.section(),
            memory.section(),
            disks.section(),
            network.section(),
            sensors.section(),
            containers.section(),
            exporter.section(),
        ],
        annotations=[
            event(
                "Alerts",
                'ALERTS{alertstate="firing", component=~"host|gpu|exporter"}',
                title="{{alertname}}",
                text="{{severity}}",
                tags="alertname,instance",
                colour="red",
            ),
            moment(
                "Boots",
                f"max by (instance) (node_boot_time_seconds{{{HOST}}}) * 1000",
                title="Booted",
                colour="purple",
            ),
        ],
    )
