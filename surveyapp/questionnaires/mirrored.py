"""A made-up language that runs from right to left: English told backwards, to see that pages hold.

Nobody reads it. An operator who translates into Arabic or Hebrew, or changes a page, turns it on.
"""

import re
from typing import Final

from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.questionnaires.texts import rewritten

LANGUAGE: Final = "ar-XB"
"""The tag that programs commonly give to a made-up language from right to left."""

_KEPT: Final = re.compile(r"(%\(\w+\)[sd]|%%|\{\{.*?\}\}|\{\w+\}|\s+)")
_BEFORE, _AFTER = "\u200f\u202e", "\u202c\u200f"
"""A mark, an override, and their ends: without the marks a sign beside a name would change sides."""


def text(plain: str) -> str:
    """Return a text each word of which is shown from right to left; placeholders stay as they are."""
    parts = _KEPT.split(plain)
    return "".join(
        part if position % 2 or not part else f"{_BEFORE}{part}{_AFTER}"
        for position, part in enumerate(parts)
    )


def questionnaire(q: Questionnaire) -> Questionnaire:
    """Return a questionnaire with all its words turned round; ids, codes and rules stay."""
    return rewritten(q, text).model_copy(update={"language": LANGUAGE})
