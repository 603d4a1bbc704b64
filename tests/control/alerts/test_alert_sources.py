"""Real Alertmanagers, old and new, tell a real desk: what they send is read, and their cluster counts once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from alert_inbox import text_of
from alertmanager import Alertmanager, programs

CONFIG = """
route: {receiver: desk, group_by: [alertname], group_wait: 0s, group_interval: 1s, repeat_interval: REPEAT}
receivers:
  - name: desk
    webhook_configs:
      - url: URL/admin/alerts/webhook
        send_resolved: true
        http_config: {authorization: {credentials_file: token}}
"""

# A member waits for so long whether the one before it has told already.
QUICKLY = ("--cluster.settle-timeout=1s", "--cluster.peer-timeout=1s")

Make = Callable[..., Alertmanager]


def config(desk: Any, repeat: str = "1h") -> str:
    """What it has told it forgets after twice `repeat`, and then tells of no end."""
    return CONFIG.replace("URL", desk.url).replace("REPEAT", repeat)


@pytest.fixture
def make(tmp_path: Path, desk: Any) -> Iterator[Make]:
    """Alertmanagers that tell the desk."""
    with ExitStack() as closing:

        def made(name: str, program: str, *flags: str, repeat: str = "1h", **options: Any) -> Alertmanager:
            folder = tmp_path / name
            found = Alertmanager(folder, config(desk, repeat), *flags, program=program, **options)
            closing.callback(found.close)
            (folder / "token").write_text(desk.tokens["reporter"])
            return found.start()

        yield made


def alert(name: str, began: float, **fields: Any) -> dict[str, Any]:
    """As Prometheus posts it."""
    return {
        "labels": {"alertname": name, "severity": "critical", "component": "gpu", "UUID": "GPU-1"},
        "annotations": {"summary": "it is 97 °C hot", "description": "cool it\nnow"},
        "startsAt": text_of(began),
        "generatorURL": "http://prometheus:9090/graph?g0.expr=hot",
        **fields,
    }


def seen(desk: Any, name: str, state: str = "all") -> list[dict[str, Any]]:
    return list(desk.ask("GET", "/admin/alerts", "viewer", params={"name": name, "state": state}).json()["items"])


@pytest.mark.parametrize("program", programs(), ids=lambda path: "newer" if ".tools" in path else "debian")
def test_an_alertmanager_tells_of_an_alert_from_its_start_to_its_end(
    make: Make, desk: Any, eventually: Any, program: str
) -> None:
    name = f"Told{len(program)}"
    source, began = make("one", program, repeat="5s"), time.time() - 300
    source.tell(alert(name, began, endsAt=text_of(time.time() + 600)))
    eventually(lambda: seen(desk, name, "firing"), 90)
    (first,) = seen(desk, name)
    assert first["starts_at"][:19] == text_of(began)[:19] and first["ends_at"] is None
    assert first["severity"] == "critical" and first["annotations"]["description"] == "cool it\nnow"
    assert first["source"] == "http://prometheus:9090/graph?g0.expr=hot" and first["summary"] == "it is 97 °C hot"
    (known,) = source.api("alerts")
    assert first["fingerprint"] == known["fingerprint"]
    eventually(lambda: seen(desk, name)[0]["heard_at"] > first["heard_at"], 90)
    ended = time.time() - 1
    source.tell(alert(name, began, endsAt=text_of(ended)))
    eventually(lambda: seen(desk, name, "resolved"), 90)
    (last,) = seen(desk, name)
    assert last["ends_at"][:19] == text_of(ended)[:19] and seen(desk, name, "firing") == []
    assert desk.ask("GET", "/admin/alerts", "viewer").json()["alertmanager"]["last_heard_at"] > first["heard_at"]


def test_a_cluster_that_tells_twice_counts_once_and_one_of_it_is_enough(make: Make, desk: Any, eventually: Any) -> None:
    program = programs()[-1]
    first = make("one", program, *QUICKLY, peers=[])
    second = make("two", program, *QUICKLY, peers=[first])
    first.wait_for(lambda: len(first.api("status")["cluster"].get("peers", ())) == 2, "they are a cluster")
    both, began = (first, second), time.time() - 60
    for one in both:
        one.tell(alert("Cluster", began, endsAt=text_of(time.time() + 600)))
    eventually(lambda: seen(desk, "Cluster", "firing"), 90)
    first.close()
    second.tell(alert("Cluster", began, endsAt=text_of(time.time() - 1)))
    eventually(lambda: seen(desk, "Cluster", "resolved"), 90)
    assert len(seen(desk, "Cluster")) == 1


def test_a_desk_that_was_away_is_told_when_it_is_back(new_desk: Any, tmp_path: Path, eventually: Any) -> None:
    desk = new_desk()
    source = Alertmanager(tmp_path / "away", config(desk), program=programs()[-1])
    (source.folder / "token").write_text("none yet")
    try:
        source.start()
        source.tell(alert("Away", time.time() - 60, endsAt=text_of(time.time() + 600)))
        source.wait_for(lambda: "connection refused" in source.log, "it tries to tell")
        desk.start()
        (source.folder / "token").write_text(desk.tokens["reporter"])
        eventually(lambda: seen(desk, "Away", "firing"), 90)
    finally:
        source.close()
