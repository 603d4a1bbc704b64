"""What our own reading tells beside what the corpus holds: names, notes, what the program refuses, what means harm."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path

import pytest

from mixdesk_control import compose
from mixdesk_control.compose import ComposeError, Project, Volume
from mixdesk_control.compose.errors import TooMuchError


def written(folder: Path, **files: str) -> None:
    for name, text in files.items():
        (folder / f"{name}.yml").write_text(text)


def read(folder: Path, text: str, **env: str) -> Project:
    written(folder, compose=text)
    return compose.read([folder / "compose.yml"], {"HOME": "/home/me", **env})


def refused(folder: Path, text: str) -> str:
    with pytest.raises(ComposeError) as caught:
        read(folder, text)
    said = str(caught.value)
    assert said.startswith(str(folder)) and "\n" not in said
    return said


# -- names and notes -----------------------------------------------------------------------------------


def test_the_containers_of_a_service(tmp_path: Path) -> None:
    text = "name: p\nservices: {a: {image: x}, b: {image: x, container_name: mine}, c: {image: x, scale: 2}}"
    project = read(tmp_path, text + "\n", COMPOSE_PROJECT_NAME="")
    assert [project.container_names(name) for name in "abc"] == [("p-a-1",), ("mine",), ("p-c-1", "p-c-2")]
    many = read(tmp_path, "name: p\nservices: {a: {scale: 99999999}, b: {deploy: {replicas: 0}}}")
    assert len(many.container_names("a")) == 100 and many.container_names("b") == ()


@pytest.mark.parametrize(
    ("text", "env", "name"),
    [
        ("services: {a: }", {}, "myfolder1"),
        ("services: {a: }\nname: The Name", {}, "thename"),
        ("services: {a: }\nname: '${N}'", {"N": "_of-env"}, "of-env"),
        ("services: {a: }\nname: '${N}'", {}, "myfolder1"),
        ("services: {a: }\nname: one", {"COMPOSE_PROJECT_NAME": "other"}, "other"),
    ],
)
def test_the_project_has_a_name(tmp_path: Path, text: str, env: dict[str, str], name: str) -> None:
    folder = tmp_path / "My Folder.1"
    folder.mkdir()
    assert read(folder, text, **env).name == name


def test_the_name_may_stand_beside_the_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("COMPOSE_PROJECT_NAME=beside\n")
    assert read(tmp_path, "name: inside\nservices: {a: }").name == "beside"


def test_variables_without_a_value_are_noted(tmp_path: Path) -> None:
    project = read(tmp_path, "services: {a: {image: '$ONE/${TWO:?must}/${THREE:-x}', container_name: '${FOUR}'}}")
    assert (project.services["a"].image, project.services["a"].container_name) == ("//x", "${FOUR}")
    assert project.notes == ("variables without a value are read as empty: ONE, TWO, FOUR",)


def test_a_broken_file_of_variables_is_noted(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("A=1\nB C=2\n")
    project = read(tmp_path, "services: {a: {image: '${A:-x}'}}")
    assert project.services["a"].image == "x"
    assert project.notes == (f"{tmp_path}/.env is not used: line 2: 'B C=2' sets no variable",)


def test_secrets_are_not_kept(tmp_path: Path) -> None:
    text = "services: {a: {image: x, environment: {KEY: hush}, command: [--key, hush], build: {args: {K: hush}}}}"
    assert "hush" not in repr(read(tmp_path, text))


# -- what the program of today refuses, or reads now so and now so -------------------------------------


def test_what_is_included_can_be_changed_and_extended(tmp_path: Path) -> None:
    written(tmp_path, other="services: {a: {image: x, labels: {a: '1'}, volumes: ['./a:/a']}}")
    text = "include: [other.yml]\nservices: {a: {labels: {b: '2'}}, b: {extends: a, container_name: b}}"
    project = read(tmp_path, text)
    assert project.services["a"].labels == {"a": "1", "b": "2"} == project.services["b"].labels
    assert project.services["b"].volumes == (Volume("bind", f"{tmp_path}/a", "/a"),)


def test_marks_hold_through_aliases_and_several_extensions(tmp_path: Path) -> None:
    text = """
x-labels: &labels {a: !reset null, b: over}
x-ports: &ports !override ["9:9"]
services:
  base: {image: x, ports: ["1:1"], labels: {a: '1', b: '2'}}
  one: {extends: base, ports: *ports, labels: *labels}
  two: {extends: one, ports: ["3:3"]}
"""
    services = read(tmp_path, text).services
    assert services["one"].labels == {"b": "over"} == services["two"].labels
    assert [[port.target for port in services[name].ports] for name in ("one", "two")] == [[9], [9, 3]]


@pytest.mark.parametrize(
    "text",
    [
        "name: M\ninclude: M\nservices: {a: {}}",
        "include: [{path: M, project_directory: M, env_file: M}]\nservices: {a: {}}",
        "volumes: {v: M, w: {name: M, external: M, driver: local, driver_opts: {o: bind, device: M}}}\nservices: {a: }",
        "services: {a: {volumes: [{type: bind, source: M, target: M}, M, './a:/a'], ports: [{target: M}, M]}}",
        "services: {a: {}, b: {extends: M}}",
        "services: {a: {}, b: {extends: {service: M}}}",
        "services: {a: {}, b: {extends: {service: a, file: M}}}",
        "services: {a: {gpus: [{device_ids: M, driver: M}], depends_on: {b: M}, labels: {l: M}, image: M}, b: {}}",
        "services: {a: {healthcheck: {test: M}, logging: M, deploy: {resources: M, replicas: M}, scale: M}}",
        "services: {a: {tmpfs: M, profiles: [M], container_name: M, links: M, network_mode: M}}",
        "services: {a: M, b: {}}",
        "services: M",
    ],
)
def test_marks_in_odd_places_do_no_harm(tmp_path: Path, text: str) -> None:
    written(tmp_path, x="services: {a: {image: y}}", over="services: {a: {image: x}}")
    for mark in ("!reset", "!override"):
        for value in ("x", "[x]", "{x: y}", "~", "a"):
            (tmp_path / "compose.yml").write_text(text.replace("M", f"{mark} {value} "))
            try:
                compose.read([tmp_path / "compose.yml", tmp_path / "over.yml"], {})
            except ComposeError as error:
                assert "\n" not in str(error)


def test_what_is_no_service_does_no_harm(tmp_path: Path) -> None:
    text = """
volumes: [x]
services:
  a:
  b: text
  c: [1, {x: y}]
  d: {image: [x], container_name: {a: b}, depends_on: text, volumes: text, ports: {a: b}, logging: [x], labels: x}
  e: {volumes: [[a], {b: c}, "", ":::", "aa:", "aa::b", "aa:bb:cc:dd", ~, {target: }]}
  g: {tmpfs: {a: b}, healthcheck: x, deploy: {x: y}}
  f: {extends: [a], profiles: x, gpus: {}, links: [[a]], tmpfs: [~], logging: {options: [a]}, scale: many}
"""
    services = read(tmp_path, text).services
    assert set(services) == set("abcdefg")
    assert all(not service.volumes and not service.ports for service in services.values())


# -- files that are not there, or are none -------------------------------------------------------------


def test_addresses_are_not_fetched(tmp_path: Path) -> None:
    text = "include: ['https://example.com/a.git', {path: 'git@example.com:a.git'}, 'oci://x/y']\nservices: {a: }"
    project = read(tmp_path, text)
    assert list(project.services) == ["a"]
    assert [note.split(" ")[2] for note in project.notes] == [
        "https://example.com/a.git,", "git@example.com:a.git,", "oci://x/y,",
    ]  # fmt: skip


@pytest.mark.parametrize("key", ["include: [%s]", "services: {b: {extends: {file: '%s', service: a}}}"])
def test_other_files_must_be_there(tmp_path: Path, key: str) -> None:
    said = refused(tmp_path, key % "nowhere.yml" + "\nx-more: {}")
    assert said == f"{tmp_path}/nowhere.yml: it cannot be read: No such file or directory"


def test_what_is_no_file_holds_nothing_up(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    os.mkfifo(tmp_path / ".env")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "sock"))
        for name in ("pipe", "sock", ".", "/dev/zero", "/dev/tty"):
            with pytest.raises(ComposeError, match=r"it is no file|it cannot be read: "):
                compose.read([tmp_path / name], {})
    written(tmp_path, inner="services: {b: }")
    project = read(tmp_path, "include: [{path: inner.yml, env_file: pipe}]\nservices: {a: }")
    assert set(project.services) == {"a", "b"}
    assert [note.split(" is not used: ")[1] for note in project.notes] == ["it is no file"] * 2


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    for content in (b"\xff\xfe\x00", b"a: \xe9", b"\x00" * 100):
        (tmp_path / "compose.yml").write_bytes(content)
        with pytest.raises(ComposeError, match=r"it cannot be read: |it is not valid YAML: "):
            compose.read([tmp_path / "compose.yml"], {})


@pytest.mark.parametrize("path", ["x" * 5_000, "a\\0b", "/proc/self/mem", f"{'x' * 200}/{'y' * 300}"])
def test_paths_that_no_file_can_have(tmp_path: Path, path: str) -> None:
    for text in ('include: [{path: "%s"}]\nservices: {a: }', 'services: {a: {extends: {file: "%s", service: b}}}'):
        with pytest.raises(ComposeError, match="it cannot be read: "):
            read(tmp_path, text % path)


# -- what means harm -----------------------------------------------------------------------------------


def test_circles_are_refused(tmp_path: Path) -> None:
    written(tmp_path, one="include: [two.yml]\nservices: {a: }", two="include: [one.yml]")
    assert "and that includes it again" in refused(tmp_path, "include: [one.yml]")
    assert "and that includes it again" in refused(tmp_path, "include: [compose.yml]")
    written(tmp_path, leaf="services: {a: }")
    assert "in a circle" in refused(tmp_path, "include: [{path: [leaf.yml, compose.yml]}]")
    written(tmp_path, other="services: {b: {extends: {file: compose.yml, service: a}}}")
    assert "in a circle" in refused(tmp_path, "services: {a: {extends: {file: other.yml, service: b}}}")


def test_files_that_include_each_other_without_end(tmp_path: Path) -> None:
    for number in range(12):
        written(tmp_path, **{f"f{number}": f"include: [f{number + 1}.yml, f{number + 1}.yml]"})
    written(tmp_path, f12="services: {a: }")
    with pytest.raises(TooMuchError, match="more than 256 times"):
        read(tmp_path, "include: [f0.yml]")


def test_more_files_than_anybody_has(tmp_path: Path) -> None:
    for number in range(40):
        written(tmp_path, **{f"f{number}": "services: {a: }"})
    with pytest.raises(TooMuchError, match="more than 32 files"):
        read(tmp_path, f"include: [{', '.join(f'f{number}.yml' for number in range(40))}]")


@pytest.mark.parametrize(
    ("head", "services", "reason"),
    [
        (f"v: &v [{', '.join(f'./{n}:/{n}' for n in range(1_000))}]", "volumes: *v", "more than 100000 entries"),
        (f"p: &p [{', '.join(['1-1024:1-1024'] * 900)}]", "ports: *p", "more than 100000 entries"),
        ("t: &t ./%s:/a" % ("x" * 40_000), "volumes: [*t]", "more than 100000 entries"),
        ("", "image: '${A:-%s}'" % ("x" * 70_000), "stand for more than 64 KiB"),
    ],
)
def test_a_little_that_stands_for_much_is_refused(tmp_path: Path, head: str, services: str, reason: str) -> None:
    lines = [head, "services:", *(f"  s{number}: {{{services}}}" for number in range(1 if not head else 200))]
    with pytest.raises(TooMuchError, match=reason):
        read(tmp_path, "\n".join(lines))


def test_values_that_double_themselves_are_not_used(tmp_path: Path) -> None:
    lines = ["A0=xxxxxxxxxxxxxxxx", *(f"A{number + 1}=$A{number}$A{number}" for number in range(60))]
    (tmp_path / ".env").write_text("\n".join(lines))
    project = read(tmp_path, "services: {a: {image: '${A60:-x}'}}")
    assert project.services["a"].image == "x" and "stand for more than 64 KiB" in project.notes[0]


def test_large_values_many_times_are_refused(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"A={'x' * 60_000}\n")
    text = "services:\n" + "\n".join(f"  s{number}: {{ports: [$A]}}" for number in range(100))
    with pytest.raises(TooMuchError, match="bring more than 4 MiB"):
        read(tmp_path, text)


@pytest.mark.parametrize("unit", ["${A:-{ ", "${A:-", "${", "$", "}${A", "${A:-{}", "{${A:+"])
def test_signs_without_end_cost_little(tmp_path: Path, unit: str) -> None:
    started = time.process_time()
    try:
        read(tmp_path, f"services: {{a: {{image: '{unit * (30_000 // len(unit))}'}}}}")
    except TooMuchError:
        pass
    assert time.process_time() - started < 30.0  # linear: 0.2 s
