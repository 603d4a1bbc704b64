"""Where settings come from, and what is said when one is wrong."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import tomllib
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

PREFIX = "MIXDESK_"


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


def read_file(file: Path | None, paths: set[tuple[str, str]]) -> dict[str, Any]:
    """The tables of the file, its relative paths made absolute. Raises SettingsError."""
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
    for table, key in paths:
        if isinstance(tables.get(table), dict) and key in tables[table]:
            tables[table][key] = _rooted(tables[table][key], folder)
    return tables


def _rooted(value: Any, folder: Path) -> Any:
    if isinstance(value, str):
        return str(folder / Path(value).expanduser())
    if isinstance(value, list):
        return [_rooted(item, folder) for item in value]
    if isinstance(value, dict):
        return {key: _rooted(item, folder) for key, item in value.items()}
    return value


def explain(error: ValidationError, model: type[BaseModel], env: Mapping[str, Any], file: Path | None) -> SettingsError:
    """One line for the first thing that is wrong: where it is set, key, value, what is allowed."""
    first = error.errors()[0]
    path = [str(part) for part in first["loc"]]
    where = _where(path, env, file)
    if first["type"] == "extra_forbidden":
        return SettingsError(f"{where}{'.'.join(path)} is not a setting{_known(path, model)}")
    message = first["msg"].removeprefix("Value error, ")
    return SettingsError(f"{where}{'.'.join(path)} = {first['input']!r}: {message}")


def _where(path: Sequence[str], env: Mapping[str, Any], file: Path | None) -> str:
    tree: Any = env
    for number, key in enumerate(path):
        if not isinstance(tree, Mapping) or key not in tree:
            break
        tree = tree[key]
        if not isinstance(tree, Mapping):
            return f"{PREFIX}{'__'.join(path[: number + 1]).upper()}: "
    return f"{file}: " if file is not None else ""


def _known(path: Sequence[str], model: type[BaseModel]) -> str:
    for key in path[:-1]:
        field = model.model_fields.get(key)
        if field is None or not isinstance(field.annotation, type) or not issubclass(field.annotation, BaseModel):
            return ""
        model = field.annotation
    names = sorted(model.model_fields)
    close = difflib.get_close_matches(path[-1], names, n=1)
    hint = f"; did you mean {close[0]}?" if close else ""
    return f"{hint or ''} (known: {', '.join(names)})"
