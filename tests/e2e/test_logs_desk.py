"""Logs at a real desk: every route with every role, a tail through a rotation, search, download, and the command."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from live_desk import MIXDESK, Desk, free_port, wait_until
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

pytestmark = pytest.mark.process

SECRET = "hunter2-and-more"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("logs")
    (made / "api").mkdir()
    (made / "odd").mkdir()
    os.mkfifo(made / "odd" / "pipe.log")
    (made / "api" / "error.log").write_text(f"2026-11-30 10:00:02 ERROR no disk password={SECRET}\n")
    lines = [f"2026-11-30 10:00:{second:02} INFO request {second}\n" for second in range(60)]
    (made / "api" / "app.log").write_text("".join(lines))
    with gzip.open(made / "api" / "app.log.1.gz", "wt") as old:
        old.write("2026-11-29 10:00:00 WARNING yesterday it was slow\n")
    return made


@pytest.fixture(scope="module")
def desk(folder: Path) -> Iterator[Desk]:
    config = folder / "mixdesk.toml"
    config.write_text(
        '[logs]\ncompose = []\ndocker = "/nonexistent.sock"\ntargets_file = "targets.json"\n'
        f'[logs.services]\napi = ["{folder}/api/*.log"]\nodd = ["{folder}/odd/*.log"]\n'
    )
    made = Desk(folder / "state", free_port(), config=config)
    try:
        made.start()
        yield made
    finally:
        made.close()


@pytest.fixture(scope="module")
def job(desk: Desk) -> str:
    """A job of owner anna that has a log, beside the log of a job that nobody knows: its id."""
    token = make_token(desk, "reporter", "--owner", "anna")
    code = 'import mixdesk\nwith mixdesk.job("training_rvc", name="anna"): pass\n'
    env = desk.env | {"MIXDESK_URL": desk.url, "MIXDESK_TOKEN": token}
    subprocess.run([sys.executable, "-c", code], env=env, check=True, timeout=120)
    (found,) = wait_until(desk.jobs, "the job")
    logs = desk.state / "logs" / "jobs" / "training_rvc"
    logs.mkdir(parents=True, exist_ok=True)
    (logs / f"{found['job_id']}.log").write_text("epoch 1\n")
    (logs / "job-of-nobody.log").write_text("epoch 2, not to be seen\n")
    return str(found["job_id"])


def make_token(desk: Desk, *arguments: str) -> str:
    return str(desk.cli_json("token", "create", *arguments)["token"])


def ask(desk: Desk, path: str, token: str | None = None, **headers: str) -> requests.Response:
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    return requests.get(desk.url + path, headers=headers, timeout=30)


def stream(desk: Desk, path: str, token: str, **headers: str) -> ClientConnection:
    headers["Authorization"] = f"Bearer {token}"
    url = f"{desk.url}{path}".replace("http", "ws", 1)
    return connect(url, additional_headers=headers, proxy=None, open_timeout=60)


def until(socket: ClientConnection, wanted: Callable[[dict[str, Any]], bool]) -> list[dict[str, Any]]:
    """The frames up to one that is wanted."""
    frames: list[dict[str, Any]] = []
    while not frames or not wanted(frames[-1]):
        frames.append(json.loads(socket.recv(timeout=60)))
    return frames


def lines_of(frames: list[dict[str, Any]]) -> list[str]:
    return [line for frame in frames for line in frame.get("lines", ())]


def test_services_and_sources_are_listed_best_first(desk: Desk) -> None:
    listed = {item["service"]: item for item in desk.get("/admin/logs/services", "operator")["items"]}
    assert listed["api"]["sources"] == listed["api"]["readable"] == 2 and listed["api"]["found_in"] == ["settings"]
    sources = desk.get("/admin/logs/sources/api", "operator")["items"]
    assert [(one["id"], one["kind"], one["rank"]) for one in sources] == [
        ("error", "error", 1),
        ("app", "application", 2),
    ]
    (older,) = sources[1]["rotated"]
    assert older["path"].endswith("/app.log.1.gz") and older["compressed"]


def test_what_is_not_there_is_404_with_what_is(desk: Desk) -> None:
    token = desk.token("operator")
    for path in ("/admin/logs/sources/nobody", "/admin/logs/download/api/nothing", "/admin/logs/download/nobody/x"):
        answer = ask(desk, path, token)
        assert answer.status_code == 404, path
    assert "error" in ask(desk, "/admin/logs/download/api/nothing", token).json()["detail"]


@pytest.mark.parametrize(
    "path",
    [
        "/admin/logs/download/api/..%2Ferror",
        "/admin/logs/download/api/%2e%2e%2fmixdesk.toml",
        "/admin/logs/download/api/%252e%252e%252fmixdesk.toml",
        "/admin/logs/download/api/%2Fetc%2Fhostname",
        "/admin/logs/download/..%2F..%2Fapi/error",
        "/admin/logs/download/api/error%00",
        "/admin/logs/sources/%2e%2e",
    ],
)
def test_no_path_leads_to_a_file(desk: Desk, path: str) -> None:
    assert ask(desk, path, desk.token("operator")).status_code == 404


def test_secrets_are_shown_nowhere_and_cannot_be_searched_for(desk: Desk) -> None:
    token = desk.token("operator")
    download = ask(desk, "/admin/logs/download/api/error", token)
    assert "no disk password=[redacted]" in download.text
    hit = ask(desk, "/admin/logs/search?q=no+disk", token)
    assert json.loads(hit.text.splitlines()[0])["text"].endswith("password=[redacted]")
    for asked in (f"q={SECRET}", "regex=hunter2", "q=hunter2-and"):
        assert ask(desk, f"/admin/logs/search?{asked}", token).text == ""
    with stream(desk, "/admin/logs/stream/api/error", token) as socket:
        frames = until(socket, lambda frame: "live" in frame)
    assert lines_of(frames) == ["2026-11-30 10:00:02 ERROR no disk password=[redacted]"]
    assert SECRET not in json.dumps(frames)


def test_a_download_is_the_whole_log_or_its_last_lines(desk: Desk) -> None:
    token = desk.token("operator")
    whole = ask(desk, "/admin/logs/download/api/app", token)
    assert whole.text.startswith("2026-11-29 10:00:00 WARNING yesterday") and whole.text.count("\n") == 61
    assert whole.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert whole.headers["Content-Disposition"] == 'attachment; filename="api-app.log"'
    assert whole.headers["X-Content-Type-Options"] == "nosniff" and whole.headers["Content-Encoding"] == "gzip"
    last = ask(desk, "/admin/logs/download/api/app?lines=2", token, **{"Accept-Encoding": "identity"})
    assert last.text == "2026-11-30 10:00:58 INFO request 58\n2026-11-30 10:00:59 INFO request 59\n"
    assert "Content-Encoding" not in last.headers
    packed = ask(desk, "/admin/logs/download/api/app?lines=61&gzip=true", token)
    assert gzip.decompress(packed.content).decode() == whole.text
    audit = desk.get("/admin/audit?action=logs.download")["items"]
    assert {line["target"] for line in audit} >= {"api/app"}


def test_a_search_is_newest_first_over_all_files_and_says_where_it_was_cut(desk: Desk) -> None:
    found = [
        json.loads(line)
        for line in ask(desk, "/admin/logs/search?regex=slow|disk", desk.token("operator")).text.splitlines()
    ]
    assert [(hit["source"], hit["file"], hit["level"]) for hit in found] == [
        ("error", "error.log", "error"),
        ("app", "app.log.1.gz", "warning"),
    ]
    cut = ask(desk, "/admin/logs/search?q=request&limit=3&service=api", desk.token("operator")).text.splitlines()
    assert [json.loads(line)["text"][-2:] for line in cut[:-1]] == ["59", "58", "57"] and "cut" in json.loads(cut[-1])
    since = ask(desk, "/admin/logs/search?q=INFO&since=2026-11-30T10:00:58Z", desk.token("operator"))
    assert since.text.count("\n") == 2


def test_a_search_can_be_of_single_logs(desk: Desk) -> None:
    def sources(query: str) -> set[str]:
        lines = ask(desk, f"/admin/logs/search?regex=slow|disk&{query}", desk.token("operator")).text.splitlines()
        return {json.loads(line)["source"] for line in lines}

    assert sources("source=api/app") == sources("source=api/application") == {"app"}
    assert sources("source=api/app&source=api/error") == sources("service=api&source=api/app") == {"app", "error"}
    assert sources("service=odd&source=api/error") == {"error"}, "what is listed as unreadable is passed over"
    found = desk.cli("logs", "search", "--regex", "slow|disk", "--service", "api/error").stdout.splitlines()
    assert len(found) == 1 and "  api/error  " in found[0]


@pytest.mark.parametrize(
    ("source", "status", "said"),
    [("api", 422, "service/source"), ("api/none", 404, "none"), ("no/x", 404, "no"), ("odd/pipe", 409, "fifo")],
)
def test_a_log_that_cannot_be_searched_is_refused(desk: Desk, source: str, status: int, said: str) -> None:
    answer = ask(desk, f"/admin/logs/search?q=a&source={source}", desk.token("operator"))
    assert answer.status_code == status and said in answer.json()["detail"]


@pytest.mark.parametrize(
    ("query", "said"),
    [("regex=(a", "regex"), ("level=loud", "critical"), ("since=soon", "15m"), ("q=a&service=nobody", "nobody")],
)
def test_what_cannot_be_asked_is_refused_with_the_reason(desk: Desk, query: str, said: str) -> None:
    answer = ask(desk, f"/admin/logs/search?{query}", desk.token("operator"))
    assert answer.status_code in (404, 422) and said in answer.json()["detail"]


def test_a_pattern_that_never_ends_elsewhere_ends_here(desk: Desk) -> None:
    answer = ask(desk, "/admin/logs/search?regex=(a*)*(a*)*(a*)*b", desk.token("operator"))
    assert answer.status_code == 200


def test_a_tail_shows_each_line_once_through_a_rotation(desk: Desk, folder: Path) -> None:
    path = folder / "api" / "live.log"
    path.write_text("before 1\nbefore 2\n")
    token = desk.token("operator")
    wait_until(lambda: ask(desk, "/admin/logs/download/api/live", token).status_code == 200, "the new log")
    with stream(desk, "/admin/logs/stream/api/live?lines=1", token) as socket:
        frames = until(socket, lambda frame: "live" in frame)
        assert "source" in frames[0] and lines_of(frames) == ["before 2"]
        with path.open("a") as log:
            log.write("one\ntwo")
            log.flush()
            path.rename(path.with_name("live.log.1"))
            path.write_text("four\n")
            time.sleep(0.05)
            log.write(" and three\n")
        frames = until(socket, lambda frame: "four" in frame.get("lines", ()) and True)
        seen = lines_of(frames)
        if "two and three" not in seen:  # it came late, after the new file's: it comes all the same
            seen += lines_of(until(socket, lambda frame: "two and three" in frame.get("lines", ())))
    assert sorted(seen) == ["four", "one", "two and three"]
    assert [frame["rotated"] for frame in frames if "rotated" in frame] in (["renamed"], [])


def test_a_tail_shows_what_is_asked_for_alone(desk: Desk) -> None:
    with stream(desk, "/admin/logs/stream/api/app?lines=100&q=REQUEST+5&level=info", desk.token("operator")) as socket:
        shown = lines_of(until(socket, lambda frame: "live" in frame))
    assert [line.rpartition(" ")[2] for line in shown] == ["5", *(str(second) for second in range(50, 60))]


def test_a_source_that_is_a_kind_is_the_best_of_it(desk: Desk) -> None:
    with stream(desk, "/admin/logs/stream/api/application?lines=0", desk.token("operator")) as socket:
        first = json.loads(socket.recv(timeout=60))
    assert first["source"]["id"] in ("app", "live")


def refused(desk: Desk, path: str, token: str, **headers: str) -> int:
    try:
        with stream(desk, path, token, **headers):
            return 101
    except InvalidStatus as error:
        return error.response.status_code


def test_viewers_read_the_logs_of_jobs_alone_and_owners_their_own(desk: Desk, job: str) -> None:
    viewer, anna, bob = desk.token("viewer"), *(make_token(desk, "viewer", "--owner", name) for name in ("anna", "bob"))
    bound = make_token(desk, "operator", "--owner", "bob")
    for path in ("sources/api", "download/api/error", "search?q=a&service=api", "search?q=a&source=api/error"):
        for token in (viewer, anna, bob, bound):
            assert ask(desk, f"/admin/logs/{path}", token).status_code == 403, path
    assert refused(desk, "/admin/logs/stream/api/error", viewer) == 403
    for token, status in ((viewer, 200), (anna, 200), (bob, 404), (bound, 404), (desk.token("operator"), 200)):
        assert ask(desk, f"/admin/logs/download/jobs/{job}", token).status_code == status
        assert ask(desk, f"/admin/logs/search?q=epoch&source=jobs/{job}", token).status_code == status
        assert refused(desk, f"/admin/logs/stream/jobs/{job}", token) == (101 if status == 200 else status)
        listed = [one["id"] for one in ask(desk, "/admin/logs/sources/jobs", token).json()["items"]]
        assert (job in listed) == (status == 200)
    assert [item["service"] for item in ask(desk, "/admin/logs/services", viewer).json()["items"]] == ["jobs"]
    assert "epoch" in ask(desk, "/admin/logs/search?q=epoch", anna).text
    assert (
        ask(desk, "/admin/logs/search?q=epoch", bob).text == ask(desk, "/admin/logs/search?q=disk", viewer).text == ""
    )
    assert ask(desk, "/admin/logs/download/jobs/job-of-nobody", viewer).status_code == 404, "no job that it sees"
    assert ask(desk, "/admin/logs/download/jobs/job-of-nobody", desk.token("operator")).status_code == 200


def test_neither_strangers_nor_other_sites_read_anything(desk: Desk) -> None:
    for path in ("services", "sources/api", "download/api/error", "search?q=a"):
        assert ask(desk, f"/admin/logs/{path}").status_code == 401
        for role in ("reporter", "scraper"):
            assert ask(desk, f"/admin/logs/{path}", desk.token(role)).status_code == 403
    code = desk.cli("login").stdout.partition("#")[2].split()[0]
    origin = {"Origin": desk.url}
    session = requests.Session()
    assert session.post(f"{desk.url}/auth/login", json={"code": code}, headers=origin, timeout=30).status_code < 300
    cookie = "; ".join(f"{one.name}={one.value}" for one in session.cookies)
    address = f"{desk.url}/admin/logs/stream/api/error".replace("http", "ws", 1)
    for site, status in ((desk.url, 101), ("https://elsewhere.example", 403), (None, 403)):
        headers = {"Cookie": cookie} | ({} if site is None else {"Origin": site})
        try:
            with connect(address, additional_headers=headers, proxy=None, open_timeout=60):
                seen = 101
        except InvalidStatus as error:
            seen = error.response.status_code
        assert seen == status, site


def test_the_command_shows_all_of_it(desk: Desk, folder: Path) -> None:
    assert "api" in desk.cli("logs", "services").stdout
    assert "name has 'error'" in desk.cli("logs", "sources", "api").stdout
    assert desk.cli("logs", "tail", "api", "app", "-n", "2").stdout.splitlines() == [
        "2026-11-30 10:00:58 INFO request 58",
        "2026-11-30 10:00:59 INFO request 59",
    ]
    both = desk.cli("logs", "tail", "api/error", "api/app", "-n", "1").stdout.splitlines()
    assert [line.partition(" | ")[0].strip() for line in both] == ["api/error", "api/app"]
    assert "no disk" in desk.cli("logs", "search", "DISK").stdout
    assert desk.cli("logs", "search", "nothing-has-this", check=False).returncode == 1
    saved = folder / "saved.log"
    desk.cli("logs", "download", "api", "app", "-o", str(saved))
    assert saved.read_text().count("\n") == 61
    assert desk.cli("logs", "tail", "nobody", check=False).returncode == 1


def test_the_command_follows_until_it_is_told_to_end(desk: Desk, folder: Path) -> None:
    path = folder / "api" / "follow.log"
    path.write_text("old\n")
    wait_until(lambda: ask(desk, "/admin/logs/download/api/follow", desk.token("operator")).status_code == 200, "it")
    command = [MIXDESK, "logs", "tail", "api", "follow", "-f", "-n", "1"]
    with subprocess.Popen(command, env=desk.env, stdout=subprocess.PIPE, text=True) as tail:
        assert tail.stdout is not None
        try:
            assert tail.stdout.readline() == "old\n"
            with path.open("a") as log:
                log.write("new\n")
            assert tail.stdout.readline() == "new\n"
        finally:
            tail.terminate()


def listed_log(desk: Desk, path: Path, text: str) -> Path:
    """Written and found."""
    path.write_text(text)
    address = f"/admin/logs/download/api/{path.stem}"
    wait_until(lambda: ask(desk, address, desk.token("operator")).status_code == 200, f"{path.name} in the list")
    return path


def test_the_last_words_of_a_crash_are_shown_though_their_line_has_no_end(desk: Desk, folder: Path) -> None:
    path = listed_log(desk, folder / "api" / "crash.log", "begins\nERROR out of mem")
    words = ["begins", "ERROR out of mem"]
    assert desk.cli("logs", "tail", "api", "crash").stdout.splitlines() == words
    assert desk.cli("logs", "tail", "api", "crash", "--level", "error").stdout.splitlines() == words[1:]
    said = [json.loads(line) for line in desk.cli("logs", "tail", "api", "crash", "--json").stdout.splitlines()]
    assert [one.get("text", one.get("partial")) for one in said] == words
    with stream(desk, "/admin/logs/stream/api/crash", desk.token("operator")) as socket:
        assert {"partial": words[1]} in until(socket, lambda frame: "live" in frame)
    with subprocess.Popen(
        [MIXDESK, "logs", "tail", "api", "crash", "-f"], env=desk.env, stdout=subprocess.PIPE, text=True
    ) as tail:
        assert tail.stdout is not None
        try:
            assert [tail.stdout.readline() for _ in words] == ["begins\n", "ERROR out of mem\n"]
            with path.open("a") as log:
                log.write("ory\nended\n")
            assert [tail.stdout.readline() for _ in words] == ["ory\n", "ended\n"]
        finally:
            tail.terminate()
    listed_log(desk, folder / "api" / "bar.log", "\r 10%|#    |\r 20%|##   |")
    assert desk.cli("logs", "tail", "api", "bar").stdout == " 20%|##   |\n"


def test_what_several_logs_hold_is_shown_by_time_and_refusals_are_told(desk: Desk) -> None:
    both = desk.cli("logs", "tail", "api/app", "api/error", "-n", "60").stdout.splitlines()
    texts = [line.partition(" | ")[2] for line in both]
    assert texts.index("2026-11-30 10:00:02 ERROR no disk password=[redacted]") == 3
    for more in ((), ("-f",)):
        done = desk.cli("logs", "tail", "api/app", "--regex", "(", *more, check=False)
        assert done.returncode == 1 and "regex" in done.stderr
        done = desk.cli("logs", "tail", "api/app", "api/error", "--level", "loud", *more, check=False)
        assert done.returncode == 1 and done.stderr.count("critical") == 2


def test_a_tail_of_what_cannot_be_read_ends_with_the_reason(desk: Desk, folder: Path) -> None:
    path = folder / "api" / "leads-out.log"
    path.symlink_to("/nonexistent/anywhere.log")

    def is_listed() -> bool:
        listed = desk.get("/admin/logs/sources/api", "operator")["items"]
        return any(one["id"] == "leads-out" and not one["readable"] for one in listed)

    wait_until(is_listed, "a log that cannot be read")
    for more in ((), ("-f",)):
        done = desk.cli("logs", "tail", "api", "leads-out", *more, check=False)
        assert done.returncode == 1 and "nothing to read" in done.stderr, done.stderr
    done = desk.cli("logs", "tail", "api/leads-out", "api/error")
    assert "no disk" in done.stdout and "nothing to read" in done.stderr, "the other one is shown all the same"


def test_a_refused_stream_is_no_error_of_the_desk(desk: Desk) -> None:
    stranger = desk.token("scraper")
    assert refused(desk, "/admin/logs/stream/api/app?regex=(", desk.token("operator")) == 422
    assert refused(desk, "/admin/logs/stream/api/app", stranger) == 403
    assert refused(desk, "/admin/logs/stream/nobody/app", desk.token("operator")) == 404
    assert refused(desk, "/admin/logs/nothing", desk.token("operator")) in (403, 404)
    log = (desk.state.parent / "desk.log").read_text()
    assert "handshake" not in log


def test_the_targets_file_lists_the_same_logs(desk: Desk, folder: Path, job: str) -> None:
    def listed() -> set[str]:
        groups = json.loads((folder / "targets.json").read_text())
        return {f"{group['labels']['service']}/{group['labels']['source']}" for group in groups}

    wait_until(lambda: {"api/error", "api/app", "jobs/training_rvc"} <= listed(), "the list")
    done = desk.cli("logs", "targets", "--check", str(folder / "targets.json"), check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_its_metrics_are_published(desk: Desk) -> None:
    def published() -> bool:
        return 'mixdesk_log_source_bytes{service="api",source="error"}' in desk.get("/metrics", "scraper")

    wait_until(published, "the size of the log")
