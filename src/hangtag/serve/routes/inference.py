"""The open inference protocol (v2), which KServe's and Triton's clients speak: numbers in, out."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
from fastapi import Path
from numpy.typing import NDArray
from pydantic import BaseModel, Field

from hangtag.errors import OptionError, UnknownNameError, nearest
from hangtag.records import Classifier
from hangtag.serve.door import Here, Who
from hangtag.serve.limits import IMAGE
from hangtag.serve.table import Route

Named = Annotated[str, Path(min_length=1, max_length=200)]
INPUT, OUTPUTS = "images", ("probabilities", "embeddings")
MOST_VALUES = 20_000_000


class Tensor(BaseModel):
    """Numbers and their shape."""

    name: str = Field(max_length=200)
    shape: list[Annotated[int, Field(ge=0, le=2**31)]] = Field(min_length=1, max_length=8)
    datatype: str = Field(max_length=16)
    data: list[Any]


class Wanted(BaseModel):
    """An output that is asked for."""

    name: str = Field(max_length=200)


class Asked(BaseModel):
    """What is to be inferred from."""

    id: str | None = Field(None, max_length=200)
    inputs: list[Tensor] = Field(min_length=1, max_length=1)
    outputs: list[Wanted] | None = Field(None, max_length=8)


class Inferred(BaseModel):
    """What was inferred."""

    model_name: str
    id: str | None = None
    outputs: list[Tensor]


class Described(BaseModel):
    """A model's inputs and outputs."""

    name: str
    platform: Literal["hangtag"] = "hangtag"
    versions: list[str]
    inputs: list[dict[str, Any]]
    outputs: list[dict[str, Any]]


async def describe(name: Named, door: Here) -> Described:
    """Describe the model: images of its size in, probabilities and embeddings out."""
    model = _model(door.model(), name)
    shape = [-1, *model.preprocessing.picture_shape]
    outputs = [
        {"name": "probabilities", "datatype": "FP32", "shape": [-1, len(model.class_names)]},
        {"name": "embeddings", "datatype": "FP32", "shape": [-1, -1]},
    ]
    return Described(
        name=name,
        versions=[model.model_id],
        inputs=[{"name": INPUT, "datatype": "UINT8", "shape": shape}],
        outputs=outputs,
    )


async def infer(name: Named, asked: Asked, door: Here, who: Who) -> Inferred:
    """Infer probabilities, or embeddings, from images that have the model's size already."""
    model = _model(door.model(), name)
    images = _images(model, asked.inputs[0])
    wanted = [one.name for one in asked.outputs or [Wanted(name=OUTPUTS[0])]]
    for one in wanted:
        if one not in OUTPUTS:
            raise OptionError(f"the model has no output '{one}'", nearest(one, OUTPUTS))
    async with door.line.turn(who.name):
        found = [await door.thinking(getattr(model, one), images) for one in wanted]
    outputs = [
        Tensor(name=one, shape=list(rows.shape), datatype="FP32", data=rows.ravel().tolist())
        for one, rows in zip(wanted, found, strict=True)
    ]
    return Inferred(model_name=name, id=asked.id, outputs=outputs)


def _model(model: Classifier, name: str) -> Classifier:
    """The model, if it is called so; ``hangtag`` is the one that answers, whichever that is."""
    if name not in ("hangtag", model.model_id):
        raise UnknownNameError(
            f"there is no model '{name}'", nearest(name, ["hangtag", model.model_id])
        )
    return model


def _images(model: Classifier, given: Tensor) -> NDArray[np.uint8]:
    height, width, channels = model.preprocessing.picture_shape
    fits = given.shape[1:] == [height, width, channels]
    if given.name != INPUT or given.datatype != "UINT8" or not fits:
        raise OptionError(
            f"an input '{given.name[:50]}' of {given.datatype} {given.shape} was given",
            f"'{INPUT}' of UINT8 [n, {height}, {width}, {channels}]",
        )
    size = int(np.prod(given.shape, dtype=object))
    if size > MOST_VALUES:
        raise OptionError(f"{size:,} values were given", f"{MOST_VALUES:,} at most")
    try:
        # Through a wide type: NumPy would let 300 become 44 and say nothing.
        values = np.asarray(given.data, np.int64).ravel()
    except (ValueError, TypeError, OverflowError):
        raise OptionError("the data are no whole numbers", "from 0 to 255") from None
    if len(values) != size or (size and not 0 <= values.min() <= values.max() <= 255):
        raise OptionError(
            f"{len(values):,} values were given for the shape {given.shape}",
            f"{size:,} whole numbers from 0 to 255",
        )
    return values.astype(np.uint8).reshape(given.shape)


ROUTES = (
    Route("GET", "/v2/models/{name}", "tag", describe, "inference"),
    Route("POST", "/v2/models/{name}/infer", "tag", infer, "inference", body=5 * IMAGE),
)
