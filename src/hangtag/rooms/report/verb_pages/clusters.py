"""Clusters and their images in, the page of them out: images of every cluster, a map, tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag.records import Agreement, Clustering, Gallery, ImageSet, Projection
from hangtag.rooms.report.about import set_facts
from hangtag.rooms.report.images import small_uri
from hangtag.rooms.report.maps.block import BUDGET, block, captioned
from hangtag.rooms.report.maps.mapped import Mapped
from hangtag.rooms.report.results.cluster import Clustered, told
from hangtag.rooms.report.shell import Block, Figure, render
from hangtag.rooms.report.verb_pages.page import page
from hangtag.rooms.report.words import decimal, number, percent

_STYLES = ("verb_pages/verb_pages.css",)
_IMAGES = 4_000_000  # characters of the gallery, of the 10 MB a page may have
_SIZES = ((84, 20), (84, 12), (84, 6), (48, 6), (48, 3), (32, 1))
"""Side of an image and images of a cluster, tried in turn."""


@dataclass(frozen=True, eq=False)
class Grouped:
    """Images in clusters.

    Attributes:
        images: The set.
        clustering: The chosen one.
        gallery: Some images of every cluster.
        places: ``(n, 2)`` where each clustered image is on a map; None where there is no map.
        axes: What the two axes of the map are.
    """

    images: ImageSet
    clustering: Clustering
    gallery: Gallery
    places: NDArray[np.float32] | None
    axes: tuple[str, str] = ("", "")


def clusters_page(
    seen: Clustered, grouped: Grouped, files: Mapping[str, bytes], *, command: str = ""
) -> str:
    """Clusters as one HTML page of at most 10 MB.

    Args:
        seen: What is told of them.
        grouped: The images in them.
        files: Figures by file name; images and map are shown live instead.
        command: What does the same again.
    """
    outcome = told(seen, files)
    gallery = _gallery(grouped, seen.agreement)
    blocks = [gallery]
    if grouped.places is not None:
        blocks.append(_map(grouped, BUDGET - gallery.size - sum(map(len, files.values())) * 2))
    return page(
        outcome,
        files,
        title=f"{number(grouped.clustering.k)} clusters of {grouped.images.name}",
        kind="clusters",
        facts={"command": command, "method": outcome.title, **set_facts(grouped.images)},
        numbers=_numbers(seen, grouped),
        blocks=blocks,
    )


def _numbers(seen: Clustered, grouped: Grouped) -> list[Figure]:
    sizes = grouped.clustering.sizes
    found = [
        Figure("Clusters", number(grouped.clustering.k)),
        Figure("Images", number(len(grouped.clustering))),
        Figure("In a cluster", f"{number(int(sizes.min()))} to {number(int(sizes.max()))}"),
    ]
    if seen.agreement is not None:
        found.append(Figure("Purity", percent(seen.agreement.purity), "in the commonest class"))
        found.append(
            Figure("Adjusted Rand", decimal(seen.agreement.ari), "0 is chance, 1 the same")
        )
    return found


def _gallery(grouped: Grouped, same: Agreement | None) -> Block:
    for side, most in _SIZES:
        rows = [_row(grouped, same, one, side, most) for one in range(grouped.clustering.k)]
        if sum(len(one["uri"]) for row in rows for one in row["pictures"]) <= _IMAGES:
            break
    html = render("verb_pages/clusters.html", rows=rows, labelled=same is not None)
    return Block("pictures", "Images of every cluster", html, styles=_STYLES)


def _row(
    grouped: Grouped, same: Agreement | None, cluster: int, side: int, most: int
) -> dict[str, Any]:
    size = int(grouped.clustering.sizes[cluster])
    main, proportion = "", 0.0
    if same is not None and same.table[cluster].sum():
        counts = same.table[cluster]
        main = same.class_names[int(counts.argmax())]
        proportion = float(counts.max() / counts.sum())
    images = [
        {
            "uri": small_uri(grouped.images.images[index], side),
            "id": grouped.images.id_of(index),
            "label": grouped.images.class_of(index) if same is not None else "",
        }
        for index in grouped.gallery.indices[cluster][:most].tolist()
    ]
    return {"number": cluster, "size": size, "main": main, "share": proportion, "pictures": images}


def _map(grouped: Grouped, budget: int) -> Block:
    assert grouped.places is not None
    flat = Projection("pca", grouped.clustering.indices, grouped.places, grouped.axes)
    mapped = Mapped(grouped.images, [flat], [grouped.clustering], {}, clusters_first=True)
    mapped.check()
    made = block(mapped, anchor="map", title="Map of the clusters", budget=budget)
    return captioned(made, "Every clustered image, in the color of its cluster")
