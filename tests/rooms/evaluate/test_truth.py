"""The short form of ``benchmarks/truth.py``: intervals hold, alarms are rare, the promise is kept.

Few samples, so bars are as much wider as chance may move the figures; the long form has the bars.
"""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks import documented, truth, truth_seeds
from benchmarks.truth_worlds import ANSWERING, KINDS

from hangtag.rooms.evaluate import repeats


@pytest.fixture(scope="module")
def held():
    kinds = {name: KINDS[name] for name in ("three classes", "five uneven classes")}
    return truth.coverage({30: 60, 200: 60}, kinds, resamples=100, size=30_000)


def test_every_interval_holds_about_95_times_in_100_or_is_refused(held):
    for (name, n), worlds in held.items():
        for world, (proportion, given) in worlds.items():
            if given >= 0.9:
                # 60 samples of 95 % hold 50 or more in 999 of 1,000 cases.
                assert proportion >= 50 / 60, (name, n, world)


def test_thirty_images_of_uneven_classes_are_too_few_for_averages_and_auc(held):
    for name in ("macro recall", "macro f1", "weighted precision", "AUC"):
        assert held[name, 30]["five uneven classes"][1] == 0
        assert held[name, 200]["three classes"][1] == 1
    assert held["weighted recall", 30]["five uneven classes"][1] == 1


def test_no_test_raises_more_false_alarms_than_it_says():
    for (name, n), rates in truth.alarms(repetitions=150, sizes=(200,)).items():
        # 150 samples of 6 % hold up to 17 alarms in 999 of 1,000 cases.
        assert max(rates) <= 17 / 150, (name, n)


def test_no_rule_for_three_seeds_is_nearer_and_ours_is_near_it():
    least = truth_seeds.least_coverage(3, truth.ALARMS)
    assert 0.97 < least < 0.975
    generator = np.random.default_rng(0)
    # Seeds that do not matter: all chance is of single answers.
    right = generator.random((2, 1000, 3, 200)) < 0.8
    gaps = [repeats(*pair).difference.ends for pair in right.swapaxes(0, 1)]
    held = np.mean([low <= 0 <= high for low, high in gaps])
    # 1,000 samples know it to ± 0.009.
    assert least - 0.005 < held < least + 0.02


def test_the_threshold_keeps_its_promise_and_a_model_too_weak_gets_none():
    kinds = {
        name: ANSWERING[name]
        for name in ("fair", "tops out at 94.6 %", "just below 95 % at every confidence")
    }
    found = truth.promise(20, (1000,), kinds, fresh_answers=100_000)
    assert all(row[1000][0] >= 0.9 for row in found.values())
    assert found["fair"][1000][1] > 0.4
    assert found["tops out at 94.6 %"][1000][1] <= 0.1


def test_tables_go_to_their_place_in_the_docs_and_the_rest_stays(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- one -->\nold\n<!-- /one -->\nafter\n")
    documented.into_docs("one", "new", page)
    assert page.read_text() == "before\n<!-- one -->\n\nnew\n\n<!-- /one -->\nafter\n"
    with pytest.raises(ValueError, match="no place for two"):
        documented.into_docs("two", "new", page)
