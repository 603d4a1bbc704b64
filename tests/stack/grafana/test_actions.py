"""The buttons of the panels: what each would send is what the desk's OpenAPI says, and is sent to a real desk.

Grafana itself is in no registry here: `Person.press` puts the values of a row in their places as Grafana does.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jsonschema_rs
import pytest
import requests
from live_desk import Desk, free_port, wait_until

import dashboards
from mixdesk_control import settings
from mixdesk_control.app import create_app
from mixdesk_control.store import Store
from mixdesk_control.web import openapi

Json = dict[str, Any]
FIELD = re.compile(r'\$\{__data\.fields\["(\w+)"\](:percentencode)?\}')
REGISTRY = """
[[assets]]
id = "worker"
process.argv = ["sleep", "600"]
"""


@dataclass(frozen=True)
class Button:
    """An action of a panel, and the panel."""

    uid: str
    panel: Json
    column: Json
    action: Json

    def __str__(self) -> str:
        return f"{self.uid}/{self.panel['title']}/{self.action['title']}"

    @property
    def fetch(self) -> Json:
        return dict(self.action["fetch"])


def buttons() -> Iterator[Button]:
    for file in dashboards.files():
        board = dashboards.load(file)
        for panel in dashboards.panels(board):
            for column in panel["fieldConfig"]["overrides"]:
                for item in column["properties"]:
                    if item["id"] == "actions":
                        yield from (Button(board["uid"], panel, column, action) for action in item["value"])


BUTTONS = list(buttons())
each_button = pytest.mark.parametrize("button", BUTTONS, ids=str)


def test_jobs_and_assets_have_their_buttons() -> None:
    titles = {uid: {one.action["title"] for one in BUTTONS if one.uid == uid} for uid in {one.uid for one in BUTTONS}}
    of_jobs = {"Save checkpoint", "Save and cancel", "Pause", "Resume"}
    assert titles == {"mixdesk-jobs": of_jobs, "mixdesk-job": of_jobs, "mixdesk-assets": {"Start", "Stop"}}


# -- how they are shown ----------------------------------------------------------------------------------


def test_nothing_acts_but_these() -> None:
    """No canvas (its buttons ask nobody), no action for every cell of a panel, none hidden in a link."""
    for file in dashboards.files():
        board = dashboards.load(file)
        assert not [panel["title"] for panel in dashboards.panels(board) if panel["type"] == "canvas"]
        fetches = [thing for thing in dashboards.objects(board) if "fetch" in thing or "infinity" in thing]
        assert fetches == [one.action for one in BUTTONS if one.uid == board["uid"]]
        assert not [text for text in dashboards.texts(board) if "<script" in text or "onclick" in text.lower()]


@each_button
def test_nobody_is_surprised(button: Button) -> None:
    """A question first, that names what it is done to; a cell of its own; a link for viewers beside."""
    assert button.panel["type"] == "table" and button.action["type"] == "fetch"
    assert button.action["oneClick"] is False and button.action["confirmation"].endswith(("?", "."))
    named = FIELD.search(button.action["confirmation"])
    assert named and named[1] in ("title", "asset"), "whom it concerns; a name may be empty, or that of two"
    # Grafana computes the colour of the text from it: a name as `orange` would break the panel
    assert re.fullmatch(r"#[0-9A-F]{6}", button.action["style"]["backgroundColor"])
    properties = {item["id"]: item["value"] for item in button.column["properties"]}
    assert properties["custom.cellOptions"] == {"type": "actions"}, "Grafana shows no button in a cell of another type"
    links = [link["url"] for one in button.panel["fieldConfig"]["overrides"] for link in links_of(one)]
    assert any(url.startswith("/ui/") for url in links), "the same place at the desk, for those who may not edit"


def links_of(column: Json) -> list[Json]:
    return [link for item in column["properties"] if item["id"] == "links" for link in item["value"]]


@each_button
def test_values_of_a_row_are_safe_in_the_address(button: Button) -> None:
    named = FIELD.findall(button.fetch["url"])
    assert named and all(safe for _, safe in named), "percent-encoded"
    assert "$" not in FIELD.sub("", button.fetch["url"]) and "$" not in button.fetch["body"]
    assert button.fetch["url"].startswith("/admin/"), "one origin: Grafana puts its own path before it, the proxy knows"


# -- against the OpenAPI document ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Json:
    folder = tmp_path_factory.mktemp("openapi")
    store = Store.open(state_dir=folder)
    try:
        app = create_app(settings.load(env={"MIXDESK_STATE_DIR": str(folder)}), store)
        return dict(openapi.describe(app))
    finally:
        store.close()


@each_button
def test_what_it_sends_is_what_the_desk_wants(document: Json, button: Button) -> None:
    assert not problems(document, button.fetch)


def problems(document: Json, fetch: Json) -> list[str]:
    """What the OpenAPI document has against a request; none is right."""
    path = FIELD.sub("{}", fetch["url"])
    template = next((known for known in document["paths"] if re.sub(r"\{\w+\}", "{}", known) == path), None)
    operation = document["paths"].get(template, {}).get(fetch["method"].lower())
    if operation is None:
        return [f"no {fetch['method']} {path}"]
    found = [f"body: {error}" for error in body_errors(document, operation, fetch["body"])]
    known = {item["name"]: item for item in operation.get("parameters", ()) if item["in"] == "query"}
    found += [f"no parameter {name}" for name, _ in fetch.get("queryParams", ()) if name not in known]
    if ["Content-Type", "application/json"] not in fetch["headers"]:
        found.append("a change needs a JSON content type")
    return found


def body_errors(document: Json, operation: Json, text: str) -> list[str]:
    body = json.loads(text)
    wanted = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    if wanted is None:
        return [] if body == {} else [f"{body} where none is wanted"]
    schema = {**wanted, "components": document["components"]}
    return [error.message for error in jsonschema_rs.validator_for(schema).iter_errors(body)]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"url": '/admin/jobs/${__data.fields["job_id"]:percentencode}/save'}, "no POST"),
        ({"method": "PUT"}, "no PUT"),
        ({"body": '{"then": "stop"}'}, "body"),
        ({"queryParams": [["wait", "0"]]}, "no parameter wait"),
        ({"headers": []}, "content type"),
    ],
)
def test_a_slip_would_be_found(document: Json, change: Json, problem: str) -> None:
    right = next(one.fetch for one in BUTTONS if one.fetch["url"].endswith("/checkpoint"))
    (said,) = problems(document, right | change)
    assert problem in said


# -- pressed ---------------------------------------------------------------------------------------------


class Person:
    """Somebody signed in at the desk, whose browser shows the panel."""

    def __init__(self, desk: Desk, role: str) -> None:
        self.desk = desk
        self.browser = requests.Session()
        self.browser.trust_env = False
        token, headers = {"token": desk.token(role)}, {"Origin": desk.url}
        signed = self.browser.post(desk.url + "/auth/login", json=token, headers=headers, timeout=60)
        assert signed.status_code == 200, signed.text

    def press(self, button: Button, row: dict[str, str], **headers: str) -> requests.Response:
        """As Grafana sends it: cookies of this origin, its own header, no answer read."""
        fetch = button.fetch
        url = FIELD.sub(lambda found: quote(row[found[1]], safe=""), fetch["url"])
        sent = {"Origin": self.desk.url, **dict(fetch["headers"]), "X-Grafana-Action": "1", **headers}
        return self.browser.request(
            fetch["method"],
            self.desk.url + url,
            data=fetch["body"],
            params=dict(fetch.get("queryParams", ())),
            headers={name: value for name, value in sent.items() if value},
            timeout=60,
        )


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("actions")
    config = folder / "mixdesk.toml"
    config.write_text(REGISTRY)
    made = Desk(folder / "state", free_port(), config=config)
    try:
        made.start()
        yield made
    finally:
        made.close()


@pytest.fixture(scope="module")
def row(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A real job that trains, and an asset."""
    folder: Path = tmp_path_factory.mktemp("checkpoints")
    desk.trainer("--name", "anton & söhne", "--checkpoints", folder, "--epochs", 9999, "--step-s", 0.05)
    job = wait_until(lambda: next((job for job in desk.jobs() if job["status"] == "running"), None), "a running job")
    return {"job_id": job["job_id"], "title": job["name"], "asset": "worker"}


def different() -> list[Button]:
    """Each request once, the one that ends the job last, and a start before its stop."""
    last = {"Save and cancel": 2, "Stop": 1}
    once = {json.dumps(one.fetch, sort_keys=True): one for one in BUTTONS}
    return sorted(once.values(), key=lambda one: last.get(one.action["title"], 0))


def test_who_may_not_is_refused(desk: Desk, row: dict[str, str]) -> None:
    """The desk decides by the session, whatever Grafana shows."""
    viewer, operator = Person(desk, "viewer"), Person(desk, "operator")
    for button in different():
        assert viewer.press(button, row).status_code == 403
        for origin in ("https://elsewhere.example", ""):
            assert operator.press(button, row, Origin=origin).status_code == 403, button
        for odd in ("../x", "x/y?z=", "x;y"):
            assert operator.press(button, row | {"job_id": odd, "asset": odd}).status_code in (403, 404), button
    job = desk.get(f"/jobs/{row['job_id']}")
    assert job["status"] == "running" and job["desired"]["generation"] == 0


def test_every_button_does_what_it_says(desk: Desk, row: dict[str, str]) -> None:
    operator = Person(desk, "operator")
    for button in different():
        answer = operator.press(button, row)
        assert answer.status_code == 202, f"{button}: {answer.status_code} {answer.text}"
        operation = answer.json()["operation"]
        ended = wait_until(lambda: done(desk, operation), f"the end of {button}")  # noqa: B023
        assert ended["state"] == "succeeded", (str(button), ended)
    job = wait_until(lambda: canceled(desk, row["job_id"]), "the end of the job")
    assert len(job["checkpoints"]) >= 2, "saved when asked for, and before it was canceled"


def done(desk: Desk, operation: str) -> Json | None:
    found: Json = desk.get(f"/admin/operations/{operation}")
    return None if found["state"] in ("pending", "running") else found


def canceled(desk: Desk, job_id: str) -> Json | None:
    job: Json = desk.get(f"/jobs/{job_id}")
    return job if job["status"] == "canceled" else None
