"""The connection to a desk: kept, made anew where it has ended, within its time, and to nobody but the desk."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from announcing import announce
from stranger import Stranger

from mixdesk.connection import GONE, MAX_ANSWER, Connection
from mixdesk.locate import Desk, find_desk
from mixdesk.transport import MAX_ANSWER as MOST_OF_A_TRAINER
from mixdesk.transport import HttpTransport, Unreachable, retry_in

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


class Scripted:
    """A server that answers the requests of each connection with the next of its texts, then ends it."""

    def __init__(self, *connections: list[bytes]) -> None:
        self.requests: list[bytes] = []
        self.accepted = 0
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}"
        self._thread = threading.Thread(target=self._run, args=(connections,), daemon=True)
        self._thread.start()

    def _run(self, connections: tuple[list[bytes], ...]) -> None:
        for answers in connections:
            try:
                taken, _ = self._server.accept()
            except OSError:  # closed: nobody has come
                return
            self.accepted += 1
            with taken:
                for answer in answers:
                    self.requests.append(taken.recv(65536))
                    taken.sendall(answer)

    def close(self) -> None:
        with suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()


@contextmanager
def scripted(*connections: list[bytes]) -> Iterator[Scripted]:
    server = Scripted(*connections)
    try:
        yield server
    finally:
        server.close()


def get(connection: Connection, within_s: float = 20.0) -> bytes:
    return connection.ask("GET", "/x", body=None, headers={}, within_s=within_s).body


def test_one_connection_serves_many_requests_and_is_made_anew_where_it_has_ended() -> None:
    with scripted([OK, OK, OK], [OK]) as server:
        connection = Connection(server.url + "/under/", {"Authorization": "Bearer t"})
        for _ in range(3):
            assert get(connection) == b"{}"
        assert server.accepted == 1
        time.sleep(0.2)  # its end arrives
        assert get(connection) == b"{}"
        assert server.accepted == 2
        connection.close()
    first = server.requests[0].decode()
    assert first.startswith("GET /under/x HTTP/1.1\r\nHost: 127.0.0.1:") and "\r\nAuthorization: Bearer t\r\n" in first


def test_chunks_and_an_answer_without_a_length() -> None:
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n"
    with scripted([chunked, b"HTTP/1.0 200 OK\r\n\r\n{}"]) as server:
        connection = Connection(server.url, {})
        assert get(connection) == b"{}"
        assert get(connection) == b"{}"
        connection.close()


def test_an_answer_that_drips_ends_at_its_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        ends = threading.Event()

        def drip() -> None:
            taken, _ = server.accept()
            with taken:
                taken.sendall(b"HTTP/1.1 200 OK\r\nX: ")
                while not ends.wait(0.05):
                    try:
                        taken.sendall(b"x")
                    except OSError:
                        return

        threading.Thread(target=drip, daemon=True).start()
        connection = Connection(f"http://127.0.0.1:{server.getsockname()[1]}", {})
        with pytest.raises(TimeoutError):
            get(connection, within_s=0.5)
        ends.set()


def test_an_answer_without_end_is_given_up() -> None:
    huge = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (2 * MAX_ANSWER) + bytes(MAX_ANSWER + 100)
    with scripted([huge]) as server:
        connection = Connection(server.url, {})
        with pytest.raises((ValueError, OSError)):
            get(connection)
        connection.close()


@pytest.mark.parametrize("status", [b"200 OK", b"409 Conflict"])
def test_a_trainer_reads_no_answer_that_is_longer_than_any_of_a_desk(status: bytes) -> None:
    """What it decodes, a step of the loop waits for; a person's list may be longer."""
    body = b'{"detail": "' + b"x" * MOST_OF_A_TRAINER + b'"}'
    answer = b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n" % (status, len(body)) + body
    with scripted([answer]) as server, pytest.raises(Unreachable, match=f"more than {MOST_OF_A_TRAINER} bytes"):
        HttpTransport(Desk(server.url, "t")).put("job", b"{}")
    with scripted([answer]) as server:
        assert get(Connection(server.url, {})) == body


def test_a_number_of_many_digits_is_refused_before_it_is_one() -> None:
    digits = b"1" * 100_000
    body = b'{"acked_seq": %s, "lease_s": 30, "report_in_s": 1, "spans": false}' % digits
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    with scripted([answer]) as server, pytest.raises(Unreachable, match="a number of 100000 digits"):
        HttpTransport(Desk(server.url, "t")).put("job", b"{}")


@pytest.mark.parametrize("token", ["two\r\nX-Evil: 1", "two\nlines", "schlüssel", "null\0"])
def test_a_token_that_would_break_out_of_its_line_is_never_sent(token: str) -> None:
    with scripted([OK]) as server:
        transport = HttpTransport(Desk(server.url, token))
        with pytest.raises(Unreachable, match="no HTTP header may"):
            transport.put("job", b"{}")
        assert server.accepted == 0


@pytest.mark.parametrize("url", ["ftp://127.0.0.1", "http://127.0.0.1:notaport", "nothing", "http://[", "http://"])
def test_an_address_that_is_none_is_unreachable(url: str) -> None:
    with pytest.raises(Unreachable):
        HttpTransport(Desk(url, "t")).put("job", b"{}")


def test_a_job_id_stays_within_its_path() -> None:
    with scripted([OK]) as server:
        transport = HttpTransport(Desk(server.url, "t"))
        with pytest.raises(Unreachable):  # {} is no answer to a report
            transport.put("a/b c\r\nX-Evil: 1", b"{}")
        transport.close()
    assert server.requests[0].startswith(b"PUT /jobs/a%2Fb%20c%0D%0AX-Evil%3A%201/report HTTP/1.1\r\n")


def test_a_desk_that_dies_between_the_look_and_the_connection_costs_no_token(tmp_path: Path) -> None:
    """The stranger has the port at once, and takes the connection: it is closed before anything is sent."""
    stranger = Stranger(0)
    alive = announce(tmp_path, f"http://127.0.0.1:{stranger.port}")
    (tmp_path / "tokens").mkdir()
    (tmp_path / "tokens" / "reporter").write_text("secret")
    desk = find_desk({"MIXDESK_STATE_DIR": str(tmp_path)})
    assert desk is not None and desk.token == "secret"
    looks: list[object] = []

    def witness() -> object:
        looks.append(desk.witness())
        alive.close()  # it dies right after the first look
        return looks[-1]

    transport = HttpTransport(Desk(desk.url, desk.token, witness=witness))
    with pytest.raises(Unreachable, match=GONE):
        transport.put("job", b"{}")
    deadline = time.monotonic() + 20
    while not stranger.visits and time.monotonic() < deadline:
        time.sleep(0.01)
    assert (stranger.visits, bytes(stranger.heard), looks[1:]) == (1, b"", [None])
    with pytest.raises(Unreachable, match=GONE):
        transport.put("job", b"{}")
    assert stranger.visits == 1
    stranger.close()


def test_attempts_are_soon_at_first_and_never_rarer_than_once_a_second() -> None:
    assert 0.02 < retry_in(0) <= 0.05
    assert all(0.25 <= retry_in(failures) <= 0.5 for failures in range(4, 30))
    assert all(0.5 <= retry_in(failures) <= 1.0 for failures in (30, 1000, 100_000))
