"""Maps: what every method promises, and what is special about each."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest

from hangtag import memory
from hangtag.errors import MachineError, MissingError, OptionError
from hangtag.records import Projection
from hangtag.rooms.reduce import METHODS, principal_axes, reduce, reducing, trustworthiness

INSTALLED = tuple(name for name in METHODS if name != "umap")


@pytest.fixture(scope="module")
def some(digits):
    """Every fourth digit: 450 of them."""
    return np.arange(0, len(digits), 4)


@pytest.fixture(scope="module", params=INSTALLED)
def drawn(request, digits, some):
    """The same digits on a map by each method that is installed."""
    return reduce(digits, method=request.param, indices=some, seed=1)


def test_gives_one_point_per_image_in_order(drawn, some):
    np.testing.assert_array_equal(drawn.indices, some)
    assert drawn.points.shape == (len(some), 2)
    assert drawn.points.dtype == np.float32
    assert np.isfinite(drawn.points).all()
    assert len(drawn.axes) == 2


def test_is_better_than_places_drawn_at_random(drawn, digits, some):
    assert drawn.quality["trustworthiness"] > 0.8
    assert drawn.quality["class_agreement"] > 0.4
    pixels = digits.images[some].reshape(len(some), -1)
    shuffled = np.random.default_rng(0).permutation(drawn.points)
    assert trustworthiness(pixels, shuffled) < 0.55


def test_the_same_seed_draws_the_same_map(drawn, digits, some):
    again = reduce(digits, method=drawn.method, indices=some, seed=1, measure=False)
    np.testing.assert_allclose(again.points, drawn.points, rtol=1e-3, atol=1e-4)


def test_says_every_option_and_survives_json(drawn):
    assert drawn.options["seed"] == 1
    assert drawn.options["images"] == 450
    back = Projection.from_dict(json.loads(json.dumps(drawn.to_dict(), allow_nan=False)))
    np.testing.assert_array_equal(back.points, drawn.points)
    assert (back.options, back.quality, back.notes) == (drawn.options, drawn.quality, drawn.notes)


@pytest.mark.parametrize("method", INSTALLED)
def test_a_sample_is_drawn_by_the_seed_and_said(method, digits):
    chart = reduce(digits, method=method, limit=150, seed=7, measure=False)
    assert len(chart) == 150
    assert "150 of 1,797 images, drawn by seed 7" in chart.notes[0]
    other = reduce(digits, method="pca", limit=150, seed=8, measure=False)
    assert not np.array_equal(chart.indices, other.indices)


@pytest.mark.parametrize("method", INSTALLED)
def test_copies_and_far_away_points_do_no_harm(method, digits):
    from dataclasses import replace

    images = digits.images[:200].copy()
    images[:40] = images[0]
    images[50] = 255
    odd = replace(digits.take(np.arange(200)), images=images)
    assert np.isfinite(reduce(odd, method=method).points).all()


def test_pca_axes_carry_their_proportion_and_match_the_axes(digits):
    chart = reduce(digits, dimensions=3)
    axes = principal_axes(digits, components=3)
    assert chart.axes[0] == f"PC1 ({axes.ratios[0]:.2%} of the variance)"
    pixels = digits.images.reshape(len(digits), -1) / 255
    np.testing.assert_allclose(chart.points, axes.transform(pixels), atol=1e-5)


def test_the_fashion_study_reads_its_proportions_off_the_axes(fashion):
    chart = reduce(fashion, indices=np.arange(60_000), measure=False)
    assert chart.axes == ("PC1 (29.04% of the variance)", "PC2 (17.76% of the variance)")


def test_tsne_keeps_neighbours_as_well_as_scikit_learn(digits):
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits

    ours = reduce(digits, method="tsne", limit=500, seed=0)
    pixels = digits.images[ours.indices].reshape(500, -1) / 255.0
    with threadpool_limits(1):  # threads of a small problem wait for each other
        theirs = TSNE(random_state=0).fit_transform(pixels)
    assert ours.quality["trustworthiness"] > trustworthiness(pixels, theirs) - 0.005
    assert ours.quality["class_agreement"] > 0.85


def test_lle_is_scikit_learns_map_up_to_its_signs(digits):
    from sklearn.manifold import LocallyLinearEmbedding

    zero_to_three = np.flatnonzero(digits.labels < 4)
    ours = reduce(digits, method="lle", indices=zero_to_three, neighbours=30, share=0.999999)
    pixels = digits.images[zero_to_three].reshape(len(zero_to_three), -1) / 255.0
    theirs = LocallyLinearEmbedding(n_neighbors=30, eigen_solver="dense").fit_transform(pixels)
    across = np.abs(np.corrcoef(ours.points.T, theirs.T)[:2, 2:])
    np.testing.assert_allclose(np.diag(across), 1, atol=0.01)
    assert ours.notes == ()


def test_lle_maps_the_largest_piece_and_says_where_the_rest_went(digits):
    from dataclasses import replace

    images = digits.images[:300].copy()
    images[280:] = np.clip(
        240 + np.random.default_rng(0).integers(-3, 4, images[280:].shape), 0, 255
    )
    bunch = replace(digits.take(np.arange(300)), images=images)
    chart = reduce(bunch, method="lle")
    together, apart = map(
        int, re.findall(r"(\d+) of 300 .* together, (\d+) are put", chart.notes[-1])[0]
    )
    assert together + apart == 300
    assert apart >= 20
    assert np.isfinite(chart.points).all()


def test_mds_reaches_scikit_learns_stress(digits):
    import warnings

    from sklearn.manifold import MDS

    some = np.arange(300)
    ours = reduce(digits, method="mds", indices=some, share=0.999999)
    pixels = digits.images[:300].reshape(300, -1) / 255.0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        theirs = MDS(n_init=1, init="classical_mds", normalized_stress=True).fit(pixels)
    assert ours.quality["stress"] == pytest.approx(theirs.stress_, rel=1e-3)


def test_mds_says_how_far_it_is_with_the_stress(digits):
    heard = []
    reduce(
        digits, method="mds", limit=100, measure=False, progress=lambda *told: heard.append(told)
    )
    notes = [told[3] for told in heard if told[0] == "mds"]
    assert len(notes) > 3
    stresses = [float(note.removeprefix("stress ")) for note in notes]
    assert stresses == sorted(stresses, reverse=True)


def test_umap_says_how_to_get_it_when_it_is_absent(digits):
    from importlib.util import find_spec

    if find_spec("umap"):
        chart = reduce(digits, method="umap", limit=400)
        assert chart.quality["trustworthiness"] > 0.9
        return
    with pytest.raises(MissingError) as caught:
        reduce(digits, method="umap", limit=400)
    assert "hangtag[umap]" in caught.value.hint


def test_every_method_keeps_to_its_own_options():
    import inspect

    for method in METHODS.values():
        given = list(inspect.signature(method.embed).parameters.values())
        assert [p.name for p in given[:4]] == ["points", "dimensions", "seed", "progress"]
        assert all(p.default is not inspect.Parameter.empty for p in given[4:])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "tsn"}, "no method called 'tsn'"),
        ({"method": "tsne", "perplexty": 3}, "tsne has no option called 'perplexty'"),
        ({"method": "pca", "perplexity": 3}, "pca has no option called"),
        ({"method": "tsne", "dimensions": 3}, "1 or 2 dimensions"),
        ({"method": "tsne", "limit": 40}, "more than 90 images; got 40"),
        ({"method": "lle", "neighbours": 2}, "needs more than 2 neighbours"),
        ({"method": "mds", "iterations": 0}, "at least 1 iteration"),
        ({"method": "umap", "neighbours": 1}, "at least 2"),
        ({"dimensions": 0}, "pca to 0 dimensions of 1797"),
        ({"dimensions": 65}, "needs images of as many numbers; got 64"),
        ({"limit": 0}, "a map of 0 images"),
        ({"method": "lle", "share": 1.0}, "proportion of 1.0"),
        ({"indices": np.asarray([5, 99999])}, "an index is outside"),
        ({"indices": np.asarray([], np.int64)}, "of 0 images"),
    ],
    ids=str,
)
def test_says_what_cannot_be_drawn(options, message, digits):
    with pytest.raises(OptionError, match=message):
        reduce(digits, **options)


def test_a_map_that_does_not_fit_into_memory_is_refused_before_the_work(digits, monkeypatch):
    monkeypatch.setattr(memory, "free", lambda: 1_000_000)
    with pytest.raises(
        MachineError, match=r"a map of 1,797 images by their pixels needs"
    ) as refused:
        reduce(digits)
    assert "--limit" in refused.value.hint


def test_images_of_far_more_pixels_than_there_are_images_have_the_same_map(digits, monkeypatch):
    few = np.arange(60)
    by_pixels = reduce(digits, indices=few, measure=True)
    monkeypatch.setattr(reducing, "WIDE", 0)
    by_distances = reduce(digits, indices=few, measure=True)
    signs = np.sign((by_pixels.points * by_distances.points).sum(axis=0))
    np.testing.assert_allclose(by_distances.points * signs, by_pixels.points, atol=0.02)
    assert by_distances.quality == pytest.approx(by_pixels.quality, abs=0.005)


def test_mds_refuses_a_table_that_would_fill_the_memory(fashion):
    with pytest.raises(OptionError, match="13,000 are more than 12,000") as caught:
        reduce(fashion, method="mds", limit=13_000)
    assert "limit 5000" in caught.value.hint
