"""A packaged voice: whole or refused, and it converts."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch

from mixdesk_voice import convert, index, package, synth
from mixdesk_voice.errors import BundleError
from mixdesk_voice.options import Options
from mixdesk_voice.package import Voice
from mixdesk_voice.pitch import pitch
from mixdesk_voice.settings import Analysis
from mixdesk_voice.stages import Utterance
from mixdesk_voice.train import median_pitch, prepare
from mixdesk_voice.wav import decode_wav, encode_wav, read_wav

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def voice(utterances: list[Utterance], analysis: Analysis) -> Voice:
    """Untrained, which is all the same to its package."""
    model = prepare(utterances, Options(Path(), "test", device="cpu")).model
    codes = [index.codes(model, u.mel) for u in utterances]
    return Voice("anton", "1.0", model, index.build(codes), model.size, analysis, median_pitch(utterances))


@pytest.fixture(scope="module")
def bundle(voice: Voice, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("voices") / "anton.zip"
    return package.write(path, {**package.parts_of(voice), **convert.sample(voice, clips=1)})


def test_what_is_loaded_is_what_was_packed(bundle: Path, voice: Voice, utterances: list[Utterance]) -> None:
    loaded = package.load(bundle)
    for name, value in voice.model.state_dict().items():
        assert torch.equal(value, loaded.model.state_dict()[name]), name
    assert (loaded.name, loaded.version, loaded.pitch, loaded.analysis, loaded.size) == (
        "anton", "1.0", voice.pitch, voice.analysis, voice.size,
    )  # fmt: skip
    assert loaded.index.ntotal == sum(-(-u.mel.shape[1] // 2) for u in utterances)
    assert [path.name for path in bundle.parent.iterdir()] == ["anton.zip"]


def test_the_same_voice_makes_the_same_bytes(bundle: Path, voice: Voice, tmp_path: Path) -> None:
    again = package.write(tmp_path / "b.zip", {**package.parts_of(voice), **convert.sample(voice, clips=1)})
    assert again.read_bytes() == bundle.read_bytes()


def test_the_sample_is_the_strangers_words_at_the_voices_pitch(bundle: Path, voice: Voice, analysis: Analysis) -> None:
    with zipfile.ZipFile(bundle) as archive:
        said, rate = decode_wav(archive.read("sample.wav"))
        source, _ = decode_wav(archive.read("sample_source.wav"))
    heard, before = pitch(said, analysis), pitch(source, analysis)
    assert rate == analysis.rate
    assert len(said) == len(source)
    assert np.median(before[before > 0]) == pytest.approx(synth.STRANGER.pitch, rel=0.2)
    assert np.median(heard[heard > 0]) == pytest.approx(voice.pitch, rel=0.1)


@pytest.mark.parametrize("missing", ["weights.pt", "index.faiss", "config.json"])
def test_a_bundle_without_a_part_is_refused_by_name(bundle: Path, tmp_path: Path, missing: str) -> None:
    with zipfile.ZipFile(bundle) as archive:
        parts = {name: archive.read(name) for name in archive.namelist() if name != missing}
    path = package.write(tmp_path / "lame.zip", parts)
    with pytest.raises(BundleError, match=missing) as caught:
        package.load(path)
    assert str(path) in str(caught.value)


def test_a_damaged_a_foreign_and_a_missing_file_are_refused(bundle: Path, tmp_path: Path) -> None:
    damaged = bytearray(bundle.read_bytes())
    damaged[len(damaged) // 4] ^= 1
    with zipfile.ZipFile(bundle) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    other = io.BytesIO()
    torch.save({"listen.weight": torch.zeros(1)}, other)
    package.write(tmp_path / "foreign.zip", {**parts, "weights.pt": other.getvalue()})
    (tmp_path / "damaged.zip").write_bytes(damaged)
    (tmp_path / "cut.zip").write_bytes(damaged[:5000])
    for name in ("foreign.zip", "damaged.zip", "cut.zip", "missing.zip"):
        with pytest.raises(BundleError, match=name):
            package.load(tmp_path / name)


def test_a_write_that_fails_leaves_the_old_bundle_alone(bundle: Path, tmp_path: Path) -> None:
    path = tmp_path / "anton.zip"
    path.write_bytes(b"old")
    with pytest.raises(TypeError):
        package.write(path, {"weights.pt": 5})  # type: ignore[dict-item]
    assert path.read_bytes() == b"old"
    assert [other.name for other in tmp_path.iterdir()] == ["anton.zip"]


def test_codes_move_towards_what_the_voice_said() -> None:
    stored = np.eye(4, dtype=np.float32)
    built = index.build([stored[:2], stored[2:]])
    wanted = np.array([[0.9, 0.1, 0, 0]], np.float32)
    assert index.towards(built, wanted, 0.0).tolist() == wanted.tolist()
    assert index.towards(built, wanted, 1.0)[0].argmax() == 0
    distances = [np.linalg.norm(index.towards(built, wanted, c) - stored[0]) for c in (0.0, 0.5, 1.0)]
    assert distances == sorted(distances, reverse=True)
    assert index.towards(index.from_bytes(index.to_bytes(built)), wanted, 0.5) == pytest.approx(
        index.towards(built, wanted, 0.5)
    )


def test_a_file_is_converted_from_the_command_line(
    bundle: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    source, target = tmp_path / "in.wav", tmp_path / "out.wav"
    source.write_bytes(encode_wav(synth.clip(synth.STRANGER, 5), synth.RATE))
    assert convert.main([str(bundle), str(source), str(target)]) == 0
    assert len(read_wav(target)[0]) == len(read_wav(source)[0])
    assert convert.main([str(bundle), str(bundle), str(target)]) == 1
    assert f"{bundle}: not a wav file" in capfd.readouterr().err
