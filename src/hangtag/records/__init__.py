"""The nouns: frozen records that travel between the verbs, and nothing that computes for long.

One file per noun family; import the names from here. Arrays in a record are never written to.
"""

from hangtag.records.clustering import (
    Agreement,
    Choice,
    Clustering,
    Gallery,
    Mixture,
    MixtureRow,
    MixtureSweep,
    NewPoints,
    Sweep,
    SweepRow,
)
from hangtag.records.comparison import (
    ClassComparison,
    ComparedRun,
    Comparison,
    Difference,
    Disagreement,
    RepeatedDifference,
    RepeatedTest,
    RunComparison,
)
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
from hangtag.records.forest import CellScores, ForestCell, ForestGrid, Trees
from hangtag.records.images import ImageSet, Split, Unreadable
from hangtag.records.network import LayerSpec, NetworkSpec, TrainingOptions
from hangtag.records.points import Neighbours, Pca, Projection
from hangtag.records.preprocessing import Preprocessing
from hangtag.records.report import ReportFacts
from hangtag.records.summary import (
    ClassTable,
    PixelRange,
    Reconstructions,
    Summary,
    VarianceCurve,
    Variants,
)
from hangtag.records.tagging import Classifier, Picture, Tag
from hangtag.records.training import History
from hangtag.records.trials import (
    Ablation,
    Coordinates,
    Dimension,
    Measurement,
    Parameters,
    SearchHistory,
    Space,
    Standing,
    Trial,
    Trials,
    Value,
    Variant,
)

__all__ = [
    "Ablation",
    "Agreement",
    "Calibration",
    "CellScores",
    "Choice",
    "ClassComparison",
    "ClassScore",
    "ClassTable",
    "Classifier",
    "Clustering",
    "ComparedRun",
    "Comparison",
    "ConfusedPair",
    "Confusion",
    "Coordinates",
    "Coverage",
    "Difference",
    "Dimension",
    "Disagreement",
    "Evaluation",
    "Finding",
    "Findings",
    "ForestCell",
    "ForestGrid",
    "Gallery",
    "History",
    "ImageSet",
    "LayerSpec",
    "Measurement",
    "Mixture",
    "MixtureRow",
    "MixtureSweep",
    "Neighbours",
    "NetworkSpec",
    "NewPoints",
    "Parameters",
    "Pca",
    "Picture",
    "PixelRange",
    "Predictions",
    "Preprocessing",
    "Projection",
    "Reconstructions",
    "RepeatedDifference",
    "RepeatedTest",
    "ReportFacts",
    "RunComparison",
    "Score",
    "SearchHistory",
    "Space",
    "Split",
    "Standing",
    "Summary",
    "Sweep",
    "SweepRow",
    "Tag",
    "TrainingOptions",
    "Trees",
    "Trial",
    "Trials",
    "Unreadable",
    "Value",
    "VarianceCurve",
    "Variant",
    "Variants",
]
