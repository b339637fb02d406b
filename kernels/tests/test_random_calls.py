"""Calls with anything in them come to the values of float64 or are refused, at once; here a few.

``make random-calls`` makes thousands of them.
"""

from __future__ import annotations

import pytest

from random_calls.running import ENTRIES, known_instructions, one_call, rounds


@pytest.mark.parametrize("entry", ENTRIES)
def test_random_calls_give_what_float64_gives_or_are_refused(entry):
    for tally in rounds(entry, 30, known_instructions(), seed=1, repeats=6).values():
        assert tally.wrong == []
        assert tally.calls == 30


# Sums of hundreds of numbers, probabilities of one batch that round alike, turned weights.
ONCE_BEYOND = [
    ("convolve_back", 91, 9),
    ("convolve_back", 326, 17),
    ("train_stack", 196, 9),
    ("train_stack", 244, 16),
    ("train_stack", 491, 5),
]


@pytest.mark.parametrize(("entry", "number", "draw"), ONCE_BEYOND)
def test_calls_that_lost_too_many_bits_before_lose_none_too_many(entry, number, draw):
    for name, tally in one_call(entry, number, draw).items():
        assert tally.wrong == [], name
        assert tally.calls == 1
