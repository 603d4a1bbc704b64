"""`GET /admin/links`: the pages beside the desk that a browser may show, for whoever may see them."""

from __future__ import annotations

import json
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from mixdesk_control.auth.guard import needs
from mixdesk_control.auth.principal import VIEWER, Principal
from mixdesk_control.settings import Settings

TRACE_ID = "{trace_id}"
# The data source that the shipped provisioning makes.
_TEMPO = {"type": "tempo", "uid": "tempo"}


class Links(BaseModel):
    """Addresses for browsers; null where the settings name none, or where this viewer is let in nowhere."""

    grafana: str | None = Field(description="where Grafana begins, without a slash at its end")
    traces: str | None = Field(description="the page of one trace: put its id in the place of {trace_id}")


NOWHERE = Links(grafana=None, traces=None)


def router(settings: Settings) -> APIRouter:
    """The route over one set of settings."""
    routes = APIRouter(tags=["settings"])
    links = links_of(settings)

    @routes.get("/admin/links", response_model=Links)
    async def get_links(principal: Annotated[Principal, Depends(needs(VIEWER))]) -> Links:
        """Where Grafana and a trace are seen. Who is bound to an owner or a job is let in at neither."""
        bound = principal.owner is not None or principal.job_id is not None
        return NOWHERE if bound else links

    return routes


def links_of(settings: Settings) -> Links:
    """What the settings say: a trace is seen at `otel.trace_url`, else in the Explore of Grafana where spans go out."""
    grafana = settings.grafana.shown
    traces = settings.otel.trace_url
    if traces is None and grafana is not None and settings.otel.endpoint is not None:
        traces = _explore(grafana)
    return Links(grafana=grafana, traces=traces)


def _explore(grafana: str) -> str:
    query = {"refId": "A", "datasource": _TEMPO, "queryType": "traceql", "query": TRACE_ID}
    pane = {"datasource": _TEMPO["uid"], "queries": [query], "range": {"from": "now-7d", "to": "now"}}
    text = quote(json.dumps({"a": pane}, separators=(",", ":"))).replace(quote(TRACE_ID), TRACE_ID)
    return f"{grafana}/explore?schemaVersion=1&orgId=1&panes={text}"
