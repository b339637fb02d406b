"""What a step is given: the study's images divided, runs of earlier steps, its request."""

from pathlib import Path

import pytest

from hangtag.errors import OptionError
from hangtag.records import Outcome
from hangtag.requests import ClusterRequest
from hangtag.study.step import StepContext
from hangtag.study.steps.cluster import ClusterStep
from hangtag.study.steps.compare import CompareStep
from hangtag.study.steps.evaluate import EvaluateStep

RUNS = {
    "wide-seed0": "steps/net/runs/wide-seed0",
    "wide-seed1": "steps/net/runs/wide-seed1",
    "thin-seed0": "steps/net/runs/thin-seed0",
}


@pytest.fixture
def at(digits):
    before = {"net": Outcome("net", "train", "Net", runs=RUNS)}
    return StepContext(
        "it", Path("study"), None, lambda: digits, "stratified:0.2", 3, (0, 1), 50, before
    )


def test_runs_of_a_step_are_found_by_variant_in_the_order_of_seeds(at):
    found = at.runs("net")
    assert list(found) == ["wide", "thin"]
    assert found["wide"] == [Path("study") / RUNS[f"wide-seed{seed}"] for seed in (0, 1)]
    assert list(at.runs("net.thin")) == ["thin"]


def test_a_variant_that_is_not_there_is_named_with_those_that_are(at):
    with pytest.raises(OptionError, match="step 'net' has no variant 'wied'") as refused:
        at.runs("net.wied")
    assert "did you mean 'wide'?" in refused.value.hint


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (None, "stratified:0.2+test:0.2"),
        ("official", "auto"),
        ("last:40+test:0.1", "last:40+test:0.1"),
        ("saved:a.npz", "saved:a.npz"),
    ],
)
def test_images_without_a_test_part_get_one(at, said, meant):
    assert at.how_to_divide(said) == meant


def test_a_step_asks_what_it_says_and_what_the_study_says_for_all(at):
    asked = ClusterStep(verb="cluster", k=[3], n_init=2).asked(at, ClusterRequest)
    assert (asked.k, asked.n_init) == ((3,), 2)
    assert (asked.seed, asked.limit, asked.split) == (3, 50, "stratified:0.2+test:0.2")
    own = ClusterStep(verb="cluster", seed=9, split="last:40").asked(at, ClusterRequest)
    assert (own.seed, str(own.split)) == (9, "last:40+test:0.2")


def test_a_step_uses_the_steps_it_is_of_each_once():
    assert EvaluateStep(verb="evaluate", of="net").uses() == ("net",)
    assert EvaluateStep(verb="evaluate", of="net.wide").uses() == ("net",)
    of = ["net.wide", "net.thin", "trees"]
    assert CompareStep(verb="compare", of=of).uses() == ("net", "trees")
    assert ClusterStep(verb="cluster").uses() == ()
