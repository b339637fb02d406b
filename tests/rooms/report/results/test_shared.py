"""Tables and figures of results: what a row lacks stays empty, a file gets its verb's caption."""

from hangtag.rooms.report.results.shared import by_variant, figures, table

CAPTIONS = {"curve": ("The curve", "What it shows.")}


def test_columns_are_those_of_all_rows_in_the_order_they_first_occur():
    found = table("t", "T", [{"a": 1, "b": 2}, {"b": 3, "c": None}])
    assert found.header == ("a", "b", "c")
    assert found.rows == ((1, 2, None), (None, 3, None))


def test_the_best_cells_are_found_by_their_heading():
    found = table("t", "T", [{"a": 1, "b": 2}, {"a": 5, "b": 0}], best=[(1, "a"), (0, "b")])
    assert [found.rows[row][column] for row, column in found.best] == [5, 2]


def test_a_figure_has_the_caption_of_its_file_wherever_that_lies():
    (one,) = figures(CAPTIONS, ["deep/er/curve.svg"])
    assert (one.file, one.title, one.caption) == (
        "deep/er/curve.svg",
        "The curve",
        "What it shows.",
    )


def test_a_figure_of_a_variant_says_so_last():
    assert figures(CAPTIONS, ["a/curve.svg"], "wide")[0].title == "The curve: wide"


def test_a_file_that_nobody_described_is_called_by_its_name():
    assert figures(CAPTIONS, ["other.png"])[0].title == "other"


def test_values_of_a_single_variant_have_their_own_names_too():
    assert by_variant({"net": {"x": 1}}) == {"net.x": 1, "x": 1}
    assert by_variant({"a": {"x": 1}, "b": {"x": 2}}) == {"a.x": 1, "b.x": 2}
