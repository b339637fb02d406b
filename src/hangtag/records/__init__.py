"""The nouns: frozen records that travel between the verbs, and nothing that computes for long.

One file per noun family; import the names from here. Arrays in a record are never written to.
"""

from hangtag.records.evaluation import ClassScore, Confusion, Evaluation, Predictions, Score
from hangtag.records.findings import Finding, Findings
from hangtag.records.images import ImageSet, Split, Unreadable
from hangtag.records.network import LayerSpec, NetworkSpec, TrainingOptions
from hangtag.records.points import Projection
from hangtag.records.preprocessing import Preprocessing
from hangtag.records.tagging import Classifier, Picture, Tag
from hangtag.records.training import History

__all__ = [
    "ClassScore",
    "Classifier",
    "Confusion",
    "Evaluation",
    "Finding",
    "Findings",
    "History",
    "ImageSet",
    "LayerSpec",
    "NetworkSpec",
    "Picture",
    "Predictions",
    "Preprocessing",
    "Projection",
    "Score",
    "Split",
    "Tag",
    "TrainingOptions",
    "Unreadable",
]
