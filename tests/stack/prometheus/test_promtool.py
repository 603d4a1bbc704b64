"""promtool on everything below prometheus/: Debian's 2.42 and the newest that is here."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import alert_rules
import newer
import pages
import pytest
import yaml
from alert_rules import FOLDER

pytestmark = pytest.mark.process
NEWEST = newer.program("promtool")
INSTALLED = shutil.which("promtool") or NEWEST
PROGRAMS = {".".join(map(str, newer.version(path))): path for path in (INSTALLED, NEWEST)}
both = pytest.mark.parametrize("promtool", PROGRAMS.values(), ids=PROGRAMS.keys())
# what Prometheus 2 before 2.49 and 2.54 does not know
NEW_LINES = re.compile(r"^    scrape_protocols:.*\n|^otlp:\n(?:  .*\n)+", re.MULTILINE)


def told(promtool: str, *arguments: str | Path, status: int = 0) -> str:
    """All that it says; its exit status must be this one."""
    command = [promtool, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, env={**os.environ, "GOMAXPROCS": "1"})
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr


@both
def test_rules_are_right_and_nothing_is_to_be_said_of_them(promtool: str) -> None:
    told(promtool, "check", "rules", "--lint=all", "--lint-fatal", *alert_rules.rule_files())


@both
def test_every_alert_fires_when_it_should_and_not_else(promtool: str) -> None:
    # one by one it takes one core as long again
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda file: told(promtool, "test", "rules", file), alert_rules.test_files()))
    assert all("SUCCESS" in answer for answer in answers)


@both
def test_a_wrong_expectation_is_seen(promtool: str, tmp_path: Path) -> None:
    text = (FOLDER / "tests" / "exporter.yml").read_text().replace("../rules", str(FOLDER / "rules"))
    assert "Its up is 0" in text
    (tmp_path / "wrong.yml").write_text(text.replace("Its up is 0", "Its up is 1"))
    assert "FAILED" in told(promtool, "test", "rules", tmp_path / "wrong.yml", status=1)


def here(tmp_path: Path, text: str) -> Path:
    """prometheus.yml with the paths of this machine instead of the container's."""
    (tmp_path / "scraper").write_text("token")
    (tmp_path / "prometheus.yml").write_text(
        text.replace("/run/secrets/scraper", str(tmp_path / "scraper")).replace("/etc/prometheus", str(FOLDER))
    )
    return tmp_path / "prometheus.yml"


@both
def test_the_configuration_is_right(promtool: str, tmp_path: Path) -> None:
    text = (FOLDER / "prometheus.yml").read_text()
    if newer.version(promtool) < (2, 54):
        # the README says so too
        answer = told(promtool, "check", "config", here(tmp_path, text), status=1)
        assert {*re.findall(r"field (\w+) not found", answer)} == {"scrape_protocols", "otlp"}
        text = NEW_LINES.sub("", text)
    answer = told(promtool, "check", "config", "--lint=all", here(tmp_path, text))
    assert f"{len(alert_rules.rule_files())} rule files found" in answer


@both
def test_the_configuration_of_the_readme_is_right(promtool: str, tmp_path: Path) -> None:
    (text,) = pages.blocks((FOLDER / "README.md").read_text(), "yaml")
    (tmp_path / "mixdesk.token").write_text("token")
    (tmp_path / "rules").symlink_to(FOLDER / "rules")
    (tmp_path / "prometheus.yml").write_text(text.replace("/etc/prometheus", str(tmp_path)))
    told(promtool, "check", "config", "--lint=all", tmp_path / "prometheus.yml")


@both
def test_the_examples_of_more_hosts_are_targets(promtool: str, tmp_path: Path) -> None:
    examples = sorted((FOLDER / "targets").glob("*/*.example"))
    assert {file.parent.name for file in examples} == {"mixdesk", "node"}
    for number, example in enumerate(examples):
        (tmp_path / f"{number}.yml").write_text(example.read_text())
        scrape = {"job_name": "x", "file_sd_configs": [{"files": [str(tmp_path / f"{number}.yml")]}]}
        (tmp_path / "prometheus.yml").write_text(yaml.safe_dump({"scrape_configs": [scrape]}))
        told(promtool, "check", "config", tmp_path / "prometheus.yml")
