"""Fine-tuning: a network trained elsewhere and photographs go in, new last stages come out."""

from __future__ import annotations

from hangtag.rooms.finetune.kept import Kept, Stand
from hangtag.rooms.finetune.parts import Parts, answering, divided, with_weights
from hangtag.rooms.finetune.training import HEAD, Epoch, Lesson, Recipe, cores, epochs
from hangtag.rooms.finetune.views import Album, Views

__all__ = [
    "HEAD",
    "Album",
    "Epoch",
    "Kept",
    "Lesson",
    "Parts",
    "Recipe",
    "Stand",
    "Views",
    "answering",
    "cores",
    "divided",
    "epochs",
    "with_weights",
]
