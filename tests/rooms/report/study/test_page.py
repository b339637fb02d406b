"""The page of a study: complete, honest about what is not reached, within its room, never code."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from hangtag.errors import UsageError
from hangtag.records import Compared, Outcome, StudyFacts, StudyFigure, StudyModel, StudyTable
from hangtag.rooms.report import study_page

HOSTILE = "</script><img src=x onerror='window.bad = 1'>"


@pytest.fixture(scope="module")
def html(study):
    return study_page(study)


@pytest.fixture(scope="module")
def page(html, sound):
    return sound(html)


def words(html: str) -> str:
    """What a reader sees, on one line."""
    body = re.sub(r"<(script|style)\b.*?</\1>", "", html, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]*>", "", body)).split())


def section(html: str, anchor: str) -> str:
    return html[html.index(f'<section id="{anchor}"') :].split("</section>")[0]


def bare(**changes) -> StudyFacts:
    """A study with almost nothing in it."""
    given = {"name": "n", "title": "t", "about": (), "document": "", "outcomes": (), "compared": ()}
    return StudyFacts(**(given | changes))


def noise(seed: int, side: int) -> bytes:
    """An image that no format makes smaller without loss."""
    pixels = np.random.default_rng(seed).integers(0, 256, (side, side, 3), dtype=np.uint8)
    file = BytesIO()
    Image.fromarray(pixels).save(file, format="PNG")
    return file.getvalue()


def test_every_step_has_a_section_and_a_link(html, page, study):
    links = [one["href"] for one in page.all("a")]
    for anchor, outcome in zip(
        ("step-look", "step-map-it", "step-map-again", "step-learn"), study.outcomes, strict=True
    ):
        assert f"#{anchor}" in links
        assert outcome.title in section(html, anchor)
    for anchor in ("about", "reported", "cautions", "differs", "reproduce"):
        assert f"#{anchor}" in links


def test_steps_whose_names_look_alike_have_links_of_their_own(faulty, tmp_path):
    steps = tuple(Outcome(name, "look", name) for name in ("a b", "a-b", "A_B", "", "!"))
    html = study_page(bare(images=faulty, folder=tmp_path, outcomes=steps))
    anchors = re.findall(r'<section id="(step[^"]*)"', html)
    assert anchors == ["step-a-b", "step-a-b-2", "step-a-b-3", "step", "step-2"]


def test_the_verdict_counts_what_is_reproduced(html):
    (verdict,) = re.findall(r'<p class="verdict">(.*?)</p>', html)
    assert verdict == (
        "4 of 6 figures of the document are reproduced: 2 of 3 exact ones to the digit, "
        "2 of 3 others inside their band or better; 1 more figure cannot be compared."
    )


@pytest.mark.parametrize(
    ("compared", "sentence"),
    [
        (
            [Compared("a", 1, 1, True, True), Compared("b", 1, 1, True, True)],
            "All 2 figures of the document are reproduced: both exact ones to the digit.",
        ),
        (
            [Compared("a", 1, 2, False, False, (0, 1)), Compared("b", 1, 1, True, True)],
            "1 of 2 figures of the document are reproduced: the exact one to the digit, "
            "none of 1 other inside its band or better.",
        ),
        (
            [Compared("a", 1, None, False, None)],
            "None of the 1 figure of the document can be compared with ours.",
        ),
        (
            [Compared("a", 1, 1, True, True)],
            "The one figure of the document that can be compared is reproduced.",
        ),
    ],
)
def test_the_verdict_is_a_sentence_whatever_the_counts(faulty, tmp_path, compared, sentence):
    html = study_page(bare(images=faulty, folder=tmp_path, compared=tuple(compared)))
    assert f'<p class="verdict">{sentence}</p>' in html


def test_a_study_without_a_document_says_what_its_model_is_worth(faulty, facts, tmp_path):
    one = bare(
        images=faulty,
        folder=tmp_path,
        outcomes=(Outcome("learn", "train", "Learn"),),
        models={"learn": (StudyModel("mine", facts),)},
    )
    html = study_page(one)
    score = facts.evaluation.scores["accuracy"]
    assert (
        "1 step on 400 images of faulty; mine names the right class for "
        f"{score.value * 100:.1f} % of 597 test images" in words(html)
    )
    assert '<section id="reported"' not in html


def test_a_quick_pass_says_that_it_is_one(study):
    html = study_page(replace(study, limit=500, maps={}, models={}))
    assert "This was a quick pass on at most 500 images of each part" in html


def test_figures_that_are_not_reached_are_said_in_words(html):
    said = words(section(html, "reported"))
    assert "2 figures are not reached:" in said
    assert (
        "test accuracy: reported 0.8853, ours 0.8730, 0.0070 below its band. "
        "The document does not print its split." in said
    )
    assert said.count("✗ not reached") == 3  # two rows and the key
    assert "✓ better" in said
    assert "cluster sizes: 1 of 3 the same." in said


def test_every_place_at_which_two_lists_differ_is_marked(html):
    reported = section(html, "reported")
    assert re.findall(r'class="differs"><span class="hidden">differs: </span>(\d+)', reported) == [
        "40",
        "8",
    ]
    assert "1 of 3 the same" in reported


def test_seeds_and_their_spread_stand_beside_the_mean(html):
    said = words(section(html, "reported"))
    assert "0.9111 0.9112 0.9083 to 0.9132 seeds 0, 1, 2 0.9050 to 0.9170" in said


def test_each_caution_is_said_once_with_the_steps_it_comes_from(html):
    cautions = section(html, "cautions")
    assert cautions.count("The maps show a sample.") == 1
    assert words(cautions).count("Step 2: Two maps; Step 4: Two models") == 1
    assert '<a href="#cautions">3 cautions</a> to read before believing' in html
    assert "a choice made on the test split" in cautions


def test_names_between_backticks_are_set_as_code(html):
    assert "<code>test</code> was opened twice" in section(html, "cautions")


def test_a_matrix_that_can_be_walked_through_is_not_drawn_again(html, study):
    assert "Who is taken for whom." not in section(html, "step-learn")
    drawn = study_page(replace(study, models={}, maps={}))
    assert "Who is taken for whom." in section(drawn, "step-learn")


def test_where_the_images_lie_on_this_computer_is_not_told(study):
    told = study_page(replace(study, images=replace(study.images, origin="/home/somebody/secret")))
    assert "somebody" not in told


def test_what_the_document_does_wrong_is_a_sentence_each(html):
    assert "The document shows random images as clusters; here an index keeps its set." in (
        section(html, "differs")
    )


def test_the_same_facts_give_the_same_page(study, html):
    assert study_page(study) == html


def test_nothing_points_to_the_network(html, page):
    for _, attributes in page.elements:
        for name in ("src", "href", "xlink:href", "action", "srcset", "poster", "data"):
            assert attributes.get(name, "#").startswith(("#", "data:"))
    assert "@import" not in html


def test_figures_are_shown_with_title_caption_and_words_for_who_cannot_see_them(html, page):
    look = section(html, "step-look")
    assert look.count("<img ") == 2
    alternatives = [one["alt"] for one in page.all("img")]
    assert {"Three of every class.", "What components hold.", "By epoch."} <= set(alternatives)


def test_long_tables_are_folded_and_their_best_row_is_not(html):
    look = section(html, "step-look")
    folded = look[look.index("<details>") :]
    assert "All 30 rows" in folded
    assert folded.count("<tr>") == 31
    before = look[: look.index("<details>")]
    excerpt = before[before.rindex("<table") :]
    assert "<b>0.9150</b>" in excerpt
    assert "★" in excerpt
    assert excerpt.count("<tr>") == 1 + 4  # the first two and the last two
    assert excerpt.count("⋮") == 1


def test_a_table_of_thousands_of_rows_is_cut_and_says_so(faulty, tmp_path):
    table = StudyTable("all", "All", ("n",), tuple((row,) for row in range(5000)))
    steps = (Outcome("s", "look", "S", tables=(table,)),)
    html = study_page(bare(images=faulty, folder=tmp_path, outcomes=steps))
    assert "Here are 2,000 of 5,000 rows" in words(html)
    assert "all.csv" in html


def test_files_beside_the_page_are_listed(html):
    listed = words(section(html, "reproduce"))
    assert "comparison.json7 figures of the document beside ours" in listed
    assert "steps/look/Look at the images: 2 figures, 2 tables as CSV" in listed
    assert "runs/first" in listed
    assert "hangtag study run first-look" in listed


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("gone.png", None, "its file is missing"),
        ("../../../secret.png", b"\x89PNG", "its file is outside of the step's folder"),
        ("cut.png", noise(0, 20)[:300], "its file is damaged"),
        ("words.svg", b"no drawing at all", "its file is neither SVG nor PNG"),
    ],
)
def test_a_figure_that_cannot_be_shown_says_why(faulty, tmp_path, name, content, said):
    folder = tmp_path / "study" / "steps" / "s"
    folder.mkdir(parents=True)
    if content is not None:
        (folder / name).write_bytes(content)
    steps = (Outcome("s", "look", "S", figures=(StudyFigure(name, "F", ""),)),)
    html = study_page(bare(images=faulty, folder=tmp_path / "study", outcomes=steps))
    assert f"Not shown: {said}." in words(html)
    assert "<img" not in section(html, "step-s")


def test_many_large_figures_are_shown_smaller_and_the_page_stays_below_10_mb(
    study, tmp_path, sound
):
    folder = tmp_path / "steps" / "noise"
    folder.mkdir(parents=True)
    for number in range(14):
        (folder / f"{number}.png").write_bytes(noise(number, 600))
    shown = tuple(StudyFigure(f"{number}.png", "Noise", "Noise.") for number in range(14))
    noisy = Outcome("noise", "look", "Noise", figures=shown)
    html = study_page(replace(study, folder=tmp_path, outcomes=(*study.outcomes, noisy)))
    page = sound(html)
    assert len(html.encode()) > 3e6
    assert len([one for one in page.all("img") if one["alt"] == "Noise."]) == 14
    assert html.count("Shown with less detail than its file has") == 14
    assert page.islands["step-map-it-map-data"]["sheets"]["uris"]


def test_figures_for_which_even_that_is_too_much_are_left_out_in_words(faulty, tmp_path, sound):
    folder = tmp_path / "steps" / "drawn"
    folder.mkdir(parents=True)
    point = '<path d="M 0.25 0.5 L 9 9" style="fill: #0072b2"/>\n'
    for number in range(2):
        (folder / f"{number}.svg").write_text(f"<svg>{point * (200_000 * number + 10)}</svg>")
    shown = tuple(StudyFigure(f"{number}.svg", "Drawn", "Drawn.") for number in range(2))
    steps = (Outcome("drawn", "look", "Drawn", figures=shown),)
    html = study_page(bare(images=faulty, folder=tmp_path, outcomes=steps))
    page = sound(html)
    assert len(page.all("img")) == 1
    assert "Not shown: there is no room for it on this page. steps/drawn/1.svg" in words(html)


def test_maps_of_the_same_images_share_their_thumbnails(page):
    assert page.islands["step-map-it-map-data"]["sheets"]["uris"]
    assert page.islands["step-map-again-map-data"]["sheets"] == "step-map-it-map-data"


def test_every_model_has_a_matrix_with_images_of_its_own(page):
    tables = [one for one in page.all("table") if one.get("data-pictures")]
    assert [one["id"] for one in tables] == ["step-learn-matrix-1", "step-learn-matrix-2"]
    assert [one["data-of"] for one in tables] == ["the first", "the second"]
    first, second = (page.islands[one["data-pictures"]]["cells"] for one in tables)
    assert first != second
    assert len(page.all("dialog")) == 1


def test_a_page_with_no_room_left_says_so_instead_of_growing(study, monkeypatch, sound):
    from hangtag.rooms.report.study import page as module

    monkeypatch.setattr(module, "LIMIT", 420_000)
    html = study_page(study)
    sound(html)
    assert len(html) < 700_000
    assert "no room" in html


def test_names_that_try_to_be_code_stay_names(study, facts, tmp_path, sound):
    names = (HOSTILE, *facts.class_names[1:])
    table = replace(facts.evaluation.confusion, class_names=names)
    model = replace(facts, class_names=names, evaluation=replace(facts.evaluation, confusion=table))
    bad = Outcome(
        HOSTILE,
        HOSTILE,
        HOSTILE,
        words=(HOSTILE,),
        figures=(StudyFigure(f"x{HOSTILE[2:9]}", HOSTILE, HOSTILE),),
        tables=(StudyTable(HOSTILE, HOSTILE, (HOSTILE,), ((HOSTILE,), (None,)), note=HOSTILE),),
        cautions=(HOSTILE,),
        commands=(HOSTILE,),
        runs={HOSTILE: HOSTILE},
    )
    hostile = replace(
        study,
        title=HOSTILE,
        about=(HOSTILE,),
        document=HOSTILE,
        outcomes=(bad,),
        compared=(
            Compared(HOSTILE, HOSTILE, HOSTILE, True, False, note=HOSTILE, document=HOSTILE),
        ),
        maps={HOSTILE: study.maps["map it"]},
        models={HOSTILE: (StudyModel(HOSTILE, model),)},
        cautions=(HOSTILE,),
        checks=(HOSTILE,),
        differs=(HOSTILE,),
        recipe=HOSTILE,
        reproduce={"command": HOSTILE, HOSTILE: HOSTILE},
        versions={HOSTILE: HOSTILE},
    )
    page = sound(study_page(hostile))
    assert page.islands["step-script-img-src-x-onerror-window-bad-1-matrix-1-pictures"]["names"]
    assert not [one for one in page.all("img") if one["src"] == "x"]


def test_maps_of_another_set_are_refused(study, maps):
    with pytest.raises(UsageError, match="images that a set of 100 does not have"):
        study_page(replace(study, images=study.images.take(np.arange(100))))
