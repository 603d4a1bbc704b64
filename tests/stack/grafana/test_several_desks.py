"""Two desks on one database publish the same jobs: what the pages of jobs ask counts each of them once.

What the desks say is written by hand here, since it is about what they say twice; the Prometheus is a real one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from prometheus import Prometheus

import dashboards

# %(host)s is known to one desk alone, and %(bark)s differs; %(ended)d jobs have failed so far
DESK = """
mixdesk_job_info{job_id="j1",job_type="training_rvc",name="anton",host="%(host)s"} 1
mixdesk_job_status{job_id="j1",status="running"} 1
mixdesk_job_status{job_id="j1",status="failed"} 0
mixdesk_job_progress_ratio{job_id="j1",job_type="training_rvc"} 0.5
mixdesk_job_checkpoint_status{job_id="j1",status="saved"} 1
mixdesk_job_last_report_timestamp_seconds{job_id="j1"} 1790000000
mixdesk_job_info{job_id="018f-second",job_type="training_rvc",name="anton",host="%(host)s"} 1
mixdesk_job_status{job_id="018f-second",status="queued"} 1
mixdesk_job_checkpoint_status{job_id="018f-second",status="idle"} 1
mixdesk_job_last_report_timestamp_seconds{job_id="018f-second"} 1790000000
mixdesk_job_info{job_id="018f-unnamed",job_type="training_rvc",name="",host="%(host)s"} 1
mixdesk_job_status{job_id="018f-unnamed",status="queued"} 1
mixdesk_job_checkpoint_status{job_id="018f-unnamed",status="idle"} 1
mixdesk_asset_status{asset="bark",status="%(bark)s"} 1
mixdesk_asset_info{asset="bark",type="model",resource_type="gpu",driver="docker"} 1
mixdesk_asset_cpu_ratio{asset="bark"} 0.5
mixdesk_job_steps_total{job_id="j1"} 10
mixdesk_jobs_finished_total{job_type="training_rvc",outcome="failed"} %(ended)d
mixdesk_gpu_attributed_memory_bytes{host="box1",gpu="0",UUID="G0",job_id="j1",asset="rvc"} 100
mixdesk_gpu_attributed_memory_bytes{host="box1",gpu="0",UUID="G0",job_id="j1",asset=""} 10
mixdesk_gpu_attributed_memory_bytes{host="box1",gpu="1",UUID="G1",job_id="j1",asset=""} 7
mixdesk_gpu_attributed_memory_bytes{host="box1",gpu="1",UUID="G1",job_id="",asset="other"} 70
mixdesk_gpu_utilization_ratio{gpu="0",UUID="G0"} 0.5
mixdesk_gpu_utilization_ratio{gpu="1",UUID="G1"} 0.75
"""
SCRAPE = """
global: {{scrape_interval: 1s}}
scrape_configs:
  - {{job_name: mixdesk, static_configs: [{{targets: ["127.0.0.1:{0}", "127.0.0.1:{1}"]}}]}}
"""
PUT_IN = {"$__rate_interval": "10s", "$__range": "1m", "$job_type": ".+", "$job_id": "j1", "$asset": ".+"}
BOARDS = [dashboards.load(dashboards.FOLDER / f"mixdesk-{name}.json") for name in ("jobs", "job", "assets")]
QUERIES = {asked.where: asked.query for board in BOARDS for asked in dashboards.queries(board)}
Ask = Callable[[str], list[tuple[dict[str, str], float]]]


class TwoDesks:
    """Two addresses that tell the same; `ended` is how many jobs have failed."""

    def __init__(self) -> None:
        self.ended = 0
        self.servers = [ThreadingHTTPServer(("127.0.0.1", 0), self._telling(host)) for host in ("", "box1")]
        for server in self.servers:
            threading.Thread(target=server.serve_forever, daemon=True).start()

    @property
    def ports(self) -> list[int]:
        return [server.server_address[1] for server in self.servers]

    def _telling(desks: TwoDesks, host: str) -> type[BaseHTTPRequestHandler]:
        class Telling(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "text/plain; version=0.0.4")
                self.end_headers()
                told = {"host": host, "ended": desks.ended, "bark": "running" if host else "stopped"}
                self.wfile.write((DESK % told).encode())

            def log_message(self, *_: object) -> None: ...

        return Telling

    def close(self) -> None:
        for server in self.servers:
            server.shutdown()
            server.server_close()


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """Labels and values of the query of a panel, asked when both desks have told of one more failed job."""
    desks, folder = TwoDesks(), Path(tmp_path_factory.mktemp("several"))
    prometheus = Prometheus(folder, SCRAPE.format(*desks.ports))

    def seen(expression: str, times: int) -> bool:
        return len(prometheus.query(expression)) == times

    def asking(where: str) -> list[tuple[dict[str, str], float]]:
        query = QUERIES[where]
        for name, value in PUT_IN.items():
            query = query.replace(name, value)
        return [(series["metric"], float(series["value"][1])) for series in prometheus.query(query)]

    try:
        prometheus.start()
        prometheus.wait_for(lambda: seen("mixdesk_jobs_finished_total == 0", 2), "both desks are scraped")
        desks.ended = 1
        prometheus.wait_for(lambda: seen("increase(mixdesk_jobs_finished_total[1m]) > 0", 2), "a job has failed")
        yield asking
    finally:
        prometheus.close()
        desks.close()


def test_a_job_is_one_row(ask: Ask) -> None:
    for where in QUERIES:
        if "/Jobs that have not ended/" in where:
            assert sorted(labels["job_id"] for labels, _ in ask(where)) == ["018f-second", "018f-unnamed", "j1"], where
        if "/Ask of this job/" in where:
            assert [labels["job_id"] for labels, _ in ask(where)] == ["j1"], where


def test_each_job_has_a_title_that_only_it_has(ask: Ask) -> None:
    """It is what questions of buttons say, and the text of the link to the job."""
    named = {labels["job_id"]: labels["title"] for labels, _ in ask("mixdesk-jobs/Jobs that have not ended/A")}
    assert named == {"j1": "anton j1", "018f-second": "anton second", "018f-unnamed": "018f-unnamed"}


def test_a_job_that_waits_is_not_silent(ask: Ask) -> None:
    heard = {labels["job_id"]: value for labels, value in ask("mixdesk-jobs/Jobs that have not ended/I")}
    assert heard.pop("j1") > 1000 and set(heard.values()) == {-2}
    board = next(board for board in BOARDS if board["uid"] == "mixdesk-jobs")
    table = next(panel for panel in dashboards.panels(board) if panel["title"] == "Jobs that have not ended")
    column = next(one for one in table["fieldConfig"]["overrides"] if one["matcher"]["options"] == "Value #I")
    (words,) = (item["value"] for item in column["properties"] if item["id"] == "mappings")
    assert words[0]["options"]["-2"]["text"] == "waits"


def test_each_desk_has_its_own_assets(ask: Ask) -> None:
    rows = ask("mixdesk-assets/Assets/A")
    assert sorted((labels["asset"], labels["status"]) for labels, _ in rows) == [
        ("bark", "running"),
        ("bark", "stopped"),
    ]
    keys = {labels["key"] for labels, _ in rows}
    assert keys == {f"{labels['instance']} bark" for labels, _ in rows} and len(keys) == 2
    for letter in "BD":
        assert {labels["key"] for labels, _ in ask(f"mixdesk-assets/Assets/{letter}")} == keys
    assert [value for _, value in ask("mixdesk-assets/Running/A")] == [1]


def test_the_desk_that_knows_the_host_is_believed(ask: Ask) -> None:
    (labels,) = (row for row, _ in ask("mixdesk-jobs/Jobs that have not ended/A") if row["job_id"] == "j1")
    assert labels == {"job_id": "j1", "title": "anton j1", "job_type": "training_rvc", "host": "box1"}


@pytest.mark.parametrize(
    ("where", "value"),
    [
        ("mixdesk-jobs/Running/A", 1),
        ("mixdesk-jobs/Lost/A", 0),
        ("mixdesk-jobs/Failed in 24 h/A", 1),
        ("mixdesk-jobs/Finished in this time, by outcome/A", 1),
        ("mixdesk-jobs/Jobs that have not ended/L", 117),
        ("mixdesk-job/GPU memory/A", 117),
        ("mixdesk-job/Status/A", 3),
        ("mixdesk-jobs/Jobs that have not ended/J", -1),
    ],
)
def test_what_both_say_counts_once(ask: Ask, where: str, value: float) -> None:
    assert [found for labels, found in ask(where) if labels.get("job_id", "j1") == "j1"] == [value]


def test_gpus_of_a_job_are_found_by_uuid_whoever_tells_of_them(ask: Ask) -> None:
    held = {labels["UUID"]: value for labels, value in ask("mixdesk-job/Memory that it holds/A")}
    assert held == {"G0": 110, "G1": 7}
    used = {labels["UUID"]: value for labels, value in ask("mixdesk-job/Utilization of these GPUs/A")}
    assert used == {"G0": 0.5, "G1": 0.75}
