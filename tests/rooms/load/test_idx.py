from __future__ import annotations

import gzip
import struct
import tracemalloc

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hangtag.errors import FormatError, SourceError, UsageError
from hangtag.rooms.load import load

TRAIN_IMAGES = "train-images-idx3-ubyte.gz"
TRAIN_LABELS = "train-labels-idx1-ubyte.gz"


def refused(error, match, folder):
    with pytest.raises(error, match=match) as caught:
        load(folder)
    assert isinstance(caught.value, UsageError)
    assert caught.value.exit_code == 2
    assert caught.value.hint
    assert "\n" not in caught.value.message


@pytest.mark.parametrize("pack", [True, False])
def test_packed_and_plain_files_give_the_same_images(tmp_path, small, write, holds, pack):
    holds(load(write.idx(tmp_path / "set", small, pack=pack)))


def test_xz_files_are_read_too(tmp_path, small, write, holds):
    import lzma

    folder = write.idx(tmp_path / "set", small, pack=False)
    for file in list(folder.iterdir()):
        file.with_name(f"{file.name}.xz").write_bytes(lzma.compress(file.read_bytes()))
        file.unlink()
    holds(load(folder))


def test_one_file_of_a_pair_loads_its_part(tmp_path, small, write):
    folder = write.idx(tmp_path / "set", small)
    images = load(folder / TRAIN_IMAGES)
    assert dict(images.parts) == {"train": range(24)}
    assert load(folder / TRAIN_LABELS).fingerprint == images.fingerprint


def test_the_notes_say_how_the_format_was_told(tmp_path, small, write):
    note = load(write.idx(tmp_path / "set", small)).notes[0]
    assert note.startswith("read as idx, because the folder holds t10k-images-idx3-ubyte.gz")


def test_colour_images_have_a_fourth_dimension(tmp_path, write):
    pixels = np.random.default_rng(0).integers(0, 256, (5, 4, 4, 3), dtype=np.uint8)
    (tmp_path / "images-idx4-ubyte").write_bytes(write.idx_bytes(pixels))
    (tmp_path / "labels-idx1-ubyte").write_bytes(write.idx_bytes(np.arange(5)))
    images = load(tmp_path)
    assert np.array_equal(images.images, pixels)
    assert dict(images.parts) == {"all": range(5)}


def test_a_truncated_gzip_is_refused(tmp_path, small, write):
    folder = write.idx(tmp_path / "set", small)
    file = folder / TRAIN_IMAGES
    file.write_bytes(file.read_bytes()[:-20])
    refused(FormatError, f"{TRAIN_IMAGES} is cut off: its gzip packing ends too early", folder)


def test_a_wrong_magic_number_is_refused(tmp_path, small, write):
    folder = write.idx(tmp_path / "set", small)
    (folder / TRAIN_IMAGES).write_bytes(gzip.compress(b"<html>not found</html>"))
    refused(FormatError, f"{TRAIN_IMAGES} is not an IDX file: it begins with 3c 68 74 6d", folder)


def test_counts_that_differ_are_refused(tmp_path, small, write):
    folder = write.idx(tmp_path / "set", small)
    (folder / TRAIN_LABELS).write_bytes(gzip.compress(write.idx_bytes(small.y_train[:-1])))
    refused(FormatError, f"{TRAIN_LABELS} holds 23 labels, but {TRAIN_IMAGES} holds 24", folder)


@pytest.mark.parametrize("shape", [(2**32 - 1,) * 3, (60_000, 2**16, 2**16), (10**6, 28, 28)])
def test_dimensions_larger_than_the_bytes_are_refused_before_allocating(
    tmp_path, small, write, shape
):
    folder = write.idx(tmp_path / "set", small)
    content = struct.pack(">HBB3I", 0, 8, 3, *shape) + bytes(1000)
    (folder / TRAIN_IMAGES).write_bytes(gzip.compress(content))
    tracemalloc.start()
    try:
        refused(FormatError, "declares .* more than a file of .* bytes can hold", folder)
        assert tracemalloc.get_traced_memory()[1] < 20e6
    finally:
        tracemalloc.stop()


def test_fewer_bytes_than_declared_are_refused(tmp_path, small, write):
    folder = write.idx(tmp_path / "set", small)
    content = struct.pack(">HBB3I", 0, 8, 3, 25, 6, 6) + small.x_train.tobytes()
    (folder / TRAIN_IMAGES).write_bytes(gzip.compress(content))
    (folder / TRAIN_LABELS).write_bytes(gzip.compress(write.idx_bytes(np.zeros(25))))
    refused(FormatError, "declares 25×6×6 = 900 bytes; only 864 are there", folder)


def test_more_bytes_than_declared_are_refused(tmp_path, small, write):
    folder = write.idx(tmp_path / "set", small)
    content = write.idx_bytes(small.x_train) + b"\0"
    (folder / TRAIN_IMAGES).write_bytes(gzip.compress(content))
    refused(FormatError, "holds more than the 24×6×6 bytes it declares", folder)


@pytest.mark.parametrize(
    ("name", "missing"),
    [(TRAIN_LABELS, "train-labels-idx1-ubyte"), (TRAIN_IMAGES, "train-images-idx3-ubyte")],
)
def test_a_missing_file_is_named(tmp_path, small, write, name, missing):
    folder = write.idx(tmp_path / "set", small)
    (folder / name).unlink()
    refused(SourceError, rf"but no {missing}\(.gz\)", folder)


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    refused(SourceError, "there is no file or folder", tmp_path / "nowhere")


def test_an_empty_set_is_refused(tmp_path, write):
    (tmp_path / "images-idx3-ubyte").write_bytes(write.idx_bytes(np.zeros((0, 6, 6))))
    (tmp_path / "labels-idx1-ubyte").write_bytes(write.idx_bytes(np.zeros(0)))
    refused(FormatError, "holds no image", tmp_path)


def test_swapped_images_and_labels_are_refused(tmp_path, small, write):
    folder = write.idx(tmp_path / "set", small)
    images, labels = folder / TRAIN_IMAGES, folder / TRAIN_LABELS
    content = images.read_bytes()
    images.write_bytes(labels.read_bytes())
    labels.write_bytes(content)
    refused(FormatError, "declares 1 dimensions; it needs 3 or 4", folder)


def test_floats_are_refused_by_name(tmp_path, small, write):
    folder = write.idx(tmp_path / "set", small)
    (folder / TRAIN_IMAGES).write_bytes(gzip.compress(b"\0\0\x0d\3" + bytes(100)))
    refused(FormatError, "holds floats; images and labels here are bytes", folder)


def test_parts_of_different_sizes_are_refused(tmp_path, small, write):
    folder = write.idx(tmp_path / "set", small)
    (folder / TRAIN_IMAGES).write_bytes(gzip.compress(write.idx_bytes(np.zeros((24, 5, 6)))))
    refused(FormatError, "the parts have images of different sizes", folder)


def test_two_sets_in_one_folder_are_refused(tmp_path, small, write):
    folder = write.idx(tmp_path / "set", small)
    for file in list(folder.iterdir()):
        (folder / f"letters-{file.name}").write_bytes(file.read_bytes())
    refused(SourceError, "holds two sets", folder)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_any_damage_is_refused_or_does_not_matter(tmp_path_factory, small, write, data):
    """Cut, flip or overwrite bytes anywhere: a typed error, or images of the declared shape."""
    folder = write.idx(tmp_path_factory.mktemp("damaged"), small, pack=data.draw(st.booleans()))
    file = data.draw(st.sampled_from(sorted(folder.iterdir())))
    content = bytearray(file.read_bytes())
    kind = data.draw(st.sampled_from(["cut", "change", "add", "replace"]))
    at = data.draw(st.integers(0, len(content) - 1))
    if kind == "cut":
        content = content[:at]
    elif kind == "change":
        content[at] ^= data.draw(st.integers(1, 255))
    elif kind == "add":
        content += data.draw(st.binary(min_size=1, max_size=40))
    else:
        content = bytearray(data.draw(st.binary(max_size=60)))
    file.write_bytes(content)
    try:
        images = load(folder)
    except UsageError as error:
        assert error.hint
    else:
        assert len(images.images) == len(images.labels) == sum(map(len, images.parts.values()))
        assert images.images.shape[1] * images.images.shape[2] > 0
