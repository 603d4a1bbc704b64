"""RIFF/WAVE files: bytes to mono float samples and back.

The standard library's `wave` is not used for reading: before Python 3.12 it refuses WAVE_FORMAT_EXTENSIBLE, which is
what most programs write for 24 and 32 bits. Layout: IBM and Microsoft, "Multimedia Programming Interface and Data
Specifications 1.0" (1991), and Microsoft, "Multiple Channel Audio Data and WAVE Files" (2001).
"""

from __future__ import annotations

import io
import os
import struct
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from mixdesk_voice.errors import WavError

Samples = NDArray[np.float32]

PCM, FLOAT, EXTENSIBLE = 1, 3, 0xFFFE
OTHER_ENCODINGS = {2: "ADPCM", 6: "A-law", 7: "mu-law", 17: "IMA ADPCM", 49: "GSM 6.10", 85: "MP3"}


@dataclass(frozen=True, slots=True)
class Format:
    """The `fmt ` chunk; `width` is bytes a sample of one channel."""

    encoding: int
    channels: int
    rate: int
    width: int


def read_wav(path: Path) -> tuple[Samples, int]:
    """Mono samples in -1..1 (the mean of all channels) and their rate in Hz; raises WavError, naming the file."""
    try:
        data = path.read_bytes()
    except OSError as problem:
        raise WavError(f"{path}: cannot be read ({problem.strerror})") from problem
    return decode_wav(data, str(path))


def decode_wav(data: bytes, name: str = "wav") -> tuple[Samples, int]:
    """The same from bytes; `name` is what an error calls them."""
    if len(data) < 12 or data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise WavError(f"{name}: not a wav file (it does not begin with RIFF ... WAVE)")
    chunks = dict(_chunks(data))
    if b"fmt " not in chunks or b"data" not in chunks:
        raise WavError(f"{name}: not a complete wav file (its format or its data is missing)")
    fmt = _parse_format(chunks[b"fmt "], name)
    size = fmt.width * fmt.channels
    whole = len(chunks[b"data"]) // size * size
    audio = _decode(chunks[b"data"][:whole], fmt, name).reshape(-1, fmt.channels).mean(axis=1, dtype=np.float64)
    if not np.isfinite(audio).all():
        raise WavError(f"{name}: holds samples that are not finite numbers")
    return audio.astype(np.float32), fmt.rate


def seconds_of(path: Path) -> float:
    """How long a recording is, from the heads of its chunks alone; 0 where the file is no wav that can be read."""
    try:
        with path.open("rb") as file:
            return _length(file, str(path))
    except (OSError, WavError, struct.error):
        return 0.0


def _length(file: BinaryIO, name: str) -> float:
    end, fmt = os.fstat(file.fileno()).st_size, None
    file.seek(12)
    while file.tell() + 8 <= end:
        chunk, size = struct.unpack("<4sI", file.read(8))
        if chunk == b"fmt ":
            head = file.read(min(size, 40))
            fmt = _parse_format(head, name)
            file.seek(size - len(head) + size % 2, os.SEEK_CUR)
        elif chunk == b"data" and fmt is not None and fmt.width:
            return float(min(size, end - file.tell()) / (fmt.rate * fmt.width * fmt.channels))
        else:
            file.seek(size + size % 2, os.SEEK_CUR)
    return 0.0


def encode_wav(audio: Samples, rate: int) -> bytes:
    """Mono 16-bit PCM; what lies beyond -1..1 is clipped."""
    pcm = np.round(np.clip(audio, -1.0, 1.0) * 32767.0).astype("<i2")
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(pcm.tobytes())
    return buffer.getvalue()


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Every chunk; one that claims more than there is (a file cut short, or streamed) ends with the file."""
    at = 12
    while at + 8 <= len(data):
        name, size = struct.unpack_from("<4sI", data, at)
        yield name, data[at + 8 : at + 8 + size]
        at += 8 + size + size % 2


def _parse_format(chunk: bytes, name: str) -> Format:
    if len(chunk) < 16:
        raise WavError(f"{name}: its format chunk is cut short ({len(chunk)} bytes of 16)")
    encoding, channels, rate, _, block, _ = struct.unpack_from("<HHIIHH", chunk)
    if encoding == EXTENSIBLE and len(chunk) >= 26:
        encoding = struct.unpack_from("<H", chunk, 24)[0]
    if not channels or not rate or block % channels:
        raise WavError(f"{name}: its format makes no sense ({channels} channels, {rate} Hz, {block} bytes a frame)")
    return Format(encoding, channels, rate, block // channels)


def _decode(raw: bytes, fmt: Format, name: str) -> NDArray[np.float64]:
    """Full scale to -1..1. Valid bits stand at the top of their container, so its width is what counts."""
    match fmt.encoding, fmt.width:
        case 1, 1:
            return (np.frombuffer(raw, np.uint8).astype(np.float64) - 128.0) / 128.0
        case 1, 2:
            return np.frombuffer(raw, "<i2").astype(np.float64) / 2.0**15
        case 1, 3:
            padded = np.zeros((len(raw) // 3, 4), np.uint8)
            padded[:, 1:] = np.frombuffer(raw, np.uint8).reshape(-1, 3)
            return padded.view("<i4").ravel().astype(np.float64) / 2.0**31
        case 1, 4:
            return np.frombuffer(raw, "<i4").astype(np.float64) / 2.0**31
        case 3, (4 | 8):
            return np.frombuffer(raw, f"<f{fmt.width}").astype(np.float64)
    kind = OTHER_ENCODINGS.get(fmt.encoding, f"format {fmt.encoding}")
    if fmt.encoding in (PCM, FLOAT):
        kind = f"{8 * fmt.width}-bit samples"
    advice = "convert it, say with: ffmpeg -i IN.wav -c:a pcm_s16le OUT.wav"
    raise WavError(f"{name}: holds {kind}, not PCM of 8 to 32 bits or float; {advice}")
