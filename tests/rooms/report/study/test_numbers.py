"""Numbers are written with the digits that mean something."""

from __future__ import annotations

import pytest

from hangtag.rooms.report.study.numbers import band_ends, column, with_digits


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (394530, 0, "394,530"),
        (113.0, 0, "113"),
        (31.0377, 4, "31.0377"),
        (0.0, 1, "0.0"),
        (0.98, 0, "0.98"),
        (1e-9, 0, "1e-09"),
        ("adam", 2, "adam"),
        (None, 2, "–"),
        (float("nan"), 2, "nan"),
    ],
)
def test_a_figure_has_the_documents_digits(value, digits, text):
    assert with_digits(value, digits) == text


def test_a_band_has_as_many_digits_as_it_needs():
    assert band_ends((0.905, 0.917), 4) == "0.9050 to 0.9170"
    assert band_ends((0.55, 0.575), 2) == "0.55 to 0.575"
    assert band_ends((0.9, float("inf")), 2) == "at least 0.90"
    assert band_ends((float("-inf"), 3.0), 0) == "at most 3"


@pytest.mark.parametrize(
    ("cells", "texts", "right"),
    [
        ((1, 1200), ["1", "1,200"], True),
        ((0.5, 1.0), ["0.5000", "1.0000"], True),
        ((0.5, 43.21), ["0.50", "43.21"], True),
        ((355533847.2, 1.0), ["355,533,847", "1"], True),
        ((1e-3, 1e-9), ["0.001", "1e-09"], True),
        ((0.5, None), ["0.5000", ""], True),
        ((0.5, "none"), ["0.5000", "none"], False),
        ((True, False), ["yes", "no"], False),
        ((float("inf"), 2), ["inf", "2"], True),
        ((None, None), ["", ""], True),
        ((), [], True),
    ],
)
def test_a_column_can_be_compared_at_a_glance(cells, texts, right):
    assert column(cells) == (texts, right)
