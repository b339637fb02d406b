"""Studies: a recipe goes in, every step of it is carried out, one report comes out.

A recipe is a list of workbench verbs with their options and the figures a document reports.
``recipe`` reads it, ``steps`` has a file per verb, ``running`` carries them out and keeps what came
of each (``kept``), ``compared`` puts the document's figures beside ours, ``cautions`` says what not
to believe. The recipes that come with Hangtag are in ``hangtag/studies``.
"""

from __future__ import annotations

from hangtag.study.recipe import Recipe, as_yaml, named, open_recipe, schema
from hangtag.study.running import Study, run

__all__ = ["Recipe", "Study", "as_yaml", "named", "open_recipe", "run", "schema"]
