"""Several models on the same images: which is better, where, and how sure that is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hangtag.records.evaluation import ClassScore, Score
from hangtag.records.stored import Ints, Stored, plain
from hangtag.records.upstairs import Told


@dataclass(frozen=True)
class Disagreement:
    """One image that one model gets right and another wrong.

    Attributes:
        position: Its place in the predictions.
        index: Its index in the image set.
        label: Its true class.
        first: What the first model answered.
        second: What the second model answered.
    """

    position: int
    index: int
    label: int
    first: int
    second: int


@dataclass(frozen=True, eq=False)
class Difference(Stored):
    """Two models on the same images.

    Attributes:
        first: Name of the one.
        second: Name of the other.
        accuracy: Accuracy of the first minus that of the second, with its paired interval.
        first_only: ``(k,)`` int64 positions of the images that only the first gets right.
        second_only: The same for the second.
        p_value: Chance of a difference at least this large between equally good models.
        p_adjusted: The same after Holm's correction for all pairs that were compared.
        test: How it was computed, such as ``McNemar mid-p``.
    """

    first: str
    second: str
    accuracy: Score
    first_only: Ints
    second_only: Ints
    p_value: float
    p_adjusted: float
    test: str


@dataclass(frozen=True)
class ClassComparison(Stored):
    """One class in every model.

    Attributes:
        name: The class.
        support: Images of it.
        scores: Precision, recall and F1 by model.
        best: The model, or models on a tie, with the highest ``precision``, ``recall``, ``f1``.
    """

    name: str
    support: int
    scores: Mapping[str, ClassScore]
    best: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, eq=False)
class Comparison(Stored):
    """Models on the same images, side by side.

    Attributes:
        names: The models, in the order given.
        class_names: One name per class.
        n: Images they were compared on.
        accuracies: Accuracy by model.
        classes: One row per class.
        averages: The macro and the weighted average.
        differences: One entry for every pair of models.
        labels: ``(k,)`` int64 classes of the first images, ten at most.
        answers: What each model answered about these.
    """

    names: tuple[str, ...]
    class_names: tuple[str, ...]
    n: int
    accuracies: Mapping[str, Score]
    classes: tuple[ClassComparison, ...]
    averages: tuple[ClassComparison, ...]
    differences: tuple[Difference, ...]
    labels: Ints
    answers: Mapping[str, Ints]


@dataclass(frozen=True)
class RepeatedTest:
    """Two ways of training, each repeated, compared by their scores.

    Attributes:
        difference: Mean of the first's scores minus the second's, with a t interval.
        p_value: Chance of a difference at least this large between equally good ways.
        statistic: Student's t.
        freedom: Its degrees of freedom; no whole number where two sources of chance meet.
        test: ``paired t over seeds and images`` or ``5x2cv t, corrected``.
    """

    difference: Score
    p_value: float
    statistic: float
    freedom: float
    test: str


@dataclass(frozen=True)
class ComparedRun(Stored):
    """One run's line in a table of several.

    Attributes:
        name: What it is called in the table.
        network: Which network it is, or which kind of forest.
        seed: Of its split, weights and order of images.
        accuracy: On the test split.
        validation_accuracy: At the epoch whose weights were kept; None without validation images.
        parameters: Numbers the network learns or keeps.
        epochs: How many it was trained; 0 for a forest, which has none.
        training_seconds: Wall clock of all epochs; of a forest, its trees one after the other.
        prediction_seconds: Wall clock for one image, measured on this machine together with
            the other runs.
        gap: Training accuracy minus validation accuracy at that epoch; None without either.
        opened: How often the test split was opened for it.
    """

    name: str
    network: str
    seed: int
    accuracy: Score
    validation_accuracy: float | None
    parameters: int
    epochs: int
    training_seconds: float
    prediction_seconds: float
    gap: float | None
    opened: int = 1


@dataclass(frozen=True)
class RepeatedDifference(Stored):
    """Two ways of training compared over the seeds that both were trained with.

    Attributes:
        first: Name of the one.
        second: Name of the other.
        seeds: The seeds that both have.
        test: The paired test over them.
    """

    first: str
    second: str
    seeds: tuple[int, ...]
    test: RepeatedTest


@dataclass(frozen=True)
class Way:
    """Images that one run gets right and another wrong.

    Attributes:
        right: Name of the one.
        wrong: Name of the other.
        total: How many there are.
        images: Those that are listed.
        answer: Which field of these is what the other one answered.
    """

    right: str
    wrong: str
    total: int
    images: tuple[Disagreement, ...]
    answer: str

    def wrongly(self, image: Disagreement) -> int:
        """The class that the other one answered."""
        answered: int = getattr(image, self.answer)
        return answered


@dataclass(frozen=True, eq=False)
class RunComparison(Told):
    """Runs on the same test images: one table, and where they differ.

    Attributes:
        rows: One line per run, in the order given.
        comparison: Accuracies, classes, and the paired test of every pair.
        disagreements: For every difference of the comparison, in its order: the images that only
            the first gets right, and those that only the second does.
        repeats: Ways of training that were repeated over seeds, compared; empty when not asked.
        cautions: Sentences a reader must know before choosing one.
    """

    rows: tuple[ComparedRun, ...]
    comparison: Comparison
    disagreements: tuple[tuple[tuple[Disagreement, ...], tuple[Disagreement, ...]], ...]
    repeats: tuple[RepeatedDifference, ...] = ()
    cautions: tuple[str, ...] = ()

    def ways(self) -> Iterator[tuple[Way, Way]]:
        """For every two runs what only the first gets right, and what only the second does."""
        pairs = zip(self.comparison.differences, self.disagreements, strict=True)
        for one, (first, second) in pairs:
            yield (
                Way(one.first, one.second, len(one.first_only), first, "second"),
                Way(one.second, one.first, len(one.second_only), second, "first"),
            )

    def to_dict(self) -> dict[str, Any]:
        """As JSON-ready values."""
        return {
            "runs": plain(self.rows),
            "comparison": self.comparison.to_dict(),
            "disagreements": [
                {
                    "first": one.first,
                    "second": one.second,
                    "only_first": plain(ways[0]),
                    "only_second": plain(ways[1]),
                }
                for one, ways in zip(self.comparison.differences, self.disagreements, strict=True)
            ],
            "repeats": plain(self.repeats),
            "cautions": list(self.cautions),
        }
