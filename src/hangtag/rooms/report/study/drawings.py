"""A figure's file in, what a page shows of it out: a drawing that follows the reader's scheme.

Drawings stand on the page as images: ids of one never meet those of another, and a browser runs
no script in them, whoever wrote the file. To add a colour that has a dark twin: :data:`_TWINS`.
"""

from __future__ import annotations

import base64
import re

_TWINS = {
    # what every room's figures share: ink, muted, grid, paper
    "#1c2024": "#e7e9eb", "#000000": "#e7e9eb", "#5c636b": "#9aa2aa", "#dcdfe3": "#33383d",
    "#b0b0b0": "#4a5056", "#cccccc": "#33383d", "#808080": "#808080",
    "#ffffff": "#15181b", "#fefefe": "#15181b",
    # colours of classes and curves; most can be seen on either paper
    "#0072b2": "#3f95d6", "#e69f00": "#e69f00", "#009e73": "#009e73", "#d55e00": "#e0701a",
    "#56b4e9": "#7cc9f5", "#cc79a7": "#cc79a7", "#8a8200": "#a89f10", "#882255": "#bd4a83",
    "#a3a8ad": "#a3a8ad", "#c24e00": "#f0a04b", "#00805c": "#3fc99b",
}  # fmt: skip
_SHEET = '<rect width="100%" height="100%" fill="#fff"/>'  # the paper a report's figures bring
_COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b|rgba?\([^)]*\)")
_PAINT = re.compile(r"\b(fill|stroke): ?(#[0-9a-f]{6})\b")
_POINT = 96 / 72  # of a screen, which has 96 pixels to the inch


def as_address(svg: str) -> str:
    """A drawing as a ``data:`` address."""
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode("ascii")


def slim(svg: str) -> str:
    """The same drawing in fewer characters: places to a hundredth of a point, no metadata."""
    svg = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<\?xml[^>]*\?>|<!DOCTYPE[^>]*>", "", svg)
    svg = re.sub(r'\b(?:d|x|y|points)="[^"]*"', _rounded, svg)
    return re.sub(r">\s*\n\s*<", ">\n<", svg).strip()


def in_scheme(svg: str) -> str | None:
    """The drawing in colours that follow the reader's light or dark scheme.

    None where it has any colour without a twin, such as those of a heat map: such a drawing stays
    on the white paper it was made for.
    """
    svg = svg.replace(_SHEET, '<rect width="100%" height="100%" style="fill: #ffffff"/>')
    if "<image" in svg:
        return None
    painted = {one[1] for one in _PAINT.findall(svg)}
    if len(_PAINT.findall(svg)) != len(_COLOUR.findall(svg)) or not painted <= _TWINS.keys():
        return None
    drawn = _PAINT.sub(lambda found: f"{found[1]}: var(--c{found[2][1:]})", svg)
    # Paths without a fill of their own, which is how text is drawn, are black by default.
    light = "".join(f"--c{one[1:]}:{one};" for one in sorted(painted))
    dark = "".join(f"--c{one[1:]}:{_TWINS[one]};" for one in sorted(painted))
    style = (
        f"<style>:root{{{light}fill:#1c2024}}"
        f"@media screen and (prefers-color-scheme: dark){{:root{{{dark}fill:#e7e9eb}}}}</style>"
    )
    return re.sub(r"(<svg[^>]*>)", lambda found: found[1] + style, drawn, count=1)


def width(svg: str) -> float | None:
    """How wide a drawing is meant to be, in pixels of a screen."""
    found = re.search(r'<svg[^>]*?\swidth="([0-9.]+)(pt|px|in|)"', svg)
    if found is None:
        return None
    return float(found[1]) * {"pt": _POINT, "in": 96.0}.get(found[2], 1.0)


def _rounded(found: re.Match[str]) -> str:
    return re.sub(r"(\.\d\d)\d+", r"\1", found[0])
