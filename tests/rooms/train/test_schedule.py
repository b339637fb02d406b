"""The learning rate over a training."""

from __future__ import annotations

import numpy as np
import pytest

from hangtag.errors import OptionError
from hangtag.records import TrainingOptions
from hangtag.rooms.train.options import check_options
from hangtag.rooms.train.schedule import is_constant, rate_factor

STEPS = 50


def curve(**asked):
    options = TrainingOptions(epochs=4, **asked)
    check_options(options, validated=True)
    every = np.arange(4 * STEPS)
    return np.asarray([rate_factor(step, options=options, steps=STEPS) for step in every])


def test_without_a_schedule_the_rate_is_what_it_is():
    assert is_constant(TrainingOptions())
    assert (curve() == 1).all()


def test_linear_and_cosine_go_down_to_almost_nothing():
    done = np.arange(4 * STEPS) / (4 * STEPS)
    np.testing.assert_allclose(curve(schedule="linear"), 1 - done, atol=1e-6)
    np.testing.assert_allclose(curve(schedule="cosine"), (1 + np.cos(np.pi * done)) / 2, atol=1e-6)


def test_a_warmup_rises_in_even_steps_and_the_schedule_begins_behind_it():
    found = curve(schedule="cosine", warmup=0.5)
    np.testing.assert_allclose(found[:25], np.arange(1, 26) / 25, atol=1e-6)
    np.testing.assert_allclose(found[25], 1, atol=1e-6)
    assert (np.diff(found[25:]) < 0).all()


def test_one_cycle_rises_to_the_full_rate_and_falls_far_below_its_start():
    found = curve(schedule="one-cycle")
    top = int(found.argmax())
    assert top == pytest.approx(0.3 * 4 * STEPS, abs=1)
    assert found[top] == pytest.approx(1, abs=1e-6)
    assert found[0] == pytest.approx(1 / 25, abs=1e-6)
    assert found[-1] < 1e-3
    assert (np.diff(found[: top + 1]) > 0).all()
    assert (np.diff(found[top:]) < 0).all()


@pytest.mark.parametrize(
    "asked",
    [
        {"schedule": "cosinus"},
        {"warmup": 11.0},
        {"warmup": 1.0, "schedule": "one-cycle"},
        {"warmup": -1.0},
        {"momentum": 1.0, "optimizer": "sgd"},
        {"momentum": 0.9},
        {"nesterov": True, "optimizer": "sgd"},
        {"label_smoothing": 1.0},
        {"average": 1.5},
        {"shift": -1},
        {"cutout": 2.5},
        {"flip": 1},
        {"weight_decay": float("nan")},
    ],
)
def test_what_cannot_be_is_refused(asked):
    with pytest.raises(OptionError):
        check_options(TrainingOptions(**asked), validated=True)
