from hangtag.requests.base import (
    Option as Option,
)
from hangtag.requests.base import (
    Request as Request,
)
from hangtag.requests.base import (
    command_line as command_line,
)
from hangtag.requests.base import (
    members as members,
)
from hangtag.requests.base import (
    options_of as options_of,
)
from hangtag.requests.base import (
    schema as schema,
)
from hangtag.requests.grouping import (
    ClusterRequest as ClusterRequest,
)
from hangtag.requests.grouping import (
    ReduceRequest as ReduceRequest,
)
from hangtag.requests.judging import (
    AblateRequest as AblateRequest,
)
from hangtag.requests.judging import (
    CompareRequest as CompareRequest,
)
from hangtag.requests.judging import (
    EvaluateRequest as EvaluateRequest,
)
from hangtag.requests.judging import (
    ExportRequest as ExportRequest,
)
from hangtag.requests.judging import (
    RunsRequest as RunsRequest,
)
from hangtag.requests.judging import (
    SummaryRequest as SummaryRequest,
)
from hangtag.requests.judging import (
    TagRequest as TagRequest,
)
from hangtag.requests.keywords import (
    takes as takes,
)
from hangtag.requests.kinds import (
    KINDS as KINDS,
)
from hangtag.requests.kinds import (
    BoostingRequest as BoostingRequest,
)
from hangtag.requests.kinds import (
    DiscriminantRequest as DiscriminantRequest,
)
from hangtag.requests.kinds import (
    FeaturesRequest as FeaturesRequest,
)
from hangtag.requests.kinds import (
    FinetuneRequest as FinetuneRequest,
)
from hangtag.requests.kinds import (
    FitRequest as FitRequest,
)
from hangtag.requests.kinds import (
    ForestRequest as ForestRequest,
)
from hangtag.requests.kinds import (
    KindRequest as KindRequest,
)
from hangtag.requests.kinds import (
    LinearRequest as LinearRequest,
)
from hangtag.requests.kinds import (
    MixtureRequest as MixtureRequest,
)
from hangtag.requests.kinds import (
    NeighborsRequest as NeighborsRequest,
)
from hangtag.requests.loading import (
    LoadOptions as LoadOptions,
)
from hangtag.requests.loading import (
    Source as Source,
)
from hangtag.requests.looking import (
    AddEncoderRequest as AddEncoderRequest,
)
from hangtag.requests.looking import (
    AuditRequest as AuditRequest,
)
from hangtag.requests.looking import (
    CleanRequest as CleanRequest,
)
from hangtag.requests.looking import (
    DemoRequest as DemoRequest,
)
from hangtag.requests.looking import (
    EmbedRequest as EmbedRequest,
)
from hangtag.requests.looking import (
    ExploreRequest as ExploreRequest,
)
from hangtag.requests.looking import (
    InfoRequest as InfoRequest,
)
from hangtag.requests.looking import (
    SplitRequest as SplitRequest,
)
from hangtag.requests.serving import (
    KeyRequest as KeyRequest,
)
from hangtag.requests.serving import (
    ServeRequest as ServeRequest,
)
from hangtag.requests.shop import (
    ImportRequest as ImportRequest,
)
from hangtag.requests.shop import (
    LearnRequest as LearnRequest,
)
from hangtag.requests.shop import (
    SearchRequest as SearchRequest,
)
from hangtag.requests.shop import (
    TagCatalogRequest as TagCatalogRequest,
)
from hangtag.requests.training import (
    TrainRequest as TrainRequest,
)
from hangtag.requests.training import (
    TuneRequest as TuneRequest,
)
