"""``hangtag reduce``: a source in; maps with a point per image out, as a page and as figures."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

import hangtag
from hangtag.cli.asking import asks, out_file
from hangtag.cli.console import answered, bars, next_step, say
from hangtag.errors import OptionError
from hangtag.records import Projection
from hangtag.requests import ReduceRequest, Source, command_line
from hangtag.workbench.data import seed_of

RUN = typer.Option(
    metavar="RUN", help="With --out: color points by what this run answered on its test images."
)
FIGURES = typer.Option(metavar="FOLDER", help="Write figures: points, and with images.")


@asks
def reduce(
    source: Source,
    asked: ReduceRequest,
    out: Annotated[Path | None, out_file("a page to walk through the maps (HTML)")] = None,
    figures: Annotated[Path | None, FIGURES] = None,
    run: Annotated[str | None, RUN] = None,
) -> None:
    """Draw the maps, and say how far each can be trusted."""
    if asked.options and len(asked.method) > 1:
        own = next(iter(asked.options))
        raise OptionError(f"{own} was given for several maps", "draw one map at a time")
    _check_run(run, out)
    with bars() as progress:
        images = hangtag.load(source, limit=asked.limit, progress=progress)
        maps = [
            hangtag.reduce(images, asked, method=one, progress=progress)
            for one in dict.fromkeys(asked.method)
        ]
        if out is not None:
            words = command_line("reduce", source, asked, out=out, run=run)
            made = {"seed": seed_of(asked.seed), "data fingerprint": images.fingerprint}
            facts = {"command": words, **made}
            hangtag.map_page(images, maps, out, run=run, reproduce=facts, progress=progress)
        drawn = () if figures is None else hangtag.map_figures(images, maps, figures)
    if answered(lambda: {"source": source.place, "maps": [_facts(one) for one in maps]}):
        return
    for one in maps:
        _tell(one, len(images))
    if out is not None:
        say(f"page     {out}")
    for path in drawn:
        say(f"figure   {path}")
    again = command_line("reduce", source, asked, out="map.html")
    next_step(again if out is None else f"open {out} in a browser")


def _check_run(run: str | None, out: Path | None) -> None:
    """Refuse before the maps are drawn what their page could not show."""
    if run is None:
        return
    if out is None:
        raise OptionError("--run colors the points of a page", "give --out map.html, too")
    hangtag.open_run(run).predictions()


def _facts(one: Projection) -> dict[str, Any]:
    return {
        "method": one.method,
        "pictures": len(one),
        "axes": list(one.axes),
        "options": dict(one.options),
        "quality": dict(one.quality),
        "notes": list(one.notes),
        "indices": one.indices.tolist(),
        "points": [[round(float(at), 6) for at in point] for point in one.points],
    }


def _tell(one: Projection, images: int) -> None:
    measured = ", ".join(f"{name} {value:.4f}" for name, value in one.quality.items())
    seed = one.options.get("seed")
    say(f"{one.method:<8} {len(one)} of {images} images, seed {seed}: {measured}")
    say(f"{'':<8} {', '.join(one.axes)}")
    for note in one.notes:
        say(f"{'':<8} {note}")
