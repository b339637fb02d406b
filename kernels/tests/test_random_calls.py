"""Calls with anything in them come to the values of float64 or are refused, at once; here a few.

``make random-calls`` makes thousands of them.
"""

from __future__ import annotations

import pytest

from random_calls.running import ENTRIES, known_instructions, rounds


@pytest.mark.parametrize("entry", ENTRIES)
def test_random_calls_give_what_float64_gives_or_are_refused(entry):
    for tally in rounds(entry, 30, known_instructions(), seed=1, repeats=6).values():
        assert tally.wrong == []
        assert tally.calls == 30
