"""Calibration curves are scikit-learn's; temperature scaling minimises the loss it is fitted on."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from sklearn.calibration import calibration_curve

from hangtag.errors import OptionError
from hangtag.rooms.evaluate import calibration, evaluate, scale, temperature


def loss(predictions) -> float:
    return evaluate(predictions, resamples=100).scores["loss"].value


def test_the_curve_is_scikit_learns(both):
    right = both.predicted == both.labels
    accuracy, confidence = calibration_curve(right, both.confidence.astype(np.float64), n_bins=10)
    found = calibration(both, bins=10)
    filled = found.counts > 0
    assert np.allclose(found.accuracy[filled], accuracy)
    assert np.allclose(found.confidence[filled], confidence)
    assert found.counts.sum() == len(both)
    assert np.all(found.low <= found.accuracy)
    assert np.all((found.accuracy <= found.high) | ~filled)


def test_the_error_is_the_mean_gap(make):
    # Two answers at 0.9, one of them right; two at 0.6, both right.
    rows = [[0.9, 0.1], [0.9, 0.1], [0.6, 0.4], [0.6, 0.4]]
    found = calibration(make([0, 1, 0, 0], rows))
    assert found.error == pytest.approx((0.4 * 2 + 0.4 * 2) / 4, abs=1e-6)


def test_a_calibrated_model_has_almost_no_error_and_temperature_one(world):
    generator = np.random.default_rng(0)
    drawn = world(100_000, 0.0, generator)
    ends = np.cumsum(drawn.probabilities, axis=1)
    labels = np.minimum((generator.random((100_000, 1)) > ends).sum(axis=1), 2)
    honest = replace(drawn, labels=labels)
    assert calibration(honest).error < 0.01
    assert temperature(honest) == pytest.approx(1, abs=0.02)


def test_the_temperature_is_the_one_a_general_minimiser_finds(linear):
    found = minimize_scalar(
        lambda value: loss(scale(linear, value)), bounds=(0.05, 20), options={"xatol": 1e-6}
    )
    assert temperature(linear) == pytest.approx(found.x, rel=1e-3)


def test_scaling_by_the_fitted_temperature_lowers_the_loss_and_changes_no_answer(both):
    scaled = scale(both, temperature(both))
    assert loss(scaled) < loss(both)
    assert calibration(scaled).error < calibration(both).error
    assert np.array_equal(scaled.predicted, both.predicted)
    assert np.allclose(scaled.probabilities.sum(axis=1), 1, atol=1e-6)


def test_a_model_too_sure_of_itself_is_cooled_down(linear):
    sharp = scale(linear, 0.5)
    assert temperature(sharp) == pytest.approx(2 * temperature(linear), rel=0.01)


def test_a_temperature_beyond_the_ends_is_the_end(make):
    assert temperature(make([0, 1], [[0.9, 0.1], [0.2, 0.8]])) == pytest.approx(0.05)
    assert temperature(make([1, 0], [[0.9, 0.1], [0.2, 0.8]])) == pytest.approx(20)


@pytest.mark.parametrize("bins", [1, 0, 1001])
def test_absurd_numbers_of_bins_are_refused(linear, bins):
    with pytest.raises(OptionError):
        calibration(linear, bins=bins)
