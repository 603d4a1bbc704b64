"""Links: among dashboards, to the desk's own pages, and to traces and logs in Explore.

Grafana puts its own path before a link that begins with a slash (`/ui/` becomes `/grafana/ui/`) and decodes `%..` in
it. So the proxy leads /grafana/ui/ to /ui/, such links open a new tab (else Grafana's router takes the click), and no
value in a link may hold `&`, `#`, `+` or `%`: ids of jobs and assets do not.
"""

from __future__ import annotations

import json
from urllib.parse import quote

from grafana_foundation_sdk.models.dashboard import DashboardLink, DashboardLinkType

TAG = "mixdesk"
TIME = "${__url_time_range}"
SOURCES = "${datasource:queryparam}"


def field(name: str) -> str:
    """The value of another column of the same row, safe inside a URL."""
    return '${__data.fields["' + name + '"]:percentencode}'


def variable(name: str) -> str:
    """The value of a dashboard variable, safe inside a URL."""
    return f"${{{name}:percentencode}}"


def among_dashboards() -> DashboardLink:
    """The other dashboards of Mixdesk, with the same time and variables."""
    return _link("Mixdesk", type_val=DashboardLinkType.DASHBOARDS, tags=[TAG], include_vars=True, keep_time=True)


def desk_link(title: str, path: str) -> DashboardLink:
    """A button at the top that opens a page of the desk, as `/ui/jobs/`."""
    return _link(title, type_val=DashboardLinkType.LINK, icon="external link", url=path, target_blank=True)


def _link(title: str, **more: object) -> DashboardLink:
    made = DashboardLink(title, as_dropdown=False, **more)  # type: ignore[arg-type]
    made.placement = None  # type: ignore[assignment] # the SDK's default hides it in a menu
    return made


def data_link(title: str, url: str, *, new_tab: bool = False) -> DashboardLink:
    """A link of one value, row or series. The encoder of `board` leaves title, url and target of it."""
    return DashboardLink(title, url=url, target_blank=new_tab)


def to_dashboard(title: str, uid: str, **variables: str) -> DashboardLink:
    """Another dashboard with the same time range; `variables` are `field(...)` or plain text."""
    chosen = "".join(f"&var-{name}={value}" for name, value in variables.items())
    return data_link(title, f"/d/{uid}?{TIME}&{SOURCES}{chosen}")


def job_page(job_id: str) -> DashboardLink:
    """The job in the desk's admin, where everybody who may can act on it."""
    return data_link("Open in the desk", f"/ui/jobs/detail/?id={job_id}", new_tab=True)


def assets_page() -> DashboardLink:
    """The assets in the desk's admin."""
    return data_link("Open in the desk", "/ui/assets/", new_tab=True)


def logs_page() -> DashboardLink:
    """The logs in the desk's admin."""
    return data_link("Open in the desk", "/ui/logs/", new_tab=True)


def traces_of_job(job_id: str) -> DashboardLink:
    """The spans of a job, found by `mixdesk.job.id`, in Explore."""
    query = {"queryType": "traceql", "query": '{ span.mixdesk.job.id = "JOB" }', "limit": 20, "tableType": "traces"}
    return data_link("Trace", explore("tempo", query, JOB=job_id))


def explore(source: str, query: dict[str, object], **parts: str) -> str:
    """A URL of Explore: `source` names the data source's variable; `parts` stand where their names do in `query`."""
    pane = {
        "datasource": "SOURCE",
        "queries": [{"refId": "A", "datasource": {"type": source, "uid": "SOURCE"}, **query}],
        "range": {"from": "FROM", "to": "TO"},
    }
    text = quote(json.dumps({"a": pane}, separators=(",", ":")))
    places = {"SOURCE": f"${{{source}}}", "FROM": "${__from}", "TO": "${__to}"} | parts
    for name, value in places.items():
        text = text.replace(name, value)
    return f"/explore?schemaVersion=1&orgId=1&panes={text}"
