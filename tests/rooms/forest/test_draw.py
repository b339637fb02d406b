"""Figures of grids."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from hangtag.errors import OptionError
from hangtag.records import Candidates
from hangtag.rooms.forest import draw


def test_draws_every_cell_and_the_same_figure_again(grown):
    found, _ = grown
    for measure, part in (("accuracy", "validation"), ("f1", "training")):
        figure = draw.heat_map(found, measure, part)
        assert ElementTree.fromstring(figure).tag.endswith("svg")
        assert figure == draw.heat_map(found, measure, part)


def test_draws_the_timing_of_variants(grown):
    found, _ = grown
    figure = draw.timing({"pixels": found, "with PCA": found})
    assert ElementTree.fromstring(figure).tag.endswith("svg")


def test_refuses_a_score_or_part_there_is_not(grown):
    found, _ = grown
    with pytest.raises(OptionError, match="no score 'auc'"):
        draw.heat_map(found, "auc")
    with pytest.raises(OptionError, match="no part 'test'"):
        draw.heat_map(found, part="test")


def test_a_grid_can_be_kept_as_json(grown):
    import json

    found, _ = grown
    again = Candidates.from_dict(json.loads(json.dumps(found.to_dict())))
    assert again.rows == found.rows
    assert again.chosen == found.chosen
    assert draw.heat_map(again) == draw.heat_map(found)
