"""docs/grafana.md names what there is."""

from __future__ import annotations

import json
import re
from typing import Any

import one_origin
import pages

TEXT = pages.page("grafana")
CODE = "\n".join([*pages.blocks(TEXT, "ts"), *pages.blocks(TEXT, "tsx")])


def dashboards() -> dict[str, Any]:
    files = (one_origin.ROOT / "grafana" / "dashboards").glob("*.json")
    return {found["uid"]: found for found in (json.loads(file.read_text()) for file in files)}


def test_the_dashboards_are_those_of_the_page_and_the_example() -> None:
    known = dashboards()
    listed = {row[0]: pages.names(row[1])[0] for row in pages.table(TEXT, "dashboard", "address", "answers")}
    assert {title: known[address.split("/")[3].partition("?")[0]]["title"] for title, address in listed.items()} == {
        title: title for title in listed
    }
    assert len(listed) == len(known)
    (union,) = re.findall(r"type Dashboard = (.*);", CODE)
    assert set(re.findall(r'"([\w-]+)"', union)) == set(known)
    assert "job_id" in [variable["name"] for variable in known["mixdesk-job"]["templating"]["list"]]
    assert 1 in [panel["id"] for panel in known["mixdesk-jobs"]["panels"]], "the single panel that is shown"


def test_links_of_the_proxys_page_lead_somewhere() -> None:
    found = pages.links((one_origin.NGINX / "README.md").read_text())
    assert found and not [link for link in found if not (one_origin.NGINX / link).exists()]


def test_the_roles_are_those_that_the_desk_answers() -> None:
    rows = {row[0]: row[1] for row in pages.table(TEXT, "at the desk", "in Grafana")}
    assert (rows["viewer"], rows["operator, admin"]) == ("Viewer", "Editor"), "test_who.py holds them to the desk"


def test_the_variables_it_names_are_the_proxys() -> None:
    named = set(re.findall(r"MIXDESK_[A-Z_]+", TEXT)) - {"MIXDESK_URL", "MIXDESK_SERVER_URL"}  # the example's own
    assert named <= set(one_origin.NAMES), named
