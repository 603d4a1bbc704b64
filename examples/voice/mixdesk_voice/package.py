"""A learned voice as one file: a zip of weights, index, configuration and a sample; it is there whole or not at all."""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from mixdesk_voice import index as indexes
from mixdesk_voice.errors import BundleError
from mixdesk_voice.index import Index
from mixdesk_voice.model import Converter, Size
from mixdesk_voice.settings import Analysis

WEIGHTS, INDEX, CONFIG, SAMPLE, SOURCE = "weights.pt", "index.faiss", "config.json", "sample.wav", "sample_source.wav"


@dataclass(frozen=True, slots=True)
class Voice:
    """All that a conversion needs; `pitch` is the median of the recordings in Hz."""

    name: str
    version: str
    model: Converter
    index: Index
    size: Size
    analysis: Analysis
    pitch: float


def parts_of(voice: Voice) -> dict[str, bytes]:
    """The files of a bundle but for the sample."""
    weights = io.BytesIO()
    torch.save({name: value.cpu() for name, value in voice.model.state_dict().items()}, weights)
    config = {
        "format": 1,
        "name": voice.name,
        "version": voice.version,
        "pitch": voice.pitch,
        "size": asdict(voice.size),
        "analysis": asdict(voice.analysis),
    }
    index = indexes.to_bytes(voice.index)
    return {WEIGHTS: weights.getvalue(), INDEX: index, CONFIG: json.dumps(config, indent=2).encode()}


def write(path: Path, parts: Mapping[str, bytes]) -> Path:
    """The parts as a zip at `path`, replacing an older one in one step once all of it is on the disk."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with partial.open("wb") as out:
            out.write(_zipped(parts))
            out.flush()
            os.fsync(out.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    _sync_folder(path.parent)
    return path


def load(path: Path) -> Voice:
    """A voice ready to convert, on the CPU; raises BundleError, naming the file and what is wrong with it."""
    parts = _unzipped(path)
    missing = {WEIGHTS, INDEX, CONFIG} - parts.keys()
    if missing:
        raise BundleError(f"{path}: no packaged voice, it lacks {', '.join(sorted(missing))}")
    try:
        return _assemble(parts)
    except (ValueError, KeyError, TypeError, RuntimeError, EOFError) as problem:
        raise BundleError(f"{path}: its parts do not fit together ({problem})") from problem


def _assemble(parts: Mapping[str, bytes]) -> Voice:
    config: dict[str, Any] = json.loads(parts[CONFIG])
    size = Size(**config["size"])
    model = Converter(size)
    model.load_state_dict(torch.load(io.BytesIO(parts[WEIGHTS]), map_location="cpu", weights_only=True))
    analysis = Analysis(**config["analysis"])
    index = indexes.from_bytes(parts[INDEX])
    return Voice(config["name"], config["version"], model.eval(), index, size, analysis, float(config["pitch"]))


def _zipped(parts: Mapping[str, bytes]) -> bytes:
    """The same parts make the same bytes: the entries carry no time."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return buffer.getvalue()


def _unzipped(path: Path) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(path) as archive:
            return {name: archive.read(name) for name in archive.namelist()}
    except FileNotFoundError:
        raise BundleError(f"{path}: no such file") from None
    except (OSError, zipfile.BadZipFile) as problem:
        raise BundleError(f"{path}: cannot be read as a zip ({problem})") from problem


def _sync_folder(folder: Path) -> None:
    """A rename is durable once its folder is; systems that cannot open one (Windows) do without."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
