"""The synthesised voice: always the same, and enough like a voice for the rest to work on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mixdesk_voice import audio, synth
from mixdesk_voice.pitch import pitch
from mixdesk_voice.settings import Analysis


def test_the_same_number_is_the_same_clip_and_another_is_another() -> None:
    state = np.random.get_state()[1].tolist()
    first, again, other = (synth.clip(synth.LEARNED, number) for number in (7, 7, 8))
    assert first.tobytes() == again.tobytes()
    assert first.tobytes() != other.tobytes()
    assert np.random.get_state()[1].tolist() == state, "the global generator belongs to the training"


@pytest.mark.parametrize("speaker", [synth.LEARNED, synth.STRANGER])
def test_it_speaks_at_its_pitch_with_pauses(analysis: Analysis, speaker: synth.Speaker) -> None:
    clips = [synth.clip(speaker, number) for number in range(6)]
    heard = np.concatenate([pitch(clip, analysis) for clip in clips])
    assert np.median(heard[heard > 0]) == pytest.approx(speaker.pitch, rel=0.12)
    assert 0.25 < (heard > 0).mean() < 0.9
    assert all(1.0 < len(clip) / synth.RATE < 8.0 for clip in clips)
    assert all(np.abs(clip).max() == pytest.approx(0.5) for clip in clips)
    assert all(audio.cut(clip, synth.RATE, analysis) for clip in clips)


def test_files_that_are_there_stay(tmp_path: Path) -> None:
    folder = synth.write_voice(tmp_path / "voice", 2)
    (folder / "clip0000.wav").write_bytes(b"mine")
    synth.write_voice(folder, 3)
    assert sorted(path.name for path in folder.iterdir()) == [f"clip000{n}.wav" for n in range(3)]
    assert (folder / "clip0000.wav").read_bytes() == b"mine"
