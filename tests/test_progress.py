"""Who looks on is told how far work is and how long it still takes, and nobody else is."""

from __future__ import annotations

import io

import pytest

from hangtag import progress


@pytest.fixture
def clock(monkeypatch):
    """A clock that only goes on when it is told to."""
    now = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])

    def on(seconds):
        now[0] += seconds

    return on


def test_time_left_follows_from_how_fast_it_went(clock):
    pace = progress.Pace()
    assert pace.left("train", 0, 60) == ""
    clock(10)
    assert pace.left("train", 20, 60) == "20 s left"
    clock(10)
    assert pace.left("train", 30, 60) == "20 s left"
    assert pace.left("train", 60, 60) == ""


def test_nothing_is_foretold_of_the_first_seconds_of_unknown_totals_or_of_another_pass(clock):
    pace = progress.Pace()
    pace.left("load", 0, 100)
    clock(1)
    assert pace.left("load", 50, 100) == ""
    clock(9)
    assert pace.left("load", 50, 0) == ""
    assert pace.left("load", 50, 100) == "10 s left"
    # A stage that is begun anew knows nothing of its speed yet.
    pace.left("knn", 5, 10)
    clock(5)
    assert pace.left("knn", 0, 10) == ""
    clock(5)
    assert pace.left("knn", 5, 10) == "5 s left"
    # Also one whose passes all begin at nothing: the one before says nothing of this one's speed.
    pace.left("knn", 10, 10)
    clock(100)
    assert pace.left("knn", 0, 10) == ""
    clock(5)
    assert pace.left("knn", 5, 10) == "5 s left"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.2, "1 s"), (59.4, "59 s"), (60, "1 min"), (200, "3 min 20 s"), (1230, "20 min"),
        (3599.8, "1 h 0 min"), (7500, "2 h 5 min"),
    ],
)  # fmt: skip
def test_durations_are_said_as_people_say_them(seconds, said):
    assert progress.duration(seconds) == said


def test_a_pipe_gets_a_line_now_and_then_and_short_work_none(clock):
    stream = io.StringIO()
    lines = progress.Lines(stream, str, every=10)
    for done in range(5):
        lines("train", done, 100, "loss 0.5")
        clock(1)
    assert stream.getvalue() == ""
    for done in range(5, 25):
        lines("train", done, 100, "loss 0.5")
        clock(1)
    assert stream.getvalue().splitlines() == [
        "train: 10 of 100, 1 min 30 s left, loss 0.5",
        "train: 20 of 100, 1 min 20 s left, loss 0.5",
    ]


def test_a_caution_is_said_once_however_often_it_comes(clock):
    stream = io.StringIO()
    lines = progress.Lines(stream, str.upper)
    for _ in range(3):
        lines(progress.CAUTION, 0, 0, "two copies")
    assert stream.getvalue() == "TWO COPIES\n"
