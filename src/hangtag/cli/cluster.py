"""``hangtag cluster``: a source in; clusters, how many, and what they look like out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import hangtag
from hangtag.cli.asking import asks, out_folder
from hangtag.cli.console import answered, bars, next_step, note, say, say_table
from hangtag.requests import ClusterRequest, Source, command_line
from hangtag.rooms.cluster.clusters import Clusters


@asks
def cluster(
    source: Source,
    asked: ClusterRequest,
    out: Annotated[
        Path | None, out_folder("tables, curves, map, gallery and page", page=True)
    ] = None,
) -> None:
    """Group them, and say how many groups there are."""
    with bars() as progress:
        found = hangtag.cluster(source, asked, progress=progress)
        typed = command_line("cluster", source, asked)
        files = [] if out is None else hangtag.write_clusters(found, out, command=typed)
    facts = {"source": source.place, "files": [str(one) for one in files]}
    if answered(lambda: {**found.to_dict(), **facts}):
        return
    _tell(found)
    if out is not None:
        # A page alone is one file, and then its own place.
        names = ", ".join(sorted(one.name for one in files if one != out))
        say(f"files   {out}{': ' if names else ''}{names}")
        next_step(f"open {files[-1]} in a browser")
    for one in found.sweep.notes:
        note(f"note: {one}")
    if out is None:
        next_step(command_line("cluster", source, asked, out="clusters"))


def _tell(found: Clusters) -> None:
    say(f"images  {len(found.clustering)} of {found.images.name}, on {found.basis}")
    columns = found.method.columns
    rows = [[one.cell(row) for one in columns] for row in found.sweep.rows]
    say_table([one.head for one in columns], rows, left=())
    say(f"chosen  {found.sweep.choice.reason}")
    say(f"sizes   {' '.join(str(size) for size in found.clustering.sizes)}")
    same = found.agreement
    if same is not None:
        say(
            f"classes ARI {same.ari:.4f}, NMI {same.nmi:.4f}, purity {same.purity:.4f}, "
            f"matched one to one {same.accuracy:.4f}"
        )
