"""Buttons that act: Grafana's own `fetch` actions, sent to the desk through the same origin.

Grafana shows them to people who may edit the dashboard, asks with `confirmation`, adds the header X-Grafana-Action and
the cookies of this origin; the desk checks the role of the session. Whoever may not edit has the link beside them.
"""

from __future__ import annotations

import json

from grafana_foundation_sdk.models.dashboard import (
    Action,
    ActionType,
    DashboardActionStyle,
    FetchOptions,
    HttpRequestMethod,
)

from mixdesk_dashboards.kit.links import field

JSON = [["Content-Type", "application/json"]]
# as hexadecimal numbers: Grafana computes the colour of the text from them, and breaks at a name
CALM, CAREFUL, FINAL = "#3274D9", "#C4820E", "#C4162A"


def job_actions(job_id: str = "", title: str = "") -> list[Action]:
    """What people ask of a job; `job_id` goes into the URL, `title` is shown. Default: the columns of the row."""
    target, shown = job_id or field("job_id"), title or '${__data.fields["title"]}'
    base = f"/admin/jobs/{target}"
    return [
        post(
            "Save checkpoint",
            f"{base}/checkpoint",
            f"Save a checkpoint of {shown} at its next step? It goes on training.",
            {"then": "continue"},
        ),
        post(
            "Save and cancel",
            f"{base}/checkpoint",
            f"Save a checkpoint of {shown}, then end it? If saving fails it goes on. A new start goes on from there.",
            {"then": "cancel"},
            colour=FINAL,
        ),
        post(
            "Pause",
            f"{base}/pause",
            f"Pause {shown} at its next step? It keeps its GPU memory until it goes on or ends.",
            {},
            colour=CAREFUL,
        ),
        post("Resume", f"{base}/resume", f"Let {shown} go on?", {}),
    ]


def asset_actions(asset: str = "") -> list[Action]:
    """Start and stop of an asset; `asset` goes into the URL. Default: the column `asset` of the row."""
    target, shown = asset or field("asset"), asset or '${__data.fields["asset"]}'
    base = f"/admin/assets/{target}"
    return [
        post(
            "Start",
            f"{base}/start",
            f"Start {shown} and what it depends on? Nothing else is stopped for it; what does not fit is refused.",
            {},
        ),
        post(
            "Stop",
            f"{base}/stop",
            f"Stop {shown}? Refused while something that runs needs it, a job runs in it, or somebody holds it.",
            {},
            colour=FINAL,
        ),
    ]


def post(title: str, url: str, confirmation: str, body: dict[str, str], *, colour: str = CALM) -> Action:
    """One POST with a JSON body, never without a question first."""
    return Action(
        ActionType.FETCH,
        title,
        fetch=FetchOptions(HttpRequestMethod.POST, url, body=json.dumps(body), headers=JSON, query_params=[]),
        confirmation=confirmation,
        one_click=False,
        style=DashboardActionStyle(colour),
    )
