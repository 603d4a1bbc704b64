"""Interfaces, mounts and GPUs of the real kernel and driver interface that come and go."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from netns import Inside, inside
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text
from standin_gpu import StandIn, build

pytestmark = [
    pytest.mark.process,
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root, for namespaces of its own"),
]


@pytest.fixture(scope="module")
def host() -> Iterator[Inside]:
    with inside(["netdev", "netclass", "filesystem"]) as made:
        yield made


def devices(body: str, family: str) -> set[str]:
    return set(re.findall(rf'^{family}{{[^}}]*device="([^"]*)"', body, re.MULTILINE))


def mountpoints(body: str, sample: str = "node_filesystem_size_bytes") -> dict[str, float]:
    found = {}
    for family in parse_text(body):
        if family.name == sample:
            assert len({row.labels["mountpoint"] for row in family.samples}) == len(family.samples)
            found = {row.labels["mountpoint"]: row.value for row in family.samples}
    return found


def test_an_interface_that_goes_has_no_series_in_the_next_snapshot(host: Inside) -> None:
    host.command("ip", "link", "add", "comes0", "type", "veth", "peer", "name", "comes1")
    body = host.snapshot()["body"]
    assert {"comes0", "comes1", "lo"} <= devices(body, "node_network_receive_bytes_total")
    assert {"comes0", "comes1", "lo"} <= devices(body, "node_network_up")
    host.command("ip", "link", "del", "comes0")
    after = host.snapshot()
    assert after["errors"] == {}
    assert "comes" not in after["body"]
    assert "lo" in devices(after["body"], "node_network_receive_bytes_total")


def test_one_that_comes_back_under_its_name_is_read_anew(host: Inside) -> None:
    host.command("ip", "link", "add", "again0", "mtu", "1400", "type", "veth", "peer", "name", "again1")
    assert re.search(r'node_network_mtu_bytes{device="again0"} 1400', host.snapshot()["body"])
    host.command("ip", "link", "del", "again0")
    host.command("ip", "link", "add", "again0", "mtu", "1300", "type", "veth", "peer", "name", "again1")
    assert re.search(r'node_network_mtu_bytes{device="again0"} 1300', host.snapshot()["body"])
    host.command("ip", "link", "del", "again0")


def test_many_interfaces_are_all_there(host: Inside) -> None:
    """The kernel gives /proc/net/dev a page at a time."""
    many = "; ".join(f"ip link add many{n}a type veth peer name many{n}b" for n in range(40))
    host.command("sh", "-ec", many)
    found = devices(host.snapshot()["body"], "node_network_receive_bytes_total")
    assert sum(name.startswith("many") for name in found) == 80
    host.command("sh", "-ec", "; ".join(f"ip link del many{n}a" for n in range(40)))
    assert "many" not in host.snapshot()["body"]


def test_one_that_is_renamed_is_there_under_its_new_name_alone(host: Inside) -> None:
    host.command("ip", "link", "add", "old0", "type", "veth", "peer", "name", "old1")
    assert "old0" in devices(host.snapshot()["body"], "node_network_receive_bytes_total")
    host.command("ip", "link", "set", "old0", "name", "new0")
    body = host.snapshot()["body"]
    for family in ("node_network_receive_bytes_total", "node_network_up"):
        assert {"new0", "old1"} <= devices(body, family) and "old0" not in devices(body, family)
    host.command("ip", "link", "del", "new0")


def test_names_of_interfaces_that_need_escapes(host: Inside) -> None:
    host.command("ip", "link", "add", "odd0", "type", "veth", "peer", "name", "odd1")
    for plain, name in (("odd0", b'q"b\\{'), ("odd1", b"\xff,=}#")):
        host.command("ip", "link", "set", plain, "name", name)
    body = host.snapshot()["body"]
    families = {family.name: family for family in parse_text(body)}
    for family in ("node_network_receive_bytes", "node_network_up", "node_network_info"):
        shown = {row.labels["device"] for row in families[family].samples}
        assert {'q"b\\{', "\ufffd,=}#", "lo"} <= shown
    assert "parsing error" not in lint(body)
    host.command("ip", "link", "del", b'q"b\\{')


def test_a_mount_that_goes_has_no_series_in_the_next_snapshot(host: Inside) -> None:
    host.command("sh", "-ec", "mkdir /mnt/goes; mount -t tmpfs -o size=3m none /mnt/goes")
    assert mountpoints(host.snapshot()["body"])["/mnt/goes"] == 3 << 20
    host.command("umount", "/mnt/goes")
    after = host.snapshot()
    assert after["errors"] == {}
    assert "/mnt/goes" not in after["body"]


def test_many_mounts_are_all_there(host: Inside) -> None:
    """The kernel gives /proc/PID/mountinfo a page at a time, too."""
    places = [f"/mnt/{'many' * 20}{number}" for number in range(60)]
    host.command("sh", "-ec", "; ".join(f"mkdir {place}; mount -t tmpfs -o size=1m none {place}" for place in places))
    assert set(places) <= mountpoints(host.snapshot()["body"]).keys()
    host.command("sh", "-ec", "; ".join(f"umount {place}" for place in places))
    assert "many" not in host.snapshot()["body"]


def test_one_that_becomes_read_only(host: Inside) -> None:
    sample = "node_filesystem_readonly"
    host.command("sh", "-ec", "mkdir /mnt/turns; mount -t tmpfs -o size=1m none /mnt/turns")
    assert mountpoints(host.snapshot()["body"], sample)["/mnt/turns"] == 0
    host.command("mount", "-o", "remount,ro", "/mnt/turns")
    assert mountpoints(host.snapshot()["body"], sample)["/mnt/turns"] == 1
    host.command("umount", "/mnt/turns")


def test_of_two_mounts_on_one_place_the_upper_is_shown(host: Inside) -> None:
    stacked = "mkdir /mnt/two; mount -t tmpfs -o size=3m lower /mnt/two; mount -t tmpfs -o size=5m upper /mnt/two"
    host.command("sh", "-ec", stacked)
    body = host.snapshot()["body"]
    assert mountpoints(body)["/mnt/two"] == 5 << 20
    assert 'device="upper"' in body and 'device="lower"' not in body
    host.command("umount", "/mnt/two")
    body = host.snapshot()["body"]
    assert mountpoints(body)["/mnt/two"] == 3 << 20
    assert 'device="lower"' in body and 'device="upper"' not in body
    host.command("umount", "/mnt/two")


NAMES = [b"a space", b'"quote"', b"back\\slash", b"new\nline", b"tab\there", b"return\rhere", b"not\xffutf8", b"#hash"]


def test_names_of_mounts_that_need_escapes(host: Inside) -> None:
    for name in NAMES:
        host.command(b"mkdir", b"/mnt/" + name)
        host.command(b"mount", b"-t", b"tmpfs", b"-o", b"size=1m", b"none", b"/mnt/" + name)
    try:
        shot = host.snapshot()
        assert shot["errors"] == {}
        found = mountpoints(shot["body"])
        shown = [f"/mnt/{name.decode('utf-8', 'replace')}" for name in NAMES]
        assert {name: found.get(name) for name in shown} == dict.fromkeys(shown, 1 << 20)
        families = parse_openmetrics(host.snapshot("openmetrics")["body"])
        sizes = next(family for family in families if family.name == "node_filesystem_size_bytes")
        assert set(shown) <= {row.labels["mountpoint"] for row in sizes.samples}
        assert "error while linting" not in lint(shot["body"]) and "parsing error" not in lint(shot["body"])
    finally:
        for name in NAMES:
            host.command(b"umount", b"/mnt/" + name)


def lint(body: str) -> str:
    """What promtool says; nothing where it is not installed, for the parsers above have read it."""
    promtool = shutil.which("promtool")
    if promtool is None:
        return ""
    done = subprocess.run([promtool, "check", "metrics"], input=body.encode(), capture_output=True, timeout=60)
    assert done.returncode in (0, 3), done.stderr
    return (done.stdout + done.stderr).decode()


def test_a_gpu_that_goes_has_no_series_in_the_next_snapshot(tmp_path: Path) -> None:
    standin = StandIn(tmp_path / "gpus", build(tmp_path))
    standin.set("gpus", 2)
    with inside(["gpu", "cpu"], standin.env) as host:
        body = host.snapshot()["body"]
        uuids = set(re.findall(r'UUID="([^"]*)"', body))
        assert len(uuids) == 2
        standin.set("lost", 1)
        after = host.snapshot()["body"]
        left = set(re.findall(r'UUID="([^"]*)"', after))
        assert len(left) == 1
        (gone,) = uuids - left
        assert gone not in after and left.pop() in after
