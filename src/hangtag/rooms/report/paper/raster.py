"""A drawing as an image: word processors show SVG differently or not at all."""

from __future__ import annotations

from pathlib import Path

WIDTH = 1600
"""Pixels: 10 inches at 160 dots each."""


def as_png(svg: bytes) -> bytes:
    """An SVG document as PNG on white, its text in matplotlib's own font, which is everywhere.

    Raises:
        ValueError: It is none.
    """
    import matplotlib as mpl
    import resvg_py

    fonts = Path(mpl.get_data_path()) / "fonts" / "ttf"
    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=svg.decode("utf-8", "replace"),
            width=WIDTH,
            dpi=96,  # without one a size in points is none
            background="#ffffff",
            skip_system_fonts=True,
            font_dirs=[str(fonts)],
            font_family="DejaVu Sans",
            sans_serif_family="DejaVu Sans",
            monospace_family="DejaVu Sans Mono",
        )
    )
