"""What is read of a host, and under which names: the same choices for the exporter alone and inside the desk."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from mixdesk_exporter.collectors import HOST, containers, gpu
from mixdesk_exporter.collectors.collector import Collector
from mixdesk_exporter.demo import DemoNvml
from mixdesk_exporter.family import Family
from mixdesk_exporter.host import Host, Roots
from mixdesk_exporter.peaks import Peaks
from mixdesk_exporter.readings import Gpus
from mixdesk_exporter.sampler import Sampler


@dataclass(frozen=True, slots=True)
class Options:
    """The choices; the defaults are all that this host has, under all names.

    roots            where the host's file systems are
    listed           names of collectors that are read alone; empty for all
    demo_gpus        so many simulated GPUs in place of real ones
    node_names       whether node_exporter's names are published (`node_*`)
    dcgm_names       the same of the DCGM exporter's (`DCGM_*`)
    cadvisor_names   the same of cAdvisor's (`container_*`)
    shown_labels     Docker labels that go along with a container's series and OTLP metrics
    """

    roots: Roots = field(default_factory=Roots)
    listed: tuple[str, ...] = ()
    demo_gpus: int = 0
    node_names: bool = True
    dcgm_names: bool = True
    cadvisor_names: bool = True
    shown_labels: tuple[str, ...] = ()

    @property
    def left_out(self) -> tuple[str, ...]:
        """How the names begin that are not published."""
        shown = {"node_": self.node_names, "DCGM_": self.dcgm_names, "container_": self.cadvisor_names}
        return tuple(prefix for prefix, is_shown in shown.items() if not is_shown)


def host_sampler(options: Options) -> Sampler:
    """The sampler of a host. Raises ValueError for roots that are none and for a `listed` that is no collector."""
    _check(options.roots)
    host = Host(options.roots)
    collectors = [_named(collector, options.left_out) for collector in _collectors(host, options)]
    unknown = set(options.listed) - {collector.name for collector in collectors}
    if unknown:
        names = ", ".join(collector.name for collector in collectors)
        raise ValueError(f"there is no collector {min(unknown)!r}; there are {names}")
    if options.listed:
        collectors = [collector for collector in collectors if collector.name in options.listed]
    return Sampler(
        collectors,
        listed=options.listed,
        new_round=host.new_round,
        follow=Peaks().see,
        node_names=options.node_names,
    )


def _check(roots: Roots) -> None:
    for name, path in (("procfs", roots.procfs / "stat"), ("sysfs", roots.sysfs), ("rootfs", roots.rootfs)):
        if not path.exists():
            raise ValueError(f"{name}: there is no {path}")


def _collectors(host: Host, options: Options) -> list[Collector[Any]]:
    return [
        *(make(host) for make in HOST),
        _gpus(options.roots, options.demo_gpus),
        containers.collector(options.roots, shown_labels=options.shown_labels),
    ]


def _gpus(roots: Roots, demo: int) -> Collector[Gpus]:
    if demo:
        return gpu.collector(lambda: DemoNvml(demo), procfs=roots.procfs)
    return gpu.collector(procfs=roots.procfs)


def _named(collector: Collector[Any], left_out: tuple[str, ...]) -> Collector[Any]:
    """The collector without families whose names begin so; itself where nothing is left out."""
    return replace(collector, families=_without(left_out, collector.families)) if left_out else collector


def _without(left_out: tuple[str, ...], made: Callable[[Any], Iterable[Family]]) -> Callable[[Any], list[Family]]:
    # Once a reading, not once a scrape: what is left out is never in the snapshot that scrapes share.
    def families(reading: Any) -> list[Family]:
        return [family for family in made(reading) if not family.descriptor.sample.startswith(left_out)]

    return families
