"""From a folder of files to utterances: what is found, what is skipped, what is kept."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path

import numpy as np
import pytest

from mixdesk_voice import clips as recordings_of
from mixdesk_voice.cache import Cache
from mixdesk_voice.clips import choose, find
from mixdesk_voice.errors import RecordingsError
from mixdesk_voice.settings import Analysis
from mixdesk_voice.stages import Studio


def test_wav_files_are_found_at_any_depth_in_a_fixed_order(tmp_path: Path) -> None:
    for name in ("b.wav", "a/c.WAV", "a/b/d.wave", "._b.wav", "notes.txt", "e.mp3"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(name.encode())
    (tmp_path / "folder.wav").mkdir()
    found = [clip.path.relative_to(tmp_path).as_posix() for clip in find(tmp_path)]
    assert found == ["a/b/d.wave", "a/c.WAV", "b.wav"]
    assert [clip.path.name for clip in find(tmp_path, 2)] == ["d.wave", "b.wav"]
    assert [clip.path.name for clip in find(tmp_path / "b.wav")] == ["b.wav"]


@pytest.mark.parametrize(("name", "reason"), [("nowhere", "no such folder"), (".", "no wav files")])
def test_a_folder_without_wav_files_is_one_line_that_says_what_to_do(tmp_path: Path, name: str, reason: str) -> None:
    with pytest.raises(RecordingsError, match=f"{reason}.*pass --data") as caught:
        find(tmp_path / name)
    assert "\n" not in str(caught.value)


def test_a_clip_is_known_by_its_content(recordings: Path, tmp_path: Path) -> None:
    here = find(recordings)[0]
    copy = shutil.copy(here.path, tmp_path / "other-name.wav")
    other = shutil.copy(find(recordings)[1].path, tmp_path / here.path.name)
    assert find(Path(copy))[0].key == here.key
    assert find(Path(other))[0].key != here.key


def test_each_stage_gives_one_array_a_piece_and_their_frames_agree(recordings: Path, tmp_path: Path) -> None:
    studio, clip = Studio(tmp_path), find(recordings)[0]
    pieces, pitch, mels = (work(clip) for work in studio.stages.values())
    assert list(studio.stages) == ["preprocessing", "f0_extraction", "feature_extraction"]
    assert len(pieces) == len(pitch) == len(mels) > 0
    for piece, hz, mel in zip(pieces, pitch, mels, strict=True):
        assert mel.shape == (80, len(piece) // 160 + 1)
        assert hz.shape == (len(piece) // 160 + 1,)
        assert {piece.dtype, hz.dtype, mel.dtype} == {np.dtype(np.float32)}


def test_the_second_time_comes_from_the_cache_bit_for_bit(recordings: Path, tmp_path: Path) -> None:
    clip, other = find(recordings)[:2]
    first = Studio(tmp_path).mels(clip)
    stored = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.npz")}
    again = Studio(tmp_path).mels(clip)
    assert [x.tobytes() for x in first] == [x.tobytes() for x in again]
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.npz")} == stored
    Studio(tmp_path).mels(other)
    Studio(tmp_path, Analysis(bands=40)).mels(clip)
    assert len(list((tmp_path / "mels").iterdir())) == 3


def test_a_cache_file_that_is_broken_is_made_again(tmp_path: Path) -> None:
    cache, made = Cache(tmp_path), []

    def make() -> list[np.ndarray]:
        made.append(1)
        return [np.arange(3, dtype=np.float32), np.zeros((0, 2), np.float32)]

    cache.get("stage", "key", make)
    path = tmp_path / "stage" / "key.npz"
    whole = path.read_bytes()
    for broken in (b"", whole[:40], whole[:-30], b"not a zip at all, but some bytes"):
        path.write_bytes(broken)
        assert [x.shape for x in cache.get("stage", "key", make)] == [(3,), (0, 2)]
    assert len(made) == 5
    assert path.read_bytes() == whole
    assert [other.name for other in path.parent.iterdir()] == ["key.npz"]


def test_files_that_are_no_wav_are_skipped_with_one_warning_each(
    recordings: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shutil.copytree(recordings, tmp_path / "data")
    (tmp_path / "data" / "bad.wav").write_bytes(b"RIFF, but no more than that")
    (tmp_path / "data" / "empty.wav").touch()
    studio, found = Studio(tmp_path / "cache"), find(tmp_path / "data")
    with caplog.at_level(logging.WARNING):
        for work in studio.stages.values():
            for clip in found:
                work(clip)
    usable = Studio(tmp_path / "cache2").utterances(find(recordings))
    warned = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert len(studio.utterances(found)) == len(usable)
    assert sorted(Path(text.split(": ")[1]).name for text in warned) == ["bad.wav", "empty.wav"]
    caplog.clear()
    Studio(tmp_path / "cache").pieces(next(clip for clip in found if clip.path.name == "bad.wav"))
    assert "bad.wav" in caplog.text, "said again at the next start"


def test_recordings_without_speech_are_refused(tmp_path: Path) -> None:
    from mixdesk_voice.wav import encode_wav

    (tmp_path / "silence.wav").write_bytes(encode_wav(np.zeros(16_000, np.float32), 16_000))
    with pytest.raises(RecordingsError, match=r"no speech of 0\.3 s or more"):
        Studio(tmp_path / "cache").utterances(find(tmp_path))


def test_the_installed_recordings_are_the_default_and_work(tmp_path: Path) -> None:
    folder = recordings_of.RECORDINGS
    if not folder.is_dir():
        pytest.skip("apt-get install asterisk-core-sounds-en-wav: no real recordings here")
    found = choose(None, 8, tmp_path)
    utterances = Studio(tmp_path / "cache").utterances(found)
    pitch = np.concatenate([u.pitch for u in utterances])
    assert len(found) == 8
    assert len(find(folder)) > 500
    assert all(folder in clip.path.parents for clip in found)
    assert 150 < np.median(pitch[pitch > 0]) < 260, "a woman's voice"
    assert 0.3 < (pitch > 0).mean() < 0.9
    assert not (tmp_path / "synthesised").exists()
