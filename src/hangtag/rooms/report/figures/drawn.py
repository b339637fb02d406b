"""A matplotlib figure in, an SVG document or a piece of a page out; the same figure, the same text.

Inside a page colours are CSS variables, so a figure follows the reader's light or dark scheme, and
text stays text, in the page's font. Only imported by what draws.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
from markupsafe import Markup, escape
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from hangtag import drawing

# Okabe and Ito's colours, told apart by colour-blind people too; the page has a dark twin of each.
INK, MUTED, GRID, PAPER = "#1c2024", "#5c636b", "#dcdfe3", "#fefefe"
FIRST, SECOND, THIRD = "#0072b2", "#c24e00", "#00805c"
_VARIABLES = {
    INK: "ink",
    MUTED: "muted",
    GRID: "grid",
    PAPER: "paper",
    FIRST: "first",
    SECOND: "second",
    THIRD: "third",
}
WIDTH = 5.2  # inches: one figure of a phone's width, two beside each other on a wide screen
_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "text.parse_math": False,  # a class may be called $\alpha$ and mean it
    "font.family": "sans-serif",
    "font.size": 10,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": MUTED,
    "axes.labelsize": 10,
    "axes.titlesize": 10.5,
    "axes.titlelocation": "left",
    "axes.titlecolor": INK,
    "axes.titlepad": 10,
    "axes.facecolor": "none",
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "text.color": INK,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelsize": 9.5,
    "ytick.labelsize": 9.5,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "figure.facecolor": "none",
    "legend.frameon": False,
    "legend.fontsize": 9.5,
    "lines.linewidth": 1.6,
    "lines.markersize": 3.5,
}


@dataclass(frozen=True, eq=False)
class Drawn:
    """A figure and what is said about it.

    Attributes:
        name: File name without ending; ids on the page begin with it.
        title: What stands above it.
        description: What it shows, for those who cannot see it.
        svg: The drawing as an SVG document.
    """

    name: str
    title: str
    description: str
    svg: str


@contextmanager
def canvas(height: float, *, width: float = WIDTH) -> Iterator[tuple[Figure, Axes]]:
    """An empty figure with one pair of axes in the style of the report, sizes in inches."""
    with mpl.rc_context(), warnings.catch_warnings():
        # A reader's browser has the letters that matplotlib's own font lacks.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        warnings.filterwarnings("ignore", message="Matplotlib currently does not support")
        mpl.rcdefaults()
        mpl.rcParams.update(_STYLE)
        figure = Figure(figsize=(width, height), layout="constrained")
        yield figure, figure.add_subplot()


def finish(figure: Figure, name: str, title: str, description: str) -> Drawn:
    """The figure as SVG; to be called inside :func:`canvas`."""
    mpl.rcParams["svg.hashsalt"] = name
    return Drawn(name, title, description, _own_ids(drawing.svg(figure).decode(), name))


def inline(drawn: Drawn) -> dict[str, object]:
    """A figure for a template: ``name``, ``title``, ``description`` and ``svg`` markup."""
    start = drawn.svg.index("<svg")
    svg = re.sub(r"<metadata>.*?</metadata>", "", drawn.svg[start:], flags=re.DOTALL)
    svg = re.sub(r"\b(fill|stroke): (#[0-9a-f]{6})\b", _variable, svg)
    view = re.search(r'viewBox="[^"]*"', svg)
    assert view is not None
    label = f'role="img" aria-label="{escape(drawn.description)}"'
    svg = re.sub(r"<svg[^>]*>", lambda _: f"<svg {view[0]} {label}>", svg, count=1)
    # What matplotlib writes is XML it has escaped itself.
    markup = Markup(svg)  # noqa: S704
    return {
        "name": drawn.name,
        "title": drawn.title,
        "description": drawn.description,
        "svg": markup,
    }


def on_white(svg: str) -> str:
    """A drawing as a file: dark text needs light paper, whatever it is put on."""
    return re.sub(
        r"(<svg[^>]*>)", r'\1<rect width="100%" height="100%" fill="#fff"/>', svg, count=1
    )


def short(name: str, length: int = 18) -> str:
    """A class name that fits beside an axis, without signs that no font or XML has."""
    flat = "".join(sign if sign.isprintable() else "�" for sign in " ".join(name.split()))
    return flat if len(flat) <= length else flat[: length - 1] + "…"


def _variable(found: re.Match[str]) -> str:
    known = _VARIABLES.get(found[2])
    return f"{found[1]}: var(--{known})" if known else found[0]


def _own_ids(svg: str, name: str) -> str:
    """Ids that are pointed to begin with the figure's name; those that are not are dropped."""
    used = set(re.findall(r'(?:url\(#|xlink:href="#)([^")]+)', svg))

    def renamed(found: re.Match[str]) -> str:
        return f' id="{name}-{found[1]}"' if found[1] in used else ""

    svg = re.sub(r' id="([^"]*)"', renamed, svg)
    return re.sub(r'(url\(#|xlink:href="#)([^")]+)', rf"\g<1>{name}-\g<2>", svg)
