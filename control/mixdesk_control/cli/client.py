"""The desk from outside: where it is, which token opens it, and its refusals as one line."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from mixdesk_control.cli.errors import CliError

if TYPE_CHECKING:
    import requests

CONNECT_S, READ_S = 3.0, 15.0
ROLES = ("admin", "operator", "viewer")  # the widest token that this user may read

Job = dict[str, Any]


class Client:
    """One desk, asked over HTTP with one token. Every failure is a CliError."""

    def __init__(self, url: str, token: str, *, source: str = "given", certificates: str | None = None) -> None:
        import requests

        self.url, self.token, self._source = url, token, source
        self._session = requests.Session()
        self._session.trust_env = False  # no proxy between a person and their desk, and no .netrc beside the token
        self._session.verify = certificates or True
        self._session.headers.update({"Authorization": f"Bearer {token}", "User-Agent": "mixdesk-cli"})

    @classmethod
    def find(
        cls, url: str | None = None, token_file: Path | None = None, *, env: Mapping[str, str] = os.environ
    ) -> Client:
        """The desk of --url, MIXDESK_URL or desk.json; the token of --token-file, MIXDESK_CLI_TOKEN or a file.

        MIXDESK_TOKEN is the trainer's and never read. `SSL_CERT_FILE` names the certificates of a private authority.
        """
        from mixdesk.locate import state_dir
        from mixdesk_control import state

        folder = state_dir(env)
        here = state.found(folder)
        found = _checked_url(url or env.get("MIXDESK_URL") or (here.url if here else None))
        token, source = _token(token_file, env, folder / "tokens")
        return cls(found, token, source=source, certificates=env.get("SSL_CERT_FILE"))

    def get(self, path: str, **params: Any) -> Any:
        """The decoded answer to a GET."""
        return self._ask("GET", path, params={key: value for key, value in params.items() if value is not None})

    def post(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """The decoded answer to a POST of JSON."""
        return self._ask("POST", path, json=dict(body or {}))

    def delete(self, path: str) -> Any:
        """The decoded answer to a DELETE."""
        return self._ask("DELETE", path, headers={"Content-Type": "application/json"})

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
        return CliError(detail, status=status)

    def _ask(self, method: str, path: str, **options: Any) -> Any:
        import requests

        try:
            answer = self._session.request(
                method, self.url + path, timeout=(CONNECT_S, READ_S), allow_redirects=False, **options
            )
        except requests.RequestException as error:
            raise CliError(self.unreachable(error)) from error
        return self._decoded(answer)

    def _decoded(self, answer: requests.Response) -> Any:
        if not 200 <= answer.status_code < 300:
            raise self.refusal(answer.status_code, answer.content)
        try:
            return answer.json() if answer.content else None
        except ValueError as error:
            raise self.refusal(answer.status_code, answer.content) from error

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
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise CliError(f"{url!r} is no address of a desk: write it as http://127.0.0.1:9770")
    return url.rstrip("/")


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
    """The innermost reason, in a few words: requests wraps several layers around it."""
    while (inner := getattr(error, "reason", None) or error.__cause__ or error.__context__) is not None:
        if not isinstance(inner, BaseException):
            break
        error = inner
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
