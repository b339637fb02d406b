"""Figures of a study's steps in, what the page shows of them out, in as much room as there is.

Files are read once. Where they are too large for a page together, images are packed tighter step
by step, first without loss, and each says so; the file beside the page keeps everything.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import PurePosixPath

from hangtag.records import Outcome, StudyFacts, StudyFigure
from hangtag.rooms.report.study import drawings

_PIXELS = 60_000_000  # more than that is no figure
_PRINTED = 96 / 150  # pixels of a screen for each of a figure's 150 dots an inch
_BROAD = 640  # pixels of a screen: two narrower figures can still be read side by side
_TINY = 240  # pixels: an image so small is pixels of the data themselves, shown enlarged
# Proportion of the size, WebP's quality (None: without loss), and characters a drawing may take.
_LADDER: tuple[tuple[float, int | None, int], ...] = (
    (1.0, None, 1_500_000),
    (1.0, 85, 700_000),
    (0.7, 75, 400_000),
    (0.5, 65, 250_000),
    (0.35, 55, 150_000),
    (0.25, 45, 60_000),
)


@dataclass(frozen=True, eq=False)
class ShownFigure:
    """A figure as the page shows it.

    Attributes:
        figure: Its title, caption and file.
        file: Where the file is, relative to the page.
        uri: A ``data:`` address; empty where the page cannot show it, and `note` says why.
        width: Pixels of a screen that it is meant to take.
        white: Whether it needs white paper in a dark scheme, too.
        pixelated: Whether its pixels are to be seen as squares.
        note: What a reader should know of how it is shown.
    """

    figure: StudyFigure
    file: str
    uri: str = ""
    width: int = 480
    white: bool = True
    pixelated: bool = False
    note: str = ""

    @property
    def broad(self) -> bool:
        """Whether it is so wide that it stands alone on its row."""
        return self.width > _BROAD


class Figures:
    """All figures of a study, read once."""

    def __init__(self, facts: StudyFacts) -> None:
        self._read = {one.name: list(_opened(facts, one)) for one in facts.outcomes}

    def within(self, budget: int) -> Mapping[str, Sequence[ShownFigure]]:
        """Every step's figures, in at most so many characters of data."""
        for step in range(-1, len(_LADDER)):
            packed = {
                name: [shown(*one, step) for one in figures] for name, figures in self._read.items()
            }
            if sum(len(one.uri) for some in packed.values() for one in some) <= budget:
                return packed
        return _without_largest(packed, budget)

    def without(self) -> Mapping[str, Sequence[ShownFigure]]:
        """The same without any data: what they take beside it."""
        return {name: [one for one, _ in figures] for name, figures in self._read.items()}


def _opened(facts: StudyFacts, outcome: Outcome) -> Iterator[tuple[ShownFigure, bytes]]:
    folder = facts.folder / "steps" / outcome.name
    for figure in _wanted(facts, outcome):
        made = ShownFigure(figure, f"steps/{outcome.name}/{figure.file}")
        path = folder / figure.file
        if not path.resolve().is_relative_to(folder.resolve()):
            yield replace(made, note="its file is outside of the step's folder"), b""
        elif not path.is_file():
            yield replace(made, note="its file is missing"), b""
        else:
            yield made, path.read_bytes()


def _wanted(facts: StudyFacts, outcome: Outcome) -> Sequence[StudyFigure]:
    """All but the drawings of confusion matrices where those can be walked through."""
    models = facts.models.get(outcome.name, ())
    walked = sum(one.facts.evaluation is not None for one in models)
    drawn = [one for one in outcome.figures if PurePosixPath(one.file).stem == "confusion"]
    if not drawn or len(drawn) > walked:
        return outcome.figures
    return [one for one in outcome.figures if one not in drawn]


def shown(made: ShownFigure, data: bytes, step: int = -1) -> ShownFigure:
    """A figure with its data, packed the tighter the higher the step; -1 for as it is."""
    if not data:
        return made
    if data.startswith(b"\x89PNG"):
        return _raster(made, data, step)
    return _drawing(made, data, step)


def _drawing(made: ShownFigure, data: bytes, step: int) -> ShownFigure:
    svg = drawings.slim(data.decode("utf-8", "replace"))
    if "<svg" not in svg:
        return replace(made, note="its file is neither SVG nor PNG")
    themed = drawings.in_scheme(svg)
    wide = round(drawings.width(svg) or made.width)
    uri = drawings.as_address(svg if themed is None else themed)
    if len(uri) > _LADDER[max(step, 0)][2]:
        return replace(made, note="there is no room for it on this page")
    return replace(made, uri=uri, width=wide, white=themed is None)


def _raster(made: ShownFigure, data: bytes, step: int) -> ShownFigure:
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(BytesIO(data), formats=("PNG",)) as image:
            if image.width * image.height > _PIXELS:
                return replace(made, note="it is too large for a page")
            image.load()  # the page would show a damaged file as nothing
            wide, tiny = image.width, image.width <= _TINY
            packed = _packed(image, data, step)
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError, ValueError):
        return replace(made, note="its file is damaged")
    shown = wide * max(1, _TINY // wide) if tiny else round(wide * _PRINTED)
    note = "" if step < 1 else "Shown with less detail than its file has, for want of room."
    return replace(made, uri=packed, width=shown, pixelated=tiny, note=note)


def _packed(image: object, data: bytes, step: int) -> str:
    from PIL import Image

    if step < 0:
        return "data:image/png;base64," + base64.b64encode(data).decode("ascii")
    assert isinstance(image, Image.Image)
    scale, quality, _ = _LADDER[step]
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    small = image.convert("RGBA" if "A" in image.getbands() else "RGB")
    if scale < 1:
        small = small.resize(size, Image.Resampling.LANCZOS)
    file = BytesIO()
    lossless = quality is None
    small.save(file, format="WEBP", lossless=lossless, quality=quality or 60, method=4)
    return "data:image/webp;base64," + base64.b64encode(file.getvalue()).decode("ascii")


def _without_largest(
    shown: Mapping[str, Sequence[ShownFigure]], budget: int
) -> Mapping[str, Sequence[ShownFigure]]:
    """Leave the largest out until the others fit."""
    sizes = sorted((len(one.uri) for some in shown.values() for one in some), reverse=True)
    taken, limit = sum(sizes), sizes[0] + 1
    while taken > budget and sizes:
        limit = sizes.pop(0)
        taken -= limit
    note = "there is no room for it on this page"
    return {
        name: [one if len(one.uri) < limit else replace(one, uri="", note=note) for one in some]
        for name, some in shown.items()
    }
