"""Of a limited number of images only those are decoded, and they are those of the whole set."""

from __future__ import annotations

import csv
import io
import zipfile

import numpy as np
import polars
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from hangtag.errors import FormatError, OptionError
from hangtag.rooms.load import limited, load
from hangtag.rooms.load.raw import spread

LIMITS = (1, 2, 3, 7, 16, 100)


def draw(folder, *, count=16):
    """Two classes in two parts: sizes, colors, transparency and 16 bits of every kind."""
    rng = np.random.default_rng(0)
    for number in range(2 * count):
        part = "train" if number % 3 else "test"
        place = folder / part / ("coat" if number % 2 else "bag") / f"{number:03d}.png"
        place.parent.mkdir(parents=True, exist_ok=True)
        image = Image.fromarray(rng.integers(0, 256, (10 + number % 3, 12, 3), np.uint8))
        if number % 7 == 5:
            image.putalpha(Image.fromarray(rng.integers(0, 2, (image.height, 12), np.uint8) * 255))
        if number % 7 == 6:
            image = Image.fromarray(rng.integers(0, 1024, (image.height, 12), np.uint16))
        image.save(place)
    return folder


def same(some, whole):
    """The same images in every respect but which of the others were looked at."""
    np.testing.assert_array_equal(some.images, whole.images)
    np.testing.assert_array_equal(some.labels, whole.labels)
    assert (some.ids, some.parts) == (whole.ids, whole.parts)
    assert some.class_names == whole.class_names
    assert some.notes == whole.notes
    assert (some.matte, some.white) == (whole.matte, whole.white)
    assert some.passed_over == whole.passed_over
    assert some.fingerprint == whole.fingerprint
    assert some.images.any(axis=(1, 2, 3)).all()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return draw(tmp_path_factory.mktemp("limit"))


def as_folder(folder, _):
    return folder


def as_zip(folder, place):
    with zipfile.ZipFile(place / "set.zip", "w") as packed:
        for file in sorted(folder.rglob("*.png")):
            packed.write(file, file.relative_to(folder))
    return place / "set.zip"


def as_table(folder, place):
    with (folder / "labels.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["file", "label"])
        for one in sorted(folder.rglob("*.png"), reverse=True):
            table.writerow([one.relative_to(folder), one.parent.name])
    return folder / "labels.csv"


def as_parquet(folder, place):
    files = sorted(folder.rglob("*.png"))
    images = [{"bytes": file.read_bytes(), "path": file.name} for file in files]
    labels = [file.parent.name for file in files]
    polars.DataFrame({"image": images, "label": labels}).write_parquet(place / "set.parquet")
    return place / "set.parquet"


@pytest.mark.parametrize("form", [as_folder, as_zip, as_table, as_parquet])
def test_some_are_those_of_the_whole_set(form, tmp_path):
    source = form(draw(tmp_path / "drawn"), tmp_path)
    whole = load(source)
    for limit in LIMITS:
        same(load(source, limit=limit), limited(whole, limit))


@pytest.mark.parametrize(
    "said",
    [
        {"parts": False, "label": "folder:2"},
        {"gray": True},
        {"size": (8, 9)},
        {"transpose": True},
        {"value_range": 1023},
    ],
)
def test_whatever_else_was_asked(folder, said):
    whole = load(folder, **said)
    for limit in LIMITS:
        same(load(folder, limit=limit, **said), limited(whole, limit))


def test_files_that_say_at_once_that_they_are_damaged_are_counted_as_of_the_whole_set(tmp_path):
    draw(tmp_path)
    for file in sorted(tmp_path.rglob("*.png"))[::5]:
        file.write_bytes(b"GIF89a and nothing else")
    whole = load(tmp_path)
    assert len(whole.unreadable) == 7
    for limit in LIMITS:
        some = load(tmp_path, limit=limit)
        same(some, limited(whole, limit))
        assert some.unreadable == whole.unreadable


def cut(file):
    """A file whose header is whole and whose pixels end too early."""
    content = file.read_bytes()
    file.write_bytes(content[: len(content) - 80])


def test_one_that_cannot_be_decoded_leaves_its_place_to_another(tmp_path):
    draw(tmp_path)
    first = load(tmp_path, limit=4)
    for name in first.ids[:3]:
        cut(tmp_path / name)
    found = load(tmp_path, limit=4)
    damaged = {one.where for one in found.unreadable}
    assert first.ids[0] in damaged
    assert damaged <= set(first.ids[:3])
    assert not set(found.ids) & set(first.ids[:3])
    assert {part: len(rows) for part, rows in found.parts.items()} == {"train": 4, "test": 4}
    whole = load(tmp_path)
    rows = [whole.ids.index(name) for name in found.ids]
    np.testing.assert_array_equal(found.images, whole.images[rows])
    np.testing.assert_array_equal(found.labels, whole.labels[rows])


def test_what_is_left_out_is_not_decoded(tmp_path):
    """Damage behind a header is found where an image is decoded, and nowhere else."""
    draw(tmp_path)
    kept = load(tmp_path, limit=2).ids
    others = [one for one in load(tmp_path).ids if one not in kept and in_color(tmp_path / one)]
    for name in others[:10]:
        cut(tmp_path / name)
    assert load(tmp_path, limit=2).unreadable == ()
    assert [one.where for one in load(tmp_path).unreadable] == others[:10]


def in_color(file):
    """Neither transparent nor of 16 bits: of those the pixels are looked at in any case."""
    with Image.open(file) as image:
        return image.mode == "RGB"


def test_where_nearly_none_can_be_decoded_all_are_tried_and_it_is_an_error(tmp_path):
    draw(tmp_path, count=30)
    for file in sorted(tmp_path.rglob("*.png"))[:-1]:
        cut(file)
    with pytest.raises(FormatError, match=r"59 of 60 images"):
        load(tmp_path, limit=1)


def test_a_class_that_none_is_kept_of_is_still_a_class(tmp_path):
    draw(tmp_path)
    rare = tmp_path / "train" / "yoke"
    rare.mkdir()
    Image.new("RGB", (12, 10), "red").save(rare / "only.png")
    found = load(tmp_path, limit=2)
    assert found.class_names == ("bag", "coat", "yoke")
    assert found.counts().tolist()[2] == 0


def test_images_that_are_left_out_take_no_memory(tmp_path):
    """All 1,500 would be 4.5 GB, and no process of the tests may take half of that."""
    file = io.BytesIO()
    Image.new("RGB", (4, 4), "red").save(file, "PNG")
    for number in range(1500):
        (tmp_path / f"{number}.png").write_bytes(file.getvalue())
    found = load(tmp_path, limit=10, size=(1000, 1000))
    assert found.images.shape == (10, 1000, 1000, 3)
    assert (found.images == (255, 0, 0)).all()


@given(
    st.dictionaries(st.sampled_from("abc"), st.integers(0, 40), min_size=1),
    st.integers(1, 50),
)
def test_places_are_spread_evenly_and_lie_in_their_part(sizes, limit):
    parts, start = {}, 0
    for name, size in sizes.items():
        parts[name] = range(start, start + size)
        start += size
    for name, rows in spread(parts, limit).items():
        assert len(rows) == min(limit, sizes[name])
        assert set(rows.tolist()) <= set(parts[name])
        assert (np.diff(rows) > 0).all()


@pytest.mark.parametrize("limit", [0, -3])
def test_less_than_one_is_refused_before_anything_is_read(tmp_path, limit):
    with pytest.raises(OptionError, match="limit must be at least 1"):
        load(tmp_path / "nowhere", limit=limit)
