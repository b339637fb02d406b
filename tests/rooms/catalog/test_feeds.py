"""A feed goes out as it came in, byte for byte, but for the cells of tags."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.rooms.catalog.shops import tagged

from hangtag.errors import FormatError, OptionError
from hangtag.rooms import catalog
from hangtag.rooms.catalog import Decided, OfferedPhoto, feeds
from hangtag.rooms.catalog.feeds.base import number
from hangtag.rooms.catalog.feeds.cells import merged

SHOPIFY = (
    b"\xef\xbb\xbfHandle,Title,Body (HTML),Vendor,Type,Tags,Variant SKU,Variant Price,"
    b"Variant Inventory Qty,Image Src\r\n"
    b'red-shirt,"Shirt, ""red""","<p>Nice\r\nand warm</p>",Nord,Shirts,"summer, sale",A1,"49,90",'
    b"3,a.jpg\r\n"
    b"red-shirt,,,,,,A2,49.90,0,b.jpg\r\n"
    b'blue,Blue thing,"",Nord,,,B1,10.00,0,c.jpg\r\n'
    b",,,,,,,,,\r\n"
    b"\r\n"
    b"last,Without end,,,,new,C1,5,1,d.jpg"
)
WOO = (
    b"ID;Type;SKU;Name;Regular price;In stock?;Categories;Tags;Images;Parent\n"
    b"1;variable;S;Shirt;;1;Shirts;;a.jpg, b.jpg;\n"
    b"2;variation;S-red;Shirt red;19,90;0;;;c.jpg;S\n"
)
MERCHANT = (
    b"id\ttitle\tprice\tavailability\timage_link\tadditional_image_link\titem_group_id\tcolor\n"
    b'7\tA "good" shirt\t1.299,00 EUR\tin_stock\ta.jpg\tb.jpg,c.jpg\tg1\t\n'
    b"8\tAnother\t12 EUR\tout_of_stock\td.jpg\t\tg1\tnavy\n"
)
PLAIN = b"sku,image,name,brand\nx1,a.jpg,Shirt,Nord\nx2,b.jpg|c.jpg,Hat,S\xc3\xbcd\n"
ALL = {"shopify": SHOPIFY, "woocommerce": WOO, "merchant": MERCHANT, "csv": PLAIN}


def look(said):
    return OfferedPhoto(said, f"digest of {said}")


def read(data):
    cells = feeds.parse("feed.csv", data)
    kind = feeds.told("feed.csv", cells)
    return kind, cells, list(kind.offers(cells, look))


def imported(shop, data):
    kind, _, offers = read(data)
    catalog.keep_feed(shop, "feed.csv", kind.name, data)
    catalog.carry_out(shop, catalog.plan(shop, offers))


@pytest.mark.parametrize("kind", ALL)
def test_each_kind_is_told_by_its_columns_and_goes_out_as_it_came(empty, kind):
    data = ALL[kind]
    found, cells, _ = read(data)
    assert found.name == kind
    assert cells.text.encode() == data
    imported(empty, data)
    assert catalog.export(empty) == data  # nothing was tagged


def test_shopifys_rows_of_a_handle_are_one_item_with_its_photos():
    _, _, offers = read(SHOPIFY)
    one = offers[0]
    assert [each.external_id for each in offers] == ["red-shirt", "blue", "last"]
    assert (one.title, one.price, one.in_stock) == ('Shirt, "red"', 49.9, True)
    assert [each.uri for each in one.photos] == ["a.jpg", "b.jpg"]
    assert one.attributes == {"category": "Shirts", "tags": "summer, sale"}
    assert offers[1].in_stock is False


def test_woocommerces_variations_belong_to_their_parent():
    _, _, offers = read(WOO)
    assert [(one.external_id, one.group_id) for one in offers] == [("S", None), ("S-red", "S")]
    assert [each.uri for each in offers[0].photos] == ["a.jpg", "b.jpg"]
    assert (offers[1].price, offers[1].in_stock) == (19.9, False)


def test_merchants_prices_colors_and_groups_are_read():
    _, _, offers = read(MERCHANT)
    assert [(one.price, one.in_stock, one.group_id) for one in offers] == [
        (1299.0, True, "g1"),
        (12.0, False, "g1"),
    ]
    assert len(offers[0].photos) == 3
    assert offers[1].attributes["color"] == "navy"


def test_a_table_of_ones_own_keeps_all_its_columns_as_attributes():
    _, _, offers = read(PLAIN)
    assert offers[1].attributes == {"brand": "Süd"}
    assert [each.uri for each in offers[1].photos] == ["b.jpg", "c.jpg"]


def values(data):
    text = data.decode("utf-8-sig")
    delimiter = max(",;\t", key=text.partition("\n")[0].count)
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))


def test_tags_stand_behind_the_shops_own_and_nothing_else_moves(empty):
    imported(empty, SHOPIFY)
    tagged(empty, ["dress"])
    found = catalog.export(empty)
    before, after = values(SHOPIFY), values(found)
    assert [row["Tags"] for row in after] == [
        "summer, sale, dress", "", "dress", "", "new, dress",
    ]  # fmt: skip
    for row in (*before, *after):
        row.pop("Tags")
    assert before == after
    assert len(found) == len(SHOPIFY) + len(', dressdress", dress"')


def test_a_tag_that_holds_no_more_goes_and_the_shops_own_stays(empty):
    imported(empty, SHOPIFY)
    old = tagged(empty, ["sale"])
    catalog.export(empty)
    tagged(empty, ["dress"], model="second")
    found = [row["Tags"] for row in values(catalog.export(empty))]
    assert found == ["summer, sale, dress", "", "dress", "", "new, dress"]
    catalog.use(empty, old)
    assert values(catalog.export(empty))[2]["Tags"] == "sale"


def test_a_feed_that_comes_back_with_our_tags_is_not_theirs_from_then_on(empty):
    imported(empty, SHOPIFY)
    tagged(empty, ["dress"])
    imported(empty, catalog.export(empty))
    tagged(empty, ["skirt"], model="second")
    found = [row["Tags"] for row in values(catalog.export(empty))]
    assert found == ["summer, sale, skirt", "", "skirt", "", "new, skirt"]


def test_a_column_of_an_attribute_is_filled_only_where_it_is_empty(empty):
    imported(empty, MERCHANT)
    tagged(empty, ["red"], attribute="color")
    tagged(empty, ["shirt"], model="m2")
    rows = values(catalog.export(empty))
    assert [row["color"] for row in rows] == ["red", "navy"]
    assert [row["hangtag_category"] for row in rows] == ["shirt", "shirt"]


def test_only_what_changed_since_is_written(empty):
    imported(empty, PLAIN)
    tagged(empty, ["shirt"])
    at = catalog.counted(empty)["changes"]
    catalog.decide(empty, [Decided("x2", "category", "corrected", "hat")])
    rows = values(catalog.export(empty, since=at))
    assert [row["hangtag_category"] for row in rows] == ["", "hat"]


def test_a_label_is_no_formula_in_a_spreadsheet(empty):
    imported(empty, PLAIN)
    tagged(empty, ["=HYPERLINK(1)"])
    assert values(catalog.export(empty))[0]["hangtag_category"].startswith("'=")


def test_rows_that_are_no_item_are_named_and_kept():
    data = PLAIN + b",z.jpg,Nobody,\nx3,a.jpg,Too,many,cells\n"
    kind, cells, offers = read(data)
    assert [one.external_id for one in offers] == ["x1", "x2"]
    assert kind.unusable(cells) == [(4, "has no id"), (5, "has 5 cells, and the header 4")]
    assert cells.text.encode() == data


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no header"),
        (b"id,image\n\xff\n", "is not UTF-8"),
        (b"a,b\n1,2\n", "no column for an id"),
    ],
)
def test_what_is_no_feed_says_why(data, said):
    with pytest.raises(FormatError, match=said):
        read(data)


def test_of_several_feeds_one_is_named(empty):
    imported(empty, PLAIN)
    catalog.keep_feed(empty, "other.csv", "csv", PLAIN)
    with pytest.raises(OptionError, match="2 feeds"):
        catalog.export(empty)
    with pytest.raises(OptionError, match="no feed 'otter"):
        catalog.export(empty, "otter.csv")
    assert catalog.export(empty, "other.csv") == PLAIN


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("49.90", 49.9), ("49,90 EUR", 49.9), ("1.299,00", 1299.0), ("$1,299.00", 1299.0),
        ("1,299", 1299.0), ("1.299.000", 1299000.0), ("free", None), ("", None),
        ("CHF 1'200.50", 1200.5),
        ("12,5", 12.5), ("-3", -3.0),
    ],
)  # fmt: skip
def test_a_price_is_a_number_however_it_is_written(said, value):
    assert number(said) == value


@given(
    st.lists(st.lists(st.text(max_size=8), min_size=1, max_size=4), max_size=6),
    st.sampled_from(["\r\n", "\n"]),
    st.booleans(),
)
def test_whatever_a_csv_writer_writes_is_read_the_same_and_written_the_same(rows, end, bom):
    file = io.StringIO()
    writer = csv.writer(file, lineterminator=end)
    writer.writerow(["id", "image"])
    rows = [[one.replace("\r", "").replace("\0", "") for one in row] for row in rows]
    writer.writerows(rows)
    data = ("\ufeff" * bom + file.getvalue()).encode()
    cells = feeds.parse("x.csv", data)
    assert cells.text.encode() == data
    read_back = [[feeds.cells.value_of(raw) for raw in row.cells] for row in cells.rows]
    assert read_back == [row if row != [] else [""] for row in rows]


@given(st.binary(max_size=60))
def test_whatever_the_bytes_they_stay_or_are_refused(data):
    try:
        cells = feeds.parse("x.csv", data)
    except FormatError:
        return
    assert cells.text.encode() == data


@pytest.mark.parametrize(
    ("cell", "added", "removed", "found"),
    [
        ("a,b", ["b"], [], "a,b"),
        ("a,b", ["c"], [], "a, b, c"),
        ("", ["c"], [], "c"),
        ("a, b", [], ["B"], "a"),
        ("a, b", ["b"], ["b"], "a, b"),
        ("Sale", ["sale"], [], "Sale"),
    ],
)
def test_tags_are_merged_without_touching_what_need_not_move(cell, added, removed, found):
    assert merged(cell, added, removed, ", ") == found
