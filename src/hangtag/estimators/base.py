"""What a kind of model must be able to do, and what it is given and gives.

The workbench loads and divides images, and a kind does the rest: it reads what was asked of it,
makes a run, tells pages of it, fits again on other images, and says what a search can vary.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from hangtag.estimators import answers
from hangtag.framing import seen
from hangtag.progress import Progress, silent
from hangtag.records import Candidates, Config, Evaluation, History, ImageSet, Source, Spec, Split
from hangtag.rooms import load
from hangtag.rooms.models import Bundle
from hangtag.runs import Run

if TYPE_CHECKING:
    from hangtag.estimators.search import Search

PARITY_IMAGES = 1000
"""Validation images on which an ONNX model is compared with what it was written from."""
PARITY_PHOTOGRAPHS = 32
"""Likewise of photographs, each of which takes a thousand times as long."""

Fold = tuple[NDArray[np.int64], NDArray[np.int64]]
"""Positions to fit on, and positions to be right about."""


@dataclass(frozen=True, eq=False)
class Job:
    """A model to be made.

    Attributes:
        source: What was given to load.
        images: What it held.
        split: Which of them train, which choose, and which wait for the test.
        request: What was asked, as the kind's ``request`` read it.
        out: Folder of the new run.
        limit: Images per part that were loaded at most; None for all.
        keep: Called with the new run before it appears, for what the workbench keeps in it.
        cached: Whether what was computed before may be read from the cache.
        progress: Told how far it is.
        notes: Why it is this kind, where nobody said one.
        asked: How the split was asked for; empty where nobody said.
    """

    source: str | Path | Source
    images: ImageSet
    split: Split
    request: Any
    out: Path
    limit: int | None = None
    keep: Callable[[Run], object] = lambda _: None
    cached: bool = True
    progress: Progress = silent
    notes: tuple[str, ...] = ()
    asked: str = ""

    @property
    def again(self) -> str:
        """What gives the same split again: its recipe, or the file that it was saved in."""
        return self.asked if self.asked.startswith(load.SAVED) else self.split.recipe

    def split_seed(self, seed: int) -> int | None:
        """The seed of the split where it must be said beside that of the model, `seed`."""
        drawn = self.split.seed if self.again == self.split.recipe else None
        return None if drawn == seed else drawn


class Writer(Protocol):
    """What can write a classifier that it fitted."""

    def onnx(self, model: Any, images: NDArray[np.uint8]) -> bytes:  # noqa: ANN401
        """The model as ONNX, compared with it on images."""

    def draw(self, candidates: Candidates, out: Path) -> list[Path]:
        """Write figures of the candidates."""


@dataclass(frozen=True, eq=False)
class Fit:
    """A model that was chosen of several, in memory.

    Attributes:
        kind: What fitted it and can write it.
        images: The set.
        split: Which images trained, chose, and wait for the test.
        candidates: All that were tried.
        model: The chosen one, a classifier.
        spec: The chosen one in numbers.
        options: What was asked.
        done: To be called when the model is kept: removes what a fit goes on from after a kill.
    """

    kind: Writer
    images: ImageSet
    split: Split
    candidates: Candidates
    model: Any
    spec: Spec
    options: Any
    done: Callable[[], object] = lambda: None

    def evaluate(self) -> Evaluation:
        """Open the test split and say what the model is worth; no run remembers that it was.

        Raises:
            SplitError: The split keeps no test images.
        """
        return answers.tested(self.model, self.images, self.split)

    def write(self, out: Path) -> list[Path]:
        """Write the model's bundle and what is drawn of the candidates into a folder.

        Args:
            out: The folder; files in it that have other names are left alone.

        Raises:
            FailedError: The ONNX model would answer otherwise by more than 1e-5; nothing is
                written then.
        """
        how = self.model.preprocessing
        count = PARITY_PHOTOGRAPHS if how.frames else PARITY_IMAGES
        some = seen(self.images, self.split.validation[:count], how)
        model = self.kind.onnx(self.model, some)
        written = self.kind.draw(self.candidates, out)
        bundle = answers.write_bundle(self.model, self.spec, model, out / "bundle")
        return [*written, bundle]


@dataclass(frozen=True)
class Fitted:
    """What training left of a run, in the words of pages and tables.

    Attributes:
        words: Such as ``the network cnn-28-56``.
        noun: ``network``, ``forest``, ….
        parameters: Numbers that were fitted.
        seconds: Of training: of all epochs, of a forest's trees one after the other, or of all
            candidates that were fitted as one.
        training: Accuracy on training images; None where it was not measured.
        validation: Accuracy on validation images; None without them.
        history: Epoch by epoch; None for what has no epochs.
        effort: What finding it took, as a sentence, where there is anything to say of that.
    """

    words: str
    noun: str
    parameters: int
    seconds: float
    training: float | None
    validation: float | None
    history: History | None
    effort: str = ""


class Estimator(Protocol):
    """A kind of model."""

    @property
    def name(self) -> str:
        """What it is asked for by, such as ``forest``."""

    @property
    def noun(self) -> str:
        """What one of it is called in a sentence."""

    @property
    def title(self) -> str:
        """What several are called in a heading."""

    @property
    def search(self) -> Search | None:
        """How it is searched; None where it is not."""

    def request(self, asked: Mapping[str, Any], seed: int) -> Any:  # noqa: ANN401 - its own record
        """What was asked as a record, defaults filled in.

        Raises:
            OptionError: There is no such option, or it cannot have that value.
        """

    def label(self, request: Any) -> str:  # noqa: ANN401
        """What a new run of it is named after."""

    def own_split(self, request: Any, images: ImageSet, *, sampled: bool) -> str:  # noqa: ANN401
        """How to divide when nothing was said."""

    def train(self, job: Job) -> Run:
        """Make a model, kept in a new run.

        Raises:
            UsageError: Anything about the request does not fit; nothing is written then.
            FailedError: The model could not be made.
        """

    def fit(
        self,
        images: ImageSet,
        split: Split,
        request: Any,  # noqa: ANN401
        /,
        *,
        cached: bool,
        progress: Progress,
    ) -> Fit:
        """Try all that is asked for and choose one on validation images, in memory.

        Raises:
            OptionError: An option cannot be, or such models are only trained as runs.
            SplitError: There are no validation images.
        """

    def resume(self, run: Run, images: ImageSet, progress: Progress) -> Run:
        """Go on with a run that was stopped or killed.

        Raises:
            RunError: Such runs appear whole, and there is nothing to go on with.
        """

    def open(self, bundle: Bundle) -> Any:  # noqa: ANN401 - whatever can be looked at
        """The model of a bundle as something that can be looked at: its arrays or layers.

        Raises:
            HangtagError: The bundle does not hold what it says.
        """

    def fitted(self, run: Run) -> Fitted:
        """What training left of a run.

        Raises:
            RunError: It is not trained to its end, or a file of it is damaged.
        """

    def told(self, run: Run, tested: Evaluation | None = None) -> Iterable[str]:
        """What training came to, line by line, for a screen."""

    def shown(self, run: Run) -> dict[str, Any]:
        """What a report shows of the model and of what was asked, by the names of its facts."""

    def score_again(self, config: Config, images: ImageSet, fold: Fold, seed: int) -> float:
        """Fit what a run did on other images, and give its accuracy on yet others.

        Args:
            config: The run's.
            images: The set that the fold's indices count in.
            fold: Images to fit on, and images to be right about; these choose nothing.
            seed: Of all that is drawn.
        """
