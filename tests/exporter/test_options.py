"""Which names are published, and where the choices come from: flags over environment over file."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from mixdesk_control.cli.exporter import settings
from mixdesk_control.meters.opening import options_of
from mixdesk_control.settings import ExporterSettings
from mixdesk_exporter import app
from mixdesk_exporter.options import Options, host_sampler
from mixdesk_exporter.snapshot import Snapshot


def whole(options: Options) -> Snapshot:
    sampler = host_sampler(options)
    try:
        return sampler.snapshot(0, whole=True, patience_s=10)
    finally:
        sampler.close()


def published(options: Options) -> set[str]:
    return {family.descriptor.sample for family in whole(options).families()}


@pytest.mark.parametrize(
    ("prefix", "options"),
    [
        ("node_", Options(demo_gpus=1, node_names=False)),
        ("DCGM_", Options(demo_gpus=1, dcgm_names=False)),
    ],
)
def test_names_are_left_out(prefix: str, options: Options) -> None:
    everything, found = published(Options(demo_gpus=1)), published(options)
    left_out = {name for name in everything if name.startswith(prefix)}
    assert len(left_out) > 10
    assert not found & left_out
    assert {name for name in everything if name.startswith("mixdesk_")} <= found | {
        "mixdesk_cpu_utilization_max_ratio",
        "mixdesk_gpu_utilization_max_ratio",
    }


def test_readings_stay_whatever_the_names() -> None:
    snapshot = whole(Options(demo_gpus=2, node_names=False, dcgm_names=False, cadvisor_names=False))
    assert snapshot.reading("stat") is not None
    assert len(snapshot.reading("gpu").devices) == 2


def test_nothing_is_wrapped_where_all_names_are_shown() -> None:
    assert Options().left_out == ()
    assert Options(cadvisor_names=False).left_out == ("container_",)


def test_the_desk_takes_the_same_settings() -> None:
    found = options_of(ExporterSettings(node_names=False, cadvisor_names=False, collectors=("cpu",)))
    assert (found.left_out, found.listed) == (("node_", "container_"), ("cpu",))


# -- where they come from --------------------------------------------------------------------------------


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "mixdesk.toml"
    file.write_text('[exporter]\nnode_names = false\nprocfs = "proc"\ncollectors = ["cpu"]\notlp = false\n')
    return file


def chosen(file: Path | None, env: dict[str, str], *flags: str) -> Options:
    given = app._parser(settings(file, env)).parse_args(flags)
    return app.options_of(given)


def test_the_file_holds_below_the_environment_and_that_below_flags(file: Path) -> None:
    assert not chosen(file, {}).node_names
    assert chosen(file, {}).listed == ("cpu",)
    assert chosen(file, {}).roots.procfs == file.parent / "proc"
    assert chosen(file, {"MIXDESK_EXPORTER__NODE_NAMES": "true"}).node_names
    assert not chosen(file, {"MIXDESK_EXPORTER__NODE_NAMES": "true"}, "--no-node-names").node_names
    assert chosen(file, {}, "--node-names", "--collectors", "stat").listed == ("stat",)


def test_settings_that_say_no_otlp_leave_it_to_the_variable(file: Path) -> None:
    assert "otlp" not in settings(file, {})
    assert settings(None, {"MIXDESK_EXPORTER__OTLP": "true"}) == {"otlp": True}


def test_without_a_file_nothing_is_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert settings(None, {}) == {}


def started(tmp_path: Path, *args: str, without: str = "") -> tuple[int, str, str]:
    script = (
        "import sys\n"
        f"sys.modules.update(dict.fromkeys({without.split()!r}))\n"
        "from mixdesk_control.cli import main\n"
        "try:\n"
        "    main(['exporter', *sys.argv[1:]])\n"
        "finally:\n"
        "    print([name for name in sys.modules if name in ('pydantic', 'fastapi', 'opentelemetry.sdk')])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *args], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    return done.returncode, done.stderr, done.stdout


@pytest.mark.process
@pytest.mark.parametrize(
    ("text", "args", "without", "said"),
    [
        ("[exporter]\nnode_name = false\n", (), "", "exporter.node_name is not a setting"),
        ("[exporter]\nnode_names = 7\n", (), "", "exporter.node_names"),
        ("[exporter]\ncollectors = ['cpus']\n", (), "", "there is no collector 'cpus'"),
        ("", ("--config", "none.toml"), "", "none.toml cannot be read"),
        ("", (), "pydantic", "pip install 'mixdesk[control]'"),
    ],
)
def test_wrong_settings_are_one_line(tmp_path: Path, text: str, args: tuple[str, ...], without: str, said: str) -> None:
    (tmp_path / "mixdesk.toml").write_text(text)
    status, stderr, _ = started(tmp_path, *args, without=without)
    assert status == 2
    assert said in stderr
    assert stderr.count("\n") == 1


@pytest.mark.process
def test_help_needs_nothing_of_the_desk(tmp_path: Path) -> None:
    status, stderr, stdout = started(tmp_path, "--help", without="pydantic fastapi")
    assert (status, stderr) == (0, "")
    assert "--no-cadvisor-names" in stdout
