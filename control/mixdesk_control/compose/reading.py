"""Compose files as a project: our own reading, with all files that they extend and include."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mixdesk_control.compose import files as disk
from mixdesk_control.compose import including, plain_yaml, view
from mixdesk_control.compose.environment import Environment, Spent
from mixdesk_control.compose.errors import ComposeError, TooMuchError
from mixdesk_control.compose.extending import Scope, extended
from mixdesk_control.compose.including import Include
from mixdesk_control.compose.long_form import LongForm, Setting, table
from mixdesk_control.compose.marks import RESET, bare, through
from mixdesk_control.compose.merging import merged, unmarked
from mixdesk_control.compose.model import Project

MOST_SERVICES = 1000
MOST_FILES = 32
MOST_ITEMS = 100_000  # in lists and tables of all services
MOST_INCLUDES = 256
MOST_DEPTH = 16  # of projects in projects

Table = dict[str, Any]


def read(files: Sequence[Path], env: Mapping[str, str] | None = None) -> Project:
    """What the files say together, a later one over those before it, as `docker compose -f A -f B` reads them.

    Variables come from `env` (default: this process's), then from `.env` beside the first file. Services of all
    profiles are in it. Raises ComposeError.
    """
    return Reading(files, env).project()


class Reading:
    """Reads files once each. `spent` tells afterwards what was looked at."""

    def __init__(self, files: Sequence[Path], env: Mapping[str, str] | None = None) -> None:
        if not files:
            raise ComposeError("no compose file is named")
        self.spent = Spent()
        self.remote: list[str] = []
        self._files = [file.absolute() for file in files]
        self._env = Environment(os.environ if env is None else env, self.spent)
        self._documents: dict[Path, list[Any]] = {}
        self._left = MOST_ITEMS
        self._may_include = MOST_INCLUDES

    def project(self) -> Project:
        """Raises ComposeError."""
        folder = self._files[0].parent
        env = self._env.beside(folder)
        name = self._name(env)
        tables = self._load(_Part(folder, env.with_value("COMPOSE_PROJECT_NAME", name)), self._files)
        if not tables.get("services"):
            raise ComposeError(f"{self._files[0]}: it has no services, so it is no compose file")
        return view.project(tables, name, self.spent.said())

    def _name(self, env: Environment) -> str:
        """The environment's, that of the last file that has one, or the folder's."""
        documents = [document for file in self._files for document in self._parsed(file)]
        named = [found for document in documents if isinstance(found := bare(document.get("name")), str) and found]
        given = env.get("COMPOSE_PROJECT_NAME") or (env.resolve(named[-1]) if named else "")
        return _plain_name(given) or _plain_name(self._files[0].parent.name) or "default"

    def _load(self, part: _Part, files: Sequence[Path]) -> Table:
        """Files over each other; nothing is marked any more."""
        found: Table = {}
        for file in files:
            for document in self._parsed(file):
                found = unmarked(merged(found, self._file(file, document, part)))
        return found

    def _file(self, file: Path, document: Mapping[str, Any], part: _Part) -> Table:
        """One document with what it includes, its services with what they extend."""
        form = LongForm(_setting(part))
        own = {
            "services": through(self._services(file, document), lambda found: self._long(found, form.service)),
            "volumes": through(document.get("volumes"), lambda found: self._long(found, form.volume)),
        }
        for include in including.includes(document.get("include"), part.env.resolve):
            own = merged(self._included(file, include, part), own)
        scope = Scope(file, part.folder, table(bare(own["services"])), lambda found: found)
        return {**own, "services": through(own["services"], lambda found: self._extended(scope, found, part))}

    def _extended(self, scope: Scope, services: Mapping[str, Any], part: _Part) -> Table:
        return {name: self._counted(extended(scope, name, lambda path: self._other(path, part))) for name in services}

    def _other(self, path: Path, part: _Part) -> Scope:
        """The services of a file that one is extended from; its paths count from its own folder."""
        file = Path(os.path.normpath(path))
        found = LongForm(_setting(_Part(file.parent, part.env)))
        services: Table = {}
        for document in self._parsed(file):
            services |= table(bare(self._services(file, document)))
        return Scope(file, file.parent, services, lambda value: self._counted(found.service(value)))

    def _included(self, file: Path, include: Include, part: _Part) -> Table:
        if include.remote is not None:
            self.remote.append(include.remote)
            self.spent.notes[f"{file} includes {include.remote}, which is not on this host: it is not read"] = None
            return {}
        paths = [Path(os.path.normpath(part.folder / path)) for path in include.paths]
        if paths[0] in (*part.chain, file):
            raise ComposeError(f"{file}: it includes {paths[0]}, and that includes it again")
        self._may_include -= 1
        if self._may_include < 0 or len(part.chain) > MOST_DEPTH:
            raise TooMuchError(f"{file}: files include each other more than {MOST_INCLUDES} times, or in a circle")
        folder = paths[0].parent if include.folder is None else Path(os.path.normpath(part.folder / include.folder))
        return self._load(_Part(folder, _variables(include, folder, part), (*part.chain, file)), paths)

    # -- one file ------------------------------------------------------------------------------------------

    def _parsed(self, file: Path) -> list[Any]:
        self.spent.look(file)
        if file not in self._documents:
            if len(self._documents) >= MOST_FILES:
                raise TooMuchError(f"{file}: services extend and include those of more than {MOST_FILES} files")
            self._documents[file] = _parsed(file)
        return self._documents[file]

    def _services(self, file: Path, document: Mapping[str, Any]) -> Any:
        services = document.get("services")  # a file over another one may have none
        found = bare(services)
        if found is not None and not isinstance(found, Mapping):
            raise ComposeError(f"{file}: it has no services, so it is no compose file")
        if found is not None and len(found) > MOST_SERVICES:
            raise TooMuchError(f"{file}: it has {len(found)} services; more than {MOST_SERVICES} are not read")
        return services

    def _long(self, found: Any, form: Any) -> Table:
        return {
            key: RESET if item is RESET else self._counted(through(item or {}, form))
            for key, item in table(found).items()
        }

    def _counted(self, found: Any) -> Any:
        self._left -= _size(bare(found))
        if self._left < 0:
            raise TooMuchError(f"{self._files[0]}: its services have more than {MOST_ITEMS} entries together")
        return found


@dataclass(frozen=True, slots=True)
class _Part:
    """A project, or one that is included in it.

    chain  the files that include it, outermost first
    """

    folder: Path
    env: Environment
    chain: tuple[Path, ...] = field(default=())


def _setting(part: _Part) -> Setting:
    return Setting(part.env.resolve, part.env.kept, part.folder, part.env.get("HOME"))


def _variables(include: Include, folder: Path, part: _Part) -> Environment:
    if include.env_files is None:
        return part.env.beside(folder)
    return part.env.over(*(part.folder / name for name in include.env_files if name != os.devnull))


def _parsed(file: Path) -> list[Any]:
    text = disk.text(file)
    try:
        documents = [bare(document) for document in plain_yaml.parse(text)]
    except ComposeError as error:
        raise type(error)(f"{file}: {error}") from error
    if not documents or not all(isinstance(document, Mapping) for document in documents):
        raise ComposeError(f"{file}: it is no compose file: expected tables such as `services:`")
    return documents


def _plain_name(name: str) -> str:
    return re.sub(r"[^a-z0-9_-]", "", name.lower()).lstrip("_-")


def _size(found: Any) -> int:
    """Entries; a long text counts as several."""
    if isinstance(found, str):
        return 1 + len(found) // 32
    inner = found.values() if isinstance(found, dict) else found if isinstance(found, list) else ()
    return 1 + sum(map(_size, inner))
