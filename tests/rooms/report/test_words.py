"""Numbers as people write them."""

import pytest

from hangtag.rooms.report import words

THIN = "\N{NARROW NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("proportion", "text"),
    [
        (0.9124, "91.2 %"),
        (1.0, "100 %"),
        (0.0, "0 %"),
        (0.99996, ">99.9 %"),
        (0.0001, "<0.1 %"),
        (0.5, "50.0 %"),
    ],
)
def test_a_proportion_is_never_all_or_nothing_unless_it_is(proportion, text):
    assert words.percent(proportion) == text.replace(" ", THIN)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (10_000, "10,000"),
        (0.25, "0.25"),
        (1e-9, "1e-09"),
        (None, "none"),
        (True, "yes"),
        (False, "no"),
        ("words", "words"),
        (("accuracy", "auc"), "accuracy, auc"),
        ((), "none"),
    ],
)
def test_values_are_written_for_people(value, text):
    assert words.number(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.42, "0.4 s"), (12, "12 s"), (75, "1 min 15 s"), (3600, "1 h"), (7325, "2 h 2 min 5 s")],
)
def test_durations_are_written_for_people(seconds, text):
    assert words.duration(seconds).replace(THIN, " ") == text


def test_shapes_and_counts_are_written_for_people():
    assert words.size((26, 26, 28)) == "26 × 26 × 28"
    assert words.size([None, 10]) == "any × 10"
    assert (words.plural(1, "image"), words.plural(2000, "image")) == (
        "1 image",
        "2,000 images",
    )
    assert words.score_name("top_3") == "Right class among the 3 most probable"


def test_proportions_over_seeds_are_a_mean_and_its_ends():
    assert words.spread([0.9, 0.92], [3, 5]) == (
        "91.0\u202f% over seeds 3 and 5 (90.0\u202f% to 92.0\u202f%)"
    )
    assert words.spread([0.9], [3]) == "90.0\u202f% with seed 3"
    assert words.spread([0.9], []) == "90.0\u202f%"


def test_what_is_less_than_nothing_has_a_minus_sign():
    assert words.percent(-0.012) == "−1.2\u202f%"
    assert words.points(-0.0123) == "−1.23 points"
    assert words.points(0.01) == "+1.00 points"


def test_a_list_is_read_as_it_is_said():
    assert words.listed(["a"]) == "a"
    assert words.listed([1, 2]) == "1 and 2"
    assert words.listed(["a", "b", "c"]) == "a, b and c"
    assert words.listed([]) == ""
