"""The step ``cluster``: clusters of the training images, how many, and what they agree with."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from hangtag.records import Outcome
from hangtag.requests import ClusterRequest, command_line
from hangtag.rooms.cluster.clusters import write_clusters
from hangtag.rooms.report.results.cluster import Clustered, told
from hangtag.study.fields import asking
from hangtag.study.step import Step, StepContext
from hangtag.workbench.cluster import cluster


@asking(ClusterRequest, without=("limit", "part", "split_seed"))
class ClusterStep(Step):
    """Group the training images without looking at their classes."""

    verb: Literal["cluster"]

    def carry_out(self, context: StepContext) -> Outcome:
        """Group."""
        asked = self._asked(context)
        found = cluster(context.images, asked, progress=context.progress)
        files = [path.name for path in write_clusters(found, context.folder)]
        made = told(Clustered.of(found), files)
        return replace(made, commands=(command_line("cluster", context.source, asked),))

    def _asked(self, context: StepContext) -> ClusterRequest:
        """What is asked of the verb; a quick study has fewer images than some numbers need."""
        own = context.seed if context.seed != self.chosen_seed(context) else None
        asked = self.asked(context, ClusterRequest, split_seed=own)
        split = context.split(self.split, context.seed)
        there = len(split.train) + asked.validation * len(split.validation)
        fewer = {} if asked.sample is None or asked.sample < there else {"sample": None}
        several = tuple(one for one in asked.k if one < there) if len(asked.k) > 1 else asked.k
        return ClusterRequest.of(asked, k=several, **fewer)
