"""The Docker engine as the desk asks it: nine calls of its API, and no other is ever made."""

from __future__ import annotations

import base64
import json
import math
import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from mixdesk_control.docker_engine.errors import EngineError, answered, message, one_line, trouble

if TYPE_CHECKING:
    from docker import APIClient
    from requests import Response

SEEING = (
    ("GET", "/version"),
    ("GET", "/containers/json"),
    ("GET", "/containers/{id}/json"),
    ("GET", "/containers/{id}/logs"),
    ("GET", "/events"),
)
ASSET_CALLS = (*SEEING, ("POST", "/containers/{id}/start"), ("POST", "/containers/{id}/stop"))
LOG_CALLS = (*SEEING, ("HEAD", "/containers/{id}/archive"), ("GET", "/containers/{id}/archive"))
CALLS = tuple(dict.fromkeys((*ASSET_CALLS, *LOG_CALLS)))
"""Method and path, without the version in front. An id is always the full one, 64 hexadecimal digits: to the engine a
name may also be the beginning of another container's id."""

EVENTS = (
    *("create", "start", "restart", "die", "oom", "kill", "stop", "pause", "unpause", "health_status"),
    *("rename", "destroy"),
)
SOCKET = Path("/var/run/docker.sock")
READ_S, ACT_S = 3.0, 60.0  # a start pulls volumes and networks together
PACK_S = 30.0  # without a byte of an archive
OLDEST = "1.24"  # of the SDK; only to ask for the engine's own
AT_ONCE = 1 << 16
UNEXPECTED = (AttributeError, KeyError, TypeError, ValueError, msgspec.DecodeError)  # of an answer in another shape


class Listed(msgspec.Struct, frozen=True, rename="pascal"):
    """What counts of a container in the list. `status` is `Up 3 minutes (healthy)`, in the engine's words."""

    id: str
    names: tuple[str, ...] | None = None
    state: str = ""
    status: str = ""

    @property
    def called(self) -> list[str]:
        """Its names, without the `/` in front."""
        return [name.removeprefix("/") for name in self.names or ()]


class Engine:
    """One engine: where it is, and which version of the API it speaks.

    socket  a path, or an address `unix://PATH` or `tcp://HOST:PORT`
    """

    def __init__(self, socket: Path | str = SOCKET) -> None:
        self.shown = str(socket)
        self._address = self.shown if "://" in self.shown else f"unix://{self.shown}"
        self._version: str | None = None

    def link(self, timeout_s: float = READ_S) -> Link:
        """A client for one thread at a time. Raises EngineError where the engine does not answer."""
        if self._version is None:
            self._version = self._ask_version()
        return Link(self, self._client(self._version, timeout_s), timeout_s)

    def forget(self) -> None:
        """It may be another one the next time."""
        self._version = None

    def _ask_version(self) -> str:
        with Link(self, self._client(OLDEST, READ_S), READ_S) as link:
            return link.version()

    def _client(self, version: str, timeout_s: float) -> APIClient:
        from docker import APIClient
        from docker.errors import DockerException

        from mixdesk_control.docker_engine.transport import UnixAdapter

        try:
            client = APIClient(base_url=self._address, version=version, timeout=timeout_s)
        except (DockerException, OSError, ValueError) as error:
            raise EngineError(f"{self.shown}: {one_line(str(error))}") from error
        if self._address.startswith("unix://"):
            client.mount("http+docker://", UnixAdapter(self._address.removeprefix("unix://"), timeout_s))
        client.trust_env = False  # else it looks for a .netrc and for proxies with each call
        return client


class Link:
    """The calls. Each raises EngineError; Gone where there is no such container."""

    def __init__(self, engine: Engine, client: APIClient, timeout_s: float) -> None:
        self._engine, self._client, self._timeout_s = engine, client, timeout_s

    def __enter__(self) -> Link:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Lets go of its connections."""
        self._client.close()

    def version(self) -> str:
        """The newest version of the API that the engine speaks."""
        with self._asking("GET /version"):
            return str(self._client.version(api_version=False)["ApiVersion"])

    def containers(self, names: Collection[str] = ()) -> list[Listed]:
        """Also those that do not run; with names at least those, which costs the engine less than all."""
        patterns = [f"^/?{re.escape(name)}$" for name in names]
        return self._list({"all": "1"} | ({"filters": json.dumps({"name": patterns})} if names else {}))

    def find(self, name: str) -> str | None:
        """The id of the container of exactly this name; None where there is none."""
        return next((item.id for item in self.containers((name,)) if name in item.called), None)

    def _list(self, asked: Mapping[str, str]) -> list[Listed]:
        """Past the SDK: of what the engine says of each container the desk needs a tenth, every second."""
        call, address = "GET /containers/json", self._address("/containers/json")
        with self._asking(call), self._client.get(address, params=asked, timeout=READ_S) as response:
            if response.status_code != 200:
                raise answered(self._engine.shown, call, response.status_code, message(response))
            return msgspec.json.decode(response.content, type=list[Listed])

    def inspect(self, identity: str) -> dict[str, Any]:
        """Everything about one container."""
        with self._asking("GET /containers/{id}/json"):
            found: dict[str, Any] = self._client.inspect_container(identity)
            return found

    def start(self, identity: str) -> None:
        """Of one that runs: nothing."""
        with self._asking("POST /containers/{id}/start"):
            self._client.start(identity)

    def stop(self, identity: str, grace_s: float) -> None:
        """Returns once it has ended, by itself or killed after the grace. Of one that does not run: nothing."""
        with self._asking("POST /containers/{id}/stop"):
            self._client.stop(identity, timeout=math.ceil(grace_s))

    def logs(
        self,
        identity: str,
        since: float | None = None,
        *,
        until: float | None = None,
        tail: int | None = None,
        follow: bool = True,
        timestamps: bool = False,
    ) -> Stream:
        """Its output between two times of the engine's clock; framed, unless it has a terminal.

        tail        at most so many of the last lines of what is there
        follow      then each new piece
        timestamps  each line begins with its time (RFC 3339, nanoseconds) and a space
        """
        asked: dict[str, Any] = {"stdout": 1, "stderr": 1, "follow": int(follow), "timestamps": int(timestamps)}
        asked |= {name: f"{at:.9f}" for name, at in (("since", since), ("until", until)) if at is not None}
        asked |= {} if tail is None else {"tail": tail}
        return self._stream(f"/containers/{identity}/logs", asked, "GET /containers/{id}/logs")

    def stat(self, identity: str, path: str) -> dict[str, Any]:
        """`name, size, mode, mtime, linkTarget` of a path inside it. Raises Gone where there is none."""
        call, address = "HEAD /containers/{id}/archive", self._address(f"/containers/{identity}/archive")
        with (
            self._asking(call),
            self._client.head(address, params={"path": path}, timeout=self._timeout_s) as response,
        ):
            if response.status_code != 200:
                raise answered(self._engine.shown, call, response.status_code, path)
            found: dict[str, Any] = json.loads(base64.b64decode(response.headers["X-Docker-Container-Path-Stat"]))
            return found

    def archive(self, identity: str, path: str) -> Stream:
        """A file or a folder inside it as a tar, whole: the engine knows no ranges. Never unpack it to disk."""
        call = "GET /containers/{id}/archive"
        return self._stream(f"/containers/{identity}/archive", {"path": path}, call, PACK_S)

    def events(self) -> Stream:
        """What happens to containers, from now on: lines of JSON."""
        filters = json.dumps({"type": ["container"], "event": EVENTS})
        return self._stream("/events", {"filters": filters}, "GET /events")

    def _stream(self, path: str, asked: Mapping[str, Any], call: str, silence_s: float | None = None) -> Stream:
        """Takes this link along: it is closed with the stream, or now where there is none."""
        try:
            with self._asking(call):
                timeout = (self._timeout_s, silence_s)
                plain = {"Accept-Encoding": "identity"}  # else archives come compressed
                response = self._client.get(
                    self._address(path), params=asked, headers=plain, stream=True, timeout=timeout
                )
                if response.status_code == 200:
                    return Stream(self, response)
                with response:
                    raise answered(self._engine.shown, call, response.status_code, message(response))
        except EngineError:
            self.close()
            raise

    def _address(self, path: str) -> str:
        return f"{self._client.base_url}/v{self._client.api_version}{path}"

    @contextmanager
    def _asking(self, call: str) -> Iterator[None]:
        """Whatever goes wrong as an EngineError."""
        from docker.errors import APIError, DockerException
        from requests import RequestException

        try:
            yield
        except APIError as error:
            told = str(error.explanation or error)
            raise answered(self._engine.shown, call, error.response.status_code, told) from error
        except (RequestException, DockerException, OSError, *UNEXPECTED) as error:
            self._engine.forget()
            raise EngineError(f"{self._engine.shown}: {trouble(error, call, self._timeout_s)}") from error


class Stream:
    """What the engine sends until one of the two ends it: iterated in one thread, closed from any."""

    def __init__(self, link: Link, response: Response) -> None:
        from docker.types import CancellableStream

        # Of an answer without chunks the length is not known: to ask for more would wait for more.
        amount = AT_ONCE if getattr(response.raw, "chunked", False) else 1
        self._link, self._response, self._interrupted = link, response, False
        self._pieces = CancellableStream(response.raw.stream(amount, decode_content=False), response)

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._pieces
        except (ValueError, AttributeError):  # read from what was closed meanwhile
            if not self._interrupted:
                raise

    def interrupt(self) -> None:
        """Ends the iteration, wherever it is."""
        self._interrupted = True
        with suppress(OSError, ValueError, AttributeError):  # it has just ended by itself
            self._pieces.close()

    def close(self) -> None:
        """Lets go of the connection, once nothing iterates any more."""
        self.interrupt()
        self._response.close()
        self._link.close()
