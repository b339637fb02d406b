"""Labels and probabilities in, what they are worth out. Never a model.

One file per question: ``scores``, ``averages`` and ``ranking`` (how good), ``confusion`` and
``mistakes`` (where it goes wrong), ``calibrate`` and ``unknown`` (may its confidence be believed),
``compare``, ``paired`` and ``repeated`` (which of several is better), ``intervals`` (how sure is
all of that), ``cautions`` (what must be known before it is believed).
Only NumPy is imported with the room, SciPy when it is needed.
"""

from hangtag.rooms.evaluate.calibrate import calibration, scale, temperature
from hangtag.rooms.evaluate.compare import compare, disagreements, right_answers
from hangtag.rooms.evaluate.confusion import confusion, most_confused
from hangtag.rooms.evaluate.evaluation import evaluate
from hangtag.rooms.evaluate.mistakes import misclassified
from hangtag.rooms.evaluate.paired import (
    FEWEST_SEEDS,
    five_by_two,
    mcnemar,
    mean_over_seeds,
    repeats,
)
from hangtag.rooms.evaluate.repeated import against_base, over_halves, over_seeds
from hangtag.rooms.evaluate.table import classification_report
from hangtag.rooms.evaluate.unknown import coverage, threshold

__all__ = [
    "FEWEST_SEEDS",
    "against_base",
    "calibration",
    "classification_report",
    "compare",
    "confusion",
    "coverage",
    "disagreements",
    "evaluate",
    "five_by_two",
    "mcnemar",
    "mean_over_seeds",
    "misclassified",
    "most_confused",
    "over_halves",
    "over_seeds",
    "repeats",
    "right_answers",
    "scale",
    "temperature",
    "threshold",
]
