"""The step ``cluster``: clusters of the training pictures, how many, and what they agree with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from hangtag.families import CLUSTERERS
from hangtag.records import Agreement, MixtureRow, Outcome, StudyFigure, StudyTable, SweepRow
from hangtag.requests import ClusterRequest, command_line
from hangtag.rooms.cluster.clusters import Clusters, write_clusters
from hangtag.study.fields import asked_by, asking
from hangtag.study.step import Setting, Step
from hangtag.study.words import count, listed, percent
from hangtag.workbench.cluster import cluster

FIGURES: dict[str, tuple[str, str]] = {
    "curves.svg": (
        "How many clusters",
        "What is measured for each number; the chosen one is marked.",
    ),
    "map.svg": (
        "The clusters on the first two axes",
        "A random sample of points, coloured by cluster.",
    ),
    "gallery.png": (
        "Pictures of every cluster",
        "One row per cluster, the class over each picture.",
    ),
    "centres.png": ("The middle of every cluster", "Mapped back from the axes to pixels."),
    "classes.svg": ("Clusters and classes", "Pictures of each class in each cluster."),
    "new.png": (
        "New pictures",
        "Drawn from the mixture and mapped back to pixels, the nearest real picture beside each.",
    ),
}


@asking(ClusterRequest, without=("limit", "part", "split_seed"))
class ClusterStep(Step):
    """Group the training pictures without looking at their classes."""

    verb: Literal["cluster"]

    def carry_out(self, at: Setting) -> Outcome:
        """Group."""
        asked = self._asked(at)
        found = cluster(at.images, asked, progress=at.progress)
        written = {path.name for path in write_clusters(found, at.folder)}
        shown = [name for name in FIGURES if name in written]
        if len(found.sweep.rows) == 1:
            shown.remove("curves.svg")
        return Outcome(
            name=at.name,
            verb="cluster",
            title=self.title or CLUSTERERS[asked.method].title,
            values=_values(found),
            words=_words(found),
            figures=tuple(StudyFigure(name, *FIGURES[name]) for name in shown),
            tables=_tables(found),
            cautions=tuple(found.sweep.notes),
            commands=(command_line("cluster", at.source, asked),),
        )

    def _asked(self, at: Setting) -> ClusterRequest:
        """What is asked of the verb; a quick study has fewer pictures than some numbers need."""
        own, seed = self.chosen_seed(at), at.seed
        how = {"split": at.how_to_divide(self.split), "seed": own, "limit": at.limit}
        asked = asked_by(self, ClusterRequest, **how, split_seed=None if seed == own else seed)
        division = at.split(self.split, seed)
        there = len(division.train) + asked.validation * len(division.validation)
        fewer = {} if asked.sample is None or asked.sample < there else {"sample": None}
        several = tuple(one for one in asked.k if one < there) if len(asked.k) > 1 else asked.k
        return ClusterRequest.of(asked, k=several, **fewer)


def _values(found: Clusters) -> dict[str, Any]:
    rows: Sequence[SweepRow | MixtureRow] = found.sweep.rows
    chosen = next(one for one in rows if one.k == found.sweep.choice.k)
    values: dict[str, Any] = {
        "k": found.sweep.choice.k,
        "images": len(found.clustering),
        "dimensions": int(found.points.shape[1]),
        "sizes": found.clustering.sizes.tolist(),
        "seconds": float(sum(found.sweep.seconds.values())),
    }
    values |= {name: one for name, one in vars(chosen).items() if isinstance(one, int | float)}
    if found.pca is not None:
        values["explained"] = float(found.pca.ratios.sum())
    if found.agreement is not None:
        values |= {
            name: float(getattr(found.agreement, name))
            for name in ("ari", "nmi", "purity", "accuracy")
        }
    if found.new is not None:
        values["new_nearest"] = float(np.median(found.new.distances))
        values["usual_nearest"] = float(found.new.usual)
    return values


def _words(found: Clusters) -> tuple[str, ...]:
    sizes = found.clustering.sizes
    axes = found.basis
    if found.pca is not None:
        axes += f", which hold {percent(found.pca.ratios.sum())} of the variance"
    said = [f"{count(len(found.clustering), 'picture')} were clustered on {axes}."]
    if len(found.sweep.rows) > 1:
        said.append(f"{found.sweep.choice.reason[0].upper()}{found.sweep.choice.reason[1:]}.")
    said.append(f"The clusters have {int(sizes.min()):,} to {int(sizes.max()):,} pictures.")
    paragraphs = [" ".join(said)]
    if found.agreement is not None:
        paragraphs += [_agreement(found.agreement), _classes(found.agreement)]
    if found.new is not None:
        farther = float(np.median(found.new.distances) / max(found.new.usual, 1e-12))
        paragraphs.append(
            f"{count(len(found.new), 'new picture')} were drawn from the mixture. The nearest real "
            f"picture of each is, in the median, {farther:.1f} times as far away as a real "
            "picture's "
            "own nearest neighbour: they are new, not copies."
            if farther > 1
            else f"{count(len(found.new), 'new picture')} were drawn from the mixture; they lie as "
            "near to real pictures as these to each other, so they may be near-copies."
        )
    return tuple(paragraphs)


def _agreement(found: Agreement) -> str:
    return (
        f"Compared with the true classes, which the clustering did not see: adjusted Rand index "
        f"{found.ari:.3f} (0 is chance, 1 is the same), normalised mutual information "
        f"{found.nmi:.3f}, purity {percent(found.purity)}; giving each cluster one class in the "
        "best "
        f"way there is names {percent(found.accuracy)} of the pictures rightly."
    )


def _classes(found: Agreement) -> str:
    """Which classes the clusters keep together, and which they mix."""
    totals = found.table.sum(axis=0)
    kept = found.table.max(axis=0) / np.maximum(totals, 1)
    order = [one for one in np.argsort(-kept).tolist() if totals[one]]
    names = found.class_names
    best = [f"{names[one]} ({percent(kept[one], 0)})" for one in order[:2]]
    worst = [f"{names[one]} ({percent(kept[one], 0)})" for one in order[-2:]]
    pure = found.table.max(axis=1) / np.maximum(found.table.sum(axis=1), 1)
    mixed = int(np.argmin(np.where(found.table.sum(axis=1) > 0, pure, 2)))
    inside = np.argsort(-found.table[mixed])[:3].tolist()
    held = listed(
        [f"{names[one]} {found.table[mixed][one]:,}" for one in inside if found.table[mixed][one]]
    )
    return (
        f"Most of {listed(best)} is in one cluster; {listed(worst)} are the most scattered. The "
        "most "
        f"mixed cluster is {mixed}: {held}."
    )


def _tables(found: Clusters) -> tuple[StudyTable, ...]:
    rows: Sequence[SweepRow | MixtureRow] = found.sweep.rows
    heads = tuple(vars(rows[0]))
    sweep = StudyTable(
        "sweep",
        "Every number of clusters tried",
        tuple(name.replace("_", " ") for name in heads),
        tuple(tuple(vars(row).values()) for row in rows),
        tuple((number, 0) for number, row in enumerate(rows) if row.k == found.sweep.choice.k),
    )
    tables = [sweep]
    if found.agreement is not None:
        sizes = found.clustering.sizes.tolist()
        tables.append(
            StudyTable(
                "clusters",
                "Pictures of each class in each cluster",
                ("cluster", *found.agreement.class_names, "all"),
                tuple(
                    (number, *row, sizes[number])
                    for number, row in enumerate(found.agreement.table.tolist())
                ),
                tuple(
                    (row, int(one.argmax()) + 1) for row, one in enumerate(found.agreement.table)
                ),
            )
        )
    return tuple(tables)
