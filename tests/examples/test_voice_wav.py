"""Wav files of every PCM width, and what is said of files that are none."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

from mixdesk_voice.errors import WavError
from mixdesk_voice.wav import decode_wav, encode_wav, read_wav, seconds_of

TONE = np.sin(np.arange(480) * 0.1) * 0.8


def riff(*chunks: tuple[bytes, bytes]) -> bytes:
    body = b"".join(name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2) for name, data in chunks)
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WAVE" + body


def fmt(encoding: int, channels: int, rate: int, bits: int, extra: bytes = b"") -> tuple[bytes, bytes]:
    block = channels * bits // 8
    return b"fmt ", struct.pack("<HHIIHH", encoding, channels, rate, rate * block, block, bits) + extra


def pcm(values: np.ndarray, bits: int) -> bytes:
    if bits == 8:
        return np.round(values * 127 + 128).astype(np.uint8).tobytes()
    whole = np.round(values * (2.0 ** (bits - 1) - 1)).astype("<i4")
    return b"".join(int(v).to_bytes(bits // 8, "little", signed=True) for v in whole)


def test_how_long_a_file_is_without_reading_it(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    sound = (b"data", pcm(np.zeros(12_000), 16))
    for chunks, seconds in (
        ([fmt(1, 1, 8_000, 16), sound], 1.5),
        ([(b"LIST", b"odd" * 3001), fmt(1, 2, 8_000, 16), (b"fact", b"1234"), sound, (b"LIST", b"more")], 0.75),
        ([fmt(1, 1, 8_000, 16)], 0.0),
        ([sound], 0.0),
    ):
        path.write_bytes(riff(*chunks))
        assert seconds_of(path) == seconds
    path.write_bytes(riff(fmt(1, 1, 8_000, 16), sound)[:-8_000])
    assert seconds_of(path) == 1.0, "cut short"
    path.write_bytes(b"ID3 really an mp3")
    assert seconds_of(path) == seconds_of(tmp_path / "none.wav") == 0.0


@pytest.mark.parametrize(("bits", "step"), [(8, 2**-7), (16, 2**-15), (24, 2**-23), (32, 2**-30)])
@pytest.mark.parametrize("rate", [8_000, 44_100])
def test_pcm_of_any_width_and_rate(bits: int, step: float, rate: int) -> None:
    samples, found = decode_wav(riff(fmt(1, 1, rate, bits), (b"data", pcm(TONE, bits))))
    assert found == rate
    assert samples.dtype == np.float32
    assert np.abs(samples - TONE).max() <= 1.5 * step + 1e-7


def test_stereo_is_mixed_to_mono() -> None:
    both = np.stack([TONE, np.zeros_like(TONE)], axis=1).ravel()
    samples, _ = decode_wav(riff(fmt(1, 2, 16_000, 16), (b"data", pcm(both, 16))))
    assert np.abs(samples - TONE / 2).max() < 1e-4


def test_float_samples_and_extensible_headers() -> None:
    extension = struct.pack("<HHI", 22, 24, 0) + struct.pack("<H", 1) + bytes.fromhex("000000001000800000aa00389b71")
    extensible = riff(fmt(0xFFFE, 1, 48_000, 24, extension), (b"data", pcm(TONE, 24)))
    floating = riff(fmt(3, 1, 48_000, 32), (b"data", TONE.astype("<f4").tobytes()))
    for data in (extensible, floating):
        assert np.abs(decode_wav(data)[0] - TONE).max() < 1e-6


def test_other_chunks_are_passed_over_and_a_file_cut_short_is_read_as_far_as_it_goes() -> None:
    data = riff((b"LIST", b"odd"), fmt(1, 1, 8_000, 16), (b"data", pcm(TONE, 16)))
    assert len(decode_wav(data)[0]) == 480
    assert len(decode_wav(data[:-101])[0]) == 429


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "tone.wav"
    path.write_bytes(encode_wav((TONE * 2).astype(np.float32), 22_050))
    samples, rate = read_wav(path)
    assert rate == 22_050
    assert np.abs(samples - np.clip(TONE * 2, -1, 1)).max() < 1e-4


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not a wav file"),
        (b"ID3\x04 this is an mp3 under another name", "not a wav file"),
        (riff(fmt(1, 1, 8_000, 16)), "its format or its data is missing"),
        (riff((b"fmt ", b"\1\0\1\0"), (b"data", b"\0\0")), "cut short"),
        (riff(fmt(1, 0, 8_000, 16), (b"data", b"\0\0")), "makes no sense"),
        (riff(fmt(7, 1, 8_000, 8), (b"data", b"\0\0")), "mu-law"),
        (riff(fmt(85, 1, 8_000, 8), (b"data", b"\0\0")), "MP3"),
        (riff(fmt(3, 1, 8_000, 16), (b"data", b"\0\0")), "16-bit samples"),
        (riff(fmt(3, 1, 8_000, 32), (b"data", np.array([np.nan], "<f4").tobytes())), "not finite"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_with_the_reason(tmp_path: Path, data: bytes, reason: str) -> None:
    path = tmp_path / "broken.wav"
    path.write_bytes(data)
    with pytest.raises(WavError, match=reason) as caught:
        read_wav(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
