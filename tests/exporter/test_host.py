"""How the files of a host are read."""

from __future__ import annotations

from typing import Any

import pytest

from mixdesk_exporter.errors import Absent
from mixdesk_exporter.host import KeptFile


def test_a_kept_file_is_read_anew_each_time(tree: Any) -> None:
    tree.proc("loadavg", "1 2 3")
    kept = KeptFile(tree.roots.procfs / "loadavg")
    assert kept.read() == b"1 2 3"
    tree.proc("loadavg", "4 5 6 7")
    assert kept.read() == b"4 5 6 7"
    kept.close()


def test_a_file_larger_than_the_first_guess_is_whole(tree: Any) -> None:
    content = b"x" * 100_000
    tree.proc("big", content)
    assert KeptFile(tree.roots.procfs / "big").read() == content


def test_two_who_ask_in_one_round_get_one_read(tree: Any) -> None:
    tree.proc("stat", "first")
    host = tree.host()
    assert host.proc("stat") == b"first"
    tree.proc("stat", "other")
    assert host.proc("stat") == b"first"
    host.new_round()
    assert host.proc("stat") == b"other"


def test_what_is_not_there_is_absent_and_found_when_it_comes(tree: Any) -> None:
    host = tree.host()
    with pytest.raises(Absent, match="pressure/cpu"):
        host.proc("pressure/cpu")
    tree.proc("pressure/cpu", "some")
    assert host.proc("pressure/cpu") == b"some"


def test_the_hosts_first_process_is_asked_before_our_own(tree: Any) -> None:
    tree.proc("self/net/dev", "ours")
    assert tree.host().of_init("net/dev") == b"ours"
    tree.proc("1/net/dev", "the host's")
    assert tree.host().of_init("net/dev") == b"the host's"


def test_small_files_of_sysfs(tree: Any) -> None:
    tree.sys("class/net/lo/mtu", "65536\n")
    tree.sys("class/net/lo/ifalias", b"b\xfcro\n")
    host = tree.host()
    assert host.sys("class/net/lo/mtu") == "65536"
    assert host.sys("class/net/lo/ifalias") == "b�ro"
    assert host.sys("class/net/lo/speed") == ""
    assert host.sys("class/net/lo") == ""
