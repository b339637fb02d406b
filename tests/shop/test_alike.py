"""Suggestions of items that look alike have the number of one group, the most valuable leads it."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest

import hangtag
from hangtag.rooms import catalog
from hangtag.rooms.catalog import Answer, Offer, OfferedPhoto
from hangtag.shop.alike import alike

KINDS = 3


@pytest.fixture
def shop(tmp_path):
    """Twelve items of three looks; a category is suggested of all, a color of the first six."""
    made = hangtag.create_catalog(tmp_path / "shop.db")
    offers = [Offer(f"i{n}", (OfferedPhoto(f"{n}.jpg", f"digest {n}"),)) for n in range(12)]
    catalog.carry_out(made, catalog.plan(made, offers))
    suggested(made, "category", ["dress"] * 11 + ["hat"])
    suggested(made, "color", ["red"] * 6)
    yield made
    made.close()


def suggested(made, key, labels):
    of = catalog.begin(made, key, f"model of {key}", "a run", 0.5)
    encoder = catalog.encoder_of(made, "model of category", "a run", 8)
    answers, vectors = [], {}
    for batch in catalog.pending(made, of):
        for one in batch[: len(labels)]:
            n = one.item - 1
            answers.append(Answer(one.item, labels[n], 0.5 + n / 100, sure=True))
            # Looks differ much, items of one look a little.
            vectors |= {
                number: np.eye(8)[n % KINDS] + 0.1 * np.eye(8)[3 + n // KINDS]
                for number, *_ in one.photos
            }
    catalog.keep(made, of, answers, vectors, encoder)
    catalog.use(made, of)


def groups(found):
    made = {}
    for one in found:
        made.setdefault(one.alike, set()).add((one.item, one.attribute))
    return made


def test_items_that_look_alike_and_are_suggested_the_same_are_one_group(shop):
    found = alike(shop, catalog.doubts(shop))
    of = groups(found)
    # The hat looks as a dress does and is suggested as something else, so it is alone.
    assert of.pop(None) == {("i11", "category")}
    expected = [
        {(f"i{n}", key) for n in range(look, count, KINDS)}
        for key, count in (("category", 11), ("color", 6))
        for look in range(KINDS)
    ]
    assert sorted(map(sorted, of.values())) == sorted(map(sorted, expected))
    assert sorted(of) == [1, 2, 3, 4, 5, 6]
    assert [one.item for one in found] == [one.item for one in catalog.doubts(shop)]


def test_a_table_has_the_groups_and_is_read_back_with_and_without_them(shop):
    table = catalog.as_table(alike(shop, catalog.doubts(shop)))
    rows = list(csv.DictReader(io.StringIO(table.lstrip("\ufeff"))))
    assert {row["alike"] for row in rows} == {"", "1", "2", "3", "4", "5", "6"}
    chosen = next(row["alike"] for row in rows if row["item"] == "i4")
    for row in rows:
        row["decision"] = "accept" if row["alike"] == chosen else ""
    for left_out in ([], ["alike"]):
        names = [one for one in rows[0] if one not in left_out]
        written = io.StringIO()
        writer = csv.DictWriter(written, names, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
        decided = catalog.from_table("review.csv", written.getvalue().encode(), "Ada")
        assert {one.item for one in decided} >= {"i1", "i4"}
        assert len({one.item for one in decided}) == len(decided)


def test_where_no_photo_was_embedded_nothing_is_said_to_be_alike(tmp_path):
    made = hangtag.create_catalog(tmp_path / "plain.db")
    offers = [Offer(f"i{n}", (OfferedPhoto(f"{n}.jpg", f"digest {n}"),)) for n in range(3)]
    catalog.carry_out(made, catalog.plan(made, offers))
    of = catalog.begin(made, "color", "swatches", "swatches", 0.5)
    answers = [Answer(number, "red", 0.9, sure=True) for number in (1, 2, 3)]
    catalog.keep(made, of, answers, {}, 0)
    catalog.use(made, of)
    found = alike(made, catalog.doubts(made))
    assert [one.alike for one in found] == [None] * 3
    made.close()
