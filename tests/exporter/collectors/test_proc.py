"""The collectors that read /proc: what they make of whole, old, truncated and nonsensical files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mixdesk_exporter.collectors import (
    arp,
    conntrack,
    cpu,
    diskstats,
    entropy,
    filefd,
    loadavg,
    meminfo,
    netdev,
    netstat,
    pressure,
    schedstat,
    sockstat,
    softnet,
    stat,
    uname,
    vmstat,
)
from mixdesk_exporter.errors import Absent, Garbled

STAT = """cpu  300 30 60 9000 40 1 2 3 10 1
cpu0 100 10 20 3000 10 1 2 3 10 1
cpu11 200 20 40 6000 30 0 0 0 0 0
intr 12345 0 1 2
ctxt 67890
btime 1790000000
processes 4711
procs_running 3
procs_blocked 1
softirq 1 2 3
"""
NET_DEV = """Inter-|   Receive                  |  Transmit
 face |bytes    packets and so on |bytes    packets and so on
    lo: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16
eth0:1:21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36
"""
DISKSTATS = """   7       0 loop0 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1
 254       0 vda 10 1 20 1500 30 3 40 2500 5 600 700 8 9 10 1100 12 1300
   8       1 sda1 1 1 1 1 1 1 1 1 1 1 1
   8       0 sda 1 2 3 4 5 6 7 8 9 10 11
 259       0 nvme0n1 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15
 259       1 nvme0n1p1 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15
"""
SNMP = """Ip: Forwarding DefaultTTL InReceives
Ip: 2 64 99
Tcp: RtoAlgorithm CurrEstab InErrs InSegs
Tcp: 1 7 8 9
Udp: InDatagrams Ignored
Udp: 11 12
"""


def test_cpu(samples: Callable[..., Any]) -> None:
    reading = cpu.parse(STAT.encode(), tick_s=0.01)
    assert list(reading.cores) == ["0", "11"]
    assert reading.cores["0"].modes == (1.0, 0.1, 0.2, 30.0, 0.1, 0.01, 0.02, 0.03)
    found = samples(cpu.families(reading))
    assert found["node_cpu_seconds_total"]["11", "idle"] == 60.0
    assert found["node_cpu_guest_seconds_total"] == {
        ("0", "user"): 0.1,
        ("0", "nice"): 0.01,
        ("11", "user"): 0.0,
        ("11", "nice"): 0.0,
    }


def test_cpu_of_an_old_kernel() -> None:
    reading = cpu.parse(b"cpu 1 2 3 4\ncpu0 100 200 300 400\n", tick_s=0.01)
    assert reading.cores["0"].modes == (1, 2, 3, 4, 0, 0, 0, 0)


def test_stat(samples: Callable[..., Any]) -> None:
    assert samples(stat.families(stat.parse(STAT.encode()))) == {
        "node_intr_total": {(): 12345},
        "node_context_switches_total": {(): 67890},
        "node_boot_time_seconds": {(): 1790000000},
        "node_forks_total": {(): 4711},
        "node_procs_running": {(): 3},
        "node_procs_blocked": {(): 1},
    }


def test_loadavg(samples: Callable[..., Any]) -> None:
    found = samples(loadavg.families(loadavg.parse(b"0.50 1.25 2.75 1/234 5678\n")))
    assert found == {"node_load1": {(): 0.5}, "node_load5": {(): 1.25}, "node_load15": {(): 2.75}}


def test_meminfo(samples: Callable[..., Any]) -> None:
    content = b"MemTotal:       1000 kB\nActive(anon):     12 kB\nHugePages_Total:       3\n"
    assert samples(meminfo.families(meminfo.parse(content))) == {
        "node_memory_MemTotal_bytes": {(): 1024000},
        "node_memory_Active_anon_bytes": {(): 12288},
        "node_memory_HugePages_Total": {(): 3},
    }


def test_vmstat_shows_what_node_exporter_shows(samples: Callable[..., Any]) -> None:
    content = b"nr_free_pages 5\npgpgin 10\npgpgout 11\npswpin 12\npgfault 13\npgmajfault 14\npgscan 9\noom_kill 1\n"
    found = samples(vmstat.families(vmstat.parse(content)))
    names = ("oom_kill", "pgfault", "pgmajfault", "pgpgin", "pgpgout", "pswpin")
    assert sorted(found) == [f"node_vmstat_{name}" for name in names]
    assert found["node_vmstat_pgmajfault"] == {(): 14}


def test_pressure(tree: Any, samples: Callable[..., Any]) -> None:
    line = "avg10=0.00 avg60=0.00 avg300=0.00 total="
    tree.proc("pressure/cpu", f"some {line}1500000\nfull {line}1\n")
    tree.proc("pressure/io", f"some {line}2000000\nfull {line}3000000\n")
    assert samples(pressure.families(pressure.read(tree.host()))) == {
        "node_pressure_cpu_waiting_seconds_total": {(): 1.5},
        "node_pressure_io_waiting_seconds_total": {(): 2.0},
        "node_pressure_io_stalled_seconds_total": {(): 3.0},
    }


def test_pressure_that_the_kernel_does_not_count(tree: Any) -> None:
    with pytest.raises(Absent, match="psi=1"):
        pressure.read(tree.host())


def test_netdev(samples: Callable[..., Any]) -> None:
    found = samples(netdev.families(netdev.parse(NET_DEV.encode())))
    assert len(found) == 16
    assert found["node_network_receive_bytes_total"] == {"lo": 1, "eth0:1": 21}
    assert found["node_network_transmit_carrier_total"] == {"lo": 15, "eth0:1": 35}


def test_no_interface_is_no_series(samples: Callable[..., Any]) -> None:
    assert samples(netdev.families(netdev.parse(b"head\nhead\n"))) == {}


def test_diskstats(samples: Callable[..., Any]) -> None:
    found = samples(diskstats.families(diskstats.parse(DISKSTATS.encode())))
    assert found["node_disk_read_bytes_total"] == {"vda": 10240, "sda": 1536, "nvme0n1": 1536}
    assert found["node_disk_read_time_seconds_total"]["vda"] == 1.5
    assert found["node_disk_discarded_sectors_total"] == {"vda": 10, "nvme0n1": 14}
    assert found["node_disk_flush_requests_time_seconds_total"] == {"vda": 1.3}


def test_netstat(tree: Any, samples: Callable[..., Any]) -> None:
    tree.proc("1/net/snmp", SNMP)
    tree.proc("1/net/netstat", "TcpExt: SyncookiesSent ListenDrops Other\nTcpExt: 1 2 3\n")
    tree.proc("1/net/snmp6", "Ip6InOctets \t 5\nUdp6NoPorts 6\nIp6Other 7\n")
    found = samples(netstat.families(netstat.read(tree.host())))
    assert {name.removeprefix("node_netstat_"): value[()] for name, value in found.items()} == {
        "TcpExt_SyncookiesSent": 1,
        "TcpExt_ListenDrops": 2,
        "Ip_Forwarding": 2,
        "Tcp_CurrEstab": 7,
        "Tcp_InErrs": 8,
        "Tcp_InSegs": 9,
        "Udp_InDatagrams": 11,
        "Ip6_InOctets": 5,
        "Udp6_NoPorts": 6,
    }


def test_sockstat_without_ipv6(tree: Any, samples: Callable[..., Any]) -> None:
    tree.proc("1/net/sockstat", "sockets: used 20\nTCP: inuse 4 orphan 0 tw 2 alloc 4 mem 3\n")
    found = samples(sockstat.families(sockstat.read(tree.host())))
    assert found["node_sockstat_sockets_used"] == {(): 20}
    assert found["node_sockstat_TCP_mem_bytes"] == {(): 3 * sockstat.PAGE}


def test_softnet(samples: Callable[..., Any]) -> None:
    row = "0000000a 00000002 00000001 0 0 0 0 0 00000003 00000004 00000005 00000006 00000009 0 0\n"
    found = samples(softnet.families(softnet.parse(row.encode())))
    assert found["node_softnet_processed_total"] == {"9": 10}
    assert found["node_softnet_backlog_len"] == {"9": 6}
    old = samples(softnet.families(softnet.parse(b"0a 02 01\n0b 00 00\n")))
    assert old == {
        "node_softnet_processed_total": {"0": 10, "1": 11},
        "node_softnet_dropped_total": {"0": 2, "1": 0},
        "node_softnet_times_squeezed_total": {"0": 1, "1": 0},
    }


def test_schedstat(samples: Callable[..., Any]) -> None:
    content = b"version 15\ntimestamp 1\ncpu0 0 0 0 0 0 0 2000000000 500000000 77\ndomain0 3 0 0\n"
    assert samples(schedstat.families(schedstat.parse(content))) == {
        "node_schedstat_running_seconds_total": {"0": 2.0},
        "node_schedstat_waiting_seconds_total": {"0": 0.5},
        "node_schedstat_timeslices_total": {"0": 77},
    }


def test_conntrack(tree: Any, samples: Callable[..., Any]) -> None:
    tree.proc("sys/net/netfilter/nf_conntrack_count", "12\n")
    tree.proc("sys/net/netfilter/nf_conntrack_max", "262144\n")
    tree.proc("1/net/stat/nf_conntrack", "entries found insert drop\n0c 01 0a 02\n0c 02 0b 03\n")
    found = samples(conntrack.families(conntrack.read(tree.host())))
    assert found["node_nf_conntrack_entries_limit"] == {(): 262144}
    assert found["node_nf_conntrack_stat_insert"] == {(): 21}
    assert found["node_nf_conntrack_stat_drop"] == {(): 5}


def test_small_ones(tree: Any, samples: Callable[..., Any]) -> None:
    tree.proc("sys/fs/file-nr", "528\t0\t9223372036854775807\n")
    tree.proc("sys/kernel/random/entropy_avail", "256\n")
    tree.proc("sys/kernel/random/poolsize", "256\n")
    tree.proc("1/net/arp", "IP HW Flags HW Mask Device\n10.0.0.1 0x1 0x2 02:00 * eth0\n10.0.0.2 0x1 0x2 02:01 * eth0\n")
    host = tree.host()
    assert samples(filefd.families(filefd.parse(host.proc("sys/fs/file-nr"))))["node_filefd_maximum"] == {(): 2**63 - 1}
    assert samples(entropy.families(entropy.read(host)))["node_entropy_available_bits"] == {(): 256}
    assert samples(arp.families(arp.parse(host.of_init("net/arp")))) == {"node_arp_entries": {"eth0": 2}}


def test_uname(tree: Any, samples: Callable[..., Any]) -> None:
    tree.proc("sys/kernel/domainname", "example\n")
    assert uname.read(tree.host())[0] == "example"
    (labels,) = samples(uname.families(("d", "m", "n", "r", "s", "v")))["node_uname_info"]
    assert labels == ("d", "m", "n", "r", "s", "v")


@pytest.mark.parametrize(
    ("parse", "content"),
    [
        (cpu.parse, b""),
        (cpu.parse, b"cpu 1 2 3 4\ncpu0 1 2 x 4\n"),
        (cpu.parse, b"cpu 1 2 3 4\ncpu0 1 2\n"),
        (stat.parse, b"intr 5\nctxt x\nbtime 1\n"),
        (stat.parse, b"cpu0 1 2 3 4\n"),
        (loadavg.parse, b"0.1 0.2"),
        (loadavg.parse, b"a b c"),
        (meminfo.parse, b"MemTotal: 10 kB\nMemFr"),
        (meminfo.parse, b""),
        (vmstat.parse, b"pgfault x\n"),
        (pressure.parse, b"some avg10=0.00"),
        (netdev.parse, b"h\nh\n eth0: 1 2 3\n"),
        (netdev.parse, b"h\nh\n eth0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 x\n"),
        (diskstats.parse, b"254 0 vda 1 2\n"),
        (diskstats.parse, b"254 0 vda 1 2 3 4 5 6 7 8 9 10 x\n"),
        (netstat.parse, b"Tcp: InSegs\nTcp: x\n"),
        (sockstat.parse, b"TCP: inuse\n"),
        (softnet.parse, b"zz 00\n"),
        (schedstat.parse, b"cpu0 0 0 0 0 0 0 a b c\n"),
        (conntrack.parse, b"found insert\n01\n"),
        (filefd.parse, b"1 2\n"),
    ],
)
def test_truncated_and_nonsensical_files_are_named(parse: Callable[[bytes], object], content: bytes) -> None:
    with pytest.raises(Garbled):
        parse(content)
