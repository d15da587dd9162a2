"""Show a questionnaire as plain text, the way a respondent meets it and with its rules beside it."""

import textwrap
from collections.abc import Iterator
from typing import Final

from surveyapp.questionnaires.answers import Unit, answerable
from surveyapp.questionnaires.definition import Questionnaire, Section
from surveyapp.questionnaires.expressions import Expression, to_text
from surveyapp.questionnaires.file_kinds import in_words
from surveyapp.questionnaires.items import (
    Assured,
    Calculated,
    Date,
    File,
    Grid,
    Item,
    LongText,
    MultipleChoice,
    Number,
    Ranking,
    Rating,
    Recommendation,
    Scored,
    ShortText,
    SingleChoice,
)
from surveyapp.questionnaires.wording import locales

WIDTH: Final = 88


def preview(q: Questionnaire) -> str:
    """Write the questionnaire out: sections, items with what can be ticked, conditions, scoring."""
    return "\n".join([*_head(q), *_body(q), *_scoring(q)]) + "\n"


def _head(q: Questionnaire) -> Iterator[str]:
    yield f"{q.title}"
    yield f"{q.id} version {q.version} · {q.purpose} · {q.anonymity} · about {q.minutes} min"
    # a localised questionnaire is in one language: the one its texts are now in
    languages = [q.language] if q.language in q.translations else locales(q)
    yield f"for {', '.join(q.views)} · in {', '.join(languages)} · {q.licence}"
    if q.introduction:
        yield ""
        yield from _wrap(q.introduction, 0)


def _body(q: Questionnaire) -> Iterator[str]:
    for number, section in enumerate(q.sections, start=1):
        yield ""
        yield f"{number}. {section.title}  [{section.id}]"
        if section.introduction:
            yield from _wrap(section.introduction, 3)
        yield from _rule("shown if", section.visible_if)
        if section.repeat:
            yield f"     repeated for each of {section.repeat.for_each}, as {section.repeat.as_}"
        if section.random:
            yield "     items in an order of their own for everybody"
        yield from _items(q, section)


def _items(q: Questionnaire, section: Section) -> Iterator[str]:
    for item in section.items:
        yield ""
        yield from _item(q, item)


def _item(q: Questionnaire, item: Item) -> Iterator[str]:
    if item.text:
        yield from _wrap(item.text, 3)
    if item.hint:
        yield from _wrap(f"({item.hint})", 3)
    if isinstance(item, Grid):
        for unit in answerable(q, item):
            mark = "  (reversed)" if unit.reverse else ""
            yield from _wrap(f"- {unit.text}  [{unit.id}]{mark}", 5)
    yield from _wrap(f"→ {_offer(q, item)}", 5)
    yield f"     {' · '.join(_notes(item))}"
    yield from _rule("shown if", item.visible_if)
    yield from _rule("required if", item.required_if)
    yield from _rule("valid if", item.valid_if)
    if item.message:
        yield from _wrap(f"else: {item.message}", 5)


def _offer(q: Questionnaire, item: Item) -> str:  # noqa: PLR0911  # one return a kind
    match item:
        case Rating() | Grid() | Recommendation() | SingleChoice() | MultipleChoice() | Assured():
            return _ticks(answerable(q, item)[0])
        case Ranking():
            return f"places 1 to {item.most} for: {_ticks(answerable(q, item)[0])}"
        case Number():
            bounds = [f"from {item.min}"] if item.min is not None else []
            bounds += [f"to {item.max}"] if item.max is not None else []
            return " ".join(["a number", *bounds, item.unit or ""]).strip()
        case Date():
            return "a date"
        case ShortText():
            return f"one line, up to {item.max_length} characters"
        case File():
            kinds = ", ".join(in_words(item.kinds))
            return f"a file ({kinds}), up to {item.largest} MB"
        case Calculated():
            return f"calculated: {to_text(item.calculate)}"
        case LongText():
            return f"text, up to {item.max_length} characters"


def _ticks(unit: Unit) -> str:
    labels = dict(unit.labels)
    ticks = [f"{point} {labels.get(point, '')}".strip() for point in unit.points]
    ticks += [f"{each.label} ({each.say})" if each.say else each.label for each in unit.options]
    way_out = f"; or: {unit.escape.label}" if unit.escape else ""
    return " | ".join(ticks) + way_out


def _notes(item: Item) -> Iterator[str]:
    yield f"[{item.id}] {item.kind}"
    if isinstance(item, Scored) and item.dimension:
        yield f"measures {item.dimension}"
    if isinstance(item, Rating) and item.reverse:
        yield "reversed"
    if item.required:
        yield "required"
    if getattr(item, "random", None):
        yield "shuffled"
    if item.comment:
        yield "a comment may be added"
    if item.anonymity:
        yield item.anonymity


def _rule(words: str, rule: Expression | None) -> Iterator[str]:
    if rule is not None:
        yield f"     {words}: {to_text(rule)}"


def _scoring(q: Questionnaire) -> Iterator[str]:
    if q.scoring is None:
        return
    yield ""
    yield f"Scoring {q.scoring.method}, levels by {q.scoring.levels.cuts}"
    for dimension in q.dimensions:
        weight = q.scoring.seq.get(dimension.id)
        share = f", {weight:.0%} of SEQ" if weight else ""
        yield f"   {dimension.label}: {dimension.kind}{share}"


def _wrap(text: str, indent: int) -> list[str]:
    space = " " * indent
    return textwrap.wrap(text, WIDTH, initial_indent=space, subsequent_indent=space)
