"""An evaluation in, the text table of scikit-learn's ``classification_report`` out.

To add another text form: one function from an Evaluation to a string.
"""

from __future__ import annotations

from hangtag.errors import OptionError
from hangtag.records import ClassScore, Evaluation
from hangtag.rooms.evaluate.intervals import occurring

_AVERAGES = {"macro average": "macro avg", "weighted average": "weighted avg"}


def classification_report(evaluation: Evaluation, *, digits: int = 2) -> str:
    """The table as scikit-learn prints it, character by character, with class names.

    Args:
        evaluation: What to print.
        digits: Decimals of the scores, 0 to 15.
    """
    if not 0 <= digits <= 15:
        raise OptionError(f"a table with {digits} digits", "give 0 to 15")
    seen = occurring(evaluation.confusion.counts)
    rows = [row for row, there in zip(evaluation.classes, seen, strict=True) if there]
    names = [row.name for row in rows] + list(_AVERAGES.values())
    width = max(digits, *(len(name) for name in names))
    heads = ("precision", "recall", "f1-score", "support")
    lines = [f"{'':>{width}s} " + "".join(f" {head:>9}" for head in heads), ""]
    lines += [_line(row.name, row, width, digits) for row in rows]
    accuracy = evaluation.scores["accuracy"]
    lines += [
        "",
        f"{'accuracy':>{width}s}  {'':>9} {'':>9} {accuracy.value:>9.{digits}f} {accuracy.n:>9}",
    ]
    lines += [_line(_AVERAGES[row.name], row, width, digits) for row in evaluation.averages]
    return "\n".join(lines) + "\n"


def _line(name: str, row: ClassScore, width: int, digits: int) -> str:
    values = "".join(f" {value:>9.{digits}f}" for value in (row.precision, row.recall, row.f1))
    return f"{name:>{width}s} {values} {row.support:>9}"
