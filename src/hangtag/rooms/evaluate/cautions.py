"""What a reader must know before believing a score: what was recorded goes in, sentences out.

Each check looks at what was recorded and at the data, never at what the maker says of it. To add
one: a function from :class:`Case` to a sentence or "", one line in :data:`CHECKS`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from hangtag.records import Evaluation, History, ImageSet, Split

C = TypeVar("C")
Told: TypeAlias = tuple[tuple[str, ...], tuple[str, ...]]
"""What was said, and what was looked for."""

WIDE = 0.04  # an interval wider than this cannot tell a good model from a fair one
GAP = 0.05  # training accuracy this far above validation accuracy is over-fitting worth saying


@dataclass(frozen=True, eq=False)
class Case:
    """A model that was tested, with what was recorded of it.

    Attributes:
        images: The set.
        split: Which of its images trained, chose and tested.
        evaluation: What the model was worth.
        noun: What it is in a sentence: ``network``, ``forest``, ….
        training: Accuracy on training images; None where it was not measured.
        validation: Accuracy on validation images; None without them.
        history: Epoch by epoch; None for what has no epochs.
        opened: How often the test split was opened for it.
        sealed: Whether its files have checksums.
        limit: Images per part that were loaded at most; None for all.
        leaks: What :func:`hangtag.rooms.audit.seen_before` counted.
    """

    images: ImageSet
    split: Split
    evaluation: Evaluation
    noun: str
    training: float | None
    validation: float | None
    history: History | None
    opened: int
    sealed: bool
    limit: int | None
    leaks: Mapping[str, Any]


def fired(checks: Mapping[str, Callable[[C], str]], case: C) -> Told:
    """Run checks.

    Args:
        checks: What each looks for, and the sentence it has to say of a case; empty for none.
        case: What they look at.

    Returns:
        The sentences of those that fired, and what all of them looked for.
    """
    said = (check(case) for check in checks.values())
    return tuple(sentence for sentence in said if sentence), tuple(checks)


def cautions(case: Case) -> Told:
    """Run every check of a run; see :func:`fired`."""
    return fired(CHECKS, case)


def _opened_again(case: Case) -> str:
    if case.opened < 2:
        return ""
    return (
        f"The test split was opened {case.opened} times for this run; a choice made after looking "
        "at it makes its score too good."
    )


def _unsealed(case: Case) -> str:
    if case.sealed:
        return ""
    return (
        "This run was begun by an older Hangtag, which kept no checksums: nothing would tell if a "
        "file of it had been changed."
    )


def _not_all(case: Case) -> str:
    if case.limit is None:
        return ""
    return (
        f"Only {case.limit} images of each part were used, so these scores "
        "say nothing about the whole set."
    )


def _leaked(case: Case) -> str:
    found = case.leaks
    if not found["leaked"]:
        return ""
    how_many = f"{found['leaked']} of {found['test']} test images"
    return (
        f"{how_many} ({found['leaked'] / found['test']:.1%}) are copies or near-copies of images "
        "used in training, or of near-copies of these; the score counts them as if they were new "
        f"({found['why']})."
    )


def _own_test(case: Case) -> str:
    own = case.images.parts.get("test", range(0))
    if (case.images.labels[own.start : own.stop] >= 0).any():
        return ""
    return (
        "The source has no test part of its own: the test images were drawn from the same pile as "
        "the training images, and images from elsewhere may be harder."
    )


def _wide(case: Case) -> str:
    score = case.evaluation.scores["accuracy"]
    low, high = score.ends or (0.0, 1.0)
    if high - low <= WIDE:
        return ""
    return (
        f"{score.n} test images leave the accuracy anywhere from {low:.3f} to {high:.3f}; more are "
        "needed to tell close models apart."
    )


def _flattering(case: Case) -> str:
    training, validation = case.training, case.validation
    if training is None or validation is None:
        return ""
    if training - validation <= GAP:
        return ""
    return (
        f"Training accuracy ({training:.3f}) is {training - validation:.3f} above validation "
        f"accuracy ({validation:.3f}): the {case.noun} over-fits, and training "
        "accuracy must not be quoted as the model's."
    )


def _no_validation(case: Case) -> str:
    if len(case.split.validation):
        return ""
    return (
        "No images were kept for validation, so no threshold for 'unknown' could be chosen: the "
        "tagger says 'unknown' to every image unless --threshold is given."
    )


def _never_sure(case: Case) -> str:
    if not len(case.split.validation) or case.evaluation.threshold is not None:
        return ""
    return (
        "Validation images do not show that answers to new images would be right as often as "
        "wanted at any confidence, so there is no threshold: the tagger says 'unknown' to every "
        "image unless --threshold is given."
    )


def _absent(case: Case) -> str:
    rows = case.evaluation.classes
    names = [row.name for row in rows if not row.support]
    if not names:
        return ""
    return f"The test split has no image of {', '.join(names)}: nothing is known of them."


def _untaught(case: Case) -> str:
    trained = set(case.images.labels[case.split.train].tolist())
    names = [
        row.name
        for row in case.evaluation.classes
        if row.support and case.images.class_names.index(row.name) not in trained
    ]
    if not names:
        return ""
    return (
        f"No training image shows {', '.join(names)}: the {case.noun} cannot answer it,"
        " and every test image of it counts as wrong."
    )


def _cut_short(case: Case) -> str:
    history = case.history
    if history is None or history.stopped in {"epochs", "early stopping"}:
        return ""
    return f"Training did not reach its end: {history.stopped}."


CHECKS: Mapping[str, Callable[[Case], str]] = {
    "the test split opened more than once": _opened_again,
    "files without checksums": _unsealed,
    "a sample used where the whole was there": _not_all,
    "near-copies of test images among the training images": _leaked,
    "a test part drawn from the training pile": _own_test,
    "too few test images for the score's digits": _wide,
    "training accuracy far above validation accuracy": _flattering,
    "no validation images": _no_validation,
    "no confidence that can be trusted": _never_sure,
    "classes the test split does not have": _absent,
    "classes that only the test split has": _untaught,
    "training that did not end": _cut_short,
}
"""What is looked for, in a few words, and the check; the page lists the words."""


def of_several(
    opened: Mapping[str, int], splits: Collection[str], limits: Collection[int | None]
) -> tuple[str, ...]:
    """What must be known of runs that are compared.

    Args:
        opened: For each by name how often the test split was opened.
        splits: Their ways of dividing.
        limits: Images per part that each was given at most.
    """
    said = [
        "Choosing one of these by its test accuracy makes that accuracy too good: choose by "
        "validation accuracy, and let the test say what the choice is worth."
    ]
    again = [name for name, times in opened.items() if times > 1]
    if again:
        said.append(f"The test split was opened more than once for {', '.join(again)}.")
    if len(set(splits)) > 1:
        said.append(
            f"The runs were trained on other images ({', '.join(sorted(set(splits)))}), so a "
            "difference may come from the data and not from the network."
        )
    if set(limits) - {None}:
        said.append("Only a part of the images was used, so this says nothing about the whole set.")
    return tuple(said)
