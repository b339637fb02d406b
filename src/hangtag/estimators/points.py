"""What kinds of model have in common that see points: images in, the best of several models out.

Such a model is fitted whole, to pixels or to their coordinates on principal axes, and chosen among
candidates by validation accuracy. Its run appears when all of it is there.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, TypedDict

import numpy as np
from numpy.typing import NDArray

from hangtag import geometry, runs, settings
from hangtag.errors import OptionError, RunError, nearest
from hangtag.estimators import answers, provenance
from hangtag.estimators.base import Fit, Fitted, Fold, Job
from hangtag.estimators.photographs import encoder_opener
from hangtag.geometry import Axes, Embedder, axes_from_arrays
from hangtag.progress import Progress, silent
from hangtag.records import (
    Candidates,
    Config,
    Evaluation,
    ImageSet,
    Preprocessing,
    Source,
    Split,
    Value,
)
from hangtag.records.network import NETWORK
from hangtag.requests import KindRequest, command_line, options_of
from hangtag.requests.everywhere import check_seen
from hangtag.rooms import features as features_room
from hangtag.rooms import load as load_room
from hangtag.rooms import models as models_room
from hangtag.rooms.features import Features, Material
from hangtag.rooms.models import Bundle
from hangtag.runs import Run
from hangtag.sheets import aligned

_WITH_LAYERS = {NETWORK, "finetune"}
"""Kinds of model whose layer before the last is worth seeing."""
NETWORKS = {"network", "encoder"}
"""Features that a network says, by the word before the colon."""


class PointsEstimator(ABC):
    """A kind of model that sees points.

    Attributes:
        rule: How one of its candidates is chosen.
        record: What is asked of it.
    """

    name: ClassVar[str]
    noun: ClassVar[str]
    title: ClassVar[str]
    rule: ClassVar[str] = "by validation accuracy"
    record: ClassVar[type[KindRequest]]

    @property
    def search(self) -> Any:  # noqa: ANN401
        """It is not searched: what it tries, it tries at once."""
        return None

    def request(self, asked: Mapping[str, Any], seed: int) -> Any:  # noqa: ANN401
        """The options as a record; a network that is seen is named so that it is found anywhere."""
        known = {name: one for name, one in options_of(self.record).items() if name != "seed"}
        for name in asked:
            if name not in known:
                raise OptionError(f"a {self.noun} has no option '{name}'", nearest(name, known))
        if "features" in known and "pca" in known:
            check_seen(asked.get("features"), asked.get("pca"), known["pca"].default)
        return self.record(**resolved(asked), seed=seed)

    def label(self, request: Any) -> str:  # noqa: ANN401, ARG002
        """Its name."""
        return self.name

    def own_split(self, request: Any, images: ImageSet, *, sampled: bool) -> str:  # noqa: ANN401, ARG002
        """The source's own parts, or the usual proportions."""
        return "auto"

    @abstractmethod
    def fit(
        self,
        images: ImageSet,
        split: Split,
        options: Any,  # noqa: ANN401
        *,
        cached: bool = True,
        progress: Progress = silent,
    ) -> Fit:
        """Try all that is asked for and choose one on validation images."""

    @abstractmethod
    def onnx(self, model: Any, images: NDArray[np.uint8]) -> bytes:  # noqa: ANN401
        """The model as ONNX, compared with it on images."""

    def draw(self, candidates: Candidates, out: Path) -> list[Path]:  # noqa: ARG002
        """Write figures of the candidates into the run; most leave it to the report."""
        return []

    @abstractmethod
    def from_arrays(self, bundle: Bundle, arrays: Mapping[str, NDArray[Any]]) -> Any:  # noqa: ANN401
        """The classifier that a bundle's arrays are."""

    @abstractmethod
    def words(self, spec: Any) -> str:  # noqa: ANN401
        """The model in a few words, such as ``a forest of 50 trees``."""

    @abstractmethod
    def chosen(self, spec: Any, candidates: Candidates) -> dict[str, Any]:  # noqa: ANN401
        """What was chosen, as a report lists it."""

    @abstractmethod
    def diagram(self, candidates: Candidates) -> tuple[bytes, str]:
        """A figure of the candidates, and what it shows."""

    @abstractmethod
    def score_again(self, config: Config, images: ImageSet, fold: Fold, seed: int) -> float:
        """Fit what was chosen on other images, and give its accuracy on yet others."""

    def train(self, job: Job) -> Run:
        """Fit, and keep what was chosen in a new run."""
        found = self.fit(
            job.images, job.split, job.request, cached=job.cached, progress=job.progress
        )

        def fill(draft: Run) -> None:
            draft.write_split(found.split)
            # Why it is this kind first, and last what longer training would give.
            notes = (*job.notes[:-1], *found.candidates.notes, *job.notes[-1:])
            draft.write_candidates(replace(found.candidates, notes=notes))
            found.write(draft.folder)
            job.keep(draft)

        config = provenance.config_of(
            job,
            name=found.spec.name,
            spec=found.spec,
            options=found.options,
            preprocessing=found.model.preprocessing,
            command=self.command(found.options, job),
        )
        run = runs.create(job.out, config, fill, stage="trained")
        found.done()
        return run

    def resume(self, run: Run, images: ImageSet, progress: Progress) -> Run:  # noqa: ARG002
        """Nothing: its runs appear whole, and asking again goes on from what the cache keeps."""
        raise RunError(f"run {run.name} is not trained step by step", run.go_on)

    def open(self, bundle: Bundle) -> Any:  # noqa: ANN401
        """The classifier as arrays, which answers with NumPy alone."""
        return self.from_arrays(bundle, models_room.weights_from_bundle(bundle))

    def fitted(self, run: Run) -> Fitted:
        """What its candidates say of the chosen one."""
        spec: Any = run.config.spec
        tried = run.candidates()
        best = tried.chosen
        return Fitted(
            words=self.words(spec),
            noun=self.noun,
            parameters=spec.parameters,
            seconds=tried.seconds if best.seconds is None else best.seconds,
            training=best.training.accuracy,
            validation=best.validation.accuracy,
            history=None,
            effort=self.effort(tried),
        )

    def told(self, run: Run, tested: Evaluation | None = None) -> Iterable[str]:  # noqa: ARG002
        """A row for each candidate, and which was chosen."""
        tried = run.candidates()
        names = tuple(tried.rows[0].parameters)
        rows = [
            (
                *(f"{row[name]:g}" for name in names),
                f"{row.training.accuracy:.4f}",
                f"{row.validation.accuracy:.4f}",
                "" if row.seconds is None else f"{row.seconds:.1f}",
            )
            for row in tried.rows
        ]
        picked = ", ".join(f"{name} = {tried.chosen[name]:g}" for name in names)
        heads = (*names, "training", "validation", "seconds")
        return [*aligned(heads, rows, left=()), f"chosen   {picked}, {self.rule}"]

    def effort(self, candidates: Candidates) -> str:  # noqa: ARG002
        """What trying all of them took, as a sentence; most have nothing to say."""
        return ""

    def shown(self, run: Run) -> dict[str, Any]:
        """The candidates as a figure, what was chosen, and what was asked."""
        tried = run.candidates()
        diagram, words = self.diagram(tried)
        asked = {f"asked: {name}": one for name, one in run.config.options.to_dict().items()}
        return {
            "diagram": diagram.decode(),
            "diagram_words": words,
            "candidates": tried,
            "options": self.chosen(run.config.spec, tried) | asked,
            "at_default": {f"asked: {name}" for name in provenance.at_default(run.config.options)},
        }

    def command(self, options: Any, job: Job) -> str:  # noqa: ANN401
        """The command line that does the same again."""
        said = []
        known = options_of(self.record)
        # What is particular about the kind comes first, what all share last: commands are read by
        # people.
        last = [name for name in ("features", "pca", "seed") if name in known]
        for one in (known[name] for name in (*(n for n in known if n not in last), *last)):
            value = getattr(options, one.name)
            if value is not None or one.kind.none:
                said += one.words(value)
        # A split without chance has no seed, and one of the model's own seed need not be told.
        apart = job.split_seed(options.seed)
        more = {"split": job.again, "split_seed": apart, "limit": job.limit}
        return command_line(self.name, Source.of(job.source), *said, **more)


def preprocessing_and_axes(
    images: NDArray[np.uint8],
    pca: Value,
    *,
    of: ImageSet | None = None,
    progress: Progress = silent,
) -> tuple[Preprocessing, Axes | None]:
    """What is done to images before a model of points sees them, fitted on training images.

    Args:
        images: ``(n, height, width, channels)`` uint8 that train.
        pca: Axes to project on: a whole number, or the proportion of the variance that they
            explain; None for pixels.
        of: The set they are from, which knows how its files were decoded; None for arrays.
        progress: Told how far it is.

    Raises:
        OptionError: There cannot be so many axes.
    """
    preprocessing = replace(load_room.fit_preprocessing(images, of=of), scale=1.0)
    fitted = geometry.axes_of(images, pca, progress=progress)
    return preprocessing, None if fitted is None else Axes(fitted.mean, fitted.components)


def features_on(
    images: ImageSet,
    train: NDArray[np.int64],
    said: str,
    *,
    cached: bool = True,
    progress: Progress = silent,
) -> Features:
    """What a model sees of images, learnt from training ones.

    Args:
        images: The set.
        train: Which of its images train.
        said: ``pixels``, ``pca:0.95``, ``network:RUN``, ``encoder:photo``.
        cached: Whether features that take long are kept, and read where they are.
        progress: Told how far it is.

    Raises:
        OptionError: There are no such features, or they are not of such images.
    """
    # A network learns nothing of them, and photographs are many pixels to copy.
    pixels = images.images[train[:1] if said.partition(":")[0] in NETWORKS else train]
    preprocessing = replace(load_room.fit_preprocessing(pixels, of=images), scale=1.0)
    cache = settings.cache_folder() / "features" if cached else None
    opener = encoder_opener(cached=cached, progress=progress)
    material = Material(pixels, preprocessing, open_network, opener, cache, progress)
    return features_room.features(said, material)


class Sees(TypedDict):
    """What a forest or a mixture sees: pixels, axes of them, or a network."""

    preprocessing: Preprocessing
    axes: Axes | None
    embedder: Embedder | None


def sees(features: Features) -> Sees:
    """Features as the fields of a forest or a mixture, which keep axes as arrays of their own."""
    network = features if features.network is not None else None
    axes = axes_from_arrays(features.arrays())
    return {"preprocessing": features.preprocessing, "axes": axes, "embedder": network}


def features_in(bundle: Bundle, arrays: Mapping[str, NDArray[Any]], value: str = "") -> Features:
    """What a bundle's model sees: its own ONNX model has the network, where it sees one.

    Args:
        bundle: The bundle.
        arrays: Its arrays, axes among them.
        value: Name of what it sees in its graph, where that is not its embedding.
    """
    spec: Any = bundle.spec
    word, _, said = spec.features.partition(":")
    if word in NETWORKS:
        model, how = models_room.model_from_bundle(bundle), bundle.preprocessing
        if value:
            model = features_room.layer_of(model, value, spec.n_features)
        return features_room.Network(said, how, model, None, word)
    return features_room.Pixels(bundle.preprocessing, axes_from_arrays(arrays))


def resolved(asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """Options in which a network is named by where it is, whatever ``latest`` is later.

    Raises:
        OptionError: There are no such features.
        RunError: There is no such run.
    """
    said = asked.get("features")
    if not isinstance(said, str):
        return asked
    features_room.check(said)
    word, _, place = said.partition(":")
    if word != "network":
        return asked
    folder = Path(place)
    if not (folder / "manifest.json").is_file():
        # By its folder: "latest" is another run tomorrow, and a run that is described by it could
        # not be repeated.
        folder = runs.open_run(place, runs=settings.runs_folder()).folder
    return {**asked, "features": f"{word}:{folder.absolute()}"}


def open_network(place: str) -> tuple[Preprocessing, bytes]:
    """The preprocessing and the ONNX model of a network's run or bundle.

    Raises:
        OptionError: It is no network's.
        RunError: There is no such run, or it is not trained to its end.
        BundleError: It is damaged.
    """
    folder = Path(place)
    if not (folder / "manifest.json").is_file():
        run = runs.open_run(place, runs=settings.runs_folder())
        run.check_trained()
        folder = run.bundle
    bundle = models_room.open_bundle(folder)
    if bundle.spec.kind not in _WITH_LAYERS:
        raise OptionError(
            f"{place} holds {bundle.spec.name}, which is no network", "name a run of a network"
        )
    return bundle.preprocessing, models_room.model_from_bundle(bundle)


def facts_of(
    images: ImageSet,
    split: Split,
    tried: Candidates,
    model: Any,  # noqa: ANN401
) -> dict[str, Any]:
    """What the bundle of a chosen model tells, the threshold for "unknown" among it."""
    best = tried.chosen
    return {
        "name": tried.name,
        **best.facts,
        **best.parameters,
        "seed": tried.options["seed"],
        "split": split.recipe,
        "data": provenance.data_facts(images),
        "training": dict(tried.options),
        "metrics": {"validation": best.validation.measured},
        **answers.choose_threshold(model, images, split),
    }
