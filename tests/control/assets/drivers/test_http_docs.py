"""docs/assets.md, what it says of drivers: the settings shown are settings, and the driver shown drives."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pages
import pytest
import tomllib

from mixdesk_control.assets.asset import ABSENT, RUNNING, STOPPED, UNKNOWN, Asset, Observed
from mixdesk_control.assets.drivers.driver import DriverError
from mixdesk_control.assets.drivers.http.answers import DENIED
from mixdesk_control.assets.drivers.http.driver import LOOK_S, HttpDriver
from mixdesk_control.assets.drivers.http.loads import DOUBT_S
from mixdesk_control.assets.drivers.http.presets import PRESETS
from mixdesk_control.assets.drivers.http.server import AT_ONCE, MOST_BYTES
from mixdesk_control.assets.ready import NotReady, until_ready
from mixdesk_control.settings_assets import AssetSettings, HttpCheck, HttpSettings, ReadySettings

PAGE = pages.page("assets")

SYSTEMCTL = '''#!{python}
"""Speaks as systemctl does; its units are in a file beside it: {{unit: state}}."""
import json, pathlib, sys, time
units_file = pathlib.Path(__file__).with_name("units.json")
units = json.loads(units_file.read_text())
verb, *rest = sys.argv[1:]
names = rest[rest.index("--") + 1:]
if verb == "show":
    wanted = rest[0].partition("=")[2].split(",")
    none = {{"LoadState": "not-found", "ActiveState": "inactive", "Result": "success", "NRestarts": "0"}}
    shown = [units.get(name, none) for name in names]
    blocks = [[f"{{key}}={{value}}" for key, value in one.items() if key in wanted] for one in shown]
    print("\\n\\n".join("\\n".join(block) for block in blocks))
    sys.exit(0)
unit = units.get(names[0])
if unit is None:
    print(f"Failed to {{verb}} {{names[0]}}: Unit {{names[0]}} not found.", file=sys.stderr)
    sys.exit(5)
if verb == "stop" and unit.get("deaf"):
    time.sleep(600)
if verb == "kill":
    unit.pop("deaf")
if verb == "start" and unit["ActiveState"] != "active":
    unit["InvocationID"] = str(int(unit.get("InvocationID") or 0) + 1)
unit["ActiveState"] = "active" if verb == "start" else "inactive"
units_file.write_text(json.dumps(units))
'''


def test_the_settings_shown_are_settings_that_work() -> None:
    entries = [entry for code in pages.blocks(PAGE, "toml") for entry in tomllib.loads(code).get("assets", ())]
    shown = {entry["id"]: AssetSettings.model_validate(entry) for entry in entries}
    assert {"bark", "hubert", "annotator", "gateway", "llama", "rmvpe", "qwen", "smollm"} <= set(shown)
    driver = HttpDriver()
    for entry in shown.values():
        if entry.http is not None:
            driver.key(Asset(id=entry.id, name=entry.id, driver="http", target=entry.http, ready=entry.ready))


def test_every_preset_is_listed_with_its_requests() -> None:
    rows = {
        pages.names(row[0])[0]: row[1:] for row in pages.table(PAGE, "preset", "loads with", "unloads with", "looks at")
    }
    assert set(rows) == set(PRESETS)
    for name, preset in PRESETS.items():
        for request, cell in zip((preset.load, preset.unload, preset.check), rows[name], strict=True):
            assert pages.names(cell)[0] == f"{request.method} {request.path}"


def test_every_setting_is_listed() -> None:
    rows = [name for row in pages.table(PAGE, "setting", "") for name in pages.names(row[0])]
    checks = {f"check.{name}" for name in HttpCheck.model_fields} - {"check.method", "check.path", "check.json_body"}
    assert set(rows) == (set(HttpSettings.model_fields) - {"url", "model", "preset"}) | checks
    assert f"a look has {LOOK_S:g} s at most" in PAGE and f"more than {MOST_BYTES >> 20} MiB" in PAGE
    assert f"4xx is not, and {', '.join(map(str, sorted(DENIED)))} and 5xx tell nothing" in PAGE
    assert f"asked {AT_ONCE} of them at a time" in PAGE and f"for {DOUBT_S / 60:g} minutes at most" in PAGE
    timeouts = HttpSettings.model_fields["timeout_s"].default, ReadySettings.model_fields["timeout_s"].default
    assert f"for one request ({timeouts[0]:g})" in PAGE and f"`timeout_s` ({timeouts[1]:g})" in PAGE


def test_every_way_to_be_ready_is_listed() -> None:
    ways = [pages.names(row[0])[0] for row in pages.table(PAGE, "`ready`", "holds when")]
    read = [tomllib.loads(f"id = 'a'\nready = {way}") for way in ways]
    given = {name for table in read for name in AssetSettings.model_validate(table).ready.model_fields_set}
    assert given == set(ReadySettings.model_fields) - {"timeout_s"}


# -- a driver of your own ------------------------------------------------------------------------------


@pytest.fixture
def systemd(tmp_path: Path) -> tuple[Any, Callable[..., None]]:
    """The class as the page has it, and what sets the units that its systemctl knows."""
    program = tmp_path / "systemctl"
    program.write_text(SYSTEMCTL.format(python=sys.executable))
    program.chmod(0o700)

    def put(**units: dict[str, Any]) -> None:
        known = {
            f"{name}.service": {"LoadState": "loaded", "Result": "success", **unit} for name, unit in units.items()
        }
        (tmp_path / "units.json").write_text(json.dumps(known))

    namespace: dict[str, Any] = {"__name__": "own_driver"}
    exec(compile(pages.marked(PAGE, "own_driver"), "docs/assets.md", "exec"), namespace)
    return namespace["SystemdDriver"](str(program)), put


def unit(name: str) -> Asset:
    return Asset(id=name, name=name, driver="systemd", target=f"{name}.service", ready=ReadySettings(timeout_s=30))


def run(work: Callable[[], Awaitable[Any]]) -> None:
    async def whole() -> None:
        await asyncio.wait_for(work(), 60)

    asyncio.run(whole())


@pytest.mark.process
def test_the_driver_shown_drives(systemd: tuple[Any, Callable[..., None]]) -> None:
    driver, put = systemd
    put(
        rvc={"ActiveState": "inactive"},
        uvr={"ActiveState": "failed", "Result": "oom-kill"},
        odd={"ActiveState": "active"},
    )
    assets = [unit("rvc"), unit("uvr"), unit("none")]

    async def seen(one: Asset) -> Observed:
        return dict(await driver.observe([one]))[one.id]

    async def work() -> None:
        found = await driver.observe(assets)
        assert [found[one.id].doing for one in assets] == [STOPPED, STOPPED, ABSENT]
        assert found["uvr"].reason == "systemd says: oom-kill" and found["rvc"].reason is None
        rvc = unit("rvc")
        await driver.start(rvc)
        await until_ready(rvc, driver, lambda: seen(rvc))
        first = await seen(rvc)
        assert first.doing == RUNNING and first.instance
        await driver.start(rvc)
        assert (await seen(rvc)).instance == first.instance
        await driver.stop(rvc, 30.0)
        assert (await seen(rvc)).doing == STOPPED
        await driver.start(rvc)
        assert (await seen(rvc)).instance not in (None, first.instance)
        with pytest.raises(DriverError, match=r"none\.service not found"):
            await driver.start(unit("none"))
        with pytest.raises(NotReady):
            await until_ready(unit("none"), driver, lambda: seen(unit("none")))
        await driver.close()

    run(work)


@pytest.mark.process
def test_the_driver_shown_kills_what_does_not_end(systemd: tuple[Any, Callable[..., None]]) -> None:
    driver, put = systemd
    put(
        rvc={"ActiveState": "active", "deaf": True, "MemoryCurrent": "4096"},
        b={"ActiveState": "active", "MemoryCurrent": "[not set]"},
    )

    async def work() -> None:
        usage = await driver.usage([unit("rvc"), unit("b")])
        assert {key: one.memory for key, one in usage.items()} == {"rvc": 4096}
        await driver.stop(unit("rvc"), 1.0)
        assert (await driver.observe([unit("rvc")]))["rvc"].doing == STOPPED

    run(work)


def test_the_driver_shown_says_what_it_cannot_do(systemd: tuple[Any, Callable[..., None]]) -> None:
    driver, _ = systemd
    away = type(driver)("/nowhere/systemctl")

    async def work() -> None:
        found = (await away.observe([unit("rvc")]))["rvc"]
        assert found.doing == UNKNOWN and "cannot be run" in (found.reason or "")
        assert await away.usage([unit("rvc")]) == {} and await away.observe([]) == {}
        with pytest.raises(DriverError, match="cannot be run"):
            await away.start(unit("rvc"))

    run(work)
    with pytest.raises(DriverError, match="journalctl"):
        driver.lines(unit("rvc"))
    with pytest.raises(ValueError, match="is no unit"):
        driver.key(Asset(id="a", name="a", driver="systemd", target="rvc"))
    assert driver.key(unit("rvc")) == "unit rvc.service"


def test_the_driver_shown_has_every_method() -> None:
    from mixdesk_control.assets.drivers.driver import Driver

    code = pages.marked(PAGE, "own_driver")
    methods = {name for name in vars(Driver) if not name.startswith("_") and callable(vars(Driver)[name])}
    assert methods and methods <= set(re.findall(r"def (\w+)\(", code))
