"""A study's shop: its test photos are tagged as the model tags, and others are looked for."""

from __future__ import annotations

import numpy as np
import pytest

import hangtag
from hangtag.progress import silent
from hangtag.rooms import catalog
from hangtag.shop import studied

K = 5


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A model in a study's folder that has test photos, as those of studies have."""
    place = tmp_path_factory.mktemp("study") / "runs" / "run"
    return hangtag.train("digits", model="linear", c=[0.1], split="last:0.2+test:0.3", out=place)


@pytest.fixture(scope="module")
def shop(run, digits):
    """The study's folder, the outcome of tagging, and that of searching."""
    opened, model = hangtag.open_run(run), hangtag.open_bundle(run)
    study = opened.folder.parent.parent
    made = studied.tagged(study, study / "catalog", digits, opened, model, silent)
    rows = studied.drawn(opened.split().train, 40, seed=0)
    found = studied.searched(
        study, study / "search", study / "catalog", digits, rows, model, k=K, shown=3
    )
    return study, made, found, rows


def test_what_is_said_of_the_tags_is_what_the_model_answers(shop, run, digits):
    _, made, _, _ = shop
    test = hangtag.open_run(run).split().test
    model = hangtag.open_bundle(run)
    probabilities = model.probabilities(digits.images[test])
    sure = probabilities.max(axis=1) >= model.threshold
    right = sure & (probabilities.argmax(axis=1) == digits.labels[test])
    assert made.values["items"] == len(test)
    assert made.values["tagged"] == sure.sum()
    assert made.values["right_of_tagged"] == right.sum() / sure.sum()
    (table,) = made.tables
    assert sum(row[1] for row in table.rows) == len(test)
    assert made.commands == ("hangtag catalog tag catalog/shop.db runs/run",)


def test_a_search_is_measured_by_looking_at_every_item(shop, run, digits):
    study, _, found, rows = shop
    test = hangtag.open_run(run).split().test
    assert not set(rows.tolist()) & set(test.tolist())  # no customer's photo is an item
    for name, points in (
        ("precision", hangtag.open_bundle(run).embeddings(digits.images)),
        ("pixels_precision", digits.images.reshape(len(digits), -1).astype(np.float32)),
    ):
        lengths = points / np.linalg.norm(points, axis=1, keepdims=True)
        order = np.argsort(-(lengths[rows] @ lengths[test].T), axis=1)[:, :K]
        same = digits.labels[test][order] == digits.labels[rows][:, None]
        assert found.values[name] == pytest.approx(same.mean(), abs=0.011)  # embeddings are int8
    assert (study / "search" / "search.png").read_bytes()[:4] == b"\x89PNG"


def test_a_shop_that_was_ended_goes_on_and_says_the_same(shop, run, digits):
    study, made, _, _ = shop
    place = study / "catalog" / studied.NAME
    before = catalog.counted(catalog.open_catalog(place))
    opened, model = hangtag.open_run(run), hangtag.open_bundle(run)
    again = studied.tagged(study, study / "catalog", digits, opened, model, silent)
    assert again == made
    assert catalog.counted(catalog.open_catalog(place)) == before
