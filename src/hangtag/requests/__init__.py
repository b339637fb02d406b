"""What can be asked of each verb: one record a verb, and all that is derived from it.

Only the standard library is imported here, since ``hangtag --help`` reads it. To add an option to a
verb: one field of its request (``looking.py``, …); what a field can say is in ``base.py``, how
values are written in ``values.py``.
"""

from hangtag.requests.base import Option, Request, command_line, members, options_of, schema
from hangtag.requests.grouping import ClusterRequest, ReduceRequest
from hangtag.requests.judging import (
    AblateRequest,
    CompareRequest,
    EvaluateRequest,
    ExportRequest,
    RunsRequest,
    SummaryRequest,
    TagRequest,
)
from hangtag.requests.keywords import takes
from hangtag.requests.kinds import (
    KINDS,
    BoostingRequest,
    DiscriminantRequest,
    FeaturesRequest,
    FinetuneRequest,
    FitRequest,
    ForestRequest,
    KindRequest,
    LinearRequest,
    MixtureRequest,
    NeighborsRequest,
)
from hangtag.requests.loading import LoadOptions, Source
from hangtag.requests.looking import (
    AddEncoderRequest,
    AuditRequest,
    CleanRequest,
    DemoRequest,
    EmbedRequest,
    ExploreRequest,
    InfoRequest,
    SplitRequest,
)
from hangtag.requests.serving import KeyRequest, ServeRequest
from hangtag.requests.shop import ImportRequest, LearnRequest, SearchRequest, TagCatalogRequest
from hangtag.requests.training import TrainRequest, TuneRequest

__all__ = [
    "KINDS",
    "AblateRequest",
    "AddEncoderRequest",
    "AuditRequest",
    "BoostingRequest",
    "CleanRequest",
    "ClusterRequest",
    "CompareRequest",
    "DemoRequest",
    "DiscriminantRequest",
    "EmbedRequest",
    "EvaluateRequest",
    "ExploreRequest",
    "ExportRequest",
    "FeaturesRequest",
    "FinetuneRequest",
    "FitRequest",
    "ForestRequest",
    "ImportRequest",
    "InfoRequest",
    "KeyRequest",
    "KindRequest",
    "LearnRequest",
    "LinearRequest",
    "LoadOptions",
    "MixtureRequest",
    "NeighborsRequest",
    "Option",
    "ReduceRequest",
    "Request",
    "RunsRequest",
    "SearchRequest",
    "ServeRequest",
    "Source",
    "SplitRequest",
    "SummaryRequest",
    "TagCatalogRequest",
    "TagRequest",
    "TrainRequest",
    "TuneRequest",
    "command_line",
    "members",
    "options_of",
    "schema",
    "takes",
]
