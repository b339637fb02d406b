"""The nouns: frozen records that travel between the verbs, and nothing that computes for long.

One file per noun family; import the names from here. Arrays in a record are never written to.
"""

from hangtag.records.evaluation import (
    Calibration,
    ClassScore,
    ConfusedPair,
    Confusion,
    Coverage,
    Evaluation,
    Predictions,
    Score,
)
from hangtag.records.findings import Finding, Findings
from hangtag.records.images import ImageSet, Split, Unreadable
from hangtag.records.network import LayerSpec, NetworkSpec, TrainingOptions
from hangtag.records.points import Neighbours, Pca, Projection
from hangtag.records.preprocessing import Preprocessing
from hangtag.records.report import ReportFacts
from hangtag.records.tagging import Classifier, Picture, Tag
from hangtag.records.training import History

__all__ = [
    "Calibration",
    "ClassScore",
    "Classifier",
    "ConfusedPair",
    "Confusion",
    "Coverage",
    "Evaluation",
    "Finding",
    "Findings",
    "History",
    "ImageSet",
    "LayerSpec",
    "Neighbours",
    "NetworkSpec",
    "Pca",
    "Picture",
    "Predictions",
    "Preprocessing",
    "Projection",
    "ReportFacts",
    "Score",
    "Split",
    "Tag",
    "TrainingOptions",
    "Unreadable",
]
