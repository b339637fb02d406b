"""Spaces: read from text and YAML, refused with a sentence when nothing can be searched."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hangtag.errors import FormatError, HangtagError, OptionError
from hangtag.records import Dimension, Space
from hangtag.rooms.tune import READY, check_names, ready, scalar, space
from hangtag.rooms.tune.space import cells, draw


def test_names_with_colons_are_choices():
    assert space("features=pixels,pca:5").dimensions[0].choices == ("pixels", "pca:5")
    for wrong in ("x=1:2,5", "x=5,1:2"):
        with pytest.raises(OptionError, match="no number"):
            space(wrong)


def test_text_gives_choices_whole_numbers_and_ranges():
    made = space("dense.units=64,128;dropout=0:0.5;k=1:9:2;rate=1e-4:1e-2:log;optimizer=adam, sgd")
    units, dropout, k, rate, optimizer = made.dimensions
    assert units.choices == (64, 128)
    assert (dropout.low, dropout.high, dropout.kind) == (0.0, 0.5, "number")
    assert k.values == (1, 3, 5, 7, 9)
    assert rate.log
    assert optimizer.choices == ("adam", "sgd")


def test_yaml_says_the_same(tmp_path):
    place = tmp_path / "space.yaml"
    place.write_text(
        "dense.units: [64, 128]\ndropout: {low: 0, high: 0.5}\n"
        'rate: {low: 1.0e-4, high: 1.0e-2, log: true}\nk: "1:9:2"\nepochs: 3\n'
    )
    text = "dense.units=64,128;dropout=0:0.5;rate=1e-4:1e-2:log;k=1:9:2;epochs=3"
    assert space(place) == space(str(place)) == space(text)


@given(
    st.lists(
        st.one_of(
            st.lists(st.integers(-99, 99), min_size=1, max_size=4, unique=True).map(tuple),
            st.tuples(st.floats(0.01, 1), st.floats(2, 9)),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_a_space_written_down_is_read_back(values):
    made = Space(
        tuple(
            Dimension(f"p{place}", choices=one)
            if isinstance(one[0], int)
            else Dimension(f"p{place}", low=one[0], high=one[1])
            for place, one in enumerate(values)
        )
    )
    assert space(str(made)) == made
    assert Space.from_dict(made.to_dict()) == made


@given(st.text(max_size=60))
def test_no_text_brings_anything_but_an_error_of_ours(text):
    try:
        made = space(text.replace("/", " "))
    except HangtagError as error:
        assert error.message
    else:
        assert made.dimensions


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        (" ; ", "empty"),
        ("x", "'x' does not say"),
        ("x=", "does not say"),
        ("x=1,1", "twice"),
        ("x=1,2;x=3", "x twice"),
        ("x=5:1", "from 5 to 1"),
        ("x=0:1:0", "step of 0"),
        ("x=0:9:log", "not above 0"),
        ("x=a:b", "no number"),
        ("x=1:2:3:4", "no range"),
        ("x=nan,1", "not finite"),
        ("9x=1", "no name"),
    ],
)
def test_a_space_that_cannot_be_is_refused(text, said):
    with pytest.raises(OptionError, match=said):
        space(text)


@pytest.mark.parametrize("text", ["- 1\n- 2", "a: [", "!!python/object:os.system {}", "\x00"])
def test_a_file_that_is_no_space_is_refused(tmp_path, text):
    place = tmp_path / "space.yaml"
    place.write_text(text)
    with pytest.raises(FormatError, match=r"space\.yaml"):
        space(place)


def test_an_empty_file_or_none_is_refused(tmp_path):
    (tmp_path / "space.yaml").write_text("")
    with pytest.raises(OptionError, match="empty"):
        space(tmp_path / "space.yaml")
    with pytest.raises(OptionError, match="no file"):
        space(tmp_path / "other.yaml")


def test_an_unknown_parameter_is_refused_and_the_known_ones_named():
    with pytest.raises(OptionError, match="batch_sise") as error:
        check_names(space("batch_sise=1,2"), ("batch_size", "epochs"))
    assert error.value.hint == "did you mean 'batch_size'? known: batch_size, epochs"


def test_a_grid_has_every_cell_once_and_the_last_parameter_changes_fastest():
    found = list(cells(space("a=1,2;b=x,y,z")))
    assert len(found) == 6
    assert found[:2] == [{"a": 1, "b": "x"}, {"a": 1, "b": "y"}]
    assert len({str(one) for one in found}) == 6


def test_a_grid_of_endless_or_too_many_values_is_refused():
    with pytest.raises(OptionError, match="single values or with a step"):
        list(cells(space("rate=0.1:0.2")))
    with pytest.raises(OptionError, match="at most are taken"):
        list(cells(space("a=1:1000;b=1:1000")))


def test_draws_by_logarithm_are_even_over_the_decades():
    generator = np.random.default_rng(0)
    made = space("rate=0.0001:0.1:log;units=1:1000:log")
    drawn = [draw(made, generator) for _ in range(3000)]
    decades = np.floor(np.log10([one["rate"] for one in drawn]))
    assert np.all(np.abs(np.unique(decades, return_counts=True)[1] - 1000) < 120)
    assert all(1 <= one["units"] <= 1000 and isinstance(one["units"], int) for one in drawn)


def test_words_stand_for_numbers_and_truth():
    assert [scalar(word) for word in ("3", "0.5", "TRUE", "none", "relu")] == [
        3, 0.5, True, None, "relu",
    ]  # fmt: skip


def test_the_studies_spaces_are_there_with_their_best_cells():
    best = {
        "s2-grid": {"batch_size": 128, "dropout": 0.2, "epochs": 20, "dense.units": 128},
        "s2-grid2": {"batch_size": 128, "epochs": 20, "optimizer": "adam"},
        "s4-search": {
            "conv.activation": "relu", "optimizer": "rmsprop", "conv_1.filters": 32,
            "conv_2.filters": 128, "conv.kernel_size": 3, "dense.activation": "tanh",
            "dense.layers": 1, "dense_1.units": 160, "batch_size": 192,
        },
    }  # fmt: skip
    for name, cell in best.items():
        dimensions = {one.name: one for one in READY[name].space.dimensions}
        assert all(value in dimensions[key].values for key, value in cell.items())
    with pytest.raises(OptionError, match="s2-gird"):
        ready("s2-gird")
