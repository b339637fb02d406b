"""Every family: a line in a table, a file of that name, and whatever lists the family has it."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from hangtag import families
from hangtag.cli import app
from hangtag.errors import OptionError
from hangtag.families import CLUSTERERS, PROJECTIONS, Family, Member
from hangtag.rooms.cluster import METHODS as CLUSTERING
from hangtag.rooms.reduce import METHODS as REDUCING
from hangtag.study import recipe

ROOT = Path(__file__).parents[1]
TABLES = {
    "reduce": (PROJECTIONS, REDUCING, "reduce"),
    "cluster": (CLUSTERERS, CLUSTERING, "cluster"),
}
EACH = [(verb, name) for verb, (table, _, _) in TABLES.items() for name in table]


@pytest.mark.parametrize(("verb", "name"), EACH)
def test_each_member_is_in_help_guide_and_the_schema_of_studies(verb, name):
    table, _, page = TABLES[verb]
    shown = CliRunner().invoke(app, [verb, "--help"], env={"COLUMNS": "400"}).output
    assert name in shown
    assert f"`{name}`" in (ROOT / f"docs/guide/{page}.md").read_text()
    assert f'"{name}"' in str(recipe.schema()).replace("'", '"')
    assert table[name].title
    assert not table[name].about.endswith(".")


@pytest.mark.parametrize(("verb", "name"), EACH)
def test_each_member_has_a_file_of_its_name_and_options_with_defaults(verb, name):
    _, family, _ = TABLES[verb]
    assert (ROOT / f"src/hangtag/rooms/{verb}/{name}.py").is_file()
    assert not any(value.__class__.__name__ == "type" for value in family[name].options.values())


def test_a_name_that_is_not_there_gets_the_nearest_one():
    with pytest.raises(OptionError, match="no method called 'kmean'") as refused:
        CLUSTERING.called("kmean")
    assert "did you mean 'kmeans'?" in refused.value.hint
    assert "nothing" not in CLUSTERING
    with pytest.raises(KeyError):
        CLUSTERING["nothing"]


def test_a_family_imports_only_what_is_taken():
    taken: list[str] = []
    some = Family(
        {"a": Member("A", "first"), "b": Member("B", "second")}, lambda n: taken.append(n)
    )
    assert list(some) == ["a", "b"]
    assert len(some) == 2
    assert families.listed(some.members) == "a (first), b (second)"
    assert taken == []
    assert some["b"] is None
    assert taken == ["b"]
