"""``hangtag cluster``: a source in; clusters, how many, and what they look like out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from hangtag.cli.changes import options_from
from hangtag.cli.console import bars, command, next_step, note, say, say_json
from hangtag.cli.numbers import axes, numbers
from hangtag.cli.options import Json, Limit, MethodOptions, OutFolder, Quiet, Seed
from hangtag.cli.source import reads_source
from hangtag.families import CLUSTERERS, listed

if TYPE_CHECKING:
    from hangtag.records import Agreement, Source
    from hangtag.workbench.cluster import Clusters


@reads_source
def cluster(
    source: Source,
    k: Annotated[str, typer.Option("--k", help="How many: 10, or 5,10,25, or 5..40/5.")] = "10",
    method: Annotated[str, typer.Option(help=f"One of {listed(CLUSTERERS)}.")] = "kmeans",
    pca: Annotated[
        str, typer.Option(help="Axes to cluster on: a number, a share such as 0.95, or none.")
    ] = "0.95",
    part: Annotated[
        str | None, typer.Option(help="Part of the set (default: train, or all).")
    ] = None,
    sample: Annotated[
        int | None, typer.Option(min=1, help="Cluster only N images, drawn by the seed.")
    ] = None,
    n_init: Annotated[
        int | None, typer.Option(min=1, help="Starts per number (50 for kmeans, 10 for mixture).")
    ] = None,
    init: Annotated[
        str | None, typer.Option(help="How kmeans starts: random or k-means++.")
    ] = None,
    covariance: Annotated[
        str | None, typer.Option(help="Of a mixture: full, tied, diagonal or spherical.")
    ] = None,
    rule: Annotated[
        str | None,
        typer.Option(
            help="How to choose: elbow, silhouette, calinski-harabasz, davies-bouldin; bic, aic."
        ),
    ] = None,
    patience: Annotated[
        float | None,
        typer.Option(help="How soon a hopeless restart is stopped early; 0 for never."),
    ] = None,
    silhouette_sample: Annotated[
        int | None, typer.Option(min=2, help="Average silhouettes over N images, and say so.")
    ] = None,
    new: Annotated[int, typer.Option(min=0, help="Draw N new images from the mixture.")] = 0,
    options: MethodOptions = "",
    seed: Seed = None,
    limit: Limit = None,
    out: OutFolder = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Group pictures without looking at their classes, and choose how many groups."""
    import hangtag

    own = options_from(options) | _given(
        n_init=n_init,
        init=init,
        covariance=covariance,
        patience=patience,
        silhouette_sample=silhouette_sample,
    )
    wanted, chosen_axes = numbers(k, "--k"), axes(pca)
    with bars(quiet=quiet or as_json) as progress:
        images = hangtag.load(source, limit=limit, progress=progress)
        found = hangtag.cluster(
            images,
            k=wanted,
            method=method,
            pca=chosen_axes,
            part=part,
            sample=sample,
            rule=rule,
            new=new,
            seed=seed,
            progress=progress,
            **own,
        )
        files = [] if out is None else hangtag.write_clusters(found, out)
    if as_json:
        say_json({"source": source.place, **found.to_dict(), "files": [str(one) for one in files]})
        return
    _tell(found)
    if out is not None:
        say(f"files   {out}: {', '.join(sorted(one.name for one in files))}")
    for one in found.sweep.notes:
        note(f"note: {one}", quiet=quiet)
    if out is None:
        again = (("--k", k), ("--method", method), ("--pca", pca), ("--part", part))
        drawn = (("--sample", sample), ("--rule", rule), ("--seed", seed), ("--limit", limit))
        words = command("cluster", source, *again, *drawn, *_flags(own, new), "--out", "clusters")
        next_step(words, quiet=quiet)


FLAGS = ("n_init", "init", "covariance", "patience", "silhouette_sample")
"""Options of methods that have a flag; all others are given in --options."""


def _given(**options: Any) -> dict[str, Any]:  # noqa: ANN401 - each its own
    return {name: value for name, value in options.items() if value is not None}


def _flags(own: dict[str, Any], new: int) -> tuple[tuple[str, Any], ...]:
    """The words that say a method's options again."""
    flags = [(f"--{name.replace('_', '-')}", own[name]) for name in FLAGS if name in own]
    rest = ";".join(f"{name}={value}" for name, value in own.items() if name not in FLAGS)
    return (*flags, ("--new", new or None), ("--options", rest or None))


def _tell(found: Clusters) -> None:
    say(f"images  {len(found.clustering)} of {found.images.name}, on {found.points.shape[1]} axes")
    _tell_rows(found)
    say(f"chosen  {found.sweep.choice.reason}")
    say(f"sizes   {' '.join(str(size) for size in found.clustering.sizes)}")
    if found.agreement is not None:
        _tell_agreement(found.agreement)


def _tell_rows(found: Clusters) -> None:
    columns = found.method.columns
    say("  ".join(f"{one.head:>17}" for one in columns))
    for row in found.sweep.rows:
        say("  ".join(f"{one.cell(row):>17}" for one in columns))


def _tell_agreement(found: Agreement) -> None:
    say(
        f"classes ARI {found.ari:.4f}, NMI {found.nmi:.4f}, purity {found.purity:.4f}, "
        f"matched one to one {found.accuracy:.4f}"
    )
