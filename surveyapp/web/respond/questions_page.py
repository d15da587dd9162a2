"""Every question before the first is answered: to be read, printed, or talked over with a colleague."""

from dataclasses import dataclass

from flask import render_template
from flask_babel import gettext as _

from surveyapp.clock import utcnow
from surveyapp.extensions import db
from surveyapp.models.handouts import QuestionList
from surveyapp.questionnaires import answers
from surveyapp.questionnaires.answers import Unit
from surveyapp.questionnaires.definition import (
    Calculated,
    Date,
    File,
    Grid,
    Item,
    MultipleChoice,
    Number,
    Questionnaire,
    Ranking,
)
from surveyapp.questionnaires.repeating import expanded
from surveyapp.questionnaires.telling import AnswersInWords
from surveyapp.questionnaires.wording import addressed
from surveyapp.services import definitions, facts, links, question_lists
from surveyapp.services.invitations import Opened
from surveyapp.services.responses import Answering
from surveyapp.web import languages
from surveyapp.web.respond import start_page
from surveyapp.web.respond.section_page import frame


@dataclass(frozen=True, slots=True)
class Question:
    """One item as it is read beforehand."""

    text: str
    hint: str
    how: str
    """How it is answered, in words."""
    rows: tuple[str, ...]
    options: tuple[str, ...]
    is_conditional: bool


@dataclass(frozen=True, slots=True)
class Part:
    """One section."""

    title: str
    introduction: str
    is_conditional: bool
    questions: list[Question]


def of_link(opened: Opened, *, token: str) -> str:
    """Render the list for somebody who has not started; it names the first of several companies."""
    assignments = sorted(opened.assignments, key=lambda each: start_page.them(opened, each))
    names = links.names_for(opened.wave, assignments[0].relationship)
    questionnaire = definitions.load(
        assignments[0].questionnaire_version, start_page.language(opened)
    )
    sources = facts.asked(
        db.session(), questionnaire, assignments[0], assignments[0].relationship, at=utcnow()
    )
    told = AnswersInWords(questionnaire, names, {}, sources)
    return render_template(
        "respond/questions_of_link.html",
        asker=opened.programme.asker,
        data_note=opened.programme.data_note,
        names=names,
        others=[start_page.them(opened, each) for each in assignments[1:]],
        parts=parts(addressed(expanded(questionnaire), names, told)),
        has_file=file_of_link(opened) is not None,
        content_language=questionnaire.language,
        languages=languages.at_link(opened.wave),
        token=token,
    )


def of_assignment(answering: Answering) -> str:
    """Render the list for somebody on the way."""
    return render_template(
        "respond/questions.html",
        **frame(answering),
        parts=parts(answering.questionnaire),
        has_file=file_of_assignment(answering) is not None,
    )


def file_of_link(opened: Opened) -> QuestionList | None:
    """Return the PDF of the same in the language of the page, once it is made."""
    version = opened.assignments[0].questionnaire_version
    spoken = start_page.language(opened)
    return question_lists.find(db.session(), opened.wave, opened.programme, version, spoken)


def file_of_assignment(answering: Answering) -> QuestionList | None:
    """Return the same for somebody on the way."""
    return question_lists.find(
        db.session(),
        answering.wave,
        answering.programme,
        answering.assignment.questionnaire_version,
        answering.questionnaire.language,
    )


def parts(questionnaire: Questionnaire) -> list[Part]:
    """Set out every question there is, also those that only some answers bring up."""
    return [
        Part(
            section.title,
            section.introduction or "",
            section.visible_if is not None,
            [
                _question(questionnaire, item)
                for item in section.items
                if not isinstance(item, Calculated)
            ],
        )
        for section in questionnaire.sections
    ]


def _question(questionnaire: Questionnaire, item: Item) -> Question:
    units = answers.answerable(questionnaire, item)
    is_grid = isinstance(item, Grid)
    return Question(
        text=item.text or "",
        hint=item.hint or "",
        how=_how(units[0]),
        rows=tuple(unit.text for unit in units) if is_grid else (),
        options=tuple(option.label for option in units[0].options),
        is_conditional=item.visible_if is not None,
    )


def _how(unit: Unit) -> str:
    escape = unit.escape.label if unit.escape else ""
    if unit.points:
        said = _scale(unit)
    elif unit.options:
        said = {
            MultipleChoice: _("Choose any of these"),
            Ranking: _("Put these in order"),
        }.get(type(unit.item), _("Choose one of these"))
    else:
        said = {
            Number: _("A number"),
            Date: _("A date"),
            File: _("A file"),
        }.get(type(unit.item), _("In your own words"))
    if escape:
        return str(_("%(how)s, or: %(escape)s", how=said, escape=escape))
    return str(said)


def _scale(unit: Unit) -> str:
    labels, first, last = dict(unit.labels), unit.points[0], unit.points[-1]
    return str(
        _(
            "%(first)s (%(low)s) to %(last)s (%(high)s)",
            first=first,
            low=labels.get(first, ""),
            last=last,
            high=labels.get(last, ""),
        )
    )
