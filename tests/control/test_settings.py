"""Settings: flags over environment over file over defaults, and one line for what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from mixdesk_control import settings
from mixdesk_control.settings import SettingsError

HOME = {"HOME": "/home/somebody"}


def write(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "mixdesk.toml"
    file.write_text(text)
    return file


def test_defaults_need_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = settings.load(env=HOME)
    assert (found.server.host, found.server.port, found.file) == (("127.0.0.1",), 9770, None)
    assert found.state_dir == Path("/home/somebody/.local/state/mixdesk")
    assert (found.jobs.lease_s, found.jobs.lost_fail_s, found.jobs.keep_days) == (10.0, 600.0, 90.0)
    assert (found.metrics.max_jobs, found.metrics.retention_s) == (200, 900.0)


def test_the_file_of_the_current_folder_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write(tmp_path, "[server]\nport = 1234\n")
    monkeypatch.chdir(tmp_path)
    found = settings.load(env=HOME)
    assert (found.server.port, found.file) == (1234, file)


def test_flags_beat_environment_beats_file(tmp_path: Path) -> None:
    file = write(tmp_path, "[server]\nport = 1\nhost = 'a'\n[jobs]\nlease_s = 3\n")
    env = HOME | {"MIXDESK_SERVER__PORT": "2", "MIXDESK_SERVER__HOST": "b"}
    assert settings.load(file, env).server.port == 2
    found = settings.load(file, env, server={"port": 3})
    assert (found.server.port, found.server.host, found.jobs.lease_s) == (3, ("b",), 3.0)


def test_what_an_environment_variable_can_hold(tmp_path: Path) -> None:
    env = HOME | {
        "MIXDESK_SERVER__HOST": "127.0.0.1, ::1",
        "MIXDESK_SERVER__ALLOWED_ORIGINS": '["http://a:1"]',
        "MIXDESK_AUTH__TOKEN_FILES__ADMIN": "/run/secrets/admin",
        "MIXDESK_JOBS__WEIGHTS": '{"mine": {"a": 1, "b": 2}}',
        "MIXDESK_EXPORTER__NODE_NAMES": "false",
        "MIXDESK_URL": "http://no-setting",
        "MIXDESK_TOKEN": "x",
        "MIXDESK_STRICT": "1",
    }
    found = settings.load(write(tmp_path, ""), env)
    assert found.server.host == ("127.0.0.1", "::1")
    assert found.server.allowed_origins == ("http://a:1",)
    assert found.auth.token_files == {"admin": Path("/run/secrets/admin")}
    assert found.jobs.weights == {"mine": {"a": 1.0, "b": 2.0}}
    assert found.exporter.node_names is False


def test_relative_paths_count_from_the_files_own_folder(tmp_path: Path) -> None:
    text = "[auth]\ntoken_files = {admin = 'secrets/admin', viewer = '/abs'}\n"
    text += "[server]\ntls_cert = 'c.pem'\ntls_key = 'k.pem'"
    found = settings.load(write(tmp_path, text), HOME)
    assert found.auth.token_files == {"admin": tmp_path / "secrets/admin", "viewer": Path("/abs")}
    assert found.server.tls_cert == tmp_path / "c.pem"


@pytest.mark.parametrize(
    ("text", "site"),
    [
        ("http://localhost:80", "http://localhost"),
        ("http://localhost:80/", "http://localhost"),
        ("http://localhost:", "http://localhost"),
        ("http://localhost:080", "http://localhost"),
        ("HTTPS://Desk.Example:443", "https://desk.example"),
        ("http://[::1]:80", "http://[::1]"),
        ("http://[::80]", "http://[::80]"),
        ("http://localhost:443", "http://localhost:443"),
        ("https://localhost:80", "https://localhost:80"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://localhost:0", "http://localhost:0"),
    ],
)
def test_a_site_is_written_as_browsers_write_it(tmp_path: Path, text: str, site: str) -> None:
    lists = f"allowed_origins = ['{text}']"
    found = settings.load(write(tmp_path, f"[server]\npublic_url = '{text}'\n{lists}"), HOME).server
    assert (found.public_url, found.allowed_origins) == (site, (site,))


@pytest.mark.parametrize(
    ("env", "folder"),
    [
        ({"MIXDESK_STATE_DIR": "/a/b"}, "/a/b"),
        ({"XDG_STATE_HOME": "/x"}, "/x/mixdesk"),
        ({"HOME": "/h"}, "/h/.local/state/mixdesk"),
        ({"MIXDESK_STATE_DIR": "/a", "XDG_STATE_HOME": "/x", "HOME": "/h"}, "/a"),
    ],
)
def test_state_folder(env: dict[str, str], folder: str) -> None:
    assert settings.default_state_dir(env) == Path(folder)


def test_a_relative_state_folder_is_made_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert settings.default_state_dir({"MIXDESK_STATE_DIR": "here"}) == tmp_path / "here"


@pytest.mark.parametrize(
    ("text", "env", "parts"),
    [
        ("[server]\nprot = 1", {}, ["server.prot is not a setting", "did you mean port?", "mixdesk.toml"]),
        ("[sever]\nport = 1", {}, ["sever is not a setting", "did you mean server?"]),
        ("[server]\nport = 99999", {}, ["server.port = 99999", "65535"]),
        ("[jobs]\nlease_s = 0", {}, ["jobs.lease_s = 0", "greater than 0"]),
        ("[jobs]\nlease_s = 'soon'", {}, ["jobs.lease_s = 'soon'", "number"]),
        ("[server]\npublic_url = 'desk.lan'", {}, ["server.public_url = 'desk.lan'", "http:// or https://"]),
        ("[server]\npublic_url = 'https://desk.lan/under/a/path'", {}, ["no path"]),
        ("[auth]\ntoken_files = {root = 'x'}", {}, ["auth.token_files", "'root' is not a role", "scraper"]),
        ("[server", {}, ["not valid TOML"]),
        ("", {"MIXDESK_SERVER__PORT": "x"}, ["MIXDESK_SERVER__PORT", "server.port = 'x'"]),
        ("", {"MIXDESK_SERVER__PROT": "1"}, ["MIXDESK_SERVER__PROT", "did you mean port?"]),
        ("", {"MIXDESK_SEVER__PORT": "1"}, ["MIXDESK_SEVER__PORT is not a setting", "server"]),
        ("", {"MIXDESK_SERVER__HOST": "a", "MIXDESK_SERVER__HOST__X": "b"}, ["MIXDESK_SERVER__HOST"]),
    ],
)
def test_what_is_wrong_is_said_in_one_line(tmp_path: Path, text: str, env: dict[str, str], parts: list[str]) -> None:
    with pytest.raises(SettingsError) as caught:
        settings.load(write(tmp_path, text), HOME | env)
    message = str(caught.value)
    assert "\n" not in message
    for part in parts:
        assert part in message


def test_a_file_that_is_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        settings.load(tmp_path / "no.toml", HOME)


def test_the_endpoint_of_spans_defaults_to_the_usual_variable(tmp_path: Path) -> None:
    file = write(tmp_path, "")
    assert settings.load(file, HOME | {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318"}).otel.endpoint == "http://c:4318"
    assert settings.load(file, HOME).otel.endpoint is None


def test_every_table_of_the_contract_is_known(tmp_path: Path) -> None:
    text = """
[metrics]
max_jobs = 5
[[assets]]
id = "rvc"
driver = "docker"
container = "rvc"
gpus = [0, "GPU-1"]
vram_mb = 2048
[logs]
compose = ["a.yml"]
[exporter]
collectors = ["cpu"]
[store]
url = ""
[otel]
endpoint = "http://c"
[prometheus]
url = "http://p:9090"
[gpu]
headroom_mb = 100
[meters]
sources = ["local", "http://box2:9771"]
[grafana]
url = "http://g:3000"
browser_url = "http://g"
[loki]
url = "http://l:3100"
[notify]
"""
    found = settings.load(write(tmp_path, text), HOME)
    assert found.assets[0].gpus == (0, "GPU-1")
    assert found.logs.compose == (tmp_path / "a.yml",)
    assert found.meters.sources == ("local", "http://box2:9771")
