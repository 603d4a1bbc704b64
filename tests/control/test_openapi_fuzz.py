"""Every operation of /openapi.json with values made from its own description, with every role: never a fault."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from torture import chance, times

from mixdesk import wire

ROLES = ("admin", "operator", "viewer", "reporter", "scraper")
CHECKS = [not_a_server_error, content_type_conformance, status_code_conformance, response_schema_conformance]
EACH = times(600, 12)

# Nothing of it can run: no server is at that port, and the process is none that the desk starts.
REGISTRY = """
[[assets]]
id = "known"
http = { preset = "ollama", url = "http://127.0.0.1:9", model = "none" }

[[assets]]
id = "by-others"
process = { pid_file = "none.pid" }
dependencies = ["known"]
"""


@pytest.fixture(scope="module")
def own_desk(tmp_path_factory: pytest.TempPathFactory, desk: Any) -> Iterator[Any]:
    """A desk that may be left full of nonsense, with a job and an asset that are known."""
    found = type(desk)(tmp_path_factory.mktemp("fuzzed") / "state", config=REGISTRY)
    try:
        found.start()
        report = wire.Report(job_id="known", job_key="k" * 64, job_type="training_rvc", seq=1, status="running")
        headers = {"Content-Type": "application/json"}
        assert found.ask("PUT", "/jobs/known/report", "reporter", data=wire.encode(report), headers=headers).ok
        assert found.ask("POST", "/admin/assets/known/start", "operator").status_code == 202
        yield found
    finally:
        found.close()


def tried(desk: Any, operation: Any, dice: random.Random) -> Counter[int]:
    """All statuses that came."""
    seen: Counter[int] = Counter()
    session = requests.Session()
    session.trust_env = False

    @seed(dice.getrandbits(32))
    @settings(
        max_examples=EACH, deadline=None, database=None, suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )  # fmt: skip
    @given(operation.as_strategy())
    def try_one(case: Any) -> None:
        role = dice.choice(ROLES)
        for name in {"job_id", "asset_id"} & set(case.path_parameters or ()):
            if dice.random() < 0.5:
                case.path_parameters[name] = "known"
        if case.path == "/jobs/desired" and isinstance(case.query, dict):
            case.query["wait"] = 0
        answer = case.call(
            base_url=desk.url, session=session, headers={"Authorization": f"Bearer {desk.tokens[role]}"}, timeout=60
        )
        seen[answer.status_code] += 1
        case.validate_response(answer, checks=CHECKS)

    try_one()
    return seen


def test_no_operation_fails(own_desk: Any, capsys: pytest.CaptureFixture[str]) -> None:
    dice = chance()
    schema = schemathesis.openapi.from_url(f"{own_desk.url}/openapi.json")
    seen: Counter[int] = Counter()
    count = 0
    for found in schema.get_all_operations():
        seen += tried(own_desk, found.ok(), dice)
        count += 1
    assert count > 20 and seen[200] and not any(status >= 500 and status != 503 for status in seen)
    assert own_desk.ask("GET", "/jobs/known").status_code == 200
    assert own_desk.ask("GET", "/readyz", None).status_code == 200
    assert own_desk.ask("GET", "/admin/assets/known/status").json()["generation"] > 0
    assert "Traceback" not in own_desk.log.read_text()
    with capsys.disabled():
        print(f"\n{count} operations, {sum(seen.values())} requests: {dict(sorted(seen.items()))}")


def test_none_ignores_who_asks(own_desk: Any) -> None:
    """What says that it needs a token refuses without one, and with one that is none."""
    schema = schemathesis.openapi.from_url(f"{own_desk.url}/openapi.json")
    tried_ones = 0
    for found in schema.get_all_operations():
        operation = found.ok()
        if not operation.definition.raw.get("security") or operation.path == "/metrics":
            continue  # open to all, or to this host
        tried_ones += 1
        for authorization in ({}, {"Authorization": "Bearer mxd_nonsense"}):
            answer = requests.request(
                operation.method,
                own_desk.url + operation.path.replace("{", "").replace("}", ""),
                headers={"Content-Type": "application/json", **authorization},
                data=None if operation.method.upper() in ("GET", "HEAD") else "{}",
                timeout=30,
            )
            assert answer.status_code == 401, (operation.method, operation.path, answer.status_code)
    assert tried_ones > 15
