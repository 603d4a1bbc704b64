"""A first registry from compose files, also from such as mean harm: what comes out can always be loaded."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
import tomllib
from torture import chance, times

from mixdesk_control import settings
from mixdesk_control.assets import registry
from mixdesk_control.assets.drivers.docker.driver import DockerDriver
from mixdesk_control.assets.inventory import compose, containers, draft, kinds
from mixdesk_control.assets.inventory.draft import Draft
from mixdesk_control.assets.inventory.errors import InventoryError

Entries = dict[str, dict[str, Any]]


def loaded(drafts: list[Draft], folder: Path) -> Entries:
    """Through the settings and the registry, as the desk would have them."""
    text = draft.as_toml(draft.fitted(drafts))
    (folder / "out.toml").write_text(text)
    assets = registry.build(settings.load(folder / "out.toml", {}).assets, {"docker": DockerDriver()}).assets
    tables = {table["id"]: table for table in tomllib.loads(text).get("assets", ())}
    assert list(assets) == list(tables)
    return tables


def drafted(text: str, folder: Path, env: dict[str, str] | None = None) -> Entries:
    file = folder / "compose.yml"
    file.write_text(text)
    return loaded(compose.read([file], env or {}), folder)


def services(text: str, folder: Path, **env: str) -> Entries:
    return drafted(f"name: p\nservices:\n{text}", folder, env)


# -- what a compose file means -------------------------------------------------------------------------


def test_containers_are_named_as_compose_names_them(tmp_path: Path) -> None:
    text = "services: {a: {image: x}, b: {image: x, container_name: mine}, c: {image: x, scale: 2}}"
    found = drafted(f"name: studio\n{text}", tmp_path)
    assert {name: table["container"] for name, table in found.items()} == {
        "a": "studio-a-1", "b": "mine", "c": "studio-c-1", "c-2": "studio-c-2",
    }  # fmt: skip
    folder = tmp_path / "My Studio.1"
    folder.mkdir()
    assert drafted(text, folder)["a"]["container"] == "mystudio1-a-1"
    assert drafted(text, folder, {"COMPOSE_PROJECT_NAME": "other"})["a"]["container"] == "other-a-1"


def test_the_files_of_a_folder_are_those_that_compose_reads(tmp_path: Path) -> None:
    def found(*names: str) -> list[str]:
        for name in names:
            (tmp_path / name).touch()
        return [file.name for file in compose.find(tmp_path)]

    assert found() == []
    assert found("docker-compose.override.yml") == []
    assert found("docker-compose.yml") == ["docker-compose.yml", "docker-compose.override.yml"]
    assert found("compose.yaml", "compose.override.yaml") == ["compose.yaml", "compose.override.yaml"]
    assert found("docker-compose.prod.yml") == ["docker-compose.prod.yml"]


def test_an_override_adds_to_services_or_has_none(tmp_path: Path) -> None:
    first, over = tmp_path / "compose.yaml", tmp_path / "compose.override.yaml"
    first.write_text("name: p\nservices: {a: {image: x}}")
    over.write_text("services: {a: {container_name: mine}, b: {image: x}}")
    found = loaded(compose.read(compose.find(tmp_path), {}), tmp_path)
    assert {name: table["container"] for name, table in found.items()} == {"a": "mine", "b": "p-b-1"}
    over.write_text("volumes: {data: {}}")
    assert list(loaded(compose.read(compose.find(tmp_path), {}), tmp_path)) == ["a"]
    over.write_text("services: [a]")
    with pytest.raises(InventoryError, match=r"override.yaml: it has no services"):
        compose.read(compose.find(tmp_path), {})


def test_both_forms_of_what_a_service_needs(tmp_path: Path) -> None:
    text = """
  a: {image: x, depends_on: [b, c]}
  b: {image: x, depends_on: {c: {condition: service_healthy}}}
  c: {image: x}
  d: {image: x, links: ["a:alias"], network_mode: "service:b"}
"""
    found = services(text, tmp_path)
    assert [found[name].get("dependencies") for name in "abcd"] == [["b", "c"], ["c"], None, ["a", "b"]]


def test_when_it_is_ready(tmp_path: Path) -> None:
    text = """
  checked: {image: x, healthcheck: {test: [CMD, "true"]}, ports: ["1:1"]}
  off: {image: x, healthcheck: {disable: true}}
  none: {image: x, healthcheck: {test: ["NONE"]}}
  short: {image: x, ports: ["9000", "53:53/udp", "8080:80", "81:81"]}
  local: {image: x, ports: ["127.0.0.1:8080-8090:80-90"]}
  other: {image: x, ports: ["10.0.0.1:22:22"]}
  long: {image: x, ports: [{target: 80}, {target: 80, published: 8080, protocol: tcp}]}
  clock: {image: x, ports: [22:22]}
  wrong: {image: x, ports: ["x:y", "99999:1", [], "", "::::", "0:1", {published: []}]}
  open: {image: x, ports: ["${PORT}:80"]}
"""
    found = services(text, tmp_path)
    assert {name: table.get("ready") for name, table in found.items()} == {
        "checked": "health",
        "off": None,
        "none": None,
        "short": {"port": 8080},
        "local": {"port": 8080},
        "other": {"port": 22, "host": "10.0.0.1"},
        "long": {"port": 8080},
        "clock": {"port": 22},  # YAML 1.1 would have it be the number 1342
        "wrong": None,
        "open": None,
    }
    assert services(text, tmp_path, PORT="5000")["open"]["ready"] == {"port": 5000}


def test_which_gpus_it_asks_for(tmp_path: Path) -> None:
    devices = "deploy: {resources: {reservations: {devices: [%s]}}}"
    text = f"""
  ids: {{image: x, {devices % '{driver: nvidia, device_ids: ["0", "01", "GPU-7"], capabilities: [gpu]}'}}}
  count: {{image: x, {devices % "{driver: nvidia, count: 1, capabilities: [gpu]}"}}}
  tpu: {{image: x, {devices % "{driver: google, capabilities: [tpu]}"}}}
  whole: {{image: x, gpus: all}}
  list: {{image: x, gpus: [{{device_ids: ["2"]}}]}}
  runtime: {{image: x, runtime: nvidia}}
"""
    found = services(text, tmp_path)
    assert {name: (table["resource_type"], table.get("gpus")) for name, table in found.items()} == {
        "ids": ("gpu", [0, 1, "GPU-7"]),
        "count": ("gpu", None),
        "tpu": ("cpu", None),
        "whole": ("gpu", None),
        "list": ("gpu", [2]),
        "runtime": ("gpu", None),
    }
    text = (tmp_path / "out.toml").read_text()
    assert text.count("# vram_mb = 2048") == 5 and text.count("# gpus = [0]") == 3


@pytest.mark.parametrize(
    ("names", "has_gpu", "kind"),
    [
        (("nginx", "nginx:1.27"), False, ("service", "cpu")),
        (("cache", "redis:7-alpine"), False, ("service", "ram")),
        (("voice-rvc", ""), True, ("model", "gpu")),
        (("llm", "ghcr.io/ollama/ollama:latest"), False, ("model", "cpu")),
        (("pitch", "acme/rmvpe@sha256:00"), True, ("component", "gpu")),
        (("anything", "registry.model.example:5000/acme/thing:bark"), True, ("model", "gpu")),
        (("anything", "registry.model.example:5000/acme/thing:bark"), False, ("service", "cpu")),
    ],
)
def test_what_it_most_likely_is(names: tuple[str, ...], has_gpu: bool, kind: tuple[str, str]) -> None:
    assert (kinds.type_of(names, has_gpu=has_gpu), kinds.resource_type_of(names, has_gpu=has_gpu)) == kind


def test_anchors_merges_and_tags(tmp_path: Path) -> None:
    text = """
  base: &base {image: x, depends_on: [db], container_name: base}
  db: &db {image: mariadb, ports: ["3306:3306"]}
  one: {<<: *base, container_name: one}
  two: {<<: [*base, *db], container_name: two, depends_on: !override [one]}
  three: {<<: *db, container_name: three, ports: !reset []}
"""
    found = services(text, tmp_path)
    assert (found["one"]["container"], found["one"]["dependencies"]) == ("one", ["db"])
    assert (found["two"]["dependencies"], found["two"]["ready"]) == (["one"], {"port": 3306})
    assert "ready" not in found["three"]


def test_a_service_that_extends_others(tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "common.yml").write_text(
        "services:\n"
        "  gpu: {gpus: [{device_ids: ['1']}], extends: {service: base}}\n"
        "  base: {healthcheck: {test: ['CMD', 'x']}, ports: ['1:1']}\n"
    )
    text = """
  a: {extends: {file: more/common.yml, service: gpu}, image: x}
  b: {extends: {service: c}, healthcheck: {disable: true}}
  c: {image: x, healthcheck: {test: ['CMD', 'x']}, depends_on: [a]}
"""
    found = services(text, tmp_path)
    assert (found["a"]["gpus"], found["a"]["ready"]) == ([1], "health")
    assert (found["b"].get("ready"), found["b"]["dependencies"]) == (None, ["a"])


def test_a_later_file_over_the_ones_before(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("name: p\nservices: {a: {image: x, depends_on: [b]}, b: {image: x}}")
    (tmp_path / "b.yml").write_text("services: {a: {container_name: mine, depends_on: [c]}, c: {image: x}}")
    found = loaded(compose.read([tmp_path / "a.yml", tmp_path / "b.yml"], {}), tmp_path)
    assert (found["a"]["container"], found["a"]["dependencies"]) == ("mine", ["b", "c"])


def test_variables_from_the_environment_and_the_file_beside_it(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("# no\nexport NAME='of_file'\nOTHER=of_file\nnonsense\n")
    text = "  a: {image: x, container_name: '${NAME}'}\n  b: {image: x, container_name: '${OTHER:-no}'}"
    found = services(text, tmp_path, OTHER="of_env")
    assert (found["a"]["container"], found["b"]["container"]) == ("of_file", "of_env")


def test_a_name_that_nobody_knows_is_left_to_people(tmp_path: Path) -> None:
    text = "  a: {image: x, container_name: '${NAME}'}\n  b: {image: x, depends_on: [a]}"
    found = services(text, tmp_path)
    assert list(found) == ["b"] and "dependencies" not in found["b"]
    written = (tmp_path / "out.toml").read_text()
    assert '# container = "${NAME}"' in written and "# depends on ${NAME}, which is no entry here" in written


# -- what cannot stay ----------------------------------------------------------------------------------


def test_what_does_not_fit_is_left_out_and_noted(tmp_path: Path) -> None:
    text = """
  a: {image: x, depends_on: [b]}
  b: {image: x, depends_on: [c, gone]}
  c: {image: x, depends_on: [a, c]}
  Stream: {image: x}
  stream: {image: x}
  _: {image: x, profiles: [gpu]}
  twin: {image: x, container_name: p-a-1}
"""
    found = services(text, tmp_path)
    assert [name for name in found if name not in "abc"] == ["stream-2", "stream-3", "asset"]
    needs = {name: found[name].get("dependencies", []) for name in "abc"}
    assert sorted(map(len, needs.values())) == [0, 1, 1]
    written = (tmp_path / "out.toml").read_text()
    assert "in a circle: left out" in written and "# depends on gone, which is no entry here" in written
    assert "# started only with the profile gpu" in written


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "it is no compose file: expected tables such as `services:`"),
        ("just text", "it is no compose file: expected tables such as `services:`"),
        ("- a", "it is no compose file: expected tables such as `services:`"),
        ("services:", "it has no services, so it is no compose file"),
        ("services: [a]", "it has no services, so it is no compose file"),
        ("a: [", "it is not valid YAML: "),
        ("a: b: c", "it is not valid YAML: mapping values are not allowed here (line 1)"),
        ("a: \x00", "it is not valid YAML: "),
        ("a: *nowhere", "it is not valid YAML: found undefined alias 'nowhere' (line 1)"),
        ("a: &a [*a]", "it is not valid for a compose file: line 1 contains itself"),
        ("services: {a: {extends: {service: no}}}", "a service extends 'no', which is not there"),
        ("services: {a: {extends: {service: a}}}", "'a' extends in a circle, or over more than 8 services"),
        ("services: {a: {extends: {service: a, file: no.yml}}}", "it cannot be read: No such file or directory"),
        ("[" * 3_000, "it is not valid YAML for a compose file: it is nested too deeply"),
        ("a: " + "x" * (300 << 10), "it has more than 256 KiB, which is more than compose files have"),
    ],
)
def test_what_cannot_be_read_is_one_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InventoryError) as caught:
        drafted(text, tmp_path)
    said = str(caught.value)
    assert said.startswith(str(tmp_path)) and message in said and "\n" not in said


@pytest.mark.parametrize("name", ["no.yml", ".", "binary.yml"])
def test_files_that_are_none(tmp_path: Path, name: str) -> None:
    (tmp_path / "binary.yml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InventoryError, match=r"no file$|cannot be read: "):
        compose.read([tmp_path / name], {})


def test_services_of_every_odd_shape_do_no_harm(tmp_path: Path) -> None:
    text = """
  a:
  b: text
  c: [1, 2]
  d: {image: [x], container_name: {a: b}, depends_on: text, healthcheck: no, ports: text, deploy: [x], gpus: {}}
  e: {depends_on: [[a], {b: c}, a], ports: {a: b}, profiles: gpu, scale: many, extends: [a], deploy: {replicas: -1}}
  f: {deploy: {resources: {reservations: {devices: [text, {device_ids: [[1]], driver: nvidia}]}}}, scale: 99999999}
  ? {a: b}
  : {image: x}
"""
    found = services(text, tmp_path)
    assert set("abcde") < set(found) and len(found) == 5 + 32


def test_a_file_that_stands_for_billions_costs_nothing(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]", "m0: &m0 {k: v}"]
    for level in range(1, 40):
        lines.append(f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]")
        lines.append(f"m{level}: &m{level} {{<<: [{', '.join([f'*m{level - 1}'] * 10)}], k{level}: v}}")
    started = time.process_time()
    found = drafted("\n".join(lines) + "\nservices: {a: {image: x, depends_on: *a39, <<: *m39}}", tmp_path)
    assert list(found) == ["a"] and time.process_time() - started < 30.0


def test_merges_that_would_fill_the_memory_are_refused(tmp_path: Path) -> None:
    many = ", ".join(f"k{number}: v" for number in range(5000))
    lines = [f"base: &base {{{many}}}", *(f"x{number}: {{<<: *base}}" for number in range(2000))]
    with pytest.raises(InventoryError, match="its merges"):
        drafted("\n".join(lines), tmp_path)


LETTERS = "aZ09._-/\\ \"'\n\t\x00\x7f\x85{}[]#=$:é😀\ud800"


def test_whatever_names_there_are_the_file_can_be_loaded(tmp_path: Path) -> None:
    luck = chance()

    def word() -> str:
        return "".join(luck.choices(LETTERS, k=luck.randint(0, 12)))

    for _ in range(times(5_000, 40)):
        made = [
            Draft(
                name=word(),
                container=luck.choice([word(), f"c{luck.randint(0, 9)}"]),
                dependencies=tuple(f"c{luck.randint(0, 9)}" for _ in range(luck.randint(0, 3))),
                gpus=luck.choice([None, (), (word(), "0", "007")]),
                port=luck.choice([None, (word(), 1)]),
                notes=(word(),),
            )
            for _ in range(luck.randint(1, 8))
        ]
        loaded(made, tmp_path)


# -- the containers of an engine -----------------------------------------------------------------------


def inspected(name: str, **changes: Any) -> dict[str, Any]:
    labels = changes.pop("labels", {})
    config = {"Image": changes.pop("image", "x"), "Labels": labels, "Healthcheck": changes.pop("health", None)}
    host = {"DeviceRequests": changes.pop("devices", None), "PortBindings": changes.pop("ports", None)}
    return {"Name": f"/{name}", "Config": config, "HostConfig": host}


def of_compose(project: str, service: str, needs: str = "", **more: str) -> dict[str, str]:
    return {
        "com.docker.compose.project": project,
        "com.docker.compose.service": service,
        "com.docker.compose.depends_on": needs,
        **more,
    }


def test_containers_of_compose_go_by_their_service(tmp_path: Path) -> None:
    needs = "hubert:service_healthy:false,cache:service_started:true,gone:service_started:false"
    gpu = [{"Driver": "nvidia", "Count": 0, "DeviceIDs": ["0"], "Capabilities": [["gpu"]]}]
    published = {"80/tcp": [{"HostIp": "", "HostPort": "8080"}], "53/udp": [{"HostIp": "", "HostPort": "53"}]}
    found = [
        inspected("p-cache-1", image="redis:7", labels=of_compose("p", "cache"), ports=published),
        inspected("p-hubert-1", labels=of_compose("p", "hubert"), health={"Test": ["CMD", "x"]}),
        inspected("p-rvc-1", labels=of_compose("p", "rvc", needs), devices=gpu, health={"Test": ["NONE"]}),
        inspected("q-rvc-1", labels=of_compose("q", "rvc", "hubert:service_started:false")),
        inspected("once", labels=of_compose("p", "rvc", **{"com.docker.compose.oneoff": "True"})),
        inspected("by-hand", devices=[{"Driver": "", "Count": -1, "DeviceIDs": None, "Capabilities": [["gpu"]]}]),
    ]
    tables = loaded(list(containers.drafts(found)), tmp_path)
    assert {name: table["container"] for name, table in tables.items()} == {
        "cache": "p-cache-1", "hubert": "p-hubert-1", "rvc": "p-rvc-1", "rvc-2": "q-rvc-1", "by-hand": "by-hand",
    }  # fmt: skip
    assert (tables["cache"]["ready"], tables["cache"]["resource_type"]) == ({"port": 8080}, "ram")
    assert (tables["hubert"]["ready"], tables["rvc"].get("ready")) == ("health", None)
    assert (tables["rvc"]["dependencies"], tables["rvc"]["gpus"]) == (["hubert", "cache"], [0])
    assert "dependencies" not in tables["rvc-2"] and tables["by-hand"]["resource_type"] == "gpu"


def test_containers_with_nothing_to_say_do_no_harm(tmp_path: Path) -> None:
    odd = [{}, {"Name": None, "Config": None, "HostConfig": None}, inspected("ab", ports={"80/tcp": None})]
    assert list(loaded(list(containers.drafts(odd)), tmp_path)) == ["ab"]


def test_without_an_engine_it_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(InventoryError, match=r"the Docker engine cannot be asked: .*no Docker engine here"):
        containers.read(tmp_path / "docker.sock")


def test_the_drafts_are_texts_of_toml() -> None:
    text = draft.as_toml([Draft(name="a", container='x"\\y\x7f', notes=("n\x00",))])
    assert json.dumps("a") in text and all(letter.isprintable() or letter == "\n" for letter in text)
