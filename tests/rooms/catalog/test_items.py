"""Importing: what would change is known before, and the same source twice changes nothing."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from sqlalchemy import text
from tests.rooms.catalog.shops import OFFERS, offer, tagged, tags

from hangtag.errors import FormatError, SourceError, UsageError
from hangtag.rooms import catalog


def facts(shop, offers, **said):
    return {name: n for name, n in catalog.plan(shop, offers, **said).facts.items() if n}


def test_a_source_is_new_once_and_the_same_from_then_on(empty):
    planned = catalog.plan(empty, OFFERS)
    assert planned.facts["new"] == 12
    assert catalog.counted(empty)["items"] == 0  # nothing is written by planning
    catalog.carry_out(empty, planned)
    assert facts(empty, OFFERS) == {"same": 12}
    assert catalog.plan(empty, OFFERS).empty
    changes = catalog.counted(empty)["changes"]
    catalog.carry_out(empty, catalog.plan(empty, OFFERS))
    assert catalog.counted(empty)["changes"] == changes


def test_what_is_gone_is_marked_and_comes_back_with_its_decisions(shop):
    tagged(shop, ["shirt"])
    catalog.decide(shop, [catalog.Decided("s3", "category", "corrected", "blouse")])
    assert facts(shop, OFFERS[4:]) == {"same": 8, "gone": 4}
    catalog.carry_out(shop, catalog.plan(shop, OFFERS[4:]))
    assert catalog.counted(shop)["items"] == 8
    assert "s3" not in tags(shop)
    assert facts(shop, OFFERS) == {"same": 8, "back": 4}
    catalog.carry_out(shop, catalog.plan(shop, OFFERS))
    assert tags(shop)["s3"] == "blouse"


def test_a_source_of_additions_takes_nothing_away(shop):
    assert facts(shop, [offer(99)], keep=True) == {"new": 1}


def test_an_item_twice_in_a_source_counts_once_and_is_named(shop):
    planned = catalog.plan(shop, [*OFFERS, offer(3, title="another")])
    assert planned.twice == ("s3",)
    assert planned.same == 12


def test_another_price_keeps_tags_and_another_photo_asks_the_model_again(shop):
    of = tagged(shop, ["shirt"])
    changed = [offer(0, price=1.0, group_id="pair"), offer(1, photo="new.jpg"), *OFFERS[2:]]
    assert facts(shop, changed) == {"changed": 2, "same": 10}
    catalog.carry_out(shop, catalog.plan(shop, changed))
    assert catalog.left(shop, of) == 1
    assert "s0" in tags(shop)
    assert "s1" not in tags(shop)
    assert catalog.check(shop) == []


def test_photos_that_cannot_be_used_are_named_and_counted(empty):
    bad = catalog.Offer("x", (catalog.OfferedPhoto("gone.jpg", "", reason="is not there"),))
    planned = catalog.plan(empty, [bad, OFFERS[0]])
    assert planned.unreadable == (("x", "gone.jpg", "is not there"),)
    catalog.carry_out(empty, planned)
    counted = catalog.counted(empty)
    assert (counted["items"], counted["pictures"], counted["unreadable"]) == (2, 1, 1)


def test_two_imports_planned_at_once_are_each_item_once(empty):
    one, other = catalog.plan(empty, OFFERS), catalog.plan(empty, OFFERS)
    catalog.carry_out(empty, one)
    catalog.carry_out(empty, other)
    assert catalog.counted(empty)["items"] == 12
    assert catalog.check(empty) == []


def test_a_catalog_is_not_made_over_anything(shop):
    with pytest.raises(UsageError, match="is there already"):
        catalog.create(shop.path)


def test_what_is_no_catalog_is_refused_by_what_it_is(tmp_path):
    with pytest.raises(SourceError, match="there is no catalog"):
        catalog.open_catalog(tmp_path / "none.db")
    (tmp_path / "text.db").write_text("hello")
    with pytest.raises(FormatError, match="is no catalog"):
        catalog.open_catalog(tmp_path / "text.db")
    with sqlite3.connect(tmp_path / "other.db") as other:
        other.execute("CREATE TABLE a (b)")
    with pytest.raises(FormatError, match="of another program"):
        catalog.open_catalog(tmp_path / "other.db")


def test_a_newer_catalog_asks_for_a_newer_hangtag(shop):
    shop.close()
    with sqlite3.connect(shop.path) as raw:
        raw.execute("PRAGMA user_version = 99")
    with pytest.raises(FormatError, match="of version 99"):
        catalog.open_catalog(shop.path)


def test_damage_is_found_and_said(shop):
    tagged(shop, ["shirt"])
    assert catalog.check(shop) == []
    shop.close()
    with sqlite3.connect(shop.path) as raw:
        raw.execute("DELETE FROM picture WHERE item = 3")
        raw.execute("UPDATE embedding SET vector = x'00' WHERE picture = 5")
        raw.execute("DELETE FROM words WHERE rowid = 7")
    said = " ".join(catalog.check(catalog.open_catalog(shop.path)))
    assert "names one of picture that is not there" in said
    assert "1 embeddings have another size" in said
    assert "1 items have no words" in said


def test_a_file_that_is_overwritten_in_the_middle_is_a_sentence(shop):
    shop.close()
    data = bytearray(shop.path.read_bytes())
    data[4096:] = b"\xff" * (len(data) - 4096)
    shop.path.write_bytes(bytes(data))
    with pytest.raises(FormatError, match="is damaged"):
        catalog.counted(catalog.open_catalog(shop.path))


def test_a_file_of_the_first_version_gets_what_it_lacks(tmp_path):
    place = tmp_path / "old.db"
    catalog.create(place).close()
    with closing(sqlite3.connect(place)) as raw:
        raw.execute("DROP TABLE head")
        raw.execute("PRAGMA user_version = 1")
        raw.commit()
    opened = catalog.open_catalog(place)
    catalog.carry_out(opened, catalog.plan(opened, OFFERS))
    assert catalog.check(opened) == []
    with closing(sqlite3.connect(place)) as raw:
        assert raw.execute("SELECT COUNT(*) FROM head").fetchone() == (0,)
        assert raw.execute("PRAGMA user_version").fetchone() == (catalog.file.schema.VERSION,)


def test_opening_it_once_more_lets_go_of_no_lock(shop):
    """A second process must not take itself for the only one, or it clears the log away."""
    with shop.reading() as connection:
        assert connection.execute(text("SELECT COUNT(*) FROM item")).scalar_one() == 12
    log = shop.path.with_name(shop.path.name + "-wal")
    before = log.stat().st_ino
    catalog.open_catalog(shop.path)
    code = "import sys, hangtag; hangtag.decide(sys.argv[1], [])"
    subprocess.run([sys.executable, "-c", code, str(shop.path)], check=True)
    assert log.stat().st_ino == before
    assert facts(shop, OFFERS) == {"same": 12}
