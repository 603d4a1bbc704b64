"""The door: what is public, how it is typed, and what an import costs."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import types
from pathlib import Path

import mixdesk

ROOT = Path(__file__).parents[2]


def test_what_is_public_is_listed_and_nothing_else() -> None:
    public = {
        name
        for name, value in vars(mixdesk).items()
        if not name.startswith("_") and not isinstance(value, types.ModuleType) and name != "annotations"
    }
    assert public == {*mixdesk.__all__} - {"__version__"}
    assert len(set(mixdesk.__all__)) == len(mixdesk.__all__)
    assert mixdesk.__all__[0] == "job", "ordered by meaning: what one begins with comes first"
    for name in mixdesk.__all__:
        assert (getattr(mixdesk, name).__doc__ or "") != "" or name == "__version__"


def loaded_by(code: str) -> set[str]:
    script = f"import sys\n{code}\nimport json; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return {*json.loads(done.stdout.splitlines()[-1])}


def test_an_import_loads_no_framework_and_no_http() -> None:
    loaded = loaded_by("import mixdesk, mixdesk.testing")
    assert not loaded & {"torch", "numpy", "requests", "urllib3", "ssl", "opentelemetry.sdk", "msgspec"}
    assert "mixdesk.job" in loaded


def test_a_whole_run_loads_no_torch_on_the_users_behalf() -> None:
    run = """
import mixdesk
with mixdesk.job("training_rvc", name="x", checkpoints=None) as job:
    for epoch in job.epochs("training", 1):
        for _ in epoch.steps(range(3)):
            job.log(loss=1)
"""
    assert not loaded_by(run) & {"torch", "numpy", "requests"}


def test_no_module_does_work_when_it_is_imported() -> None:
    """Top levels hold definitions, constants and the registration of hooks: no files, sockets, threads or processes."""
    for path in sorted((ROOT / "instrumentation/mixdesk").glob("*.py")):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
                assert ast.unparse(node.value).startswith(("atexit.register(", "os.register_at_fork(")), (
                    f"{path}: {ast.unparse(node)}"
                )
            assert not isinstance(node, (ast.With, ast.For, ast.While)), path


def test_the_types_of_the_public_api(tmp_path: Path) -> None:
    command = [
        sys.executable, "-m", "mypy", "--strict", "--python-version", "3.10", "--cache-dir", str(ROOT / ".mypy_cache"),
        str(Path(__file__).with_name("typing_api.py")),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
