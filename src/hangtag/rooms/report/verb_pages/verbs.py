"""Searches and ablations in, the page of each out."""

from __future__ import annotations

from collections.abc import Mapping

from hangtag.records import Ablation, Trials
from hangtag.rooms.report.about import place
from hangtag.rooms.report.results import ablate, tune
from hangtag.rooms.report.shell import Figure
from hangtag.rooms.report.verb_pages.page import page
from hangtag.rooms.report.words import duration, number, percent, percent_range, plural, points

_FEW = 2  # trials that finished, of which nothing can be explained


def search_page(found: Trials, explained: Mapping[str, float], files: Mapping[str, bytes]) -> str:
    """A search as one HTML page: the best, what mattered, every trial.

    Args:
        found: The search; at least one trial of it finished.
        explained: For each parameter the proportion of the differences that it explains by itself.
        files: Its figures by file name.
    """
    known = explained if len(found.finished) > _FEW else {}
    outcome = tune.told(found, known, _in_order(files, tune.FIGURES))
    best = found.best
    assert best is not None, "what is told of a search has a best trial"
    as_percent = found.objective.endswith(tune.PROPORTIONS)
    value = percent(best.value or 0.0, 2) if as_percent else number(best.value)
    seconds = sum(one.seconds for one in found.trials)
    return page(
        outcome,
        files,
        title=f"Search for the best {found.asked.get('network') or 'settings'}",
        kind="search",
        facts=_plain(found.asked) | {"seed": found.seed},
        numbers=(
            Figure("Best", value, found.objective),
            Figure("Trials", number(len(found)), f"{number(len(found.finished))} to the end"),
            Figure("Parameters", number(len(found.space.names)), "were searched"),
            Figure("Time", duration(seconds), "of all trials"),
        ),
    )


def ablation_page(found: Ablation, files: Mapping[str, bytes]) -> str:
    """An ablation as one HTML page: what each change is worth, curves of every variant.

    Args:
        found: The ablation.
        files: Its figures by file name.
    """
    outcome = ablate.told(found, _in_order(files, ablate.FIGURES))
    base, *others = found.variants
    numbers = [Figure("Base", percent(base.mean.value), percent_range(base.mean))]
    tested = [one for one in others if one.difference is not None]
    for one in tested[:4]:
        assert one.difference is not None
        chance = "" if one.p_value is None else f"p {one.p_value:.3f}"
        numbers.append(Figure(one.name, points(one.difference.value), chance))
    seeds = plural(len(base.seeds), "seed")
    return page(
        outcome,
        files,
        title=f"{plural(len(others), 'change')} to {found.network}, {seeds}",
        kind="ablation",
        facts=_plain(found.asked),
        numbers=numbers,
    )


def _in_order(files: Mapping[str, bytes], captions: Mapping[str, object]) -> list[str]:
    """The files in the order in which their verb names its figures."""
    known = list(captions)
    return sorted(files, key=lambda name: known.index(name.rpartition(".")[0]))


def _plain(asked: Mapping[str, object]) -> dict[str, object]:
    """What was asked, as a reader needs it: no place on this computer, no file's checksum."""
    kept: dict[str, object] = {
        key: one for key, one in asked.items() if isinstance(one, str | int | float | bool)
    }
    if isinstance(digest := kept.get("fingerprint"), str):
        kept["fingerprint"] = digest[:16]
    if isinstance(source := kept.get("source"), str):
        kept["source"] = place(source)
    return kept
