"""The facts of a study in; the sentence a reader should take away, and its few numbers, out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hangtag.records import Compared, Score, StudyFacts
from hangtag.rooms.report.shell import Figure
from hangtag.rooms.report.words import duration, number, percent, percent_range, plural


@dataclass(frozen=True)
class Tally:
    """How many figures of one kind are reproduced, of how many that can be compared."""

    reached: int
    all: int

    @classmethod
    def of(cls, compared: Sequence[Compared]) -> Tally:
        """Count them."""
        judged = [one for one in compared if one.inside is not None]
        return cls(sum(bool(one.inside) for one in judged), len(judged))

    def __str__(self) -> str:
        return f"{number(self.reached)} of {number(self.all)}"

    @property
    def words(self) -> str:
        """As the beginning of a clause: all 6, 8 of 9, none of 3."""
        if self.reached == self.all:
            return {1: "the", 2: "both"}.get(self.all, f"all {number(self.all)}")
        return f"none of {number(self.all)}" if not self.reached else str(self)


def verdict(facts: StudyFacts) -> str:
    """The sentence; two where the study was a quick pass."""
    said = _reproduced(facts.compared) if facts.compared else _own(facts)
    if facts.limit is None:
        return said
    return (
        f"{said} This was a quick pass on at most {plural(facts.limit, 'image')} of each part: "
        "it shows that every step runs, not what the whole data would give."
    )


def _reproduced(compared: Sequence[Compared]) -> str:
    whole = Tally.of(compared)
    open_ = len(compared) - whole.all
    if not whole.all:
        return f"None of the {plural(open_, 'figure')} of the document can be compared with ours."
    if whole.reached == whole.all == 1:
        first = "The one figure of the document that can be compared is reproduced"
    elif whole.reached == whole.all:
        which = " that can be compared" if open_ else ""
        first = f"All {number(whole.all)} figures of the document{which} are reproduced"
    else:
        first = f"{whole} {'figures' if whole.all > 1 else 'figure'} of the document are reproduced"
    kinds = _kinds(compared)
    said = f"{first}: {', '.join(kinds)}" if whole.all > 1 else first
    rest = f"; {plural(open_, 'more figure')} cannot be compared" if open_ and whole.all > 1 else ""
    return f"{said}{rest}."


def _kinds(compared: Sequence[Compared]) -> list[str]:
    exact = Tally.of([one for one in compared if one.exact])
    others = Tally.of([one for one in compared if not one.exact])
    said = []
    if exact.all:
        said.append(f"{exact.words} exact {'one' if exact.all == 1 else 'ones'} to the digit")
    if others.all:
        kind = ("other" if others.all == 1 else "others") if exact.all else ""
        whose = "its band" if others.all == 1 else "their band"
        said.append(f"{others.words} {kind}".rstrip() + f" inside {whose} or better")
    return said


def _own(facts: StudyFacts) -> str:
    """Of a study without a document: what it did, and how good its models are."""
    steps = plural(len(facts.outcomes), "step")
    said = f"{steps} on {plural(len(facts.images), 'image')} of {facts.images.name}"
    scores = accuracies(facts)
    if len(scores) == 1:
        ((name, score),) = scores
        said += (
            f"; {name} names the right class for {percent(score.value)} of "
            f"{plural(score.n, 'test image')} ({percent_range(score)})"
        )
    elif scores:
        low, high = (pick(score.value for _, score in scores) for pick in (min, max))
        said += (
            f"; its {len(scores)} models name the right class for {percent(low)} to "
            f"{percent(high)} of the test images"
        )
    return f"{said}."


def accuracies(facts: StudyFacts) -> list[tuple[str, Score]]:
    """Each live model's accuracy, in the order of the steps."""
    return [
        (model.name, model.facts.evaluation.scores["accuracy"])
        for outcome in facts.outcomes
        for model in facts.models.get(outcome.name, ())
        if model.facts.evaluation is not None
    ]


def headline(facts: StudyFacts) -> tuple[Figure, ...]:
    """The few numbers at the top."""
    figures = _tallies(facts.compared) if facts.compared else []
    seconds = sum(one.seconds for one in facts.outcomes)
    steps = Figure("Steps", number(len(facts.outcomes)), f"in {duration(seconds)}")
    images = Figure(
        "Images", number(len(facts.images)), plural(facts.images.n_classes, "class", "classes")
    )
    seeds = sorted({seed for one in facts.outcomes for seed in one.seeds})
    figures += [steps, images]
    if len(seeds) > 1:
        figures.append(Figure("Seeds", number(len(seeds)), number(seeds)))
    return tuple(figures)


def _tallies(compared: Sequence[Compared]) -> list[Figure]:
    kinds = (
        ("Figures reproduced", compared, ""),
        ("Exact figures", [one for one in compared if one.exact], "to the digit"),
        ("Other figures", [one for one in compared if not one.exact], "inside the band or better"),
    )
    found = [(title, Tally.of(some), note) for title, some, note in kinds]
    shown = [Figure(title, str(one), note) for title, one, note in found if one.all]
    return shown[1:] if len(shown) == 2 else shown  # all figures are of one kind
