"""Tables that name image files, as shops, competitions and annotation tools write them."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from hangtag.errors import AmbiguousError, FormatError, UsageError
from hangtag.rooms.load import load

KINDS = ("one", "two", "zero")


def kind(number):
    return KINDS[number % 3]


def draw(folder, names):
    """Small images, each of one brightness that tells which it is."""
    for number, name in enumerate(names):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((4, 4), 10 + number, np.uint8)).save(path, "PNG")
    return list(names)


def write(path, rows, encoding="utf-8"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes("\n".join(rows).encode(encoding))


def labels_of(images):
    """Brightness of each image to its class, so that a moved label shows."""
    return {
        int(images.images[row].max()) - 10: images.class_of(row) or None
        for row in range(len(images))
    }


def add_up(images, n_there):
    used = len(images) + len(images.unreadable) + sum(one.n for one in images.passed_over)
    return used == n_there


@pytest.fixture
def shop(tmp_path):
    """Twelve images in `images/`."""
    draw(tmp_path, [f"images/{number:03d}.png" for number in range(12)])
    return tmp_path


TWELVE = {number: kind(number) for number in range(12)}


def check(folder, expected=TWELVE, n_there=12):
    images = load(folder)
    assert labels_of(images) == expected
    assert add_up(images, n_there)
    return images


# --- one table and the names in it --------------------------------------------------------------


def test_a_product_table_with_prices_gives_the_images_it_names(shop):
    rows = [f"images/{n:03d}.png,{kind(n)},{10 + n},3,40,25" for n in range(12)]
    write(shop / "products.csv", ["filename,category,price,stock,width,height", *rows])
    assert check(shop).shape == (4, 4, 1)


WRITTEN = {
    "as it lies": "images/{:03d}.png",
    "name alone": "{:03d}.png",
    "without suffix": "images/{:03d}",
    "name without suffix": "{:03d}",
    "with ./": "./images/{:03d}.png",
    "with backslashes": "images\\{:03d}.png",
    "with backslash and dot": ".\\images\\{:03d}.png",
    "from the parent": "{set}/images/{:03d}.png",
    "absolute": "/home/ann/data/images/{:03d}.png",
    "absolute on Windows": "C:\\data\\shop\\images\\{:03d}.PNG",
    "absolute here": "{here}/images/{:03d}.png",
    "in capitals": "IMAGES/{:03d}.PNG",
    "as address of a file": "file:///kaggle/input/images/{:03d}.png",
}


@pytest.mark.parametrize("written", WRITTEN.values(), ids=WRITTEN)
def test_names_may_be_written_in_many_ways(shop, written):
    rows = [f"{written.format(n, set=shop.name, here=shop)},{kind(n)}" for n in range(12)]
    write(shop / "labels.csv", ["path,label", *rows])
    images = check(shop)
    assert images.ids[:2] == ("images/000.png", "images/001.png")


@pytest.mark.parametrize(
    "header",
    [
        *("image,label", "photo,category", "sku,class", "ImageId,Class", "id,breed"),
        *("Image Name,Target", "img_path,class_name", "File,species", "uuid,digit"),
    ],
)
def test_columns_may_have_other_names(shop, header):
    write(shop / "table.csv", [header, *(f"{n:03d},{kind(n)}" for n in range(12))])
    check(shop)


@pytest.mark.parametrize("separator", [",", ";", "\t", "|", ", ", " "])
@pytest.mark.parametrize("header", [True, False], ids=["header", "no header"])
def test_a_list_of_paths_and_labels_needs_no_header_and_no_comma(shop, separator, header):
    rows = [f"images/{n:03d}.png{separator}{kind(n)}" for n in range(12)]
    name = "list.txt" if separator == " " else "labels.csv"
    write(shop / name, [f"path{separator}label"] * (header and separator != " ") + rows)
    check(shop)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_the_text_may_be_in_any_usual_encoding(shop, encoding):
    names = ("café", "crème", "thé")
    rows = [f"images/{n:03d}.png,{names[n % 3]}" for n in range(12)]
    write(shop / "labels.csv", ["path,label", *rows], encoding)
    assert set(labels_of(load(shop)).values()) == set(names)


def test_raised_digits_in_a_header_are_no_numbers(tmp_path):
    text = "label," + ",".join(f"p{n}²" for n in range(64))
    rows = [f"{n % 2}," + ",".join(str(n * at % 256) for at in range(64)) for n in range(6)]
    write(tmp_path / "t.csv", [text, *rows])
    try:
        assert len(load(tmp_path / "t.csv")) == 6
    except UsageError as error:
        assert error.hint


def test_quoted_newlines_and_commas_stay_in_their_cells(shop):
    rows = [f'images/{n:03d}.png,"a, b\nc {n}",{kind(n)}' for n in range(12)]
    write(shop / "labels.csv", ["path,text,label", *rows])
    check(shop)


def test_names_with_accents_are_found_in_either_unicode_form(tmp_path):
    draw(tmp_path, [f"café{n}.png" for n in range(6)])
    write(
        tmp_path / "labels.csv", ["path,label", *(f"cafe\u0301{n}.png,{kind(n)}" for n in range(6))]
    )
    check(tmp_path, {n: kind(n) for n in range(6)}, 6)


def test_a_file_without_suffix_is_found_by_its_name(tmp_path):
    draw(tmp_path, [f"pictures/{n:03d}" for n in range(6)])
    write(
        tmp_path / "labels.csv", ["path,label", *(f"pictures/{n:03d},{kind(n)}" for n in range(6))]
    )
    images = load(tmp_path)
    assert labels_of(images) == {n: kind(n) for n in range(6)}


def test_paths_may_count_from_the_folder_above_the_table(shop):
    write(
        shop / "annotations" / "all.csv",
        ["path,label", *(f"../images/{n:03d}.png,{kind(n)}" for n in range(12))],
    )
    check(shop)


def test_food_101s_lists_divide_and_label_by_folder(tmp_path):
    names = [f"images/{dish}/{n}.jpg" for dish in ("pie", "soup") for n in range(4)]
    draw(tmp_path, names)
    stems = [name.removeprefix("images/").removesuffix(".jpg") for name in names]
    write(tmp_path / "meta" / "train.txt", [stems[n] for n in (0, 1, 4, 5)])
    write(tmp_path / "meta" / "test.txt", [stems[n] for n in (2, 3, 6, 7)])
    write(tmp_path / "meta" / "classes.txt", ["pie", "soup"])
    images = load(tmp_path)
    assert {part: len(where) for part, where in images.parts.items()} == {"train": 4, "test": 4}
    assert labels_of(images) == {n: "pie" if n < 4 else "soup" for n in range(8)}


# --- which rows count ---------------------------------------------------------------------------


def test_images_that_no_row_names_are_counted(tmp_path):
    draw(tmp_path, [f"{n:03d}.png" for n in range(12)])
    write(
        tmp_path / "metadata.csv",
        ["file_name,label", *(f"{n:03d}.png,{kind(n)}" for n in range(6))],
    )
    images = check(tmp_path, {n: kind(n) for n in range(6)})
    assert [(one.where, one.n) for one in images.passed_over] == [("./", 6)]


def test_a_table_in_the_root_and_in_each_part_gives_each_image_once(tmp_path):
    for part in ("train", "test"):
        draw(tmp_path / part, [f"{n:03d}.png" for n in range(6)])
        rows = [f"{n:03d}.png,{kind(n)}" for n in range(6)]
        write(tmp_path / part / "metadata.csv", ["file_name,label", *rows])
    rows = [f"{part}/{n:03d}.png,{kind(n)}" for part in ("train", "test") for n in range(6)]
    write(tmp_path / "metadata.csv", ["file_name,label", *rows])
    images = load(tmp_path)
    assert dict(images.parts) == {"train": range(6), "test": range(6, 12)}
    assert images.unreadable == ()


def test_rows_with_unquoted_commas_are_listed_and_not_shifted(shop):
    names = [f"Nike Shirt, blue {n}" if n % 4 == 0 else f"Nike Shirt {n}" for n in range(12)]
    rows = [f"images/{n:03d}.png,{names[n]},{kind(n)}" for n in range(12)]
    write(shop / "products.csv", ["filename,name,label", *rows])
    images = check(shop, {n: kind(n) for n in range(12) if n % 4})
    assert images.unreadable[0].reason == "has 4 fields, not 3"


def test_a_quote_that_is_not_closed_is_listed(shop):
    rows = [f"images/{n:03d}.png,{kind(n)}" for n in range(12)]
    rows[8] = 'images/008.png,"two'
    write(shop / "labels.csv", ["path,label", *rows])
    images = load(shop)
    assert labels_of(images) == {n: kind(n) for n in range(8)}
    assert "is a quote not closed?" in images.unreadable[0].reason
    assert sum(one.n for one in images.passed_over) == 3


def test_the_same_row_twice_is_listed_once_and_two_labels_are_no_label(shop):
    rows = [f"images/{n:03d}.png,{kind(n)}" for n in range(12)]
    write(shop / "labels.csv", ["path,label", *rows, "images/003.png,one", "images/004.png,zero"])
    images = load(shop)
    assert labels_of(images) == {n: kind(n) for n in range(12) if n != 4}
    reasons = sorted(one.reason for one in images.unreadable)
    assert (
        reasons[0] == "has two classes: 'two' in labels.csv row 6 and 'zero' in labels.csv row 15"
    )
    assert reasons[1] == "names 'images/003.png' a second time"


def test_rows_that_name_no_file_are_listed(shop):
    rows = [f"images/{n:03d}.png,{kind(n)}" for n in range(14)]
    write(shop / "labels.csv", ["path,label", *rows])
    images = check(shop, n_there=14)
    assert "is not there" in images.unreadable[0].reason


def test_addresses_are_refused(shop):
    rows = [f"https://cdn.example.com/{n}.jpg,{kind(n)}" for n in range(12)]
    write(shop / "products.csv", ["photo,category", *rows])
    with pytest.raises(UsageError, match=r"(?s).*") as caught:
        load(shop / "products.csv")
    assert "nothing is fetched" in caught.value.hint


def test_beside_addresses_a_column_of_ids_counts(shop):
    rows = [f"{n:03d},https://cdn.example.com/{n}.jpg,{kind(n)}" for n in range(12)]
    write(shop / "products.csv", ["sku,photo,category", *rows])
    check(shop)


def test_one_name_in_two_folders_is_not_guessed(tmp_path):
    draw(tmp_path, [f"{side}/{n}.png" for side in ("left", "right") for n in range(6)])
    write(tmp_path / "labels.csv", ["file,label", *(f"{n}.png,{kind(n)}" for n in range(6))])
    with pytest.raises(UsageError, match="names no image") as caught:
        load(tmp_path, format="manifest")
    assert "names several files, such as left/0.png and right/0.png" in caught.value.hint


# --- which column is the label ------------------------------------------------------------------

STYLES = "id,gender,articleType,year,price,productDisplayName"


def test_several_columns_of_words_are_a_question_and_label_answers_it(shop):
    rows = [f"{n:03d},{'MW'[n % 2]},{kind(n)},2012,{n}.5,Shirt {n}" for n in range(12)]
    write(shop / "styles.csv", [STYLES, *rows])
    with pytest.raises(AmbiguousError, match=r"'gender' \(2 classes\) or 'articleType'") as caught:
        load(shop)
    assert "--label gender" in caught.value.hint
    assert labels_of(load(shop, label="articleType")) == TWELVE
    assert load(shop, label="GENDER").class_names == ("M", "W")


@pytest.mark.parametrize("names", [("articleType",), ("label", "label_name")])
def test_a_column_called_as_labels_are_is_taken_and_others_of_words_are_named(shop, names):
    rows = [
        f"{n:03d},{','.join([kind(n)] * len(names))},{('Nike', 'Puma')[n % 2]}" for n in range(12)
    ]
    header = ",".join(["id", "category", *names[1:], "brand"])
    write(shop / "t.csv", [header, *rows])
    images = load(shop)
    assert labels_of(images) == TWELVE
    (said,) = [note for note in images.notes if "labels are taken" in note]
    assert said.endswith(
        "from column 'category', for its name; --label takes another, such as 'brand'"
    )
    assert load(shop, label="brand").class_names == ("Nike", "Puma")


def test_words_beside_numbers_that_may_be_codes_are_a_question(shop):
    rows = [f"{n:03d},{n % 3},{('Nike', 'Puma')[n % 2]}" for n in range(12)]
    write(shop / "t.csv", ["id,species,brand", *rows])
    with pytest.raises(AmbiguousError, match=r"'species' \(3 classes\) or 'brand' \(2 classes\)"):
        load(shop)


def test_styles_with_one_column_of_classes_need_no_answer(shop):
    rows = [f"{n:03d},M,{kind(n)},2012,{n}.5,Shirt {n}" for n in range(12)]
    write(shop / "styles.csv", [STYLES, *rows])
    check(shop)


@pytest.mark.parametrize(
    ("header", "cell", "words"),
    [
        ("path,label", lambda n: f"{n}", "each of its 12 rows has another one"),
        ("path,target", lambda n: f"{n % 4 + 0.5}", "numbers with fractions"),
        ("path,group", lambda n: f"{n % 3 * 7 + 3}", "3 classes or a measure"),
        ("path,label,category", lambda n: f"{n % 2},{kind(n)}", "'label' .* or 'category'"),
    ],
)
def test_what_may_be_no_label_is_a_question(shop, header, cell, words):
    write(shop / "t.csv", [header, *(f"images/{n:03d}.png,{cell(n)}" for n in range(12))])
    with pytest.raises(AmbiguousError, match=words) as caught:
        load(shop)
    assert "--label" in caught.value.hint
    assert load(shop, label=header.split(",")[1]).n_classes > 1


def test_measures_are_no_labels(shop):
    rows = [f"images/{n:03d}.png,{n % 2 * 10},{n % 3 * 5}" for n in range(12)]
    write(shop / "t.csv", ["path,width,stock", *rows])
    images = load(shop / "t.csv")
    assert images.n_classes == 0


def test_numbers_that_count_classes_are_labels_and_said(shop):
    write(shop / "train.csv", ["id,has_cactus", *(f"{n:03d}.png,{n % 2}" for n in range(12))])
    images = load(shop)
    assert labels_of(images) == {n: str(n % 2) for n in range(12)}
    assert any("'has_cactus'" in note for note in images.notes)


def test_numbers_take_the_names_of_the_column_beside_them(shop):
    rows = [f"{n},images/{n:03d}.png,{n % 3},{kind(n)}" for n in range(12)]
    write(shop / "train.csv", [",Filename,Label,ClassName", *rows])
    images = check(shop)
    assert images.class_codes == (0, 1, 2)
    assert images.class_names == KINDS


def test_a_list_as_label_is_refused(tmp_path):
    draw(tmp_path, [f"{n:03d}.png" for n in range(12)])
    rows = [
        json.dumps({"file_name": f"{n:03d}.png", "label": [kind(n)] if n % 2 else kind(n)})
        for n in range(12)
    ]
    write(tmp_path / "metadata.jsonl", rows)
    with pytest.raises(FormatError, match="a list in 'label' in 6 of its 12 rows"):
        load(tmp_path)


def test_no_label_is_written_in_many_ways(shop):
    gone = {0: "", 1: "NaN", 2: "?"}
    rows = [f"images/{n:03d}.png,{gone.get(n, kind(n))}" for n in range(12)]
    write(shop / "labels.csv", ["path,label", *rows])
    check(shop, {n: None if n in gone else kind(n) for n in range(12)})


# --- one-hot tables -----------------------------------------------------------------------------


def one_hot(number, yes="1", no="0", separator=", "):
    return separator.join(yes if number % 3 == at else no for at in range(3))


def test_roboflows_one_hot_tables_give_parts_and_classes(tmp_path):
    for at, part in enumerate(("train", "valid", "test")):
        names = [f"{n:03d}_jpg.rf.{at}.png" for n in range(6)]
        draw(tmp_path / part, names)
        rows = [f"{name}, {one_hot(n)}" for n, name in enumerate(names)]
        write(tmp_path / part / "_classes.csv", ["filename, one, two, zero", *rows])
    images = load(tmp_path)
    assert {part: len(where) for part, where in images.parts.items()} == {
        "train": 6,
        "validation": 6,
        "test": 6,
    }
    assert [images.class_of(row) for row in range(6)] == [kind(n) for n in range(6)]


@pytest.mark.parametrize(("yes", "no"), [("1.0", "0.0"), ("True", "False")])
def test_one_hot_tables_may_be_written_otherwise(shop, yes, no):
    rows = [f"{n:03d},{one_hot(n, yes, no, ',')}" for n in range(12)]
    write(shop / "truth.csv", ["image,one,two,zero", *rows])
    check(shop)


def test_rows_with_several_classes_are_listed_and_tables_of_them_refused(shop):
    rows = [f"{n:03d},{one_hot(n, separator=',')}" for n in range(12)]
    rows[3] = "003,1,1,0"
    write(shop / "truth.csv", ["image,one,two,zero", *rows])
    images = load(shop)
    assert images.unreadable[0].reason == "has 2 classes: one, two"
    assert add_up(images, 12)
    write(shop / "truth.csv", ["image,hat,red,new", *(f"{n:03d},1,1,{n % 2}" for n in range(12))])
    with pytest.raises(FormatError, match="several of its 3 classes in 12 of 12 rows"):
        load(shop)
    assert load(shop, label="new").class_names == ("0", "1")


# --- parts --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "train", "test"),
    [
        ("split", "train", "test"),
        ("Usage", "Training", "Testing"),
        ("subset", "TRAIN", "TEST"),
        ("is_test", "0", "1"),
        ("is_train", "True", "False"),
        ("partition", "trn", "tst"),
    ],
)
def test_a_column_of_parts_is_honoured(shop, column, train, test):
    rows = [f"images/{n:03d}.png,{kind(n)},{train if n < 8 else test}" for n in range(12)]
    write(shop / "labels.csv", [f"path,label,{column}", *rows])
    images = check(shop)
    assert dict(images.parts) == {"train": range(8), "test": range(8, 12)}
    assert dict(load(shop, parts=False).parts) == {"all": range(12)}


def test_fastais_is_valid_makes_the_validation_part(shop):
    rows = [f"images/{n:03d}.png,{kind(n)},{n >= 8}" for n in range(12)]
    write(shop / "labels.csv", ["name,label,is_valid", *rows])
    assert dict(load(shop).parts) == {"train": range(8), "validation": range(8, 12)}


def test_folders_of_paths_are_parts_unless_they_are_called_as_the_class(tmp_path):
    names = [f"{part}/{n}.png" for part in ("train", "test") for n in range(4)]
    draw(tmp_path, names)
    write(tmp_path / "a.csv", ["path,label", *(f"{x},{kind(n)}" for n, x in enumerate(names))])
    assert dict(load(tmp_path).parts) == {"train": range(4), "test": range(4, 8)}
    names = [f"{what}/{n}.png" for what in ("bus", "train") for n in range(4)]
    draw(tmp_path / "v", names)
    write(tmp_path / "v" / "a.csv", ["path,label", *(f"{x},{x[:-6]}" for x in names)])
    images = load(tmp_path / "v")
    assert dict(images.parts) == {"all": range(8)}
    assert images.class_names == ("bus", "train")


def test_the_part_tells_files_of_one_name_apart(tmp_path):
    for part in ("train", "test"):
        draw(tmp_path / part, [f"{n}.png" for n in range(4)])
        write(tmp_path / f"{part}.csv", ["id,label", *(f"{n},{kind(n)}" for n in range(4))])
    images = load(tmp_path)
    assert images.ids == tuple(f"{part}/{n}.png" for part in ("train", "test") for n in range(4))


def test_an_unlabelled_test_table_is_a_part_and_a_submission_is_nothing(tmp_path):
    draw(tmp_path, [f"train/{n:03d}.png" for n in range(6)] + [f"test/{n:03d}.png" for n in (6, 7)])
    write(tmp_path / "train.csv", ["id,breed", *(f"{n:03d},{kind(n)}" for n in range(6))])
    write(tmp_path / "test.csv", ["id", "006", "007"])
    write(tmp_path / "sample_submission.csv", ["id,breed", "006,one", "007,one"])
    images = load(tmp_path)
    assert labels_of(images) == {n: kind(n) for n in range(6)} | {6: None, 7: None}
    assert dict(images.parts) == {"train": range(6), "test": range(6, 8)}
    assert any("sample_submission.csv" in note for note in images.notes)


# --- several tables, or tables about something else ---------------------------------------------


def test_tables_that_name_no_images_are_passed_over_and_named(shop):
    write(
        shop / "labels.csv", ["path,label", *(f"images/{n:03d}.png,{kind(n)}" for n in range(12))]
    )
    write(shop / "prices.csv", ["item,price", *(f"shirt {n},{n}.99" for n in range(12))])
    images = check(shop)
    assert any("passed over: prices.csv" in note for note in images.notes)


def test_a_training_log_beside_class_folders_is_no_manifest(tmp_path):
    draw(tmp_path, [f"{what}/{n}.png" for what in KINDS for n in range(6)])
    rows = [f"{n},0.{50 + n},0.{90 - n}" for n in range(6)]
    write(tmp_path / "history.csv", ["epoch,accuracy,loss", *rows])
    assert load(tmp_path, format="folder").class_names == KINDS
    assert load(tmp_path).class_names == KINDS
    with pytest.raises(UsageError):
        load(tmp_path, format="manifest")


def test_tables_that_differ_are_a_question(shop):
    write(shop / "a.csv", ["path,label", *(f"images/{n:03d}.png,{kind(n)}" for n in range(12))])
    write(shop / "b.csv", ["path,label", *(f"images/{n:03d}.png,{'xy'[n % 2]}" for n in range(12))])
    with pytest.raises(
        AmbiguousError, match=r"a\.csv and b\.csv put 12 of 12 images into different c"
    ):
        load(shop)
    assert load(shop / "b.csv").class_names == ("x", "y")


def test_a_table_of_few_among_class_folders_is_a_question(tmp_path):
    draw(tmp_path, [f"{what}/{n}.png" for what in KINDS for n in range(6)])
    write(tmp_path / "odd.csv", ["path,label", "one/1.png,blurred", "two/3.png,dark"])
    with pytest.raises(AmbiguousError, match="names 2 of the 18 images, and their folders give 3"):
        load(tmp_path)
    assert len(load(tmp_path, format="manifest")) == 2
    assert len(load(tmp_path, format="folder")) == 18


def test_a_column_told_by_its_values_is_asked_for_where_folders_say_otherwise(tmp_path):
    names = draw(tmp_path, [f"{what}/{n}.png" for what in ("cat", "dog") for n in range(4)])
    rows = [f"{name},{('canon', 'nikon')[n % 2]}" for n, name in enumerate(names)]
    write(tmp_path / "cameras.csv", ["path,camera", *rows])
    with pytest.raises(AmbiguousError, match=r"canon, nikon, and in its folders, cat, dog"):
        load(tmp_path)
    assert load(tmp_path, format="folder").class_names == ("cat", "dog")
    assert load(tmp_path, label="camera").class_names == ("canon", "nikon")


def test_a_label_of_one_class_is_asked_for_where_folders_give_several(tmp_path):
    names = draw(tmp_path, [f"{what}/{n}.png" for what in ("cat", "dog") for n in range(4)])
    write(tmp_path / "a.csv", ["path,category", *(f"{name},animal" for name in names)])
    with pytest.raises(AmbiguousError, match="animal, and in its folders, cat, dog"):
        load(tmp_path)


def test_shards_of_a_large_set_are_no_classes(tmp_path):
    names = draw(tmp_path, [f"HAM_images_part_{1 + n // 6}/ISIC_{n}.jpg" for n in range(12)])
    stems = [name.rpartition("/")[2][:-4] for name in names]
    write(tmp_path / "a.csv", ["image_id,dx", *(f"{x},{kind(n)}" for n, x in enumerate(stems))])
    check(tmp_path)


def test_a_list_of_classes_with_an_icon_each_is_no_part(tmp_path):
    names = draw(tmp_path, [f"{part}/{n:05d}.png" for part in ("Train", "Test") for n in range(6)])
    draw(tmp_path / "Meta", ["0.png", "1.png", "2.png"])
    for part, rows in (("Train", range(6)), ("Test", range(6, 12))):
        write(
            tmp_path / f"{part}.csv",
            ["Width,ClassId,Path", *(f"4,{n % 3},{names[n]}" for n in rows)],
        )
    write(tmp_path / "Meta.csv", ["Path,ClassId", *(f"Meta/{n}.png,{n}" for n in range(3))])
    images = check(tmp_path, {n: str(n % 3) for n in range(12)}, 15)
    assert dict(images.parts) == {"train": range(6), "test": range(6, 12)}


def test_tables_that_differ_in_parts_are_a_question(shop):
    write(shop / "train1.csv", ["path,label", *(f"{n:03d},{kind(n)}" for n in range(12))])
    write(shop / "test2.csv", ["path,label", *(f"{n:03d},{kind(n)}" for n in range(12))])
    with pytest.raises(AmbiguousError, match="12 of 12 images into different parts") as caught:
        load(shop)
    assert "--no-parts" in caught.value.hint
    assert dict(load(shop, parts=False).parts) == {"all": range(12)}


def test_lists_of_words_as_labels_are_a_question(shop):
    words = ("haze", "haze primary", "primary road", "haze road", "primary", "road haze primary")
    write(shop / "train.csv", ["image,tags", *(f"{n:03d},{words[n % 6]}" for n in range(12))])
    with pytest.raises(AmbiguousError, match="lists of words"):
        load(shop)
    assert load(shop, label="tags").n_classes == 6


def test_what_seems_to_say_classes_and_cannot_be_used_is_an_error(shop):
    write(shop / "labels.txt", [kind(n) for n in range(12)])
    with pytest.raises(FormatError, match="a line for each of the 12 images, but does not say"):
        load(shop)
    (shop / "labels.txt").unlink()
    (shop / "labels.json").write_text('{"classes": ["one"], "labels": {"000": 0, "001"')
    with pytest.raises(FormatError, match=r"labels\.json is no JSON"):
        load(shop)
    (shop / "labels.json").unlink()
    (shop / "products.xlsx").write_bytes(b"PK")
    with pytest.raises(FormatError, match="is a spreadsheet") as caught:
        load(shop)
    assert "--as folder" in caught.value.hint
    assert len(load(shop, format="folder")) == 12


# --- exports of annotation tools ----------------------------------------------------------------


@pytest.mark.parametrize("codes", [True, False], ids=["numbers", "names"])
def test_fiftyones_export_gives_names_by_index(tmp_path, codes):
    draw(tmp_path / "data", [f"{n:06d}.png" for n in range(12)])
    labels = {f"{n:06d}": n % 3 if codes else kind(n) for n in range(12)}
    (tmp_path / "labels.json").write_text(json.dumps({"classes": KINDS, "labels": labels}))
    images = check(tmp_path)
    assert images.class_names == KINDS


def test_fiftyones_several_labels_are_refused(tmp_path):
    draw(tmp_path / "data", [f"{n:06d}.png" for n in range(6)])
    labels = {f"{n:06d}": [0, 1] for n in range(6)}
    (tmp_path / "labels.json").write_text(json.dumps({"classes": KINDS, "labels": labels}))
    with pytest.raises(FormatError, match="a list in 'label' in 6 of its 6 rows"):
        load(tmp_path)


def coco(n, several=False):
    boxes = [{"image_id": at, "category_id": at % 3} for at in range(n)]
    boxes += [{"image_id": at, "category_id": (at + several) % 3} for at in range(n)]
    return {
        "images": [{"id": at, "file_name": f"{at:03d}.png"} for at in range(n)],
        "annotations": boxes,
        "categories": [{"id": at, "name": name} for at, name in enumerate(KINDS)],
    }


def test_coco_is_read_where_each_image_has_one_category(shop):
    (shop / "_annotations.coco.json").write_text(json.dumps(coco(12)))
    check(shop)
    (shop / "_annotations.coco.json").write_text(json.dumps(coco(12, several=True)))
    with pytest.raises(FormatError, match="a list in 'label' in 12 of its 12 rows"):
        load(shop)


@pytest.mark.parametrize("form", ["mapping", "records", "nested"])
def test_json_may_map_names_to_labels_or_list_records(shop, form):
    pairs = [(f"images/{n:03d}.png", kind(n)) for n in range(12)]
    document = {
        "mapping": dict(pairs),
        "records": [{"image": name, "label": label} for name, label in pairs],
        "nested": {name: {"label": label} for name, label in pairs},
    }[form]
    (shop / "annotations.json").write_text(json.dumps(document))
    check(shop)


# --- sets as they are downloaded ----------------------------------------------------------------


def test_a_submission_beside_one_hot_ids_is_passed_over(tmp_path):
    draw(tmp_path, [f"images/Train_{n}.jpg" for n in range(8)] + ["images/Test_0.jpg"])
    rows = [f"Train_{n},{one_hot(n, separator=',')}" for n in range(8)]
    write(tmp_path / "train.csv", ["image_id,one,two,zero", *rows])
    write(tmp_path / "test.csv", ["image_id", "Test_0"])
    write(tmp_path / "sample_submission.csv", ["image_id,one,two,zero", "Test_0,.3,.3,.4"])
    images = load(tmp_path)
    assert dict(images.parts) == {"train": range(8), "test": range(8, 9)}
    assert labels_of(images) == {n: kind(n) for n in range(8)} | {8: None}
    assert "passed over: sample_submission.csv (a model's answers)" in images.notes


def test_attributes_and_partition_in_two_tables_are_put_together(shop):
    rows = [f"{n:03d}.png,{n % 2 * 2 - 1},{n % 3 // 2}" for n in range(12)]
    write(shop / "list_attr.csv", ["image_id,Smiling,Young", *rows])
    rows = [f"{n:03d}.png,{n // 5}" for n in range(12)]
    write(shop / "list_eval_partition.csv", ["image_id,partition", *rows])
    with pytest.raises(AmbiguousError, match=r"'Smiling' .* or 'Young'"):
        load(shop)
    images = load(shop, label="Smiling")
    assert images.class_names == ("-1", "1")
    assert dict(images.parts) == {
        "train": range(5),
        "validation": range(5, 10),
        "test": range(10, 12),
    }


def test_several_labels_in_one_cell_are_no_class_of_their_own(shop):
    found = ("Hernia", "Hernia|Edema", "Edema")
    rows = [f"{n:03d}.png,{found[n % 3]}" for n in range(12)]
    write(shop / "Data_Entry.csv", ["Image Index,Finding Labels", *rows])
    images = load(shop)
    assert images.class_names == ("Edema", "Hernia")
    assert images.unreadable[0].reason == "has 2 classes: Hernia, Edema"
    assert add_up(images, 12)


def test_numbers_stand_for_names_whose_zeros_or_type_a_spreadsheet_changed(shop):
    write(shop / "a.csv", ["id,label", *(f"{n},{kind(n)}" for n in range(12))])
    check(shop)
    (shop / "a.csv").unlink()
    draw(shop / "b", [f"{100 + n}.png" for n in range(12)])
    write(shop / "b" / "a.csv", ["id,label", *(f"{100 + n}.0,{kind(n)}" for n in range(12))])
    check(shop / "b")


def test_folder_and_file_may_stand_in_two_columns(tmp_path):
    draw(tmp_path, [f"fold{n % 2}/{n // 2}.png" for n in range(12)])
    rows = [f"{n // 2}.png,fold{n % 2},{kind(n)}" for n in range(12)]
    write(tmp_path / "table.csv", ["file,folder,label", *rows])
    check(tmp_path)


@pytest.mark.parametrize(
    "rows",
    [
        ["sep=;", "file;label", *(f"{n:03d}.png;{kind(n)}" for n in range(12))],
        ["# made by hand", "file,label", *(f"{n:03d}.png,{kind(n)}" for n in range(12))],
        ["file,label,", *(f"{n:03d}.png,{kind(n)}" for n in range(12))],
        ["file,label", *(f"{n:03d}.png,{kind(n)},," for n in range(12))],
        ['"file","label"', *(f'"{n + 1}","{n:03d}.png","{kind(n)}"' for n in range(12))],
        [",file,label", *(f"{n},{n:03d}.png,{kind(n)}" for n in range(12))],
        ["file,width,label", *(f"images%2F{n:03d}.png,4,{kind(n)}" for n in range(12))],
    ],
    ids=["sep=", "comment", "empty column", "commas at the end", "R", "index", "percent"],
)
def test_what_spreadsheets_and_libraries_add_does_no_harm(shop, rows):
    write(shop / "table.csv", rows)
    check(shop)


@pytest.mark.parametrize("place", ["images/labels.csv", "annotations/labels.csv", "csv/all.csv"])
def test_tables_may_lie_beside_the_images_or_in_a_folder_for_tables(shop, place):
    write(shop / place, ["file,label", *(f"{n:03d}.png,{kind(n)}" for n in range(12))])
    check(shop)


def test_lists_of_caffe_and_of_paths_alone_divide_class_folders(tmp_path):
    names = [f"{what}/{n}.jpg" for what in ("cat", "dog") for n in range(4)]
    draw(tmp_path, names)
    for code in ("", " {}"):
        for part, rows in (("train", (0, 1, 4, 5)), ("val", (2, 3, 6, 7))):
            write(tmp_path / f"{part}.txt", [names[n] + code.format(n // 4) for n in rows])
        images = load(tmp_path)
        assert dict(images.parts) == {"train": range(4), "validation": range(4, 8)}
        expected = ("0", "1") if code else ("cat", "dog")
        assert labels_of(images) == {n: expected[n // 4] for n in range(8)}


def test_coops_splits_and_food_101s_groups_are_read(shop):
    split = {"train": range(6), "val": range(6, 9), "test": range(9, 12)}
    listed = {
        part: [[f"{n:03d}.png", n % 3, kind(n)] for n in rows] for part, rows in split.items()
    }
    (shop / "split.json").write_text(json.dumps(listed))
    assert list(check(shop).parts) == ["train", "validation", "test"]
    (shop / "split.json").unlink()
    for part, rows in (("train", range(8)), ("test", range(8, 12))):
        groups = {what: [f"{n:03d}" for n in rows if kind(n) == what] for what in KINDS}
        write(shop / "meta" / f"{part}.json", [json.dumps(groups)])
    assert dict(check(shop).parts) == {"train": range(8), "test": range(8, 12)}


def test_tags_of_a_model_are_not_taken_for_labels(shop):
    rows = [f"images/{n:03d}.png,{kind(n)},0.9" for n in range(12)]
    write(shop / "tags.csv", ["id,label,confidence", *rows])
    assert load(shop).n_classes < 2
    images = load(shop / "tags.csv")
    assert any("may be guesses" in note for note in images.notes)


def test_a_table_in_an_unknown_encoding_is_an_error_where_nothing_else_says_the_classes(shop):
    names = ("衬衫", "鞋子", "裤子")
    write(
        shop / "t.csv", ["file,label", *(f"{n:03d}.png,{names[n % 3]}" for n in range(12))], "gbk"
    )
    with pytest.raises(FormatError, match="in which encoding it is cannot be told"):
        load(shop)


# --- names of classes ---------------------------------------------------------------------------

LISTS = {
    "classes.txt": "\n".join(KINDS),
    "labels.txt": "0 one\n1 two\n2 zero\n",
    "class_names.txt": "0: one\n1: two\n2: zero",
    "label_map.json": json.dumps({"0": "one", "1": "two", "2": "zero"}),
    "class_indices.json": json.dumps({"one": 0, "two": 1, "zero": 2}),
    "id2label.json": json.dumps({"0": "one", "1": "two", "2": "zero"}),
    "classes.json": json.dumps({"classes": KINDS}),
    "obj.names": "one\ntwo\nzero\n",
}


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("form", ["manifest", "folder"])
def test_a_list_beside_the_images_names_their_classes(tmp_path, name, form):
    if form == "manifest":
        draw(tmp_path, [f"images/{n:03d}.png" for n in range(12)])
        rows = [f"images/{n:03d}.png,{n % 3}" for n in range(12)]
        write(tmp_path / "train.csv", ["path,label", *rows])
    else:
        draw(tmp_path, [f"{n % 3}/{n:03d}.png" for n in range(12)])
    (tmp_path / name).write_text(LISTS[name])
    images = load(tmp_path)
    assert images.class_codes == (0, 1, 2)
    assert images.class_names == KINDS
    assert labels_of(images) == TWELVE
    assert f"names of the classes are those of {name}" in images.notes


def test_lists_that_do_not_fit_are_said_and_those_that_fit_twice_asked(tmp_path):
    draw(tmp_path, [f"{code}/{n}.png" for code in (1, 2) for n in range(3)])
    write(tmp_path / "classes.txt", ["nought"])
    images = load(tmp_path)
    assert images.class_names == ("1", "2")
    assert any("passed over: classes.txt" in note for note in images.notes)
    write(tmp_path / "classes.txt", ["one", "two"])
    assert load(tmp_path).class_names == ("one", "two")
    write(tmp_path / "classes.txt", ["nought", "one", "two", "three"])
    with pytest.raises(AmbiguousError, match="count from 0 or from 1"):
        load(tmp_path)
    assert load(tmp_path, class_names=("a", "b")).class_names == ("a", "b")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("class_counts.csv", "class,count\n0,17\n1,23\n2,19"),
        ("label_counts.json", '{"0": 17, "1": 23, "2": 19}'),
        ("about the labels.txt", "Made in May.\nTwo people.\nWe looked twice.\nAll is well.\nEnd."),
        ("labels.txt", "2\n0\n1"),
        ("category.txt", "one\ntwo\none"),
    ],
)
def test_counts_and_prose_name_no_classes(tmp_path, name, text):
    draw(tmp_path, [f"{n % 3}/{n:03d}.png" for n in range(12)])
    (tmp_path / name).write_text(text)
    assert load(tmp_path).class_names == ("0", "1", "2")


def test_names_may_be_said_or_given_as_a_file(tmp_path):
    draw(tmp_path / "set", [f"{n % 3}/{n:03d}.png" for n in range(12)])
    assert load(tmp_path / "set", class_names=KINDS).class_names == KINDS
    write(tmp_path / "names.txt", KINDS)
    file = (str(tmp_path / "names.txt"),)
    assert load(tmp_path / "set", class_names=file).class_names == KINDS
    with pytest.raises(UsageError, match="2 class names for 3 classes"):
        load(tmp_path / "set", class_names=("a", "b"))
    with pytest.raises(UsageError, match="two classes would both be called 'a'"):
        load(tmp_path / "set", class_names=("a", "b", "a"))


# --- anything at all ----------------------------------------------------------------------------


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    cells=st.lists(
        st.lists(
            st.sampled_from(["a.png", "b.png", "b", "x", "1", "", '"', "é", "train", "\\", "["])
        ),
        max_size=8,
    )
)
def test_any_table_is_read_or_refused_in_a_sentence(tmp_path, cells):
    draw(tmp_path, ["a.png", "b.png"])
    write(tmp_path / "t.csv", [",".join(row) for row in cells])
    try:
        images = load(tmp_path, format="manifest")
    except UsageError as error:
        assert error.message
        assert error.hint
    else:
        assert 1 <= len(images) <= 2
        assert len(set(images.ids)) == len(images)
