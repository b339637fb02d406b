from __future__ import annotations

import inspect
import pickle

import pytest

from hangtag import errors
from hangtag.errors import HangtagError, SplitError, UsageError, nearest


def _classes():
    return [
        value
        for value in vars(errors).values()
        if inspect.isclass(value) and issubclass(value, HangtagError)
    ]


@pytest.mark.parametrize("error", _classes(), ids=lambda error: error.__name__)
def test_every_error_is_in_the_drawing(error):
    assert f" {error.__name__}" in errors.__doc__


@pytest.mark.parametrize("error", _classes(), ids=lambda error: error.__name__)
def test_every_error_says_when_it_is_raised(error):
    assert len(error.__doc__) > 20


def test_wrong_use_ends_with_exit_code_2_and_failure_with_1():
    for error in _classes():
        assert error.exit_code == (2 if issubclass(error, UsageError) else 1)


def test_an_error_keeps_its_sentence_and_its_hint():
    error = SplitError("asked for 5, has 3", "ask for less")
    assert (str(error), error.hint) == ("asked for 5, has 3", "ask for less")


def test_an_error_survives_the_way_back_from_a_worker_process():
    error = pickle.loads(pickle.dumps(SplitError("asked for 5, has 3", "ask for less")))
    assert (type(error), error.message, error.hint) == (
        SplitError,
        "asked for 5, has 3",
        "ask for less",
    )


def test_the_nearest_known_word_is_named_first():
    assert nearest("s0-cn", ["s2-mlp", "s0-cnn"]) == "did you mean 's0-cnn'? known: s0-cnn, s2-mlp"


def test_a_word_near_none_gets_the_list_alone():
    assert nearest("zzz", ["b", "a"]) == "known: a, b"
