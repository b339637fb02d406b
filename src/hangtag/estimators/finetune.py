"""Fine-tuning: a network for photographs whose last stages are trained on with one's own classes.

The network's own weights are where it begins, so a few passes over few images are enough; random
crops, mirror images and light keep it from learning them by heart. Its epochs are the candidates.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hangtag import framing, memory, settings, versions
from hangtag.errors import OptionError
from hangtag.estimators import answers, familiar, mirrors
from hangtag.estimators.base import Fit, Fold
from hangtag.estimators.classical import Learning, PointsModel, Tried, checked
from hangtag.estimators.linear import Weighted
from hangtag.estimators.settling import settled
from hangtag.progress import Progress, silent
from hangtag.records import Candidate, Candidates, Config, ImageSet, Preprocessing, Scores, Split
from hangtag.requests import FinetuneRequest
from hangtag.rooms import encode as encode_room
from hangtag.rooms import finetune as room
from hangtag.rooms import load as load_room
from hangtag.rooms.features import Network

STRIDES = 32
"""The network halves its squares five times."""
FRAMES = ("crop",)


class _Finetune(Weighted):
    """A linear answer to what a network says whose last stages were trained with it."""

    name, noun, title = "finetune", "fine-tuned network", "Fine-tuned networks"
    rule = "the last unless it is worse on validation images by more than a standard error"
    record = FinetuneRequest

    @property
    def search(self) -> Any:  # noqa: ANN401
        """It is not searched: a trial takes minutes, and what is asked by itself does well."""
        return None

    def request(self, asked: Mapping[str, Any], seed: int) -> FinetuneRequest:
        """The options as a record."""
        found: FinetuneRequest = super().request(asked, seed)
        if found.input_size % STRIDES:
            raise OptionError(
                f"a fine-tuned network sees no {found.input_size} rows and columns",
                f"a multiple of {STRIDES}, such as {max(1, found.input_size // STRIDES) * STRIDES}",
            )
        return found

    def tried(self, learning: Learning, options: Any, progress: Progress) -> Iterable[Tried]:  # noqa: ANN401
        """Nothing: it is not fitted to points."""
        raise NotImplementedError

    def fit(
        self,
        images: ImageSet,
        split: Split,
        options: FinetuneRequest,
        *,
        cached: bool = True,
        progress: Progress = silent,
    ) -> Fit:
        """Train on, and keep an epoch."""
        answers.check_validation(split, f"a {self.noun}")
        begun = _begun(images, split.train, options)
        kept = room.Kept(
            settings.cache_folder() / "finetuned" if cached else None, begun.key(split.validation)
        )
        stand = kept.read()
        rows = [] if stand is None else [Candidate.from_dict(one) for one in stand.rows]
        for epoch in begun.epochs(progress, None if stand is None else stand.epoch):
            weights = epoch.weights()
            model = self._model(begun, weights, {"epoch": epoch.number})
            rows.append(
                Candidate(
                    {"epoch": epoch.number},
                    Scores(epoch.right),
                    Scores(answers.accuracy(model, images, split.validation)),
                    epoch.seconds + (rows[-1].seconds or 0.0 if rows else 0.0),
                    {"loss": epoch.loss},
                )
            )
            best = weights if stand is None or _best(rows) == len(rows) - 1 else stand.best
            stand = room.Stand(epoch, best, [one.to_dict() for one in rows])
            kept.write(stand)
        assert stand is not None  # there is at least one epoch
        place = _chosen(rows, len(split.validation))
        weights = stand.epoch.weights() if place == len(rows) - 1 else stand.best
        model = self._model(begun, weights, rows[place].parameters)
        notes = () if begun.flips or not options.flip else (_UNFLIPPED,)
        told = options.to_dict()
        tried = Candidates(self.name, tuple(rows), place, told, rows[-1].seconds or 0.0, notes)
        some = np.random.default_rng(0).permutation(split.train)[: familiar.MOST_SEEN]
        progress("embed", 0, 0)
        points = model.at(images, np.sort(some))
        found = settled(self, model, tried, (images, split), options, points)
        return replace(found, done=kept.done)

    def score_again(self, config: Config, images: ImageSet, fold: Fold, seed: int) -> float:
        """Train on other images, as far as the run's chosen epoch."""
        spec: Any = config.spec
        asked = {name: one for name, one in config.options.to_dict().items() if name != "seed"}
        begun = _begun(images, fold[0], self.request(asked, seed))
        for epoch in begun.epochs(silent):
            if epoch.number == spec.numbers["epoch"]:
                break
        return answers.accuracy(self._model(begun, epoch.weights(), {}), images, fold[1])

    def _model(
        self, begun: _Begun, weights: Mapping[str, NDArray[Any]], numbers: Mapping[str, Any]
    ) -> PointsModel:
        """The classifier of some weights."""
        own, images = dict(weights), begun.images
        slopes, bias = (np.asarray(own.pop(name), np.float64) for name in room.HEAD)
        network = room.answering(
            room.with_weights(begun.encoder.model, begun.parts, own),
            begun.options.input_size,
            mirrored=begun.flips,
        )
        features = _Tuned(
            f"{begun.encoder.name}:finetuned", begun.how, network, None, "encoder", of=begun.encoder
        )
        arrays = {"weights": slopes, "bias": bias}
        return PointsModel(self, arrays, numbers, features, images.class_names, images.class_codes)


_UNFLIPPED = "no mirror images were seen: labels of this set do not stay right in the mirror"


@dataclass(frozen=True, eq=False, kw_only=True)
class _Tuned(Network):
    """The embedding of a fine-tuned network.

    Attributes:
        of: The network that it was.
    """

    of: encode_room.Encoder

    @property
    def facts(self) -> Mapping[str, Any]:
        """Which network it was, and under which licence."""
        one = self.of
        return {"finetuned": {"name": one.name, "digest": one.digest, "licence": one.licence}}


class _Begun(NamedTuple):
    """All that is settled before the first step.

    Attributes:
        encoder: The network.
        parts: Both sides of its cut.
        how: What is done to images.
        flips: Whether mirror images are seen.
        images: The set.
        train: Which images train.
        options: What was asked.
    """

    encoder: encode_room.Encoder
    parts: room.Parts
    how: Preprocessing
    flips: bool
    images: ImageSet
    train: NDArray[np.int64]
    options: FinetuneRequest

    def epochs(self, progress: Progress, done: room.Epoch | None = None) -> Iterator[room.Epoch]:
        """Train; nothing is decoded where all is done."""
        asked = self.options
        if done is not None and done.number >= asked.epochs:
            return
        memory.check_room("fine-tuning", base=memory.NETWORK, per_core=memory.NETWORK_PER_CORE)
        side = framing.least_side(asked.input_size)
        with room.Album(settings.cache_folder()) as album:
            given = framing.unframed(self.images, self.train.tolist(), asked.input_size)
            album.fill(given, side, len(self.train), progress)
            yield from room.epochs(
                self.parts,
                room.Lesson(album, self.images.labels[self.train], len(self.images.class_names)),
                room.Recipe(
                    room.Views(asked.input_size, asked.crop, self.flips),
                    asked.epochs,
                    asked.batch_size,
                    asked.learning_rate,
                    asked.head_learning_rate,
                    asked.label_smoothing,
                    asked.seed or 0,
                ),
                done=done,
                progress=progress,
            )

    def key(self, validation: NDArray[np.int64]) -> str:
        """A name of all that the weights depend on, and of what chooses among them."""
        told = [self.images.fingerprint, self.encoder.digest, self.options.to_dict(), self.flips]
        digest = hashlib.sha256(json.dumps([*told, versions.installed()], default=str).encode())
        for rows in (self.train, validation):
            digest.update(rows.tobytes() + b"\0")
        return digest.hexdigest()


def _begun(images: ImageSet, train: NDArray[np.int64], options: FinetuneRequest) -> _Begun:
    nothing = np.empty((len(train), 0), np.float32)
    checked(Learning(nothing, images.labels[train], len(images.class_names)))
    encoder = encode_room.open_encoder(options.encoder, settings.cache_folder() / "encoders")
    said = load_room.fit_preprocessing(images.images[train[:1]], of=images)
    size, side = options.input_size, (0, options.input_size)
    how = Preprocessing(
        (size, size, 3), side, side, 1.0, matte=said.matte, white=said.white, frames=FRAMES
    )
    flips = options.flip and mirrors.keeps_labels(images.name) is not False
    parts = room.divided(encoder.model, encoder.cut)
    return _Begun(encoder, parts, how, flips, images, train, options)


def _best(rows: Sequence[Candidate]) -> int:
    """Position of the epoch that is right about most validation images, the last of equals."""
    scores = [row.validation.accuracy for row in rows]
    return max(range(len(rows)), key=lambda place: (scores[place], place))


def _chosen(rows: Sequence[Candidate], count: int) -> int:
    """Position of the last epoch, unless it is worse than the best by more than a standard error.

    The last one has the smallest steps; what so few images cannot tell apart, that decides. The
    rule is that of L. Breiman et al., "Classification and regression trees" (1984).

    Args:
        rows: The epochs.
        count: Validation images.
    """
    place = _best(rows)
    best = rows[place].validation.accuracy
    enough = best - math.sqrt(best * (1 - best) / count)
    return len(rows) - 1 if rows[-1].validation.accuracy >= enough else place


FINETUNE = _Finetune()
