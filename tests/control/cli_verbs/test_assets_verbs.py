"""`mixdesk assets`: what it prints, what it asks, how it ends; and completion of ids in a real shell."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import tomllib
from asset_desk import AssetDesk, an_asset

from mixdesk_control.cli import NOUNS, completion
from mixdesk_control.cli.client import Client
from mixdesk_control.cli.errors import CliError
from mixdesk_control.cli.follow import Away, Follower

TOKEN = "mdk_operator_of_the_tests"
ROOT = Path(__file__).parents[3]


@pytest.fixture
def small_desk() -> Iterator[AssetDesk]:
    """In the place of the desk of jobs: what finds a desk finds this one."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    desk = AssetDesk(port, TOKEN)
    desk.start()
    yield desk
    desk.stop()


@pytest.fixture
def desk(small_desk: AssetDesk) -> AssetDesk:
    card = {"gpu": 0, "uuid": "GPU-0", "used_mb": 1945.6, "reserved_mb": 2048.0, "leaked_mb": 0.0}
    began = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 7200))
    small_desk.put(
        an_asset(
            "rvc",
            name="RVC",
            status="running",
            desired="running",
            metrics={"ram_usage_mb": 3072.0, "vram_usage_mb": 1945.6, "cpu_percent": 12.4},
            usage={"vram": [card], "started_at": began, "restarts": 2, "jobs": ["j1"]},
            vram_peak_mb=2150.4,
            dependencies=["hubert", "rmvpe"],
        )
    )
    small_desk.put(an_asset("hubert", status="error", error="exit code 137, OOM-killed", drift="crashed"))
    small_desk.put(an_asset("redis", vram_declared_mb=None, resource_type="ram", type="service"))
    return small_desk


# -- reading -------------------------------------------------------------------------------------------


def test_a_table_of_all(call: Any, desk: AssetDesk) -> None:
    lines = call("assets", "list").stdout.splitlines()
    assert lines[0].split() == ["ID", "STATUS", "VRAM", "/", "NEEDED", "RAM", "CPU", "UP"]
    assert lines[1].split("  ", 1)[0] == "rvc"
    for part in ("▶ running", "1.9 GiB / 2.1 GiB", "3.0 GiB", "12 %", "2 h"):
        assert part in lines[1]
    assert "✘ error" in lines[2] and "crashed: exit code 137, OOM-killed" in lines[2]
    assert lines[3].split() == ["redis", "■", "stopped"]
    assert call("assets", "status").stdout.splitlines()[0] == lines[0]


def test_json_is_the_array_or_the_object_alone(call: Any, desk: AssetDesk) -> None:
    assert json.loads(call("assets", "list", "--json").stdout) == list(desk.assets.values())
    assert json.loads(call("assets", "status", "rvc", "--json").stdout) == desk.assets["rvc"]


def test_no_assets_says_what_to_do(call: Any, small_desk: AssetDesk) -> None:
    done = call("assets", "list")
    assert (done.exit_code, done.stdout) == (0, "") and "`mixdesk assets init`" in done.stderr


def test_one_in_full(call: Any, desk: AssetDesk) -> None:
    end = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
    desk.change("rvc", holds=[{"id": "h1", "actor": "anton", "reason": "a song", "expires_at": end}])
    text = call("assets", "status", "rvc").stdout
    assert text.startswith("▶ running  rvc (RVC)\n")
    shown = [" ".join(line.split()) for line in text.splitlines()]
    assert "What model, gpu, docker voice-rvc" in shown
    assert "Up 2 h, started again 2 times" in shown
    assert "GPU 0 1.9 GiB used, 2.0 GiB reserved" in shown
    assert "VRAM needed 2.0 GiB by the registry, 2.1 GiB the most that was seen" in shown
    assert "Needs hubert, rmvpe" in shown and "Job j1" in shown
    assert any(line.startswith("Held by anton (a song), ") and line.endswith(", hold h1") for line in shown)


@pytest.mark.parametrize("ref", ["hubert", "hu", "HU"])
def test_an_id_by_its_beginning(call: Any, desk: AssetDesk, ref: str) -> None:
    assert json.loads(call("assets", "status", ref, "--json").stdout)["id"] == "hubert"


def test_a_name_is_an_id_too(call: Any, desk: AssetDesk) -> None:
    assert json.loads(call("assets", "status", "RVC", "--json").stdout)["id"] == "rvc"


@pytest.mark.parametrize(
    ("ref", "message"),
    [
        ("r", "'r' is the beginning of several ids: give more of it (rvc, redis)"),
        ("hubrt", "there is no asset 'hubrt': did you mean hubert?"),
        ("x", "there is no asset 'x': `mixdesk assets list` shows those there are"),
        ("", "there is no asset '': `mixdesk assets list` shows those there are"),
    ],
)
def test_an_id_that_means_nothing(call: Any, desk: AssetDesk, ref: str, message: str) -> None:
    done = call("assets", "start", ref)
    assert (done.exit_code, done.stderr) == (1, f"mixdesk: {message}\n")


def test_what_others_have_written_is_no_command_for_the_terminal(call: Any, desk: AssetDesk) -> None:
    desk.change("hubert", error="\x1b[31m[bold]red")
    assert "\x1b" not in call("assets", "list").stdout
    assert "[bold]red" in call("assets", "status", "hubert").stdout


# -- watching ------------------------------------------------------------------------------------------


def test_lines_where_there_is_no_terminal(terminal: Any, desk: AssetDesk) -> None:
    watching = terminal("assets", "watch")
    watching.expect("rvc: running, 1.9 GiB / 2.1 GiB VRAM, 3.0 GiB RAM, 12 % CPU\n")
    desk.change("redis", metrics={"ram_usage_mb": 1.0})  # no line
    desk.change("redis", status="loading")
    desk.change("redis", status="error", error="health check: no answer")
    watching.expect("redis: error, health check: no answer")
    desk.forget("redis")
    watching.expect("redis: no longer in the registry")
    watching.interrupt()
    assert watching.end() == 0
    assert [line.split()[2].strip(",") for line in watching.text.splitlines() if " redis: " in line] == [
        "stopped", "loading", "error", "no",
    ]  # fmt: skip


def test_json_is_one_object_per_change(terminal: Any, desk: AssetDesk) -> None:
    watching = terminal("assets", "watch", "redis", "--json")
    watching.expect("\n")
    desk.change("rvc", status="stopped")
    desk.change("redis", status="running")
    watching.expect('"running"')
    desk.forget("redis")
    watching.expect("deleted")
    watching.interrupt()
    watching.end()
    found = [json.loads(line) for line in watching.text.splitlines()]
    assert [(one.get("id"), one.get("status")) for one in found] == [
        ("redis", "stopped"), ("redis", "running"), (None, None),
    ]  # fmt: skip
    assert found[-1] == {"deleted": "redis"}


def test_a_live_table_over_a_desk_that_goes_and_comes(terminal: Any, desk: AssetDesk) -> None:
    watching = terminal("assets", "watch", tty=True)
    watching.expect("running")
    desk.stop()
    watching.expect("trying again")
    desk.start()
    desk.change("redis", status="loading")
    watching.expect("loading")
    watching.type_ctrl_c()
    assert watching.end() == 0
    assert "after" in desk.streams_opened[-1]
    picture = watching.text.split("loading")[0].rsplit("VRAM / NEEDED", 1)[1]
    assert picture.index("rvc") < picture.index("hubert") < picture.index("redis")  # as the registry has them


# -- starting and stopping -----------------------------------------------------------------------------


def test_a_start_is_followed_step_by_step(call: Any, desk: AssetDesk) -> None:
    def work(action: str, operation: str) -> None:
        desk.step(operation, "asked", "running", "hubert is being started", state="running")
        desk.step(operation, "hubert runs, ready after 1.2 s", "rvc is being started")
        desk.step(operation, "succeeded", state="succeeded", result={"assets": {}})

    desk.on_action = work
    done = call("assets", "start", "rvc")
    assert done.stdout.splitlines() == [
        "hubert is being started",
        "hubert runs, ready after 1.2 s",
        "rvc is being started",
        "rvc runs",
    ]
    assert (done.exit_code, done.stderr, desk.asked) == (0, "", [("rvc", "start", {}, {})])


def test_a_stop_says_how_much_memory_came_back(call: Any, desk: AssetDesk) -> None:
    result = {"freed_mb": 1945.6, "leaked_mb": 0.0}
    desk.on_action = lambda _, operation: desk.step(operation, state="succeeded", result=result)
    done = call("assets", "stop", "rvc", "--cascade", "--force")
    assert done.stdout == "rvc is stopped; 1.9 GiB of GPU memory are free again\n"
    assert desk.asked[0][2] == {"cascade": "true", "force": "true"}
    result |= {"freed_mb": 0.0, "leaked_mb": 512.0}
    assert call("assets", "stop", "rvc").stdout == (
        "rvc is stopped; 0 B of GPU memory are free again; 512.0 MiB did not come back\n"
    )


@pytest.mark.parametrize(
    ("state", "error", "message"),
    [
        ("failed", "hubert ended with exit code 1", "start failed: hubert ended with exit code 1"),
        ("superseded", None, "start superseded: a newer request took its place"),
        ("canceled", None, "start canceled: somebody took it back"),
    ],
)
def test_an_operation_that_does_not_succeed(
    call: Any, desk: AssetDesk, state: str, error: str | None, message: str
) -> None:
    desk.on_action = lambda _, operation: desk.step(operation, state=state, error=error)
    done = call("assets", "start", "rvc")
    assert (done.exit_code, done.stderr) == (1, f"mixdesk: {message}\n")


def test_json_of_an_operation_and_no_wait(call: Any, desk: AssetDesk) -> None:
    desk.on_action = lambda _, operation: desk.step(operation, "x is being started", state="succeeded")
    done = call("assets", "start", "rvc", "--json")
    assert json.loads(done.stdout) == desk.operations["op1"]
    assert call("assets", "start", "rvc", "--no-wait").stdout == "rvc: start requested (operation op2)\n"
    assert json.loads(call("assets", "stop", "rvc", "--no-wait", "--json").stdout)["operation"] == "op3"


def test_ctrl_c_ends_the_waiting_alone(terminal: Any, desk: AssetDesk) -> None:
    desk.on_action = lambda _, operation: desk.step(operation, "rvc is being started", state="running")
    waiting = terminal("assets", "start", "rvc", tty=True)
    waiting.expect("rvc is being started")
    waiting.type_ctrl_c()
    assert waiting.end() == 130
    assert "stopped waiting; the start goes on. `mixdesk assets status rvc` shows how it is" in waiting.text
    assert desk.operations["op1"]["state"] == "running"


def test_what_is_piped_on_is_piped_on_from_a_terminal_too(cli_env: dict[str, str], desk: AssetDesk) -> None:
    """The sign of life goes to a terminal; the steps go where stdout goes."""
    desk.on_action = lambda _, operation: desk.step(operation, "rvc is being started", state="succeeded")
    master, slave = os.openpty()
    code = "from mixdesk_control.cli.assets import app; app(['start', 'rvc'])"
    done = subprocess.run(
        [sys.executable, "-c", code], env=cli_env, stdout=subprocess.PIPE, stderr=slave, timeout=60, check=False
    )
    for end in (master, slave):
        os.close(end)
    assert done.stdout.decode().splitlines() == ["rvc is being started", "rvc runs"]


def test_a_desk_that_goes_and_comes_while_it_is_waited_for(terminal: Any, desk: AssetDesk) -> None:
    desk.on_action = lambda _, operation: desk.step(operation, "rvc is being started", state="running")
    waiting = terminal("assets", "start", "rvc")
    waiting.expect("rvc is being started")
    desk.stop()
    desk.step("op1", "rvc runs, ready after 9.0 s", state="succeeded")
    desk.start()
    assert waiting.end() == 0, waiting.errors
    assert waiting.text.splitlines()[-2:] == ["rvc runs, ready after 9.0 s", "rvc runs"]


def test_a_desk_that_has_just_answered_is_waited_for_even_at_first(desk: AssetDesk) -> None:
    client = Client(desk.url, TOKEN)
    desk.stop()
    with pytest.raises(CliError, match="no desk answers"):
        next(Follower(client, "/admin/operations/stream").events())
    assert isinstance(next(Follower(client, "/admin/operations/stream", known=True).events()), Away)


PLAN = {
    "action": "start",
    "asset": "rvc",
    "steps": [
        {"asset": "bark", "does": "stop", "why": "makes room"},
        {"asset": "hubert", "does": "nothing", "why": "it runs already"},
        {"asset": "rvc", "does": "start", "why": "it was asked for"},
    ],
    "memory": [
        {"gpu": 0, "uuid": "U", "free_mb": 9216.0, "headroom_mb": 512.0, "needed_mb": 2048.0, "missing_mb": 0.0}
        | {"fits": True}
    ],
    "would_stop": ["bark"],
    "fits": True,
    "stop": [],
}


def test_a_dry_run_shows_the_plan(call: Any, desk: AssetDesk) -> None:
    desk.answers["start"] = (200, PLAN)
    done = call("assets", "start", "rvc", "--dry-run", "--evict")
    assert (done.exit_code, desk.asked[0][2]) == (0, {"dry_run": "true", "evict": "true"})
    assert done.stdout.splitlines() == [
        "stop     bark    makes room",
        "nothing  hubert  it runs already",
        "start    rvc     it was asked for",
        "GPU 0: needs 2.0 GiB, 9.0 GiB are free, 512.0 MiB stay free: fits",
    ]
    assert json.loads(call("assets", "start", "rvc", "--dry-run", "--json").stdout) == PLAN


def test_a_plan_that_does_not_fit_says_what_would_help(call: Any, desk: AssetDesk) -> None:
    card = PLAN["memory"][0] | {"fits": False, "missing_mb": 1024.0}  # type: ignore[operator,index]
    desk.answers["start"] = (200, PLAN | {"fits": False, "memory": [card], "stop": ["bark"]})
    done = call("assets", "start", "rvc", "--dry-run")
    assert done.exit_code == 1
    assert done.stdout.splitlines()[-2:] == [
        "GPU 0: needs 2.0 GiB, 9.0 GiB are free, 512.0 MiB stay free: 1.0 GiB too little",
        "  it fits after mixdesk assets stop bark",
    ]


def test_a_refusal_says_who_holds_the_memory(call: Any, desk: AssetDesk) -> None:
    holders = [
        {"asset": "bark", "gpu": 0, "used_mb": 3891.2, "reserved_mb": 4096.0, "jobs": ["j7"]},
        {"asset": None, "gpu": 0, "used_mb": 1024.0, "reserved_mb": 0.0, "jobs": []},
        {"asset": None, "job": "j8", "gpu": 1, "used_mb": 512.0, "reserved_mb": None},
    ]
    desk.answers["start"] = (409, {"detail": "GPU 0 lacks 1.0 GiB: stop bark", "holders": holders, "stop": ["bark"]})
    done = call("assets", "start", "rvc")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.splitlines() == [
        "mixdesk: GPU 0 lacks 1.0 GiB: stop bark",
        "  on GPU 0: bark, 3.8 GiB used, 4.0 GiB reserved, job j7",
        "  on GPU 0: processes that are no asset's, 1.0 GiB used",
        "  on GPU 1: 512.0 MiB used, job j8",
        "  next: mixdesk assets stop bark",
    ]


def test_several_to_stop_may_need_one_another(call: Any, desk: AssetDesk) -> None:
    desk.answers["start"] = (409, {"detail": "no room", "holders": [], "stop": ["hubert", "rvc"]})
    assert call("assets", "start", "redis").stderr.splitlines()[1:] == [
        "  next: mixdesk assets stop hubert --cascade",
        "  next: mixdesk assets stop rvc --cascade",
    ]


def test_a_refusal_of_a_stop_names_the_next_command(call: Any, desk: AssetDesk) -> None:
    desk.answers["stop"] = (409, {"detail": "web runs and needs rvc", "dependents": ["web"]})
    assert call("assets", "stop", "rvc").stderr.splitlines() == [
        "mixdesk: web runs and needs rvc",
        "  next: mixdesk assets stop rvc --cascade",
    ]
    hold = {"asset": "web", "id": "h1", "actor": "anton", "reason": None, "expires_at": "2020-01-01T00:00:00Z"}
    desk.answers["stop"] = (409, {"detail": "held", "holds": [hold], "jobs": ["j1"]})
    assert call("assets", "stop", "rvc").stderr.splitlines() == [
        "mixdesk: held",
        "  web: held by anton, 0 s more, hold h1",
        "  next: mixdesk jobs checkpoint j1 --then cancel",
    ]
    desk.answers["stop"] = (503, {"detail": "the disk is full"})
    assert call("assets", "stop", "rvc").stderr == "mixdesk: the disk is full\n"


# -- holds, reload -------------------------------------------------------------------------------------


def test_holds(call: Any, desk: AssetDesk) -> None:
    end = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
    desk.answers["holds"] = (201, {"id": "h1", "actor": "anton", "reason": "a song", "expires_at": end})
    done = call("assets", "hold", "rvc", "--ttl", "60", "--reason", "a song")
    assert done.stdout.startswith("rvc: held by anton (a song), ") and done.stdout.endswith(", hold h1\n")
    assert call("assets", "hold", "rvc", "--renew", "h1").exit_code == 0
    assert call("assets", "hold", "rvc", "--release", "h1").stdout == "rvc: hold h1 has ended\n"
    assert [(action, body) for _, action, _, body in desk.asked] == [
        ("holds", {"ttl_s": 60.0, "reason": "a song"}),
        ("holds", {"ttl_s": 600.0, "id": "h1"}),
        ("release", "h1"),
    ]


def test_reload_says_what_it_brought(call: Any, desk: AssetDesk) -> None:
    brought = {"added": ["a", "b"], "removed": ["c"], "changed": [], "left_running": ["c"]}
    desk.answers["reload"] = (200, brought)
    done = call("assets", "reload")
    assert done.stdout == "added: a, b\nremoved: c\n"
    assert done.stderr == "run on, and are no assets any more: c\n"
    assert json.loads(call("assets", "reload", "--json").stdout) == brought
    desk.answers["reload"] = (200, {"added": [], "removed": [], "changed": []})
    assert call("assets", "reload").stdout == "nothing has changed\n"


def test_a_registry_that_is_wrong_says_all_that_is(call: Any, desk: AssetDesk) -> None:
    desk.answers["reload"] = (422, {"detail": "a: no (and 1 more)", "problems": ["a: no", "b: neither"]})
    done = call("assets", "reload")
    assert (done.exit_code, done.stderr) == (1, "mixdesk: a: no (and 1 more)\n  a: no\n  b: neither\n")


# -- init ----------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / "studio"
    place.mkdir()
    monkeypatch.chdir(place)
    return place


def write_compose(folder: Path, services: str, name: str = "docker-compose.yml") -> None:
    (folder / name).write_text(f"name: studio\nservices: {{{services}}}\n")


def ids_in(file: Path) -> list[str]:
    return [table["id"] for table in tomllib.loads(file.read_text())["assets"]]


def test_init_writes_what_the_compose_file_of_the_folder_says(call: Any, folder: Path) -> None:
    write_compose(folder, "rvc: {image: x, gpus: all, depends_on: [redis]}, redis: {image: redis}")
    done = call("assets", "init")
    assert done.exit_code == 0, done.stderr
    assert done.stdout == (
        "mixdesk.toml: 2 assets from docker-compose.yml; set vram_mb where it is commented out. "
        "Next: `mixdesk up`, or `mixdesk assets reload`\n"
    )
    assert ids_in(folder / "mixdesk.toml") == ["rvc", "redis"]
    assert sorted(path.name for path in folder.iterdir()) == ["docker-compose.yml", "mixdesk.toml"]


def test_init_never_overwrites(call: Any, folder: Path) -> None:
    write_compose(folder, "redis: {image: redis}")
    (folder / "mixdesk.toml").write_text("[server]\nport = 1\n")
    done = call("assets", "init")
    assert done.exit_code == 1
    assert done.stderr == (
        "mixdesk: mixdesk.toml is there already, so it is left as it is: --append adds these entries to it\n"
    )
    assert tomllib.loads(done.stdout)["assets"][0]["id"] == "redis"
    assert (folder / "mixdesk.toml").read_text() == "[server]\nport = 1\n"
    assert call("assets", "init", "--out", "-").stdout == done.stdout


def test_init_appends_what_is_new(call: Any, folder: Path) -> None:
    file = folder / "mixdesk.toml"
    file.write_text("[server]\nport = 1\n[[assets]]\nid = 'cache'\ncontainer = 'studio-redis-1'\n# mine")
    file.chmod(0o640)
    write_compose(folder, "api: {image: x, depends_on: [redis, db]}, redis: {image: redis}, db: {image: mariadb}")
    assert call("assets", "init", "--append").exit_code == 0
    found = {table["id"]: table for table in tomllib.loads(file.read_text())["assets"]}
    assert list(found) == ["cache", "api", "db"] and found["api"]["dependencies"] == ["cache", "db"]
    assert "# mine\n" in file.read_text() and file.stat().st_mode & 0o777 == 0o640
    before = file.read_text()
    assert call("assets", "init", "--append").stdout == "mixdesk.toml has all of docker-compose.yml already\n"
    assert file.read_text() == before


def test_init_reads_the_override_of_the_folder_too(call: Any, folder: Path) -> None:
    write_compose(folder, "redis: {image: redis}")
    write_compose(folder, "api: {image: x}", "docker-compose.override.yml")
    done = call("assets", "init")
    assert done.stdout.startswith("mixdesk.toml: 2 assets from docker-compose.yml, docker-compose.override.yml")
    assert ids_in(folder / "mixdesk.toml") == ["redis", "api"]


@pytest.mark.skipif(os.getuid() != 0, reason="only root gives files away")
def test_init_leaves_a_file_to_its_owner(call: Any, folder: Path) -> None:
    write_compose(folder, "redis: {image: redis}")
    file = folder / "mixdesk.toml"
    file.write_text("[server]\nport = 1\n")
    file.chmod(0o640)
    os.chown(file, 1234, 2345)
    assert call("assets", "init", "--append").exit_code == 0
    now = file.stat()
    assert (now.st_uid, now.st_gid, now.st_mode & 0o777) == (1234, 2345, 0o640)
    assert ids_in(file) == ["redis"]


def test_init_appends_to_what_a_link_leads_to(call: Any, folder: Path) -> None:
    write_compose(folder, "redis: {image: redis}")
    with tempfile.TemporaryDirectory(dir="/dev/shm") as elsewhere:  # another file system
        real = Path(elsewhere) / "real.toml"
        real.write_text("[server]\nport = 1\n")
        (folder / "mixdesk.toml").symlink_to(real)
        done = call("assets", "init", "--append")
        assert done.exit_code == 0, done.stderr
        assert (folder / "mixdesk.toml").is_symlink() and ids_in(real) == ["redis"]
        assert list(Path(elsewhere).iterdir()) == [real]


def test_init_leaves_a_file_that_could_not_be_read_afterwards(call: Any, folder: Path) -> None:
    write_compose(folder, "redis: {image: redis}")
    file = folder / "mixdesk.toml"
    file.write_text("assets = []\n")
    done = call("assets", "init", "--append")
    assert (
        done.exit_code == 1 and "nothing is written" in done.stderr and "mixdesk.toml is not valid TOML" in done.stderr
    )
    assert file.read_text() == "assets = []\n" and len(list(folder.iterdir())) == 2
    file.write_text("[server")
    assert "not valid TOML" in call("assets", "init", "--append").stderr


@pytest.mark.parametrize(
    ("args", "message", "code"),
    [
        (("--compose", "no.yml"), "no.yml: it cannot be read: No such file or directory", 1),
        (("--docker", "no.sock"), "the Docker engine cannot be asked: no.sock: no Docker engine here", 1),
        (("--docker", "tcp://box:2375"), "tcp://box:2375: only the socket of an engine on this host is asked", 1),
        (("--docker", "a", "--compose", "b"), "give --compose or --docker, not both", 2),
    ],
)
def test_init_of_nothing_is_one_line(call: Any, folder: Path, args: tuple[str, ...], message: str, code: int) -> None:
    done = call("assets", "init", *args)
    assert (done.exit_code, done.stdout) == (code, "")
    assert message in done.stderr and done.stderr.count("\n") == 1


def test_init_without_anything_names_both_ways(call: Any, folder: Path) -> None:
    done = call("assets", "init", DOCKER_HOST=f"unix://{folder}/docker.sock")
    assert done.exit_code == 1 and "no Docker engine here" in done.stderr and "--compose FILE" in done.stderr


def test_init_of_several_files_to_another_place(call: Any, folder: Path) -> None:
    write_compose(folder, "a: {image: x}", "one.yml")
    write_compose(folder, "b: {image: x}", "two.yml")
    done = call("assets", "init", "--compose", "one.yml", "--compose", "two.yml", "--out", "sub/registry.toml")
    assert done.exit_code == 1 and "sub/registry.toml cannot be written: No such file or directory" in done.stderr
    (folder / "sub").mkdir()
    done = call("assets", "init", "--compose", "one.yml", "--compose", "two.yml", "--out", "sub/registry.toml")
    assert done.exit_code == 0 and ids_in(folder / "sub" / "registry.toml") == ["a", "b"]


# -- completion ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A PATH on which `mixdesk` is this one, and the script that it prints beside it."""
    folder = tmp_path_factory.mktemp("bin")
    (folder / "mixdesk").write_text(f'#!/bin/sh\nexec {sys.executable} -m mixdesk_control.cli "$@"\n')
    (folder / "mixdesk").chmod(0o755)
    with (folder / "completion.bash").open("wb") as script:
        subprocess.run([folder / "mixdesk", "completion", "bash"], stdout=script, check=True, timeout=60)
    return f"{folder}:{os.environ['PATH']}"


def offered(env: dict[str, str], *line: str) -> set[str]:
    """What a real bash has after Tab at the end of this line."""
    words = " ".join(f"'{word}'" for word in line)
    script = f"""
. completion.bash  # on the PATH
COMP_WORDS=({words}); COMP_CWORD={len(line) - 1}
_mixdesk
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
    done = subprocess.run(
        ["bash", "--norc", "-eu", "-c", script], env=env, capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    return set(done.stdout.split())


def ids_offered(env: dict[str, str], *line: str) -> set[str]:
    """The same where a desk is asked: on a busy machine it may take longer to answer than a press of Tab waits."""
    deadline = time.monotonic() + 60
    while not (found := offered(env, *line)):
        assert time.monotonic() < deadline, "no ids"
    return found


def test_a_real_shell_completes_all_of_it(cli_env: dict[str, str], desk: AssetDesk, path: str) -> None:
    env = cli_env | {"PATH": path}
    assert offered(env, "mixdesk", "") == set(NOUNS)
    assert offered(env, "mixdesk", "assets", "st") == {"status", "start", "stop"}
    assert ids_offered(env, "mixdesk", "assets", "start", "") == {"rvc", "hubert", "redis"}
    assert ids_offered(env, "mixdesk", "assets", "stop", "--cascade", "r") == {"rvc", "redis"}
    assert offered(env, "mixdesk", "assets", "start", "--e") == {"--evict"}
    assert offered(env, "mixdesk", "up", "--po") == {"--port"}


def test_a_command_in_ones_home_is_asked_too(cli_env: dict[str, str], desk: AssetDesk, path: str) -> None:
    env = cli_env | {"PATH": path, "HOME": path.partition(":")[0]}
    assert ids_offered(env, "~/mixdesk", "assets", "start", "") == {"rvc", "hubert", "redis"}


@pytest.mark.skipif(shutil.which("zsh") is None, reason="no zsh here")
def test_and_by_zsh(path: str, tmp_path: Path) -> None:
    folder = path.partition(":")[0]
    fake = tmp_path / "mixdesk"
    fake.write_text("#!/bin/sh\necho asked-$*\n")
    fake.chmod(0o755)
    script = subprocess.run(
        [f"{folder}/mixdesk", "completion", "zsh"], capture_output=True, text=True, check=True
    ).stdout
    for command in ("~/mixdesk", str(fake)):
        text = (
            "compdef() { :; }; compadd() { print -r -- $*; }\n"
            f"{script}\nwords=('{command}' assets start ''); CURRENT=4; _mixdesk"
        )
        done = subprocess.run(
            ["zsh", "-f", "-c", text],
            env={**os.environ, "HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            check=True,
        )
        assert "asked-completion" in done.stdout, (done.stdout, done.stderr)


def test_ids_that_are_none_are_never_offered(
    cli_env: dict[str, str], desk: AssetDesk, path: str, tmp_path: Path
) -> None:
    """Shells expand what they are offered: a desk must not run commands there."""
    for number, name in enumerate(("$(touch owned)", "`touch owned`", "a;b", "--url", "x y")):
        desk.put(an_asset("evil") | {"id": name, "name": str(number)})
    env = cli_env | {"PATH": path}
    assert ids_offered(env, "mixdesk", "assets", "start", "") == {"rvc", "hubert", "redis"}
    assert not list(tmp_path.rglob("owned")) and not Path("owned").exists()


def test_without_a_desk_nothing_is_said(tmp_path: Path, path: str) -> None:
    env = {key: value for key, value in os.environ.items() if not key.startswith("MIXDESK_")}
    env |= {"MIXDESK_STATE_DIR": str(tmp_path / "none"), "PATH": path}
    assert offered(env, "mixdesk", "assets", "start", "") == set()


def test_a_desk_that_does_not_answer_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        monkeypatch.setenv("MIXDESK_URL", f"http://127.0.0.1:{silent.getsockname()[1]}")
        monkeypatch.setenv("MIXDESK_CLI_TOKEN", "x")
        started = time.monotonic()
        assert completion.ids("assets") == []
        assert time.monotonic() - started < 10.0  # the client itself would wait for longer


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_scripts_are_scripts(call: Any, shell: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mixdesk_control.cli", "completion", shell], capture_output=True, text=True, check=True
    )
    for word in ("assets", "start", "completion ids assets", "completion ids jobs"):
        assert word in done.stdout
    if shutil.which(shell):
        (tmp_path / "script").write_text(done.stdout)
        subprocess.run([shell, "-n", str(tmp_path / "script")], check=True, timeout=60)


def test_completion_called_wrongly_says_how() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mixdesk_control.cli", "completion", "csh"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, "") and done.stderr.startswith("usage: mixdesk completion bash|zsh")
