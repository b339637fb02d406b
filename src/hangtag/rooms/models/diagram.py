"""A network's description goes in, a drawing of it comes out: one SVG document, no font or library.

One row per layer, from the image down to the probabilities: what comes out as a block (not to
scale, but larger for more), what the layer does, its output shape, and its proportion of all
parameters as a bar. A new layer needs one entry in ``diagram_words``: its colour, and words for new
options.
"""

from __future__ import annotations

import math
from html import escape
from typing import Any

from hangtag.records import NetworkSpec
from hangtag.rooms.models.diagram_words import family, options_in_words, shape_in_words
from hangtag.rooms.models.summary import summary

WIDTH = 760
ROW, GAP, HEAD, FOOT = 46, 14, 92, 52
BLOCK_CENTRE, BOX, BOX_WIDTH, SHAPE, BAR = 78, 156, 330, 504, 632
BAR_WIDTH = WIDTH - BAR - 24
SLANT = 0.3

INK, FAINT, PAPER, LINE = "#1d2530", "#5d6875", "#ffffff", "#c9d0d8"

# After Okabe and Ito's palette, which colour-blind readers can tell apart:
# https://jfly.uni-koeln.de/color/
COLOURS = {
    "image": "#5d6875",
    "convolution": "#0072b2",
    "pooling": "#009e73",
    "dense": "#d55e00",
    "normalisation": "#b0629a",
    "shaping": "#7c8794",
}


def diagram(spec: NetworkSpec) -> str:
    """Draw a network.

    Args:
        spec: The description.

    Returns:
        An SVG document, 760 units wide, as text.

    Raises:
        SpecError: The description does not fit.

    Example:
        >>> diagram(network_spec("cnn-28-56")).startswith("<svg ")
        True
    """
    facts = summary(spec)
    rows = [_image_row(facts), *facts["layers"]]
    height = HEAD + len(rows) * (ROW + GAP) - GAP + FOOT
    title = f"{facts['name']}: {facts['parameters']:,} parameters"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
            f'width="{WIDTH}" height="{height}" role="img" aria-label="{escape(title)}" '
            'font-family="system-ui, -apple-system, Segoe UI, Roboto, sans-serif">',
            f"<title>{escape(title)}</title>",
            f'<rect width="{WIDTH}" height="{height}" rx="10" fill="{PAPER}"/>',
            *_heading(facts),
            *(_row(row, _top(place), facts) for place, row in enumerate(rows)),
            *(_arrow(_top(place)) for place in range(1, len(rows))),
            _footer(facts, height),
            "</svg>",
        ]
    )


def _image_row(facts: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": "image",
        "type": "Image",
        "output_shape": facts["input_shape"],
        "parameters": 0,
        "options": {},
    }


def _top(place: int) -> int:
    return HEAD + place * (ROW + GAP)


def _heading(facts: dict[str, Any]) -> list[str]:
    height, width, channels = facts["input_shape"]
    about = f"{height} × {width} × {channels} images in, {facts['classes']} classes out"
    columns = ((BOX, "layer"), (SHAPE, "gives"), (BAR, "parameters"))
    return [
        _text(24, 36, facts["name"], size=20, weight=650),
        _text(24, 57, about, size=13, colour=FAINT),
        *(_text(x, HEAD - 10, word, size=11, colour=FAINT) for x, word in columns),
    ]


def _row(row: dict[str, Any], top: int, facts: dict[str, Any]) -> str:
    middle = top + ROW / 2
    colour = COLOURS[family(row["type"])]
    return "\n".join(
        [
            f"<g><title>{escape(row['name'])}</title>",
            _block(row["output_shape"], max(facts["input_shape"][:2]), middle, colour),
            *_box(row, top, colour),
            _text(SHAPE, middle + 5, shape_in_words(row["output_shape"]), size=14),
            *_proportion(row["parameters"], facts["parameters"], middle, colour),
            _embedding_mark(top) if row["name"] == facts["embedding"] else "",
            "</g>",
        ]
    )


def _block(shape: list[int], largest: int, middle: float, colour: str) -> str:
    """What comes out: rows by columns in front, channels to the back; flat values as a bar."""
    if len(shape) == 1:
        return _bar_of_values(shape[0], middle, colour)
    high, wide = (4 + 30 * (size / largest) ** 0.7 for size in shape[:2])
    deep = _log(shape[2], 3, 46)
    rise = deep * SLANT
    left, top = BLOCK_CENTRE - (wide + deep) / 2, middle - (high - rise) / 2
    front = f"M{left:.1f} {top:.1f}h{wide:.1f}v{high:.1f}h{-wide:.1f}z"
    upper = f"M{left:.1f} {top:.1f}l{deep:.1f} {-rise:.1f}h{wide:.1f}l{-deep:.1f} {rise:.1f}z"
    side = f"M{left + wide:.1f} {top:.1f}l{deep:.1f} {-rise:.1f}v{high:.1f}l{-deep:.1f} {rise:.1f}z"
    edges = f'stroke="{colour}" stroke-width="1" stroke-linejoin="round"'
    return "".join(
        f'<path d="{path}" fill="{colour}" fill-opacity="{tone}" {edges}/>'
        for path, tone in ((front, 0.5), (upper, 0.16), (side, 0.3))
    )


def _bar_of_values(values: int, middle: float, colour: str) -> str:
    wide = _log(values, 6, 104)
    return (
        f'<rect x="{BLOCK_CENTRE - wide / 2:.1f}" y="{middle - 4:.1f}" width="{wide:.1f}" '
        f'height="8" rx="2" fill="{colour}" fill-opacity="0.5" stroke="{colour}"/>'
    )


def _log(value: int, least: float, most: float) -> float:
    """A length that grows with the logarithm of a count; 4,096 and more are `most`."""
    return least + (most - least) * min(1.0, math.log2(value) / 12)


def _box(row: dict[str, Any], top: int, colour: str) -> list[str]:
    words = options_in_words(row["options"])
    first = top + (19 if words else 28)
    return [
        f'<rect x="{BOX}" y="{top}" width="{BOX_WIDTH}" height="{ROW}" rx="6" '
        f'fill="{colour}" fill-opacity="0.09" stroke="{colour}" stroke-opacity="0.35"/>',
        f'<path d="M{BOX + 5} {top}h-1a4 4 0 0 0-4 4v{ROW - 8}a4 4 0 0 0 4 4h1z" fill="{colour}"/>',
        _text(BOX + 18, first, row["type"], size=14, weight=600),
        _text(BOX + 18, top + 36, words, size=12, colour=FAINT) if words else "",
    ]


def _proportion(own: int, total: int, middle: float, colour: str) -> list[str]:
    if not own:
        return [_text(BAR, middle + 5, "–", size=13, colour=LINE)]
    length = max(1.5, BAR_WIDTH * own / total)
    return [
        _text(BAR, middle, f"{own:,}", size=13),
        f'<rect x="{BAR}" y="{middle + 6:.1f}" width="{BAR_WIDTH}" height="5" rx="2.5" '
        f'fill="{LINE}" fill-opacity="0.45"/>',
        f'<rect x="{BAR}" y="{middle + 6:.1f}" width="{length:.1f}" height="5" '
        f'rx="{min(2.5, length / 2):.1f}" fill="{colour}"/>',
    ]


def _embedding_mark(top: int) -> str:
    x, width = BOX + BOX_WIDTH - 88, 78
    return (
        f'<rect x="{x}" y="{top + 8}" width="{width}" height="17" rx="8.5" fill="{PAPER}" '
        f'stroke="{FAINT}" stroke-opacity="0.6"/>'
        + _text(x + width / 2, top + 20, "embedding", size=11, colour=FAINT, anchor="middle")
    )


def _arrow(top: int) -> str:
    x = BOX + 40
    return (
        f'<path d="M{x} {top - GAP}v{GAP - 4}m-4 -3l4 4l4 -4" fill="none" stroke="{FAINT}" '
        'stroke-width="1.2" stroke-linecap="round" stroke-linejoin="round"/>'
    )


def _footer(facts: dict[str, Any], height: int) -> str:
    counts = [f"{facts['parameters']:,} parameters"]
    if facts["non_trainable"]:
        counts.append(f"{facts['trainable']:,} trainable")
    counts.append(f"{facts['biases']:,} of them biases")
    return _text(WIDTH - 24, height - 20, ", ".join(counts), size=13, weight=600, anchor="end")


def _text(
    x: float,
    y: float,
    words: str,
    *,
    size: int,
    colour: str = INK,
    weight: int = 400,
    anchor: str = "start",
) -> str:
    return (
        f'<text x="{x:g}" y="{y:g}" font-size="{size}" font-weight="{weight}" fill="{colour}" '
        f'text-anchor="{anchor}">{escape(words)}</text>'
    )
