"""The tables of a catalogue: what a shop sells, what models suggest, what people decide.

Suggestions and decisions are two tables, and rows of the second are never changed: a model cannot
overwrite a person, tagging anew is another run beside the old one, and going back is a pointer.
What holds at the moment is the view ``tag``: the newest decision of a person, else the suggestion
of the run in use, else nothing, which is called unknown. The statements are those that SQLite and
PostgreSQL share.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    column,
    table,
)

VERSION = 5
"""Of the tables; a file of an older version gets what it lacks when it is opened, one of a newer
version is refused."""

APPLICATION = 0x48414E47
"""What SQLite keeps in the file's header to say whose it is: ``HANG``."""

PERSON = "person"
ACCEPTED, REJECTED, CORRECTED, UNDONE = "accepted", "rejected", "corrected", "undone"
VERDICTS = (ACCEPTED, REJECTED, CORRECTED, UNDONE)

metadata = MetaData()

item = Table(
    "item",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("external_id", Text, nullable=False, unique=True),
    Column("group_id", Text, index=True),
    Column("title", Text, nullable=False, default=""),
    Column("price", Float),
    Column("in_stock", Boolean),
    Column("url", Text, nullable=False, default=""),
    Column("attributes", JSON, nullable=False),
    Column("feed_hash", Text, nullable=False),
    Column("deleted_at", Text),
)

photo = Table(
    "picture",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("item", ForeignKey("item.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("uri", Text, nullable=False),
    Column("sha256", Text, nullable=False, index=True),
    # The photo itself where it has no file of its own, such as a row of a table of pixels.
    Column("content", LargeBinary),
    Column("reason", Text, nullable=False, default=""),
    UniqueConstraint("item", "position"),
)

attribute = Table(
    "attribute",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
)

value = Table(
    "value",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("attribute", ForeignKey("attribute.id"), nullable=False),
    Column("label", Text, nullable=False),
    Column("synonyms", JSON, nullable=False, default=list),
    UniqueConstraint("attribute", "label"),
)

encoder = Table(
    "encoder",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("digest", Text, nullable=False, unique=True),
    Column("place", Text, nullable=False),
    Column("width", Integer, nullable=False),
    # The least cosines that are called close, of the nearest item and of further ones; None as
    # long as too few items were embedded.
    Column("close", Float),
    Column("close_others", Float),
)

embedding = Table(
    "embedding",
    metadata,
    Column("picture", ForeignKey("picture.id"), primary_key=True),
    Column("encoder", ForeignKey("encoder.id"), primary_key=True),
    Column("scale", Float, nullable=False),
    Column("vector", LargeBinary, nullable=False),
)

tagging = Table(
    "tagging",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("attribute", ForeignKey("attribute.id"), nullable=False),
    Column("model", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("threshold", Float),
    Column("begun_at", Text, nullable=False),
    Column("in_use", Boolean, nullable=False, default=False),
    UniqueConstraint("attribute", "model", "threshold"),
)
"""A run of tagging: one model over the whole catalogue."""

head = Table(
    "head",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("attribute", ForeignKey("attribute.id"), nullable=False),
    Column("encoder", ForeignKey("encoder.id"), nullable=False),
    Column("digest", Text, nullable=False, unique=True),
    Column("labels", JSON, nullable=False),
    Column("threshold", Float),
    Column("facts", JSON, nullable=False),
    # The last change that its examples could know of.
    Column("until", Integer, nullable=False),
    # Weights as safetensors, which is data only.
    Column("arrays", LargeBinary, nullable=False),
    Column("at", Text, nullable=False),
)
"""What was learned from the catalogue's own examples, on embeddings that are kept."""

suggestion = Table(
    "suggestion",
    metadata,
    Column("tagging", ForeignKey("tagging.id"), primary_key=True),
    Column("item", ForeignKey("item.id"), primary_key=True),
    Column("value", ForeignKey("value.id")),
    Column("probability", Float),
    # Whether the model answers with it, or says "unknown".
    Column("sure", Boolean, nullable=False),
    Column("reason", Text, nullable=False, default=""),
    Index("suggestion_of_item", "item"),
)

decision = Table(
    "decision",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("item", ForeignKey("item.id"), nullable=False),
    Column("attribute", ForeignKey("attribute.id"), nullable=False),
    Column("value", ForeignKey("value.id")),
    Column("verdict", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("undoes", ForeignKey("decision.id"), unique=True),
    CheckConstraint(f"verdict IN {VERDICTS}"),
    Index("decision_of_item", "item", "attribute"),
)

change = Table(
    "change",
    metadata,
    Column("n", Integer, primary_key=True),
    Column("item", ForeignKey("item.id"), nullable=False),
    Column("what", Text, nullable=False),
    Column("at", Text, nullable=False),
    # A number is never given twice, or "since N" would lose what came after.
    sqlite_autoincrement=True,
)

feed = Table(
    "feed",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    # The file as it came, packed: an export gives back its bytes outside the columns of tags.
    Column("content", LargeBinary, nullable=False),
    Column("at", Text, nullable=False),
)

exported = Table(
    "exported",
    metadata,
    Column("feed", ForeignKey("feed.id"), primary_key=True),
    Column("item", Text, primary_key=True),
    Column("attribute", Text, primary_key=True),
    Column("label", Text, nullable=False),
)
"""What an export wrote into a feed, so that a later one can take it out again."""

taxonomy = Table(
    "taxonomy",
    metadata,
    Column("feed", ForeignKey("feed.id"), primary_key=True),
    Column("name", Text, nullable=False),
    Column("release", Text, nullable=False),
)
"""Of which release of which taxonomy the categories of a feed are."""

ready = Table(
    "ready",
    metadata,
    Column("encoder", ForeignKey("encoder.id"), primary_key=True),
    Column("at", Text, nullable=False),
)
"""Encoders that were through the whole catalogue once: a search goes over to the newest of them."""

metric = Table(
    "metric",
    metadata,
    Column("encoder", ForeignKey("encoder.id"), primary_key=True),
    # As safetensors, which is data only.
    Column("arrays", LargeBinary, nullable=False),
)
"""What a search measures by, of encoders whose models learned one; see ``geometry/metric.py``."""

ADDED = {2: (head,), 3: (taxonomy,), 4: (ready,), 5: (metric,)}
"""Tables by the version that brought them, for files that are older."""

FILLED = {
    4: """
    INSERT INTO ready SELECT encoder, '' FROM embedding GROUP BY encoder
    HAVING COUNT(*) = (SELECT MAX(n) FROM (SELECT COUNT(*) AS n FROM embedding GROUP BY encoder))
"""
}
"""What goes into such a table, by version: who has embedded the most was not ended on the way."""

tag = table(
    "tag", column("item"), column("attribute"), column("value"), column("probability"),
    column("source"),
)  # fmt: skip
"""The view of what holds, see :data:`VIEWS`."""

VIEWS = {
    # A decision that was not undone.
    "standing": """
        SELECT * FROM decision AS d
        WHERE d.verdict <> 'undone'
          AND NOT EXISTS (SELECT 1 FROM decision AS u WHERE u.undoes = d.id)
    """,
    # What people say of an item: their newest word, if that names a value.
    "said": """
        SELECT s.item, s.attribute, s.value, s.id AS decision FROM standing AS s
        WHERE s.verdict IN ('accepted', 'corrected')
          AND s.id = (SELECT MAX(t.id) FROM standing AS t
                      WHERE t.item = s.item AND t.attribute = s.attribute)
    """,
    "tag": """
        SELECT said.item, said.attribute, said.value, 1.0 AS probability, 'person' AS source
        FROM said
        UNION ALL
        SELECT g.item, r.attribute, g.value, g.probability, 'model' AS source
        FROM suggestion AS g JOIN tagging AS r ON r.id = g.tagging
        WHERE r.in_use AND g.sure
          AND NOT EXISTS (SELECT 1 FROM said
                          WHERE said.item = g.item AND said.attribute = r.attribute)
          AND NOT EXISTS (SELECT 1 FROM standing AS n
                          WHERE n.item = g.item AND n.attribute = r.attribute
                            AND n.verdict = 'rejected' AND n.value = g.value)
    """,
}
"""By name, each made of those before it."""
