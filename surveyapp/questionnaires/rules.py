"""The path through a questionnaire: what is shown and required, computed from the answers each time.

Three-valued: an expression that needs an answer which is not there is unknown, and unknown neither
shows nor requires anything. Answers of hidden items count as not given, in every expression.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from surveyapp.questionnaires.definition import Calculated, Item, Questionnaire, Section
from surveyapp.questionnaires.evaluation import UNKNOWN, Result, Unknown, evaluate
from surveyapp.questionnaires.expressions import Expression
from surveyapp.questionnaires.repeating import expanded
from surveyapp.questionnaires.values import COMMENT, NO_SOURCES, Answers, Sources, Value, said_id

__all__ = [
    "UNKNOWN",
    "Page",
    "Path",
    "Result",
    "Unknown",
    "chosen",
    "evaluate",
    "holds",
    "is_required",
    "is_visible",
    "next_on",
    "next_section",
    "path",
    "previous_on",
    "previous_section",
    "visible_items",
    "visible_sections",
]


@dataclass(frozen=True, slots=True)
class Page:
    """A section that is shown, with those of its items that are."""

    section: Section
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Path:
    """What a respondent with these answers sees, and the answers that count."""

    pages: tuple[Page, ...]
    answers: dict[str, Value]


def path(q: Questionnaire, answers: Answers, sources: Sources = NO_SOURCES) -> Path:
    """Walk the questionnaire in order, keeping the answers of shown items only.

    Repeated sections are written out. A section without any shown item is left out. Calculated values
    stand among the answers.
    """
    pages: list[Page] = []
    kept: dict[str, Value] = {}
    for section in expanded(q).sections:
        if not holds(section.visible_if, kept, sources):
            continue
        items: list[Item] = []
        for item in section.items:
            if not holds(item.visible_if, kept, sources):
                continue
            if isinstance(item, Calculated):
                kept.update(_calculated(item, kept, sources))
            else:
                items.append(item)
                kept.update(_counting(item, answers))
        if items:
            pages.append(Page(section, tuple(items)))
    return Path(tuple(pages), kept)


def _counting(item: Item, answers: Answers) -> dict[str, Value]:
    """Return an item's answers with the words that belong to them; not what another option said."""
    about = {COMMENT, *chosen(answers.get(item.id))}
    ids = [*item.answer_ids, *(said_id(item.id, each) for each in sorted(about))]
    return {key: answers[key] for key in ids if key in answers}


def _calculated(item: Calculated, kept: Answers, sources: Sources) -> dict[str, Value]:
    """Return the value under the item's name; nothing while it is unknown."""
    value = evaluate(item.calculate, kept, sources)
    is_kept = isinstance(value, int | float | str) and not isinstance(value, bool)
    return {item.id: value} if is_kept else {}  # type: ignore[dict-item] # mypy cannot follow the line before


def chosen(value: Value | None) -> frozenset[str]:
    """Return the codes of the options an answer chooses."""
    if isinstance(value, str):
        return frozenset({value})
    return frozenset(value) if isinstance(value, list) else frozenset()


def visible_sections(
    q: Questionnaire, answers: Answers, sources: Sources = NO_SOURCES
) -> list[Section]:
    """List the sections on the path, in order."""
    return [page.section for page in path(q, answers, sources).pages]


def visible_items(
    q: Questionnaire, section: Section, answers: Answers, sources: Sources = NO_SOURCES
) -> list[Item]:
    """List the items of a section that are on the path; none when the section is not."""
    for page in path(q, answers, sources).pages:
        if page.section.id == section.id:
            return list(page.items)
    return []


def is_visible(
    q: Questionnaire, item: Item, answers: Answers, sources: Sources = NO_SOURCES
) -> bool:
    """Tell whether the item is on the path."""
    return any(
        shown.id == item.id for page in path(q, answers, sources).pages for shown in page.items
    )


def is_required(way: Path, item: Item, sources: Sources = NO_SOURCES) -> bool:
    """Tell whether the item, if it is shown, must be answered on this path; "no basis" answers it."""
    return bool(item.required) or holds(item.required_if, way.answers, sources, otherwise=False)


def next_section(
    q: Questionnaire, answers: Answers, after: str | None, sources: Sources = NO_SOURCES
) -> Section | None:
    """Return the first shown section after the one named (None: from the start); None at the end."""
    return next_on(path(q, answers, sources), q, after)


def next_on(way: Path, q: Questionnaire, after: str | None) -> Section | None:
    """Return the same on a path that was walked already."""
    q = expanded(q)
    start = 0 if after is None else _position(q, after) + 1
    later = {section.id for section in q.sections[start:]}
    return _first([page.section for page in way.pages], later)


def previous_section(
    q: Questionnaire, answers: Answers, before: str, sources: Sources = NO_SOURCES
) -> Section | None:
    """Return the last shown section before the one named; None at the start."""
    return previous_on(path(q, answers, sources), q, before)


def previous_on(way: Path, q: Questionnaire, before: str) -> Section | None:
    """Return the same on a path that was walked already."""
    q = expanded(q)
    earlier = {section.id for section in q.sections[: _position(q, before)]}
    return _first([page.section for page in reversed(way.pages)], earlier)


def _first(sections: Sequence[Section], wanted: set[str]) -> Section | None:
    return next((section for section in sections if section.id in wanted), None)


def _position(q: Questionnaire, section_id: str) -> int:
    for position, section in enumerate(q.sections):
        if section.id == section_id:
            return position
    raise KeyError(section_id)


def holds(
    rule: Expression | None, answers: Answers, sources: Sources, *, otherwise: bool = True
) -> bool:
    """Tell whether a rule is true; unknown is not. Without a rule the answer is ``otherwise``."""
    return otherwise if rule is None else evaluate(rule, answers, sources) is True
