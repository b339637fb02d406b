"""Labels and probabilities in, what they are worth out. Never a model.

One file per question: ``scores`` and ``ranking`` (how good), ``confusion`` and ``mistakes`` (where
it goes wrong), ``calibrate`` and ``unknown`` (may its confidence be believed), ``compare`` (which
of several is better), ``intervals`` (how sure is all of that). Only NumPy is needed, so nothing
here is heavy to import.
"""

from hangtag.rooms.evaluate.calibrate import calibration, scale, temperature
from hangtag.rooms.evaluate.confusion import confusion, most_confused
from hangtag.rooms.evaluate.evaluation import evaluate
from hangtag.rooms.evaluate.mistakes import misclassified
from hangtag.rooms.evaluate.unknown import coverage, threshold

__all__ = [
    "calibration",
    "confusion",
    "coverage",
    "evaluate",
    "misclassified",
    "most_confused",
    "scale",
    "temperature",
    "threshold",
]
