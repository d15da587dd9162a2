"""A respondent's own copy: every question they met with what they sent, for nobody else."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from surveyapp.questionnaires import answers, rules, telling
from surveyapp.questionnaires.answers import Unit
from surveyapp.questionnaires.definition import Grid, Item, Questionnaire
from surveyapp.questionnaires.values import COMMENT, Answers
from surveyapp.reports.handouts.drawing import look
from surveyapp.reports.handouts.stating import direction, locale_of
from surveyapp.reports.words import Words

_TEMPLATE: Final = "answers.html"


@dataclass(frozen=True, slots=True)
class Line:
    """What was asked, and what was said; None: nothing."""

    question: str
    said: str | None

    @property
    def direction(self) -> str:
        """Which way the answer is written."""
        return direction(self.said or "")


@dataclass(frozen=True, slots=True)
class Group:
    """Lines under one heading: the rows of a grid, or one question without a heading."""

    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """One section with what was answered in it."""

    title: str
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """Whose answers, about whom, and when they were sent."""

    asker: str
    data_note: str
    contract: str
    """What is promised, in a sentence."""
    person: str
    them: str
    sent_at: datetime
    is_by_interviewer: bool
    is_severed: bool
    """Whether some answers are left out because nobody can tell any more whose they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerSheet:
    """Everything the copy says."""

    locale: str
    """Of its own words."""
    language: str
    """Of the questionnaire's texts."""
    about: About
    title: str
    version: int
    parts: tuple[Part, ...]
    has_missing_signs: bool = False
    """Whether signs were typed that the server has no letters for."""

    @property
    def direction(self) -> str:
        """Which way the questionnaire is written."""
        return direction(self.title)

    def to_html(self) -> str:
        """Draw it."""
        return look().fill(_TEMPLATE, self.locale, sheet=self)

    def with_missing_signs(self) -> "AnswerSheet":
        """Return it with a word about the boxes in it."""
        return replace(self, has_missing_signs=True)


def copied(
    questionnaire: Questionnaire, path: rules.Path, about: About, *, without: Collection[str] = ()
) -> AnswerSheet:
    """Set out the questions on a path with their answers; items named in ``without`` are left out."""
    words = Words(locale_of(questionnaire.language))
    parts = (
        Part(
            page.section.title,
            tuple(
                _group(questionnaire, item, path.answers, words)
                for item in page.items
                if item.id not in without
            ),
        )
        for page in path.pages
    )
    return AnswerSheet(
        locale=words.locale,
        language=questionnaire.language,
        about=about,
        title=questionnaire.title,
        version=questionnaire.version,
        parts=tuple(part for part in parts if part.groups),
    )


def _group(questionnaire: Questionnaire, item: Item, kept: Answers, words: Words) -> Group:
    title = (item.text or "") if isinstance(item, Grid) else ""
    return Group(title, tuple(_lines(questionnaire, item, kept, words)))


def _lines(questionnaire: Questionnaire, item: Item, kept: Answers, words: Words) -> Iterator[Line]:
    for unit in answers.answerable(questionnaire, item):
        yield _line(unit, unit.text, kept, words)
    for unit in answers.said(questionnaire, item):
        if unit.id in kept:
            asked = words.say("Comment") if unit.said_with == COMMENT else unit.text
            yield _line(unit, asked, kept, words)


def _line(unit: Unit, asked: str, kept: Answers, words: Words) -> Line:
    value = kept.get(unit.id)
    return Line(asked, None if value is None else telling.in_words(unit, value, words.locale))
