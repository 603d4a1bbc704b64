"""A service in the long form: every text resolved, every key that matters in the one shape that it can have. Pure.

The shape is that of `docker compose config --format json`; whatever is not as compose wants it is passed over. What
nobody asks for (environment, commands, builds) is left out, so that no secrets are kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mixdesk_control.compose import short_forms
from mixdesk_control.compose.marks import bare, through
from mixdesk_control.compose.merging import UNIQUE, unique, unmarked

CONTAINER_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]+")

Table = dict[str, Any]
Form = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Setting:
    """What a service is read with.

    resolve  replaces variables
    kept     the same, but leaves those without a value as they are written
    folder   relative paths count from here
    home     what `~` is
    """

    resolve: Callable[[str], str]
    kept: Callable[[str], str]
    folder: Path
    home: str | None


def table(value: Any) -> Mapping[str, Any]:
    """The table, or an empty one."""
    return value if isinstance(value, Mapping) else {}


def items(value: Any) -> list[Any]:
    """The list, or an empty one."""
    return value if isinstance(value, list) else []


class LongForm:
    """Services and volumes of one file."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._forms: Mapping[str, Form] = {
            **dict.fromkeys(("image", "network_mode", "ipc", "pid", "uts", "cgroup", "runtime", "scale"), self._text),
            **dict.fromkeys(("profiles", "links", "volumes_from"), self._texts),
            "container_name": self._container_name,
            "volumes": self._volumes,
            "tmpfs": self._one_or_more,
            "ports": self._ports,
            "depends_on": self._named,
            "labels": self._pairs,
            "logging": self._logging,
            "healthcheck": self._healthcheck,
            "deploy": self._deploy,
            "gpus": self._gpus,
            "extends": self._extends,
        }

    def service(self, value: Any) -> Table:
        """One service; `extends` is a table in it."""
        return self._keys(value, self._forms)

    def volume(self, value: Any) -> Table:
        """One of the project's volumes."""
        forms = {"name": self._text, "driver": self._text, "external": self._external, "driver_opts": self._pairs}
        found = self._keys(value, forms)
        options, named = table(found.get("driver_opts")), bare(table(value).get("external"))
        if found.get("driver") == "local" and options.get("o") == "bind" and isinstance(options.get("device"), str):
            found["driver_opts"] = {**options, "device": self.path(options["device"])}
        return {**self._keys(named, {"name": self._text}), **found} if isinstance(named, dict) else found

    # -- texts, lists, tables ------------------------------------------------------------------------------

    def _keys(self, value: Any, forms: Mapping[str, Form]) -> Table:
        found = {key: through(item, forms[key]) for key, item in table(value).items() if key in forms}
        return {key: item for key, item in found.items() if item is not None}

    def _item(self, value: Any, forms: Mapping[str, Form]) -> Table:
        """A table in a list: marks say nothing there."""
        found: Table = unmarked(self._keys(value, forms))
        return {key: item for key, item in found.items() if item is not None}

    def _text(self, value: Any) -> str | None:
        return self._setting.resolve(value) if isinstance(value, str) else None

    def _texts(self, value: Any) -> list[str]:
        return [self._setting.resolve(item) for item in items(value) if isinstance(item, str)]

    def _one_or_more(self, value: Any) -> list[str]:
        return self._texts([value] if isinstance(value, str) else value)

    def _pairs(self, value: Any) -> Table:
        """A table, or a list of `key=value`."""
        if isinstance(value, list):
            cut = (text.partition("=") for text in self._texts(value))
            return {key: item for key, _, item in cut}
        pairs = ((key, through("" if item is None else item, self._text)) for key, item in table(value).items())
        return {key: item for key, item in pairs if item is not None}

    def _named(self, value: Any) -> Table:
        """A table, or a list of its keys."""
        if isinstance(value, list):
            return {key: {} for key in self._texts(value)}
        return {key: through(item if item is not None else {}, lambda _: {}) for key, item in table(value).items()}

    # -- keys of their own ---------------------------------------------------------------------------------

    def _container_name(self, value: Any) -> str | None:
        """A name that compose would refuse stays as it is written, for people to see."""
        name = self._text(value)
        return name if name is None or CONTAINER_NAME.fullmatch(name) else self._setting.kept(value)

    def _volumes(self, value: Any) -> list[Table]:
        found = (self._volume(item) for item in items(value))
        return unique([item for item in found if item is not None and item.get("target")], UNIQUE["volumes"])

    def _volume(self, value: Any) -> Table | None:
        found = self._long_volume(value) if isinstance(value, dict) else self._short_volume(value)
        if found is None:
            return None
        if found.get("type") == "bind" and "source" in found:
            found["source"] = self.path(found["source"])
        return {**found, "target": short_forms.cleaned(found.get("target", ""))}

    def _short_volume(self, value: Any) -> Table | None:
        return short_forms.volume(self._setting.resolve(value)) if isinstance(value, str) else None

    def _long_volume(self, value: Mapping[str, Any]) -> Table:
        return self._item(value, dict.fromkeys(("type", "source", "target", "read_only"), self._text))

    def path(self, path: str) -> str:
        """An absolute one."""
        if path.startswith("~") and self._setting.home is not None:
            return short_forms.cleaned(f"{self._setting.home}/{path[1:]}")
        return path if path.startswith("/") else short_forms.cleaned(f"{self._setting.folder}/{path}")

    def _ports(self, value: Any) -> list[Table]:
        keys = dict.fromkeys(("target", "published", "host_ip", "protocol"), self._text)
        found: list[Table] = []
        for item in items(value):
            if len(found) >= short_forms.MOST_PORTS:
                break
            if isinstance(item, str):
                found += short_forms.ports(self._setting.resolve(item))
            elif "target" in (port := self._item(item, keys)):
                found.append({"protocol": "tcp", **port})
        return unique(found, UNIQUE["ports"])

    def _logging(self, value: Any) -> Table:
        return self._keys(value, {"driver": self._text, "options": self._pairs})

    def _healthcheck(self, value: Any) -> Table:
        return self._keys(value, {"disable": self._text, "test": self._test})

    def _test(self, value: Any) -> list[str]:
        return ["CMD-SHELL", value] if isinstance(value, str) else self._texts(value)

    def _deploy(self, value: Any) -> Table:
        reservations = {"reservations": lambda item: self._keys(item, {"devices": self._devices})}
        resources = {"resources": lambda item: self._keys(item, reservations)}
        return self._keys(value, {"replicas": self._text, **resources})

    def _devices(self, value: Any) -> list[Table]:
        forms = {"driver": self._text, "count": self._text, "device_ids": self._texts, "capabilities": self._texts}
        return [self._item(item, forms) for item in items(value) if isinstance(item, dict)]

    def _gpus(self, value: Any) -> list[Table]:
        return [{"count": "all"}] if isinstance(value, str) else self._devices(value)

    def _external(self, value: Any) -> str | None:
        return "true" if isinstance(value, dict) else self._text(value)

    def _extends(self, value: Any) -> Table:
        long = {"service": value} if isinstance(value, str) else value
        return self._keys(long, dict.fromkeys(("service", "file"), self._text))
