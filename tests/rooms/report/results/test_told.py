"""What is said of results is true of them: of chance, of failures, of what may not be believed."""

from dataclasses import replace

import numpy as np
import pytest

from hangtag.records import (
    Ablation,
    Candidate,
    Candidates,
    Dimension,
    History,
    Predictions,
    Projection,
    Scores,
    Space,
    Split,
    Tag,
    Trial,
    Trials,
    Variant,
)
from hangtag.records.evaluation import Score
from hangtag.rooms.evaluate import evaluate
from hangtag.rooms.report.results import (
    ablate,
    audit,
    candidates,
    reduce,
    summary,
    tag,
    train,
    tune,
)
from hangtag.rooms.report.results import (
    evaluate as evaluations,
)
from hangtag.rooms.report.results import (
    explore as looks,
)

NAMES = ("bag", "coat", "shoe")


def _history(training, validation):
    curves = {"accuracy": (0.1, training), "val_accuracy": (0.1, validation)}
    return History(curves, (1.0, 3.0))


def _network(count, fixed=0):
    layer = {
        "name": "dense",
        "type": "Dense",
        "keras": "Dense(10)",
        "output_shape": (26, 10),
        "parameters": count,
    }
    totals = dict.fromkeys(train.COUNTED.values(), count)
    layers = [{**layer, "trainable": count - fixed}]
    return {**totals, "trainable": count - fixed, "non_trainable": fixed, "layers": layers}


def _candidates(*accuracies, notes=()):
    rows = tuple(
        Candidate({"k": number}, Scores(0.99), Scores(one), 1.0)
        for number, one in enumerate(accuracies, start=1)
    )
    best = int(np.argmax(accuracies))
    return Candidates("neighbors", rows, best, {}, 2.0, notes, {"grown": 7, "cached": True})


def _chosen(seed, *accuracies, **more):
    return candidates.Chosen(seed, _candidates(*accuracies, **more), "a vote", 12)


def test_training_accuracy_far_above_validation_accuracy_is_a_caution_and_near_it_is_none():
    found = {"wide": [_history(0.99, 0.90)], "narrow": [_history(0.91, 0.90)]}
    counted = dict.fromkeys(found, _network(5))
    made = train.told(found, counted, [0])
    (caution,) = made.cautions
    assert caution.startswith("wide is right for 99.0")
    assert made.values["wide.parameters"] == 5
    assert made.words[-1].startswith("By validation accuracy")


def test_a_training_without_validation_is_ranked_by_nothing():
    alone = History({"accuracy": (0.5,)}, (1.0,))
    made = train.told({"net": [alone]}, {"net": _network(5)}, [4])
    assert made.words[0].startswith("net: training accuracy 50.0")
    assert made.values["accuracy"] == [0.5]
    assert made.cautions == ()


def test_every_epoch_of_every_training_is_in_a_log_the_kept_one_marked():
    rise = (0.5, 0.6, 0.7)
    curves = {"val_loss": (2.0, 1.0, 3.0), "auc": rise, "accuracy": rise, "loss": rise[::-1]}
    stopped = History(curves, (0.1, 0.2, 0.3), best_epoch=1, restored=True)
    whole = replace(stopped, restored=False)
    made = train.told({"net": [stopped, whole, stopped]}, {"net": _network(5)}, [0, 1, 2])
    first, others = (one for one in made.tables if one.name.startswith("epochs-"))
    assert first.title == "Training log of net, seed 0"
    heads = ("epoch", "loss", "accuracy", "AUC", "validation loss", "seconds")
    assert first.header == heads
    assert first.rows[1] == (2, 0.6, 0.6, 0.6, 1.0, 0.2)
    assert first.best == ((1, 0),)
    assert others.title == "Training log of net, seeds 1 and 2"
    assert [row[:2] for row in others.rows] == [(s, e) for s in (1, 2) for e in (1, 2, 3)]
    assert others.best == ((2, 1), (4, 1))


def test_networks_of_variants_that_are_alike_have_one_table_of_layers():
    found = {name: [_history(0.9, 0.9)] for name in ("top", "bottom", "normed")}
    counted = {"top": _network(5), "bottom": _network(5), "normed": _network(9, fixed=4)}
    made = train.told(found, counted, [0])
    some = [one for one in made.tables if one.name.startswith("layers-")]
    assert [one.title for one in some] == ["Layers of top and bottom", "Layers of normed"]
    assert some[1].header[-2:] == ("trainable", "not trainable")
    assert some[1].rows == (("dense", "Dense(10)", "26 × 10", 9, 5, 4),)


def test_equally_good_candidates_are_counted_and_the_chosen_cell_is_marked():
    made = candidates.told("Votes", {"near": [_chosen(3, 0.7, 0.9, 0.9)]})
    assert "2 candidates are equally good; the first of them is taken." in made.words[0]
    ((row, column),) = made.tables[0].best
    assert made.tables[0].rows[row][:3] == ("near", 3, 2)
    assert made.tables[0].header[column] == "validation accuracy"
    assert made.values["best_k"] == 2


def test_with_one_seed_of_the_study_a_value_is_a_number():
    found = {"near": [_chosen(0, 0.7, 0.9)]}
    assert candidates.told("Votes", found).values["val_accuracy"] == [0.9]
    values = candidates.told("Votes", found, one_seed=True).values
    assert values["val_accuracy"] == 0.9
    assert values["grown"] == 7
    assert "cached" not in values  # how it was come by, and not what came of it


def test_notes_of_candidates_are_cautions_said_once():
    some = [_chosen(seed, 0.7, notes=("it had not converged",)) for seed in (0, 1)]
    assert candidates.told("Votes", {"near": some}).cautions == ("It had not converged.",)


def test_a_change_that_chance_explains_is_said_to_be_no_more():
    def variant(name, p, gap):
        difference = None if p is None else Score(gap, gap - 0.01, gap + 0.01, "t", 60)
        mean = Score(0.8, 0.7, 0.9, "t", 60)
        history = (_history(0.9, 0.8),)
        return Variant(name, {}, (0,), (0.8,), mean, difference, p, 100, 1.0, history)

    variants = (variant("base", None, 0), variant("+ a", 0.2, -0.01), variant("+ b", 0.01, 0.05))
    made = ablate.told(Ablation("net", "validation accuracy", variants))
    assert "−1.00 points" in made.words[1]
    assert "no more than chance explains" in made.words[1]
    assert "is more than chance explains" in made.words[2]
    assert made.values["a.accuracy"] == [0.8]


def test_the_best_of_a_search_is_said_with_how_many_came_near_and_what_failed():
    space = Space((Dimension("seconds", choices=(1, 2, 3, 4)),))
    values = (0.9, 0.899, 0.5)
    some = [Trial(n, {"seconds": n}, "finished", one) for n, one in enumerate(values, start=1)]
    failed = Trial(4, {"seconds": 4}, "failed", reason="too large")
    trials = Trials(space, "grid", "validation accuracy", True, (*some, failed), 4)
    made = tune.told(trials, {"seconds": 1.0})
    assert "1 other trial came within 0.2 points" in made.words[0]
    assert "What matters most is seconds" in made.words[0]
    assert made.cautions[1] == "1 trial failed: too large."
    # A parameter may be called like a column of ours: both are there.
    assert made.tables[0].header == ("trial", "seconds", "validation accuracy", "state", "seconds")
    assert made.tables[0].best == ((0, 2),)


def test_an_evaluation_names_the_worst_class_and_the_pair_that_is_mistaken_most():
    labels = np.repeat([0, 1, 2], 20)
    answers = labels.copy()
    answers[40:50] = 1  # shoes taken for coats
    chances = np.full((60, 3), 0.05, np.float32)
    chances[np.arange(60), answers] = 0.9
    found = evaluate(Predictions(np.arange(60), labels, chances, NAMES), split="test")
    made = evaluations.told({"net": [found, found]}, (0, 1))
    assert "worst at shoe" in made.words[0]
    assert "it takes shoe for coat (10 images)" in made.words[0]
    assert made.values["accuracy"] == [50 / 60] * 2
    assert [table.name for table in made.tables] == ["scores", "classes-net"]
    assert [row[1] for row in made.tables[0].rows] == [0, 1]


def test_a_seed_without_a_threshold_answers_for_nothing_beside_one_that_has_it():
    labels = np.repeat(np.arange(3), 20)
    chances = np.full((60, 3), 0.1)
    chances[np.arange(60), labels] = 0.8
    some = Predictions(np.arange(60), labels, chances, NAMES)
    with_it, without = (evaluate(some, split="test", threshold=least) for least in (0.5, None))
    for runs, answered in (((with_it, without), [1.0, 0.0]), ((without, with_it), [0.0, 1.0])):
        values = evaluations.told({"cnn": runs}, (0, 1)).values
        assert values["answered"] == answered
        assert values["accuracy"] == [1.0, 1.0]
        assert "accuracy_answered" not in values
    assert "answered" not in evaluations.told({"cnn": (without,)}, (0,)).values


def test_maps_are_ranked_by_how_well_they_keep_neighbours(maps):
    measured = [
        replace(one, quality={"trustworthiness": place / 10, "class_agreement": 0.5})
        for place, one in enumerate(maps)
    ]
    files = [f"{measured[0].method}.svg", f"{measured[0].method}-pictures.png"]
    made = reduce.told(measured, len(maps[0]), files)
    assert made.values["best"] == maps[-1].method
    assert (len(maps) - 1, 2) in made.tables[0].best
    assert made.figures[1].title == f"{made.figures[0].title} with images"


def test_a_map_of_a_sample_says_of_how_many():
    one = Projection("pca", np.arange(5), np.zeros((5, 2), np.float32), ("PC1", "PC2"))
    assert reduce.told([one], 9).words == ("PCA 5 images of 9, drawn by the seed.",)


def test_a_look_says_which_labels_there_are_and_which_number_is_missing(faulty, summary):
    named = replace(faulty, class_codes=(0, 1, 2, 3, 4, 5, 6, 7, 8, 10))
    rows = (np.arange(200), np.arange(200, 300), np.arange(300, 400))
    split = Split("last:100", None, *rows, named.fingerprint)
    marked = replace(summary, variance=replace(summary.variance, asked=(2,)))
    made = looks.told(named, marked, split, ["variance.svg", "variants.png"])
    assert "10 numbers from 0 to 10; 9 does not occur." in made.words[1]
    held = f"Marked beside it: 2 hold {100 * summary.variance.cumulative[1]:.1f}"
    assert made.words[2].count(held) == 1
    tables = {one.name: one for one in made.tables}
    assert tables["labels"].rows[-1] == (10, "9")
    *parts, total = [row[1:] for row in tables["classes"].rows]
    assert total == tuple(map(sum, zip(*parts, strict=True)))
    assert total[-1] == 400
    assert tables["shapes"].rows[0] == ("training", "(200, 8, 8)", "(200, 4, 8)", "(200, 4, 8)")
    assert [row[0] for row in tables["shapes"].rows] == ["training", "validation", "test"]


def test_pixels_are_told_scaled_and_standardised_by_the_training_images(faulty, summary):
    rows = (np.arange(300), np.arange(0), np.arange(300, 400))
    made = looks.told(faulty, summary, Split("official", None, *rows, faulty.fingerprint))
    pixels = next(one for one in made.tables if one.name == "pixels")
    training, test = (dict(zip(pixels.header, row, strict=True)) for row in pixels.rows)
    scaled = faulty.images / 255
    mean, deviation = scaled[:300].mean(), scaled[:300].std()
    assert training["most standardised"] == pytest.approx((scaled[:300].max() - mean) / deviation)
    assert test["least standardised"] == pytest.approx((scaled[300:].min() - mean) / deviation)
    assert "shapes" not in {one.name for one in made.tables}


def test_an_audit_says_of_each_part_how_much_of_it_leaked(findings):
    test = {"leaked": 1, "test": 10, "why": "they are equal"}
    made = audit.told(findings, test, {"leaked": 0, "test": 0}, drawn=True)
    assert made.words[0].startswith("Of 10 test images, 1 (10.0")
    assert made.words[-1] == "What counts as a near-copy: they are equal."
    assert len(made.words) == 2  # nothing of a validation part that there is not
    assert made.figures[0].file == "pairs.png"


def test_networks_are_counted_layer_by_layer():
    made = summary.told({"net": _network(20, fixed=5)})
    assert made.values["net.fixed"] == 5
    assert made.tables[0].rows == (("dense", "Dense(10)", "26 × 10", 20, 15, 5),)
    assert "15 trainable, 5 not trainable" in made.tables[0].note


def test_a_shop_is_told_how_many_tags_are_right_and_what_was_refused():
    bag = Tag("bag-1", "bag", 0.9, (("bag", 0.9),), "m")
    other, torn = Tag("other-1", "unknown", 0.2, (), "m"), Tag("x", "", None, (), "m", "torn")
    tags = [bag, other, torn]
    made = tag.told(tag.Shop(tags, 1, 1, 1, 1, 4, 3, 0.5, 0.75))
    assert made.values["tagged"] == made.values["unknown"] == made.values["unreadable"] == 1
    assert "1 test image, 1 image of other things" in made.words[0]
    assert made.tables[0].rows[2] == ("x", "", None, "", "torn")


@pytest.mark.parametrize("told", [ablate, audit, candidates, evaluations, reduce, tune])
def test_captions_are_sentences(told):
    for title, caption in getattr(told, "FIGURES", {}).values():
        assert title[0].isupper()
        assert caption.endswith(".")
