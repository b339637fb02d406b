"""Pixel tables as people have them: what is read is what is there, or it is a question."""

from __future__ import annotations

import numpy as np
import pytest

from hangtag.errors import AmbiguousError, FormatError, SourceError
from hangtag.rooms.load import load
from hangtag.rooms.load.split import automatic, split

NAMES = [f"pixel{at}" for at in range(64)]
WORDS = "abcdefghij"


@pytest.fixture(scope="module")
def digits():
    images = load("digits")
    return images.images[:200, ..., 0].copy(), images.labels[:200].copy()


@pytest.fixture(scope="module")
def colour():
    """60 smooth images in colour, and labels."""
    random = np.random.default_rng(0)
    noise = random.normal(size=(60, 16, 16, 3)).cumsum(axis=1).cumsum(axis=2)
    low = noise.min(axis=(1, 2, 3), keepdims=True)
    high = noise.max(axis=(1, 2, 3), keepdims=True)
    return ((noise - low) / (high - low) * 255).astype(np.uint8), random.integers(0, 3, 60)


def fields(images):
    """The columns of a table of images."""
    return [column.tolist() for column in images.reshape(len(images), -1).T]


def write(path, columns, header=None, separator=",", encoding="utf-8"):
    lines = [separator.join(map(str, row)) for row in zip(*columns, strict=True)]
    text = "\n".join([separator.join(header), *lines] if header else lines) + "\n"
    path.write_bytes(text.encode(encoding))
    return path


def codes(images):
    return [images.class_codes[label] if label >= 0 else None for label in images.labels]


def same(images, pixels, labels=None):
    assert np.array_equal(images.images.reshape(len(images), -1), pixels.reshape(len(pixels), -1))
    assert codes(images) == ([None] * len(pixels) if labels is None else list(labels))


# --- which columns are pixels, and which one is the label -------------------------------------


@pytest.mark.parametrize(
    "names",
    [
        NAMES,
        [f"{row}x{column}" for row in range(1, 9) for column in range(1, 9)],
        [f"pixel_{row}_{column}" for row in range(8) for column in range(8)],
        [f"r{row}c{column}" for row in range(8) for column in range(8)],
        [str(at) for at in range(64)],
        [f"V{at}" for at in range(1, 65)],
    ],
    ids=["pixel", "1x1", "pixel_0_0", "r0c0", "numbers", "V1"],
)
@pytest.mark.parametrize("label", ["label", "Class", "target", "y", "emotion"])
def test_names_of_pixels_and_labels_are_understood(tmp_path, digits, names, label):
    pixels, labels = digits
    same(
        load(write(tmp_path / "a.csv", [labels, *fields(pixels)], [label, *names])), pixels, labels
    )
    same(
        load(write(tmp_path / "a.csv", [*fields(pixels), labels], [*names, label])), pixels, labels
    )


@pytest.mark.parametrize("order", ["as they come", "sorted"])
@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize("named", [False, True], ids=["no header", "0,1,…,64"])
def test_without_names_the_label_is_told_by_all_rows(tmp_path, digits, order, last, named):
    pixels, labels = digits
    if order == "sorted":
        rows = np.argsort(labels, kind="stable")
        pixels, labels = pixels[rows], labels[rows]
    columns = [*fields(pixels), labels] if last else [labels, *fields(pixels)]
    header = [str(at) for at in range(65)] if named else None
    same(load(write(tmp_path / "a.csv", columns, header)), pixels, labels)


@pytest.mark.parametrize("last", [False, True])
def test_words_in_a_table_without_header_are_its_labels(tmp_path, digits, last):
    pixels, labels = digits
    words = [WORDS[label] for label in labels]
    columns = [*fields(pixels), words] if last else [words, *fields(pixels)]
    same(load(write(tmp_path / "a.csv", columns)), pixels, words)


@pytest.mark.parametrize("name", ["ImageId", "id", "", "uuid", "row_name"])
def test_a_column_in_which_all_values_differ_is_no_label(tmp_path, digits, name):
    pixels, labels = digits
    numbers = range(1, 201)
    header = [name, *NAMES]
    same(load(write(tmp_path / "a.csv", [numbers, *fields(pixels)], header)), pixels)
    header = [name, "label", *NAMES]
    same(
        load(write(tmp_path / "b.csv", [numbers, labels, *fields(pixels)], header)), pixels, labels
    )
    same(load(write(tmp_path / "c.csv", [numbers, *fields(pixels)])), pixels)
    same(load(write(tmp_path / "d.csv", [numbers, labels, *fields(pixels)])), pixels, labels)


def test_a_label_of_any_name_is_the_only_column_whose_values_repeat(tmp_path, digits):
    pixels, labels = digits
    words = [WORDS[label] for label in labels]
    ids = [f"u{at}" for at in range(200)]
    path = write(tmp_path / "a.csv", [ids, words, *fields(pixels)], ["uuid", "what", *NAMES])
    same(load(path), pixels, words)
    both = [labels, labels % 3, *fields(pixels)]
    for header in (["what", "other", *NAMES], ["fine_label", "coarse_label", *NAMES]):
        path = write(tmp_path / "a.csv", both, header)
        with pytest.raises(AmbiguousError, match=f"may be in '{header[0]}' or '{header[1]}'"):
            load(path)
        same(load(path, label=header[1]), pixels, labels % 3)


def test_a_second_column_that_says_the_same_gives_the_names(tmp_path, digits):
    pixels, labels = digits
    words = [WORDS[label] for label in labels]
    path = write(tmp_path / "a.csv", [labels, words, *fields(pixels)], ["label", "class", *NAMES])
    images = load(path)
    same(images, pixels, labels)
    assert images.class_names == tuple(WORDS)


def test_prices_are_never_pixels(tmp_path):
    random = np.random.default_rng(0)
    prices = [
        (random.gamma(2, size=40) * 10**scale).round(2) for scale in random.uniform(-1, 4, 64)
    ]
    for header in (["name", "price", "stock", "width"], [f"f{at}" for at in range(64)], None):
        columns = prices[: len(header)] if header else prices
        with pytest.raises((SourceError, AmbiguousError)):
            load(write(tmp_path / "a.csv", columns, header))


def test_what_is_no_image_by_its_names_can_be_said_to_be_one(tmp_path, digits):
    pixels, labels = digits
    small = pixels[:, 2:6, 2:6]
    header = ["label", *(WORDS[at // 4] + WORDS[at % 4] for at in range(16))]
    path = write(tmp_path / "a.csv", [labels, *fields(small)], header)
    with pytest.raises(SourceError):
        load(path)
    same(load(path, format="csv"), small, labels)


def test_a_row_that_was_made_a_header_is_named(tmp_path, digits):
    pixels, labels = digits
    seen: dict[str, int] = {}
    header = []
    for field in map(str, [labels[0], *pixels[0].ravel()]):
        header.append(f"{field}.{seen[field]}" if field in seen else field)
        seen[field] = seen.get(field, 0) + 1
    images = load(write(tmp_path / "a.csv", [labels[1:], *fields(pixels[1:])], header))
    same(images, pixels[1:], labels[1:])
    assert "one image is lost" in images.unreadable[0].reason


# --- one-hot, missing labels, encodings, decimal comma ----------------------------------------


@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize("named", [False, True])
def test_one_hot_labels_are_one_label(tmp_path, digits, last, named):
    pixels, labels = digits
    hot = np.eye(10, dtype=int)[labels].T.tolist()
    names = [f"class_{word}" for word in WORDS]
    columns = [*fields(pixels), *hot] if last else [*hot, *fields(pixels)]
    header = ([*NAMES, *names] if last else [*names, *NAMES]) if named else None
    wanted = [WORDS[label] for label in labels] if named else labels
    same(load(write(tmp_path / "a.csv", columns, header)), pixels, wanted)


@pytest.mark.parametrize("word", ["NaN", "nan", "?", "", " ", "N/A", "<NA>"])
def test_what_stands_for_no_label_is_none(tmp_path, digits, word):
    pixels, labels = digits
    for written in (labels.tolist(), [WORDS[label] for label in labels]):
        wanted = [None if at in (3, 7) else label for at, label in enumerate(written)]
        given = [word if label is None else label for label in wanted]
        path = write(tmp_path / "a.csv", [given, *fields(pixels)], ["label", *NAMES])
        same(load(path), pixels, wanted)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "utf-16", "utf-16-be"])
def test_usual_encodings_are_read(tmp_path, digits, encoding):
    pixels, labels = digits
    words = [["été", "größe", "hiver"][label % 3] for label in labels]
    columns, header = [words, *fields(pixels)], ["label", *NAMES]
    images = load(write(tmp_path / "a.csv", columns, header, encoding=encoding))
    same(images, pixels, words)
    assert any("was read as" in note for note in images.notes) == ("utf-8" not in encoding)


def test_other_encodings_are_refused(tmp_path, digits):
    pixels, labels = digits
    words = [["кот", "собака"][label % 2] for label in labels]
    path = write(tmp_path / "a.csv", [words, *fields(pixels)], ["label", *NAMES], encoding="cp1251")
    with pytest.raises(FormatError) as caught:
        load(path)
    assert "is not in UTF-8" in caught.value.hint


@pytest.mark.parametrize("separator", [";", "\t", "|"])
@pytest.mark.parametrize("named", [False, True])
def test_numbers_may_be_written_with_a_comma(tmp_path, digits, separator, named):
    pixels, labels = digits
    written = [[f"{value / 255:.4f}".replace(".", ",") for value in one] for one in fields(pixels)]
    header = ["label", *NAMES] if named else None
    path = write(tmp_path / "a.csv", [labels, *written], header, separator)
    same(load(path), pixels, labels)


# --- parts ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "words", "parts"),
    [
        ("split", ("train", "test"), ("train", "test")),
        ("Usage", ("Training", "PrivateTest"), ("train", "test")),
        ("partition", ("train", "dev"), ("train", "validation")),
        ("is_valid", ("False", "True"), ("train", "validation")),
        ("is_train", ("1", "0"), ("train", "test")),
        ("phase", ("train", "val"), ("train", "validation")),
        (None, ("train", "test"), ("train", "test")),
    ],
)
def test_a_tables_own_division_counts(tmp_path, digits, name, words, parts):
    pixels, labels = digits
    which = np.arange(200) % 4 == 0
    column = [words[one] for one in which.astype(int)]
    header = ["label", name, *NAMES] if name else None
    images = load(write(tmp_path / "a.csv", [labels, column, *fields(pixels)], header))
    order = np.argsort(which, kind="stable")
    same(images, pixels[order], labels[order])
    assert {part: len(where) for part, where in images.parts.items()} == {
        parts[0]: 150,
        parts[1]: 50,
    }


def test_folds_are_held_apart_and_said(tmp_path, digits):
    pixels, labels = digits
    folds = [at % 5 + 1 for at in range(200)]
    path = write(tmp_path / "a.csv", [labels, folds, *fields(pixels)], ["label", "fold", *NAMES])
    images = load(path)
    sizes = {part: len(where) for part, where in images.parts.items()}
    assert sizes == {"train": 120, "validation": 40, "test": 40}
    assert any("fold 5 is the test part, fold 4 validation" in note for note in images.notes)
    assert automatic(images) == "official"
    assert dict(load(path, parts=False).parts) == {"all": range(200)}


def test_a_part_without_labels_is_no_test(tmp_path, digits):
    """Kaggle's train.csv, test.csv without labels, and sample_submission.csv."""
    pixels, labels = digits
    write(tmp_path / "train.csv", [labels[:150], *fields(pixels[:150])], ["label", *NAMES])
    write(tmp_path / "test.csv", fields(pixels[150:]), NAMES)
    write(tmp_path / "sample_submission.csv", [range(50), [0] * 50], ["ImageId", "Label"])
    images = load(tmp_path)
    same(images, pixels, [*labels[:150], *[None] * 50])
    assert any("sample_submission.csv was passed over" in note for note in images.notes)
    divided = split(images, "auto", seed=0)
    assert divided.recipe == "stratified:0.2+test:0.2"
    assert len(divided.test) == 30
    assert max(divided.test) < 150


def test_a_table_that_lies_alone_is_all_there_is(tmp_path, digits):
    pixels, labels = digits
    path = write(tmp_path / "my_test.csv", [labels, *fields(pixels)], ["label", *NAMES])
    assert dict(load(path).parts) == {"all": range(200)}


def test_pixels_in_one_column_are_read(tmp_path, digits):
    """fer2013: ``emotion,pixels,Usage``."""
    pixels, labels = digits
    rows = [" ".join(map(str, one)) for one in pixels.reshape(200, -1)]
    usage = ["Training"] * 150 + ["PublicTest"] * 25 + ["PrivateTest"] * 25
    path = write(tmp_path / "fer.csv", [labels, rows, usage], ["emotion", "pixels", "Usage"])
    images = load(path)
    same(images, pixels, labels)
    assert {part: len(where) for part, where in images.parts.items()} == {
        "train": 150,
        "validation": 25,
        "test": 25,
    }
    lists = [f'"[{", ".join(map(str, one))}]"' for one in pixels.reshape(200, -1)]
    same(load(write(tmp_path / "l.csv", [lists, labels], ["image", "y"])), pixels, labels)


# --- ranges and orders ------------------------------------------------------------------------


@pytest.mark.parametrize("white", [1, 15, 16, 255, 1023, 4095, 65535])
@pytest.mark.parametrize("header", [True, False])
def test_usual_ranges_become_bytes(tmp_path, digits, white, header):
    pixels, labels = digits
    written = np.rint(pixels / 255 * white).astype(int)
    path = write(
        tmp_path / "a.csv", [labels, *fields(written)], ["label", *NAMES] if header else None
    )
    images = load(path)
    same(images, np.rint(written * (255 / white)).astype(np.uint8), labels)
    assert any("became 0 to 255" in note for note in images.notes) == (white != 255)


@pytest.mark.parametrize("top", [3, 9, 63, 100, 127, 300, 511, 2000, 16383])
def test_a_range_that_may_be_two_is_a_question(tmp_path, digits, top):
    pixels, labels = digits
    written = np.rint(pixels / 255 * top).astype(int)
    path = write(tmp_path / "a.csv", [labels, *fields(written)], ["label", *NAMES])
    with pytest.raises(AmbiguousError, match=f"white may be {top} or ") as caught:
        load(path)
    assert f"--range {top}" in caught.value.hint
    same(load(path, value_range=top), np.rint(written * (255 / top)).astype(np.uint8), labels)


def test_each_part_has_its_own_range(tmp_path, digits):
    pixels, labels = digits
    write(tmp_path / "train.csv", [labels[:150], *fields(pixels[:150])], ["label", *NAMES])

    def test_part(values):
        write(tmp_path / "test.csv", [labels[150:], *fields(values)], ["label", *NAMES])
        return load(tmp_path)

    images = test_part(np.round(pixels[150:] / 255, 4))
    same(images, pixels, labels)
    assert "values from 0 to 1 became 0 to 255 in test" in images.notes
    for values, sentence in (
        (np.round(pixels[150:] / 255 / 255, 7), "as if divided by 255 twice"),
        (np.round((pixels[150:] - 80.0) / 90, 4), "the test part of .* holds values from -"),
    ):
        with pytest.raises(FormatError, match=sentence):
            test_part(values)


@pytest.mark.parametrize("grey", [False, True])
def test_planar_and_interleaved_rows_are_told_apart(tmp_path, colour, grey):
    images, labels = colour
    if grey:
        images = np.repeat(images[..., :1], 3, axis=3)
    planar = images.transpose(0, 3, 1, 2)
    names = [f"pixel{at}" for at in range(768)]
    for rows in (images, planar):
        path = write(tmp_path / "a.csv", [labels, *fields(rows)], ["label", *names])
        loaded = load(path)
        same(loaded, images, labels)
        assert any("planar" in note for note in loaded.notes) == (rows is planar)
        np.savez(tmp_path / "a.npz", data=rows.reshape(60, -1), labels=labels)
        same(load(tmp_path / "a.npz"), images, labels)


def test_an_order_that_cannot_be_told_is_a_question(tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (30, 8, 8, 3), dtype=np.uint8)
    np.savez(tmp_path / "a.npz", data=noise.reshape(30, -1), labels=np.arange(30) % 2)
    with pytest.raises(AmbiguousError, match="planar") as caught:
        load(tmp_path / "a.npz")
    assert "--order planar" in caught.value.hint
    same(load(tmp_path / "a.npz", order="interleaved"), noise, np.arange(30) % 2)


def test_names_of_channels_say_their_order(tmp_path, colour):
    images, labels = colour
    rows = images.transpose(0, 3, 1, 2)
    names = [f"{channel}{at}" for channel in "rgb" for at in range(256)]
    path = write(tmp_path / "a.csv", [labels, *fields(rows)], ["label", *names])
    same(load(path), images, labels)


def test_images_that_lie_on_their_side_are_set_up_when_asked(tmp_path, digits):
    pixels, labels = digits
    path = write(
        tmp_path / "a.csv", [labels, *fields(pixels.transpose(0, 2, 1))], ["label", *NAMES]
    )
    same(load(path, transpose=True), pixels, labels)


def test_a_set_like_emnist_is_said_to_lie_on_its_side(tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (52, 28, 28), dtype=np.uint8)
    np.savez(tmp_path / "letters.npz", images=images, labels=np.arange(52) % 26 + 1)
    assert any("--transpose" in note for note in load(tmp_path / "letters.npz").notes)


def test_numbers_that_names_leave_out_are_missed(tmp_path, digits):
    pixels, labels = digits
    kept = [*range(20), *range(35, 64)]  # 49 of them, by chance a square
    header = ["label", *(NAMES[at] for at in kept)]
    columns = [labels, *(fields(pixels)[at] for at in kept)]
    with pytest.raises(FormatError, match="the numbers in their names leave 15 out"):
        load(write(tmp_path / "a.csv", columns, header))


@pytest.mark.parametrize("separator", [",", " "])
def test_what_numpy_writes_as_text_is_read(tmp_path, digits, separator):
    pixels, labels = digits
    table = np.column_stack([labels, pixels.reshape(200, -1)])
    np.savetxt(tmp_path / "a.csv", table, delimiter=separator)
    same(load(tmp_path / "a.csv"), pixels, labels)


def test_tables_put_together_repeat_their_header(tmp_path, digits):
    pixels, labels = digits
    path = write(tmp_path / "a.csv", [labels, *fields(pixels)], ["label", *NAMES])
    path.write_text(path.read_text() * 2)
    images = load(path)
    same(images, np.concatenate([pixels, pixels]), [*labels, *labels])
    assert len(images.unreadable) == 1


def test_parts_can_be_put_together(tmp_path, digits):
    pixels, labels = digits
    write(tmp_path / "train.csv", [labels[:150], *fields(pixels[:150])], ["label", *NAMES])
    write(tmp_path / "test.csv", [labels[150:], *fields(pixels[150:])], ["label", *NAMES])
    assert set(load(tmp_path).parts) == {"train", "test"}
    assert dict(load(tmp_path, parts=False).parts) == {"all": range(200)}


def test_one_hot_labels_of_classes_that_never_occur_are_a_question(tmp_path, digits):
    pixels, labels = digits
    hot = np.eye(25, dtype=int)[labels].T.tolist()  # 25 and 144 columns are a square of 13
    wide = np.kron(pixels[:, 1:7, 1:7], np.ones((2, 2), np.uint8))
    with pytest.raises(AmbiguousError, match="how many of them are a one-hot label"):
        load(write(tmp_path / "a.csv", [*hot, *fields(wide)]))
    same(load(tmp_path / "a.csv", size=12), wide, labels)
