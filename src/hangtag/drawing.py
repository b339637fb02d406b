"""What figures of every room share: one style, colours everyone can tell apart, SVG or PNG bytes.

Numbers are computed elsewhere; a room's ``draw.py`` gets records and calls :func:`canvas`, draws,
and ends with :func:`svg` or :func:`png`. matplotlib is imported only when something is drawn.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe and Ito's colours (2008), the yellow darkened, with wine and grey: told apart by people who
# are colour-blind, too. With more classes than colours the marker changes as well, see `mark`.
COLOURS = (
    "#0072b2", "#e69f00", "#009e73", "#d55e00", "#56b4e9", "#cc79a7", "#8a8200", "#1c2024",
    "#882255", "#a3a8ad",
)  # fmt: skip
MARKERS = "o^sDvP*X"
INK, MUTED, GRID = "#1c2024", "#5c636b", "#dcdfe3"
_STYLE: dict[Any, Any] = {
    "svg.hashsalt": "hangtag",  # the same figure gives the same file
    "text.parse_math": False,  # a class may be called $\alpha$ and mean it
    "font.size": 10,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": MUTED,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.titlelocation": "left",
    "axes.titlesize": 10.5,
    "grid.color": GRID,
    "text.color": INK,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "legend.frameon": False,
    "lines.linewidth": 1.6,
}
_IMAGE = 0.62  # inches: a 28-pixel image at three of the screen's pixels each
_GAP = 0.08  # of an image
_DOTS = 150  # per inch


@contextmanager
def canvas(
    width: float, height: float, *, rows: int = 1, columns: int = 1
) -> Iterator[tuple[Figure, NDArray[Any]]]:
    """An empty figure in the common style.

    Args:
        width: Inches.
        height: Inches.
        rows: Of axes.
        columns: Of axes.

    Yields:
        The figure, and its ``(rows, columns)`` axes.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context(), warnings.catch_warnings():
        # A reader's viewer has letters that matplotlib's own font lacks.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        mpl.rcdefaults()
        mpl.rcParams.update(_STYLE)
        figure = Figure(figsize=(width, height), layout="constrained")
        yield figure, figure.subplots(rows, columns, squeeze=False)


def svg(figure: Figure) -> bytes:
    """The figure as an SVG file; to be called inside :func:`canvas`."""
    return written(figure, "svg", metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")))


def png(figure: Figure) -> bytes:
    """The figure as a PNG file; to be called inside :func:`canvas`."""
    return written(figure, "png", dpi=_DOTS, metadata={"Software": None})


def written(figure: Figure, kind: str, dpi: float | None = None, **options: Any) -> bytes:  # noqa: ANN401 - as matplotlib takes them
    """The figure as a file, the same bytes as of ``savefig`` and drawn once.

    Args:
        figure: Made inside :func:`canvas`.
        kind: ``svg``, ``png`` or ``webp``.
        dpi: Dots per inch of an image.
        **options: Of matplotlib's ``print_svg``, ``print_png`` or ``print_webp``.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    # `savefig` draws a figure that is laid out twice, the first time for the layout alone, which
    # the second drawing would have found as well.
    if dpi is not None:
        figure.set_dpi(dpi)
    surface = (FigureCanvasSVG if kind == "svg" else FigureCanvasAgg)(figure)
    file = BytesIO()
    getattr(surface, f"print_{kind}")(file, **options)
    return file.getvalue()


def as_png(pixels: NDArray[np.uint8], *, least: int = 0, optimize: bool = False) -> bytes:
    """``(height, width, 1 or 3)`` uint8 as a PNG file.

    Args:
        pixels: The image.
        least: What the longer side has at least: tiny images are enlarged in whole pixels, since
            smoothed they would be a blur.
        optimize: Take longer for a smaller file.
    """
    from PIL import Image

    flat = pixels[..., 0] if pixels.shape[2] == 1 else pixels
    plain = Image.fromarray(np.ascontiguousarray(flat))
    if (factor := least // max(plain.size)) > 1:
        size = plain.width * factor, plain.height * factor
        plain = plain.resize(size, Image.Resampling.BOX)
    file = BytesIO()
    plain.save(file, "PNG", optimize=optimize)
    return file.getvalue()


def mark(number: int) -> tuple[str, str]:
    """The colour and marker of a class, different for each of the first 80."""
    colour = COLOURS[number % len(COLOURS)]
    return colour, MARKERS[number // len(COLOURS) % len(MARKERS)]


def short(name: str, length: int = 18) -> str:
    """A name that fits, without signs that no font has."""
    flat = "".join(sign if sign.isprintable() else "?" for sign in " ".join(name.split()))
    return flat if len(flat) <= length else flat[: length - 1] + "…"


def image(axes: Axes, pixels: NDArray[Any], left: float, top: float) -> None:
    """Draw an image as large as fits into the unit square right of and below a place.

    Args:
        axes: With the y axis pointing down.
        pixels: ``(height, width, channels)`` uint8, or floats in [0, 1].
        left: Of the square.
        top: Of the square.
    """
    height, width = pixels.shape[:2]
    high, wide = height / max(height, width), width / max(height, width)
    across, down = left + (1 - wide) / 2, top + (1 - high) / 2
    axes.imshow(
        pixels[:, :, 0] if pixels.shape[2] == 1 else pixels,
        cmap="gray",
        vmin=0,
        vmax=255 if pixels.dtype == np.uint8 else 1,
        interpolation="nearest",
        extent=(across, across + wide, down + high, down),
        aspect="auto",
    )


def grid(rows: Sequence[tuple[str, Sequence[NDArray[Any]]]], *, tallest: int = 12) -> bytes:
    """Draw images in rows, each with its name before it.

    Args:
        rows: A name and ``(height, width, channels)`` images for each row.
        tallest: Rows below each other; more go on in a further block beside them.

    Returns:
        A PNG file.
    """
    longest = max((len(name) for name, _ in rows), default=0)
    named = 0.2 + 0.135 * min(longest, 24) if longest else 0.0
    step = 1 + _GAP
    columns = max((len(images) for _, images in rows), default=0)
    blocks = max(-(-len(rows) // tallest), 1)
    deep = max(-(-len(rows) // blocks), 1)  # blocks about equally tall
    block = columns * step + named + 0.1
    width, height = max(blocks * block, 1.0), deep * step + _GAP
    with canvas(width * _IMAGE, height * _IMAGE) as (figure, panels):
        axes = panels[0, 0]
        figure.set_layout_engine("none")
        axes.set_position((0, 0, 1, 1))
        axes.set_axis_off()
        for row, (name, images) in enumerate(rows):
            left, top = row // deep * block + named, row % deep * step + _GAP
            axes.text(left - 0.1, top + 0.5, short(name, 24), ha="right", va="center", fontsize=8)
            for column, pixels in enumerate(images):
                image(axes, pixels, left + column * step, top)
        axes.set_xlim(0, width)
        axes.set_ylim(height, 0)
        return png(figure)
