"""What people decided on images: relabelled, left out, pinned to a number of decisions."""

from __future__ import annotations

import json

import pytest

import hangtag
from hangtag.errors import FormatError, OptionError, SourceError
from hangtag.records import LoadOptions, Source
from hangtag.records.images import UNLABELLED


def written(path, *decisions):
    path.write_text("".join(json.dumps(one) + "\n" for one in decisions))
    return path


@pytest.fixture
def file(tmp_path):
    return written(
        tmp_path / "decisions.jsonl",
        {"id": "all/00000", "verdict": "drop"},
        {"id": "all/00001", "verdict": "relabel", "label": "7", "who": "ann"},
        {"id": "all/00002", "verdict": "drop"},
        {"id": "all/00002", "verdict": "keep"},
    )


def test_labels_are_changed_and_images_left_out_of_every_part(file):
    plain = hangtag.load("digits")
    images = hangtag.load("digits", decisions=str(file))
    assert images.labels[0] == UNLABELLED
    assert images.class_of(1) == "7" != plain.class_of(1)
    assert (images.labels[2:] == plain.labels[2:]).all()
    assert images.fingerprint != plain.fingerprint
    assert any("1 images have another label and 1 are left out" in one for one in images.notes)
    split = hangtag.split(images)
    assert not any(0 in part for part in (split.train, split.validation, split.test))


def test_what_is_decided_later_does_not_change_what_was_pinned(file):
    source = Source("digits", LoadOptions(decisions=str(file))).lasting()
    assert source.options.decisions == f"{file}:4"
    with file.open("a") as more:
        more.write(json.dumps({"id": "all/00003", "verdict": "drop"}) + "\n")
    pinned = hangtag.load(source.place, decisions=source.options.decisions)
    assert pinned.labels[3] != UNLABELLED
    assert hangtag.load("digits", decisions=str(file)).labels[3] == UNLABELLED


def test_a_torn_last_line_is_passed_over(file):
    whole = hangtag.load("digits", decisions=str(file))
    with file.open("a") as more:
        more.write('{"id": "all/00003", "ver')
    assert (hangtag.load("digits", decisions=str(file)).labels == whole.labels).all()


@pytest.mark.parametrize(
    ("decision", "error", "said"),
    [
        ({"id": "all/00000", "verdict": "burn"}, FormatError, "line 1"),
        ({"id": "all/00000", "word": "drop"}, FormatError, "line 1"),
        ([], FormatError, "line 1"),
        ({"id": "all/00000", "verdict": "relabel", "label": "dog"}, OptionError, "no class 'dog'"),
        ({"id": "elsewhere", "verdict": "drop"}, OptionError, "no decision of"),
    ],
)
def test_what_cannot_be_done_is_said_with_its_place(tmp_path, decision, error, said):
    path = written(tmp_path / "decisions.jsonl", decision)
    with pytest.raises(error, match=said):
        hangtag.load("digits", decisions=str(path))


def test_a_file_that_is_not_there_or_too_short_is_said(file):
    with pytest.raises(SourceError, match="no file"):
        hangtag.load("digits", decisions="nowhere.jsonl")
    with pytest.raises(SourceError, match="has 4 decisions, and 9"):
        hangtag.load("digits", decisions=f"{file}:9")


def test_a_table_says_what_each_image_is_or_that_it_is_left_out(tmp_path):
    table = tmp_path / "labels.csv"
    table.write_text("id,label\nall/00000,\nall/00001,7\n")
    images = hangtag.load("digits", decisions=str(table))
    assert images.labels[0] == UNLABELLED
    assert images.class_of(1) == "7"
    # A table is not added to: it means the same without a number.
    assert Source("digits", LoadOptions(decisions=str(table))).lasting().options.decisions == (
        str(table)
    )


def test_images_without_classes_get_those_that_are_decided(tmp_path):
    from PIL import Image

    for name in ("=a.png", "b.png", "c.png"):
        Image.new("L", (4, 4), len(name)).save(tmp_path / name)
    table = tmp_path.parent / "said.csv"
    table.write_text("id;label\n'=a.png;shoe\nb.png;bag\n")
    images = hangtag.load(tmp_path, decisions=str(table))
    assert images.class_names == images.class_codes == ("bag", "shoe")
    assert [images.class_of(n) for n in (0, 1)] == ["shoe", "bag"]
    assert images.labels[2] == UNLABELLED


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name,class\na,b\n", "no columns id and label"),
        ("", "no columns id and label"),
        ("id,label,verdict\nall/00000,7,burn\n", "row 2 of t.csv decides 'burn'"),
        ("id,label\nall/00000,7\nall/00001,7,8,9\n", "row 3"),
        ("id,label\nall/00000,dog\n", "no class 'dog'"),
    ],
)
def test_a_table_that_decides_nothing_is_refused_with_its_place(tmp_path, text, said):
    table = tmp_path / "t.csv"
    table.write_text(text)
    with pytest.raises((FormatError, OptionError), match=said):
        hangtag.load("digits", decisions=str(table))
