from __future__ import annotations

import io
import json
import pickle

import numpy as np
import polars
import pytest
from PIL import Image

from hangtag.errors import AmbiguousError, FormatError, SourceError
from hangtag.rooms.load import load


def test_pixel_columns_are_read_like_a_table(tmp_path, small, write, holds):
    holds(load(write.parquet(tmp_path / "set", small, encoded=False)))


def test_parts_may_be_named_by_folders(tmp_path, small, write, holds):
    folder = write.parquet(tmp_path / "set", small)
    for part, name in (("train", "train"), ("test", "testing")):
        (folder / name).mkdir()
        (folder / f"{part}-00000-of-00001.parquet").rename(folder / name / "0000.parquet")
    holds(load(folder))


def test_a_part_in_several_files_is_one_part(tmp_path, small, write, holds):
    folder = write.parquet(tmp_path / "set", small)
    frame = polars.read_parquet(folder / "train-00000-of-00001.parquet")
    (folder / "train-00000-of-00001.parquet").unlink()
    frame[:10].write_parquet(folder / "train-00000-of-00002.parquet")
    frame[10:].write_parquet(folder / "train-00001-of-00002.parquet")
    holds(load(folder))


def test_the_names_of_classes_are_taken_from_the_features(tmp_path, small, write):
    names = ["zero", "one", "two", "three", "four", "five", "six", "seven"]
    images = load(write.parquet(tmp_path / "set", small, names=names))
    assert images.class_names == tuple(names)
    assert images.class_codes == tuple(range(8))
    assert images.labels[:4].tolist() == [0, 2, 3, 7]


def test_minus_one_is_no_label_when_there_are_features(tmp_path, small, write):
    folder = write.parquet(tmp_path / "set", small)
    metadata = {"huggingface": json.dumps({"info": {"features": {"label": {"names": ["a"] * 8}}}})}
    for file in folder.iterdir():
        frame = polars.read_parquet(file)
        if file.name.startswith("test"):
            frame = frame.with_columns(label=polars.lit(-1))
        frame.write_parquet(file, metadata=metadata)
    images = load(folder)
    assert (images.labels[24:] == -1).all()
    assert (images.labels[:24] >= 0).all()


def test_lists_of_values_are_images(tmp_path, small):
    frame = polars.DataFrame({"image": small.x_train.tolist(), "label": small.y_train})
    frame.write_parquet(tmp_path / "set.parquet")
    assert np.array_equal(load(tmp_path / "set.parquet").images[..., 0], small.x_train)


def test_another_label_column_can_be_named(tmp_path, small):
    frame = polars.DataFrame({"image": small.x_train.tolist(), "kind": ["a", "b"] * 12})
    frame = frame.with_columns(sort=polars.Series(["c", "d", "e"] * 8))
    frame.write_parquet(tmp_path / "set.parquet")
    with pytest.raises(AmbiguousError, match="may be in 'kind' or 'sort'"):
        load(tmp_path / "set.parquet")
    assert load(tmp_path / "set.parquet", label="kind").class_names == ("a", "b")
    with pytest.raises(FormatError, match="has no column 'price'"):
        load(tmp_path / "set.parquet", label="price")


def test_images_that_cannot_be_read_are_listed(tmp_path, small, write):
    folder = write.parquet(tmp_path / "set", small)
    file = folder / "train-00000-of-00001.parquet"
    rows = polars.read_parquet(file).to_dicts()
    rows[3]["image"]["bytes"] = b"no picture"
    rows[5]["image"]["bytes"] = None
    kind = polars.Struct({"bytes": polars.Binary, "path": polars.String})
    polars.DataFrame(rows, schema={"image": kind, "label": polars.Int64}).write_parquet(file)
    images = load(folder)
    assert dict(images.parts) == {"train": range(22), "test": range(22, 30)}
    assert sorted(one.where for one in images.unreadable) == ["train/00003", "train/00005"]
    assert images.id_of(3) == "train/00004"


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        ({"image": ["a", "b"], "label": [0, 1]}, "which is no image"),
        ({"image": [[1, 2], [3]], "label": [0, 1]}, "2 different lengths"),
        ({"image": [[1, None], [3, 4]], "label": [0, 1]}, "which is no image"),
        ({"label": [0, 1], **{f"p{i}": [1, 2] for i in range(7)}}, "7 pixel columns"),
        ({"name": ["a", "b"], "price": [1, 2]}, "no column of images or pixels by its names"),
    ],
)
def test_columns_that_are_no_images_are_refused(tmp_path, columns, sentence):
    polars.DataFrame(columns).write_parquet(tmp_path / "set.parquet")
    with pytest.raises(FormatError, match=sentence) as caught:
        load(tmp_path / "set.parquet")
    assert caught.value.hint


def test_a_truncated_file_is_refused_and_nothing_else_is_printed(tmp_path, small, write, capfd):
    folder = write.parquet(tmp_path / "set", small)
    file = folder / "train-00000-of-00001.parquet"
    content = file.read_bytes()
    for keep in (4, 100, len(content) // 2, len(content) - 1):
        file.write_bytes(content[:keep])
        with pytest.raises(FormatError, match=f"{file.name} is damaged or cut off"):
            load(folder)
    assert capfd.readouterr() == ("", "")


def _encoded(images):
    for image in images:
        file = io.BytesIO()
        Image.fromarray(image).save(file, "PNG")
        yield {"bytes": file.getvalue(), "path": None}


@pytest.fixture
def photos(tmp_path):
    """Three files of 20 photographs each, in groups of rows, and their pixels."""
    pixels = np.random.default_rng(0).integers(0, 256, (60, 300, 40, 3), np.uint8)
    for number in range(3):
        some = list(_encoded(pixels[number * 20 : number * 20 + 20]))
        frame = polars.DataFrame({"image": some, "label": [f"c{one % 2}" for one in range(20)]})
        frame.write_parquet(tmp_path / f"train-{number:05d}-of-00003.parquet", row_group_size=7)
    return tmp_path, pixels


@pytest.mark.parametrize("held", [1, 60_000, 1 << 24])
def test_encoded_images_stay_in_their_files_and_are_opened_again(photos, monkeypatch, held):
    monkeypatch.setattr("hangtag.rooms.load.parquet_rows._BYTES", held)
    folder, pixels = photos
    images = load(folder)
    assert images.shape == (256, 34, 3)
    rows = [59, 0, 25, 1]
    for row, seen in zip(rows, images.originals.open(rows, 300), strict=True):
        assert np.array_equal(seen, pixels[row])
    # Another process opens them, too: what is sent holds names and no images.
    sent = pickle.dumps(images.originals)
    assert len(sent) < 20_000
    assert pickle.loads(sent).keys() == images.originals.keys()


def test_a_file_that_was_changed_since_is_an_error_and_no_other_image(photos):
    folder, _ = photos
    images = load(folder)
    for file in folder.glob("*.parquet"):
        file.write_bytes(file.read_bytes()[:1000])
    with pytest.raises(SourceError, match="damaged or cut off"):
        list(pickle.loads(pickle.dumps(images.originals)).open([30], 300))


def test_a_row_without_bytes_is_named(tmp_path):
    some = list(_encoded(np.zeros((3, 8, 8), np.uint8)))
    some[1] = {"bytes": None, "path": "elsewhere.png"}
    frame = polars.DataFrame({"image": some, "label": ["a", "b", "a"]})
    frame.write_parquet(tmp_path / "train.parquet")
    images = load(tmp_path / "train.parquet")
    assert [(one.where, one.reason) for one in images.unreadable] == [
        ("train/00001", "holds no bytes, only a path")
    ]
