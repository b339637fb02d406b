"""Clusters go in, files and a page come out: what the rooms cluster and report say together."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from hangtag import atomic, targets
from hangtag.rooms.cluster import clusters as room
from hangtag.rooms.cluster.clusters import Clusters
from hangtag.rooms.report.results.cluster import Clustered
from hangtag.rooms.report.verb_pages.clusters import Grouped, clusters_page

PAGE = "clusters.html"
_LIVE = ("gallery.png", "map.svg")
"""Figures that the page has live instead."""


def write_clusters(found: Clusters, out: Path, *, command: str = "") -> list[Path]:
    """Write everything there is to see of clusters: a folder, or one HTML page alone.

    Args:
        found: The clusters.
        out: A folder, whose files of other names are left alone; or a page, by a name in
            ``.html``.
        command: What does the same again, to stand on the page.

    Returns:
        The files written, the page last: ``clusters.json`` and ``clusters.csv``, ``curves.svg``,
        ``map.svg``, ``gallery.png``, ``centres.png``, ``classes.svg`` and ``new.png`` where there
        are any, and ``clusters.html``.

    Example:
        >>> hangtag.write_clusters(hangtag.cluster("digits", k=10), Path("clusters.html"))
    """
    drawn = room.figures(found)
    html = _page(found, drawn, command)
    if targets.is_page(out):
        return [atomic.write_text(out, html)]
    return [*room.write_clusters(found, out, drawn), atomic.write_text(out / PAGE, html)]


def _page(found: Clusters, drawn: Mapping[str, bytes], command: str) -> str:
    files = {name: one for name, one in drawn.items() if name not in _LIVE}
    # On one axis there is no map to walk through.
    places, axes = found.places() if found.points.shape[1] > 1 else (None, ("", ""))
    grouped = Grouped(found.images, found.clustering, found.gallery, places, axes)
    return clusters_page(Clustered.of(found), grouped, files, command=command)
