"""How far a respondent has come: steps, what is saved, the minutes left."""

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from surveyapp.questionnaires import rules
from surveyapp.questionnaires.definition import Section
from surveyapp.questionnaires.timing import seconds
from surveyapp.services.responses import Answering


@dataclass(frozen=True, slots=True)
class Step:
    """One section on the way."""

    number: int
    section: Section
    state: Literal["saved", "current", "open"]


@dataclass(frozen=True, slots=True)
class Progress:
    """What the respondent reads about the way: where, how long still, what is safe."""

    steps: tuple[Step, ...]
    number: int
    minutes_left: int
    saved_numbers: tuple[int, ...]
    saved_at: datetime | None


def path_of(answering: Answering) -> rules.Path:
    """Walk the questionnaire with everything answered so far."""
    return answering.path


def is_passed(answering: Answering, section_id: str) -> bool:
    """Tell whether a section was saved and left by its button, not only while it was filled in."""
    saved = answering.saved.get(section_id)
    return saved is not None and saved.is_passed


def progress(answering: Answering, current: str | None = None) -> Progress:
    """Describe the way as seen from a section, or from the review page (None)."""
    pages = path_of(answering).pages
    steps = tuple(
        Step(number, page.section, _state(answering, page.section, current))
        for number, page in enumerate(pages, start=1)
    )
    saved = [step for step in steps if is_passed(answering, step.section.id)]
    here = next((step.number for step in steps if step.section.id == current), len(steps))
    return Progress(
        steps=steps,
        number=here,
        minutes_left=_minutes_left(answering, pages, current),
        saved_numbers=tuple(step.number for step in saved),
        saved_at=max((answering.saved[step.section.id].saved_at for step in saved), default=None),
    )


def _state(
    answering: Answering, section: Section, current: str | None
) -> Literal["saved", "current", "open"]:
    if section.id == current:
        return "current"
    return "saved" if is_passed(answering, section.id) else "open"


def _minutes_left(answering: Answering, pages: tuple[rules.Page, ...], current: str | None) -> int:
    """Share the author's minutes out by what is still to be answered."""
    shares = {page.section.id: sum(map(seconds, page.items)) for page in pages}
    left = sum(
        share
        for section_id, share in shares.items()
        if section_id == current or not is_passed(answering, section_id)
    )
    return math.ceil(answering.questionnaire.minutes * left / max(sum(shares.values()), 1))
