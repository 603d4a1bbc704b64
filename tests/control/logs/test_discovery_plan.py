"""Which services there are, as compose files, the engine and the settings say together."""

from __future__ import annotations

import re
from typing import Any

import pytest

from mixdesk_control.logs.discovery.containers import Container, container
from mixdesk_control.logs.discovery.plan import Composed, Planned, Project, planned
from mixdesk_control.settings_logs import ServiceLogs

SHOP = Project("shop", (Composed("api"), Composed("db", container="the-db")))


def made(name: str, service: str | None = None, project: str | None = "shop", **more: Any) -> Container:
    given = {"id": name, "name": name, "service": service, "project": project if service else None, "state": "running"}
    return Container(**{**given, "pid": 7, **more})


def services(
    project: Project, *containers: Container, configured: dict[str, ServiceLogs] | None = None
) -> dict[str, list[str]]:
    return {one.name: [each.name for each in one.containers] for one in plans(project, containers, configured)}


def plans(
    project: Project, containers: tuple[Container, ...], configured: dict[str, ServiceLogs] | None = None
) -> list[Planned]:
    return planned(project, containers, configured or {})


def test_compose_and_engine_are_one_by_the_services_name() -> None:
    found = plans(SHOP, (made("shop-api-1", "api"), made("the-db", "db"), made("shop-new-1", "new")))
    assert [(one.name, one.found_in) for one in found] == [
        ("api", ["compose", "engine"]),
        ("db", ["compose", "engine"]),
        ("new", ["engine"]),
    ]


def test_without_an_engine_compose_alone() -> None:
    assert services(SHOP) == {"api": [], "db": []}


def test_a_container_without_labels_is_known_by_the_name_that_compose_gives_it() -> None:
    assert services(SHOP, made("the-db")) == {"api": [], "db": ["the-db"]}


def test_other_projects_are_left_out_where_there_is_one() -> None:
    assert services(SHOP, made("blog-api-1", "api", "blog"), made("alone")) == {"api": [], "db": []}


def test_unless_the_settings_name_them() -> None:
    configured = {"blog": ServiceLogs(container="blog-api-1"), "alone": ServiceLogs()}
    found = services(SHOP, made("blog-api-1", "api", "blog"), made("alone"), configured=configured)
    assert found == {"api": [], "db": [], "blog": ["blog-api-1"], "alone": ["alone"]}


def test_without_a_project_all_of_them_by_service_or_name() -> None:
    found = services(Project(), made("a-api-1", "api", "a"), made("Alone"), made("b-db-1", "db", "b"))
    assert found == {"api": ["a-api-1"], "db": ["b-db-1"], "alone": ["Alone"]}


def test_two_projects_with_a_service_of_one_name() -> None:
    found = services(Project(), made("a-api-1", "api", "a"), made("b-api-1", "api", "b"))
    assert found == {"a-api": ["a-api-1"], "b-api": ["b-api-1"]}


def test_one_off_containers_are_no_replicas() -> None:
    assert services(SHOP, made("shop-api-run-1", "api", once=True)) == {"api": [], "db": []}


def test_replicas_by_number_and_of_one_number_that_which_runs() -> None:
    found = services(
        SHOP,
        made("shop-api-2", "api", number=2),
        made("old_shop-api-1", "api", state="exited", pid=0, created="2026-11-02"),
        made("shop-api-1", "api", created="2026-11-01"),
    )
    assert found["api"] == ["shop-api-1", "shop-api-2"]


@pytest.mark.parametrize("name", ["../../etc", "jobs", "Api", "é" * 80, "a/b", "", "\n"])
def test_names_may_stand_in_an_address_and_no_two_are_the_same(name: str) -> None:
    found = plans(Project(), (made("x", name or None), made("api"), made("jobs")))
    names = [one.name for one in found]
    assert len(set(names)) == 3 - (name == "jobs")
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9_.-]{0,63}", one) for one in names)
    assert "jobs" not in names
    assert "api" in names


def test_what_is_called_otherwise_says_so() -> None:
    (one,) = plans(Project(), (made("x", "../../etc"),))
    assert one.name == "etc" and "'../../etc'" in one.notes[0]


INSPECTED = {
    "Id": "ab" * 32,
    "Name": "/shop-api-1",
    "Created": "2026-11-30T10:00:00Z",
    "State": {"Status": "running", "Pid": 812},
    "Config": {
        "Tty": True,
        "Labels": {
            "com.docker.compose.project": "shop",
            "com.docker.compose.service": "api",
            "com.docker.compose.container-number": "2",
            "com.docker.compose.oneoff": "False",
        },
    },
    "HostConfig": {"LogConfig": {"Type": "json-file"}},
    "LogPath": "/var/lib/docker/x-json.log",
    "Mounts": [
        {"Type": "volume", "Source": "/var/lib/docker/volumes/logs/_data", "Destination": "/logs/"},
        {"Type": "bind", "Source": "/srv", "Destination": "/app"},
        {"Type": "tmpfs", "Source": "", "Destination": "/tmp"},
    ],
}


def test_what_the_engine_says_of_a_container() -> None:
    assert container(INSPECTED) == Container(
        id="ab" * 32,
        name="shop-api-1",
        project="shop",
        service="api",
        number=2,
        state="running",
        created="2026-11-30T10:00:00Z",
        pid=812,
        mounts=(("/app", "/srv"), ("/logs", "/var/lib/docker/volumes/logs/_data")),
        terminal=True,
        log="/var/lib/docker/x-json.log",
    )


@pytest.mark.parametrize("number", [None, "", "x", "-1", "²"])
def test_a_number_that_is_none_is_the_first(number: object) -> None:
    assert (
        container(
            {"Id": "1", "Name": "/a", "Config": {"Labels": {"com.docker.compose.container-number": number}}}
        ).number
        == 1
    )


def test_only_json_files_are_read_past_the_engine() -> None:
    told = {**INSPECTED, "HostConfig": {"LogConfig": {"Type": "local"}}}
    assert (container(told).driver, container(told).log) == ("local", "")
