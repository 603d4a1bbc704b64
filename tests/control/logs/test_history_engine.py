"""The output of containers that only the engine can read: their last lines, and what is found in them."""

from __future__ import annotations

import itertools
import struct
from collections.abc import Callable, Iterator

import pytest
from docker_engine import DockerEngine, wait_for
from log_archive import numbered
from torture import chance, times

from mixdesk_control.docker_engine.engine import Engine
from mixdesk_control.docker_engine.errors import EngineError
from mixdesk_control.logs.history import download
from mixdesk_control.logs.history.asked import Asked, Cut, Hit
from mixdesk_control.logs.history.output import _block, _Frames
from mixdesk_control.logs.history.search import search
from mixdesk_control.logs.source import InEngine, Source
from mixdesk_control.logs.text.redact import Redactor

REDACTOR = Redactor()
LINES = 200
WRITES = (
    f"i=0; while [ $i -lt {LINES} ]; do echo line $i of the log; i=$((i+1)); done; echo 'password=hunter2horse' >&2"
)


def test_frames_however_they_are_cut() -> None:
    random = chance()
    frames = [(random.choice((1, 2)), random.randbytes(random.choice((0, 1, 7, 8, 300)))) for _ in range(50)]
    sent = b"".join(struct.pack(">BxxxL", number, len(content)) + content for number, content in frames)
    for _ in range(times(1000, 50)):
        cuts = [0, *sorted(random.choices(range(len(sent)), k=random.randrange(60))), len(sent)]
        reader = _Frames()
        got = [part for begin, end in itertools.pairwise(cuts) for part in reader.feed(sent[begin:end])]
        for number in (1, 2):
            assert b"".join(part for stream, part in got if stream == number) == _of(frames, number)


def test_a_progress_bar_is_one_line_of_one_time() -> None:
    block = _block(b"2026-11-01T12:00:00Z  1%\r 50%\r100%\n2026-11-01T12:00:01Z next\x0bone\n2026-11-01T12:00:02Z \n")
    assert block.lines == b" 1%\r 50%\r100%\nnext\x0bone\n\n"
    assert block.times == [b"2026-11-01T12:00:00Z", b"2026-11-01T12:00:01Z", b"2026-11-01T12:00:02Z"]


def _of(frames: list[tuple[int, bytes]], wanted: int) -> bytes:
    return b"".join(content for number, content in frames if number == wanted)


@pytest.fixture(name="written", scope="module")
def _written(docker_engine: DockerEngine) -> Iterator[Callable[[bool], Source]]:
    """A container that has written and ended; its driver keeps what only the engine can read."""
    made: dict[bool, str] = {}

    def source(terminal: bool) -> Source:
        if terminal not in made:
            more = ("--tty",) if terminal else ()
            made[terminal] = docker_engine.run(f"history-{terminal}", WRITES, "--log-driver", "local", *more)
            wait_for(lambda: docker_engine.docker("wait", made[terminal]) == "0", "the end of the container")
        origin = InEngine(made[terminal], terminal=terminal)
        return Source(service="api", id="stdout", kind="stdout", origin=origin)

    yield source
    for identity in made.values():
        docker_engine.docker("rm", "--force", identity)


@pytest.mark.process
@pytest.mark.parametrize("terminal", [False, True])
def test_output(docker_engine: DockerEngine, written: Callable[[bool], Source], terminal: bool) -> None:
    source, client = written(terminal), Engine(docker_engine.socket)
    everything = b"".join(download.last(source, None, engine=client, redactor=REDACTOR))
    assert sorted(everything.splitlines()) == sorted([*numbered(LINES).splitlines(), b"password=[redacted]"])
    assert len(b"".join(download.last(source, 7, engine=client, redactor=REDACTOR)).splitlines()) == 7
    hits = list(search([source], Asked(q="line 17"), engine=client, redactor=REDACTOR))
    found = [hit for hit in hits if isinstance(hit, Hit)]
    assert len(found) == len(hits)
    assert [hit.text for hit in found] == [f"line {at} of the log" for at in (*range(179, 169, -1), 17)]
    assert all(hit.time is not None and hit.time > 1.7e9 for hit in found)
    assert found == sorted(found, key=lambda hit: hit.time or 0, reverse=True)
    middle = found[5].time
    newer = list(search([source], Asked(q="line 17", since=middle), engine=client, redactor=REDACTOR))
    assert newer == found[:6]
    assert not list(search([source], Asked(q="hunter2horse"), engine=client, redactor=REDACTOR))


@pytest.mark.process
def test_without_a_container(docker_engine: DockerEngine) -> None:
    source = Source(service="api", id="stdout", kind="stdout", origin=InEngine("0" * 64))
    with pytest.raises(EngineError):
        b"".join(download.last(source, None, engine=Engine(docker_engine.socket), redactor=REDACTOR))
    (cut,) = search([source], Asked(q="x"), engine=Engine(docker_engine.socket), redactor=REDACTOR)
    assert isinstance(cut, Cut)
    assert cut.reason is None
    assert cut.not_searched[0].startswith("api/stdout: ")
