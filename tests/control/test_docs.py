"""docs/desk.md, docs/api.md and docs/assets.md say what the code does, and the other way round."""

from __future__ import annotations

import configparser
import importlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pages
import pytest
import typer.main
from fastapi import FastAPI
from fastapi.routing import APIWebSocketRoute, iter_route_contexts
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from mixdesk import wire
from mixdesk.jobtypes import JOB_TYPES
from mixdesk_control import protocol, settings, tuning
from mixdesk_control.app import create_app
from mixdesk_control.assets import courses, holding, memory, registry
from mixdesk_control.assets import entry as verdicts
from mixdesk_control.assets.drivers import drivers
from mixdesk_control.assets.schema import AssetInfo, HoldRequest, PlanAnswer
from mixdesk_control.auth.guard import roles_of
from mixdesk_control.auth.principal import ROLES
from mixdesk_control.cli import NOUNS
from mixdesk_control.doctor import runner
from mixdesk_control.doctor.finding import Context
from mixdesk_control.jobs import ingest, overload, points, reporting, retention, service
from mixdesk_control.jobs.metrics import MOST_METRICS
from mixdesk_control.operations.operation import ENDED as ENDED_STATES
from mixdesk_control.settings_assets import AssetSettings
from mixdesk_control.store import Store
from mixdesk_control.web import limits, openapi, streams
from mixdesk_control.web.seats import SHARE

PAGES = sorted([*pages.DOCS.glob("*.md"), pages.ROOT / "README.md", pages.ROOT / "CONTRIBUTING.md"])
DESK, API, ASSETS = pages.page("desk"), pages.page("api"), pages.page("assets")


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    folder = tmp_path_factory.mktemp("docs")
    store = Store.open(state_dir=folder)
    yield create_app(settings.load(env={"MIXDESK_STATE_DIR": str(folder)}), store)
    store.close()


# -- all pages -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", PAGES, ids=lambda file: file.name)
def test_links_lead_somewhere_and_code_is_code(file: Path) -> None:
    text = file.read_text()
    missing = [link for link in pages.links(text) if not (file.parent / link).exists()]
    assert not missing
    for code in pages.blocks(text, "python"):
        compile(code, file.name, "exec")
    for code in pages.blocks(text, "json"):
        decoder, rest = json.JSONDecoder(), code.strip()
        while rest:
            _, end = decoder.raw_decode(rest)
            rest = rest[end:].lstrip()


@pytest.mark.parametrize("file", PAGES, ids=lambda file: file.name)
def test_commands_that_are_named_exist(file: Path) -> None:
    # In code only: indented lines, blocks and marks; prose says "mixdesk" too.
    text = file.read_text()
    code = "\n".join([*re.findall(r"^ {4}\S.*$", text, re.MULTILINE), *re.findall(r"`[^`\n]+`", text)])
    for noun, verb in re.findall(r"(?:^|[ `/])mixdesk ([a-z]+)(?: ([a-z]+)\b)?", code, re.MULTILINE):
        assert noun in NOUNS, f"mixdesk {noun}"
        known = commands(noun)
        assert not known or not verb or verb in known, f"mixdesk {noun} {verb}"


def commands(noun: str) -> set[str]:
    """The verbs of a noun; none where it has no verbs."""
    app = importlib.import_module(f"mixdesk_control.cli.{NOUNS[noun][0]}").app
    return set(getattr(typer.main.get_command(app), "commands", ())) if isinstance(app, typer.Typer) else set()


# -- desk.md -------------------------------------------------------------------------------------------


def test_every_setting_is_listed_with_its_default() -> None:
    described = {
        key: default
        for (key, *_), default in (
            (pages.names(row[0]), row[1].strip("`")) for row in pages.table(DESK, "setting", "default", "meaning")
        )
    }
    assert described == dict(known_settings())


def known_settings() -> Iterator[tuple[str, str]]:
    for table, field in settings.Settings.model_fields.items():
        if table == "assets":  # a table an asset, on a page of its own
            continue
        assert isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)
        for key, inner in field.annotation.model_fields.items():
            yield f"{table}.{key}", default_of(inner)


def default_of(field: FieldInfo) -> str:
    value = field.get_default(call_default_factory=True)
    if value is PydanticUndefined:
        return "required"
    return "none" if value is None else json.dumps(value, default=str)


def test_the_settings_shown_are_accepted(tmp_path: Path) -> None:
    shown = pages.blocks(DESK, "toml")
    assert shown
    for code in shown:
        file = tmp_path / "mixdesk.toml"
        file.write_text(code)
        settings.load(file, env={})


def test_every_command_is_listed() -> None:
    cells = [pages.names(row[0])[0].split() for row in pages.table(DESK, "command", "for")]
    assert {words[1] for words in cells} == set(NOUNS)
    for _, noun, *rest in cells:
        verbs = {word.strip(",") for word in rest if re.fullmatch(r"[a-z]+,?", word)}
        assert verbs == commands(noun), noun


def test_every_role_and_every_check_is_listed(tmp_path: Path) -> None:
    assert {row[0] for row in pages.table(DESK, "role", "may")} == set(ROLES)
    found = runner.run(Context(settings.load(env={"MIXDESK_STATE_DIR": str(tmp_path)})))
    listed = [name for row in pages.table(DESK, "check", "looks at") for name in pages.words(row[0])]
    assert listed == [finding.check for finding in found]


def test_the_limits_are_those_of_the_code() -> None:
    rows = {row[0]: row[1] for row in pages.table(DESK, "what", "limit")}
    assert rows["body of a request"] == f"{limits.MAX_BODY // 1024} KiB"
    most = ingest.MAX_PHASES, ingest.MAX_METRICS, ingest.MAX_ARTIFACTS
    assert rows["a report"] == "{} phases, {} logged numbers, {} artifacts".format(*most)
    assert f"{MOST_METRICS} logged numbers" in rows["jobs with series of their own"]
    assert f"{points.MOST} points" in rows["history"]
    assert f"up to {overload.REPORTS_PER_S:,.0f} running jobs" in rows["pace of reports"]
    seats = {"streams": streams.MOST_STREAMS, "long polls": service.MOST_POLLS}
    for row, most in seats.items():
        assert f"{most:,}, one token {most * SHARE:,.0f} of them" in rows[row], row
    assert f"{service.MOST_WAITING:,} jobs" in rows["long polls"]
    assert f"{tuning.MOST_CONNECTIONS:,}" in rows["connections"]
    slowly = f"within {protocol.HEAD_S:.0f} s and its body {protocol.BODY_S:.0f} s later"
    assert slowly in rows["a request that comes slowly"]
    made = f"{reporting.NEW_A_MINUTE} a minute of one token after {reporting.NEW_AT_ONCE:,} at once"
    assert made in rows["new jobs"] and f"{reporting.MOST_LIVE:,}" in rows["new jobs"]
    assert f"{retention.MOST_ENDED:,} jobs" in rows["in memory"]
    assert f"{reporting.MOST_SERIES:,} histories" in rows["in memory"]
    assert service.MOST_FLUSHED / service.FLUSH_S * 2 >= 1000, "of a thousand jobs within two seconds"
    for number in (overload.MAX_LAG_S, overload.MAX_BACKLOG, overload.MAX_UNFLUSHED_S):
        assert re.search(rf"\b{number:,.0f}\b", rows["overload"]), number


def test_the_unit_is_one(tmp_path: Path) -> None:
    text = (pages.DOCS / "mixdesk.service").read_text()
    unit = configparser.RawConfigParser(strict=False)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string(text)
    service = unit["Service"]
    assert service["Restart"] == "always"
    assert service["Environment"] == f"MIXDESK_STATE_DIR=%S/{service['StateDirectory']}"
    assert service["OOMPolicy"] == "continue", "one model that is killed would end all of them with the desk"
    assert service["RemoveIPC"] == "no", "assets live on without the desk"
    assert service["StandardOutput"] == "null", "what `up` prints holds a login link"
    _program, noun = service["ExecStart"].split()
    assert noun == "up"
    if shutil.which("systemd-analyze"):
        copy = tmp_path / "mixdesk.service"
        copy.write_text(text.replace("/opt/mixdesk/bin/mixdesk", sys.executable))
        told = subprocess.run(["systemd-analyze", "verify", copy], capture_output=True, text=True, timeout=30)
        about = [line for line in told.stderr.splitlines() if "mixdesk.service" in line]
        assert not about


# -- api.md: routes ------------------------------------------------------------------------------------


def test_every_route_is_listed_with_its_role(app: FastAPI) -> None:
    listed = {(row[0], pages.names(row[1])[0]): row[2] for row in pages.table(API, "method", "path", "role", "")}
    assert listed == {(method, path): role for method, path, role in routes(app)}


def routes(app: FastAPI) -> Iterator[tuple[str, str, str]]:
    for route in iter_route_contexts(app.routes):
        websocket = isinstance(route.original_route, APIWebSocketRoute)
        for method in ["WS"] if websocket else set(route.methods or ()) - {"HEAD"}:
            yield method, str(route.path), role_text(roles_of(route))


def role_text(declared: frozenset[str] | None) -> str:
    assert declared is not None
    if declared == frozenset(ROLES):
        return "any"
    return " or ".join(sorted(declared)) or "open"


def test_every_filter_is_listed(app: FastAPI) -> None:
    rows = {pages.names(row[0])[0]: set(pages.names(row[1])) - {"lost"} for row in pages.table(API, "list", "filters")}
    document = openapi.describe(app)
    for path, operations in document["paths"].items():
        known = {item["name"] for item in operations.get("get", {}).get("parameters", ()) if item["in"] == "query"}
        if "cursor" in known:
            assert rows.pop(path) == known - {"limit", "cursor"}, path
    assert not rows


def test_close_codes_and_states_are_those_of_the_code() -> None:
    codes = {int(row[0]) for row in pages.table(API, "close code", "means")}
    assert codes == {streams.GONE, streams.CRASHED, streams.TOO_SLOW, streams.ENDED}
    states = [pages.names(row[0])[0] for row in pages.table(API, "state", "means")]
    assert sorted(states) == sorted(ENDED_STATES)


# -- api.md: reports -----------------------------------------------------------------------------------


def example(mark: str) -> dict[str, Any]:
    return dict(json.loads(pages.marked(API, mark)))


def test_the_report_shown_is_whole_and_taken_as_it_is() -> None:
    shown = example("report")
    assert_whole(shown, wire.Report)
    # Whatever the desk sets right or leaves out would differ.
    assert json.loads(wire.encode(ingest.decode(shown["job_id"], json.dumps(shown).encode()))) == shown


def assert_whole(data: Any, kind: Any) -> None:
    """`data` has exactly the fields of the dataclass `kind`, all the way down."""
    if isinstance(data, list):
        for item in data:
            assert_whole(item, get_args(kind)[0])
    elif isinstance(data, dict) and (model := dataclass_in(kind)) is not None:
        assert set(data) == {item.name for item in fields(model)}, model.__name__
        hints = get_type_hints(model)
        for name, value in data.items():
            assert_whole(value, hints[name])


def dataclass_in(kind: Any) -> Any:
    found = [item for item in (kind, *get_args(kind)) if is_dataclass(item)]
    return found[0] if found else None


def test_every_field_of_a_report_is_explained() -> None:
    listed = [name for row in pages.table(API, "field", "meaning") for name in pages.names(row[0])]
    assert sorted(listed) == sorted(item.name for item in fields(wire.Report))


def test_the_answers_shown_have_the_fields_of_the_code() -> None:
    assert_whole(example("answer"), wire.ReportAnswer)
    assert wire.answer_from(example("answer")).desired.checkpoint is not None
    for desired in example("desired")["jobs"].values():
        assert_whole(desired, wire.Desired)


def test_a_desk_answers_the_report_as_shown(desk: Any) -> None:
    shown = example("report")
    path = f"/jobs/{shown['job_id']}"
    given = desk.ask("PUT", f"{path}/report", "reporter", json=shown)
    assert given.status_code == 200, given.text
    # Nothing was asked at this desk: it takes over what the trainer has obeyed.
    assert given.json() == example("answer")
    polled = desk.ask("GET", "/jobs/desired", "reporter", params={"job": f"{shown['job_id']}:0", "wait": 0})
    assert list(polled.json()) == list(example("desired"))
    problem = desk.ask("GET", "/jobs", "viewer", params={"status": "foo"})
    assert problem.headers["Content-Type"] == "application/problem+json"
    assert problem.json() == json.loads(pages.blocks(API, "json")[0])


def test_another_back_end_queues_a_job(desk: Any, tmp_path: Path) -> None:
    """What the PHP sends, sent; a trainer takes it up by MIXDESK_JOB and ends it."""
    report = php_report(pages.blocks(API, "php")[0])
    job_id = report["job_id"]
    given = desk.ask("PUT", f"/jobs/{job_id}/report", "reporter", json=report)
    assert given.status_code == 200, given.text
    assert desk.ask("GET", f"/jobs/{job_id}", "viewer").json()["status"] == "queued"
    script = (
        "import mixdesk\nwith mixdesk.job('training_rvc', name='anton') as job:\n    job.phase('packaging').skip()\n"
    )
    env = desk.env | {"MIXDESK_JOB": f"{job_id}:{report['job_key']}", "MIXDESK_STATE_DIR": str(tmp_path)}
    env |= {"MIXDESK_URL": desk.url, "MIXDESK_TOKEN": desk.tokens["reporter"]}
    subprocess.run([sys.executable, "-c", script], env=env, check=True, timeout=60)
    job = desk.ask("GET", f"/jobs/{job_id}", "viewer").json()
    assert (job["status"], job["owner"]) == ("succeeded", report["owner"])


def php_report(code: str) -> dict[str, Any]:
    """The array of the PHP example, its variables filled in."""
    literal = re.search(r"\$report = \[(.*?)\];", code, re.DOTALL)
    assert literal is not None
    given = {"$id": os.urandom(16).hex(), "$key": os.urandom(32).hex()}
    given["gmdate('Y-m-d\\TH:i:s\\Z')"] = "2026-11-24T12:00:00Z"
    pairs = re.findall(r"'(\w+)' => (gmdate\('[^']*'\)|'[^']*'|\$\w+|\d+),", literal[1])
    assert len(pairs) == literal[1].count("=>")
    return {key: given.get(value) or json.loads(value.replace("'", '"')) for key, value in pairs}


# -- assets.md -----------------------------------------------------------------------------------------


def test_every_key_of_the_registry_is_listed_with_its_default() -> None:
    rows = pages.table(ASSETS, "key", "default", "meaning")
    listed = {name: row[1].strip("`") for row in rows for name in pages.names(row[0])}
    assert listed == dict(keys_of(AssetSettings))


def keys_of(model: type[BaseModel], before: str = "") -> Iterator[tuple[str, str]]:
    """Keys with their tables, `ready.port`, and defaults."""
    for name, field in model.model_fields.items():
        key, inner = f"{before}{field.alias or name}", model_in(field.annotation)
        if inner is None:
            yield key, default_of(field)
        else:
            yield from keys_of(inner, f"{key}.")


def model_in(annotation: Any) -> type[BaseModel] | None:
    found = [item for item in (annotation, *get_args(annotation)) if isinstance(item, type)]
    return next((item for item in found if issubclass(item, BaseModel)), None)


def test_the_registries_shown_are_registries(tmp_path: Path) -> None:
    readme = [code for code in pages.blocks((pages.ROOT / "README.md").read_text(), "toml") if "[[assets]]" in code]
    assert readme
    for code in (pages.marked(ASSETS, "registry"), *readme):
        file = tmp_path / "mixdesk.toml"
        file.write_text(code)
        loaded = settings.load(file, env={})
        assert len(registry.build(loaded.assets, drivers(loaded)).assets) > 1


def test_statuses_and_drift_are_those_of_the_code() -> None:
    assert {pages.names(row[0])[0] for row in pages.table(ASSETS, "status", "when")} == set(verdicts.STATUSES)
    drift = {verdicts.CRASHED, verdicts.STOPPED_ELSEWHERE, verdicts.STARTED_ELSEWHERE}
    assert {pages.names(row[0])[0] for row in pages.table(ASSETS, "drift", "")} == drift


def test_the_numbers_of_assets_are_those_of_the_code() -> None:
    headroom = settings.GpuSettings().headroom_mb
    (ttl,) = (default_of(field) for name, field in HoldRequest.model_fields.items() if name == "ttl_s")
    assert f"up to {memory.FREED_S:g} seconds for four fifths" in ASSETS and memory.BACK == 4 / 5
    assert f"`gpu.headroom_mb` ({headroom:g})" in ASSETS
    assert f"More than {courses.STALE_S / 60:g} minutes".lower() in ASSETS
    assert f"`ttl_s` ({float(ttl):g}, at most a day)" in ASSETS
    assert f"at most {holding.MOST}." in ASSETS
    assert "not `{}` or `{}`".format(*sorted(registry.RESERVED, reverse=True)) in ASSETS


def test_the_json_of_assets_is_shown_whole() -> None:
    for mark, model in (("asset", AssetInfo), ("plan", PlanAnswer)):
        shown = example(mark)
        model.model_validate(shown, strict=True)
        assert set(shown) == set(model.model_fields) - {"process_name"}, "a container has none"
    listed = [name for row in pages.table(API, "field of an asset", "") for name in pages.names(row[0])]
    assert sorted(listed) == sorted(AssetInfo.model_fields)


# -- trainer.md ----------------------------------------------------------------------------------------


def test_the_job_types_are_those_of_the_code() -> None:
    listed = {
        job_type: dict(part.rsplit(" ", 1) for part in pages.words(row[1]))
        for row in pages.table(pages.page("trainer"), "job type", "phases (weight)")
        for job_type in pages.words(row[0])
    }
    assert listed == {name: {step.key: f"{step.weight:g}" for step in steps} for name, steps in JOB_TYPES.items()}
