"""The windows, the model and the steps: small enough for two busy cores, and the loss falls."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from mixdesk_voice import data
from mixdesk_voice.model import LEAST_DEVIATION, Converter, Size
from mixdesk_voice.options import Options
from mixdesk_voice.stages import Utterance
from mixdesk_voice.train import Training, end_epoch, median_pitch, pick_device, prepare, train_step

pytestmark = pytest.mark.usefixtures("one_thread")


def trained(utterances: list[Utterance], epochs: int, seed: int = 1) -> tuple[Training, list[float]]:
    options = Options(Path(), "test", seed=seed, batch_size=4, device="cpu")
    training, means = prepare(utterances, options), []
    for _ in range(epochs):
        losses = [float(train_step(training, batch)) for batch in training.loader]
        means.append(sum(losses) / len(losses))
        end_epoch(training, epochs)
    return training, means


def test_the_loss_falls_and_the_seed_decides(utterances: list[Utterance]) -> None:
    first, losses = trained(utterances, 5)
    again, same = trained(utterances, 5)
    _, other = trained(utterances, 1, seed=2)
    assert losses[-1] < 0.75 * losses[0], losses
    assert losses == same
    assert losses[0] != other[0]
    for name, value in first.model.state_dict().items():
        assert torch.equal(value, again.model.state_dict()[name]), name


def test_windows_are_cut_and_changed_anew_each_time_by_the_global_generator(utterances: list[Utterance]) -> None:
    windows = data.Windows(utterances)
    torch.manual_seed(3)
    first, second = windows[0], windows[0]
    torch.manual_seed(3)
    again = windows[0]
    assert len(windows) == sum(-(-u.mel.shape[1] // 128) for u in utterances)
    assert torch.equal(first.heard, again.heard)
    assert not torch.equal(first.heard, second.heard)
    assert [tuple(part.shape) for part in first] == [(80, 128), (2, 128), (80, 128), (1, 128)]


def test_a_short_utterance_is_filled_up_and_the_filling_does_not_count() -> None:
    values, real = data.fit(torch.tensor([[1.0, 2.0, 3.0]]), 5)
    assert values.tolist() == [[1, 2, 3, 3, 3]]
    assert real.tolist() == [[1, 1, 1, 0, 0]]
    short = Utterance(np.zeros((80, 40), np.float32), np.full(40, 200.0, np.float32))
    training, _ = trained([short], 1)
    window = next(iter(training.loader))
    training.model.eval()
    with torch.no_grad():
        spoiled = window._replace(wanted=window.wanted.clone())
        spoiled.wanted[..., 40:] = 99.0
        from mixdesk_voice.train import reconstruction_loss

        assert reconstruction_loss(training.model, window) == reconstruction_loss(training.model, spoiled)


def test_warping_moves_a_peak_and_one_changes_nothing() -> None:
    mel = torch.zeros(80, 3)
    mel[40] = 1.0
    assert torch.equal(data.warp(mel, 1.0), mel)
    assert data.warp(mel, 1.1)[:, 0].argmax() == 44
    assert data.recolour(mel, 2.0, 0.5)[[0, 79], 0].tolist() == pytest.approx([-0.5, 1.5])


def test_pitch_is_given_in_octaves_and_as_voiced_or_not() -> None:
    assert data.condition(np.array([0, 100, 200, 400], np.float32)).tolist() == [[0, -1, 0, 1], [0, 1, 1, 1]]


def test_the_content_is_narrow_and_empty_bands_are_not_listened_to(utterances: list[Utterance]) -> None:
    torch.manual_seed(0)
    model = Converter(Size()).eval()
    model.scale.fill_(1.0)
    model.scale[60:] = LEAST_DEVIATION
    mel = torch.randn(1, 80, 64)
    other = mel.clone()
    other[:, 60:] += 5.0
    code = model.encode(mel)
    assert code.shape == (1, 16, 32)
    assert torch.equal(code, model.encode(other))
    assert model(mel, torch.zeros(1, 2, 64)).shape == mel.shape


def test_statistics_of_the_data(utterances: list[Utterance]) -> None:
    mean, scale = data.statistics(utterances)
    stacked = np.concatenate([u.mel for u in utterances], axis=1)
    assert mean.shape == scale.shape == (80, 1)
    assert mean[:, 0].numpy() == pytest.approx(stacked.mean(axis=1), abs=1e-3)
    assert float(scale.min()) >= LEAST_DEVIATION
    assert median_pitch([Utterance(stacked, np.zeros(9, np.float32))]) == 200.0


def test_the_device_asked_for_is_taken() -> None:
    assert pick_device("cpu").type == "cpu"
    assert pick_device("auto").type == ("cuda" if torch.cuda.is_available() else "cpu")
