"""`mixdesk assets init`: drafts into a settings file. It is never overwritten, and the desk can read it afterwards."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mixdesk_control import settings
from mixdesk_control.assets.inventory import compose, containers, draft
from mixdesk_control.assets.inventory.draft import Draft
from mixdesk_control.assets.inventory.errors import InventoryError
from mixdesk_control.cli.errors import CliError
from mixdesk_control.docker_engine.engine import SOCKET
from mixdesk_control.settings import SettingsError
from mixdesk_control.settings_assets import AssetSettings

STDOUT = Path("-")


class ThereAlready(CliError):
    """The file is there, and nothing was to be added to it."""


@dataclass(frozen=True, slots=True)
class Found:
    """Drafts that fit together, and where they are from, in words."""

    drafts: Sequence[Draft]
    source: str

    @property
    def text(self) -> str:
        """As TOML."""
        return f"# The registry of assets, as first found in {self.source}.\n\n{draft.as_toml(self.drafts)}"


def look(files: Sequence[Path], socket: str | None, env: Mapping[str, str] = os.environ) -> Found:
    """The services of these compose files; without any, those of the one in this folder, else the engine's containers.

    With `socket` the engine is asked. Raises CliError.
    """
    if files and socket:
        raise CliError("give --compose or --docker, not both", exit_code=2)
    chosen = list(files) or ([] if socket else compose.find(Path.cwd()))
    try:
        if chosen:
            found, source = compose.read(chosen, env), ", ".join(_shown(file.name) for file in chosen)
        else:
            path = _socket(socket, env)
            found, source = containers.read(path), "the containers of this host"
    except InventoryError as error:
        hint = "" if chosen or socket else "; or pass --compose FILE"
        raise CliError(f"{error}{hint}") from error
    if not found:
        raise CliError(f"nothing is found in {source}: pass --compose FILE, or write [[assets]] by hand")
    return Found(draft.fitted(found), source)


def write(out: Path, found: Found, *, append: bool) -> list[Draft]:
    """Writes the entries to a new file, or behind what is in it; returns those that are written.

    Raises ThereAlready, or CliError where it cannot be written, or could not be read afterwards.
    """
    try:
        return _append(out, found) if append and out.exists() else _create(out, found)
    except FileExistsError:
        msg = f"{out} is there already, so it is left as it is: --append adds these entries to it"
        raise ThereAlready(msg) from None
    except OSError as error:
        raise CliError(f"{out} cannot be written: {error.strerror or error}") from error


def said(out: Path, found: Found, written: Sequence[Draft]) -> str:
    """What was done, and what comes next."""
    if not written:
        return f"{out} has all of {found.source} already"
    todo = "" if all(item.gpus is None for item in written) else "; set vram_mb where it is commented out"
    return f"{out}: {len(written)} assets from {found.source}{todo}. Next: `mixdesk up`, or `mixdesk assets reload`"


def _create(out: Path, found: Found) -> list[Draft]:
    _checked(out, found.text).unlink()
    with out.open("x", encoding="utf-8") as stream:  # it never replaces what has come meanwhile
        stream.write(found.text)
    return list(found.drafts)


def _append(out: Path, found: Found) -> list[Draft]:
    left = _new(_entries(out), found.drafts)
    if left:
        before = out.read_text(encoding="utf-8").rstrip()
        fresh = _checked(out, f"{before}\n\n{Found(left, found.source).text}".lstrip())
        _put(fresh, out.resolve())
    return left


def _put(fresh: Path, old: Path) -> None:
    """In the place of `old`, and as readable: the desk, perhaps of another user, reads it as before."""
    try:
        was = old.stat()
        os.chown(fresh, was.st_uid, was.st_gid)
        fresh.chmod(was.st_mode & 0o777)
        fresh.replace(old)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise


def _entries(out: Path) -> Sequence[AssetSettings]:
    try:
        return settings.load(out, {}).assets
    except SettingsError as error:
        raise CliError(str(error)) from error


def _new(entries: Sequence[AssetSettings], drafts: Sequence[Draft]) -> list[Draft]:
    """Those that the file has under no id and with no container yet; they depend on what it has by its id there."""
    ids = {entry.id for entry in entries}
    by_container = {entry.container: entry.id for entry in entries if entry.container is not None}
    theirs = {item.name: by_container[item.container] for item in drafts if item.container in by_container}
    return [
        replace(item, dependencies=tuple(theirs.get(name, name) for name in item.dependencies))
        for item in drafts
        if item.name not in ids and item.container not in by_container
    ]


def _checked(out: Path, text: str) -> Path:
    """The text in a file that can be read as settings, beside what `out` is or leads to."""
    handle, name = tempfile.mkstemp(dir=out.resolve().parent, prefix=f".{out.name}.")
    fresh = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
        settings.load(fresh, {})
    except SettingsError as error:
        fresh.unlink()
        said = str(error).replace(str(fresh), str(out))
        raise CliError(f"nothing is written, the file could not be read afterwards: {said}") from error
    except BaseException:
        fresh.unlink()
        raise
    return fresh


def _socket(given: str | None, env: Mapping[str, str]) -> Path:
    address = given or env.get("DOCKER_HOST") or str(SOCKET)
    kind, sign, path = address.partition("://")
    if sign and kind != "unix":
        raise CliError(f"{address}: only the socket of an engine on this host is asked; pass --docker {SOCKET}")
    return Path(path if sign else address)


def _shown(name: str) -> str:
    return name if name.isprintable() else repr(name)
