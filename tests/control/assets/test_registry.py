"""The registry: what makes one, and each thing that may be wrong with it said in one line."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import tomllib

from mixdesk_control import settings
from mixdesk_control.assets import registry
from mixdesk_control.assets.asset import Asset
from mixdesk_control.assets.registry import RegistryError
from mixdesk_control.settings_assets import AssetSettings, HttpSettings, ProcessSettings


class Named:
    """As much of a driver as the registry asks."""

    def __init__(self, name: str) -> None:
        self.name = name

    def key(self, asset: Asset) -> str:
        target = asset.target
        if isinstance(target, HttpSettings):
            if not target.model:
                raise ValueError("http.model is missing: say which of the server's models it is")
            return f"model {target.model} at {target.url}"
        if isinstance(target, ProcessSettings):
            return f"process name {target.name}" if target.name else f"process {asset.id}"
        return f"container {target}"


DRIVERS: Mapping[str, Any] = {name: Named(name) for name in ("docker", "process", "http")}


def entries(text: str) -> list[AssetSettings]:
    return [AssetSettings.model_validate(table) for table in tomllib.loads(text).get("assets", ())]


def built(text: str) -> Mapping[str, Asset]:
    return registry.build(entries(text), DRIVERS).assets


def docker(asset_id: str, more: str = "", container: str | None = None) -> str:
    return f"[[assets]]\nid = '{asset_id}'\ncontainer = '{container or asset_id}'\n{more}\n"


def test_an_entry_becomes_an_asset() -> None:
    text = """
[[assets]]
id = "rvc"
type = "model"
resource_type = "gpu"
container = "voice-rvc-1"
dependencies = ["hubert", "hubert"]
vram_mb = 2048
ready = "health"
evictable = true
[[assets]]
id = "hubert"
name = "HuBERT"
process = { argv = ["python", "serve.py"] }
gpus = [1, "GPU-7"]
ready = { log = "listening" }
detach = true
[[assets]]
id = "llama"
http = { url = "http://127.0.0.1:11434", model = "llama3", preset = "ollama" }
ready = { http = "http://127.0.0.1:11434/" }
"""
    found = built(text)
    assert list(found) == ["rvc", "hubert", "llama"]
    rvc, hubert, llama = found.values()
    assert (rvc.name, rvc.driver, rvc.target, rvc.dependencies) == ("rvc", "docker", "voice-rvc-1", ("hubert",))
    assert (rvc.gpus, rvc.vram_mb, rvc.ready.health, rvc.evictable) == ((0,), 2048.0, True, True)
    assert (hubert.name, hubert.driver, hubert.target.argv) == ("HuBERT", "process", ("python", "serve.py"))
    assert (hubert.gpus, hubert.vram_mb, hubert.detach) == ((1, "GPU-7"), None, True)
    assert (llama.driver, llama.target.model) == ("http", "llama3")


def test_nothing_is_a_registry_too() -> None:
    assert built("") == {}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            docker("bark") + docker("bark", container="other"),
            "assets.bark: this id is given twice: give each asset an id of its own",
        ),
        (
            docker("stream"),
            "assets.stream: stream is no id for an asset: the desk's own paths have that word; give another one",
        ),
        (
            "[[assets]]\nid = 'bark'",
            "assets.bark: it does not say what it is: give one of container, process and http",
        ),
        (
            "[[assets]]\nid = 'bark'\ndriver = 'docker'",
            "assets.bark: it does not say what it is: give container, which docker acts on",
        ),
        (
            docker("bark", "process = {name = 'bark'}"),
            "assets.bark: container and process are given: give one of container, process and http",
        ),
        (
            docker("bark", "driver = 'process'"),
            "assets.bark: driver = 'process' acts on process, not on container: use driver = 'docker'",
        ),
        (
            docker("rvc", "dependencies = ['hubrt']") + docker("hubert"),
            "assets.rvc: it depends on hubrt, which is not in the registry; did you mean hubert?",
        ),
        (
            docker("rvc", "dependencies = ['redis']"),
            "assets.rvc: it depends on redis, which is not in the registry; it needs a [[assets]] of its own",
        ),
        (
            docker("rvc", "dependencies = ['rvc']"),
            "assets.rvc: it depends on itself: take rvc out of its dependencies",
        ),
        (
            docker("x", "dependencies = ['a']")
            + docker("a", "dependencies = ['b']")
            + docker("b", "dependencies = ['c']")
            + docker("c", "dependencies = ['a']"),
            "assets.a: circular dependency a -> b -> c -> a: take one of these out",
        ),
        (
            docker("a", container="same") + docker("b", container="same"),
            "assets.b: container same is the asset a already: one asset a thing",
        ),
        (
            "[[assets]]\nid = 'a'\nprocess = {name = 'p'}\n[[assets]]\nid = 'b'\nprocess = {name = 'p'}",
            "assets.b: process name p is the asset a already: one asset a thing",
        ),
        (
            (
                "[[assets]]\nid = 'a'\nhttp = {url = 'http://h', model = 'm'}\n"
                "[[assets]]\nid = 'b'\nhttp = {url = 'http://h', model = 'm'}"
            ),
            "assets.b: model m at http://h is the asset a already: one asset a thing",
        ),
        (
            "[[assets]]\nid = 'a'\nhttp = {url = 'http://h'}",
            "assets.a: http.model is missing: say which of the server's models it is",
        ),
        (
            "[[assets]]\nid = 'a'\nprocess = {argv = ['x']}\nready = 'health'",
            (
                "assets.a: ready.health is a container's health check, and this is a process asset: "
                "use ready.port or ready.http"
            ),
        ),
        (
            "[[assets]]\nid = 'a'\nhttp = {url = 'http://h', model = 'm'}\nready = {log = 'up'}",
            "assets.a: ready.log: the desk does not see what a model server writes: leave it out, its check tells",
        ),
        (docker("a", "gpus = [0, 1, 0]"), "assets.a: gpus names 0 twice: the need in vram_mb is on each of them"),
        (
            docker("a", "gpus = [-1]"),
            "assets.a: gpus = -1: an index counts from 0, as `nvidia-smi -L` shows it; a UUID is a text",
        ),
        (
            docker("a", "gpus = ['0', 'GPU-7']"),
            "assets.a: gpus = '0': an index is a number: write 0 without quotes; a UUID is a text",
        ),
        (
            docker("a", "detach = true"),
            "assets.a: detach is for process assets: a docker asset goes on by itself when the desk stops",
        ),
    ],
)
def test_what_is_wrong_is_one_line(text: str, problem: str) -> None:
    with pytest.raises(RegistryError) as caught:
        built(text)
    assert (caught.value.problems, str(caught.value)) == ([problem], problem)


def test_all_that_is_wrong_is_told_at_once() -> None:
    text = docker("a", "dependencies = ['gone', 'a']") + docker("b", "gpus = [1, 1]") + docker("reload")
    with pytest.raises(RegistryError) as caught:
        built(text)
    assert [problem.split(":")[0] for problem in caught.value.problems] == [
        "assets.b", "assets.reload", "assets.a", "assets.a",
    ]  # fmt: skip
    assert str(caught.value) == f"{caught.value.problems[0]} (and 3 more)"


def test_a_driver_that_this_desk_does_not_have() -> None:
    with pytest.raises(RegistryError, match=r"assets.a: this desk has no driver 'docker': it has process"):
        registry.build(entries(docker("a")), {"process": DRIVERS["process"]})


def test_what_another_reading_changes() -> None:
    old = registry.build(entries(docker("a") + docker("b") + docker("c")), DRIVERS)
    new = registry.build(entries(docker("d") + docker("c", "vram_mb = 5") + docker("a")), DRIVERS)
    found = registry.difference(old, new)
    assert (found.added, found.removed, found.changed) == (("d",), ("b",), ("c",))
    assert registry.difference(new, new) == registry.Difference((), (), ())


def test_the_file_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "mixdesk.toml"
    file.write_text("[server]\nport = 1\n" + docker("a"))
    running = settings.load(file, {"MIXDESK_SERVER__HOST": "h"})
    file.write_text("[server]\nport = 2\n" + docker("b"))
    assert [entry.id for entry in registry.reread(running, {})] == ["b"]
    file.write_text(docker("b", "vram_mb = 'much'"))
    with pytest.raises(settings.SettingsError) as caught:
        registry.reread(running, {})
    assert str(caught.value).startswith(f"{file}: assets.b: vram_mb = 'much': ") and "\n" not in str(caught.value)


def test_a_desk_without_a_file_takes_the_one_that_came(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    running = settings.load(env={})
    assert list(registry.reread(running, {})) == []
    (tmp_path / "mixdesk.toml").write_text(docker("a"))
    assert [entry.id for entry in registry.reread(running, {})] == ["a"]


# -- the file ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id = 'bark'\nvram_mb = 'x'", "assets.bark: vram_mb = 'x': Input should be a valid number"),
        ("id = 'bark'\nvram = 1", "assets.bark: vram is not a setting; did you mean vram_mb? (known: container, "),
        ("id = 'bark'\nprocess = {argvs = ['x']}", "assets.bark: process.argvs is not a setting; did you mean argv?"),
        ("id = 'bark'\nready = {prt = 1}", "assets.bark: ready.prt is not a setting; did you mean port? (known: "),
        (
            "id = 'bark'\nhttp = {url = 'http://h', load = {path = '/', jsn = 1}}",
            "assets.bark: http.load.jsn is not a setting; did you mean json? (known: json, method, path)",
        ),
        ("id = 'bark'\nhttp = {model = 'm'}", "assets.bark: http.url is missing"),
        ("id = 'bark'\ngpus = [1.5]", "assets.bark: gpus.0 = 1.5: Input should be a valid integer"),
        ("id = 'bark'\ngpus = [true]", "assets.bark: gpus.0 = True: Input should be a valid integer"),
        ("id = 'bark'\nvram_mb = inf", "assets.bark: vram_mb = inf: Input should be a finite number"),
        ("id = 'bark'\nvram_mb = nan", "assets.bark: vram_mb = nan: Input should be"),
        ("id = 'bark'\nvram_mb = true", "assets.bark: vram_mb = True: Input should be a valid number"),
        ("id = 'bark'\nready = {port = true}", "assets.bark: ready.port = True: Input should be a valid integer"),
        ("id = 'bark'\nstop_grace_s = '5'", "assets.bark: stop_grace_s = '5': Input should be a valid number"),
        ("id = 'bark'\nprocess = {cwd = '/', env = {KEY = 'secret'}}", "assets.bark: process: give one of argv"),
        ("id = 'bark'\nprocess = {env = 'KEY=secret'}", "assets.bark: process.env: Input should be a valid dict"),
        ("id = 'bark'\nprocess = {env = {KEY = ['secret']}}", "assets.bark: process.env.KEY: Input should be a valid"),
        ("id = 'bark'\nprocess = [{env = {KEY = 'secret'}}]", "assets.bark: process: Input should be a valid dict"),
        ("id = 'bark'\nhttp = {url = 'http://h', headers = 'Bearer secret'}", "assets.bark: http.headers: Input "),
        (
            "id = 'bark'\nhttp = 'http://me:secret@h'",
            "assets.bark: http = 'http://***@h': Input should be a valid dict",
        ),
        ("name = 'Bark'", "assets, entry 1: id is missing"),
        ("id = 'Bark'", "assets, entry 1: id = 'Bark': String should match pattern"),
        ('id = "b\\na"\nvram = 1', "assets, entry 1: id = "),
    ],
)
def test_a_wrong_entry_is_named_by_its_id(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "mixdesk.toml"
    file.write_text(f"[[assets]]\n{text}\n")
    with pytest.raises(settings.SettingsError) as caught:
        settings.load(file, {})
    said = str(caught.value)
    assert said.startswith(f"{file}: {message}"), said
    assert "\n" not in said and "secret" not in said


def test_one_table_instead_of_a_list_of_them(tmp_path: Path) -> None:
    file = tmp_path / "mixdesk.toml"
    file.write_text("[assets]\nid = 'bark'\n")
    with pytest.raises(settings.SettingsError, match=r"assets: each of them is a table of its own, \[\[assets\]\]$"):
        settings.load(file, {})


def test_paths_of_entries_count_from_the_files_folder(tmp_path: Path) -> None:
    text = """
[[assets]]
id = "a"
process = { argv = ["./serve"], cwd = "bark" }
[[assets]]
id = "b"
process = { pid_file = "/run/b.pid" }
[[assets]]
id = "c"
http = { url = "http://h", model = "m", headers = { Authorization = "file:key", Accept = "text/file:x" } }
"""
    file = tmp_path / "mixdesk.toml"
    file.write_text(text)
    a, b, c = settings.load(file, {}).assets
    assert a.process is not None and b.process is not None and c.http is not None
    assert (a.process.argv, a.process.cwd, b.process.pid_file) == (("./serve",), tmp_path / "bark", Path("/run/b.pid"))
    assert c.http.headers == {"Authorization": f"file:{tmp_path / 'key'}", "Accept": "text/file:x"}


def test_the_home_of_somebody_who_is_not_here(tmp_path: Path) -> None:
    file = tmp_path / "mixdesk.toml"
    file.write_text("[[assets]]\nid = 'a'\nprocess = {pid_file = '~nobody-of-that-name/x'}\n")
    with pytest.raises(settings.SettingsError, match="home folder of a user that is not known here"):
        settings.load(file, {})
