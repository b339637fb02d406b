"""The step ``cluster``: clusters of the training pictures, how many, and what they agree with."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from hangtag.records import Outcome
from hangtag.requests import ClusterRequest, command_line
from hangtag.rooms.cluster.clusters import write_clusters
from hangtag.rooms.report.results.cluster import Clustered, told
from hangtag.study.fields import asking
from hangtag.study.step import Setting, Step
from hangtag.workbench.cluster import cluster


@asking(ClusterRequest, without=("limit", "part", "split_seed"))
class ClusterStep(Step):
    """Group the training pictures without looking at their classes."""

    verb: Literal["cluster"]

    def carry_out(self, at: Setting) -> Outcome:
        """Group."""
        asked = self._asked(at)
        found = cluster(at.images, asked, progress=at.progress)
        files = [path.name for path in write_clusters(found, at.folder)]
        explained = None if found.pca is None else float(found.pca.ratios.sum())
        dimensions, basis = int(found.points.shape[1]), found.basis
        seen = Clustered(found.sweep, dimensions, basis, explained, found.agreement, found.new)
        made = told(seen, files)
        return replace(made, commands=(command_line("cluster", at.source, asked),))

    def _asked(self, at: Setting) -> ClusterRequest:
        """What is asked of the verb; a quick study has fewer pictures than some numbers need."""
        own = at.seed if at.seed != self.chosen_seed(at) else None
        asked = self.asked(at, ClusterRequest, split_seed=own)
        division = at.split(self.split, at.seed)
        there = len(division.train) + asked.validation * len(division.validation)
        fewer = {} if asked.sample is None or asked.sample < there else {"sample": None}
        several = tuple(one for one in asked.k if one < there) if len(asked.k) > 1 else asked.k
        return ClusterRequest.of(asked, k=several, **fewer)
