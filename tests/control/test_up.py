"""`mixdesk up` and the commands beside it: real processes."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

NewDesk = Callable[..., Any]


def fails(desk: Any, *arguments: str, status: int = 1, **env: str) -> str:
    """The one line of a command that is refused."""
    done = desk.run(*arguments, **env)
    assert done.returncode == status, (done.stdout, done.stderr)
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1 and lines[0].startswith("mixdesk: "), done.stderr
    return str(lines[0])


def test_what_up_prints(new_desk: NewDesk) -> None:
    desk = new_desk().start()
    text = desk.log.read_text()
    link = re.search(rf"{desk.url}/ui/login/#(\S+)", text)
    assert link is not None
    headers = {"Origin": desk.url}
    signed = requests.post(f"{desk.url}/auth/login", json={"code": link[1]}, headers=headers, timeout=30)
    assert signed.json()["roles"] == ["admin", "operator", "viewer"]
    for token in desk.tokens.values():
        assert token not in text
    assert f"MIXDESK_STATE_DIR={desk.state_dir} " in text and f"pid {desk.pid}" in text


def test_the_next_steps_work_from_another_folder(new_desk: NewDesk, tmp_path: Path) -> None:
    desk = new_desk().start()
    found = re.search(r"another one: (.*)$", desk.log.read_text(), re.MULTILINE)
    assert found is not None
    bare = {name: value for name, value in desk.env.items() if name != "MIXDESK_STATE_DIR"}
    done = subprocess.run(found[1], shell=True, cwd=tmp_path, env=bare, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and done.stdout.startswith(f"{desk.url}/ui/login/#"), done.stderr


def test_the_state_folder_is_private(new_desk: NewDesk) -> None:
    desk = new_desk().start()
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in desk.state_dir.iterdir() if path.is_file()}
    assert stat.S_IMODE(desk.state_dir.stat().st_mode) == 0o700
    assert {name: mode for name, mode in modes.items() if mode & 0o077} == {}
    running = json.loads((desk.state_dir / "desk.json").read_text())
    assert (running["url"], running["pid"], running["port"]) == (desk.url, desk.pid, desk.port)
    assert running["started_at"] == pytest.approx(time.time(), abs=120)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_in_order(new_desk: NewDesk, number: signal.Signals) -> None:
    desk = new_desk().start()
    desk.process.send_signal(number)
    assert desk.process.wait(60) == 0
    assert not (desk.state_dir / "desk.json").exists()
    assert "Traceback" not in desk.log.read_text()


def test_a_long_poll_does_not_hold_it_up(new_desk: NewDesk) -> None:
    desk = new_desk().start()
    with socket.create_connection(("127.0.0.1", desk.port)) as held:
        bearer = f"Authorization: Bearer {desk.tokens['reporter']}"
        held.sendall(f"GET /jobs/desired?job=j1:0&wait=25 HTTP/1.1\r\nHost: localhost\r\n{bearer}\r\n\r\n".encode())
        with socket.create_connection(("127.0.0.1", desk.port)):
            time.sleep(0.3)
            began = time.monotonic()
            assert desk.stop() == 0
            assert time.monotonic() - began < 24, "a poll of 25 s must not be waited for"


def test_started_again_beside_itself_it_prints_a_link(new_desk: NewDesk) -> None:
    desk = new_desk().start()
    done = desk.run("up", "--port", str(desk.port))
    assert done.returncode == 0 and f"{desk.url}/ui/login/#" in done.stdout and f"pid {desk.pid}" in done.stdout
    line = fails(desk, "up", "--port", str(desk.port + 1))
    assert f"pid {desk.pid}" in line and f"port {desk.port}" in line and str(desk.state_dir) in line
    assert requests.get(f"{desk.url}/healthz", timeout=30).status_code == 200


def test_after_a_sigkill_it_starts_again(new_desk: NewDesk) -> None:
    desk = new_desk().start()
    tokens = desk.tokens
    desk.kill()
    assert (desk.state_dir / "desk.json").exists()
    desk.restart()
    assert desk.tokens == tokens and desk.ask("GET", "/auth/me").status_code == 200


def test_a_taken_port_is_one_line(new_desk: NewDesk) -> None:
    desk = new_desk()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", desk.port))
        taken.listen()
        line = fails(desk, "up", "--port", str(desk.port))
    assert f"port {desk.port}" in line and "--port" in line and f"pid {os.getpid()}" in line
    desk.start()  # and nothing was left behind


@pytest.mark.parametrize(
    ("config", "part"),
    [
        ("[server]\nprot = 1", "server.prot is not a setting"),
        ("[server]\nhost = '203.0.113.77'\n[auth]\ntoken_files = {admin = 'admin'}", "without TLS"),
        ("[server]\nhost = '0.0.0.0'\ntrusted_networks = ['10.0.0.0/8']", "nobody set tokens on purpose"),
        ("[server]\nhost = '0.0.0.0'\ntls_cert = 'c.pem'\n[auth]\ntoken_files = {admin = 'admin'}", "belong together"),
        ("[server]\ntrusted_networks = ['no-such-interface']", "no-such-interface"),
        ("[auth]\ntoken_files = {admin = 'nowhere'}", "nowhere cannot be read"),
        ("[store]\nurl = 'nonsense'", ""),
    ],
)
def test_starts_that_are_refused(new_desk: NewDesk, config: str, part: str) -> None:
    desk = new_desk(config=config)
    (desk.state_dir.parent / "admin").write_text("a-token-that-somebody-chose")
    assert part in fails(desk, "up", "--port", str(desk.port), "--config", str(desk._config))


def test_bad_databases_are_refused_and_left_alone(new_desk: NewDesk) -> None:
    desk = new_desk().start()
    desk.stop()
    file = desk.state_dir / "mixdesk.db"
    with sqlite3.connect(file) as conn:
        conn.execute("UPDATE alembic_version SET version_num = '9999'")
    before = file.read_bytes()
    assert "newer version" in fails(desk, "up", "--port", str(desk.port))
    assert file.read_bytes() == before
    file.write_bytes(b"not a database at all" * 100)
    before = file.read_bytes()
    assert "mixdesk.db" in fails(desk, "up", "--port", str(desk.port))
    assert file.read_bytes() == before


def test_beyond_loopback_with_tokens_on_purpose(new_desk: NewDesk) -> None:
    """A token made on a loopback bind is on purpose; peers must then be of a trusted network."""
    desk = new_desk().start()
    assert desk.run("token", "create", "viewer").returncode == 0
    desk.stop()
    desk._config.write_text("[server]\nhost = '0.0.0.0'\ntrusted_networks = ['240.1.2.0/24']")
    desk.start()
    assert desk.ask("GET", "/auth/me", "viewer").status_code == 200
    assert "browsers cannot sign in" in desk.log.read_text()
    other = _own_address()
    if other is not None:
        answer = requests.get(f"http://{other}:{desk.port}/healthz", timeout=30)
        assert answer.status_code == 403 and "trusted_networks" in answer.json()["detail"]
        desk._config.write_text(f"[server]\nhost = '0.0.0.0'\ntrusted_networks = ['{other}']")
        desk.restart()
        bearer = {"Authorization": f"Bearer {desk.tokens['viewer']}"}
        assert requests.get(f"http://{other}:{desk.port}/auth/me", headers=bearer, timeout=30).status_code == 200


def _own_address() -> str | None:
    """An address of this machine that is not loopback, if it has one."""
    import psutil

    addresses = (item for items in psutil.net_if_addrs().values() for item in items if item.family == socket.AF_INET)
    return next((item.address for item in addresses if not item.address.startswith("127.")), None)


def test_tls(new_desk: NewDesk, tmp_path: Path) -> None:
    key, cert = tmp_path / "k.pem", tmp_path / "c.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", str(key), "-out", str(cert)],
        check=True, capture_output=True,
    )  # fmt: skip
    desk = new_desk(config=f"[server]\ntls_cert = '{cert}'\ntls_key = '{key}'")
    desk.url, desk._env["SSL_CERT_FILE"] = desk.url.replace("http", "https"), str(cert)
    desk._answers = lambda: desk._announced()
    desk.start()
    done = desk.run("login")
    assert done.stdout.startswith(f"{desk.url}/ui/login/#"), done.stderr
    code = done.stdout.strip().partition("#")[2]
    headers = {"Origin": desk.url}
    signed = requests.post(f"{desk.url}/auth/login", json={"code": code}, headers=headers, verify=str(cert), timeout=30)
    assert signed.status_code == 200
    assert signed.headers["Set-Cookie"].startswith("__Host-mixdesk_") and "Secure" in signed.headers["Set-Cookie"]


def test_token_files_that_are_given(new_desk: NewDesk) -> None:
    desk = new_desk(config="[auth]\ntoken_files = {admin = 'admin'}")
    secret = "a-token-that-somebody-chose"
    (desk.state_dir.parent / "admin").write_text(secret + "\n")
    desk.start()
    assert "admin" not in desk.tokens
    bearer = {"Authorization": f"Bearer {secret}"}
    assert requests.get(f"{desk.url}/auth/me", headers=bearer, timeout=30).json()["name"] == "admin"
    # The narrower tokens of the state folder still serve the command line; the given one is passed on purpose.
    assert "needs the role admin" in fails(desk, "token", "list")
    assert desk.run("token", "list", "--token-file", str(desk.state_dir.parent / "admin")).returncode == 0
    assert desk.run("token", "list", MIXDESK_CLI_TOKEN=secret).returncode == 0
    assert "needs the role admin" in fails(desk, "token", "list", MIXDESK_TOKEN=secret)
    # To revoke it would stop the next start: its file is what says who may come in.
    said = fails(desk, "token", "revoke", "admin", MIXDESK_CLI_TOKEN=secret)
    assert str(desk.state_dir.parent / "admin") in said and "restart" in said
    answer = requests.get(f"{desk.url}/admin/tokens", headers=bearer, timeout=30).json()["items"]
    given = next(token for token in answer if token["name"] == "admin")
    refused = requests.delete(f"{desk.url}/admin/tokens/{given['id']}", headers=bearer, timeout=30)
    assert refused.status_code == 409
    (desk.state_dir.parent / "admin").write_text("another-token-that-somebody-chose\n")
    desk.restart()
    assert requests.get(f"{desk.url}/auth/me", headers=bearer, timeout=30).status_code == 401, "a rotation"


def test_login(desk: Any) -> None:
    done = desk.run("login")
    assert done.returncode == 0 and done.stdout.startswith(f"{desk.url}/ui/login/#")
    assert json.loads(desk.run("login", "--json").stdout)["url"].startswith(desk.url)


def test_commands_without_a_desk_say_so(new_desk: NewDesk) -> None:
    desk = new_desk()
    assert "mixdesk up" in fails(desk, "login")
    assert "mixdesk up" in fails(desk, "token", "list")


def test_tokens(desk: Any) -> None:
    made = desk.run("token", "create", "reporter", "--name", "box7", "--owner", "ann")
    assert made.returncode == 0
    secret = re.search(r"^export MIXDESK_TOKEN=(mxd_\S+)$", made.stdout, re.MULTILINE)
    assert secret is not None and f"export MIXDESK_URL={desk.url}" in made.stdout and "environment:" in made.stdout
    bearer = {"Authorization": f"Bearer {secret[1]}"}
    me = requests.get(f"{desk.url}/auth/me", headers=bearer, timeout=30).json()
    assert (me["name"], me["owner"], me["roles"]) == ("box7", "ann", ["reporter"])
    assert "box7" in desk.run("token", "list").stdout and secret[1] not in desk.run("token", "list", "--json").stdout
    assert desk.run("token", "revoke", "box7").returncode == 0
    assert requests.get(f"{desk.url}/auth/me", headers=bearer, timeout=30).status_code == 401
    assert "box7" not in desk.run("token", "list").stdout and "box7" in desk.run("token", "list", "--all").stdout
    assert "no valid token 'box7'" in fails(desk, "token", "revoke", "box7")
    assert "'root' is not known" in fails(desk, "token", "create", "root")
    listed = json.loads(desk.run("token", "list", "--json").stdout)
    assert isinstance(listed, list) and {item["name"] for item in listed} >= {"admin", "viewer"}


def test_backup_beside_a_running_desk(desk: Any, tmp_path: Path) -> None:
    file = tmp_path / "copy.db"
    done = desk.run("backup", str(file))
    assert done.returncode == 0 and str(file) in done.stdout
    with sqlite3.connect(file) as conn:
        assert conn.execute("SELECT count(*) FROM tokens").fetchone()[0] >= 5
    assert "exists already" in fails(desk, "backup", str(file))


def test_doctor(desk: Any, new_desk: NewDesk) -> None:
    done = desk.run("doctor", "--json", MIXDESK_SERVER__PORT=str(desk.port))
    found = {item["check"]: item for item in json.loads(done.stdout)}
    assert done.returncode == 0, found
    for name in ("python", "state folder", "database", "tokens", "desk", "port", "clock"):
        assert found[name]["verdict"] == "ok", found[name]
    assert found["grafana"]["verdict"] == "absent"
    text = desk.run("doctor", MIXDESK_SERVER__PORT=str(desk.port)).stdout
    assert "set [grafana] url" in text

    away = new_desk()
    before = away.run("doctor", "--json", MIXDESK_SERVER__PORT=str(away.port))
    assert before.returncode == 0 and {item["verdict"] for item in json.loads(before.stdout)} <= {"ok", "absent"}


def test_doctor_names_what_is_broken(new_desk: NewDesk) -> None:
    desk = new_desk().start()
    desk.kill()
    for path in (desk.state_dir, desk.state_dir / "tokens" / "admin"):
        path.chmod(0o755)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = desk.run(
            "doctor", "--json", MIXDESK_SERVER__PORT=str(port), MIXDESK_GRAFANA__URL=f"http://127.0.0.1:{desk.port}"
        )
    assert done.returncode == 1
    verdicts = {item["check"]: item["verdict"] for item in json.loads(done.stdout)}
    wanted = {"desk": "broken", "port": "broken", "grafana": "broken", "state folder": "warning", "tokens": "warning"}
    assert {name: verdicts[name] for name in wanted} == wanted
    assert all(item["todo"] for item in json.loads(done.stdout) if item["verdict"] != "ok")


def test_a_check_that_hangs_or_crashes_is_said_to() -> None:
    from mixdesk_control import settings
    from mixdesk_control.doctor import runner
    from mixdesk_control.doctor.finding import Context, Finding

    def hang(_context: Context) -> Finding:
        time.sleep(60)
        raise AssertionError

    def crash(_context: Context) -> Finding:
        raise ValueError("boom")

    def fine(_context: Context) -> Finding:
        return Finding("fine", "ok", "yes")

    found = runner.run(Context(settings.load(env={"HOME": "/nowhere"})), [hang, crash, fine], limit_s=0.5)
    assert [item.verdict for item in found] == ["broken", "broken", "ok"]
    assert "no answer in 0.5 s" in found[0].found and "boom" in found[1].found


# The door


def cli(*arguments: str, code: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code] if code else [sys.executable, "-m", "mixdesk_control.cli"]
    return subprocess.run([*command, *arguments], capture_output=True, text=True, timeout=60)


def test_help_and_usage() -> None:
    done = cli("--help")
    assert done.returncode == 0
    for noun in ("up", "login", "demo", "jobs", "checkpoints", "token", "backup", "doctor"):
        assert re.search(rf"^  {noun} ", done.stdout, re.MULTILINE)
    assert cli().returncode == 2
    unknown = cli("nonsense")
    assert unknown.returncode == 2 and "mixdesk --help" in unknown.stderr
    assert cli("up", "--nonsense").returncode == 2
    assert re.fullmatch(r"mixdesk \d+\.\d+\.\d+\n", cli("--version").stdout)


def test_the_door_imports_the_standard_library_alone() -> None:
    code = (
        "import sys; import mixdesk_control.cli as door; door.usage()\n"
        "ours = {'mixdesk_control'}\n"
        "print(sorted({name.partition('.')[0] for name in sys.modules} - set(sys.stdlib_module_names) - ours))"
    )
    bare = subprocess.run([sys.executable, "-c", "import sys; print(sorted({n.partition('.')[0] for n in sys.modules} - set(sys.stdlib_module_names)))"], capture_output=True, text=True, timeout=60)  # fmt: skip  # noqa: E501
    assert cli(code=code).stdout == bare.stdout


def test_a_missing_extra_is_one_line() -> None:
    code = (
        "import sys; sys.modules['typer'] = None; sys.argv = ['mixdesk', 'jobs', 'list']\n"
        "from mixdesk_control.cli import main; main()"
    )
    done = cli(code=code)
    assert done.returncode == 2
    assert (
        done.stderr == "mixdesk: `mixdesk jobs` needs typer, which is not installed: pip install 'mixdesk[control]'\n"
    )


def test_an_old_python_is_one_line() -> None:
    code = (
        "import sys; sys.version_info = (3, 10, 14, 'final', 0); sys.argv = ['mixdesk', 'up']\n"
        "from mixdesk_control.cli import main; main()"
    )
    done = cli(code=code)
    assert done.returncode == 2 and "Python 3.11" in done.stderr and "3.10.14" in done.stderr
