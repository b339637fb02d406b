"""A head is learned from what people and the feed say, in seconds, and touches no photo."""

from __future__ import annotations

import numpy as np
import pytest
from tests.rooms.catalog.shops import tags
from tests.shop.conftest import PATTERNS, N, embedded_shop, pattern_of, points

import hangtag
from hangtag.errors import FormatError, OptionError, UsageError
from hangtag.rooms import catalog
from hangtag.rooms.catalog import Decided
from hangtag.rooms.catalog.schema import head


def decide(shop, rows, label=pattern_of):
    asked = [Decided(f"s{row}", "pattern", "corrected", label(row), "Ada") for row in rows]
    return catalog.decide(shop, asked)


def test_it_answers_for_items_nobody_has_looked_at(shop):
    made = hangtag.learn_attribute(shop, attribute="pattern", precision=0.9)
    assert made.labels == tuple(sorted(PATTERNS))
    assert made.facts["examples"] == N // 2
    proportion, low, high = made.facts["accuracy"]
    assert low < proportion < high or proportion == high == 1
    found = hangtag.tag_catalog(shop, model="head:pattern")
    assert (found.items, found.in_use, found.attribute) == (N, True, "pattern")
    # The photos are not even there: nothing was opened.
    held = tags(shop, "pattern")
    right = [held[f"s{row}"] == pattern_of(row) for row in range(0, N, 2) if f"s{row}" in held]
    assert len(right) > N / 4
    assert np.mean(right) > 0.9


@pytest.mark.parametrize("signed", [False, True])
def test_roots_of_embeddings_are_seen_where_they_tell_more_and_none_is_below_0(tmp_path, signed):
    rng = np.random.default_rng(0)
    factors = rng.uniform(0.4, 2.5, (len(PATTERNS), 64))[np.arange(N) % len(PATTERNS)]
    rows = (rng.gamma(1.0, size=(N, 64)) * factors).astype(np.float32)
    if signed:
        rows[:, 0] *= -1
    shop = embedded_shop(tmp_path / "s.db", rows, lambda row: {"pattern": pattern_of(row)})
    made = hangtag.learn_attribute(shop, attribute="pattern")
    assert made.facts["roots"] is not signed
    assert ("roots" in made.arrays) is not signed
    hangtag.tag_catalog(shop, model="head:pattern", threshold=0.0)
    held = tags(shop, "pattern")
    right = [held.get(f"s{row}") == pattern_of(row) for row in range(N)]
    assert np.mean(right) > made.facts["accuracy"][1] - 0.05


def test_what_it_says_of_itself_is_what_unseen_items_show(shop):
    made = hangtag.learn_attribute(shop, attribute="pattern")
    hangtag.tag_catalog(shop, model="head:pattern", threshold=0.0)
    held = tags(shop, "pattern")
    right = [held.get(f"s{row}") == pattern_of(row) for row in range(0, N, 2)]
    # Those that are unlike all examples are not answered, and count as wrong here.
    _, low, high = made.facts["accuracy"]
    assert low - 0.1 < np.mean(right) <= high + 0.05


def test_decisions_count_before_the_feed_and_train_the_next_head(shop):
    hangtag.learn_attribute(shop, attribute="pattern")
    first = hangtag.tag_catalog(shop, model="head:pattern", threshold=0.5)
    # People say that what the feed calls dotted is checked.
    moved = [row for row in range(N) if pattern_of(row) == "dotted"]
    decide(shop, moved[: len(moved) // 2], lambda _: "checked")
    decide(shop, [1, 7], pattern_of)
    made = hangtag.learn_attribute(shop, attribute="pattern")
    assert "checked" in made.labels
    second = hangtag.tag_catalog(shop, model="head:pattern", threshold=0.5)
    assert not second.in_use
    would = catalog.preview(shop, second.id)
    assert any(after == "checked" for _, after, _ in would)
    before = {row: tags(shop, "pattern")[f"s{row}"] for row in (1, 7, *moved[:5])}
    hangtag.use_tagging(shop, second.id)
    after = tags(shop, "pattern")
    assert {row: after[f"s{row}"] for row in before} == before
    hangtag.use_tagging(shop, first.id)
    assert tags(shop, "pattern")[f"s{moved[-1]}"] in (*PATTERNS, "checked")


def test_the_same_examples_give_the_same_head_and_the_same_tagging(shop):
    one = hangtag.learn_attribute(shop, attribute="pattern")
    first = hangtag.tag_catalog(shop, model="head:pattern")
    two = hangtag.learn_attribute(shop, attribute="pattern")
    assert one.digest == two.digest
    assert hangtag.tag_catalog(shop, model="head:pattern").id == first.id


def test_what_is_unlike_all_examples_is_unknown_however_sure_the_head_is(tmp_path):
    found = points(noise=0.1)
    found[200:] = np.roll(found[200:], 8, axis=1)  # directions that no example has
    place = tmp_path / "odd.db"
    shop = embedded_shop(
        place, found, lambda row: {"pattern": pattern_of(row)} if row < 150 else {}
    )
    hangtag.learn_attribute(shop, attribute="pattern")
    hangtag.tag_catalog(shop, model="head:pattern", threshold=0.0)
    held = tags(shop, "pattern")
    assert not any(f"s{row}" in held for row in range(200, N))
    assert sum(f"s{row}" in held for row in range(150, 200)) > 40


def test_a_few_examples_show_no_precision_and_everything_waits_for_people(tmp_path):
    shop = embedded_shop(
        tmp_path / "few.db", said=lambda row: {"pattern": pattern_of(row)} if row < 20 else {}
    )
    made = hangtag.learn_attribute(shop, attribute="pattern")
    assert made.threshold is None
    found = hangtag.tag_catalog(shop, model="head:pattern")
    assert (found.items, tags(shop, "pattern")) == (N, {})
    assert {one.attribute for one in catalog.doubts(shop)} >= {"pattern"}


def test_too_few_examples_are_a_sentence(tmp_path, shop):
    decide(shop, [0, 2, 4], lambda row: "checked")
    hangtag.learn_attribute(shop, attribute="pattern")  # the feed's three are enough
    with pytest.raises(OptionError, match=r"two values with 5 items each; there are no items"):
        hangtag.learn_attribute(shop, attribute="sleeve")
    catalog.decide(shop, [Decided("s1", "sleeve", "corrected", "long", "Ada")])
    with pytest.raises(OptionError, match=r"there are long 1"):
        hangtag.learn_attribute(shop, attribute="sleeve")
    bare = catalog.create(tmp_path / "bare.db")
    with pytest.raises(UsageError, match="no embeddings"):
        hangtag.learn_attribute(bare, attribute="pattern")


def test_values_with_too_few_items_are_named_and_left_out(shop):
    decide(shop, [0, 2, 4], lambda row: "checked")
    made = hangtag.learn_attribute(shop, attribute="pattern")
    assert made.facts["left_out"] == {"checked": 3}
    assert "checked" not in made.labels


def test_a_head_that_is_not_there_or_of_another_attribute_is_refused(shop):
    with pytest.raises(OptionError, match="has learned no head for 'pattern'"):
        hangtag.tag_catalog(shop, model="head:pattern")
    hangtag.learn_attribute(shop, attribute="pattern")
    with pytest.raises(OptionError, match="says nothing of 'category'"):
        hangtag.tag_catalog(shop, model="head:pattern", attribute="category")


def test_a_damaged_head_does_not_answer(shop):
    hangtag.learn_attribute(shop, attribute="pattern")
    with shop.writing() as connection:
        kept = connection.execute(head.select()).first()
        spoiled = kept.arrays[:-4] + bytes(4)
        connection.execute(head.update().values(arrays=spoiled))
    with pytest.raises(FormatError, match="is damaged"):
        hangtag.tag_catalog(shop, model="head:pattern")


def test_items_that_came_later_wait_until_they_are_embedded(shop):
    from tests.rooms.catalog.shops import offer

    hangtag.learn_attribute(shop, attribute="pattern")
    catalog.carry_out(shop, catalog.plan(shop, [offer(999)], keep=True))
    found = hangtag.tag_catalog(shop, model="head:pattern")
    assert found.items == N
    assert catalog.left(shop, found.id) == 1


def test_variants_are_never_on_both_sides(tmp_path):
    from hangtag.shop.heads import Examples, _parts

    rng = np.random.default_rng(0)
    groups = np.sort(rng.integers(0, 40, 200))
    labels = rng.integers(0, 3, 40)[groups]
    found = Examples(np.arange(200), groups, points(200), labels, PATTERNS)
    parts = _parts(found, 0)
    assert all(len(set(parts[groups == one])) == 1 for one in np.unique(groups))
    assert set(parts) == {0, 1, 2, 3, 4}
