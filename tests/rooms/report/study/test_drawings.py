"""Drawings on a page of a study: readable in either scheme, and smaller without a visible loss."""

from __future__ import annotations

from base64 import b64decode

import numpy as np
import pytest

from hangtag.drawing import COLOURS, canvas, svg
from hangtag.rooms.report import figures
from hangtag.rooms.report.study.drawings import as_address, in_scheme, slim, width


@pytest.fixture(scope="module")
def chart() -> str:
    with canvas(5, 3) as (figure, axes):
        for number, colour in enumerate(COLOURS):
            axes[0, 0].plot([0, 1], [0, number], color=colour)
        return svg(figure).decode()


@pytest.fixture(scope="module")
def heat_map() -> str:
    with canvas(5, 3) as (figure, axes):
        axes[0, 0].pcolormesh(np.arange(12).reshape(3, 4), cmap="cividis")
        return svg(figure).decode()


def test_a_drawing_in_the_rooms_colours_has_a_dark_twin(chart):
    drawn = in_scheme(slim(chart))
    assert drawn is not None
    light, dark = drawn.split("<style>")[1].split("</style>")[0].split("@media")
    assert "--c1c2024:#1c2024;" in light
    assert "--c1c2024:#e7e9eb;" in dark
    assert "stroke: #" not in drawn.split("</style>", 1)[1]


def test_drawings_of_a_report_have_one_too(facts):
    drawn = {name: data.decode() for name, data in figures(facts).items() if name.endswith(".svg")}
    themed = {name for name, one in drawn.items() if in_scheme(slim(one)) is not None}
    assert {"learning-loss.svg", "calibration.svg", "coverage.svg"} <= themed
    assert "confusion.svg" not in themed


def test_a_heat_map_keeps_the_colours_that_mean_something(heat_map):
    assert in_scheme(slim(heat_map)) is None


def test_a_drawing_takes_less_room_and_draws_the_same(chart):
    small = slim(chart)
    assert len(small) < 0.9 * len(chart)
    assert small.startswith("<svg")
    assert small.count("<path") == chart.count("<path")
    assert "scale(0.015625)" in small  # of letters, which would be lost
    assert b64decode(as_address(small).split(",")[1]).decode() == small


def test_the_width_of_a_drawing_is_known_in_pixels_of_a_screen(chart):
    assert width(chart) == 480
    assert width("<svg viewBox='0 0 1 1'>") is None
    assert width('<svg xmlns="x" viewBox="0 0 760 9" width="760" height="9">') == 760
