"""Exporting: a run or bundle goes in, a file comes out that other programs open."""

from __future__ import annotations

from pathlib import Path

from hangtag.estimators import exports
from hangtag.estimators.exports.base import Exported
from hangtag.requests import ExportRequest, takes
from hangtag.runs import Run
from hangtag.workbench.tag import open_bundle


@takes(ExportRequest)
def export(model: str | Path | Run, asked: ExportRequest, *, out: Path | None = None) -> Exported:
    """Write a model as a file that opens without Hangtag: ONNX, Keras, scikit-learn.

    Args:
        model: A run by folder, name or ``latest``, or a bundle.
        asked: What is asked; its options can be given by keyword.
        out: The file to write; None takes the model's id in the current folder.

    Returns:
        Where it is, and the lines of Python that open it.

    Raises:
        OptionError: There is no such format, or it has no such models.
        FailedError: The file would answer differently; nothing is written then.

    Example:
        >>> hangtag.export("latest", to="onnx", out=Path("clothes.onnx")).opening
    """
    exports.check(asked.to, out)
    return exports.export(open_bundle(model), asked.to, out)
