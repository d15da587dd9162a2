"""Answers: what may be answered, how raw input is read, and what is still missing.

The web form, the API, the importer and golden.json all come through ``parse`` and ``problem``, so
every rule and every sentence about an answer has its home here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from surveyapp.questionnaires import rules
from surveyapp.questionnaires.definition import (
    Date,
    Escape,
    Grid,
    Item,
    LongText,
    MultipleChoice,
    Number,
    Option,
    Questionnaire,
    Rating,
    Recommendation,
    Scale,
    ShortText,
    SingleChoice,
)
from surveyapp.questionnaires.reading import (
    AnswerError,
    read_choice,
    read_choices,
    read_date,
    read_number,
    read_point,
    read_text,
)
from surveyapp.questionnaires.values import (
    NO_SOURCES,
    Answers,
    Sources,
    Value,
    escape,
    is_escape,
)

__all__ = [
    "ANSWER_REQUIRED",
    "Answers",
    "Missing",
    "Sources",
    "Unit",
    "Value",
    "answerable",
    "escape",
    "is_escape",
    "missing",
    "on_path",
    "parse",
    "problem",
    "units",
]

ANSWER_REQUIRED: Final = "Please answer this question."
Translate = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Unit:
    """One answerable thing: an item, or a row of a grid, with all that a page or a rule needs."""

    id: str
    item: Item
    text: str
    short: str
    """At most 40 characters where the author gave one, else the whole text; for charts and tables."""
    reverse: bool = False
    points: tuple[int, ...] = ()
    """The numbers that can be ticked; empty where the answer is no point."""
    labels: tuple[tuple[int, str], ...] = ()
    options: tuple[Option, ...] = ()
    escape: Escape | None = None


@dataclass(frozen=True, slots=True)
class Missing:
    """A required answer that is not there yet."""

    section_id: str
    id: str
    text: str


def answerable(q: Questionnaire, item: Item) -> list[Unit]:
    """List what an item asks: itself, or each row of a grid."""
    match item:
        case Grid():
            scale = q.scale(item.scale)
            return [
                _on_scale(row.id, item, row.text, row.short, scale, reverse=row.reverse)
                for row in item.rows
            ]
        case Rating():
            scale = q.scale(item.scale)
            return [_on_scale(item.id, item, item.text, item.short, scale, reverse=item.reverse)]
        case Recommendation():
            points = tuple(range(item.LOWEST, item.HIGHEST + 1))
            ends = ((item.LOWEST, item.low), (item.HIGHEST, item.high))
            labels = tuple((point, label) for point, label in ends if label)
            return [_unit(item, item.text, points=points, labels=labels, way_out=item.escape)]
        case SingleChoice() | MultipleChoice():
            return [_unit(item, item.text, options=item.options, way_out=item.escape)]
        case Number() | Date() | ShortText() | LongText():
            return [_unit(item, item.text)]


def _on_scale(
    unit_id: str, item: Item, text: str, short: str | None, scale: Scale, *, reverse: bool
) -> Unit:
    labels = tuple(sorted(scale.labels.items()))
    return Unit(
        unit_id, item, text, short or text, reverse, scale.points, labels, escape=scale.escape
    )


def _unit(
    item: Item,
    text: str,
    *,
    points: tuple[int, ...] = (),
    labels: tuple[tuple[int, str], ...] = (),
    options: tuple[Option, ...] = (),
    way_out: Escape | None = None,
) -> Unit:
    short = item.short or text
    return Unit(
        item.id, item, text, short, points=points, labels=labels, options=options, escape=way_out
    )


def units(q: Questionnaire) -> dict[str, Unit]:
    """List everything that can be answered, by id, in the order it is asked."""
    return {unit.id: unit for _, item in q.items() for unit in answerable(q, item)}


def parse(unit: Unit, raw: object) -> Value | None:  # noqa: PLR0911  # one return a kind
    """Read what a form, a file or the API handed in; None when nothing was answered.

    Reading a value that was read before gives the same value.

    Raises
    ------
    AnswerError
        It is not an answer to this question; the message is ``problem``'s sentence.
    """
    if is_escape(raw) and unit.escape and raw["escape"] == unit.escape.code:
        return escape(unit.escape.code)
    if isinstance(raw, dict):
        raise AnswerError("Choose one of the answers offered.")
    if unit.escape and raw in (unit.escape.code, [unit.escape.code]):
        return escape(unit.escape.code)
    match unit.item:
        case Rating() | Grid() | Recommendation():
            return read_point(unit.points, raw)
        case SingleChoice():
            return read_choice(unit.options, raw)
        case MultipleChoice():
            return read_choices(unit.options, unit.escape, raw)
        case Number():
            return read_number(unit.item, raw)
        case Date():
            return read_date(raw)
        case ShortText() | LongText():
            return read_text(unit.item, raw)


def problem(unit: Unit, raw: object, *, translate: Translate = str) -> str | None:
    """Say in a sentence what is wrong with the raw answer, or None; an empty answer is no problem.

    ``translate`` turns the sentence's pattern into the reader's language before figures are set in.
    """
    try:
        parse(unit, raw)
    except AnswerError as error:
        return error.sentence(translate)
    return None


def missing(q: Questionnaire, answers: Answers, sources: Sources = NO_SOURCES) -> list[Missing]:
    """List the required answers that are not there, on the path only; "no basis" is an answer."""
    path = rules.path(q, answers, sources)
    return [
        Missing(page.section.id, unit.id, unit.text)
        for page in path.pages
        for item in page.items
        if rules.is_required(q, item, answers, sources)
        for unit in answerable(q, item)
        if unit.id not in path.answers
    ]


def on_path(q: Questionnaire, answers: Answers, sources: Sources = NO_SOURCES) -> dict[str, Value]:
    """Keep the answers that count: those of items shown on the path the answers themselves make."""
    return rules.path(q, answers, sources).answers
