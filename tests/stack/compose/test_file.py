"""docker-compose.observability.yml as it is written: Compose takes it, and each service keeps to the rules."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import one_origin
import pages
import pytest
import yaml
from observability import FILE, ROOT

PROFILES = ("gpu", "logs", "traces", "promtail", "host")
NO_CHECK = {"alloy", "promtail", "collector"}
"""Their images hold nothing to ask with; a comment at each says so, and Prometheus scrapes them."""

ROOT_USERS = {"exporter-host": ["SYS_PTRACE", "DAC_READ_SEARCH"], "promtail": []}
"""Who is root, and with which capabilities; a comment at each says why."""

NETWORKS = {
    "edge": {"proxy", "desk"},
    "front": {"proxy", "grafana"},
    "backend": {
        *("desk", "exporter", "exporter-gpu", "exporter-host", "prometheus", "alertmanager"),
        *("alloy", "promtail", "collector"),
    },
    "query": {"grafana", "prometheus", "alertmanager", "loki", "tempo"},
    "ship": {"desk", "loki", "alloy", "promtail", "tempo", "collector"},
    "outside": {"prometheus", "alertmanager"},
    "mixdesk": {"desk", "collector"},
}
OPEN = {"edge", "outside"}
"""Networks with a way out of this host."""


@pytest.fixture(scope="module")
def whole(config: Any) -> dict[str, Any]:
    """With all profiles."""
    found = config(*PROFILES)
    assert isinstance(found, dict)
    return found


@pytest.fixture(scope="module")
def services(whole: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found = whole["services"]
    assert isinstance(found, dict)
    return found


def test_compose_takes_every_choice_of_profiles(config: Any, shipped: dict[str, Any]) -> None:
    always = {name for name, service in shipped["services"].items() if "profiles" not in service}
    for count in range(len(PROFILES) + 1):
        for chosen in itertools.combinations(PROFILES, count):
            named = {
                name for name, service in shipped["services"].items() if set(service.get("profiles", ())) & set(chosen)
            }
            assert set(config(*chosen)["services"]) == always | named, chosen


def test_the_profiles_are_the_promised_ones(shipped: dict[str, Any]) -> None:
    found = {profile for service in shipped["services"].values() for profile in service.get("profiles", ())}
    assert found == set(PROFILES)


def test_every_image_is_pinned(services: dict[str, dict[str, Any]]) -> None:
    for name, service in services.items():
        image, _, tag = service["image"].rpartition(":")
        own = "build" in service
        assert image and (tag == "local" if own else re.fullmatch(r"v?\d+\.\d+\.\d+(-[a-z0-9.-]+)?", tag)), name


def test_every_image_is_named_in_one_place() -> None:
    text = (ROOT / FILE).read_text()
    images = re.findall(r"^\s+image: (\S+?):", text, re.MULTILINE)
    assert len(images) == len(set(images))


def test_the_versions_are_those_of_the_logs_page(services: dict[str, dict[str, Any]]) -> None:
    page = (ROOT / "loki/README.md").read_text()
    assert f"`{services['loki']['image']}`" in page and f"`{services['alloy']['image']}`" in page
    assert f"Promtail {'.'.join(services['promtail']['image'].partition(':')[2].split('.')[:2])}" in page


def test_the_bases_of_our_images_are_one_and_pinned() -> None:
    found = {
        re.findall(r"^ARG BASE=(\S+)$", file.read_text(), re.MULTILINE)[0]
        for file in (ROOT / "images").glob("*.Dockerfile")
    }
    assert len(found) == 1 and re.fullmatch(r"python:3\.\d+\.\d+-slim-\w+", found.pop())


def test_nobody_has_more_rights_than_it_needs(services: dict[str, dict[str, Any]]) -> None:
    for name, service in services.items():
        assert service["read_only"] is True and service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert "privileged" not in service and service.get("ipc") is None, name
        assert service.get("cap_add", []) == ROOT_USERS.get(name, []), name
        assert (int(service["user"].split(":")[0]) == 0) == (name in ROOT_USERS), name
        assert service["restart"] == "unless-stopped", name


def test_the_host_is_seen_by_those_alone_who_must(services: dict[str, dict[str, Any]]) -> None:
    assert {name for name, service in services.items() if service.get("pid") == "host"} == {
        *("exporter", "exporter-gpu", "exporter-host")
    }
    of_host: dict[str, set[str]] = {}
    for name, volume in volumes(services):
        if volume["type"] == "bind" and not volume["source"].startswith(str(ROOT)):
            of_host.setdefault(volume["source"], set()).add(name)
            assert volume["read_only"], (name, volume)
    assert of_host == {
        "/": {"exporter", "exporter-gpu", "exporter-host"},
        "/proc": {"desk", "exporter", "exporter-gpu", "exporter-host"},
        "/sys": {"desk", "exporter", "exporter-gpu", "exporter-host"},
        "/sys/fs/cgroup": {"exporter", "exporter-gpu", "exporter-host"},
        "/var/run/docker.sock": {"docker-filter", "read-filter"},
    }
    roots = [volume for name, volume in volumes(services) if volume["source"] == "/"]
    assert all(volume["bind"]["propagation"] == "rslave" for volume in roots)
    for name in ("exporter", "exporter-gpu", "exporter-host"):
        assert any(mount.startswith("/host/dev:") and "ro" in mount for mount in services[name]["tmpfs"]), name


def test_who_speaks_to_the_engine_speaks_to_nobody_else(services: dict[str, dict[str, Any]]) -> None:
    for name in ("docker-filter", "read-filter"):
        assert services[name]["network_mode"] == "none" and "ports" not in services[name]


def test_only_the_desk_may_start_and_stop(services: dict[str, dict[str, Any]]) -> None:
    seen: dict[str, set[str]] = {}
    for name, volume in volumes(services):
        if volume["source"] in ("docker-filter", "read-filter"):
            seen.setdefault(volume["source"], set()).add(name)
    exporters = {"exporter", "exporter-gpu", "exporter-host"}
    assert seen == {"docker-filter": {"docker-filter", "desk"}, "read-filter": {"read-filter", "alloy"} | exporters}


def test_everybody_has_limits(services: dict[str, dict[str, Any]]) -> None:
    for name, service in services.items():
        limits = service["deploy"]["resources"]["limits"]
        assert set(limits) == {"cpus", "memory", "pids"}, name
        assert service["logging"] == {"driver": "json-file", "options": {"max-size": "10m", "max-file": "3"}}, name


def test_only_the_proxy_is_published_and_on_loopback(services: dict[str, dict[str, Any]], config: Any) -> None:
    published = {name: service["ports"] for name, service in services.items() if service.get("ports")}
    assert set(published) == {"proxy"}
    assert [(port["host_ip"], port["published"], port["target"]) for port in published["proxy"]] == [
        ("127.0.0.1", "9770", 8080)
    ]


def test_what_is_filled_in_elsewhere_is_given(services: dict[str, dict[str, Any]]) -> None:
    """The proxy's templates, Grafana's settings and data sources, Prometheus' file: each variable that they name."""
    assert set(services["proxy"]["environment"]) >= set(one_origin.NAMES)
    grafana = (ROOT / "grafana/grafana.ini", *(ROOT / "grafana/provisioning").rglob("*.yaml"))
    asked = {name for file in grafana for name in re.findall(r"\$\{?(?:__env\{)?(MIXDESK_\w+)", file.read_text())}
    assert asked and asked == set(services["grafana"]["environment"])
    asked = set(re.findall(r"\$\{(\w+)\}", (ROOT / "prometheus/prometheus.yml").read_text()))
    assert asked == set(services["prometheus"]["environment"])


def test_secrets_that_files_read_are_mounted(services: dict[str, dict[str, Any]]) -> None:
    for name, file in (
        ("grafana", "grafana/grafana.ini"),
        ("prometheus", "prometheus/prometheus.yml"),
        ("alertmanager", "prometheus/alertmanager.yml"),
        ("desk", "images/mixdesk.toml"),
    ):
        lines = [line for line in (ROOT / file).read_text().splitlines() if not line.lstrip().startswith("#")]
        asked = set(re.findall(r"/run/secrets/(\w+)", "\n".join(lines)))
        assert asked and asked == {secret["source"] for secret in services[name]["secrets"]}, name


def test_another_port_is_another_address_everywhere(config: Any) -> None:
    found = config(MIXDESK_PORT="9999")["services"]
    for name, key in (
        ("desk", "MIXDESK_SERVER__PUBLIC_URL"),
        ("proxy", "MIXDESK_PUBLIC_URL"),
        ("grafana", "MIXDESK_PUBLIC_URL"),
        ("prometheus", "MIXDESK_PUBLIC_URL"),
    ):
        assert found[name]["environment"][key] == "http://localhost:9999"


def test_every_service_is_checked_or_cannot_be(services: dict[str, dict[str, Any]]) -> None:
    assert {name for name, service in services.items() if "healthcheck" not in service} == NO_CHECK
    for service in services.values():
        assert service.get("healthcheck", {"test": ["CMD"]})["test"][0] == "CMD"  # needs no shell


def test_who_waits_for_whom_exists_and_can_be_healthy(shipped: dict[str, Any]) -> None:
    services = shipped["services"]
    for name, service in services.items():
        for other, how in service.get("depends_on", {}).items():
            # a wrong group of the engine's socket costs the containers, and nothing else; a collector keeps what waits
            started = other in NO_CHECK or other.endswith("-filter") or name == "collector"
            assert how["condition"] == ("service_started" if started else "service_healthy"), (name, other)
            # a service of a profile is there whenever the one that waits is
            own, theirs = set(service.get("profiles", ())), set(services[other].get("profiles", ()))
            assert not theirs or (own and own <= theirs), (name, other)


def test_nobody_waits_for_the_desk(shipped: dict[str, Any]) -> None:
    """With a desk that does not start, somebody must be there to say so."""
    assert [name for name, service in shipped["services"].items() if "desk" in service.get("depends_on", {})] == []


def test_who_shares_a_network_with_strangers_asks_nobody_by_name(services: dict[str, dict[str, Any]]) -> None:
    """Docker answers with any container of that name in any network of the one that asks."""
    given = {
        name: {network["ipv4_address"] for network in (service.get("networks") or {}).values() if network}
        for name, service in services.items()
    }
    joined = {name for name, service in services.items() if "mixdesk" in (service.get("networks") or {})}
    assert joined == {"desk", "collector"}
    known = set(services) - joined | {"collector"}
    for name, files in (
        ("desk", ("images/mixdesk.toml", ".env.example")),
        ("collector", ("otel/collector.yaml",)),
    ):
        lines = [line.partition("#")[0] for file in files for line in (ROOT / file).read_text().splitlines()]
        asked = {one for one in re.findall(r"(?:://|endpoint: )([a-z]+):\d", "\n".join(lines)) if one in known - {name}}
        told = dict(line.split("=") for line in services[name]["extra_hosts"])
        assert asked and asked <= set(told), name
        for host, address in told.items():
            assert address in given[host], (name, host)


def test_no_secret_stands_in_the_environment(services: dict[str, dict[str, Any]], whole: dict[str, Any]) -> None:
    for name, service in services.items():
        for key in service.get("environment", {}):
            assert not re.search("TOKEN|PASSWORD|SECRET|KEY$", key), (name, key)
    assert {secret["file"] for secret in whole["secrets"].values()} == {
        str(ROOT / "secrets" / name) for name in whole["secrets"]
    }
    used = {secret["source"] for service in services.values() for secret in service.get("secrets", ())}
    assert used == set(whole["secrets"])


def test_every_volume_has_a_name_and_a_user(services: dict[str, dict[str, Any]], whole: dict[str, Any]) -> None:
    named = {volume["source"] for _, volume in volumes(services) if volume["type"] == "volume"}
    assert named == set(whole["volumes"])
    assert all(volume.get("source") for _, volume in volumes(services))


def test_who_can_write_a_volume_is_one(services: dict[str, dict[str, Any]]) -> None:
    writers: dict[str, set[str]] = {}
    for name, volume in volumes(services):
        if volume["type"] == "volume" and not volume.get("read_only"):
            writers.setdefault(volume["source"], set()).add(name)
    assert all(len(names) == 1 for names in writers.values()), writers


def test_what_is_mounted_is_in_the_repository(services: dict[str, dict[str, Any]]) -> None:
    for name, volume in volumes(services):
        if volume["source"].startswith(str(ROOT)):
            assert volume["read_only"] and Path(volume["source"]).exists(), (name, volume["source"])


def test_the_networks_are_as_promised(services: dict[str, dict[str, Any]], whole: dict[str, Any]) -> None:
    found = {
        network: {name for name, service in services.items() if network in service.get("networks", ())}
        for network in whole["networks"]
    }
    assert found == NETWORKS
    assert {name for name, network in whole["networks"].items() if not network.get("internal")} == OPEN
    assert whole["networks"]["mixdesk"]["name"] == "mixdesk"


def test_fixed_addresses_are_never_given_out(whole: dict[str, Any]) -> None:
    import ipaddress

    for name, network in whole["networks"].items():
        for service in whole["services"].values():
            address = ((service.get("networks") or {}).get(name) or {}).get("ipv4_address")
            if address is not None:
                (pool,) = network["ipam"]["config"]
                assert ipaddress.ip_address(address) in ipaddress.ip_network(pool["subnet"])
                assert ipaddress.ip_address(address) not in ipaddress.ip_network(pool["ip_range"])


def test_two_exporters_of_one_host_cannot_run_together(services: dict[str, dict[str, Any]]) -> None:
    variants = [services[name]["networks"]["backend"] for name in ("exporter", "exporter-gpu", "exporter-host")]
    assert len({network["ipv4_address"] for network in variants}) == 1
    assert all("exporter" in network["aliases"] for network in variants)


def test_the_plain_exporter_makes_way(config: Any) -> None:
    assert config(MIXDESK_PLAIN_EXPORTER="0")["services"]["exporter"]["scale"] == 0


def test_the_filter_is_the_one_of_the_page() -> None:
    (shown,) = pages.blocks(pages.page("security"), "nginx")
    assert (ROOT / "images/docker-filter.conf").read_text() == shown


def test_the_other_filter_only_reads() -> None:
    text = (ROOT / "images/read-filter.conf").read_text()
    (rule,) = re.findall(r'"~\^(.*)" 1;', text)
    assert rule.startswith("(GET|HEAD) ") and text.count("proxy_pass http") == 1
    assert "start" not in text and "archive" not in text and "include" not in text


def test_the_two_filters_differ_in_what_they_let_through_alone() -> None:
    def rest(name: str) -> list[str]:
        lines = (ROOT / f"images/{name}-filter.conf").read_text().splitlines()
        return [line for line in lines if '"~^' not in line and not line.lstrip().startswith("#")]

    assert rest("read") == rest("docker")


def test_every_variable_is_explained(shipped: dict[str, Any]) -> None:
    known = set(re.findall(r"^#? ?(MIXDESK_\w+|COMPOSE_PROFILES)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    asked = set(re.findall(r"\$\{(\w+)", (ROOT / FILE).read_text()))
    assert asked - known == set()
    assert {name for name in known if "__" not in name} - asked == {"COMPOSE_PROFILES"}


def test_the_settings_in_the_example_are_settings(tmp_path: Path) -> None:
    """All of them, also those that are commented out."""
    from mixdesk_control import settings

    lines = re.findall(r"^#? ?(MIXDESK_\w+__\w+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE)
    assert len(lines) >= 4
    loaded = settings.load(ROOT / "images/mixdesk.toml", dict(lines), state_dir=tmp_path)
    assert loaded.loki.url == "http://loki:3100" and loaded.otel.endpoint == "http://collector:4318"


def test_what_no_desk_setting_is_does_no_harm(tmp_path: Path) -> None:
    """The desk gets all of .env."""
    from mixdesk_control import settings

    others = dict(
        re.findall(r"^#? ?((?:MIXDESK_|COMPOSE_)[A-Z_]+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE)
    )
    plain = {key: value for key, value in others.items() if "__" not in key}
    assert settings.load(ROOT / "images/mixdesk.toml", plain, state_dir=tmp_path).server.host == ("0.0.0.0",)


def test_the_file_reads_as_plain_yaml() -> None:
    assert yaml.safe_load((ROOT / FILE).read_text())["name"] == "mixdesk"


def volumes(services: dict[str, dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """(service, volume) of all."""
    for name, service in services.items():
        for volume in service.get("volumes", ()):
            yield name, {"read_only": False, "source": None, **volume}
