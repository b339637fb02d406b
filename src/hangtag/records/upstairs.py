"""Methods of records that are carried out on a higher floor, such as ``run.evaluate()``.

Records know nothing of rooms and verbs, and floors import downwards only. What a person may ask a
record to do is therefore found by name when it is asked, here and nowhere else: :func:`_verb` is
the one way up. To add such a method: a method here, a function upstairs.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from hangtag.progress import Progress, silent

if TYPE_CHECKING:
    from hangtag.records.comparison import RunComparison
    from hangtag.records.evaluation import Evaluation
    from hangtag.records.images import ImageSet
    from hangtag.records.tagging import Tag


def _verb(name: str, *given: object, **options: object) -> Any:  # noqa: ANN401 - each verb's own
    return getattr(import_module("hangtag"), name)(*given, **options)


class RunVerbs:
    """What a run can be asked to do: each is the verb of that name with the run put first."""

    def images(self, *, progress: Progress = silent) -> ImageSet:
        """The images the run is about, checked to be those it was trained on.

        Raises:
            RunError: The source holds other images than it did.
        """
        return cast("ImageSet", _verb("run_images", self, progress=progress))

    def evaluate(
        self, *, again: bool = False, images: ImageSet | None = None, progress: Progress = silent
    ) -> Evaluation:
        """Open the test split, once, and say what the model is worth; see ``hangtag.evaluate``."""
        found = _verb("evaluate", self, again=again, images=images, progress=progress)
        return cast("Evaluation", found)

    def report(self, *, out: Path | None = None, progress: Progress = silent) -> Path:
        """Write the report, evaluating first where that is not done; see ``hangtag.report``."""
        self.evaluate(progress=progress)
        return cast("Path", _verb("report", self, out=out, progress=progress))

    def compare(self, *others: object, **options: Any) -> RunComparison:  # noqa: ANN401
        """Compare with other runs on the same test images; see ``hangtag.compare``."""
        return cast("RunComparison", _verb("compare", [self, *others], **options))

    def tag(self, pictures: object, **options: Any) -> list[Tag]:  # noqa: ANN401
        """Tag a folder, a file, an ImageSet or an array of images; see ``hangtag.tag``."""
        return list(_verb("tag", self, pictures, **options))
