"""Numbers as people type them."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hangtag.requests.values import AXES, NUMBERS, SIZE


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("10", (10,)),
        ("5,10, 25", (5, 10, 25)),
        ("5..40/5", (5, 10, 15, 20, 25, 30, 35, 40)),
        ("2..4", (2, 3, 4)),
        ("1..3,10..30/10", (1, 2, 3, 10, 20, 30)),
        ("5..12/5", (5, 10)),
    ],
)
def test_numbers_and_ranges_are_read(text, found):
    assert NUMBERS.read(text) == found


@pytest.mark.parametrize(
    "text", ["", "x", "5..", "..5", "9..5", "1..9/0", "-3", "1.5", "1..9999999"]
)
def test_anything_else_is_refused(text):
    with pytest.raises(ValueError):
        NUMBERS.read(text)


@given(st.text(max_size=20))
def test_no_text_does_anything_but_that(text):
    with contextlib.suppress(ValueError):
        assert all(one >= 0 for one in NUMBERS.read(text))


@pytest.mark.parametrize(("text", "found"), [("9", 9), ("0.95", 0.95)])
def test_axes_are_a_number_or_a_proportion(text, found):
    assert AXES.read(text) == found


@pytest.mark.parametrize("text", ["0", "1.0", "9.5", "-1", "nan", "inf", "all", ""])
def test_other_axes_are_refused(text):
    with pytest.raises(ValueError):
        AXES.read(text)


@given(st.lists(st.integers(0, 500), min_size=1))
def test_numbers_are_written_so_that_they_are_read_again(numbers):
    assert NUMBERS.read(NUMBERS.write(tuple(numbers))) == tuple(numbers)


def test_a_range_is_written_as_a_range():
    assert NUMBERS.write(tuple(range(50, 751, 50))) == "50..750/50"
    assert NUMBERS.write((2, 3, 4, 5)) == "2..5"
    assert NUMBERS.write((5, 10, 25)) == "5,10,25"


@pytest.mark.parametrize("given", ["28", 28, (28, 28), [28, 28], "28x28"])
def test_a_size_is_a_side_or_two(given):
    assert SIZE.read(given) == (28, 28)
