"""Model servers that are known: which requests load, unload and list their models. Data, and its use; pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mixdesk_control.settings_assets import HttpCheck, HttpRequest, HttpSettings


@dataclass(frozen=True, slots=True)
class Preset:
    """The requests of one kind of server; `full_name` is how it lists a model that was given in short."""

    load: HttpRequest
    unload: HttpRequest
    check: HttpCheck
    full_name: Callable[[str], str] = str


@dataclass(frozen=True, slots=True)
class Requests:
    """The requests of one target, in which `{model}` still stands, and the model that it stands for."""

    load: HttpRequest
    unload: HttpRequest
    check: HttpCheck
    model: str


def _tagged(model: str) -> str:
    """Ollama lists `llama3.2` as `llama3.2:latest`; a colon before the last slash is that of a registry's port."""
    return model if not model or ":" in model.rpartition("/")[2] else f"{model}:latest"


OLLAMA = Preset(
    # An empty prompt loads the model; -1 keeps it until somebody unloads it.
    load=HttpRequest(path="/api/generate", json={"model": "{model}", "keep_alive": -1, "stream": False}),
    unload=HttpRequest(path="/api/generate", json={"model": "{model}", "keep_alive": 0, "stream": False}),
    check=HttpCheck(path="/api/ps", find="models.*.name", values=("{model}",), vram="size_vram"),
    full_name=_tagged,
)

TRITON = Preset(
    load=HttpRequest(path="/v2/repository/models/{model}/load", json={}),
    # What an ensemble brought along goes with it.
    unload=HttpRequest(path="/v2/repository/models/{model}/unload", json={"parameters": {"unload_dependents": True}}),
    # The whole index, not only what is ready: a model that is unloading still holds its memory.
    check=HttpCheck(
        method="POST",
        path="/v2/repository/index",
        json={},
        find="*.name",
        values=("{model}",),
        state="state",
        loaded=("READY",),
        between=("LOADING", "UNLOADING"),
    ),
)

PRESETS = {"ollama": OLLAMA, "triton": TRITON}


def expand(settings: HttpSettings) -> Requests:
    """The requests given, and those of the preset where none are. Raises ValueError where one is missing."""
    preset = PRESETS[settings.preset] if settings.preset else None
    load = settings.load or (preset.load if preset else None)
    unload = settings.unload or (preset.unload if preset else None)
    check = settings.check or (preset.check if preset else None)
    if load is None or unload is None or check is None:
        given = (("load", load), ("unload", unload), ("check", check))
        missing = ", ".join(name for name, request in given if request is None)
        msg = f"http: {missing} missing: give preset ({', '.join(PRESETS)}), or load, unload and check"
        raise ValueError(msg)
    return Requests(load, unload, check, preset.full_name(settings.model) if preset else settings.model)
