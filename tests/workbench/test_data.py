"""What every verb takes, where it came from, and what a search keeps of it."""

from __future__ import annotations

import numpy as np
import pytest

import hangtag
from hangtag.errors import OptionError
from hangtag.requests import Source
from hangtag.workbench.data import as_images, asked_of, divided, origin_of, part_of, source_of


@pytest.fixture(scope="module")
def arrays():
    draw = np.random.default_rng(0)
    return draw.integers(0, 255, (40, 4, 4), np.uint8), np.arange(40) % 2


def test_a_name_and_what_it_loads_are_the_same_images(digits):
    assert as_images("digits").fingerprint == as_images(digits).fingerprint
    assert as_images(Source("digits")).fingerprint == digits.fingerprint


def test_arrays_are_images_with_or_without_labels(arrays):
    pixels, labels = arrays
    assert as_images((pixels, labels)).labels.tolist() == labels.tolist()
    assert (as_images(pixels).labels == -1).all()
    assert len(as_images([pixels[0], pixels[1]])) == 2, "a list of two is two images"
    assert as_images((pixels, labels), class_names=["a", "b"]).class_names == ("a", "b")


@pytest.mark.parametrize(
    ("given", "options", "words"),
    [
        (7, {}, "no images in a int"),
        ("images", {"size": 9}, "option of loading; these images are loaded already"),
        ("arrays", {"size": 9}, "option of loading files; these images are arrays"),
    ],
    ids=["number", "images", "arrays"],
)
def test_what_does_not_belong_is_one_sentence(given, options, words, arrays, digits):
    data = {"images": digits, "arrays": arrays}.get(given, given)
    with pytest.raises(OptionError, match=words):
        as_images(data, **options)


def test_a_limit_holds_for_whatever_was_given(digits, arrays):
    for data in ("digits", digits):
        few = as_images(data, limit=20)
        assert len(few) == 20
        assert source_of(few, few, None) == (Source("digits"), 20)
    assert len(as_images(arrays, limit=6)) == 6


def test_a_source_is_told_by_what_loads_it_again(digits, arrays):
    assert source_of("digits", digits, 5) == ("digits", 5)
    assert source_of(digits, digits, None)[0] == Source("digits")
    made = as_images(arrays)
    assert origin_of(made) is None
    assert source_of(arrays, made, 6) == ("arrays", None)


def test_what_a_search_keeps_names_source_split_and_limit(digits, arrays):
    split = hangtag.split(digits, "stratified:0.2", seed=0)
    kept = asked_of("digits", digits, split, 30, "stratified:0.2")
    assert kept == {
        "source": "digits", "loading": {}, "fingerprint": digits.fingerprint,
        "split": split.recipe, "limit": 30,
    }  # fmt: skip
    made = as_images(arrays)
    assert asked_of(arrays, made, hangtag.split(made, seed=0), 6, "auto")["limit"] == 6
    assert asked_of("digits", digits, split, 30, "saved:mine.npz")["split"] == "saved:mine.npz"


def test_a_split_is_made_once_and_taken_as_it_is(digits):
    split = hangtag.split(digits, "stratified:0.2", seed=3)
    assert divided(digits, split) is split
    assert np.array_equal(divided(digits, "stratified:0.2", seed=3).train, split.train)


def test_parts_have_names(digits):
    assert len(part_of(digits, "all")) == len(digits)
    with pytest.raises(OptionError, match="digits has no part 'tests'"):
        part_of(digits, "tests")


def test_a_split_is_written_for_us_or_for_others(digits, tmp_path):
    split = hangtag.split(digits, "stratified:0.2", seed=3)
    assert hangtag.save_split(split, tmp_path / "s.npz").is_file()
    again = hangtag.split(digits, f"saved:{tmp_path / 's.npz'}")
    assert np.array_equal(again.train, split.train)
    import json

    values = json.loads(hangtag.save_split(split, tmp_path / "s.json").read_text())
    assert values["training"] == split.train.tolist()
    assert values["seed"] == 3
    with pytest.raises(OptionError, match=r"cannot be written to s\.txt"):
        hangtag.save_split(split, tmp_path / "s.txt")


def test_models_are_fitted_to_whatever_verbs_take(digits):
    named = hangtag.fit("digits", model="neighbors", k=1, seed=0)
    given = hangtag.fit((digits.images, digits.labels), model="neighbors", k=1, seed=0)
    chosen = [one.candidates.chosen.validation for one in (named, given)]
    assert chosen[0] == chosen[1]
