"""The step ``cluster``: clusters of the training pictures, how many, and what they agree with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from pydantic import Field

from hangtag.families import CLUSTERERS
from hangtag.records import Agreement, MixtureRow, Outcome, StudyFigure, StudyTable, SweepRow
from hangtag.study.members import one_of
from hangtag.study.step import Setting, Step
from hangtag.study.words import count, listed, percent

if TYPE_CHECKING:
    from hangtag.workbench.cluster import Clusters

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


class ClusterStep(Step):
    """Group the training pictures without looking at their classes."""

    verb: Literal["cluster"]
    method: Annotated[str, *one_of(CLUSTERERS)] = Field("kmeans", description="How.")
    options: dict[str, Any] = Field(default_factory=dict, description="The method's own.")
    k: int | list[int] = Field(10, description="How many clusters; of several one is chosen.")
    pca: float | int | None = Field(0.95, description="Axes: a number, or a share of the variance.")
    validation: bool = Field(False, description="Whether validation pictures are grouped, too.")
    sample: int | None = Field(None, ge=2, description="That many pictures, drawn by the seed.")
    n_init: int | None = Field(None, ge=1, description="Starts for every number.")
    init: str | None = Field(None, description="How k-means starts.")
    covariance: str | None = Field(None, description="Shape of a mixture's components.")
    rule: str | None = Field(None, description="How the number is chosen.")
    shown: int = Field(20, ge=1, description="Pictures per cluster.")
    new: int = Field(0, ge=0, description="New pictures to draw from a mixture.")

    def carry_out(self, at: Setting) -> Outcome:
        """Group."""
        from hangtag.workbench.cluster import cluster, write_clusters

        images = at.images
        division = at.split(self.split, at.seed)
        both = (division.train, division.validation) if self.validation else (division.train,)
        rows = np.sort(np.concatenate(both))
        there = len(rows)
        found = cluster(
            images,
            k=[one for one in self.k if one < there] if isinstance(self.k, list) else self.k,
            method=self.method,
            pca=self.pca,
            indices=rows,
            sample=self.sample if self.sample is None or self.sample < there else None,
            rule=self.rule,
            shown=self.shown,
            new=self.new,
            seed=self.chosen_seed(at),
            progress=at.progress,
            **self._own(),
        )
        written = {path.name for path in write_clusters(found, at.folder)}
        shown = [name for name in FIGURES if name in written]
        if len(found.sweep.rows) == 1:
            shown.remove("curves.svg")
        return Outcome(
            name=at.name,
            verb="cluster",
            title=self.title or CLUSTERERS[self.method].title,
            values=_values(found),
            words=_words(found),
            figures=tuple(StudyFigure(name, *FIGURES[name]) for name in shown),
            tables=_tables(found),
            cautions=tuple(found.sweep.notes),
            commands=(self._command(at),),
        )

    def _own(self) -> dict[str, Any]:
        """The method's options, those with a field of their own among them."""
        fields = {"n_init": self.n_init, "init": self.init, "covariance": self.covariance}
        return {name: one for name, one in fields.items() if one is not None} | self.options

    def _command(self, at: Setting) -> str:
        several = ",".join(map(str, self.k)) if isinstance(self.k, list) else str(self.k)
        return at.command(
            "cluster",
            at.source,
            method=self.method,
            k=several,
            pca=self.pca,
            sample=self.sample,
            rule=self.rule,
            options=";".join(f"{name}={value}" for name, value in self._own().items()) or None,
            seed=self.chosen_seed(at),
            new=self.new or None,
        )


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
    axes = f"{count(found.points.shape[1], 'principal component')}"
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
