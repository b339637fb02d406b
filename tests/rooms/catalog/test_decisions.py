"""A person's word stands: no model changes it, it can be taken back, and who said it is known."""

from __future__ import annotations

import pytest
from tests.rooms.catalog.shops import OFFERS, offer, tagged, tags

from hangtag.errors import FormatError, OptionError
from hangtag.rooms import catalog
from hangtag.rooms.catalog import Decided
from hangtag.rooms.catalog.changes import changes


def decide(shop, item, verdict, label=None, who="Ada"):
    return catalog.decide(shop, [Decided(item, "category", verdict, label, who)])


def test_a_new_model_changes_no_decision(shop):
    tagged(shop, ["shirt"])
    decide(shop, "s1", "corrected", "blouse")
    decide(shop, "s2", "accepted")
    decide(shop, "s3", "rejected")
    assert (tags(shop)["s1"], tags(shop)["s2"], "s3" in tags(shop)) == ("blouse", "shirt", False)
    new = tagged(shop, ["dress"], model="second", use=False)
    assert tags(shop)["s4"] == "shirt"  # not in use yet
    # Those that were decided are not among what would change.
    assert catalog.preview(shop, new) == [("shirt", "dress", 9), ("unknown", "dress", 1)]
    assert catalog.use(shop, new) == 10
    assert (tags(shop)["s1"], tags(shop)["s2"], tags(shop)["s4"]) == ("blouse", "shirt", "dress")


def test_going_back_is_taking_the_earlier_tagging(shop):
    old = tagged(shop, ["shirt"])
    before = tags(shop)
    tagged(shop, ["dress"], model="second")
    assert set(tags(shop).values()) == {"dress"}
    assert catalog.use(shop, old) == 12
    assert tags(shop) == before


def test_an_item_that_the_earlier_tagging_never_saw_is_counted_and_told_too(shop):
    old = tagged(shop, ["shirt"])
    catalog.carry_out(shop, catalog.plan(shop, [*OFFERS, offer(12)]))
    tagged(shop, ["dress"], model="second")
    assert catalog.preview(shop, old) == [("dress", "shirt", 12), ("dress", "unknown", 1)]
    last = catalog.last_change(shop)
    assert catalog.use(shop, old) == 13
    assert "s12" not in tags(shop)
    assert "s12" in {one.item for one in changes(shop, since=last)}


def test_what_was_rejected_is_not_suggested_again(shop):
    tagged(shop, ["shirt"])
    decide(shop, "s1", "rejected")
    tagged(shop, ["shirt"], model="second")
    assert "s1" not in tags(shop)
    assert "s1" not in {one.item for one in catalog.doubts(shop)}
    tagged(shop, ["dress"], model="third")
    assert tags(shop)["s1"] == "dress"


def test_a_decision_is_undone_and_the_one_before_it_holds(shop):
    tagged(shop, ["shirt"])
    decide(shop, "s1", "corrected", "blouse")
    decide(shop, "s1", "corrected", "dress")
    decide(shop, "s1", "undone")
    assert tags(shop)["s1"] == "blouse"
    decide(shop, "s1", "undone")
    assert tags(shop)["s1"] == "shirt"
    with pytest.raises(OptionError, match="nothing was decided"):
        decide(shop, "s1", "undone")
    said = [(one.verdict, one.label, one.who) for one in catalog.history(shop, "s1")]
    assert said == [
        ("corrected", "blouse", "Ada"),
        ("corrected", "dress", "Ada"),
        ("undone", "dress", "Ada"),
        ("undone", "blouse", "Ada"),
    ]


def test_the_same_decision_twice_is_kept_once(shop):
    tagged(shop, ["shirt"])
    assert decide(shop, "s1", "accepted") == 1
    assert decide(shop, "s1", "accepted") == 0
    assert len(catalog.history(shop, "s1")) == 1


@pytest.mark.parametrize(
    ("item", "verdict", "label", "said"),
    [
        ("nobody", "accepted", None, "there is no item 'nobody'"),
        ("s1", "liked", None, "cannot be 'liked'"),
        ("s1", "corrected", None, "corrected to nothing"),
        ("s1", "corrected", "  ", "corrected to nothing"),
        ("s1", "accepted", None, "nothing is suggested"),
    ],
)
def test_of_decisions_with_a_mistake_none_is_kept(shop, item, verdict, label, said):
    good = Decided("s2", "category", "corrected", "dress")
    with pytest.raises(OptionError, match=said):
        catalog.decide(shop, [good, Decided(item, "category", verdict, label)])
    assert catalog.history(shop, "s2") == []


def test_a_tag_that_changes_is_a_change_and_one_that_does_not_is_none(shop):
    tagged(shop, ["shirt"])
    before = catalog.counted(shop)["changes"]
    tagged(shop, ["shirt", "dress"], model="second")
    assert catalog.counted(shop)["changes"] == before + 6
    decide(shop, "s1", "accepted")
    assert catalog.numbers(shop, since=before + 6) == [2]


def test_a_table_filled_in_comes_back_as_decisions(shop):
    tagged(shop, ["shirt", "dress"])
    lines = catalog.as_table(catalog.doubts(shop)).splitlines()
    assert lines[0].startswith("item,title,picture,attribute,suggested")
    filled = [lines[0]]
    for line in lines[1:]:
        end = {"s1": "reject,", "s2": "accept,", "s3": "correct,skirt", "s4": ",skirt"}
        filled.append(line.removesuffix(",") + end.get(line.split(",")[0], ","))
    asked = catalog.from_table("review.csv", "\r\n".join(filled).encode(), "Ada")
    assert catalog.decide(shop, asked) == 4
    found = tags(shop)
    assert (found.get("s1"), found["s2"], found["s3"], found["s4"]) == (
        None,
        "shirt",
        "skirt",
        "skirt",
    )


@pytest.mark.parametrize(
    ("row", "said"),
    [("s1,category,shirt,maybe,", "line 2 of r.csv"), ("s1,category,shirt,correct,", "to nothing")],
)
def test_a_table_with_a_mistake_names_the_line(row, said):
    with pytest.raises(FormatError, match=said):
        catalog.from_table(
            "r.csv", f"item,attribute,suggested,decision,value\n{row}\n".encode(), "Ada"
        )
    with pytest.raises(FormatError, match="has no column attribute"):
        catalog.from_table("r.csv", b"item,decision\n", "Ada")
    with pytest.raises(FormatError, match="is not UTF-8"):
        catalog.from_table("r.csv", b"item\xff\n", "Ada")


def test_the_least_sure_of_each_kind_come_first(shop):
    of = catalog.begin(shop, "category", "m", "run", 0.5)
    answers = []
    (batch,) = catalog.pending(shop, of)
    for place, one in enumerate(batch):
        label = "shirt" if place < 10 else "dress"
        answers.append(catalog.Answer(one.item, label, 0.3 + place / 100, sure=False))
    catalog.keep(shop, of, answers, {}, 0)
    catalog.use(shop, of)
    first = [(one.item, one.suggested) for one in catalog.doubts(shop, 4)]
    assert first == [("s0", "shirt"), ("s10", "dress"), ("s1", "shirt"), ("s11", "dress")]
    assert tags(shop) == {}
