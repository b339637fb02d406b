"""The facts of one model in, its paper out: what the report has, for a word processor."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hangtag.records import ReportFacts
from hangtag.rooms.report import words
from hangtag.rooms.report.figures.drawn import on_white
from hangtag.rooms.report.figures.every import drawn
from hangtag.rooms.report.paper.parts import (
    Code,
    Figure,
    Heading,
    Paper,
    Part,
    Words,
    facts_table,
    listed,
    table,
)
from hangtag.rooms.report.results import epochs, evaluate
from hangtag.rooms.report.results.shared import table as rows_table
from hangtag.rooms.report.words import sentence, size

FIGURES = {
    "Classes": ("classes-training", "classes-validation", "classes-test"),
    "Learning curves": ("learning",),
    "Confusion matrix": ("confusion",),
    "Calibration": ("calibration", "confidence"),
    "Answering only when sure": ("coverage",),
    "ROC and precision–recall curves": ("roc", "precision-recall"),
}
"""Headings, and how the names of the figures below each begin."""
IMAGES = {
    "samples": ("Images of every class", "Drawn by the seed from the training images."),
    "mistakes": (evaluate.FIGURES["mistakes"]),
}


def of_run(facts: ReportFacts, folder: str, figures: str) -> Paper:
    """A run's report as a paper.

    Args:
        facts: What its page shows.
        folder: The run's folder as seen from the paper.
        figures: Where files of figures go, likewise.
    """
    opening = ("import hangtag", f"run = hangtag.open_run({folder!r})", "run.evaluation()")
    return Paper(facts.title, opening, tuple(_parts(facts, figures)))


def _parts(facts: ReportFacts, folder: str) -> Iterator[Part]:
    yield Words(words.verdict(facts))
    if facts.cautions:
        yield Heading("Cautions")
        yield from listed([sentence(one) for one in facts.cautions])
    if facts.data:
        yield Heading("The data")
        yield facts_table("The data", facts.data)
    made = {one.file: one for one in _figures(facts, folder)}
    yield from _named(made, folder, ("samples",))
    yield from _named(made, folder, FIGURES["Classes"])
    if facts.layers:
        yield Heading("The network, layer by layer")
        yield _layers(facts)
    if facts.history is not None and len(facts.history):
        yield Heading("Learning curves")
        yield from _named(made, folder, FIGURES["Learning curves"])
        kept = [(epochs.kept(facts.history), "epoch")]
        rows = epochs.rows(facts.history)
        yield table(rows_table("epochs", "Training log", rows, best=kept, note=epochs.KEPT))
    if facts.evaluation is not None:
        yield from _worth(facts, made, folder)
    yield Heading("How to reproduce this")
    yield Code(str(facts.reproduce.get("command", "")))
    others = {name: one for name, one in facts.reproduce.items() if name != "command"}
    yield facts_table("Seed, run and data", others)
    if facts.options:
        yield facts_table("Options", facts.options)
    yield facts_table("Versions", facts.versions)


def _worth(facts: ReportFacts, made: Mapping[str, Figure], folder: str) -> Iterator[Part]:
    assert facts.evaluation is not None
    told = evaluate.of_one(facts.evaluation)
    scores, classes = told.tables
    yield Heading("What the model is worth")
    yield from (Words(one) for one in told.words)
    yield table(scores)
    yield Heading("Classification report")
    yield table(classes)
    for heading, names in list(FIGURES.items())[2:]:
        found = list(_named(made, folder, names))
        if found:
            yield Heading(heading)
            yield from found
    found = list(_named(made, folder, ("mistakes",)))
    if found:
        yield Heading("The most wrong answers")
        yield from found


def _figures(facts: ReportFacts, folder: str) -> Iterator[Figure]:
    lines, images = drawn(facts)
    for one in lines:
        yield Figure(
            one.title, one.description, f"{folder}/{one.name}.svg", on_white(one.svg).encode()
        )
    for name, data in images.items():
        title, caption = IMAGES[name]
        yield Figure(title, caption, f"{folder}/{name}.png", data)


def _named(made: Mapping[str, Figure], folder: str, names: tuple[str, ...]) -> Iterator[Figure]:
    begin = tuple(f"{folder}/{one}" for one in names)
    return (one for file, one in made.items() if file.startswith(begin))


def _layers(facts: ReportFacts) -> Part:
    rows = [
        {
            "layer": one["name"],
            "type": one["type"],
            "output": size(one["output_shape"]),
            "parameters": one["parameters"],
            "trainable": one["trainable"],
        }
        for one in facts.layers
    ]
    said = ", ".join(f"{number:,} {name}" for name, number in facts.totals.items())
    return table(rows_table("layers", "Layers", rows, note=f"Parameters: {said}." if said else ""))
