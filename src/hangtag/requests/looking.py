"""Requests of the verbs that look at a set and change nothing: info, split, explore, audit."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from hangtag.requests.base import Option, Request, members
from hangtag.requests.everywhere import SPLIT, Features, Limit, Seed, SplitAs
from hangtag.requests.values import NUMBERS, REALS, WORDS

LAYOUTS = ("nchw", "nhwc")
"""Channels before rows and columns, or behind them."""


@dataclass(frozen=True, kw_only=True)
class DemoRequest(Request):
    """The main job on real images."""

    epochs: Annotated[int, Option("Passes over the training images.", low=1)] = 3
    seed: Seed = None
    limit: Limit = None


@dataclass(frozen=True, kw_only=True)
class InfoRequest(Request):
    """Say what is in a set."""

    limit: Limit = None


@dataclass(frozen=True, kw_only=True)
class SplitRequest(Request):
    """Divide a set into training, validation and test."""

    recipe: Annotated[
        str,
        Option(
            "How to divide, such as last:12000 or stratified:0.2.",
            flags="--split",
            also=("--recipe",),
        ),
    ] = "auto"
    seed: Seed = None
    limit: Limit = None


@dataclass(frozen=True, kw_only=True)
class ExploreRequest(Request):
    """Look at a set: classes, pixel range, samples, components."""

    split: SplitAs = None
    per_class: Annotated[int, Option("Samples shown of each class.", low=1)] = 3
    mark: Annotated[
        tuple[int, ...] | None,
        Option("Numbers of components to mark on the curve, beside the elbow.", NUMBERS, low=1),
    ] = None
    seed: Seed = None
    limit: Limit = None


@dataclass(frozen=True, kw_only=True)
class EmbedRequest(Request):
    """Turn images into embeddings by a network that was trained elsewhere."""

    encoder: Annotated[
        str,
        Option("The network: photo, or one that was added (hangtag encoder list)."),
    ] = "photo"
    frame: Annotated[
        str,
        Option(
            "What it sees of each image: crop (the middle square) or whole.",
            choices=members("hangtag.rooms.encode", "FRAMES"),
        ),
    ] = "crop"
    mirrored: Annotated[bool, Option("Take the mean with the embedding of the mirror image.")] = (
        False
    )
    limit: Limit = None


@dataclass(frozen=True, kw_only=True)
class AddEncoderRequest(Request):
    """Take an ONNX file of one's own as an encoder."""

    name: Annotated[
        str | None, Option("What it is asked for by, as encoder:NAME (default: as the file).")
    ] = None
    size: Annotated[
        int | None,
        Option("Side of the square it sees, where the file leaves it free (default: 224).", low=1),
    ] = None
    scale: Annotated[float, Option("What pixels (0 to 255) are divided by first.", low=1e-6)] = (
        255.0
    )
    mean: Annotated[
        tuple[float, ...],
        Option("Subtracted then, one for all channels or one each: 0.485,0.456,0.406.", REALS),
    ] = (0.0,)
    std: Annotated[
        tuple[float, ...],
        Option("Divided by then, likewise: 0.229,0.224,0.225.", REALS, low=1e-6),
    ] = (1.0,)
    layout: Annotated[
        str | None,
        Option("Where channels stand (default: as the file's shape says)", choices=LAYOUTS),
    ] = None
    output: Annotated[
        str | None, Option("Which output is the embedding, where the file has several.")
    ] = None
    text: Annotated[
        Path | None,
        Option("Another ONNX file, which embeds words in the same space: words find images."),
    ] = None
    tokenizer: Annotated[
        Path | None, Option("The tokenizer.json of that file (default: beside it).")
    ] = None
    text_length: Annotated[
        int | None,
        Option("Tokens of a text, where the file leaves it free (default: 77).", low=2),
    ] = None
    text_padding: Annotated[
        int | None,
        Option("Token that fills up a text (default: as the tokenizer says).", low=0),
    ] = None
    licence: Annotated[
        str | None, Option("Its licence, to be noted beside it.", flags="--license")
    ] = None


@dataclass(frozen=True, kw_only=True)
class AuditRequest(Request):
    """Look for copies, leaks, wrong labels and outliers."""

    checks: Annotated[
        tuple[str, ...] | None,
        Option(
            "What to look for (default: all but overstatement, which is slow)",
            WORDS,
            choices=members("hangtag.rooms.audit", "CHECKS"),
        ),
    ] = None
    features: Features = None
    seed: Seed = None
    limit: Limit = None


@dataclass(frozen=True, kw_only=True)
class CleanRequest(Request):
    """Keep a split without what an audit found wrong."""

    write_split: Annotated[
        Path | None, Option("Save a split without what was found wrong (.npz).")
    ] = None
    split: Annotated[str, Option("How --write-split divides.", SPLIT)] = "auto"
    because: Annotated[
        tuple[str, ...],
        Option("Why --write-split leaves images out, with commas between.", WORDS),
    ] = ("leaks", "copies", "blanks")
