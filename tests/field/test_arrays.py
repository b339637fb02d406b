"""Arrays and binary sets as people download them: pairs of files, ranges, refusals by name."""

from __future__ import annotations

import gzip
import pickle
import struct

import numpy as np
import polars
import pytest

from hangtag.errors import AmbiguousError, FormatError, SourceError
from hangtag.rooms.load import load

RANDOM = np.random.default_rng(0)
X = RANDOM.integers(0, 256, (40, 8, 8), dtype=np.uint8)
Y = np.arange(40) % 4


def codes(images):
    return [images.class_codes[label] if label >= 0 else None for label in images.labels]


def same(images, pixels, labels):
    assert np.array_equal(images.images.reshape(len(images), -1), pixels.reshape(len(pixels), -1))
    assert codes(images) == list(labels)


def idx(path, values, kind=8, dtype=">u1"):
    head = struct.pack(f">HBB{values.ndim}I", 0, kind, values.ndim, *values.shape)
    content = head + values.astype(dtype).tobytes()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)


def test_files_of_one_array_are_paired_by_their_names(tmp_path):
    """KMNIST: ``kmnist-train-imgs.npz`` and its like."""
    for part, rows in (("train", slice(30)), ("test", slice(30, 40))):
        np.savez(tmp_path / f"kmnist-{part}-imgs.npz", X[rows])
        np.savez(tmp_path / f"kmnist-{part}-labels.npz", Y[rows])
    images = load(tmp_path)
    same(images, X, Y)
    assert {part: len(where) for part, where in images.parts.items()} == {"train": 30, "test": 10}
    same(load(tmp_path / "kmnist-test-imgs.npz"), X[30:], Y[30:])
    assert set(load(tmp_path / "kmnist-test-imgs.npz").parts) == {"all"}
    np.savez(tmp_path / "k49-train-imgs.npz", X)
    with pytest.raises(AmbiguousError, match="the sets k49 and kmnist"):
        load(tmp_path)


def test_two_arrays_without_names_are_told_by_their_shapes(tmp_path):
    np.savez(tmp_path / "a.npz", X, Y)
    same(load(tmp_path / "a.npz"), X, Y)


@pytest.mark.parametrize("kind", ["npz", "npy"])
def test_labels_that_are_missing_are_none(tmp_path, kind):
    labels = Y.astype(float)
    labels[3] = np.nan
    if kind == "npz":
        np.savez(tmp_path / "a.npz", images=X, labels=labels)
    else:
        np.save(tmp_path / "images.npy", X)
        np.save(tmp_path / "labels.npy", labels)
    same(load(tmp_path), X, [None if at == 3 else label for at, label in enumerate(Y)])


@pytest.mark.parametrize("white", [1, 15, 16, 1023, 4095, 65535])
def test_arrays_of_any_usual_range_become_bytes(tmp_path, white):
    written = np.rint(X / 255 * white).astype(np.uint8 if white < 256 else np.uint16)
    np.savez(tmp_path / "a.npz", images=written, labels=Y)
    same(load(tmp_path), np.rint(written * (255 / white)), Y)


def test_bytes_of_idx_have_ranges_too(tmp_path):
    idx(tmp_path / "train-images-idx3-ubyte", X // 128)
    idx(tmp_path / "train-labels-idx1-ubyte", Y)
    same(load(tmp_path), X // 128 * 255, Y)
    idx(tmp_path / "train-images-idx3-ubyte", X // 25)
    with pytest.raises(AmbiguousError, match="white may be 10 or 255"):
        load(tmp_path)
    same(load(tmp_path, value_range=10), np.rint(X // 25 * 25.5), Y)


def test_wider_labels_of_idx_are_read(tmp_path):
    """QMNIST: ``labels-idx2-int``, whose first column is the class."""
    wide = np.column_stack([Y, *[RANDOM.integers(0, 999, 40) for _ in range(7)]])
    idx(tmp_path / "qmnist-train-images-idx3-ubyte.gz", X)
    idx(tmp_path / "qmnist-train-labels-idx2-int.gz", wide, 0x0C, ">i4")
    same(load(tmp_path), X, Y)
    (tmp_path / "qmnist-train-labels-idx2-int.gz").unlink()
    idx(tmp_path / "qmnist-train-labels-idx1-int", Y * 1000, 0x0C, ">i4")
    same(load(tmp_path), X, Y * 1000)


@pytest.fixture(scope="module")
def records():
    images = RANDOM.integers(0, 256, (12, 32, 32, 3), dtype=np.uint8)
    return images, images.transpose(0, 3, 1, 2).reshape(12, -1), np.arange(12) % 10


def test_cifar_10_is_read_as_downloaded(tmp_path, records):
    images, planes, labels = records
    rows = np.column_stack([labels.astype(np.uint8), planes])
    for at in range(5):
        rows[2 * at : 2 * at + 2].tofile(tmp_path / f"data_batch_{at + 1}.bin")
    rows[10:].tofile(tmp_path / "test_batch.bin")
    (tmp_path / "batches.meta.txt").write_text("".join(f"class {at}\n" for at in range(10)))
    loaded = load(tmp_path)
    same(loaded, images, labels)
    assert loaded.class_names[3] == "class 3"
    assert {part: len(where) for part, where in loaded.parts.items()} == {"train": 10, "test": 2}
    same(load(tmp_path / "data_batch_1.bin"), images[:2], labels[:2])
    (tmp_path / "data_batch_1.bin").write_bytes(rows[:2].tobytes()[:-1])
    with pytest.raises(FormatError, match="does not hold whole records of CIFAR-10"):
        load(tmp_path)


def test_cifar_100_has_two_labels_of_which_one_can_be_asked_for(tmp_path, records):
    images, planes, labels = records
    rows = np.column_stack([(labels // 5).astype(np.uint8), (labels * 9).astype(np.uint8), planes])
    rows.tofile(tmp_path / "train.bin")
    (tmp_path / "fine_label_names.txt").write_text("".join(f"fine {at}\n" for at in range(100)))
    same(load(tmp_path), images, labels * 9)
    same(load(tmp_path, label="coarse"), images, labels // 5)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("data_batch_1", pickle.dumps({b"labels": [1]}), "is a Python pickle"),
        ("set.pkl", pickle.dumps([1]), "is a Python pickle"),
        ("train_32x32.mat", b"MATLAB 5.0 MAT-file" + bytes(200), "is a MATLAB file"),
        ("set.h5", b"\x89HDF\r\n\x1a\n" + bytes(100), "is an HDF5 file"),
        ("set.tfrecord", bytes(100), "is a TFRecord file"),
        ("set.arrow", b"ARROW1" + bytes(100), "is an Arrow file"),
    ],
)
def test_forms_that_are_not_read_are_refused_by_name(tmp_path, name, content, sentence):
    (tmp_path / name).write_bytes(content)
    for place in (tmp_path, tmp_path / name):
        with pytest.raises(FormatError, match=sentence) as caught:
            load(place)
        assert caught.value.hint


@pytest.mark.parametrize(
    ("kind", "shape"), [("|u1", (1,) * 64), ("|u1", (1,) * 33), ("<U0", (10**10, 28, 28))]
)
def test_arrays_that_no_image_is_are_refused(tmp_path, kind, shape):
    text = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}".encode()
    head = b"\x93NUMPY\1\0" + len(text).to_bytes(2, "little") + text
    (tmp_path / "images.npy").write_bytes(head + bytes(1))
    with pytest.raises(FormatError, match="which is no array of images"):
        load(tmp_path / "images.npy")


def parquet(path, **columns):
    polars.DataFrame(columns).write_parquet(path)
    return path


def pixel_columns(images):
    return {f"pixel{at}": column for at, column in enumerate(images.reshape(len(images), -1).T)}


def test_columns_of_parquet_mean_what_they_mean_in_a_table(tmp_path):
    when = polars.Series([0] * 40).cast(polars.Datetime)
    path = tmp_path / "a.parquet"
    images = load(
        parquet(
            path,
            id=range(40),
            label=Y,
            when=when,
            note=[f"n{at}" for at in range(40)],
            extra=[b"x"] * 40,
            split=["test" if at % 4 == 0 else "train" for at in range(40)],
            **pixel_columns(X),
        )
    )
    order = np.argsort(np.arange(40) % 4 == 0, kind="stable")
    same(images, X[order], Y[order])
    assert {part: len(where) for part, where in images.parts.items()} == {"train": 30, "test": 10}
    words = ["abcd"[label] for label in Y]
    same(load(parquet(path, image=X.tolist(), what=words)), X, words)
    same(load(parquet(path, label=Y, **pixel_columns(X // 16))), np.rint(X // 16 * 17), Y)
    hot = {f"is_{word}": (at == Y).astype(int) for at, word in enumerate("abcd")}
    same(load(parquet(path, **hot, **pixel_columns(X))), X, words)


def test_columns_of_parquet_that_are_no_pixels_are_none(tmp_path):
    when = polars.Series([0] * 3).cast(polars.Datetime)
    text = parquet(
        tmp_path / "a.parquet", label=[0, 1, 0], a=[1.0, 2, 3], b=[1, 2, 3], s=["x"] * 3, when=when
    )
    with pytest.raises((FormatError, SourceError), match="no column of images"):
        load(text)
    prices = {f"f{at}": RANDOM.gamma(2, 10 ** (at % 7 - 2), 40) for at in range(64)}
    with pytest.raises(AmbiguousError, match="may be pixels, or measurements"):
        load(parquet(tmp_path / "b.parquet", label=Y, **prices))
