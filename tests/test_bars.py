"""A bar says how far a stage is, and never takes it back."""

from __future__ import annotations

import itertools

from hangtag import bars as drawing


def test_a_bar_never_runs_backwards():
    class Drawn:
        def __init__(self):
            self.seen, self.number = [], itertools.count()

        def add_task(self, *_, **__):
            return next(self.number)

        def update(self, _, **told):
            self.seen.append(told["completed"])

    drawn = Drawn()
    bars = drawing._Bars(drawn)
    for _ in range(3):
        for done in range(11):
            bars("neighbors", done, 10)
    assert drawn.seen == sorted(drawn.seen)
    assert drawn.seen[-1] == 1
    assert next(drawn.number) == 1  # one bar for all passes
