"""The nouns: frozen records that travel between the verbs, and nothing that computes for long.

One file per noun family; import the names from here. Arrays in a record are never written to.
"""

from hangtag.records.candidates import (
    Candidate as Candidate,
    Candidates as Candidates,
    Scores as Scores,
)
from hangtag.records.clustering import (
    Agreement as Agreement,
    Choice as Choice,
    Clustering as Clustering,
    Gallery as Gallery,
    Mixture as Mixture,
    MixtureRow as MixtureRow,
    MixtureSweep as MixtureSweep,
    NewPoints as NewPoints,
    Sweep as Sweep,
    SweepRow as SweepRow,
)
from hangtag.records.comparison import (
    ClassComparison as ClassComparison,
    ComparedRun as ComparedRun,
    Comparison as Comparison,
    Difference as Difference,
    Disagreement as Disagreement,
    RepeatedDifference as RepeatedDifference,
    RepeatedTest as RepeatedTest,
    RunComparison as RunComparison,
)
from hangtag.records.embeddings import Embeddings as Embeddings
from hangtag.records.evaluation import (
    Calibration as Calibration,
    ClassScore as ClassScore,
    ConfusedPair as ConfusedPair,
    Confusion as Confusion,
    Coverage as Coverage,
    Evaluation as Evaluation,
    Predictions as Predictions,
    Score as Score,
)
from hangtag.records.findings import (
    Finding as Finding,
    Findings as Findings,
)
from hangtag.records.forest import (
    ForestSpec as ForestSpec,
    Trees as Trees,
)
from hangtag.records.images import (
    ImageSet as ImageSet,
    PassedOver as PassedOver,
    Split as Split,
    Unreadable as Unreadable,
)
from hangtag.records.kinds import (
    Spec as Spec,
    spec_from_dict as spec_from_dict,
)
from hangtag.records.listed import (
    ListedRun as ListedRun,
    RunList as RunList,
)
from hangtag.records.mixture import MixtureSpec as MixtureSpec
from hangtag.records.network import (
    LayerSpec as LayerSpec,
    NetworkSpec as NetworkSpec,
    TrainingOptions as TrainingOptions,
)
from hangtag.records.points import (
    Neighbours as Neighbours,
    Pca as Pca,
    Projection as Projection,
)
from hangtag.records.preprocessing import Preprocessing as Preprocessing
from hangtag.records.report import ReportFacts as ReportFacts
from hangtag.records.run import Config as Config
from hangtag.records.spec import (
    PointsSpec as PointsSpec,
    SeenNetwork as SeenNetwork,
)
from hangtag.records.study import (
    Compared as Compared,
    Outcome as Outcome,
    StudyFacts as StudyFacts,
    StudyFigure as StudyFigure,
    StudyModel as StudyModel,
    StudyTable as StudyTable,
)
from hangtag.records.summary import (
    ClassTable as ClassTable,
    PixelRange as PixelRange,
    Reconstructions as Reconstructions,
    Summary as Summary,
    VarianceCurve as VarianceCurve,
    Variants as Variants,
)
from hangtag.records.tagging import (
    UNKNOWN as UNKNOWN,
    Classifier as Classifier,
    Picture as Picture,
    Tag as Tag,
    Tags as Tags,
)
from hangtag.records.training import History as History
from hangtag.records.trials import (
    Ablation as Ablation,
    Dimension as Dimension,
    Measurement as Measurement,
    Parameters as Parameters,
    Space as Space,
    Standing as Standing,
    Trial as Trial,
    Trials as Trials,
    Value as Value,
    Variant as Variant,
)
from hangtag.requests import (
    LoadOptions as LoadOptions,
    Source as Source,
)
