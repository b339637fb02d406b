"""Drawing: files that open, that repeat, and that show what they are given."""

from __future__ import annotations

import io
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from PIL import Image

from hangtag.drawing import COLOURS, canvas, grid, mark, png, short, svg, written


def size(png):
    return Image.open(io.BytesIO(png)).size


def test_the_same_figure_gives_the_same_file():
    def drawn():
        with canvas(3, 2) as (figure, panels):
            panels[0, 0].plot([0, 1], [1, 0])
            return svg(figure)

    assert drawn() == drawn()
    assert ElementTree.fromstring(drawn()).tag.endswith("svg")


def test_each_of_many_classes_has_its_own_mark():
    assert len({mark(number) for number in range(80)}) == 80
    assert len(set(COLOURS)) == len(COLOURS)


def test_rows_beyond_the_tallest_go_on_beside():
    images = [np.zeros((8, 8, 1), np.uint8)] * 2
    tall = size(grid([("a", images)] * 12))
    wide = size(grid([("a", images)] * 24))
    assert wide[1] == tall[1]
    assert wide[0] > 1.8 * tall[0]


def test_images_keep_their_shape_and_colours():
    red = np.zeros((4, 8, 3), np.uint8)
    red[..., 0] = 255
    image = np.asarray(Image.open(io.BytesIO(grid([("", [red])]))).convert("RGB")).astype(int)
    is_red = (image[..., 0] > 200) & (image[..., 1] < 60)
    rows, columns = np.flatnonzero(is_red.any(1)), np.flatnonzero(is_red.any(0))
    assert abs(np.ptp(columns) - 2 * np.ptp(rows)) < 6


def test_a_grid_of_nothing_is_still_an_image():
    assert size(grid([]))[0] > 0


def test_long_and_strange_names_fit():
    assert short("a" * 40, 10) == "aaaaaaaaa…"
    assert short("a\x00\nb") == "a? b"


def drawn_with(save):
    """A chart whose layout depends on its labels and its legend, in both the ways it is saved."""
    with canvas(5, 3) as (figure, panels):
        axes = panels[0, 0]
        for number in range(3):
            axes.plot(np.arange(20) ** number, label=f"the power of {number}")
        axes.set_ylabel("a number\nof two lines")
        axes.set_yscale("log")
        axes.set_title("Powers")
        figure.legend(loc="outside right upper")
        return save(figure)


def as_matplotlib(figure, **options):
    file = io.BytesIO()
    figure.savefig(file, **options)
    return file.getvalue()


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (
            svg,
            {
                "format": "svg",
                "metadata": {"Date": None, "Creator": None, "Format": None, "Type": None},
            },
        ),
        (png, {"format": "png", "dpi": 150, "metadata": {"Software": None}}),
        (
            lambda figure: written(figure, "webp", 90, pil_kwargs={"quality": 82}),
            {"format": "webp", "dpi": 90, "pil_kwargs": {"quality": 82}},
        ),
    ],
    ids=["svg", "png", "webp"],
)
def test_a_figure_that_is_drawn_once_is_the_one_that_matplotlib_draws_twice(ours, theirs):
    assert drawn_with(ours) == drawn_with(lambda figure: as_matplotlib(figure, **theirs))
