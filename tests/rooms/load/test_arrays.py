from __future__ import annotations

import io
import zipfile

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from hangtag.errors import FormatError, OptionError, SourceError, UsageError
from hangtag.rooms.load import from_arrays, load
from hangtag.rooms.load.arrays import kind_of, side_of

GREY = np.random.default_rng(0).integers(0, 256, (6, 5, 4), dtype=np.uint8)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("x_train", ("train", "pictures")),
        ("Y_Test", ("test", "labels")),
        ("X", ("all", "pictures")),
        ("y", ("all", "labels")),
        ("images", ("all", "pictures")),
        ("train_images", ("train", "pictures")),
        ("val_labels", ("validation", "labels")),
        ("x_valid", ("validation", "pictures")),
        ("images-test", ("test", "pictures")),
        ("target", ("all", "labels")),
        ("weights", ("all", "")),
        ("train", ("train", "")),
    ],
)
def test_names_say_part_and_content(name, kind):
    assert kind_of(name) == kind


@pytest.mark.parametrize(
    ("pixels", "square"),
    [
        (784, (28, 28, 1)),
        (3072, (32, 32, 3)),
        (1, (1, 1, 1)),
        (3, (1, 1, 3)),
        (392, None),
        (0, None),
    ],
)
def test_rows_of_values_are_squares_grey_or_in_colour(pixels, square):
    assert side_of(pixels) == square


@pytest.mark.parametrize(
    ("given_images", "expected"),
    [
        (GREY, GREY),
        (GREY[..., None], GREY),
        (GREY.astype(np.int64), GREY),
        (GREY.astype(np.float64), GREY),
        (GREY / 255, GREY),
        (np.asfortranarray(GREY), GREY),
        (GREY > 127, np.where(GREY > 127, 255, 0)),
    ],
    ids=["bytes", "one channel", "whole numbers", "whole floats", "0 to 1", "fortran", "booleans"],
)
def test_every_usual_kind_of_values_becomes_bytes(given_images, expected):
    images = from_arrays(given_images, range(6))
    assert np.array_equal(images.images[..., 0], expected)
    assert images.images.dtype == np.uint8


def test_channels_first_become_channels_last():
    colour = np.random.default_rng(0).integers(0, 256, (6, 5, 7, 3), dtype=np.uint8)
    images = from_arrays(colour.transpose(0, 3, 1, 2), range(6))
    assert np.array_equal(images.images, colour)
    assert "channels came first and were put last" in images.notes


def test_transparent_pixels_are_laid_over_white():
    pixels = np.zeros((1, 1, 3, 4), np.uint8)
    pixels[0, 0, :, 3] = (0, 128, 255)
    assert from_arrays(pixels, [0]).images[0, 0, :, 0].tolist() == [255, 127, 0]


@pytest.mark.parametrize(
    ("images", "sentence"),
    [
        (GREY - 0.5, "holds values from"),
        (GREY.astype(np.int64) + 256, "holds values from 2"),
        (np.full((2, 3, 3), np.nan), "holds values from nan"),
        (np.full((2, 3, 3), np.inf), "holds values from inf"),
        (np.array([["a"]]), "holds"),
        (np.zeros((2, 0, 3)), "without pixels"),
        (np.zeros(5), "is 5, which is not a shape of images"),
        (np.zeros((2, 5, 5, 2)), "is 2×5×5×2, which is not a shape"),
        (np.zeros((2, 7)), "is 2×7, which is not a shape"),
        (np.zeros((0, 3, 3)), "holds no image"),
    ],
)
def test_what_is_no_image_is_refused(images, sentence):
    with pytest.raises(FormatError, match=sentence) as caught:
        from_arrays(images)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("labels", "codes"),
    [
        ([5, 9, 5, 9, 5, 9], (5, 9)),
        (np.array([[1], [0], [1], [0], [1], [0]]), (0, 1)),
        (np.eye(3)[[0, 2, 0, 2, 0, 2]], (0, 2)),
        ([5.0, 9.0, 5.0, 9.0, 5.0, 9.0], (5, 9)),
        (["b", "a", "b", "a", "b", "a"], ("a", "b")),
        (np.array([b"b", b"a"] * 3), ("a", "b")),
        ([True, False] * 3, (0, 1)),
    ],
    ids=["numbers", "column", "one-hot", "floats", "text", "bytes", "booleans"],
)
def test_every_usual_kind_of_labels_becomes_dense_classes(labels, codes):
    images = from_arrays(GREY, labels)
    assert images.class_codes == codes
    assert sorted(set(images.labels.tolist())) == [0, 1]


@pytest.mark.parametrize(
    ("labels", "sentence"),
    [
        (np.eye(3)[[0, 1, 2, 0, 1, 2]] * 2, "has 3 labels for each image"),
        (np.zeros((6, 3, 3)), "not one label for each image"),
        ([0.5] * 6, "labels are whole numbers or text"),
        ([1, 2, 3], "has 6 images in all images and 3 labels in all labels"),
    ],
)
def test_what_is_no_label_is_refused(labels, sentence):
    with pytest.raises(FormatError, match=sentence) as caught:
        from_arrays(GREY, labels)
    assert caught.value.hint


def test_parts_come_in_their_order_and_may_lack_labels():
    images = from_arrays({"test": GREY[:2], "train": GREY[2:]}, {"train": [3, 1, 3, 1]})
    assert dict(images.parts) == {"test": range(2), "train": range(2, 6)}
    assert images.labels.tolist() == [-1, -1, 1, 0, 1, 0]


def test_class_names_can_be_given():
    assert from_arrays(GREY, [4, 7] * 3, class_names=("coat", "bag")).class_names == ("coat", "bag")
    with pytest.raises(OptionError, match="3 class names for 2 classes"):
        from_arrays(GREY, [4, 7] * 3, class_names=("a", "b", "c"))
    with pytest.raises(OptionError, match="labels for test, but images for all"):
        from_arrays(GREY, {"test": [1]})


def test_named_labels_of_a_known_set_give_its_class_names(fashion):
    rows = slice(60_000, 70_000)
    images = from_arrays({"test": fashion.images[rows]}, {"test": fashion.labels[rows]})
    assert images.class_names == fashion.class_names
    assert "labels are those of Fashion-MNIST, so its class names are used" in images.notes


# --- .npz and .npy ------------------------------------------------------------------------------


def test_an_npz_of_keras_is_read_by_its_names(tmp_path):
    np.savez(tmp_path / "mnist.npz", x_train=GREY, y_train=range(6), x_test=GREY[:2], y_test=[0, 1])
    images = load(tmp_path / "mnist.npz")
    assert dict(images.parts) == {"train": range(6), "test": range(6, 8)}
    assert load(tmp_path).fingerprint == images.fingerprint


def test_other_arrays_in_an_npz_are_left_alone(tmp_path):
    np.savez(tmp_path / "set.npz", images=GREY, labels=range(6), mean=np.float64(3))
    assert len(load(tmp_path / "set.npz")) == 6


def test_an_npz_without_its_suffix_is_told_by_its_members(tmp_path):
    np.savez(tmp_path / "set.npz", images=GREY, labels=range(6))
    (tmp_path / "set.npz").rename(tmp_path / "set.zip")
    assert load(tmp_path / "set.zip").format == "npz"


def test_an_npy_without_labels_is_loaded_without(tmp_path):
    np.save(tmp_path / "cats.npy", GREY.reshape(6, -1)[:, :16])
    images = load(tmp_path / "cats.npy")
    assert images.shape == (4, 4, 1)
    assert (images.labels == -1).all()


def test_one_file_of_an_npy_pair_finds_the_other(tmp_path):
    np.save(tmp_path / "images.npy", GREY)
    np.save(tmp_path / "labels.npy", np.arange(6))
    assert load(tmp_path / "images.npy").n_classes == 6
    (tmp_path / "images.npy").unlink()
    with pytest.raises(SourceError, match="holds labels; no images lie beside it"):
        load(tmp_path / "labels.npy")


def header(text: str, version: int = 1) -> bytes:
    content = text.encode()
    return b"\x93NUMPY" + bytes([version, 0]) + len(content).to_bytes(2, "little") + content


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (
            header("{'descr': '|u1', 'fortran_order': False, 'shape': (32, 1024, 1048576), }"),
            "declares",
        ),
        (header("{'descr': '|O', 'fortran_order': False, 'shape': (2,), }") + bytes(16), "objects"),
        (header("{'descr': '|u1', 'fortran_order': False, 'shape': (-1,), }"), "damaged header"),
        (header("{'descr': '|u1', 'fortran_order': False, 'shape': (True,), }"), "damaged header"),
        (header("__import__('os').system('touch /tmp/ran')"), "damaged header"),
        (header("[" * 3000), "damaged header"),
        (header("{}"), "damaged header"),
        (header("{}", version=9), "header that numpy does not write"),
        (b"\x93NUMPY", "not a NumPy file"),
        (b"\x93NUMPY\x02\x00\xff\xff\xff\xff", "header that numpy does not write"),
    ],
)
def test_a_hostile_npy_is_refused_before_allocating(tmp_path, content, sentence):
    (tmp_path / "images.npy").write_bytes(content)
    with pytest.raises(FormatError, match=sentence) as caught:
        load(tmp_path / "images.npy")
    assert caught.value.hint


def test_objects_in_an_npz_are_refused_and_never_unpacked(tmp_path):
    class Trap:
        def __reduce__(self):
            return (open, (str(tmp_path / "ran"), "w"))

    np.savez(tmp_path / "set.npz", images=np.array([Trap()], object), labels=[1])
    with pytest.raises(FormatError, match="holds Python objects, which are never unpacked"):
        load(tmp_path / "set.npz")
    assert not (tmp_path / "ran").exists()


def test_an_npz_member_that_declares_more_than_is_there_is_refused(tmp_path):
    content = header("{'descr': '|u1', 'fortran_order': False, 'shape': (9000000000, 28, 28), }")
    with zipfile.ZipFile(tmp_path / "set.npz", "w") as archive:
        archive.writestr("images.npy", content + bytes(100))
    with pytest.raises(FormatError, match=r"images\.npy in set\.npz declares"):
        load(tmp_path / "set.npz")


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    array=hnp.arrays(
        st.one_of(hnp.integer_dtypes(), hnp.floating_dtypes(sizes=(32, 64)), hnp.boolean_dtypes()),
        hnp.array_shapes(min_dims=0, max_dims=5, min_side=0, max_side=5),
    )
)
def test_any_array_is_refused_or_becomes_images(tmp_path_factory, array):
    path = tmp_path_factory.mktemp("npy") / "images.npy"
    np.save(path, array)
    try:
        images = load(path)
    except UsageError as error:
        assert error.hint
        assert "\n" not in error.message
    else:
        assert images.images.dtype == np.uint8
        assert len(images) == len(array)
        assert images.images.size == array.size or array.shape[-1] == 4


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=80), extra=st.binary(max_size=20))
def test_any_header_is_refused_or_read(tmp_path_factory, text, extra):
    path = tmp_path_factory.mktemp("npy") / "images.npy"
    path.write_bytes(header(text) + extra)
    with pytest.raises(UsageError):
        load(path)


def test_writing_to_memory_is_what_numpy_reads_back(tmp_path):
    """Our reader and numpy's agree on every kind of header numpy writes."""
    from hangtag.rooms.load.npy import read_stream

    for version in ((1, 0), (2, 0), (3, 0)):
        for array in (GREY, np.asfortranarray(GREY), GREY.astype(">i4"), np.array(["ä", "b"])):
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, array, version=version)
            size = buffer.tell()
            buffer.seek(0)
            assert np.array_equal(read_stream(buffer, size, "it"), array)
