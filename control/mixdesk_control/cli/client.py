"""The desk from outside: where it is, which token opens it, and its refusals as one line."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from mixdesk_control.cli.errors import CliError

READ_S = 15.0
ROLES = ("admin", "operator", "viewer")  # the widest token that this user may read

Job = dict[str, Any]


class Client:
    """One desk, asked over HTTP with one token. Every failure is a CliError."""

    def __init__(
        self,
        url: str,
        token: str,
        *,
        source: str = "given",
        authorities: str | None = None,
        witness: Callable[[], object] = lambda: True,
    ) -> None:
        from mixdesk.connection import Connection

        self.url, self.token, self._source = url, token, source
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "Accept": "application/json"}
        self.connection = Connection(url, headers, witness, agent="mixdesk-cli", authorities=authorities)

    @classmethod
    def find(
        cls, url: str | None = None, token_file: Path | None = None, *, env: Mapping[str, str] = os.environ
    ) -> Client:
        """The desk of --url, MIXDESK_URL or desk.json; the token of --token-file, MIXDESK_CLI_TOKEN or a file.

        MIXDESK_TOKEN is the trainer's and never read. `SSL_CERT_FILE` names the certificates of a private authority.
        """
        from mixdesk.locate import announced, as_announced, is_loopback, state_dir, witness
        from mixdesk_control import state

        folder = state_dir(env)
        here = state.living(folder)
        named = url or env.get("MIXDESK_URL")
        found = _checked_url(named or (here.url if here else None))
        token, source = _token(token_file, env, folder / "tokens")
        trusted = env.get("SSL_CERT_FILE")
        if named and not (is_loopback(found) and Path(source).parent == folder / "tokens"):
            return cls(found, token, source=source, authorities=trusted)
        # An address or a token of the state folder is for the desk that lives there, not for whoever has its port.
        path = folder / state.FILE
        found = as_announced(found, announced(path))
        return cls(found, token, source=source, authorities=trusted, witness=partial(witness, path, found))

    def get(self, path: str, **params: Any) -> Any:
        """The decoded answer to a GET."""
        query = urlencode({key: value for key, value in params.items() if value is not None}, doseq=True)
        return self._ask("GET", f"{path}?{query}" if query else path)

    def post(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """The decoded answer to a POST of JSON."""
        return self._ask("POST", path, json.dumps(dict(body or {})).encode())

    def delete(self, path: str) -> Any:
        """The decoded answer to a DELETE."""
        return self._ask("DELETE", path)

    def items(self, path: str, limit: int | None = None, **params: Any) -> Iterator[dict[str, Any]]:
        """The items of a list, page by page, newest first; `limit` of them at most."""
        cursor, left = None, limit
        while left is None or left > 0:
            page = self.get(path, cursor=cursor, limit=min(left or 1000, 1000), **params)
            yield from page["items"][:left]
            left = None if left is None else left - len(page["items"])
            cursor = page.get("next")
            if not cursor:
                return

    def refusal(self, status: int, body: bytes) -> CliError:
        """What the desk answered as an error."""
        try:
            problem = json.loads(body)
            detail = str(problem["detail"])
        except (ValueError, KeyError, TypeError):
            return CliError(f"{self.url} answered {status}, and not as a desk of Mixdesk does", status=status)
        if status in (401, 403):
            detail += f" (token: {self._source})"
        return CliError(detail, status=status, problem=problem)

    def _ask(self, method: str, path: str, body: bytes | None = None) -> Any:
        from http.client import HTTPException

        try:
            answer = self.connection.ask(method, path, body=body, headers={}, within_s=READ_S)
        except (OSError, HTTPException, ValueError) as error:
            raise CliError(self.unreachable(error)) from error
        if not 200 <= answer.status < 300:
            raise self.refusal(answer.status, answer.body)
        try:
            return json.loads(answer.body) if answer.body else None
        except ValueError as error:
            raise self.refusal(answer.status, answer.body) from error

    def unreachable(self, error: BaseException) -> str:
        """One line for a desk that cannot be reached."""
        return f"no desk answers at {self.url} ({_cause(error)}): start it with `mixdesk up`, or pass --url"


def job_path(job_id: str, *rest: str) -> str:
    """The path of a job's resource, its id quoted."""
    return "/".join(["/jobs", quote(job_id, safe=""), *rest])


def action_path(job_id: str, action: str) -> str:
    """The path of an action on a job."""
    return f"/admin{job_path(job_id, action)}"


def _checked_url(url: str | None) -> str:
    if not url:
        raise CliError("no desk is known here: start one with `mixdesk up`, or pass --url or set MIXDESK_URL")
    if "://" not in url:
        url = f"http://{url}"
    if not _is_address(url):
        raise CliError(f"{url!r} is no address of a desk: write it as http://127.0.0.1:9770")
    return url.rstrip("/")


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        (parts.hostname or "").encode("idna")  # refuses a label that is empty or longer than 63
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # half an IPv6 address, or a port beyond 65535
        return False


def _token(given: Path | None, env: Mapping[str, str], folder: Path) -> tuple[str, str]:
    """A token and where it is from."""
    if given is not None:
        try:
            return _one_line(given.expanduser().read_text()), str(given)
        except (OSError, UnicodeDecodeError) as error:
            raise CliError(f"--token-file {given} cannot be read: {_strerror(error)}") from error
    if env.get("MIXDESK_CLI_TOKEN"):
        return _one_line(env["MIXDESK_CLI_TOKEN"]), "MIXDESK_CLI_TOKEN"
    # The widest token that this user may read; where none may be, the first refusal says why.
    for path in (folder / role for role in ROLES):
        if os.access(path, os.R_OK):
            return _one_line(path.read_text()), str(path)
    why = "not readable" if (folder / ROLES[0]).exists() else "no such file"
    raise CliError(f"no token: pass --token-file or set MIXDESK_CLI_TOKEN ({folder / ROLES[0]}: {why})")


def _one_line(text: str) -> str:
    token = text.strip()
    if not token or any(not "!" <= letter <= "~" for letter in token):
        raise CliError("the token is empty or holds something that is no token: expected one line without spaces")
    return token


def _strerror(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)


def _cause(error: BaseException) -> str:
    """The innermost reason, in a few words: websockets wraps layers around it."""
    while (inner := getattr(error, "reason", None) or error.__cause__ or error.__context__) is not None:
        if not isinstance(inner, BaseException):
            break
        error = inner
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
