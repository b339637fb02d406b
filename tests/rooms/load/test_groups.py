"""What belongs together stands on one side of a split, whatever the split is asked to be."""

import csv
import io
from dataclasses import replace

import numpy as np
import polars
import pytest
from hypothesis import given
from hypothesis import strategies as some
from PIL import Image

import hangtag
from hangtag.errors import OptionError, SplitError
from hangtag.records import LoadOptions, Source
from hangtag.rooms.load import apart

PEOPLE, EACH = 12, 10
CLASSES = ("hat", "shirt")


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """Twelve people with ten images each of two classes, in a table, and two of nobody."""
    place = tmp_path_factory.mktemp("people")
    (place / "images").mkdir()
    rows = []
    for number in range(PEOPLE * EACH + 2):
        level = np.full((8, 8), number, np.uint8)
        Image.fromarray(level).save(place / "images" / f"{number}.png")
        person = f"person {number % PEOPLE}" if number < PEOPLE * EACH else ""
        rows.append((f"images/{number}.png", CLASSES[number // PEOPLE % 2], person))
    with (place / "labels.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("file", "label", "person"), *rows])
    return place


@pytest.fixture(scope="module")
def images(photos):
    return hangtag.load(photos, group="person")


def sides(split):
    return {"train": split.train, "validation": split.validation, "test": split.test}


def stand_apart(split, groups):
    held = [set(groups[rows].tolist()) for rows in sides(split).values() if len(rows)]
    return len(set.union(*held)) == sum(map(len, held))


def test_the_column_says_what_belongs_together(images):
    assert len(set(images.groups.tolist())) == PEOPLE + 2, "two images of nobody are each alone"
    assert any("by 'person': 12 groups; 2 of which" in one for one in images.notes)
    assert images.class_names == CLASSES, "and is no label"


@pytest.mark.parametrize("recipe", ["auto", "stratified:0.25", "fraction:0.2+test:0.3"])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_no_group_stands_on_two_sides(images, recipe, seed):
    split = hangtag.split(images, recipe, seed=seed)
    assert stand_apart(split, images.groups)
    assert split.recipe.startswith("stratified-grouped:")
    assert any("none in two" in one for one in split.notes)
    together = np.sort(np.concatenate([*sides(split).values()]))
    assert np.array_equal(together, np.arange(len(images)))
    again = hangtag.split(images, split.recipe, seed=seed)
    assert all(map(np.array_equal, sides(split).values(), sides(again).values()))


def test_another_seed_is_another_split(images):
    one, other = (hangtag.split(images, seed=seed) for seed in (0, 1))
    assert set(images.groups[one.test].tolist()) != set(images.groups[other.test].tolist())


def test_classes_keep_their_proportions(images):
    split = hangtag.split(images, "stratified:0.25+test:0.25", seed=0)
    for rows in (split.validation, split.test):
        assert abs(len(rows) - len(images) / 4) <= EACH / 2 + 1
        assert abs(float(np.mean(images.labels[rows])) - 0.5) <= 0.05


@given(
    sizes=some.lists(some.integers(1, 9), min_size=2, max_size=12),
    proportion=some.floats(0.05, 0.95),
    seed=some.integers(0, 9),
)
def test_groups_of_any_size_are_taken_whole_and_some_stay(sizes, proportion, seed):
    groups = np.repeat(np.arange(len(sizes)), sizes)
    labels = np.arange(len(groups)) % 3
    n = max(1, int(proportion * len(groups)))
    kept, taken = apart.whole_groups(np.arange(len(groups)), n, seed, labels, groups)
    assert len(kept)
    assert len(taken)
    assert not set(groups[kept].tolist()) & set(groups[taken].tolist())
    assert len(kept) + len(taken) == len(groups)


def test_what_either_of_two_groupings_keeps_together_stays_together(images):
    copies = np.arange(len(images))
    copies[[0, 1]] = copies[0]  # a near-copy with another person on it
    both = apart.joined(images.groups, copies)
    assert both[0] == both[1]
    assert len(np.unique(both)) == len(np.unique(images.groups)) - 1
    split = hangtag.split(images, "stratified-grouped:0.3", seed=1, groups=copies)
    assert stand_apart(split, both)


def test_fewer_images_stay_in_their_groups(photos):
    few = hangtag.load(photos, group="person", limit=40)
    assert stand_apart(hangtag.split(few, seed=0), few.groups)


def test_a_level_of_folders_says_it_too(tmp_path):
    for label in CLASSES:
        for person in range(6):
            place = tmp_path / label / f"person{person}"
            place.mkdir(parents=True)
            for number in range(3):
                level = np.full((8, 8), 40 * person + number, np.uint8)
                Image.fromarray(level).save(place / f"{number}.png")
    images = hangtag.load(tmp_path, label="folder:1", group="folder:2")
    assert len(set(images.groups.tolist())) == 6, "a person is one group in both classes"
    assert stand_apart(hangtag.split(images, seed=0), images.groups)


def test_ways_that_would_part_groups_are_refused(images):
    for recipe in ("last:20", "few:3"):
        with pytest.raises(SplitError, match="part groups") as refused:
            hangtag.split(images, recipe, seed=0)
        assert "stratified" in refused.value.hint


def test_fewer_groups_than_parts_are_refused(images):
    two = images.take(np.flatnonzero(images.groups < 2))
    with pytest.raises(SplitError, match="3 parts need as many groups at least; there are 2"):
        hangtag.split(two, seed=0)
    assert stand_apart(hangtag.split(two, "stratified:0.5", seed=0), two.groups)
    with pytest.raises(SplitError, match="there is 1"):
        hangtag.split(images.take(np.flatnonzero(images.groups == 1)), "stratified:0.2", seed=0)


def test_a_division_of_the_source_stays_with_a_caution(images):
    parted = hangtag.from_arrays(images.images, images.labels)
    n = len(parted)
    own = {"train": range(60), "validation": range(60, 90), "test": range(90, n)}
    split = hangtag.split(replace(images, parts=own), "official")
    assert any("caution" in one and "memory" in one for one in split.notes)


@pytest.mark.parametrize("asked", ["nobody", "folder:9"])
def test_what_no_source_says_is_refused(asked, photos):
    told = []
    with pytest.raises(OptionError, match=r"no image|no table") as refused:
        hangtag.load(photos, group=asked, progress=lambda *step: told.append(step))
    assert refused.value.hint
    assert not told, "and no image was opened for it"
    with pytest.raises(OptionError, match="read as digits"):
        hangtag.load("digits", group=asked)


def test_a_run_is_trained_and_evaluated_by_groups_and_says_so(photos, hangtag_command, tmp_path):
    source = Source(str(photos), LoadOptions(group="person"))
    assert source.words()[1:] == ["--group", "person"]
    done = hangtag_command("linear", *source.words(), "--c", "1", "--out", tmp_path / "run")
    assert done.code == 0, done.err
    assert "groups: " in done.err
    assert "none in two" in done.err
    run = hangtag.open_run(tmp_path / "run")
    assert run.config.split == "stratified-grouped:0.2+test:0.2"
    hangtag.evaluate(run)
    split = hangtag.split(hangtag.run_images(run), seed=0)
    assert np.array_equal(run.predictions().indices, np.sort(split.test))


@pytest.mark.parametrize("kind", ["csv", "two files", "one field", "parquet", "encoded"])
def test_a_column_of_a_table_of_pixels_says_it_too(kind, tmp_path):
    random = np.random.default_rng(0)
    pixels = random.integers(0, 256, (40, 64))
    columns = {
        "person": [f"p{number % 8}" if number % 20 else "" for number in range(40)],
        "label": [CLASSES[number % 2] for number in range(40)],
    }
    table = polars.DataFrame({
        **columns, **{f"pixel{at}": pixels[:, at].astype(np.uint8) for at in range(64)},
    })  # fmt: skip
    place = tmp_path / "set"
    place.mkdir()
    if kind == "csv":
        table.write_csv(place / "all.csv")
    elif kind == "two files":
        table[30:].write_csv(place / "test.csv")
        table[:30].write_csv(place / "train.csv")
    elif kind == "one field":
        words = [" ".join(map(str, row)) for row in pixels.tolist()]
        polars.DataFrame({**columns, "pixels": words}).write_csv(place / "all.csv")
    elif kind == "parquet":
        table[:25].write_parquet(place / "train-00000-of-00002.parquet")
        table[25:].write_parquet(place / "train-00001-of-00002.parquet")
    else:
        files = [as_png(row.reshape(8, 8)) for row in pixels.astype(np.uint8)]
        polars.DataFrame({**columns, "image": files}).write_parquet(place / "train.parquet")
    images = hangtag.load(place, group="PERSON", label="label")
    assert images.class_names == CLASSES
    np.testing.assert_array_equal(images.images.reshape(40, -1), pixels)
    # Sorted by name; the two of whom nothing is said are groups of their own.
    said = [number % 8 if number % 20 else 8 + number // 20 for number in range(40)]
    assert images.groups.tolist() == said
    assert any("by 'PERSON': 8 groups; 2 of which" in one for one in images.notes)
    with pytest.raises(OptionError, match="'nobody'"):
        hangtag.load(place, group="nobody", label="label")


def as_png(pixels):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()
