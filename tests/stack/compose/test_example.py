"""The voice platform beside the stack: it joins one network, and its logs are seen under equal paths."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pages
from observability import FILE, ROOT

FOLDER = ROOT / "examples/voice-platform"
TRAINS = {"voice-engine", "api"}


def test_the_platform_joins_the_network(compose: Path) -> None:
    files = ("docker-compose.prod.yml", "docker-compose.mixdesk.yml")
    command = [str(compose), *(part for file in files for part in ("--file", file)), "config", "--format", "json"]
    env = {"PATH": "/usr/bin:/bin", "MIXDESK_TOKEN": "x" * 20}
    done = subprocess.run(command, cwd=FOLDER, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    assert found["networks"]["mixdesk"]["external"] is True
    for name, service in found["services"].items():
        assert set(service["networks"]) == ({"default", "mixdesk"} if name in TRAINS else {"default"}), name
        assert (service.get("environment", {}).get("MIXDESK_URL") == "http://desk:9770") == (name in TRAINS)
    del env["MIXDESK_TOKEN"]
    refused = subprocess.run(command, cwd=FOLDER, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert refused.returncode != 0 and "secrets/reporter" in refused.stderr


def test_its_logs_are_seen_under_equal_paths(config: Any) -> None:
    """Those of the desk that knows the platform: the folders that its compose file mounts."""
    here = "/srv/voice-platform"
    files = (FILE, "examples/voice-platform/docker-compose.logs.yml")
    found = config("logs", files=files, VOICE_PLATFORM=here)
    plain = config("logs")
    seen: dict[str, dict[str, str]] = {}
    for name in ("desk", "alloy"):
        before = {volume["target"] for volume in plain["services"][name]["volumes"]}
        added = [volume for volume in found["services"][name]["volumes"] if volume["target"] not in before]
        assert all(volume["read_only"] for volume in added)
        seen[name] = {volume["target"]: volume["source"] for volume in added}
    compose_file = f"{here}/docker-compose.prod.yml"
    assert seen["desk"] == {compose_file: compose_file, **seen["alloy"]}
    assert found["services"]["desk"]["environment"]["MIXDESK_LOGS__COMPOSE"] == compose_file
    for target, source in seen["alloy"].items():
        if source.startswith("/"):
            assert source == target
        else:
            volume = found["volumes"][source]
            assert volume["external"] and target == f"/var/lib/docker/volumes/{volume['name']}/_data"
    # each volume of the platform that holds logs is there
    text = (FOLDER / "docker-compose.prod.yml").read_text()
    logs = set(re.findall(r"^      - (\S+-logs):", text, re.MULTILINE))
    assert {source for source in seen["alloy"].values() if not source.startswith("/")} == logs


def test_the_page_names_what_there_is(shipped: dict[str, Any], config: Any) -> None:
    page = pages.page("compose")
    rows = pages.table(page, "service", "what for", "profile", "user", "without")
    told = {row[0]: (set(pages.names(row[2])) or set(filter(None, [row[2]])), row[3]) for row in rows}
    services = config("gpu", "logs", "traces", "promtail", "host")["services"]
    assert set(told) == set(services)
    for name, (profiles, user) in told.items():
        assert profiles == set(shipped["services"][name].get("profiles", ())), name
        number = services[name]["user"].split(":")[0]
        assert user.startswith("root") if number == "0" else user == number, name
    for network, members, _ in pages.table(page, "network", "in it", ""):
        inside = {name for name, service in services.items() if network in (service.get("networks") or {})}
        words = set(re.findall(r"[a-z-]+", members.partition(", and ")[0])) - {"or"}
        assert words == {name for name in inside if name not in ("exporter-gpu", "exporter-host")}, network


def test_the_page_counts_the_memory(config: Any) -> None:
    page = pages.page("compose")
    (plain, more) = re.search(r"add up to ([\d.]+) GiB without a profile, ([\d.]+) GiB with", page).groups()  # type: ignore[union-attr]
    for profiles, told in (((), plain), (("logs", "traces"), more)):
        services = config(*profiles)["services"].values()
        limits = [int(service["deploy"]["resources"]["limits"]["memory"]) for service in services]
        assert f"{sum(limits) / 2**30:.1f}" == told


def test_the_settings_of_the_page_are_variables(shipped: dict[str, Any]) -> None:
    known = set(
        re.findall(r"(?:MIXDESK|COMPOSE)_[A-Z_]+", (ROOT / ".env.example").read_text() + (ROOT / FILE).read_text())
    )
    settings = {"MIXDESK_LOGS__PATH_MAP", "MIXDESK_URL", "MIXDESK_TOKEN"}
    assert set(re.findall(r"(?:MIXDESK|COMPOSE)_[A-Z_]*[A-Z]", pages.page("compose"))) <= known | settings | {
        "MIXDESK_"
    }
