"""JSON lines are a feed: read as a table is, and written back the same but for tags."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hangtag.errors import FormatError
from hangtag.rooms.catalog import OfferedPhoto, feeds

FEED = (
    '{"id":"a", "images": ["a.jpg","b.jpg"], "price": 12.5,"color":null,'
    ' "title":"Größe } , \\"x\\""}\r\n'
    "\n"
    "no json\n"
    '{ "id" : 7 , "image":"c.jpg", "in_stock": false, "more": {"id": "b", "n": [1, 2]} }\n'
    '{"title": "nobody"}\n'
    '{"id":"z","image":"","hangtag_category":"old"}'
)


def parsed(text=FEED):
    cells = feeds.parse("feed.jsonl", text.encode())
    return cells, feeds.told("feed.jsonl", cells)


def test_items_come_out_of_objects():
    cells, kind = parsed()
    assert kind.name == "jsonl"
    found = {
        one.external_id: one for one in kind.offers(cells, lambda said: OfferedPhoto(said, ""))
    }
    assert set(found) == {"a", "7", "z"}
    assert [one.uri for one in found["a"].photos] == ["a.jpg", "b.jpg"]
    assert (found["a"].price, found["a"].title) == (12.5, 'Größe } , "x"')
    assert found["7"].in_stock is False
    assert json.loads(found["7"].attributes["more"]) == {"id": "b", "n": [1, 2]}
    assert [number for number, _ in kind.unusable(cells)] == [3, 5]


def test_tags_go_into_their_lines_and_nothing_else_changes():
    cells, kind = parsed()
    kind.columns(cells, ["category"])
    wrote = kind.write(cells, {"a": {"category": 'dre"ss'}, "z": {"category": "hat"}}, {})
    assert wrote["a"] == {"category": 'dre"ss'}
    lines, before = cells.text.split("\n"), FEED.split("\n")
    assert lines[1:5] == before[1:5]
    assert lines[0] == before[0].replace("}\r", ', "hangtag_category": "dre\\"ss"}\r')
    assert lines[5] == '{"id":"z","image":"","hangtag_category":"hat"}'
    again, kind = parsed(cells.text)
    kind.write(again, {"z": {"category": "hat"}}, {"a": wrote["a"], "z": wrote["z"]})
    assert json.loads(again.text.split("\n")[0])["hangtag_category"] == ""


def test_unchanged_it_is_the_same_bytes():
    cells, _ = parsed("\ufeff" + FEED)
    assert cells.text == "\ufeff" + FEED


words = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)


@given(
    st.lists(st.dictionaries(words, values, max_size=4), min_size=1, max_size=4),
    st.booleans(),
    words,
)
def test_whatever_json_is_written_only_the_value_changes(objects, spaced, label):
    marks = (" , ", " : ") if spaced else (",", ":")
    whole = [one | {"id": f"i{n}"} for n, one in enumerate(objects)]
    text = "\n".join(json.dumps(one, separators=marks, ensure_ascii=False) for one in whole)
    cells = feeds.parse("x.jsonl", text.encode())
    assert cells.text == text
    for row in cells.rows:
        cells.put(row, "hangtag_x", label)
        cells.put(row, "hangtag_x", label + "!")
    found = [json.loads(line) for line in cells.text.split("\n")]
    assert found == [
        one | {"id": f"i{n}", "hangtag_x": label + "!"} for n, one in enumerate(objects)
    ]


def test_what_is_no_feed_is_a_sentence():
    with pytest.raises(FormatError, match=r"no line of x\.jsonl is a JSON object"):
        feeds.parse("x.jsonl", b"[1]\n\n")
    with pytest.raises(FormatError, match="not UTF-8"):
        feeds.parse("x.jsonl", b"\xff")
