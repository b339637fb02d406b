from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hangtag.errors import FormatError, SplitError
from hangtag.rooms.load import draws, from_arrays, open_split, save_split, split, split_to_arrays

RECIPES = ("last:6", "last:0.25", "fraction:0.25", "stratified:0.25", "stratified:1/4", "grouped:6")


def made(n_train=24, n_test=8, n_validation=0, n_classes=3):
    """A set with the parts asked for."""
    sizes = {"train": n_train, "validation": n_validation, "test": n_test}
    sizes = {part: size for part, size in sizes.items() if size}
    return from_arrays(
        {
            part: np.full((size, 2, 2), at, np.uint8)
            for at, (part, size) in enumerate(sizes.items())
        },
        {part: np.arange(size) % n_classes for part, size in sizes.items()},
    )


@pytest.fixture
def groups():
    return np.arange(32) // 3


def every(split):
    return np.concatenate([split.train, split.validation, split.test])


@pytest.mark.parametrize("recipe", RECIPES)
def test_no_image_is_in_two_parts_and_the_test_part_stays(recipe, groups):
    division = split(made(), recipe, seed=3, groups=groups)
    assert len(np.unique(every(division))) == len(every(division)) == 32
    assert division.test.tolist() == list(range(24, 32))
    assert len(division.validation) == 6
    assert division.recipe == recipe
    assert division.train.dtype == np.int64


@pytest.mark.parametrize("recipe", RECIPES)
def test_the_same_seed_gives_the_same_split_and_another_another(recipe, groups):
    first, same, other = (split(made(), recipe, seed=seed, groups=groups) for seed in (1, 1, 2))
    assert np.array_equal(first.validation, same.validation)
    if recipe.startswith("last"):
        assert first.seed is None
        assert first.validation.tolist() == list(range(18, 24))
    else:
        assert first.seed == 1
        assert not np.array_equal(first.validation, other.validation)


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_source_without_a_test_part_gives_one_when_asked(recipe, groups):
    images = made(32, 0)
    division = split(images, f"{recipe}+test:0.25", seed=3, groups=groups)
    assert len(every(division)) == len(np.unique(every(division))) == 32
    assert 6 <= len(division.test) <= 8
    assert len(split(images, recipe, groups=groups).test) == 0


def test_stratified_gives_the_indices_of_scikit_learn():
    from sklearn.model_selection import StratifiedShuffleSplit, train_test_split

    images = made(60, 0, n_classes=4)
    division = split(images, "stratified:0.2", seed=22)
    kept, taken = next(
        StratifiedShuffleSplit(1, test_size=0.2, random_state=22).split(np.zeros(60), images.labels)
    )
    assert division.train.tolist() == kept.tolist()
    assert division.validation.tolist() == taken.tolist()
    kept, taken = train_test_split(np.arange(60), test_size=0.3, random_state=5)
    division = split(images, "fraction:0.3", seed=5)
    assert division.train.tolist() == kept.tolist()
    assert division.validation.tolist() == taken.tolist()


@given(
    sizes=st.lists(st.integers(2, 30), min_size=1, max_size=9),
    proportion=st.integers(1, 99),
    seed=st.integers(0, 2**32 - 1),
)
@settings(max_examples=150, deadline=None)
def test_every_draw_is_that_of_scikit_learn(sizes, proportion, seed):
    """Equal classes, whose rests are equal and are drawn among, are half of all examples."""
    from sklearn.model_selection import ShuffleSplit, StratifiedShuffleSplit

    sizes = sizes if seed % 2 else [sizes[0]] * len(sizes)
    order = np.random.default_rng(seed).permutation(1000)[: sum(sizes)]
    labels = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(sizes)), sizes))
    n = min(max(1, sum(sizes) * proportion // 100), sum(sizes) - 1)
    theirs = next(ShuffleSplit(1, test_size=n, random_state=seed).split(order))
    for ours, index in zip(draws.any_of(order, n, seed), theirs, strict=True):
        assert ours.tolist() == order[index].tolist()
    if not len(sizes) <= n <= sum(sizes) - len(sizes):
        return
    splitter = StratifiedShuffleSplit(1, test_size=n, random_state=seed)
    theirs = next(splitter.split(order, labels))
    for ours, index in zip(draws.by_class(order, n, seed, labels), theirs, strict=True):
        assert ours.tolist() == order[index].tolist()


def test_the_splits_of_the_sign_language_study_are_exact(sign):
    division = split(sign, "stratified:0.2", seed=22)
    assert (len(division.train), len(division.validation)) == (21_964, 5_491)
    assert len(division.test) == 7_172
    division = split(sign, "stratified:1/6", seed=22)
    assert (len(division.train), len(division.validation)) == (22_879, 4_576)


def test_the_splits_of_the_fashion_studies_are_exact(fashion):
    division = split(fashion, "last:10000")
    assert (len(division.train), len(division.validation), len(division.test)) == (
        50_000, 10_000, 10_000,
    )  # fmt: skip
    assert division.validation[[0, -1]].tolist() == [50_000, 59_999]
    names = np.array(fashion.class_names)
    counts = dict(zip(names, np.bincount(fashion.labels[division.train]).tolist(), strict=True))
    assert counts == {
        "Ankle boot": 4979, "Bag": 5032, "Coat": 4950, "Dress": 4979, "Pullover": 4992,
        "Sandal": 5004, "Shirt": 5030, "Sneaker": 5045, "T-shirt/top": 4977, "Trouser": 5012,
    }  # fmt: skip


def test_stratified_keeps_the_proportions_of_classes():
    images = from_arrays(np.zeros((100, 2, 2), np.uint8), [0] * 80 + [1] * 20)
    division = split(images, "stratified:0.2+test:0.2")
    for part in (division.train, division.validation, division.test):
        assert np.mean(images.labels[part]) == 0.2


@given(
    sizes=st.lists(st.integers(1, 9), min_size=2, max_size=12),
    amount=st.floats(0.05, 0.9),
    seed=st.integers(0, 2**31),
)
@settings(max_examples=80, deadline=None)
def test_a_group_is_never_divided(sizes, amount, seed):
    groups = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(sizes)), sizes))
    images = from_arrays(np.zeros((len(groups), 2, 2), np.uint8), np.zeros(len(groups), int))
    try:
        division = split(images, f"grouped:{amount}", seed=seed, groups=groups)
    except SplitError as error:
        assert error.hint
        return
    held = set(groups[division.validation].tolist())
    assert held.isdisjoint(groups[division.train].tolist())
    wanted = int(np.ceil(amount * len(groups)))
    assert wanted - max(sizes) < len(division.validation) <= wanted


def test_auto_takes_what_the_source_has_and_stratified_proportions_for_the_rest():
    assert split(made(24, 8, 6)).recipe == "official"
    assert split(made(24, 8)).recipe == "stratified:0.2"
    no_test = split(made(50, 0))
    assert no_test.recipe == "stratified:0.2+test:0.2"
    assert [len(one) for one in (no_test.train, no_test.validation, no_test.test)] == [30, 10, 10]


def test_official_is_the_division_of_the_source():
    division = split(made(24, 8, 6), "official")
    assert [len(one) for one in (division.train, division.validation, division.test)] == [24, 6, 8]
    assert len(split(made(24, 8), "official").validation) == 0


def test_other_recipes_divide_the_own_validation_part_anew():
    division = split(made(24, 8, 6), "last:10")
    assert division.validation.tolist() == list(range(20, 30))


def test_few_of_each_class_train_and_the_own_validation_part_chooses():
    images = made(24, 8, 6)
    division = split(images, "few:2", seed=5)
    assert images.labels[division.train].tolist().count(1) == 2
    assert len(division.train) == 6
    assert division.train.max() < 24
    assert division.validation.tolist() == list(range(24, 30))
    assert division.test.tolist() == list(range(30, 38))
    assert not np.array_equal(division.train, split(images, "few:2", seed=6).train)


def test_few_without_a_validation_part_are_chosen_by_all_others():
    images = made(24, 0)
    division = split(images, "few:2+test:6")
    assert [len(one) for one in (division.train, division.validation, division.test)] == [6, 12, 6]
    assert sorted(every(division)) == list(range(24))
    assert len(split(images, "few:100").train) == 24


def test_a_proportion_of_each_class_is_not_few():
    with pytest.raises(SplitError, match="a number of images a class"):
        split(made(), "few:0.2")


def test_images_without_a_label_are_in_no_part():
    images = from_arrays(
        {"train": np.zeros((10, 2, 2), np.uint8), "test": np.zeros((4, 2, 2), np.uint8)},
        {"train": [0, 1] * 5},
    )
    division = split(images, "last:2")
    assert len(division.test) == 0
    assert every(division).max() == 9


@pytest.mark.parametrize(
    ("recipe", "sentence"),
    [
        ("stratifed:0.2", "is not a way to split"),
        ("", "is not a way to split"),
        ("last", "does not say how much"),
        ("last:", "does not say how much"),
        ("last:0", "is not an amount"),
        ("last:-3", "is not an amount"),
        ("last:1.5", "a proportion must be below 1"),
        ("last:3/2", "a proportion must be below 1"),
        ("last:1/0", "is not an amount"),
        ("last:ten", "is not an amount"),
        ("last:1e3", "a proportion must be below 1"),
        ("last:nan", "is not an amount"),
        ("last:" + "9" * 50, "is not an amount"),
        ("last:1e999999999", "is not an amount"),
        ("last:1e-999999999", "is not an amount"),
        ("last:24", "only 24 are there"),
        ("last:25", "only 24 are there"),
        ("official:3", "nothing can be added to it"),
        ("official+test:3", "nothing can be added to it"),
        ("last:3+test:3", "already has a test part of 8"),
        ("last:3+dev:3", "is not a way to split"),
        ("last:3+test:3+test:3", "is not a way to split"),
        ("last:3+test:x", "is not an amount"),
        ("grouped:3", "needs to know which images belong together"),
        ("saved:nowhere.npz", "there is no saved split"),
    ],
)
def test_a_recipe_that_cannot_be_followed_is_refused_with_a_hint(recipe, sentence):
    with pytest.raises(SplitError, match=sentence) as caught:
        split(made(), recipe)
    assert caught.value.hint
    assert "\n" not in caught.value.message


def test_too_few_images_for_every_class_are_drawn_from_all_and_it_is_said():
    division = split(made(), "stratified:1")
    assert len(division.validation) == 1
    assert division.notes[0].startswith("no validation image of ")


def test_a_class_of_one_image_stays_in_training_and_it_is_said():
    images = made(24, 0)
    labels = images.labels.copy()
    rest, alone = np.flatnonzero(labels == 0)[:-1], np.flatnonzero(labels == 0)[-1]
    labels[rest] = 1
    division = split(replace(images, labels=labels), "auto")
    assert alone in division.train
    assert len(division.validation) == 5
    assert len(division.test) == 5
    assert any("(1 in all)" in note for note in division.notes)


def test_a_test_part_without_labels_tests_nothing():
    images = made()
    labels = images.labels.copy()
    labels[24:] = -1
    division = split(replace(images, labels=labels), "auto")
    assert division.recipe == "stratified:0.2+test:0.2"
    assert division.test.max() < 24
    assert "the source's own test part of 8 images has no labels: not used" in division.notes


def test_official_needs_official_parts():
    with pytest.raises(SplitError, match="has no split of its own; its parts are train"):
        split(made(24, 0), "official")


def test_groups_must_be_one_for_each_image():
    with pytest.raises(SplitError, match="there are \\(3,\\) groups for 32 images"):
        split(made(), "grouped:3", groups=np.zeros(3))


def test_one_group_of_everything_cannot_be_divided():
    with pytest.raises(SplitError, match="no group is small enough to take 6 of 24 images"):
        split(made(), "grouped:6", groups=np.zeros(32))


@given(text=st.text(max_size=30))
@settings(max_examples=200, deadline=None)
def test_any_recipe_is_followed_or_refused(text):
    try:
        division = split(made(), text)
    except SplitError as error:
        assert error.hint
    else:
        assert len(np.unique(every(division))) == len(every(division))


# --- saved --------------------------------------------------------------------------------------


def test_a_saved_split_comes_back_and_is_a_recipe(tmp_path):
    images = made()
    for recipe in ("stratified:0.25", "last:3"):
        division = split(images, recipe, seed=7)
        path = save_split(division, tmp_path / "deep" / "split.npz")
        for back in (open_split(path, images), split(images, f"saved:{path}")):
            assert (back.recipe, back.seed) == (recipe, division.seed)
            assert back.fingerprint == division.fingerprint
            for part in ("train", "validation", "test"):
                assert np.array_equal(getattr(back, part), getattr(division, part))
    assert sorted(one.name for one in (tmp_path / "deep").iterdir()) == ["split.npz"]


def test_a_saved_split_is_plain_arrays(tmp_path):
    path = save_split(split(made(), "last:3"), tmp_path / "split.npz")
    with np.load(path, allow_pickle=False) as arrays:
        assert str(arrays["recipe"]) == "last:3"
        assert arrays["train"].dtype == np.int64


def test_a_split_of_other_images_is_refused(tmp_path):
    path = save_split(split(made(), "last:3"), tmp_path / "split.npz")
    with pytest.raises(SplitError, match="divides other images") as caught:
        open_split(path, made(25))
    assert caught.value.hint


@pytest.mark.parametrize(
    ("change", "error", "sentence"),
    [
        ({"train": np.array([0, 0])}, SplitError, "names an image twice"),
        ({"train": np.array([99])}, SplitError, "names an image twice or one that does not exist"),
        ({"train": np.array([-1])}, SplitError, "names an image twice or one that does not exist"),
        ({"train": np.array([0.5])}, FormatError, "train is not a list of whole numbers"),
        ({"recipe": np.array([1])}, FormatError, "recipe is not a text"),
        ({"seed": np.zeros((2, 2), int)}, FormatError, "seed is not a list of whole numbers"),
        ({"train": np.array([None])}, FormatError, "holds Python objects"),
    ],
)
def test_a_saved_split_that_was_tampered_with_is_refused(tmp_path, change, error, sentence):
    images = made()
    arrays = split_to_arrays(split(images, "last:3")) | change
    np.savez(tmp_path / "split.npz", **arrays)
    with pytest.raises(error, match=sentence) as caught:
        open_split(tmp_path / "split.npz", images)
    assert caught.value.hint


@pytest.mark.parametrize("name", ["train", "seed", "fingerprint"])
def test_a_saved_split_with_something_missing_is_refused(tmp_path, name):
    images = made()
    arrays = split_to_arrays(split(images, "last:3"))
    del arrays[name]
    np.savez(tmp_path / "split.npz", **arrays)
    with pytest.raises(FormatError, match=f"is not a saved split: it has no {name}"):
        open_split(tmp_path / "split.npz", images)


def test_a_file_that_is_no_split_is_refused(tmp_path):
    (tmp_path / "split.npz").write_bytes(b"something")
    with pytest.raises(FormatError):
        open_split(tmp_path / "split.npz", made())
    buffer = io.BytesIO()
    np.save(buffer, np.zeros(3))
    (tmp_path / "split.npz").write_bytes(buffer.getvalue())
    with pytest.raises(FormatError):
        open_split(tmp_path / "split.npz", made())


@pytest.mark.parametrize("seed", [-1, 1 << 32])
def test_a_seed_that_cannot_be_drawn_with_is_refused(digits, seed):
    with pytest.raises(SplitError, match="seed"):
        split(digits, "stratified:0.2", seed=seed)
