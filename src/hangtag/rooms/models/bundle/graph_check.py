"""Whether an ONNX model is one Hangtag could have written: bytes go in, an error or nothing.

A hash shows that a model is the one its maker meant, not that its maker meant well. Refused are
data in other files, operators that the kind of model has no use for, functions, control flow,
trees that lead nowhere, steps that no mixture takes, and inputs and outputs other than ours.
What holds of any graph is in ``onnx_graphs``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hangtag import onnx_graphs
from hangtag.errors import BundleError
from hangtag.onnx_graphs import EMBEDDING, FAMILIARITY, IMAGES, PROBABILITIES
from hangtag.records import Spec
from hangtag.rooms.models.bundle.container import AGAIN
from hangtag.rooms.models.bundle.kinds import described

if TYPE_CHECKING:
    from onnx import ModelProto

_OUTPUTS = ([PROBABILITIES, EMBEDDING], [PROBABILITIES, EMBEDDING, FAMILIARITY])


def check_graph(where: str, data: bytes, spec: Spec) -> None:
    """Refuse a model that is not one of ours.

    Args:
        where: The bundle, for the error.
        data: The ONNX model.
        spec: What the model should be.

    Raises:
        BundleError: With what is wrong about it.
    """
    rules = described(spec)
    try:
        model = onnx_graphs.parsed(data)
        wrong = onnx_graphs.flaw(model, rules.operators) or _ends(model) or rules.refused(model)
        if wrong:
            raise _refused(where, wrong)
        largest = onnx_graphs.largest_value_for(model, rules.operators)
    except ValueError as error:
        raise _refused(where, str(error)) from None
    most = rules.largest_value()
    if largest > most:
        raise _refused(where, f"needs more than {most:,} values at once for one image")


def _ends(model: ModelProto) -> str:
    names = [[one.name for one in ends] for ends in (model.graph.input, model.graph.output)]
    sound = names[0] == [IMAGES] and names[1] in _OUTPUTS
    return "" if sound else "has other inputs or outputs"


def _refused(where: str, words: str) -> BundleError:
    return BundleError(f"the model in {where} {words}; such a model is not opened", AGAIN)
