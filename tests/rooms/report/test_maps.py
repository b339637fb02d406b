"""Maps on a page: every point at its place, thumbnails that fit, colours for everyone."""

import base64
from dataclasses import replace
from io import BytesIO
from itertools import combinations

import numpy as np
import pytest
from PIL import Image

from hangtag.errors import HangtagError
from hangtag.records import Clustering, Predictions, Projection
from hangtag.rooms.report import map_page
from hangtag.rooms.report.maps import palette
from hangtag.rooms.report.maps.mapped import NONE
from hangtag.rooms.report.maps.sheets import PER_SHEET, sheets

NOISE = np.random.default_rng(0).integers(0, 256, (3000, 20, 20, 3), dtype=np.uint8)


def unpacked(text: str, kind: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), kind)


@pytest.fixture(scope="module")
def clusters(faulty) -> Clustering:
    rows = np.arange(0, 400, 2)
    return Clustering("kmeans", rows, rows % 3, np.zeros((3, 2)), fingerprint=faulty.fingerprint)


@pytest.fixture(scope="module")
def html(faulty, maps, clusters) -> str:
    shown = {0: np.array([3, 50, 200])}
    facts = {"command": "hangtag reduce faulty", "seed": 0}
    return map_page(faulty, maps, clusterings=[clusters], thumbnails=shown, reproduce=facts)


@pytest.fixture(scope="module")
def island(html, sound) -> dict:
    return sound(html).islands["maps-data"]


def test_the_page_is_the_same_every_time(html, faulty, maps, clusters):
    shown = {0: np.array([3, 50, 200])}
    facts = {"command": "hangtag reduce faulty", "seed": 0}
    assert map_page(faulty, maps, clusterings=[clusters], thumbnails=shown, reproduce=facts) == html


def test_every_point_is_at_its_place(island, maps):
    for one, drawn in zip(maps, island["maps"], strict=True):
        places = unpacked(drawn["places"], "<u2").reshape(-1, 2) / 65535
        left, right, bottom, top = drawn["box"]
        back = places * [right - left, top - bottom] + [left, bottom]
        assert np.abs(back - one.points[:, :2]).max() < 1e-4 * max(right - left, top - bottom)


def test_a_map_of_a_sample_says_which_images_it_shows(island, maps, html):
    assert island["maps"][0]["rows"] == ""
    assert np.array_equal(unpacked(island["maps"][1]["rows"], "<u4"), maps[1].indices)
    assert "150 of 400 images, seed 0" in html
    assert "The maps do not show the same images" in html


def test_points_can_be_coloured_by_class_and_by_cluster(island, faulty):
    by_class, by_cluster, _ = island["groupings"]
    assert np.array_equal(unpacked(by_class["groups"], "<u2"), faulty.labels)
    expected = np.where(np.arange(400) % 2 == 0, np.arange(400) % 3, 65535)
    assert np.array_equal(unpacked(by_cluster["groups"], "<u2"), expected)


def test_points_of_several_parts_can_be_coloured_by_part(island, faulty):
    part = next(one for one in island["groupings"] if one["title"] == "part")
    assert part["names"] == list(faulty.parts)
    groups = unpacked(part["groups"], "<u2")
    assert [part["names"][one] for one in groups] == [faulty.part_of(row) for row in range(400)]


@pytest.fixture(scope="module")
def answers(faulty) -> Predictions:
    """Right on every second image of those that it answered."""
    rows = np.flatnonzero(faulty.labels >= 0)[::3]
    labels = faulty.labels[rows]
    said = np.where(np.arange(len(rows)) % 2, labels, (labels + 1) % faulty.n_classes)
    proportions = np.eye(faulty.n_classes, dtype=np.float32)[said]
    return Predictions(rows, labels, proportions, faulty.class_names, faulty.fingerprint)


def test_points_are_coloured_by_what_a_model_answered(faulty, maps, answers, sound):
    page = map_page(faulty, maps, answers=answers)
    right, said = sound(page).islands["maps-data"]["groupings"][:2]
    assert (right["title"], right["names"]) == ("right or wrong", ["right", "wrong"])
    groups = unpacked(right["groups"], "<u2")
    known = groups[answers.indices]
    assert np.array_equal(known == 1, answers.predicted != answers.labels)
    assert (np.delete(groups, answers.indices) == NONE).all()
    assert said["title"] == "prediction"
    assert np.array_equal(unpacked(said["groups"], "<u2")[answers.indices], answers.predicted)


def test_answers_about_other_images_are_refused(faulty, maps, answers):
    with pytest.raises(HangtagError, match="other images"):
        map_page(faulty, maps, answers=replace(answers, fingerprint="another"))
    none = replace(answers, indices=answers.indices[:0], labels=answers.labels[:0])
    with pytest.raises(HangtagError, match="answered none"):
        map_page(faulty, maps, answers=replace(none, probabilities=answers.probabilities[:0]))


def test_quality_stands_beside_each_map(html, maps):
    for one in maps:
        assert f"trustworthiness {one.quality['trustworthiness']:.3f}" in html
        assert f"neighbours of one class {one.quality['class_agreement']:.3f}" in html


def test_small_images_are_kept_to_the_pixel(island, faulty):
    found = island["sheets"]
    data = base64.b64decode(found["uris"][0].split(",")[1])
    sheet = np.asarray(Image.open(BytesIO(data)))
    for number in (0, 33, 399):
        row, column = divmod(number, found["columns"])
        tile = sheet[row * 8 : row * 8 + 8, column * 8 : column * 8 + 8]
        assert np.array_equal(tile, faulty.images[number, :, :, 0])


def test_names_of_parts_are_made_from_where_they_begin(island, faulty):
    assert island["names"]["parts"] == [["train", 0, 300], ["test", 300, 400]]
    assert np.array_equal(unpacked(island["names"]["indices"], "<u4"), np.arange(400))


@pytest.mark.parametrize("budget", [2_900_000, 1_000_000, 300_000, 60_000])
def test_thumbnails_keep_to_their_budget_and_get_worse_not_fewer(budget):
    found = sheets(NOISE, budget)
    assert found is not None
    assert len(found) <= budget
    assert len(found.uris) == -(-len(NOISE) // PER_SHEET)
    assert found.resized == (found.width < 20)


def test_thumbnails_are_left_out_when_none_would_fit():
    assert sheets(NOISE, 2000) is None


def test_many_large_images_still_make_a_page_below_10_mb(sound):
    from hangtag.records import ImageSet

    n = 20_000
    images = ImageSet(
        "noise",
        np.random.default_rng(0).integers(0, 256, (n, 32, 32, 1), dtype=np.uint8),
        np.arange(n) % 24,
        tuple("ABCDEFGHIKLMNOPQRSTUVWXY"),
        tuple(range(24)),
        {"all": range(n)},
    )
    points = np.random.default_rng(1).normal(size=(n, 2)).astype(np.float32)
    html = map_page(images, [Projection("tsne", np.arange(n), points, ("x", "y"))])
    sound(html)
    assert len(html.encode()) > 4e6
    assert "To keep this page below 10 MB its 20,000 images are shown at" in html


def test_the_drawing_for_paper_shows_points_of_every_class(html):
    drawings = html.split('class="still" src="')[1:]
    assert len(drawings) == 2
    data = base64.b64decode(drawings[0].split('"')[0].split(",")[1])
    drawn = np.asarray(Image.open(BytesIO(data)).convert("RGB")).reshape(-1, 3).astype(int)
    for colour in palette.LIGHT:
        apart = np.abs(drawn - list(bytes.fromhex(colour[1:]))).sum(axis=1)
        assert apart.min() < 40, colour


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"points": np.zeros((400, 1), np.float32)}, "needs 2 dimensions"),
        ({"points": np.full((400, 2), np.nan, np.float32)}, "no finite numbers"),
        ({"indices": np.arange(400) + 1}, "images that a set of 400 does not have"),
        ({"indices": np.arange(3)}, "400 points for 3 images"),
    ],
)
def test_maps_that_do_not_fit_are_refused(faulty, maps, change, sentence):
    with pytest.raises(HangtagError, match=sentence):
        map_page(faulty, [replace(maps[0], **change)])


def test_no_map_at_all_and_clusters_of_another_set_are_refused(faulty, maps, clusters):
    with pytest.raises(HangtagError, match="at least one map"):
        map_page(faulty, [])
    with pytest.raises(HangtagError, match="count in"):
        map_page(faulty, maps, clusterings=[replace(clusters, fingerprint="0" * 64)])


# How people with each kind of colour-blindness see linear RGB (Machado and others, 2009).
SEEN_BY = {
    "all": np.eye(3),
    "protan": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deutan": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritan": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}


def linear(colours: tuple[str, ...]) -> np.ndarray:
    values = np.array([list(bytes.fromhex(one[1:])) for one in colours]) / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def oklab(values: np.ndarray) -> np.ndarray:
    cones = np.array(
        [
            [0.4122214708, 0.5363325363, 0.0514459929],
            [0.2119034982, 0.6806995451, 0.1073969566],
            [0.0883024619, 0.2817188376, 0.6299787005],
        ]
    )
    axes = np.array(
        [
            [0.2104542553, 0.7936177850, -0.0040720468],
            [1.9779984951, -2.4285922050, 0.4505937099],
            [0.0259040371, 0.7827717662, -0.8086757660],
        ]
    )
    return np.cbrt(np.clip(values, 0, 1) @ cones.T) @ axes.T


@pytest.mark.parametrize("eyes", SEEN_BY)
@pytest.mark.parametrize("colours", [palette.LIGHT, palette.DARK], ids=["light", "dark"])
def test_any_two_of_ten_colours_are_apart_for_everyone(colours, eyes):
    seen = oklab(linear(colours) @ np.asarray(SEEN_BY[eyes]).T)
    assert len(seen) == 10
    assert min(np.linalg.norm(one - other) for one, other in combinations(seen, 2)) >= 0.095


@pytest.mark.parametrize(
    ("colours", "paper"), [(palette.LIGHT, "#fefefe"), (palette.DARK, "#15181b")]
)
def test_every_colour_stands_out_from_its_paper(colours, paper):
    light = linear((*colours, paper)) @ [0.2126, 0.7152, 0.0722] + 0.05
    ratios = np.maximum(light[:-1] / light[-1], light[-1] / light[:-1])
    assert ratios.min() >= 2.95


def test_fifty_groups_have_fifty_signs():
    signs = {(palette.colour(group), palette.shape(group)) for group in range(50)}
    assert len(signs) == 50
    assert {palette.shape(group) for group in range(10)} == {"disc"}
