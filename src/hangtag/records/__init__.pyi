from hangtag.records.candidates import (
    Candidate as Candidate,
)
from hangtag.records.candidates import (
    Candidates as Candidates,
)
from hangtag.records.candidates import (
    Scores as Scores,
)
from hangtag.records.clustering import (
    Agreement as Agreement,
)
from hangtag.records.clustering import (
    Choice as Choice,
)
from hangtag.records.clustering import (
    Clustering as Clustering,
)
from hangtag.records.clustering import (
    Gallery as Gallery,
)
from hangtag.records.clustering import (
    Mixture as Mixture,
)
from hangtag.records.clustering import (
    MixtureRow as MixtureRow,
)
from hangtag.records.clustering import (
    MixtureSweep as MixtureSweep,
)
from hangtag.records.clustering import (
    NewPoints as NewPoints,
)
from hangtag.records.clustering import (
    Sweep as Sweep,
)
from hangtag.records.clustering import (
    SweepRow as SweepRow,
)
from hangtag.records.comparison import (
    ClassComparison as ClassComparison,
)
from hangtag.records.comparison import (
    ComparedRun as ComparedRun,
)
from hangtag.records.comparison import (
    Comparison as Comparison,
)
from hangtag.records.comparison import (
    Difference as Difference,
)
from hangtag.records.comparison import (
    Disagreement as Disagreement,
)
from hangtag.records.comparison import (
    RepeatedDifference as RepeatedDifference,
)
from hangtag.records.comparison import (
    RepeatedTest as RepeatedTest,
)
from hangtag.records.comparison import (
    RunComparison as RunComparison,
)
from hangtag.records.embeddings import (
    Embeddings as Embeddings,
)
from hangtag.records.evaluation import (
    Calibration as Calibration,
)
from hangtag.records.evaluation import (
    ClassScore as ClassScore,
)
from hangtag.records.evaluation import (
    ConfusedPair as ConfusedPair,
)
from hangtag.records.evaluation import (
    Confusion as Confusion,
)
from hangtag.records.evaluation import (
    Coverage as Coverage,
)
from hangtag.records.evaluation import (
    Evaluation as Evaluation,
)
from hangtag.records.evaluation import (
    Predictions as Predictions,
)
from hangtag.records.evaluation import (
    Ranking as Ranking,
)
from hangtag.records.evaluation import (
    Score as Score,
)
from hangtag.records.findings import (
    Finding as Finding,
)
from hangtag.records.findings import (
    Findings as Findings,
)
from hangtag.records.forest import (
    ForestSpec as ForestSpec,
)
from hangtag.records.forest import (
    Trees as Trees,
)
from hangtag.records.images import (
    ImageSet as ImageSet,
)
from hangtag.records.images import (
    PassedOver as PassedOver,
)
from hangtag.records.images import (
    Split as Split,
)
from hangtag.records.images import (
    Unreadable as Unreadable,
)
from hangtag.records.kinds import (
    Spec as Spec,
)
from hangtag.records.kinds import (
    spec_from_dict as spec_from_dict,
)
from hangtag.records.listed import (
    ListedRun as ListedRun,
)
from hangtag.records.listed import (
    RunList as RunList,
)
from hangtag.records.mixture import (
    MixtureSpec as MixtureSpec,
)
from hangtag.records.network import (
    LayerSpec as LayerSpec,
)
from hangtag.records.network import (
    NetworkSpec as NetworkSpec,
)
from hangtag.records.network import (
    TrainingOptions as TrainingOptions,
)
from hangtag.records.points import (
    Neighbours as Neighbours,
)
from hangtag.records.points import (
    Pca as Pca,
)
from hangtag.records.points import (
    Projection as Projection,
)
from hangtag.records.preprocessing import (
    Preprocessing as Preprocessing,
)
from hangtag.records.report import (
    ReportFacts as ReportFacts,
)
from hangtag.records.run import (
    Config as Config,
)
from hangtag.records.spec import (
    PointsSpec as PointsSpec,
)
from hangtag.records.spec import (
    SeenNetwork as SeenNetwork,
)
from hangtag.records.study import (
    Compared as Compared,
)
from hangtag.records.study import (
    Outcome as Outcome,
)
from hangtag.records.study import (
    StudyFacts as StudyFacts,
)
from hangtag.records.study import (
    StudyFigure as StudyFigure,
)
from hangtag.records.study import (
    StudyModel as StudyModel,
)
from hangtag.records.study import (
    StudyTable as StudyTable,
)
from hangtag.records.summary import (
    ClassTable as ClassTable,
)
from hangtag.records.summary import (
    Photos as Photos,
)
from hangtag.records.summary import (
    PixelRange as PixelRange,
)
from hangtag.records.summary import (
    Reconstructions as Reconstructions,
)
from hangtag.records.summary import (
    Summary as Summary,
)
from hangtag.records.summary import (
    VarianceCurve as VarianceCurve,
)
from hangtag.records.summary import (
    Variants as Variants,
)
from hangtag.records.tagging import (
    UNKNOWN as UNKNOWN,
)
from hangtag.records.tagging import (
    Classifier as Classifier,
)
from hangtag.records.tagging import (
    InputImage as InputImage,
)
from hangtag.records.tagging import (
    Tag as Tag,
)
from hangtag.records.tagging import (
    Tags as Tags,
)
from hangtag.records.training import (
    History as History,
)
from hangtag.records.trials import (
    Ablation as Ablation,
)
from hangtag.records.trials import (
    Dimension as Dimension,
)
from hangtag.records.trials import (
    Measurement as Measurement,
)
from hangtag.records.trials import (
    Parameters as Parameters,
)
from hangtag.records.trials import (
    Space as Space,
)
from hangtag.records.trials import (
    Standing as Standing,
)
from hangtag.records.trials import (
    Trial as Trial,
)
from hangtag.records.trials import (
    Trials as Trials,
)
from hangtag.records.trials import (
    Value as Value,
)
from hangtag.records.trials import (
    Variant as Variant,
)
from hangtag.requests import (
    LoadOptions as LoadOptions,
)
from hangtag.requests import (
    Source as Source,
)
