"""How groups of points are told apart: the number of a group in, its colour and shape out.

The colours of each scheme were found by a search, started from Okabe and Ito's, for ten that stay
apart for everyone: between any two the distance in OKLab (Ottosson, 2020) is at least 0.095, also
as people with protanopia, deuteranopia or tritanopia see them (Machado, Oliveira and Fernandes,
2009), where Okabe and Ito's eight have 0.076 and matplotlib's ten 0.007; and each has a contrast of
at least 3 with its paper. From the eleventh group on the shape changes.
"""

from __future__ import annotations

LIGHT = (
    "#157bb6", "#a3580d", "#2d6962", "#d10088", "#6d2ebf",
    "#6d4019", "#2e9dd7", "#999000", "#d8768d", "#30343a",
)  # fmt: skip
DARK = (
    "#5a93cd", "#ff8e38", "#06c583", "#d9418c", "#9a65fd",
    "#b57b44", "#41d9ff", "#d9d80b", "#ffa6c6", "#eaedef",
)  # fmt: skip
SHAPES = ("disc", "square", "triangle", "diamond", "cross")
"""In the order they are used; the script draws them by these names."""

MARKERS = {"disc": "o", "square": "s", "triangle": "^", "diamond": "D", "cross": "X"}
"""What matplotlib calls each shape."""

OUTLINES = {
    "disc": '<circle cx="6" cy="6" r="4.5"/>',
    "square": '<rect x="2" y="2" width="8" height="8"/>',
    "triangle": '<path d="M6 1 11 10.5H1z"/>',
    "diamond": '<path d="M6 .5 11.5 6 6 11.5.5 6z"/>',
    "cross": '<path d="M3 1 6 4 9 1 11 3 8 6 11 9 9 11 6 8 3 11 1 9 4 6 1 3z"/>',
}
"""Each shape as SVG in a square of 12."""


def colour(group: int) -> int:
    """Which of the ten colours a group has."""
    return group % len(LIGHT)


def shape(group: int) -> str:
    """Which shape a group has: discs for the first ten, squares for the next."""
    return SHAPES[group // len(LIGHT) % len(SHAPES)]


def variables() -> str:
    """The colours as CSS variables, in both schemes; paper is light."""
    light = " ".join(f"--map-{number}: {one};" for number, one in enumerate(LIGHT))
    dark = " ".join(f"--map-{number}: {one};" for number, one in enumerate(DARK))
    return (
        f".maps {{ {light} }}\n"
        f"@media screen and (prefers-color-scheme: dark) {{ .maps {{ {dark} }} }}"
    )
