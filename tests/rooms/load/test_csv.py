from __future__ import annotations

import gzip
import lzma
import zipfile

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hangtag.errors import AmbiguousError, FormatError, SourceError, UsageError
from hangtag.rooms.load import load


def table(path, text):
    path.write_text(text)
    return path


@pytest.fixture
def text(small, write):
    return write.csv_text(small.x_train, small.y_train)


def pixels(images):
    return images.images[..., 0]


@pytest.mark.parametrize("label_at", [0, 5, 36, -1])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_label_may_stand_anywhere(tmp_path, small, write, label_at, separator):
    text = write.csv_text(small.x_train, small.y_train, label_at=label_at, separator=separator)
    images = load(table(tmp_path / "set.csv", text))
    assert np.array_equal(pixels(images), small.x_train)
    assert images.class_codes == small.codes
    assert dict(images.parts) == {"all": range(24)}


def test_without_a_header_the_label_comes_first(tmp_path, small, write):
    text = write.csv_text(small.x_train, small.y_train, header=False)
    images = load(table(tmp_path / "set.csv", text), format="csv")
    assert np.array_equal(pixels(images), small.x_train)
    assert images.class_codes == small.codes


def test_without_a_header_it_comes_last_if_the_first_column_never_changes(tmp_path, small, write):
    framed = small.x_train.copy()
    framed[:, 0, 0] = 0
    text = write.csv_text(framed, small.y_train, header=False, label_at=36)
    images = load(table(tmp_path / "set.csv", text), format="csv")
    assert np.array_equal(pixels(images), framed)
    assert images.class_codes == small.codes


@pytest.mark.parametrize("pack", ["gz", "xz", "zip"])
def test_packed_tables_are_the_same(tmp_path, small, text, pack):
    path = tmp_path / f"train.csv.{pack}"
    if pack == "zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("train.csv", text)
    else:
        path.write_bytes({"gz": gzip, "xz": lzma}[pack].compress(text.encode()))
    images = load(path)
    assert np.array_equal(pixels(images), small.x_train)
    assert dict(images.parts) == {"train": range(24)}


def test_zipped_tables_in_a_folder_are_its_parts(tmp_path, small, write, holds):
    write.csv(tmp_path, small)
    for part in ("train", "test"):
        with zipfile.ZipFile(tmp_path / f"{part}.csv.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(tmp_path / f"{part}.csv", f"{part}.csv")
        (tmp_path / f"{part}.csv").unlink()
    holds(load(tmp_path))


def test_tables_in_folders_of_their_own_are_parts(tmp_path, small, write, holds):
    write.csv(tmp_path, small)
    for part in ("train", "test"):
        (tmp_path / f"set_{part}").mkdir()
        (tmp_path / f"{part}.csv").rename(tmp_path / f"set_{part}" / f"set_{part}.csv")
    holds(load(tmp_path))


def test_windows_line_ends_and_a_mark_at_the_start_do_no_harm(tmp_path, small, text):
    path = tmp_path / "set.csv"
    path.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    images = load(path)
    assert np.array_equal(pixels(images), small.x_train)
    assert images.unreadable == ()


def test_a_missing_last_newline_does_no_harm(tmp_path, small, text):
    images = load(table(tmp_path / "set.csv", text.rstrip("\n")))
    assert np.array_equal(pixels(images), small.x_train)


def test_columns_are_put_in_the_order_of_their_numbers(tmp_path, small, text):
    lines = [line.split(",") for line in text.splitlines()]
    order = sorted(range(len(lines[0])), key=lambda at: lines[0][at])  # pixel1, pixel10, pixel11 …
    shuffled = "\n".join(",".join(line[at] for at in order) for line in lines)
    images = load(table(tmp_path / "set.csv", shuffled))
    assert np.array_equal(pixels(images), small.x_train)
    assert "pixel columns were put in the order of their numbers" in images.notes


def test_rows_and_columns_in_the_names_keep_their_order(tmp_path, small, text):
    names = ["label", *(f"{row}x{column}" for row in range(1, 7) for column in range(1, 7))]
    body = text.split("\n", 1)[1]
    images = load(table(tmp_path / "set.csv", ",".join(names) + "\n" + body))
    assert np.array_equal(pixels(images), small.x_train)


def test_an_id_column_is_passed_over_and_said(tmp_path, small, text):
    lines = text.splitlines()
    with_ids = ["id," + lines[0], *(f"{n}," + line for n, line in enumerate(lines[1:]))]
    images = load(table(tmp_path / "set.csv", "\n".join(with_ids)))
    assert np.array_equal(pixels(images), small.x_train)
    assert "columns 'id' were passed over" in images.notes


def test_a_label_of_another_name_can_be_named(tmp_path, small, text):
    named = text.replace("label", "garment2", 1)
    images = load(table(tmp_path / "set.csv", named), label="garment2")
    assert images.class_codes == small.codes
    with pytest.raises(FormatError, match="has no column 'colour'"):
        load(tmp_path / "set.csv", label="colour")


def test_text_labels_become_sorted_classes(tmp_path, small, write):
    names = np.array(["shoe", "bag", "coat, long", "Ärmel"])
    text = write.csv_text(small.x_train, [f'"{names[i % 4]}"' for i in range(24)])
    images = load(table(tmp_path / "set.csv", text))
    assert images.class_names == ("bag", "coat, long", "shoe", "Ärmel")
    assert images.class_names[images.labels[2]] == "coat, long"


def test_numbers_with_leading_zeros_stay_names(tmp_path, small, write):
    text = write.csv_text(small.x_train, [f"00{i % 2}" for i in range(24)])
    assert load(table(tmp_path / "set.csv", text)).class_codes == ("000", "001")


def test_a_table_without_labels_is_loaded_without(tmp_path, small, write, text):
    body = "\n".join(line.split(",", 1)[1] for line in text.splitlines())
    images = load(table(tmp_path / "set.csv", body))
    assert np.array_equal(pixels(images), small.x_train)
    assert (images.labels == -1).all()
    assert images.class_names == ()


def test_an_empty_label_is_no_label(tmp_path, small, write):
    labels = ["" if i == 3 else i % 2 for i in range(24)]
    images = load(table(tmp_path / "set.csv", write.csv_text(small.x_train, labels)))
    assert images.class_codes == (0, 1)
    assert np.flatnonzero(images.labels == -1).tolist() == [3]


def test_colour_images_are_three_times_a_square(tmp_path, write):
    colour = np.random.default_rng(0).integers(0, 256, (7, 4, 4, 3), dtype=np.uint8)
    images = load(
        table(tmp_path / "set.csv", write.csv_text(colour, range(7))), order="interleaved"
    )
    assert np.array_equal(images.images, colour)


def test_other_shapes_need_the_size(tmp_path, write):
    half = np.random.default_rng(0).integers(0, 256, (7, 14, 28), dtype=np.uint8)
    path = table(tmp_path / "set.csv", write.csv_text(half, range(7)))
    with pytest.raises(FormatError, match="392 pixel columns, which is no square"):
        load(path)
    assert np.array_equal(pixels(load(path, size=(14, 28))), half)


def test_floats_from_0_to_1_become_bytes(tmp_path, small, write):
    flat = small.x_train.reshape(24, -1) / 255
    lines = [",".join(["label", *(f"p{i}" for i in range(36))])]
    lines += [
        ",".join([str(k), *(f"{v:.6f}" for v in row)])
        for k, row in zip(small.y_train, flat, strict=True)
    ]
    images = load(table(tmp_path / "set.csv", "\n".join(lines)))
    assert np.array_equal(pixels(images), small.x_train)
    assert "values from 0 to 1 became 0 to 255" in images.notes


def test_standardised_pixels_are_refused(tmp_path, small):
    lines = [",".join(["label", *(f"pixel{at}" for at in range(36))])]
    lines += [",".join(["1", *["-0.5"] * 35, "2.5"])] * 3
    with pytest.raises(FormatError, match=r"holds values from -0\.5 to 2\.5"):
        load(table(tmp_path / "set.csv", "\n".join(lines)))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda f: f[:-1], "has 36 fields, not 37"),
        (lambda f: [*f, "1"], "has 38 fields, not 37"),
        (lambda f: [*f[:-1], "256"], "has a pixel 256, which is not a whole number from 0 to 255"),
        (lambda f: [*f[:-1], "-1"], "has a pixel -1, which is not a whole number from 0 to 255"),
        (lambda f: [*f[:-1], "0.5"], "has a pixel 0.5, which is not a whole number from 0 to 255"),
        (lambda f: [*f[:-1], ""], "has a pixel '', which is not a number"),
        (lambda f: [*f[:-1], "nan"], "has a pixel 'nan', which is not a number"),
        (lambda f: [*f[:-1], "x" * 50], f"has a pixel '{'x' * 20}', which is not a number"),
        (lambda f: [*f[:-1], "\udcff"], "has a pixel 'ÿ', which is not a number"),
    ],
)
def test_a_bad_row_is_listed_and_the_others_are_kept(tmp_path, small, text, change, reason):
    lines = text.splitlines()
    lines[8] = ",".join(change(lines[8].split(",")))
    path = tmp_path / "set.csv"
    path.write_bytes("\n".join(lines).encode("utf-8", "surrogateescape"))
    images = load(path)
    assert np.array_equal(pixels(images), np.delete(small.x_train, 7, axis=0))
    assert [(one.where, one.reason) for one in images.unreadable] == [("set.csv row 8", reason)]


def test_a_cut_file_keeps_its_whole_rows(tmp_path, small, text):
    images = load(table(tmp_path / "set.csv", text[: int(len(text) * 0.6)]))
    n = len(images)
    assert 0 < n < 24
    assert np.array_equal(pixels(images), small.x_train[:n])
    assert len(images.unreadable) == 1


def test_a_damaged_part_is_an_error_and_not_a_set_without_it(tmp_path, small, write):
    write.csv(tmp_path, small)
    packed = lzma.compress((tmp_path / "test.csv").read_bytes())
    (tmp_path / "test.csv").unlink()
    (tmp_path / "test.csv.xz").write_bytes(packed[:-30])
    with pytest.raises(FormatError, match=r"test\.csv\.xz is cut off"):
        load(tmp_path)
    (tmp_path / "test.csv.xz").write_bytes(b"")
    with pytest.raises(FormatError, match="holds no table of values"):
        load(tmp_path)


def test_only_bad_rows_is_an_error(tmp_path):
    path = table(tmp_path / "set.csv", "label,p1,p2,p3,p4\n" + "1,2,3,4,x\n" * 3)
    with pytest.raises(FormatError, match="holds no image") as caught:
        load(path)
    assert "set.csv row 1: has a pixel 'x'" in caught.value.hint


def test_a_header_alone_is_an_error(tmp_path, small, write):
    write.csv(tmp_path, small)
    table(tmp_path / "test.csv", "label,p1,p2,p3,p4\n")
    with pytest.raises(FormatError, match="has a header and no line after it"):
        load(tmp_path)


def test_a_packing_that_grows_without_end_is_read_in_blocks(tmp_path, text):
    """40 MB of one line without an end, 40 kB packed: refused before it fills the memory."""
    bomb = text + "1," * 20_000_000
    path = tmp_path / "set.csv.gz"
    path.write_bytes(gzip.compress(bomb.encode()))
    with pytest.raises(FormatError, match="has a line of more than"):
        load(path)


def test_text_about_something_else_is_not_a_table_of_pixels(tmp_path):
    with pytest.raises(SourceError, match="holds no images in a form"):
        load(table(tmp_path / "prices.csv", "name,price,colour\nshoe,10,red\nbag,20,blue\n"))


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    side=st.integers(2, 5),
    n=st.integers(1, 12),
    seed=st.integers(0, 2**32 - 1),
    header=st.booleans(),
    separator=st.sampled_from(",;\t"),
    codes=st.lists(st.integers(-(10**6), 10**6), min_size=1, max_size=4, unique=True),
)
def test_what_was_written_comes_back(
    tmp_path_factory, write, side, n, seed, header, separator, codes
):
    random = np.random.default_rng(seed)
    values = random.integers(0, 256, (n, side, side), dtype=np.uint8)
    labels = random.choice(codes, n)
    labels[0] = 2 * 10**6  # so that the label's column changes, and is no pixel
    text = write.csv_text(values, labels, header=header, separator=separator)
    path = table(tmp_path_factory.mktemp("csv") / "set.csv", text)
    try:
        images = load(path, format="csv", value_range=255)
    except AmbiguousError:  # too few rows to tell the label by
        assert not header
        return
    assert np.array_equal(pixels(images), values)
    assert np.array_equal(np.array(images.class_codes)[images.labels], labels)


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=st.text(alphabet="0123456789.,;\n\"'abc \t-e", max_size=400))
def test_any_text_is_refused_or_read(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("text") / "set.csv"
    path.write_text(text)
    try:
        images = load(path)
    except UsageError as error:
        assert error.hint
    else:
        assert len(images) == len(images.labels) > 0
