"""Tables of classes: a row for each part, in the order of the columns."""

from __future__ import annotations

import numpy as np
import pytest

from hangtag.records import ClassTable, Embeddings, ReportFacts, VarianceCurve
from hangtag.records.summary import PixelRange


@pytest.fixture
def table():
    counts = {"train": np.array([5, 0]), "test": np.array([1, 2])}
    return ClassTable(("cat", "dog"), np.array([1, 0]), counts)


def test_rows_have_every_class_by_name_and_their_sum(table):
    assert table.rows() == [
        {"part": "train", "cat": 5, "dog": 0, "total": 5},
        {"part": "test", "cat": 1, "dog": 2, "total": 3},
    ]


def test_the_table_is_markdown(table):
    assert table.markdown().splitlines() == [
        "| part | cat | dog | all |",
        "| --- | --- | --- | --- |",
        "| train | 5 | 0 | 5 |",
        "| test | 1 | 2 | 3 |",
    ]


def test_ranges_and_curves_are_plain_numbers():
    assert PixelRange((0, 255), (0.0, 1.0), 0.3, 0.1).before == (0, 255)
    curve = VarianceCurve(np.array([0.6, 0.9]), {0.8: 2}, 2, "it bends", 10)
    assert curve.marks[0.8] == 2


def test_embeddings_say_how_they_were_made():
    import hangtag

    images = hangtag.from_arrays(np.zeros((3, 4, 4), np.uint8), name="black")
    found = Embeddings(np.ones((3, 7), np.float32), images, "photo", "d" * 64, "crop", True)
    assert len(found) == 3
    assert repr(found) == "Embeddings(3 of black, 7 numbers each, by photo)"
    assert found.facts == {
        "encoder": "photo", "digest": "d" * 64, "frame": "crop", "mirrored": True, "images": 3,
        "width": 7, "fingerprint": images.fingerprint,
    }  # fmt: skip


def test_a_report_without_facts_is_empty():
    bare = ReportFacts("title", ("a", "b"))
    given = {name for name, one in vars(bare).items() if one not in ((), {}, "", None)}
    assert given == {"title", "class_names", "model", "diagram_words", "shift_training"}
