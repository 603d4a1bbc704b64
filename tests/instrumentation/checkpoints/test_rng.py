from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from mixdesk import checkpoints
from mixdesk.checkpoints import rng


def draw() -> list[Any]:
    return [
        random.random(),
        random.gauss(0, 1),
        np.random.rand(),
        np.random.randn(),
        torch.rand(3).tolist(),
        torch.randperm(5).tolist(),
    ]


def test_generators_go_on_where_they_were(tmp_path: Path) -> None:
    random.gauss(0, 1)  # leaves a second number waiting in Python's generator
    np.random.randn()
    done = checkpoints.save_checkpoint(tmp_path, {"a": {"x": 1}}, name="anton")
    expected = draw()
    draw()
    rng.restore(done.load()["rng"]["boundary"])
    assert draw() == expected


def test_a_generator_of_ones_own_goes_with_them() -> None:
    own = torch.Generator()
    own.manual_seed(3)
    state = rng.capture(generators={"loader": own})
    expected = torch.rand(3, generator=own)
    other = torch.Generator()
    rng.restore(state, {"loader": other})
    assert torch.equal(torch.rand(3, generator=other), expected)
    with pytest.warns(UserWarning, match="'loader' was saved"):
        rng.restore(state)


def test_the_state_is_plain_and_small() -> None:
    state = rng.capture(["cpu", torch.device("cpu")])
    assert checkpoints.to_plain(state, "rng") is state
    assert state["devices"] == {}


def test_another_bit_generator_of_numpy_goes_on_too() -> None:
    before = np.random.get_bit_generator()
    try:
        for kind in (np.random.PCG64, np.random.Philox, np.random.SFC64):
            np.random.set_bit_generator(kind(7))
            state = rng.capture()
            assert checkpoints.to_plain(state, "rng") is state
            expected = np.random.rand(5)
            np.random.rand(3)
            rng.restore(state)
            assert np.array_equal(np.random.rand(5), expected)
    finally:
        np.random.set_bit_generator(before)


def test_nothing_is_imported_to_capture() -> None:
    code = (
        "import sys; from mixdesk.checkpoints import rng; state = rng.capture(['cuda:0']);"
        "print(sorted(state), 'torch' in sys.modules, 'numpy' in sys.modules)"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "['environment', 'python'] False False"


def test_differences_are_named() -> None:
    state = rng.capture()
    assert rng.differences(state, rng.capture()) == []
    threads = torch.get_num_threads()
    torch.set_num_threads(threads + 1)
    try:
        assert rng.differences(state, rng.capture()) == [f"threads was {threads}, is {threads + 1}"]
    finally:
        torch.set_num_threads(threads)
    other = {"environment": {**state["environment"], "torch": "1.13.1", "cuda:0": "A100"}}
    assert rng.differences(other, state) == [
        f"torch was 1.13.1, is {torch.__version__}",
        "cuda:0 was A100, is not there",
    ]
    assert rng.differences({}, {}) == []


@pytest.mark.skipif(torch.cuda.is_available(), reason="needs a machine without CUDA")
def test_a_device_that_is_not_here_is_a_warning() -> None:
    state = {**rng.capture(), "devices": {"cuda:0": torch.zeros(16, dtype=torch.uint8)}}
    with pytest.warns(UserWarning, match="random state of cuda:0 was saved, but there is no such device"):
        rng.restore(state)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_the_generator_of_a_gpu_goes_on_too() -> None:
    net = torch.nn.Linear(1, 1, device="cuda")
    state = rng.capture(checkpoints.devices_of([net]))
    expected = torch.rand(5, device="cuda")
    rng.restore(state)
    assert torch.equal(torch.rand(5, device="cuda"), expected)
