"""Empty categories are filled with those that the feed uses, and say of which release they are."""

from __future__ import annotations

import pytest
from tests.rooms.catalog.shops import tagged
from tests.rooms.catalog.test_feeds import look

import hangtag
from hangtag.errors import OptionError
from hangtag.rooms import catalog
from hangtag.rooms.catalog import feeds, taxonomy

DRESSES = "Apparel & Accessories > Clothing > Dresses"
SHIRTS = "Apparel & Accessories > Clothing > Clothing Tops > T-Shirts"
FEED = (
    f'Handle,Title,Product Category,Tags,Image Src\r\na,A,{DRESSES},"summer, sale",a.jpg\r\n'
    "a,,,,a2.jpg\r\nb,B,,,b.jpg\r\nc,C,,,c.jpg\r\n"
    f"d,D,{SHIRTS},,d.jpg\r\ne,E,Mine > Own,,e.jpg\r\n"
).encode()


def imported(shop, data=FEED, name="feed.csv", release="2025-06"):
    cells = feeds.parse(name, data)
    kind = feeds.told(name, cells)
    catalog.keep_feed(shop, name, kind.name, data, release)
    catalog.carry_out(shop, catalog.plan(shop, kind.offers(cells, look)))


def rows(shop):
    cells = feeds.parse("feed.csv", catalog.export(shop))
    names = ("Product Category", "Tags", "hangtag_taxonomy_release")
    return [tuple(cells.get(row, name) for name in names) for row in cells.rows]


@pytest.mark.parametrize(
    ("label", "one"),
    [
        ("dress", "Dresses"), ("t-shirt", "T-Shirts"), ("T_Shirt", "T-Shirts"), ("shoes", "Shoes"),
        ("glass", "Glasses"), ("watch", "Watches"), ("box", "Boxes"), ("baby", "Babies"),
        ("pants", "Pants"), ("brush", "Brushes"),
    ],
)  # fmt: skip
def test_a_label_means_the_category_of_its_name_in_the_one_or_the_many(label, one):
    path = f"Things > {one}"
    assert taxonomy.category_of(label, taxonomy.used([path, path])) == path


def test_what_two_categories_could_mean_is_left_to_people():
    known = taxonomy.used(["Women > Dresses", "Girls > Dresses", "Men > Hats"])
    assert taxonomy.category_of("dress", known) == ""
    assert taxonomy.category_of("hat", known) == "Men > Hats"
    assert taxonomy.category_of("coat", known) == ""
    assert taxonomy.category_of("gid://shopify/TaxonomyCategory/aa-1-4", known).endswith("aa-1-4")


def test_an_export_fills_what_is_empty_and_says_the_release(empty):
    imported(empty)
    tagged(empty, ["dress", "t-shirt", "coat", "hat", "dress"])
    assert rows(empty) == [
        (DRESSES, "summer, sale, dress", ""),
        ("", "", ""),
        (SHIRTS, "t-shirt", "shopify 2025-06"),
        ("", "coat", ""),
        (SHIRTS, "hat", ""),  # the shop's own word stays
        ("Mine > Own", "dress", ""),
    ]
    assert rows(empty) == rows(empty)
    catalog.decide(empty, [catalog.Decided("b", "category", "corrected", "coat", "Ada")])
    assert rows(empty)[2] == ("", "coat", "")  # what does not hold any more goes


def test_a_tag_that_is_a_category_is_no_word_beside_it(empty):
    imported(empty)
    tagged(empty, [SHIRTS])
    assert rows(empty)[2] == (SHIRTS, "", "shopify 2025-06")


def test_without_categories_the_feed_goes_out_as_before(empty):
    data = FEED.replace(DRESSES.encode(), b"").replace(SHIRTS.encode(), b"")
    imported(empty, data)
    tagged(empty, ["dress"])
    assert b"taxonomy" not in catalog.export(empty)


def test_a_release_is_said_once_and_stays(tmp_path, hangtag_command):
    place, shop = tmp_path / "feed.csv", tmp_path / "shop.db"
    place.write_bytes(FEED)
    made = hangtag.create_catalog(shop)
    hangtag.import_items(made, source=place)
    tagged(made, ["dress"])
    assert rows(made)[2][2] == "shopify, release not said"
    assert hangtag_command("catalog", "import", shop, place, "--taxonomy", "2025-06").code == 0
    hangtag.import_items(made, source=place)
    assert rows(made)[2][2] == "shopify 2025-06"
    assert "shopify 2025-06" in hangtag_command("catalog", "info", shop).out
    known = hangtag_command("catalog", "info", shop, "--json").json["taxonomies"]
    assert known == [{"feed": "feed.csv", "name": "shopify", "release": "2025-06"}]


def test_what_is_no_release_is_refused(tmp_path):
    place, plain = tmp_path / "feed.csv", tmp_path / "plain.csv"
    place.write_bytes(FEED)
    plain.write_text("id,image\n1,a.jpg\n")
    shop = hangtag.create_catalog(tmp_path / "shop.db")
    with pytest.raises(OptionError, match="is no release"):
        hangtag.import_items(shop, source=place, taxonomy="the newest > one")
    with pytest.raises(OptionError, match="has no categories of a taxonomy"):
        hangtag.import_items(shop, source=plain, taxonomy="2025-06")
