"""The shipped configurations for Alloy, Promtail and Loki: whole, in agreement with each other and with the targets,
and their expressions run on lines as services write them."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from log_shipping import (
    CONFIGS,
    Block,
    Entry,
    Stage,
    alloy_stages,
    logql,
    names_in,
    parsed,
    promtail_stages,
    run,
    selectors,
)

from mixdesk_control.logs.source import KINDS
from mixdesk_control.logs.targets import LABELS
from mixdesk_control.logs.targets.checking import MOST_STREAMS

RULE = {"source_labels", "regex", "action", "target_label", "replacement"}
STAGE_BLOCKS: dict[str, set[str]] = {
    "stage.match": {"selector"},
    "stage.docker": set(),
    "stage.decolorize": set(),
    "stage.replace": {"expression", "replace"},
    "stage.multiline": {"firstline", "max_wait_time", "max_lines"},
    "stage.regex": {"source", "expression"},
    "stage.structured_metadata": {"values"},
    "stage.label_drop": {"values"},
}
# component: its arguments, its blocks with theirs, what it exports
COMPONENTS: dict[str, tuple[set[str], dict[str, set[str]], set[str]]] = {
    "logging": ({"level"}, {}, set()),
    "discovery.file": ({"files", "refresh_interval"}, {}, {"targets"}),
    "discovery.docker": ({"host", "refresh_interval"}, {}, {"targets"}),
    "discovery.relabel": ({"targets"}, {"rule": RULE}, {"output"}),
    "loki.relabel": ({"forward_to"}, {"rule": RULE}, {"rules"}),
    "loki.source.file": (
        {"targets", "forward_to"},
        {
            "file_match": {"enabled", "sync_period"},
            "file_watch": {"min_poll_frequency", "max_poll_frequency"},
        },
        set(),
    ),
    "loki.source.docker": ({"host", "targets", "relabel_rules", "forward_to"}, {}, set()),
    "loki.process": ({"forward_to"}, STAGE_BLOCKS, {"receiver"}),
    "loki.write": (
        set(),
        {
            "endpoint": {"url", "batch_wait", "min_backoff_period", "max_backoff_period", "max_backoff_retries"},
        },
        {"receiver"},
    ),
}
CONSTANTS = {"constants.hostname"}
ALLOY, DOCKER = ((CONFIGS / name).read_text() for name in ("alloy.alloy", "docker.alloy"))


def check(text: str) -> None:
    """AssertionError where Alloy would not load it."""
    root = parsed(text)
    exports = {f"{one.name}.{one.label}.{name}" for one in root.blocks for name in COMPONENTS[one.name][2]}
    components = [(one.name, one.label) for one in root.blocks]
    assert len(set(components)) == len(components), components
    for component in root.blocks:
        arguments, blocks, _ = COMPONENTS[component.name]
        assert component.attributes.keys() <= arguments, component
        _check_blocks(component, blocks)
        for name in _names(component):
            assert name in exports | CONSTANTS, f"{component.name} names {name}, which nothing exports"
        for receiver in component.attributes.get("forward_to", []):
            assert receiver.endswith(".receiver"), receiver


def _check_blocks(block: Block, known: dict[str, set[str]]) -> None:
    for inner in block.blocks:
        assert inner.name in known, inner.name
        assert inner.attributes.keys() <= known[inner.name], inner
        _check_blocks(inner, known if inner.name == "stage.match" else {})


def _names(block: Block) -> Iterator[str]:
    for value in block.attributes.values():
        yield from names_in(value)
    for inner in block.blocks:
        yield from _names(inner)


def test_alloy_would_load_it() -> None:
    check(ALLOY)
    check(ALLOY + DOCKER)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("loki.process.mixdesk.receiver", "loki.process.mixdeks.receiver"),
        ("loki.write.loki.receiver", "loki.write.loki"),
        ("discovery.file.mixdesk.targets", "discovery.file.mixdesk.output"),
        ("sync_period", "sync_perod"),
        ("stage.decolorize", "stage.decolourize"),
        ('loki.source.file "mixdesk"', 'loki.source.flie "mixdesk"'),
        ("stage.docker { }", "stage.docker {"),
        ('["filename", "stream"]', '["filename" "stream"]'),
        ('replace    = ""', 'replace    = "'),
        ("max_lines     = 500", "max_lines     = 500 500"),
    ],
)
def test_a_slip_would_be_found(right: str, wrong: str) -> None:
    assert right in ALLOY
    with pytest.raises((AssertionError, KeyError)):
        check(ALLOY.replace(right, wrong, 1))


def stages_of_alloy() -> list[Stage]:
    return alloy_stages(next(parsed(ALLOY).every("loki.process")))


def promtail() -> dict[str, Any]:
    return dict(yaml.safe_load((CONFIGS / "promtail.yaml").read_text()))


def test_promtail_does_the_same() -> None:
    (job,) = promtail()["scrape_configs"]
    assert promtail_stages(job["pipeline_stages"]) == stages_of_alloy()
    assert job["file_sd_configs"][0]["files"] == ["/etc/promtail/targets/*.json"]
    assert promtail()["clients"][0]["backoff_config"]["max_retries"] == 0


def test_output_from_the_engine_has_the_labels_of_the_targets() -> None:
    relabel = next(parsed(DOCKER).every("discovery.relabel"))
    rules = [block.attributes for block in relabel.blocks]
    assert {rule["target_label"] for rule in rules if "target_label" in rule} == set(LABELS)
    dropped = next(rule["regex"] for rule in rules if rule.get("action") == "labeldrop")
    prefix = "__meta_docker_"
    for name in ("network_ip", "port_public", "container_name", "container_label_com_docker_compose_service"):
        assert re.fullmatch(dropped, prefix + name), "changes with a restart, or is not needed"
    for name in (f"{prefix}container_id", f"{prefix}container_log_stream", *LABELS):
        assert not re.fullmatch(dropped, name)


# -- lines -----------------------------------------------------------------------------------------------


def shipped(lines: list[str], *, file: str = "/srv/x.log", **labels: str) -> list[Entry]:
    plain = {"platform": "p", "host": "h", "service": "api", "source": "s", "kind": "application", "filename": file}
    return run(copy.deepcopy(stages_of_alloy()), [Entry({**plain, **labels}, line) for line in lines])


RECORDS = {
    "laravel": [
        (
            '[2026-11-30 10:00:00] production.ERROR: broken {"exception":"[object] (E(code: 0): broken at /a.php:1)\n'
            '[stacktrace]\n#0 /app/b.php(12): f()\n#1 {main}\n"} '
        ),
        "[2026-11-30 10:00:01] production.INFO: fine",
    ],
    "python": [
        (
            "2026-11-30 10:00:00,123 ERROR voice: broken\nTraceback (most recent call last):\n"
            '  File "/app/a.py", line 1, in f\nValueError: no'
        ),
        "2026-11-30 10:00:01,000 INFO voice: fine",
    ],
    "python levels": ["INFO:     127.0.0.1 - fine", "ERROR:root:broken\nTraceback (most recent call last):\n  File x"],
    "nginx": ["2026/11/30 10:00:00 [error] 7#7: *1 open() failed", "2026/11/30 10:00:01 [warn] 7#7: slow"],
    "php-fpm": [
        "[30-Nov-2026 10:00:00] WARNING: [pool www] child 7\n  said into stderr",
        "[30-Nov-2026 10:00:01] NOTICE: x",
    ],
    "mariadb": ["2026-11-30 10:00:00 0 [Note] InnoDB: ready", "261130 10:00:01 mysqld ended"],
    "slow queries": [
        "# Time: 261130 10:00:00\n# User@Host: app\nSELECT 1;",
        "# Time: 261130 10:00:01\n# User@Host: app",
    ],
    "redis": ["1:M 30 Nov 2026 10:00:00.123 * Ready to accept connections", "1:M 30 Nov 2026 10:00:01.000 # Warning"],
    "syslog": ["Nov 30 10:00:00 box cron[7]: ran", "Nov  1 10:00:00 box cron[7]: ran\n  twice"],
    "json": ['{"level":"info","msg":"a"}', '{"level":"error","msg":"b"}'],
}


@pytest.mark.parametrize("name", RECORDS)
def test_records_of_several_lines_are_one(name: str) -> None:
    lines = [line for record in RECORDS[name] for line in record.split("\n")]
    assert [entry.line for entry in shipped(lines)] == RECORDS[name]


def test_output_of_any_program_is_joined_by_indentation_alone() -> None:
    lines = ["> next start", "  - Local: http://x", "ready", "2026-11-30 dated", "not dated"]
    found = [entry.line for entry in shipped(lines, kind="stdout")]
    assert found == ["> next start\n  - Local: http://x", "ready", "2026-11-30 dated", "not dated"]


def test_access_logs_stay_as_they_are() -> None:
    lines = ['::1 - - [30/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 502 157 "-" "curl"', "  odd"]
    assert [entry.line for entry in shipped(lines, kind="access")] == lines


def test_the_engines_file_is_unwrapped_and_streams_do_not_mix() -> None:
    records = [("stdout", "one"), ("stderr", "Traceback:"), ("stdout", "two"), ("stderr", "  File x"), ("stdout", "")]
    lines = [
        json.dumps({"log": f"{text}\n", "stream": stream, "time": "2026-11-30T10:00:00Z"}) for stream, text in records
    ]
    container = "c" * 64
    found = shipped(lines, file=f"/var/lib/docker/containers/{container}/{container}-json.log", kind="stdout")
    assert [(entry.line, entry.metadata["stream"]) for entry in found] == [
        ("one", "stdout"),
        ("Traceback:\n  File x", "stderr"),
        ("two\n", "stdout"),
    ]
    assert {container in entry.metadata["path"] for entry in found} == {True}


def test_json_of_a_program_is_not_taken_for_the_engines() -> None:
    line = '{"log": "mine", "stream": "x", "more": 1}'
    assert [entry.line for entry in shipped([line])] == [line]


def test_the_job_goes_along_with_each_line_and_jobs_do_not_mix() -> None:
    found = [
        shipped(["step 1", "  detail"], file=f"/s/logs/jobs/tts/{id}.log", service="jobs", source="tts")
        for id in ("j-1", "j_2")
    ]
    assert [(entry.line, entry.metadata["job_id"]) for entries in found for entry in entries] == [
        ("step 1\n  detail", "j-1"),
        ("step 1\n  detail", "j_2"),
    ]


def test_labels_that_are_left_are_those_of_the_target() -> None:
    for kind in KINDS:
        for service in ("api", "jobs"):
            (entry,) = shipped(["line"], kind=kind, service=service)
            assert set(entry.labels) == set(LABELS)


def test_progress_bars_and_colours() -> None:
    lines = ["\x1b[32m 10%|#  |\r 55%|## |\r100%|###|", "dos line\r"]
    assert [entry.line for entry in shipped(lines, kind="access")] == ["100%|###|", "dos line\r"]


SECRETS = [
    ("Authorization: Bearer abcdefgh12345678", "Authorization: Bearer [redacted]"),
    ("dsn mysql://app:hunter22@db/app ok", "dsn mysql://app:[redacted]@db/app ok"),
    ("redis://:hunter22@redis:6379", "redis://:[redacted]@redis:6379"),
    ("key AKIAIOSFODNN7EXAMPLE used", "key [redacted] used"),
    ('{"password": "hunter22", "user": "a"}', '{"password": "[redacted]", "user": "a"}'),
    ("APP_KEY=base64:AAAABBBBCCCC=", "APP_KEY=[redacted]"),
    ("token eyJhbGciOiJI.eyJzdWIiOiIx.abc-_9 x", "token [redacted] x"),
    ("GET https://example.org/a:b?x=1 user@host", "GET https://example.org/a:b?x=1 user@host"),
    ("2026-11-30 password changed for 7", "2026-11-30 password changed for 7"),
]
# said of a secret, or a secret that looks like it
SAID = [
    ('422 {"detail": "password: field is required"}', None),
    ("Access denied for user 'a'@'b' (using password: YES)", None),
    ("Settings(api_key=None, secret=null, debug=True)", None),
    ("password=**** api_key: xxxx app_key=<hidden> secret: [FILTERED]", None),
    ("password: Invalid.\n  secret: none", None),
    ("password: none-of-yours1", "password: [redacted]"),
    ("password: no.w0nder1", "password: [redacted]"),
    ("password: the secret: hunter22", "password: the secret: [redacted]"),
    ("api_key=None&secret=hunter22", "api_key=None&secret=[redacted]"),
    ("password: hunter", "password: [redacted]"),
    ("password=(hunter22)", "password=[redacted]"),
    ("secret=****hunter22", "secret=[redacted]"),
]
SECRETS += [(line, expected or line) for line, expected in SAID]


@pytest.mark.parametrize(("line", "expected"), SECRETS)
def test_the_second_net_for_secrets(line: str, expected: str) -> None:
    assert [entry.line for entry in shipped([line], kind="access")] == [expected]


# -- Loki ------------------------------------------------------------------------------------------------


def test_loki_keeps_to_what_the_desk_ships() -> None:
    config = yaml.safe_load((CONFIGS / "loki.yaml").read_text())
    (schema,) = config["schema_config"]["configs"]
    assert (schema["store"], schema["schema"], schema["object_store"]) == ("tsdb", "v13", "filesystem")
    assert config["compactor"]["retention_enabled"], "or retention_period does nothing"
    assert config["compactor"]["delete_request_store"] == schema["object_store"]
    limits = config["limits_config"]
    assert limits["max_global_streams_per_user"] == MOST_STREAMS
    assert limits["allow_structured_metadata"] and limits["discover_log_levels"] and limits["max_line_size_truncate"]
    assert config["ruler"]["enable_api"] is False
    assert config["analytics"]["reporting_enabled"] is False


def rules() -> list[dict[str, Any]]:
    files = sorted((CONFIGS / "rules").glob("*/*.yaml"))
    assert {file.parent.name for file in files} == {"fake"}, "the name of the only tenant"
    return [rule for file in files for group in yaml.safe_load(file.read_text())["groups"] for rule in group["rules"]]


def test_rules_ask_for_labels_that_are_there() -> None:
    names = [rule["alert"] for rule in rules()]
    assert len(set(names)) == len(names) == 6
    for rule in rules():
        assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
        assert rule["labels"]["severity"] in ("warning", "critical")
        for wanted in selectors(rule["expr"]):
            assert {label for label, _, _ in wanted} <= set(LABELS)
            assert any(not re.fullmatch(value, "") for _, operator, value in wanted if operator in ("=", "=~"))
            for label, _, value in wanted:
                assert label != "kind" or set(value.split("|")) <= set(KINDS)


def test_what_rules_tell_is_left_after_their_sums() -> None:
    for rule in rules():
        tokens = logql(rule["expr"])
        kept = {name for at, token in enumerate(tokens) if token == "by" for name in _until_closed(tokens, at)}
        told = set(re.findall(r"\$labels\.(\w+)", " ".join(rule["annotations"].values())))
        assert told <= kept <= set(LABELS), rule["alert"]


def _until_closed(tokens: list[str], at: int) -> list[str]:
    return [token for token in tokens[at + 2 : tokens.index(")", at)] if token != ","]


LINES = {
    "NginxServerErrors": ('::1 - - [30/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 502 157', '"GET / HTTP/1.1" 200 502 '),
    "VoiceEngineOutOfMemory": ("torch.OutOfMemoryError: CUDA out of memory. Tried to allocate", "memory 93 % used"),
    "SecretInLog": ("-----BEGIN RSA PRIVATE KEY-----", "2026-11-30 password changed for 7"),
    "SecretRedacted": ("APP_KEY=base64:AAAABBBBCCCC=", "api_key=None password: field is required"),
}


def rule_of(alert: str) -> dict[str, Any]:
    (rule,) = (rule for rule in rules() if rule["alert"] == alert)
    return rule


def matched(alert: str, line: str) -> bool:
    """Whether the alert counts a line once it is through the pipeline."""
    tokens = logql(rule_of(alert)["expr"])
    expression = tokens[tokens.index("|~") + 1].strip("`")
    (entry,) = shipped([line], kind="access")
    return re.search(expression, entry.line) is not None


@pytest.mark.parametrize("name", LINES)
def test_what_alerts_match(name: str) -> None:
    hit, miss = LINES[name]
    assert matched(name, hit)
    assert not matched(name, miss)


@pytest.mark.parametrize(("line", "expected"), SECRETS)
def test_secrets_that_were_blacked_out_on_the_way_are_told_of(line: str, expected: str) -> None:
    assert matched("SecretRedacted", line) == (line != expected)
    # it wakes somebody only for what came through
    assert not matched("SecretInLog", line)


def test_who_writes_seldom_is_not_called_silent() -> None:
    rule = rule_of("ServiceSilent")
    tokens = logql(rule["expr"])
    compared = tokens.index(">")
    assert tokens[compared + 1] == "200" and compared < tokens.index("unless")
    assert rule["for"] == "20m"


def test_who_is_silent_every_night_is_not_told_of() -> None:
    tokens = logql(rule_of("ServiceSilent")["expr"])
    yesterday = tokens.index("offset")
    assert tokens[yesterday - 1 : yesterday + 3] == ["[30m]", "offset", "1", "d"]
    assert tokens.index("unless") < max(at for at, token in enumerate(tokens) if token == "and") < yesterday
