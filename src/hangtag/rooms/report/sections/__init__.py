"""Facts in, a section's variables out: one file here and one template of the same name each.

To add a section: ``sections/NAME.py`` with a ``SECTION``, ``templates/sections/NAME.html`` with how
it looks, and one line in :data:`SECTIONS`, whose order is that of the page.
"""

from hangtag.rooms.report.sections import (
    calibration,
    candidates,
    cautions,
    classes,
    confusion,
    data,
    learning,
    mistakes,
    network,
    pairs,
    per_class,
    ranking,
    reading,
    reproduce,
    samples,
    unknown,
)
from hangtag.rooms.report.sections.section import Section

SECTIONS: tuple[Section, ...] = (
    cautions.SECTION,
    data.SECTION,
    classes.SECTION,
    samples.SECTION,
    learning.SECTION,
    confusion.SECTION,
    pairs.SECTION,
    mistakes.SECTION,
    per_class.SECTION,
    ranking.SECTION,
    calibration.SECTION,
    unknown.SECTION,
    network.SECTION,
    candidates.SECTION,
    reproduce.SECTION,
    reading.SECTION,
)

__all__ = ["SECTIONS", "Section"]
