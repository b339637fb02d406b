"""Items are found by conditions and by words, and nothing that is typed becomes SQL."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.rooms.catalog.shops import tagged

from hangtag.errors import OptionError
from hangtag.rooms import catalog
from hangtag.rooms.catalog import Decided


def names(shop, condition):
    return {
        one.external_id for one in catalog.items(shop, catalog.matching(shop, condition)).values()
    }


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("price<20", {"s0", "s1"}),
        ("price <= 20 and price > 0", {"s1", "s2"}),
        ("category=dress and price>=100", {"s11"}),
        ("category!=dress and price>=100", {"s10"}),
        ("brand=Nord and price=30", {"s3"}),
        ("group=pair", {"s0", "s1"}),
        ("id = 's4'", {"s4"}),
        ("category=unknown", set()),
        ("brand=Süd", set()),
    ],
)
def test_conditions_choose_items(shop, condition, found):
    tagged(shop, ["shirt", "dress"])
    assert names(shop, condition) == found


def test_a_decision_is_seen_by_conditions_at_once(shop):
    tagged(shop, ["shirt"])
    catalog.decide(shop, [Decided("s5", "category", "corrected", "dress")])
    catalog.decide(shop, [Decided("s6", "category", "rejected")])
    assert names(shop, "category=dress") == {"s5"}
    assert names(shop, "category=unknown") == {"s6"}
    assert catalog.matching_words(shop, "dress", 5) == [6]


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("price", "cannot be read"),
        ("price<cheap", "price cannot be 'cheap'"),
        ("color=red", "no item has a 'color'"),
        ("title<a", "cannot be compared"),
        ("in_stock=maybe", "in_stock cannot be"),
    ],
)
def test_a_condition_that_cannot_be_says_why(shop, condition, said):
    with pytest.raises(OptionError, match=said):
        catalog.matching(shop, condition)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=30))
def test_whatever_is_typed_finds_items_or_is_refused_and_changes_nothing(shop, text):
    for condition in (text, f"title={text}", f"brand='{text}'"):
        try:
            catalog.matching(shop, condition)
        except OptionError as error:
            assert error.hint
    catalog.matching_words(shop, text, 5)
    assert catalog.counted(shop)["items"] == 12


def test_words_are_found_by_their_beginnings_in_titles_and_tags(shop):
    tagged(shop, ["Sommerkleid"])
    assert catalog.matching_words(shop, "shirt 11", 5) == [12]
    assert len(catalog.matching_words(shop, "sommer", 20)) == 12
    assert catalog.matching_words(shop, "shirt trousers", 5) == []
    assert catalog.matching_words(shop, '"*', 5) == []


def test_an_item_that_is_not_there_is_guessed_at(shop):
    with pytest.raises(OptionError, match="no item 's99'"):
        catalog.number_of(shop, "s99")


def test_embeddings_come_back_as_directions_of_the_items_that_are_there(shop):
    tagged(shop, ["shirt"])
    seen = catalog.embedded(shop)
    assert seen.directions.shape == (12, 4)
    assert abs((seen.directions**2).sum(axis=1) - 1).max() < 1e-5
    assert seen.groups[0] == seen.groups[1]
    assert len(set(seen.groups.tolist())) == 11
