"""The nouns: frozen records that travel between the verbs, and nothing that computes for long.

One file per noun family; import the names from here. Arrays in a record are never written to.
"""

from hangtag.records.candidates import Candidate, Candidates, Scores
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
from hangtag.records.embeddings import Embeddings
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
from hangtag.records.forest import ForestSpec, Trees
from hangtag.records.images import ImageSet, PassedOver, Split, Unreadable
from hangtag.records.mixture import MixtureSpec
from hangtag.records.network import LayerSpec, NetworkSpec, TrainingOptions
from hangtag.records.points import Neighbours, Pca, Projection
from hangtag.records.preprocessing import Preprocessing
from hangtag.records.report import ReportFacts
from hangtag.records.run import Config
from hangtag.records.spec import PointsSpec, Spec, spec_from_dict
from hangtag.records.study import (
    Compared,
    Outcome,
    StudyFacts,
    StudyFigure,
    StudyModel,
    StudyTable,
)
from hangtag.records.summary import (
    ClassTable,
    PixelRange,
    Reconstructions,
    Summary,
    VarianceCurve,
    Variants,
)
from hangtag.records.tagging import UNKNOWN, Classifier, Picture, Tag, Tags
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
from hangtag.requests import LoadOptions, Source

__all__ = [
    "UNKNOWN",
    "Ablation",
    "Agreement",
    "Calibration",
    "Candidate",
    "Candidates",
    "Choice",
    "ClassComparison",
    "ClassScore",
    "ClassTable",
    "Classifier",
    "Clustering",
    "Compared",
    "ComparedRun",
    "Comparison",
    "Config",
    "ConfusedPair",
    "Confusion",
    "Coordinates",
    "Coverage",
    "Difference",
    "Dimension",
    "Disagreement",
    "Embeddings",
    "Evaluation",
    "Finding",
    "Findings",
    "ForestSpec",
    "Gallery",
    "History",
    "ImageSet",
    "LayerSpec",
    "LoadOptions",
    "Measurement",
    "Mixture",
    "MixtureRow",
    "MixtureSpec",
    "MixtureSweep",
    "Neighbours",
    "NetworkSpec",
    "NewPoints",
    "Outcome",
    "Parameters",
    "PassedOver",
    "Pca",
    "Picture",
    "PixelRange",
    "PointsSpec",
    "Predictions",
    "Preprocessing",
    "Projection",
    "Reconstructions",
    "RepeatedDifference",
    "RepeatedTest",
    "ReportFacts",
    "RunComparison",
    "Score",
    "Scores",
    "SearchHistory",
    "Source",
    "Space",
    "Spec",
    "Split",
    "Standing",
    "StudyFacts",
    "StudyFigure",
    "StudyModel",
    "StudyTable",
    "Summary",
    "Sweep",
    "SweepRow",
    "Tag",
    "Tags",
    "TrainingOptions",
    "Trees",
    "Trial",
    "Trials",
    "Unreadable",
    "Value",
    "VarianceCurve",
    "Variant",
    "Variants",
    "spec_from_dict",
]
