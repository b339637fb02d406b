"""What a report is made of: records and plain data, gathered by whoever has the run open."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag.records.candidates import Candidates
from hangtag.records.evaluation import Evaluation, Predictions
from hangtag.records.training import History


@dataclass(frozen=True, eq=False)
class ReportFacts:
    """Everything one report shows; a part that is not given is left out of the page.

    Attributes:
        title: Heading of the page, such as ``cnn-28-56 on fashion-mnist``.
        class_names: One name per class.
        model: What answers, in a few words: ``the network cnn-28-56``, ``a forest of 100 trees``.
        data: Facts about the data set, label to value, in the order they are to be shown.
        counts: For each part of the split, images per class: ``{"training": …, "test": …}``.
        samples: For each class, ``(k, height, width, channels)`` uint8 images of it; or empty.
        history: The training, epoch by epoch.
        evaluation: What the answers are worth.
        predictions: The answers on the evaluated split.
        pictures: ``(n, height, width, channels)`` uint8, image i is the one of answer i.
        ids: ``(n,)`` names of those images.
        layers: One mapping per layer, in order: ``name``, ``type``, ``output_shape``,
            ``parameters``, ``trainable`` (how many of them are trained).
        totals: Parameters in all, label to number: ``{"trainable": …, "total": …}``.
        diagram: The network drawn, as an SVG document; empty when there is none.
        diagram_words: What the diagram shows, for who cannot see it.
        options: What was asked of the training, option to value.
        at_default: Names of options that nobody asked for; a page folds them.
        candidates: What was tried when the model was chosen of several.
        reproduce: ``command``, ``seed``, ``run``, ``data fingerprint`` and what else is needed to
            get the same again, in the order to be shown.
        versions: Library to version.
        cautions: Sentences a reader must know before believing the score.
        checks: What was looked for when the cautions were made, one phrase each.
        shift_training: Whether training curves are drawn half an epoch to the left: they are
            means over an epoch, while validation is measured at its end.
    """

    title: str
    class_names: tuple[str, ...]
    model: str = "the model"
    data: Mapping[str, Any] = field(default_factory=dict)
    counts: Mapping[str, Sequence[int]] = field(default_factory=dict)
    samples: tuple[NDArray[np.uint8], ...] = ()
    history: History | None = None
    evaluation: Evaluation | None = None
    predictions: Predictions | None = None
    pictures: NDArray[np.uint8] | None = None
    ids: tuple[str, ...] = ()
    layers: tuple[Mapping[str, Any], ...] = ()
    totals: Mapping[str, int] = field(default_factory=dict)
    diagram: str = ""
    diagram_words: str = "Diagram of the network, layer by layer; the table says the same"
    options: Mapping[str, Any] = field(default_factory=dict)
    at_default: Collection[str] = ()
    candidates: Candidates | None = None
    reproduce: Mapping[str, Any] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    cautions: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    shift_training: bool = True
