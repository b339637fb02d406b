"""Trees of folders as people have them: parts, classes, names in two spellings, odd files.

Situations F06, F07, F11, F13, F14, F16, F29, F30 and their kin, each built small.
"""

from __future__ import annotations

import json
import os
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import hangtag
from hangtag.errors import AmbiguousError, FormatError, OptionError, SourceError, SplitError
from hangtag.records import Unreadable
from hangtag.rooms.load import info


def image(path, value=100):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((8, 8), value, np.uint8)).save(path, "PNG")
    return path


def tree(root, *folders, n=2):
    """`n` images in each folder."""
    for number, folder in enumerate(folders):
        for one in range(n):
            image(root / folder / f"{one}.png", 10 * number + one)
    return root


def counted(images):
    """How many images were used, unreadable and passed over."""
    facts = info(images)["found"]
    assert facts["used"] + facts["unreadable"] + facts["passed over"] == facts["in all"]
    return facts["used"], facts["unreadable"], facts["passed over"]


# --- parts or classes -----------------------------------------------------------------------------


@pytest.mark.parametrize("third", ["train", "Training", "test", "val", "dev"])
def test_a_class_with_a_parts_name_is_a_question(tmp_path, third):
    tree(tmp_path, "bus", "car", third, n=6)
    with pytest.raises(AmbiguousError, match=f"3 classes .* of 18 images, or part '{third}' of 6"):
        hangtag.load(tmp_path)
    images = hangtag.load(tmp_path, parts=False)
    assert counted(images) == (18, 0, 0)
    assert set(images.class_names) == {"bus", "car", third}
    assert counted(hangtag.load(tmp_path, parts=True)) == (6, 0, 12)


def test_classes_by_colour_inside_bus_car_and_train_are_a_question(tmp_path):
    tree(tmp_path, *(f"{kind}/{colour}" for kind in ("bus", "car", "train") for colour in "rb"))
    with pytest.raises(AmbiguousError, match="part 'train' of 4"):
        hangtag.load(tmp_path)
    images = hangtag.load(tmp_path, parts=False, label="folder:1")
    assert images.class_names == ("bus", "car", "train")


def test_parts_that_share_no_class_are_a_question(tmp_path):
    tree(tmp_path, "train/freight", "train/express", "test/x", "test/y")
    with pytest.raises(AmbiguousError, match="2 classes test, train of 8 images, or parts"):
        hangtag.load(tmp_path)


@pytest.mark.parametrize(
    "names",
    [
        ("training_images", "validation_images", "testing_images"),
        ("seg_train", "seg_val", "seg_test"),
        ("Train", "Valid", "Test"),
        ("train2017", "val2017", "test2017"),
        ("training-set", "dev-set", "test-set"),
        ("trainImages", "valImages", "testImages"),
    ],
)
def test_parts_by_many_names_with_a_stray_image_in_each(tmp_path, names):
    for name in names:
        tree(tmp_path, f"{name}/A", f"{name}/B")
        image(tmp_path / name / "overview.png")
    images = hangtag.load(tmp_path)
    assert {part: len(rows) for part, rows in images.parts.items()} == {
        "train": 4,
        "validation": 4,
        "test": 4,
    }
    assert images.class_names == ("A", "B")
    assert counted(images) == (12, 0, 3)
    assert "3 images or rows were passed over" in images.notes[-1]
    assert "overview.png" in images.notes[-1]


def test_parts_whose_folders_repeat_their_name_and_one_to_predict(tmp_path):
    tree(tmp_path, *(f"seg_{p}/seg_{p}/{c}" for p in ("train", "test") for c in ("sea", "wood")))
    tree(tmp_path, "seg_pred/seg_pred", n=3)
    images = hangtag.load(tmp_path)
    assert images.class_names == ("sea", "wood")
    assert set(images.parts) == {"train", "test"}
    assert counted(images) == (8, 0, 3)
    assert "3 in seg_pred/" in images.notes[-1]


def test_parts_inside_the_classes(tmp_path):
    tree(tmp_path, "bus/train", "bus/test", "car/train", "car/test")
    images = hangtag.load(tmp_path)
    assert images.class_names == ("bus", "car")
    assert {part: len(rows) for part, rows in images.parts.items()} == {"train": 4, "test": 4}


def test_a_part_in_a_longer_name_is_a_part_or_a_question(tmp_path):
    tree(tmp_path / "a", "public_train/x", "public_train/y", "private_test/x", "private_test/y")
    images = hangtag.load(tmp_path / "a")
    assert {part: len(rows) for part, rows in images.parts.items()} == {"train": 4, "test": 4}
    tree(tmp_path / "b", "train_cat", "train_dog", "test_cat", "test_dog")
    with pytest.raises(AmbiguousError, match="4 classes, or parts of a set"):
        hangtag.load(tmp_path / "b")
    assert hangtag.load(tmp_path / "b", parts=False).n_classes == 4
    assert hangtag.load(tree(tmp_path / "c", "train_station", "bus_station")).n_classes == 2


def test_folders_of_labels_beside_the_images_do_not_hide_them(tmp_path):
    tree(tmp_path, "images/train", "images/val")
    (tmp_path / "labels" / "train").mkdir(parents=True)
    (tmp_path / "labels" / "train" / "0.txt").write_text("0 .5 .5 .1 .1")
    images = hangtag.load(tmp_path)
    assert {part: len(rows) for part, rows in images.parts.items()} == {"train": 2, "validation": 2}
    assert (images.labels == -1).all()


@pytest.mark.parametrize("name", ["NaN", "unlabelled", "Unlabeled", "unsup"])
def test_a_folder_whose_name_says_so_has_no_labels(tmp_path, name):
    images = hangtag.load(tree(tmp_path, "a", "b", name))
    assert images.class_names == ("a", "b")
    assert (images.labels == -1).sum() == 2
    assert f"the images in {name}/ have no label, as its name says" in images.notes


@pytest.mark.parametrize("inside", ["images", "data", "img"])
def test_a_folder_called_images_between_parts_and_classes_says_nothing(tmp_path, inside):
    tree(tmp_path, *(f"{p}/{inside}/{c}" for p in ("train", "test") for c in "ab"))
    assert hangtag.load(tmp_path).class_names == ("a", "b")


def test_images_in_folders_called_images_in_each_class(tmp_path):
    tree(tmp_path, "train/n01/images", "train/n02/images", "val/n01/images", "val/n02/images")
    images = hangtag.load(tmp_path)
    assert images.class_names == ("n01", "n02")
    assert len(images.parts["validation"]) == 4


def test_a_test_part_without_classes_has_no_labels(tmp_path):
    tree(tmp_path, "train/a", "train/b", "test")
    images = hangtag.load(tmp_path)
    assert images.class_names == ("a", "b")
    assert (images.labels[4:] == -1).all()


def test_parts_asked_for_where_there_are_none_is_an_error(tmp_path):
    with pytest.raises(OptionError, match="no folders called train"):
        hangtag.load(tree(tmp_path, "a", "b"), parts=True)


# --- levels of classes ----------------------------------------------------------------------------


@pytest.mark.parametrize("around", ["", "train/"])
def test_two_levels_that_could_be_the_classes_are_a_question(tmp_path, around):
    tree(
        tmp_path,
        *(f"{around}{who}/{what}" for who in ("men", "women") for what in ("shirt", "skirt")),
    )
    with pytest.raises(
        AmbiguousError, match=r"2 classes men, women or as 2 classes shirt, skirt"
    ) as asked:
        hangtag.load(tmp_path)
    assert "--label folder:1 or --label folder:2" in asked.value.hint
    assert hangtag.load(tmp_path, label="folder:1").class_names == ("men", "women")
    assert hangtag.load(tmp_path, label="folder:2").class_names == ("shirt", "skirt")
    with pytest.raises(OptionError, match="2 levels of folders"):
        hangtag.load(tmp_path, label="folder:3")


def test_a_column_asked_of_a_tree_is_an_error_that_names_the_levels(tmp_path):
    with pytest.raises(OptionError, match="has no column 'kind'"):
        hangtag.load(tree(tmp_path, "a", "b"), label="kind")


@pytest.mark.parametrize("name", ["images", "data", "Pictures", "img", "all_images"])
def test_a_single_folder_called_images_is_no_class(tmp_path, name):
    images = hangtag.load(tree(tmp_path, name, n=4))
    assert images.class_names == ()
    assert any("have no labels: put each into a folder" in note for note in images.notes)


def test_an_unlabelled_source_ends_with_advice_that_works(tmp_path, hangtag_command):
    tree(tmp_path, "images", n=4)
    assert "hangtag train" not in hangtag_command("info", tmp_path).err
    with pytest.raises(SplitError, match="nothing to train with"):
        hangtag.split(hangtag.load(tmp_path))


def test_a_folder_beside_more_images_than_it_holds_is_no_class(tmp_path):
    tree(tmp_path, ".", n=5)
    tree(tmp_path, "thumbs", n=2)
    images = hangtag.load(tmp_path)
    assert images.class_names == ()
    assert counted(images) == (7, 0, 0)


def test_class_folders_beside_more_images_than_they_hold_are_a_question(tmp_path):
    tree(tmp_path, ".", n=5)
    tree(tmp_path, "a", "b", n=2)
    with pytest.raises(AmbiguousError, match="5 images in no folder and 4 in 2 class"):
        hangtag.load(tmp_path)
    assert counted(hangtag.load(tmp_path, label="folder:1")) == (4, 0, 5)


# --- class names ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("here", "there", "name"),
    [
        (unicodedata.normalize("NFC", "café"), unicodedata.normalize("NFD", "café"), "café"),
        ("Shirt", "shirt", "Shirt"),
        ("shirt ", "shirt", "shirt"),
        ("T-shirt", "t_shirt", "T-shirt"),
        ("ankle boot", "Ankle  Boot", "ankle boot"),
        ("STRASSE", "straße", "STRASSE"),
    ],
)
def test_one_class_in_two_spellings_is_one_class_and_said(tmp_path, here, there, name):
    tree(tmp_path, f"train/{here}", "train/other", f"test/{there}", "test/other")
    images = hangtag.load(tmp_path)
    assert images.n_classes == 2
    assert name in images.class_names
    assert images.counts("test").tolist() == [2, 2]
    assert any("are one class" in note for note in images.notes)


def test_two_spellings_in_one_part_are_two_classes_with_a_caution(tmp_path):
    images = hangtag.load(tree(tmp_path, "Shirt", "shirt", "coat"))
    assert images.n_classes == 3
    assert any(note.startswith("caution: classes 'Shirt', 'shirt' differ") for note in images.notes)


def test_letters_of_an_alphabet_are_classes_of_their_own(tmp_path):
    images = hangtag.load(tree(tmp_path, "a", "A", "b", "B"))
    assert images.n_classes == 4
    assert not any("caution" in note for note in images.notes)


def test_two_unicode_forms_in_one_part_are_one_class(tmp_path):
    tree(tmp_path, unicodedata.normalize("NFC", "thé"), unicodedata.normalize("NFD", "thé"), "x")
    assert hangtag.load(tmp_path).counts().tolist() == [4, 2]


def test_a_class_without_a_training_image_is_a_caution_on_the_screen(tmp_path, hangtag_command):
    tree(tmp_path, "train/a", "train/b", "val/a", "val/b", "val/c", "test/a", "test/b", "test/c")
    assert "caution: 1 class has no training image: c" in hangtag.load(tmp_path).notes
    assert "caution: 1 class has no training image: c" in hangtag_command("split", tmp_path).err


def test_a_class_of_one_image_can_be_split_and_it_is_said(tmp_path, hangtag_command):
    tree(tmp_path, "a", "b", n=10)
    image(tmp_path / "c" / "0.png")
    done = hangtag_command("split", tmp_path)
    assert done.code == 0
    assert "caution: no test image of c (1 in all)" in done.err


# --- odd files and counting -----------------------------------------------------------------------


def odd(folder):
    """A folder with four images that can be read under odd names, and two that cannot."""
    content = image(folder / "a.png").read_bytes()
    (folder / "photo").write_bytes(content)
    (folder / "b.jpg_large").write_bytes(content)
    (folder / "c.jpg%3Alarge").write_bytes(content)
    (folder / "IMG_1.HEIC").write_bytes(b"\0\0\0\x18ftypheic" + bytes(40))
    (folder / "d.svg").write_text("<svg/>")
    for name in (".DS_Store", "Thumbs.db", "README", "notes.txt", "._a.png"):
        (folder / name).write_bytes(b"nothing to see")
    return folder


def test_images_are_told_by_content_and_the_rest_is_named(tmp_path):
    odd(tmp_path / "x")
    odd(tmp_path / "y")
    images = hangtag.load(tmp_path)
    assert counted(images) == (8, 4, 2)  # the hidden companions, too
    assert images.counts().tolist() == [4, 4]
    assert "HEIC" in images.unreadable[0].reason
    assert any(note.startswith("caution: 4 of 12 images or rows") for note in images.notes)


def test_a_jpeg_2000_is_read(tmp_path):
    Image.fromarray(np.full((8, 8, 3), 90, np.uint8)).save(
        image(tmp_path / "a" / "1.png").with_name("2.jp2")
    )
    assert counted(hangtag.load(tmp_path)) == (2, 0, 0)


def test_more_than_half_unreadable_is_refused_with_the_commonest_reason(tmp_path, hangtag_command):
    tree(tmp_path, "a", "b", n=1)
    for number in range(3):
        (tmp_path / "a" / f"x{number}.heic").write_bytes(b"\0\0\0\x18ftypheic" + bytes(40))
    with pytest.raises(FormatError, match="3 of 5 images or rows"):
        hangtag.load(tmp_path)
    done = hangtag_command("info", tmp_path)
    assert done.code == 2
    assert "the commonest reason, 3 times: a/x0.heic" in done.err


def test_images_that_a_table_does_not_name_are_counted(tmp_path):
    tree(tmp_path, ".", n=12)
    rows = "".join(f"{one}.png,{'ab'[one % 2]}\n" for one in range(6))
    (tmp_path / "metadata.csv").write_text("file_name,label\n" + rows)
    assert counted(hangtag.load(tmp_path)) == (6, 0, 6)


def test_a_limit_is_counted_as_passed_over(tmp_path):
    assert counted(hangtag.load(tree(tmp_path, "a", "b", n=5), limit=4)) == (4, 0, 6)


def test_a_folder_with_no_image_at_all_says_what_is_read(tmp_path):
    (tmp_path / "a").mkdir()
    with pytest.raises(SourceError, match="holds no images"):
        hangtag.load(tmp_path)


def test_one_image_is_a_source_without_labels(tmp_path):
    assert counted(hangtag.load(image(tmp_path / "a.png"))) == (1, 0, 0)


# --- found by trying other members of the kinds ---------------------------------------------------


def test_images_beside_class_folders_do_not_make_a_class_of_the_folder_around_them(tmp_path):
    tree(tmp_path, "pets/cat", "pets/dog")
    image(tmp_path / "pets" / "banner.png")
    images = hangtag.load(tmp_path)
    assert images.class_names == ("cat", "dog")
    assert counted(images) == (4, 0, 1)


def test_a_number_with_zeros_before_it_is_the_same_class_in_another_part(tmp_path):
    tree(tmp_path, "train/01", "train/02", "test/1", "test/2")
    assert hangtag.load(tmp_path).n_classes == 2


@pytest.mark.parametrize(("top", "white"), [(1020, 1023), (4000, 4095)])
def test_ten_or_twelve_bits_in_sixteen_are_brought_to_the_whole_range(tmp_path, top, white):
    for number, folder in enumerate(("a", "a", "b", "b")):
        pixels = np.linspace(0, top, 64).reshape(8, 8).astype(np.uint16)
        (tmp_path / folder).mkdir(exist_ok=True)
        Image.fromarray(pixels).save(tmp_path / folder / f"{number}.png")
    images = hangtag.load(tmp_path)
    assert images.images.max() == round(top * 255 / white)
    assert any(f"{white} was taken to be white" in note for note in images.notes)
    assert hangtag.load(tmp_path, value_range=65535).images.max() == round(top * 255 / 65535)


def test_tagging_takes_the_same_value_for_white_as_loading_did(tmp_path):
    for number in range(24):
        pixels = np.full((8, 8), 900 if number % 2 else 300, np.uint16)
        pixels[2:6, 2:6] = 1000 - 30 * number
        folder = tmp_path / "set" / ("light" if number % 2 else "dark")
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(folder / f"{number:02}.png")
    run = hangtag.grow_forest(
        tmp_path / "set", n_estimators=5, max_depths=3, split="stratified:0.5", out=tmp_path / "run"
    )
    bundle = hangtag.open_bundle(run.folder)
    loaded = hangtag.load(tmp_path / "set")
    from hangtag.rooms.load import read_images

    tagged = list(read_images(tmp_path / "set", bundle.preprocessing))
    assert np.array_equal([one.pixels for one in tagged], loaded.images)


# --- entries that cannot be looked at -------------------------------------------------------------


@pytest.mark.parametrize("name", ["loop", "a/deep", "a/round.png", "b/round"])
def test_a_link_to_itself_is_an_unreadable_row(tmp_path, name):
    tree(tmp_path, "a", "b", n=3)
    (tmp_path / name).symlink_to(Path(name).name)
    images = hangtag.load(tmp_path)
    assert counted(images) == (6, 1, 0)
    assert images.unreadable == (
        Unreadable(name, "cannot be opened: its links lead round in a circle"),
    )


def test_a_link_to_nothing_and_a_pipe_are_unreadable_rows(tmp_path):
    tree(tmp_path, "a", "b", n=3)
    (tmp_path / "a" / "gone.png").symlink_to("nowhere.png")
    os.mkfifo(tmp_path / "b" / "pipe.png")
    images = hangtag.load(tmp_path)
    assert counted(images) == (6, 2, 0)
    assert {one.where for one in images.unreadable} == {"a/gone.png", "b/pipe.png"}


@pytest.mark.parametrize("inside", [b"a/\xff.png", b"\xff\xfe/1.png"])
def test_a_name_that_is_no_text_is_read_and_written_with_its_bytes(tmp_path, inside):
    tree(tmp_path, "a", "b", n=3)
    path = tmp_path / os.fsdecode(inside)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes((tmp_path / "a" / "0.png").read_bytes())
    images = hangtag.load(tmp_path)
    assert counted(images) == (7, 0, 0)
    assert inside.decode(errors="backslashreplace") in map(images.id_of, range(7))


def test_folders_and_files_without_rights_are_unreadable_rows(tmp_path, without_rights):
    tree(tmp_path, "a", "b", "test", "a/inner", "b/listed", n=2)
    tree(tmp_path, "a", "b", n=8)
    image(tmp_path / "a" / "closed.png")
    (tmp_path / "a" / "closed.png").chmod(0)
    for name, mode in {"test": 0, "a/inner": 0, "b/listed": 0o444}.items():
        (tmp_path / name).chmod(mode)
    done = without_rights("-m", "hangtag", "info", tmp_path, "--json")
    assert done.returncode == 0, done.stderr
    facts = json.loads(done.stdout)
    assert facts["found"] == {"used": 16, "unreadable": 5, "passed over": 0, "in all": 21}
    assert {one["where"]: one["reason"] for one in facts["unreadable"]} == dict.fromkeys(
        ("test", "a/inner", "a/closed.png", "b/listed/0.png", "b/listed/1.png"),
        "cannot be opened: you have no right to",
    )


def test_a_folder_that_may_not_be_opened_itself_is_a_sentence(tmp_path, without_rights):
    tree(tmp_path / "shut", "a", "b")
    (tmp_path / "shut").chmod(0)
    done = without_rights("-m", "hangtag", "info", tmp_path / "shut")
    assert done.returncode == 2
    assert (
        done.stderr.splitlines()[0] == f"error: {tmp_path}/shut cannot be read (Permission denied)"
    )
