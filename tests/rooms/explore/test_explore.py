"""Exploring: the studies' exact tables and ranges, and images that are what they say."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from hangtag.errors import OptionError, SplitError, UsageError
from hangtag.geometry import fit_pca
from hangtag.records import Split
from hangtag.rooms.explore import (
    class_table,
    draw,
    explore,
    exploring,
    pixel_ranges,
    reconstructions,
    samples_per_class,
    variance_curve,
    variants,
)


def last_as_validation(images, n):
    train = images.parts["train"].stop
    return Split(
        f"last:{n}", None, np.arange(train - n), np.arange(train - n, train),
        np.arange(train, len(images)), images.fingerprint,
    )  # fmt: skip


@pytest.fixture(scope="module")
def summary(digits):
    return explore(digits, seed=2)


def test_the_half_image_study_has_its_exact_class_table(fashion):
    table = class_table(fashion, last_as_validation(fashion, 10_000))
    names = (
        "Ankle boot", "Bag", "Coat", "Dress", "Pullover", "Sandal", "Shirt", "Sneaker",
        "T-shirt/top", "Trouser",
    )  # fmt: skip
    training = [4979, 5032, 4950, 4979, 4992, 5004, 5030, 5045, 4977, 5012]
    assert table.class_names == names
    assert table.counts["training"].tolist() == training
    assert table.counts["validation"].tolist() == [6000 - count for count in training]
    assert table.counts["test"].tolist() == [1000] * 10
    assert table.rows()[0] | {"part": "training", "total": 50_000} == table.rows()[0]
    assert "| training | 4979 | 5032 |" in table.markdown()


def test_pixels_run_from_0_to_255_and_from_0_to_1(fashion):
    ranges = pixel_ranges(fashion)
    assert set(ranges) == {"train", "test"}
    assert ranges["test"].before == (0, 255)
    assert ranges["test"].after == (0.0, 1.0)
    pixels = fashion.images[60_000:] / 255
    assert ranges["test"].mean == pytest.approx(pixels.mean(), rel=1e-9)
    assert ranges["test"].deviation == pytest.approx(pixels.std(), rel=1e-9)


def test_the_clothes_study_reads_its_components_off_the_curve(fashion):
    curve = variance_curve(fit_pca(fashion.images[:60_000]))
    assert curve.marks == {0.7: 9, 0.8: 24, 0.9: 84, 0.95: 187, 0.99: 459}
    assert f"{curve.cumulative[8]:.1%}" == "70.7%"
    assert len(curve.cumulative) == 784


def test_the_recommended_number_is_where_the_curve_bends():
    random = np.random.default_rng(0)
    deviations = np.where(np.arange(40) < 6, 30.0, 1.0)
    curve = variance_curve(fit_pca(random.normal(0, deviations, (4000, 40))))
    assert curve.recommended == 6
    assert curve.reason.startswith("6 is the elbow")


def test_draws_images_of_every_class_by_the_seed(digits):
    drawn = samples_per_class(digits, per_class=4, seed=1)
    assert drawn.shape == (10, 4)
    assert (digits.labels[drawn] == np.arange(10)[:, None]).all()
    assert len(np.unique(drawn)) == 40
    np.testing.assert_array_equal(drawn, samples_per_class(digits, per_class=4, seed=1))
    assert not np.array_equal(drawn, samples_per_class(digits, per_class=4, seed=2))


def test_draws_only_from_the_images_it_may(digits):
    few = np.arange(15)
    drawn = samples_per_class(digits, per_class=3, indices=few)
    assert set(drawn.ravel()) <= {-1, *range(15)}
    assert (np.sort(drawn, axis=1)[:, 0] == -1).any()


def test_halves_put_together_are_the_original(fashion):
    shown = variants(fashion, np.arange(20))
    halves = (shown.pictures["top"], shown.pictures["bottom"])
    assert [half.shape for half in halves] == [(20, 14, 28, 1)] * 2
    np.testing.assert_array_equal(np.concatenate(halves, axis=1), shown.pictures["original"])


def test_more_components_rebuild_better_and_all_rebuild_exactly(digits):
    axes = fit_pca(digits.images)
    rebuilt = reconstructions(digits, axes, np.arange(10), components=(2, 10, 40, 64))
    assert (np.diff(rebuilt.errors) < 0).all()
    assert (np.diff(rebuilt.shares) > 0).all()
    assert rebuilt.pictures.shape == (4, 10, 8, 8, 1)
    np.testing.assert_array_equal(rebuilt.pictures[-1], digits.images[:10])


def test_only_training_images_are_shown_and_measured(fashion):
    few = fashion.take(np.concatenate([np.arange(300), 60_000 + np.arange(100)]))
    few = replace(few, parts={"train": range(300), "test": range(300, 400)})
    found = explore(few)
    shown = [*found.samples.ravel(), *found.variants.indices, *found.reconstructions.indices]
    assert max(shown) < 300
    assert found.variance.n_images == 300
    split = Split("x", 0, np.arange(300, 350), np.arange(0), np.arange(50), few.fingerprint)
    assert explore(few, split=split).first == 300


def test_the_numbers_survive_json(summary):
    values = json.loads(json.dumps(summary.to_dict(), allow_nan=False))
    assert values["variance"]["marks"]["0.95"] == summary.variance.marks[0.95]
    assert values["classes"][0]["total"] == 1797


def test_a_set_whose_images_are_equal_is_explored_without_variance(digits):
    same = replace(digits, images=np.full_like(digits.images, 7))
    found = explore(same)
    assert found.variance is None
    assert found.reconstructions is None
    assert "no variance" in found.notes[0]
    assert found.ranges["all"].before == (7, 7)


def test_says_what_it_cannot_look_at(digits):
    with pytest.raises(UsageError, match="has no images"):
        explore(digits.take(np.arange(0)))
    other = Split("x", 0, np.arange(5), np.arange(0), np.arange(0), "another")
    with pytest.raises(SplitError, match="other images"):
        explore(digits, split=other)
    with pytest.raises(OptionError, match="keeps no rows of 8"):
        explore(digits, crops={"nothing": (0.5, 0.5)})
    with pytest.raises(OptionError, match="0 images of each class"):
        explore(digits, per_class=0)
    with pytest.raises(OptionError, match="need 1 to 5"):
        reconstructions(digits, fit_pca(digits.images, components=5), np.arange(2), components=[6])


@pytest.mark.parametrize(
    "figure",
    [
        lambda found, _: draw.class_chart(found.classes),
        lambda found, images: draw.sample_grid(found, images),
        lambda found, _: draw.variant_grid(found.variants),
        lambda found, images: draw.before_after(found, images),
        lambda found, _: draw.variance_chart(found.variance),
        lambda found, images: draw.reconstruction_grid(found.reconstructions, images),
    ],
    ids=["classes", "samples", "variants", "before and after", "variance", "reconstructions"],
)
def test_every_figure_opens_and_repeats(figure, summary, digits):
    drawn = figure(summary, digits)
    assert drawn == figure(summary, digits)
    if drawn.startswith(b"\x89PNG"):
        assert Image.open(io.BytesIO(drawn)).width > 100
    else:
        assert b"<svg" in drawn[:400]


def test_figures_take_colour_images_and_many_parts(digits):
    colour = replace(
        digits,
        images=digits.images.repeat(3, axis=3),
        parts={"train": range(1000), "validation": range(1000, 1400), "test": range(1400, 1797)},
    )
    found = explore(colour)
    one_part = draw.class_chart(explore(digits).classes)
    assert len(draw.class_chart(found.classes)) > 1.5 * len(one_part)
    assert draw.before_after(found, colour).startswith(b"\x89PNG")
    assert draw.variant_grid(found.variants).startswith(b"\x89PNG")


def test_axes_of_large_images_are_fitted_on_a_sample_and_it_is_said(digits, monkeypatch):
    monkeypatch.setattr(exploring, "MOST_AXES", 50)
    found = explore(digits, seed=2)
    assert "variance is that of 50 of 1,797 training images, drawn by seed 2" in found.notes
    assert found.variance.n_images == 50


def test_a_number_of_components_can_be_marked_and_one_that_there_is_not_cannot():
    axes = fit_pca(np.random.default_rng(0).normal(size=(50, 5)))
    assert variance_curve(axes, (2, 5)).asked == (2, 5)
    with pytest.raises(OptionError, match="cannot mark 6 components"):
        variance_curve(axes, (6,))


def test_the_first_training_and_the_first_test_image_are_shown_in_halves(digits):
    assert explore(digits).first_test is None  # one part only
    split = Split("all", None, np.arange(9), np.arange(0), np.arange(9, 12), digits.fingerprint)
    both, one = (explore(digits, split=asked) for asked in (split, None))
    assert both.first_test == 9
    high = [Image.open(io.BytesIO(draw.halves(found, digits))).height for found in (one, both)]
    assert high[1] > 1.5 * high[0]
