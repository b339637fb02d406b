"""What a reader must know before believing a study: a recipe and its outcomes in, sentences out.

Each check looks at what was done, never at what its maker says of it, so that it fires on anyone's
recipe. To add one: a function from :class:`Case` to a sentence or "", one line in :data:`CHECKS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from hangtag.records import Outcome
from hangtag.requests import KINDS
from hangtag.rooms.evaluate.cautions import Told, fired
from hangtag.rooms.report.words import listed, percent, plural
from hangtag.study.recipe import Recipe

LEAKED = 0.01  # proportion of validation images with a near-copy in training that spoils a choice

FEW_POINTS = 200  # images below which a map is more its sample than its set


@dataclass(frozen=True, eq=False)
class Case:
    """A study as it was done."""

    recipe: Recipe
    outcomes: Mapping[str, Outcome]
    limit: int | None

    def of(self, *verbs: str) -> list[Outcome]:
        """The outcomes of some verbs."""
        return [one for one in self.outcomes.values() if one.verb in verbs]


def cautions(case: Case) -> Told:
    """Run every check of a study; see :func:`~hangtag.rooms.evaluate.cautions.fired`."""
    return fired(CHECKS, case)


def _selected_on_test(case: Case) -> str:
    """Figures of several evaluated variants, of which a reader may take the highest."""
    rivals = [one for one in case.of("compare") if len(one.tables[0].rows) > 1]
    if not rivals:
        return ""
    chosen = [one.title for one in rivals]
    return (
        f"In {listed(chosen)} several models have a score on the same test images. Choosing "
        "by it would make it too good: here models are chosen by validation accuracy, and the test "
        "only says what the choice is worth."
    )


def _training_quoted(case: Case) -> str:
    names = [
        reported.figure
        for reported in case.recipe.reported
        if _is_training_score(case, reported.ours)
    ]
    if not names:
        return ""
    return (
        f"{listed(names)}: measured on images the model was trained on, and not the accuracy of "
        "the model. It is in the table because the document reports it."
    )


def _is_training_score(case: Case, ours: str) -> bool:
    step, _, value = ours.partition(".")
    verb = case.outcomes[step].verb
    last = value.rpartition(".")[2]
    return verb in {"train", *KINDS} and last in {
        "accuracy",
        "best_accuracy",
        "precision",
        "recall",
    }


def _leaky_split(case: Case) -> str:
    for one in case.of("audit"):
        leaked, all_ = one.values.get("leaked_validation", 0), one.values.get("validation", 0)
        if all_ and leaked / all_ > LEAKED:
            return (
                f"{leaked:,} of {plural(all_, 'validation image')} ({percent(leaked / all_)}) "
                "are near-copies of training images, or of near-copies of these: the split is "
                "random over near-copies, so every validation score is optimistic, and what is "
                "chosen by it is the model that remembers best."
            )
    return ""


def _leaky_test(case: Case) -> str:
    for one in case.of("audit"):
        leaked, all_ = one.values.get("leaked_test", 0), one.values.get("test", 0)
        if leaked and all_:
            return (
                f"{leaked:,} of {plural(all_, 'test image')} ({percent(leaked / all_)}) are "
                "near-copies of images used in training, or of near-copies of these; test scores "
                "count them as if they were new."
            )
    return ""


def _not_audited(case: Case) -> str:
    if case.of("audit") or not case.of("evaluate", "compare"):
        return ""
    return "Nobody looked for near-copies between training and test: add a step `audit`."


def _limited(case: Case) -> str:
    if case.limit is None:
        return ""
    quick = "; the recipe's `quick` changes were made, too" if case.recipe.quick else ""
    return (
        f"A quick pass: at most {plural(case.limit, 'image')} of each part were used{quick}. Its "
        "figures say nothing about the whole set, and the bands do not apply to them."
    )


def _one_seed(case: Case) -> str:
    single = [one.title for one in case.of("train", "ablate") if len(one.seeds) == 1]
    if not single:
        return ""
    return (
        f"{listed(single)} was done with one seed only, so how much of its figures is chance is "
        "not known."
    )


def _sampled(case: Case) -> str:
    names = [one.title for one in case.of("cluster", "reduce") if _is_sample(one)]
    if not names:
        return ""
    return (
        f"{listed(names)}: drawn from a sample of the images; another sample gives other maps "
        "and clusters."
    )


def _is_sample(one: Outcome) -> bool:
    if one.verb == "cluster":
        return "--sample" in "".join(one.commands)
    points = {value for name, value in one.values.items() if name.endswith(".points")}
    return len(points) > 1


def _searched(case: Case) -> str:
    searched = {one.name for one in case.of("tune")}
    again = {used for step in case.recipe.steps.values() for used in step.uses()}
    forgotten = sorted(searched - again)
    if not forgotten:
        return ""
    return (
        f"The best score of the search {listed(forgotten)} is the largest of many, and optimistic; "
        "nothing here trains its choice again and evaluates it."
    )


def _maps_of_few(case: Case) -> str:
    """Maps of so few points that where they lie says little of the set."""
    few = {
        f"{one.title} ({name.removesuffix('.points')})": value
        for one in case.of("reduce")
        for name, value in one.values.items()
        if name.endswith(".points") and value < FEW_POINTS
    }
    if not few:
        return ""
    return (
        f"{listed(list(few))}: a map of fewer than {FEW_POINTS} images. Another sample of so few "
        "gives another map; do not read distances between its groups."
    )


CHECKS: Mapping[str, Callable[[Case], str]] = {
    "models chosen by their test score": _selected_on_test,
    "training accuracy quoted as accuracy": _training_quoted,
    "a random split over near-copies": _leaky_split,
    "near-copies of test images among the training images": _leaky_test,
    "an audit left out": _not_audited,
    "a sample used where the whole was there": _limited,
    "maps or clusters of a sample": _sampled,
    "maps of very few images": _maps_of_few,
    "one seed only": _one_seed,
    "the best of many trials quoted as a result": _searched,
}
"""What is looked for, in a few words, and the check; the page lists the words."""
