"""Methods of records that are carried out on a higher floor, such as ``run.evaluate()``.

Records know nothing of rooms and verbs, and floors import downwards only. What a person may ask a
record to do is therefore found by name when it is asked, here and nowhere else: :func:`_verb`,
:func:`_show` and :func:`_told` are the ways up. To add such a method: a method here, a function
upstairs.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from hangtag.progress import Progress

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from polars import DataFrame

    from hangtag.records.comparison import RunComparison
    from hangtag.records.evaluation import Evaluation
    from hangtag.records.images import ImageSet
    from hangtag.records.tagging import Tags


def _verb(name: str, *given: object, **options: object) -> Any:  # noqa: ANN401 - each verb's own
    if options.get("progress", ...) is None:
        del options["progress"]  # the verb decides what is usual
    return getattr(import_module("hangtag"), name)(*given, **options)


def _show(how: str, *given: object, **options: object) -> Any:  # noqa: ANN401
    return getattr(import_module("hangtag.rooms.show"), how)(*given, **options)


def _told(how: str, *given: object) -> Any:  # noqa: ANN401
    return getattr(import_module("hangtag.rooms.report.results.notebook"), how)(*given)


class Carded:
    """Shown in a notebook as a card, with images where there are any."""

    def _repr_html_(self) -> str:
        return cast("str", _show("card", self))


class Plotted(Carded):
    """Drawn by matplotlib."""

    def plot(self, axes: Axes | None = None, **options: Any) -> Axes:  # noqa: ANN401
        """Draw it.

        Args:
            axes: Where to draw; None makes a new figure.
            **options: As ``hangtag.rooms.show`` says for each record, such as ``images=`` to
                colour a map by classes.

        Returns:
            The axes, to be changed or saved.
        """
        return cast("Axes", _show("plot", self, axes, **options))


class Told:
    """Told in sentences and tables: a card in a notebook, and its first table as a frame."""

    def _repr_html_(self) -> str:
        return cast("str", _told("card", self))

    def to_frame(self) -> DataFrame:
        """The record as a polars table; ``.to_pandas()`` makes a pandas one where that is there."""
        return cast("DataFrame", _told("frame", self))


class Framed:
    """Given as a table."""

    def to_frame(self) -> DataFrame:
        """The record as a polars table; ``.to_pandas()`` makes a pandas one where that is there."""
        return cast("DataFrame", _show("frame", self))


class RunVerbs(Carded):
    """What a run can be asked to do: each is the verb of that name with the run put first."""

    def __repr__(self) -> str:
        run: Any = self
        data = run.config.data.get("name", run.config.source)
        return f"<Run {run.name}: {run.config.name} on {data}, {run.stage}>"

    def images(self, *, progress: Progress | None = None) -> ImageSet:
        """The images the run is about, checked to be those it was trained on.

        Raises:
            RunError: The source holds other images than it did.
        """
        return cast("ImageSet", _verb("run_images", self, progress=progress))

    def evaluate(
        self,
        *,
        again: bool = False,
        images: ImageSet | None = None,
        progress: Progress | None = None,
    ) -> Evaluation:
        """Open the test split, once, and say what the model is worth; see ``hangtag.evaluate``."""
        found = _verb("evaluate", self, again=again, images=images, progress=progress)
        return cast("Evaluation", found)

    def report(self, *, out: Path | None = None, progress: Progress | None = None) -> Path:
        """Write the report, evaluating first where that is not done; see ``hangtag.report``."""
        self.evaluate(progress=progress)
        return cast("Path", _verb("report", self, out=out, progress=progress))

    def compare(self, *others: object, **options: Any) -> RunComparison:  # noqa: ANN401
        """Compare with other runs on the same test images; see ``hangtag.compare``."""
        return cast("RunComparison", _verb("compare", [self, *others], **options))

    def tag(self, pictures: object, **options: Any) -> Tags:  # noqa: ANN401
        """Tag a folder, a file, an ImageSet or an array of images; see ``hangtag.tag``."""
        return cast("Tags", _verb("tags", self, pictures, **options))
