"""Answers: what may be answered, how raw input is read, and what is still missing.

The web form, the API, the importer and golden.json all come through ``parse`` and ``problem``, so
every rule and every sentence about an answer has its home here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from surveyapp.questionnaires import rules
from surveyapp.questionnaires.definition import (
    Assured,
    Calculated,
    Date,
    Escape,
    File,
    Grid,
    Item,
    LongText,
    MultipleChoice,
    Number,
    Option,
    Questionnaire,
    Ranking,
    Rating,
    Recommendation,
    Scale,
    ShortText,
    SingleChoice,
)
from surveyapp.questionnaires.evaluation import evaluate
from surveyapp.questionnaires.reading import (
    AnswerError,
    read_choice,
    read_choices,
    read_date,
    read_file,
    read_number,
    read_point,
    read_ranking,
    read_text,
)
from surveyapp.questionnaires.repeating import expanded
from surveyapp.questionnaires.values import (
    COMMENT,
    NO_SOURCES,
    Answers,
    Sources,
    Value,
    escape,
    is_escape,
    said_id,
)

__all__ = [
    "ANSWER_REQUIRED",
    "Answers",
    "Missing",
    "Sources",
    "Unit",
    "Value",
    "answerable",
    "disagreeing",
    "escape",
    "is_escape",
    "missing",
    "on_path",
    "parse",
    "problem",
    "said",
    "units",
]

ANSWER_REQUIRED: Final = AnswerError("Please answer this question.").pattern
LINE: Final = ShortText(id="line", kind="short_text", text="?", max_length=300)
REMARK: Final = LongText(id="remark", kind="text", text="?", max_length=2000)
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
    said_with: str = ""
    """For words that belong to an answer: the option's code, or "comment"; else empty."""


@dataclass(frozen=True, slots=True)
class Missing:
    """A required answer that is not there yet, or one that does not agree with others."""

    section_id: str
    id: str
    text: str
    sentence: str = ""
    """What is wrong with an answer that is there; empty where none is."""


def answerable(  # noqa: PLR0911  # one return a kind
    q: Questionnaire, item: Item
) -> list[Unit]:
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
        case SingleChoice() | MultipleChoice() | Ranking():
            return [_unit(item, item.text, options=item.options, way_out=item.escape)]
        case Assured():
            return [_unit(item, item.text, options=_degrees(q))]
        case Calculated():
            return []
        case Number() | Date() | ShortText() | LongText() | File():
            return [_unit(item, item.text)]


def _degrees(q: Questionnaire) -> tuple[Option, ...]:
    """Make the four answers of assured items of the words the questionnaire has for them."""
    if (words := q.assured) is None:
        raise KeyError("assured")
    return (
        Option(code="yes", label=words.yes),
        Option(code="partly", label=words.partly, say=words.missing, must_say=True),
        Option(code="no", label=words.no),
        Option(code="na", label=words.na, say=words.reason, must_say=True),
    )


def said(q: Questionnaire, item: Item) -> list[Unit]:
    """List the words that may be added to an item's answer: options' own lines, and a remark.

    Their ids hold a dot, so no condition can ask for them.
    """
    options = [option for unit in answerable(q, item) for option in unit.options if option.say]
    words = [_said(LINE, item, option.code, str(option.say)) for option in options]
    return [*words, _said(REMARK, item, COMMENT, "Comment")] if item.comment else words


def _said(like: ShortText | LongText, item: Item, about: str, text: str) -> Unit:
    asks = like.model_copy(update={"id": item.id, "text": text, "anonymity": item.anonymity})
    return Unit(said_id(item.id, about), asks, text, text, said_with=about)


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
    """List everything that can be answered, by id, in the order it is asked; repeats written out."""
    whole = expanded(q)
    return {
        unit.id: unit
        for _, item in whole.items()
        for unit in (*answerable(whole, item), *said(whole, item))
    }


def parse(unit: Unit, raw: object) -> Value | None:  # noqa: C901, PLR0911  # one case a kind
    """Read what a form, a file or the API handed in; None when nothing was answered.

    Reading a value that was read before gives the same value.

    Raises
    ------
    AnswerError
        It is not an answer to this question; the message is ``problem``'s sentence.
    """
    if is_escape(raw) and unit.escape and raw["escape"] == unit.escape.code:
        return escape(unit.escape.code)
    if isinstance(raw, dict) and not isinstance(unit.item, File):
        raise AnswerError("Choose one of the answers offered.")
    if unit.escape and raw in (unit.escape.code, [unit.escape.code]):
        return escape(unit.escape.code)
    match unit.item:
        case Rating() | Grid() | Recommendation():
            return read_point(unit.points, raw)
        case SingleChoice() | Assured():
            return read_choice(unit.options, raw)
        case Ranking():
            return read_ranking(unit.options, unit.item.most, unit.escape, raw)
        case MultipleChoice():
            return read_choices(unit.options, unit.escape, raw)
        case Number():
            return read_number(unit.item, raw)
        case Date():
            return read_date(raw)
        case ShortText() | LongText():
            return read_text(unit.item, raw)
        case File():
            return read_file(raw)
        case Calculated():
            raise AnswerError("This is calculated from other answers.")


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
    return missing_on(rules.path(q, answers, sources), q, sources)


def missing_on(path: rules.Path, q: Questionnaire, sources: Sources) -> list[Missing]:
    """List the same on a path that was walked already."""
    return [
        Missing(page.section.id, unit.id, in_full(item, unit))
        for page in path.pages
        for item in page.items
        for unit in _needed(q, item, path.answers, sources)
        if unit.id not in path.answers
    ]


def in_full(item: Item, unit: Unit) -> str:
    """Return what is asked so that it can stand alone: "What is missing?" needs its question before."""
    return f"{item.text} {unit.text}" if unit.said_with and item.text else unit.text


def disagreeing(q: Questionnaire, answers: Answers, sources: Sources = NO_SOURCES) -> list[Missing]:
    """List the answers on the path that their ``valid_if`` says are false; unknown is no objection."""
    return disagreeing_on(rules.path(q, answers, sources), q, sources)


def disagreeing_on(path: rules.Path, q: Questionnaire, sources: Sources) -> list[Missing]:
    """List the same on a path that was walked already."""
    return [
        Missing(page.section.id, asked[0].id, asked[0].text, item.message or "")
        for page in path.pages
        for item in page.items
        if item.valid_if is not None and not path.answers.keys().isdisjoint(item.answer_ids)
        if evaluate(item.valid_if, path.answers, sources) is False
        if (asked := answerable(q, item))
    ]


def _needed(q: Questionnaire, item: Item, kept: Answers, sources: Sources) -> list[Unit]:
    """List what an item on the path needs answered, given the answers that count."""
    is_required = item.required or rules.holds(item.required_if, kept, sources, otherwise=False)
    asked = answerable(q, item)
    insists = {option.code for unit in asked for option in unit.options if option.must_say}
    chosen = rules.chosen(kept.get(item.id))
    words = [unit for unit in said(q, item) if unit.said_with in insists & chosen]
    return [*(asked if is_required else []), *words]


def on_path(q: Questionnaire, answers: Answers, sources: Sources = NO_SOURCES) -> dict[str, Value]:
    """Keep the answers that count: those of items shown on the path the answers themselves make."""
    return rules.path(q, answers, sources).answers
