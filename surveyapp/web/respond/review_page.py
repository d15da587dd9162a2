"""The review page: every question on the path with its answer in words, and what is still needed."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from flask import render_template
from flask_babel import gettext as _

from surveyapp.questionnaires import answers, rules
from surveyapp.questionnaires.answers import Missing, Unit
from surveyapp.questionnaires.definition import Grid, Item, Questionnaire, Section
from surveyapp.questionnaires.values import COMMENT, Answers
from surveyapp.services import contract
from surveyapp.services.responses import Answering
from surveyapp.web.respond import page_tokens
from surveyapp.web.respond.progress import path_of, progress
from surveyapp.web.respond.section_page import frame
from surveyapp.web.respond.words import in_words

NAME: Final = "review"
"""What the page's token calls it, where a section's has the section's id."""


@dataclass(frozen=True, slots=True)
class Line:
    """One question: what was asked, what was said (None: nothing), whether it must be answered."""

    question: str
    said: str | None
    is_missing: bool
    objection: str = ""
    """What is wrong with the answer that is there."""


@dataclass(frozen=True, slots=True)
class Group:
    """Lines under one heading: the rows of a grid, or one question without a heading."""

    title: str | None
    lines: list[Line]


@dataclass(frozen=True, slots=True)
class Part:
    """One section with what was answered in it."""

    section: Section
    groups: list[Group]


def render(answering: Answering, *, is_refused: bool = False, is_unchecked: bool = False) -> str:
    """Render the page; ``is_refused`` says that it could not be sent as it stands."""
    missing = _gaps(answering)
    path = path_of(answering)
    return render_template(
        "respond/review.html",
        **frame(answering),
        parts=parts(answering.questionnaire, path, missing),
        can_correct=contract.keeps_corrections(answering.questionnaire),
        is_correction=answering.assignment.reopened_at is not None,
        missing=missing,
        is_refused=is_refused,
        is_unchecked=is_unchecked,
        progress=progress(answering),
        page_token=page_tokens.make(answering.assignment.slug, NAME, version=0),
    )


def _gaps(answering: Answering) -> list[Missing]:
    given = path_of(answering), answering.questionnaire, answering.sources
    return answers.missing_on(*given) + answers.disagreeing_on(*given)


def parts(
    questionnaire: Questionnaire,
    path: rules.Path,
    missing: Sequence[Missing] = (),
    *,
    without: Collection[str] = (),
) -> list[Part]:
    """Set out the questions on a path, section by section, with what was answered.

    Items named in ``without`` are left out.
    """
    gaps = {gap.id: gap for gap in missing}
    return [
        Part(
            page.section,
            [
                _group(questionnaire, item, path.answers, gaps)
                for item in page.items
                if item.id not in without
            ],
        )
        for page in path.pages
    ]


def _group(
    questionnaire: Questionnaire, item: Item, kept: Answers, gaps: Mapping[str, Missing]
) -> Group:
    asked = answers.answerable(questionnaire, item)
    words = [
        unit for unit in answers.said(questionnaire, item) if unit.id in kept or unit.id in gaps
    ]
    lines = [_line(unit, kept, gaps) for unit in (*asked, *words)]
    return Group(item.text if isinstance(item, Grid) else None, lines)


def _line(unit: Unit, kept: Answers, gaps: Mapping[str, Missing]) -> Line:
    value = kept.get(unit.id)
    said = None if value is None else in_words(unit, value)
    question = _("Comment") if unit.said_with == COMMENT else unit.text
    gap = gaps.get(unit.id)
    return Line(question, said, gap is not None, gap.sentence if gap else "")
