"""Numbers as people type them."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hangtag.cli.numbers import axes, numbers
from hangtag.errors import OptionError


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
    assert numbers(text, "--k") == found


@pytest.mark.parametrize(
    "text", ["", "x", "5..", "..5", "9..5", "1..9/0", "-3", "1.5", "1..9999999"]
)
def test_anything_else_is_refused_in_a_sentence(text):
    with pytest.raises(OptionError, match=r"--k '.*' are no numbers"):
        numbers(text, "--k")


@given(st.text(max_size=20))
def test_no_text_does_anything_but_that(text):
    with contextlib.suppress(OptionError):
        assert all(one >= 0 for one in numbers(text, "--k"))


@pytest.mark.parametrize(("text", "found"), [("9", 9), ("0.95", 0.95), ("none", None)])
def test_axes_are_a_number_a_share_or_none(text, found):
    assert axes(text) == found


@pytest.mark.parametrize("text", ["0", "1.0", "9.5", "-1", "nan", "inf", "all", ""])
def test_other_axes_are_refused(text):
    with pytest.raises(OptionError, match="no number of axes"):
        axes(text)
