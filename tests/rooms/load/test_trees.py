"""Trees of images: class folders, imagefolder, manifests."""

from __future__ import annotations

import os
from shutil import make_archive

import numpy as np
import pytest

from hangtag import memory
from hangtag.errors import FormatError, MachineError, SourceError
from hangtag.records import PassedOver
from hangtag.rooms.load import load


@pytest.mark.parametrize(
    "names", [("train", "test"), ("training", "testing"), ("Train", "Test"), ("TRAIN", "TESTING")]
)
def test_parts_have_many_names(tmp_path, small, write, holds, names):
    holds(load(write.tree(tmp_path / "set", small, names)), ordered=False)


@pytest.mark.parametrize("name", ["val", "valid", "validation"])
def test_validation_comes_between_train_and_test(tmp_path, small, write, name):
    folder = write.tree(tmp_path / "set", small, ("train", name))
    (folder / "train").rename(folder / "test")
    assert dict(load(folder).parts) == {"validation": range(8), "test": range(8, 32)}


def test_without_parts_the_folders_are_the_classes(tmp_path, small, write):
    for number, image in enumerate(small.x_train):
        write.image(tmp_path / ("bag", "shoe")[number % 2] / f"{number:02d}.png", image)
    images = load(tmp_path)
    assert images.class_names == ("bag", "shoe")
    assert dict(images.parts) == {"all": range(24)}
    assert np.array_equal(images.images[..., 0], [*small.x_train[::2], *small.x_train[1::2]])
    assert images.ids[:2] == ("bag/00.png", "bag/02.png")


def test_a_class_may_have_folders_inside(tmp_path, small, write):
    write.image(tmp_path / "bag" / "red" / "small" / "1.png", small.x_train[0])
    write.image(tmp_path / "bag" / "2.png", small.x_train[1])
    write.image(tmp_path / "shoe" / "3.png", small.x_train[2])
    assert load(tmp_path).class_names == ("bag", "shoe")


def test_one_folder_around_the_tree_is_passed_through(tmp_path, small, write, holds):
    write.tree(tmp_path / "archive" / "data" / "set", small)
    holds(load(tmp_path), ordered=False)


def test_folders_called_by_numbers_are_sorted_as_numbers(tmp_path, small, write):
    for number in (10, 9, 2):
        write.image(tmp_path / str(number) / "a.png", small.x_train[0])
    assert load(tmp_path).class_codes == (2, 9, 10)


def test_a_class_whose_images_are_all_damaged_is_still_a_class(tmp_path, small, write):
    write.image(tmp_path / "bag" / "a.png", small.x_train[0])
    (tmp_path / "shoe").mkdir()
    (tmp_path / "shoe" / "b.png").write_bytes(b"no picture")
    images = load(tmp_path)
    assert images.class_names == ("bag", "shoe")
    assert images.counts().tolist() == [1, 0]
    assert [one.where for one in images.unreadable] == ["shoe/b.png"]
    assert images.unreadable[0].reason == "is not an image of a kind that can be read"


def test_images_without_class_folders_have_no_labels(tmp_path, small, write):
    for number in range(4):
        write.image(tmp_path / f"{number}.png", small.x_train[number])
    images = load(tmp_path)
    assert images.class_names == ()
    assert images.labels.tolist() == [-1] * 4
    assert images.ids == ("0.png", "1.png", "2.png", "3.png")


def test_a_test_part_without_class_folders_has_no_labels(tmp_path, small, write):
    folder = write.tree(tmp_path / "set", small)
    for file in sorted((folder / "test").rglob("*.png")):
        file.rename(folder / "test" / f"{file.parent.name}-{file.name}")
    images = load(folder)
    assert (images.labels[24:] == -1).all()
    assert (images.labels[:24] >= 0).all()


def test_hidden_files_and_other_suffixes_are_passed_over(tmp_path, small, write):
    folder = write.tree(tmp_path / "set", small)
    for name in (".DS_Store", "Thumbs.db", "notes.txt", "._000.png", "__MACOSX/1/a.png"):
        file = folder / "train" / "0" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"x")
    images = load(folder)
    assert len(images) == 32
    assert images.unreadable == ()


def test_what_lies_beside_parts_or_classes_is_said(tmp_path, small, write):
    folder = write.tree(tmp_path / "set", small)
    (folder / "docs").mkdir()
    write.image(folder / "overview.png", small.x_train[0])
    images = load(folder)
    assert "passed over: docs/" in images.notes
    assert images.passed_over == (
        PassedOver("overview.png", "lies beside the folders of the parts"),
    )
    assert images.notes[-1].startswith("1 images or rows were passed over: overview.png (lies")


def test_mixed_sizes_take_the_usual_one_and_say_so(tmp_path, small, write):
    for number in range(6):
        write.image(tmp_path / "a" / f"{number}.png", small.x_train[number])
    write.image(tmp_path / "b" / "wide.png", np.zeros((10, 40), np.uint8))
    images = load(tmp_path)
    assert images.shape == (6, 6, 1)
    assert images.notes[1] == (
        "images have 2 sizes from 6×6 to 10×40: each is fitted inside 6×6 with its aspect kept"
        " and padded with the colour of its border"
    )


def test_without_a_usual_size_it_is_a_square_of_the_median(tmp_path, write):
    for number, (height, width) in enumerate([(10, 8), (20, 30), (12, 9), (50, 40), (7, 16)]):
        write.image(tmp_path / "a" / f"{number}.png", np.zeros((height, width), np.uint8))
    assert load(tmp_path).shape == (16, 16, 1)


def test_large_images_are_made_smaller_unless_a_size_is_asked_for(tmp_path, write):
    for number in range(2):
        write.image(tmp_path / "a" / f"{number}.png", np.zeros((300, 600), np.uint8))
    assert load(tmp_path).shape == (128, 256, 1)
    assert load(tmp_path, size=(300, 600)).shape == (300, 600, 1)


def test_many_photographs_are_held_small_and_their_files_stay_as_they_are(
    tmp_path, write, monkeypatch
):
    monkeypatch.setattr("hangtag.rooms.load.gathering.FEW", 5)
    monkeypatch.setattr("hangtag.rooms.load.gathering.ALL_TOGETHER", 6 * 48 * 48 * 3)
    random = np.random.default_rng(0)
    for number in range(6):
        photo = random.integers(0, 256, (300, 600, 3), np.uint8)
        write.image(tmp_path / "photos" / "a" / f"{number}.png", photo)
        write.image(tmp_path / "small" / "a" / f"{number}.png", photo[:200, :90])
    images = load(tmp_path / "photos")
    assert images.shape == (24, 48, 3)
    assert "6 photographs are held no larger than 48 pixels a side" in " ".join(images.notes)
    assert next(images.originals.open([5], 300)).shape == (300, 600, 3)
    assert load(tmp_path / "photos", size=(100, 200)).shape == (100, 200, 3)
    assert load(tmp_path / "small").shape == (200, 90, 3)
    packed = load(make_archive(str(tmp_path / "photos"), "zip", tmp_path / "photos"))
    assert packed.shape == (24, 48, 3)
    assert next(packed.originals.open([5], 300)).shape == (300, 600, 3)


def test_one_image_in_colour_makes_all_rgb(tmp_path, small, write):
    write.image(tmp_path / "a" / "grey.png", small.x_train[0])
    write.image(tmp_path / "a" / "red.png", np.full((6, 6, 3), (200, 10, 10), np.uint8))
    images = load(tmp_path)
    assert images.shape == (6, 6, 3)
    assert np.array_equal(images.images[0], np.repeat(small.x_train[0][..., None], 3, 2))
    assert "1 of 2 images are grey and were given three channels" in images.notes
    assert load(tmp_path, gray=True).shape == (6, 6, 1)


def test_unreadable_images_are_listed_and_the_rest_is_loaded(tmp_path, small, write):
    from PIL import Image

    folder = write.tree(tmp_path / "set", small)
    whole = (folder / "train" / "0" / "000.png").read_bytes()
    (folder / "train" / "0" / "a.png").write_bytes(whole[: len(whole) // 2])
    (folder / "train" / "0" / "b.png").write_bytes(b"")
    (folder / "test" / "3" / "c.jpg").write_bytes(b"<html>")
    Image.new("1", (6000, 5000)).save(folder / "test" / "3" / "d.png")
    images = load(folder)
    assert len(images) == 32
    listed = {one.where: one.reason for one in images.unreadable}
    assert list(listed) == ["train/0/a.png", "train/0/b.png", "test/3/c.jpg", "test/3/d.png"]
    assert listed["test/3/d.png"] == "has 6000×5000 = 30.0 megapixels; at most 25 are read"
    assert listed["train/0/a.png"].startswith("is damaged or cut off")


def test_nothing_readable_is_an_error(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b.png").write_bytes(b"x")
    with pytest.raises(FormatError, match="holds no image that can be read") as caught:
        load(tmp_path)
    assert "a/b.png is not an image" in caught.value.hint


@pytest.mark.parametrize("source", ["empty folder", "text file", "empty file"])
def test_what_no_method_knows_is_an_error_that_lists_them(tmp_path, source):
    path = tmp_path / "source"
    if source == "empty folder":
        path.mkdir()
    else:
        path.write_text("" if source == "empty file" else "nothing to see\n")
    with pytest.raises(SourceError, match="in a form that Hangtag knows") as caught:
        load(path)
    assert "idx, npz, npy, parquet, imagefolder, csv, manifest, folder" in caught.value.hint


def test_too_many_images_for_the_memory_are_refused_at_once(tmp_path, small, write, monkeypatch):
    folder = write.tree(tmp_path / "set", small)
    monkeypatch.setattr(memory, "free", lambda: 32 * 6 * 6 - 1)
    with pytest.raises(MachineError, match=r"set \(32 images\) needs .* GB of memory"):
        load(folder)


def test_when_the_first_image_is_the_odd_one_the_others_still_decide(tmp_path, small, write):
    write.image(tmp_path / "a" / "0.png", np.full((9, 9, 3), (200, 0, 0), np.uint8))
    for number in range(1, 5):
        write.image(tmp_path / "a" / f"{number}.png", small.x_train[number])
    images = load(tmp_path)
    assert images.shape == (6, 6, 3)
    assert np.array_equal(images.images[1:, ..., 0], small.x_train[1:5])
    assert (images.images[0] == (200, 0, 0)).all()


def test_links_are_followed_and_circles_of_them_end(tmp_path, small, write):
    write.image(tmp_path / "elsewhere" / "1.png", small.x_train[0])
    write.image(tmp_path / "set" / "bag" / "2.png", small.x_train[1])
    (tmp_path / "set" / "bag" / "again").symlink_to(tmp_path / "set")
    (tmp_path / "set" / "shoe").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "set" / "shoe" / "gone.png").symlink_to(tmp_path / "nowhere.png")
    images = load(tmp_path / "set")
    assert images.class_names == ("bag", "shoe")
    assert "bag/2.png" in images.ids
    assert "shoe/1.png" in images.ids


@pytest.mark.parametrize("source", ["", "a\0b", "x" * 300 + "/y", "/dev/null", "fifo", "a.txt/b"])
def test_what_is_no_file_or_folder_is_an_error(tmp_path, monkeypatch, source):
    monkeypatch.chdir(tmp_path)
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "a.txt").write_text("x")
    with pytest.raises(SourceError) as caught:
        load(source)
    assert caught.value.hint


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_may_not_be_read_is_an_error(tmp_path):
    (tmp_path / "set").mkdir(mode=0)
    with pytest.raises(SourceError, match="cannot be read"):
        load(tmp_path / "set")


# --- imagefolder --------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_metadata_may_be_csv_or_json_lines(tmp_path, small, write, holds, kind):
    holds(load(write.imagefolder(tmp_path / "set", small, kind)))


def test_metadata_at_the_top_names_parts_by_folders(tmp_path, small, write):
    write.tree(tmp_path, small)
    files = sorted(tmp_path.rglob("*.png"))
    lines = ["file_name", *(file.relative_to(tmp_path).as_posix() for file in files)]
    (tmp_path / "metadata.csv").write_text("\n".join(lines))
    images = load(tmp_path)
    assert images.format == "imagefolder"
    assert dict(images.parts) == {"train": range(24), "test": range(24, 32)}
    assert images.class_codes == small.codes


@pytest.mark.parametrize("line", ["{", "[1]", '{"label": 3}', "[" * 5000, '{"file_name": [1]}'])
def test_a_json_line_that_is_no_record_is_listed(tmp_path, small, write, line):
    folder = write.imagefolder(tmp_path / "set", small, "jsonl")
    file = folder / "train" / "metadata.jsonl"
    file.write_text(f"{line}\n{file.read_text()}")
    images = load(folder)
    assert len(images) == 32
    assert images.unreadable[0].where == "metadata.jsonl row 1"


# --- manifests ----------------------------------------------------------------------------------


def test_a_manifest_may_be_given_itself(tmp_path, small, write, holds):
    holds(load(write.manifest(tmp_path / "set", small) / "labels.csv"))


def test_a_manifest_needs_no_header(tmp_path, small, write):
    folder = write.manifest(tmp_path / "set", small)
    lines = (folder / "labels.csv").read_text().splitlines()[1:]
    (folder / "labels.csv").write_text("\n".join(line.rpartition(",")[0] for line in lines))
    images = load(folder / "labels.csv")
    assert len(images) == 32
    assert images.class_codes == small.codes


def test_parts_of_a_manifest_may_be_files(tmp_path, small, write, holds):
    folder = write.manifest(tmp_path / "set", small)
    lines = (folder / "labels.csv").read_text().splitlines()
    (folder / "labels.csv").unlink()
    for part in ("train", "test"):
        rows = [line.rpartition(",")[0] for line in lines[1:] if line.endswith(part)]
        (folder / f"{part}.csv").write_text("\n".join(["image,class", *rows]))
    holds(load(folder))


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("../secret.png", "leads out of the folder of the table"),
        ("pictures/../../secret.png", "leads out of the folder of the table"),
        ("/etc/passwd.png", "leads out of the folder of the table"),
        ("link/secret.png", "leads out of the folder of the table"),
        ("", "names no file"),
        ("pictures/nowhere.png", "is not there"),
        ("pictures", "cannot be opened: a folder is there"),
        ("pictures/train000.png", "a second time"),
        ("x" * 5000, "is no path"),
    ],
)
def test_a_path_that_may_not_be_followed_is_listed(tmp_path, small, write, path, reason):
    folder = write.manifest(tmp_path / "set", small)
    write.image(tmp_path / "secret.png", small.x_train[0])
    (folder / "link").symlink_to(tmp_path)
    file = folder / "labels.csv"
    file.write_text(f"{file.read_text()}{path},0,train\n")
    images = load(folder)
    assert len(images) == 32
    assert [reason in one.reason for one in images.unreadable] == [True]


def test_short_rows_of_a_manifest_are_listed(tmp_path, small, write):
    folder = write.manifest(tmp_path / "set", small)
    file = folder / "labels.csv"
    file.write_text(file.read_text() + "pictures/train000.png\n")
    images = load(folder)
    assert [(one.where, one.reason) for one in images.unreadable] == [
        ("labels.csv row 34", "has only 1 fields")
    ]
