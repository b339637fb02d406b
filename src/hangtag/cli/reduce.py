"""``hangtag reduce``: a source in; maps with a point per picture out, as a page and as figures."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hangtag.cli.changes import options_from
from hangtag.cli.console import bars, command, next_step, say, say_json
from hangtag.cli.options import Json, MethodOptions, OutFile, Quiet, Seed
from hangtag.cli.source import reads_source
from hangtag.errors import OptionError, nearest
from hangtag.families import PROJECTIONS, checked, listed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hangtag.records import ImageSet, Projection, Source


@reads_source
def reduce(
    source: Source,
    method: Annotated[
        str,
        typer.Option(help=f"One of {listed(PROJECTIONS)}; or several with commas between."),
    ] = "pca",
    limit: Annotated[
        int | None, typer.Option(min=2, help="Map at most N pictures, drawn by the seed.")
    ] = None,
    part: Annotated[
        str | None, typer.Option(help="Map only this part of the source, such as train.")
    ] = None,
    options: MethodOptions = "",
    seed: Seed = None,
    out: OutFile = None,
    figures: Annotated[
        Path | None, typer.Option(help="Folder for figures: points, and with pictures.")
    ] = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Draw maps with a point per picture; --out FILE.html is one you can walk through."""
    import hangtag
    from hangtag.settings import default_seed

    methods = tuple(dict.fromkeys(word.strip() for word in method.split(",") if word.strip()))
    number = default_seed() if seed is None else seed
    own = _own(options, methods)
    with bars(quiet=quiet or as_json) as progress:
        images = hangtag.load(source, progress=progress)
        indices = _indices(images, part)
        maps = [
            hangtag.reduce(
                images,
                method=one,
                limit=limit,
                seed=number,
                progress=progress,
                indices=indices,
                **own,
            )
            for one in _known(methods)
        ]
        if out is not None:
            words = _command(source, methods, limit, part, number, options, out)
            facts = {"command": words, "seed": number, "data fingerprint": images.fingerprint}
            hangtag.map_page(images, maps, out, reproduce=facts, progress=progress)
        drawn = () if figures is None else hangtag.map_figures(images, maps, figures)
    if as_json:
        say_json({"source": source.place, "maps": [_facts(one) for one in maps]})
        return
    for one in maps:
        _tell(one, len(images))
    if out is not None:
        say(f"page     {out}")
    for path in drawn:
        say(f"figure   {path}")
    asked = (("--limit", limit), ("--part", part), ("--seed", seed), ("--options", options or None))
    again = command("reduce", source, "--method", ",".join(methods), *asked, "--out", "map.html")
    next_step(again if out is None else f"open {out} in a browser", quiet=quiet)


def _own(options: str, methods: tuple[str, ...]) -> dict[str, Any]:
    """The method's own options, which several methods cannot have at once."""
    own = options_from(options)
    if own and len(methods) > 1:
        raise OptionError(f"{next(iter(own))} was given for several maps", "draw one map at a time")
    return own


def _known(methods: tuple[str, ...]) -> tuple[str, ...]:
    """The methods, refused before the first of them has taken its minutes."""
    if not methods:
        raise OptionError("no method was given", f"known: {', '.join(PROJECTIONS)}")
    return tuple(checked(PROJECTIONS, one) for one in methods)


def _indices(images: ImageSet, part: str | None) -> NDArray[Any] | None:
    import numpy as np

    if part is None:
        return None
    if part not in images.parts:
        raise OptionError(f"{images.name} has no part '{part}'", nearest(part, images.parts))
    where = images.parts[part]
    return np.arange(where.start, where.stop)


def _command(
    source: Source,
    methods: tuple[str, ...],
    limit: int | None,
    part: str | None,
    seed: int,
    options: str,
    out: Path,
) -> str:
    words = [
        "hangtag",
        "reduce",
        *source.words(),
        "--method",
        ",".join(methods),
        "--seed",
        str(seed),
    ]
    words += [] if limit is None else ["--limit", str(limit)]
    words += [] if part is None else ["--part", part]
    words += ["--options", options] if options else []
    return shlex.join([*words, "--out", str(out)])


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
    say(f"{one.method:<8} {len(one)} of {images} pictures, seed {seed}: {measured}")
    say(f"{'':<8} {', '.join(one.axes)}")
    for note in one.notes:
        say(f"{'':<8} {note}")
