"""Where settings come from, and what is said when one is wrong."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

import tomllib
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

PREFIX = "MIXDESK_"
REFERENCE = "file:"
SECRET = frozenset({"env", "headers", "json"})
"""Keys below which no value is shown: passwords and tokens stand there."""


USERINFO = re.compile(r"//.*@", re.DOTALL)  # up to the last @: a password may hold one


class SettingsError(Exception):
    """A setting is unknown or wrong; one line with the key, the value and what is allowed."""


class Given(PydanticBaseSettingsSource):
    """Tables that were read already, as a source of pydantic-settings."""

    def __init__(self, settings_cls: type[BaseSettings], tables: dict[str, Any]) -> None:
        super().__init__(settings_cls)
        self._tables = tables

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """One table."""
        return self._tables.get(field_name), field_name, False

    def __call__(self) -> dict[str, Any]:
        return self._tables


def as_list(value: Any) -> Any:
    """A list from one text, from `a,b` or from a JSON list: what an environment variable can hold."""
    if not isinstance(value, str):
        return value
    if value.lstrip().startswith("["):
        return json.loads(value)
    return [part.strip() for part in value.split(",") if part.strip()]


def read_env(env: Mapping[str, str], tables: set[str]) -> dict[str, Any]:
    """`MIXDESK_SERVER__PORT=1` as {"server": {"port": "1"}}. Raises SettingsError for a table that is not known."""
    found: dict[str, Any] = {}
    for name, value in env.items():
        if not name.startswith(PREFIX) or "__" not in name[len(PREFIX) :]:
            continue
        table, *keys = name[len(PREFIX) :].lower().split("__")
        if table not in tables:
            msg = f"{name} is not a setting: [{table}] is not a table; known are {', '.join(sorted(tables))}"
            raise SettingsError(msg)
        _put(found, [table, *keys], _decoded(value), name)
    return found


def _put(tree: dict[str, Any], path: Sequence[str], value: Any, name: str) -> None:
    for key in path[:-1]:
        branch = tree.setdefault(key, {})
        if isinstance(branch, dict):
            tree = branch
        else:
            msg = f"{name} sets a part of a setting that another variable sets as a whole: keep one of them"
            raise SettingsError(msg)
    tree[path[-1]] = value


def _decoded(value: str) -> Any:
    # Lists are left to the field; only an object cannot be said in another way.
    if not value.lstrip().startswith("{"):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def read_file(
    file: Path | None, paths: Collection[Sequence[str]], references: Collection[Sequence[str]] = ()
) -> dict[str, Any]:
    """The tables of the file, with what is relative made absolute. Raises SettingsError.

    paths       where paths stand
    references  where texts stand that name a file if they begin with `file:`
    """
    if file is None:
        return {}
    try:
        tables = tomllib.loads(file.read_text())
    except (OSError, UnicodeDecodeError) as error:
        msg = f"settings file {file} cannot be read: {getattr(error, 'strerror', None) or error}"
        raise SettingsError(msg) from error
    except tomllib.TOMLDecodeError as error:
        msg = f"settings file {file} is not valid TOML: {error}"
        raise SettingsError(msg) from error
    folder = file.absolute().parent
    for path in paths:
        _change(tables, path, lambda text: _rooted(text, folder))
    for path in references:
        _change(tables, path, lambda text: _with_rooted_file(text, folder))
    return tables


def _rooted(path: str, folder: Path) -> str:
    try:
        return str(folder / Path(path).expanduser())
    except RuntimeError as error:
        msg = f"{path!r} begins with the home folder of a user that is not known here"
        raise SettingsError(msg) from error


def _with_rooted_file(text: str, folder: Path) -> str:
    path = text.removeprefix(REFERENCE)
    return text if path == text else REFERENCE + _rooted(path, folder)


def _change(tree: Any, path: Sequence[str], change: Callable[[str], str]) -> None:
    """Changes the texts at the path; in a list of tables, in each of them."""
    if isinstance(tree, list):
        for item in tree:
            _change(item, path, change)
    elif isinstance(tree, dict) and path[0] in tree:
        if len(path) > 1:
            _change(tree[path[0]], path[1:], change)
        else:
            tree[path[0]] = _changed(tree[path[0]], change)


def _changed(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_changed(item, change) for item in value]
    if isinstance(value, dict):
        return {key: _changed(item, change) for key, item in value.items()}
    return value


def explain(
    error: ValidationError,
    model: type[BaseModel],
    env: Mapping[str, Any],
    file: Path | None,
    tables: Mapping[str, Any] | None = None,
) -> SettingsError:
    """One line for the first thing that is wrong: where it is set, key, value, what is allowed.

    `tables` are those of the file: an entry of a list of tables is named by its id.
    """
    first = error.errors()[0]
    path = _without_branch(first["loc"])
    where = f"{_where([str(part) for part in path], env, file)}{_named(path, tables or {})}"
    if first["type"] == "extra_forbidden":
        return SettingsError(f"{where} is not a setting{_known(path, model)}")
    if first["type"] == "missing":
        return SettingsError(f"{where} is missing")
    message = first["msg"].removeprefix("Value error, ")
    if first["type"] == "tuple_type" and len(path) == 1:
        return SettingsError(f"{where}: each of them is a table of its own, [[{path[0]}]]")
    shown = _shown(first["input"], path)
    return SettingsError(f"{where}{shown}: {message}")


def _shown(value: Any, path: Sequence[str | int]) -> str:
    """` = 'x'`; nothing of what may be secret, nor of a whole table, which is too long and may hold such."""
    if not SECRET.isdisjoint(path) or _holds_tables(value):
        return ""
    return f" = {without_password(repr(value))}"


def _holds_tables(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return any(map(_holds_tables, value))
    return isinstance(value, Mapping)


def without_password(text: str) -> str:
    """The text with `***` for name and password of the addresses in it."""
    return USERINFO.sub("//***@", text)


def _without_branch(path: Sequence[str | int]) -> Sequence[str | int]:
    """A place without the name of the type that was tried there: `gpus.0.int` is `gpus.0`."""
    return path[:-1] if len(path) > 1 and isinstance(path[-2], int) and path[-1] in ("int", "str", "bool") else path


def _named(path: Sequence[str | int], tables: Mapping[str, Any]) -> str:
    """`server.port`; for an entry of a list of tables `assets.bark: vram_mb`, or its number where it has no id."""
    if len(path) < 2 or not isinstance(path[1], int):
        return _dotted(path)
    table, number, *key = path
    name = _id_of(tables, str(table), path[1])
    shown = f"{table}, entry {int(number) + 1}" if name is None or key == ["id"] else f"{table}.{name}"
    return f"{shown}: {_dotted(key)}" if key else shown


def _id_of(tables: Mapping[str, Any], table: str, number: int) -> str | None:
    try:
        name = tables[table][number]["id"]
    except (KeyError, IndexError, TypeError):
        return None
    return name if isinstance(name, str) and name.isprintable() else None


def _dotted(path: Sequence[str | int]) -> str:
    """A place as one line, whatever its keys are."""
    return ".".join(key if isinstance(key, str) and key.isprintable() else repr(key) for key in path)


def _where(path: Sequence[str], env: Mapping[str, Any], file: Path | None) -> str:
    tree: Any = env
    for number, key in enumerate(path):
        if not isinstance(tree, Mapping) or key not in tree:
            break
        tree = tree[key]
        if not isinstance(tree, Mapping):
            return f"{PREFIX}{'__'.join(path[: number + 1]).upper()}: "
    return f"{file}: " if file is not None else ""


def _known(path: Sequence[str | int], model: type[BaseModel]) -> str:
    for key in path[:-1]:
        if isinstance(key, int):  # one of a list: it is of the same model
            continue
        field = model.model_fields.get(key)
        inner = None if field is None else _model_in(field.annotation)
        if inner is None:
            return ""
        model = inner
    names = sorted(field.alias or name for name, field in model.model_fields.items())
    close = difflib.get_close_matches(str(path[-1]), names, n=1)
    hint = f"; did you mean {close[0]}?" if close else ""
    return f"{hint or ''} (known: {', '.join(names)})"


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model of a table: `Model`, `Model | None`, `tuple[Model, ...]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for inner in get_args(annotation) if (found := _model_in(inner)) is not None), None)
