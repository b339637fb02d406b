"""What is shown of a search: computed from its trials, and drawn."""

import csv
import io

import numpy as np
import pytest

from hangtag.records import Space, Trial, Trials
from hangtag.rooms.tune import coordinates, figures, history, importance, space, table


def searched(made: Space, value, seed=0, count=60, maximise=True) -> Trials:
    from hangtag.rooms.tune.space import draw

    generator = np.random.default_rng(seed)
    rows = []
    for number in range(1, count + 1):
        drawn = draw(made, generator)
        rows.append(Trial(number, drawn, "finished", float(value(drawn, generator))))
    rows.append(Trial(count + 1, draw(made, generator), "failed", reason="<b>&"))
    return Trials(made, "random", "validation accuracy", maximise, tuple(rows), count + 1)


@pytest.fixture(scope="module")
def found():
    made = space("rate=0.001:1.0:log;units=8:64:8;kind=a,b,c;single=1")
    return searched(made, lambda p, g: -abs(np.log10(p["rate"]) + 1) + 0.02 * g.normal())


def test_history_is_the_best_so_far(found):
    grown = history(found)
    assert np.array_equal(grown.best, np.maximum.accumulate(grown.values))
    assert len(grown.numbers) == 60
    falling = searched(found.space, lambda p, g: g.normal(), maximise=False)
    assert np.array_equal(history(falling).best, np.minimum.accumulate(history(falling).values))


def test_importance_finds_what_matters_and_nothing_else(found):
    proportions = importance(found)
    assert next(iter(proportions)) == "rate"
    assert proportions["rate"] > 0.6
    assert max(value for name, value in proportions.items() if name != "rate") < 0.2
    assert proportions["single"] == 0


def test_importance_of_a_full_grid_is_its_proportion_of_variance():
    made = space("a=0,1;b=0,1,2")
    rows = [
        Trial(1 + 3 * a + b + 6 * again, {"a": a, "b": b}, "finished", 3.0 * a + 0.01 * again)
        for again in range(3)
        for a in (0, 1)
        for b in (0, 1, 2)
    ]
    proportions = importance(Trials(made, "grid", "score", True, tuple(rows), 18))
    assert proportions["a"] == pytest.approx(1, abs=0.001)
    assert proportions["b"] == 0


def test_noise_alone_is_given_little_importance():
    made = space("a=0,1,2,3;b=0.0:1.0;c=x,y")
    proportions = [importance(searched(made, lambda p, g: g.normal(), seed=s)) for s in range(20)]
    assert np.mean([value for one in proportions for value in one.values()]) < 0.04


def test_too_few_trials_say_nothing():
    made = space("a=0,1")
    rows = (Trial(1, {"a": 0}, "finished", 1.0), Trial(2, {"a": 1}, "finished", 2.0))
    assert importance(Trials(made, "grid", "score", True, rows, 2)) == {}


def test_coordinates_place_every_value_between_its_ends(found):
    lines = coordinates(found)
    assert lines.names == ("rate", "units", "kind", "single", "validation accuracy")
    assert lines.places.shape == (60, 5)
    assert lines.places.min() >= 0
    assert lines.places.max() <= 1
    rates = [one.parameters["rate"] for one in found.finished]
    assert np.allclose(lines.places[:, 0], (np.log10(rates) + 3) / 3)
    assert lines.places[:, -1].argmax() == np.argmax([one.value for one in found.finished])
    assert [text for _, text in lines.ticks[2]] == ["a", "b", "c"]


def test_the_table_has_a_line_for_every_trial_and_its_reason(found):
    rows = list(csv.DictReader(io.StringIO(table(found))))
    assert len(rows) == 61
    assert float(rows[4]["validation accuracy"]) == found.trials[4].value
    assert rows[-1]["state"] == "failed"
    assert rows[-1]["reason"] == "<b>&"


def test_three_figures_are_drawn_and_the_same_every_time(found):
    made = figures(found)
    assert sorted(made) == ["history.svg", "importance.svg", "parallel.svg"]
    assert all(data.startswith(b"<?xml") for data in made.values())
    assert made == figures(found)


def test_a_search_of_one_trial_can_be_drawn():
    made = space("a=0,1")
    one = Trials(made, "grid", "score", True, (Trial(1, {"a": 0}, "finished", 0.5),), 2)
    assert sorted(figures(one)) == ["history.svg", "parallel.svg"]
    assert figures(Trials(made, "grid", "score", True, (), 2)) == {}
