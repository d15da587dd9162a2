"""The order one person meets: what a questionnaire shuffles, by the seed of the person's assignment."""

import hashlib
from collections.abc import Sequence
from typing import TypeVar

from surveyapp.questionnaires.definition import (
    Grid,
    Item,
    MultipleChoice,
    Questionnaire,
    Ranking,
    Section,
    SingleChoice,
)

_T = TypeVar("_T")


def shuffled(q: Questionnaire, seed: int) -> Questionnaire:
    """Put sections, items and options in this person's order, where the author asks for it.

    The same seed gives the same order in every language, on every visit and after every upgrade.
    """
    sections = [_section(section, seed) for section in q.sections]
    if q.random == "sections":
        sections = _in_order(sections, [section.id for section in sections], seed, "")
    return q.model_copy(update={"sections": tuple(sections)})


def is_shuffled(q: Questionnaire) -> bool:
    """Tell whether the author lets two people meet anything in another order."""
    parts = (q, *q.sections, *(item for _, item in q.items()))
    return any(getattr(part, "random", None) is not None for part in parts)


def _section(section: Section, seed: int) -> Section:
    items = [_item(item, seed) for item in section.items]
    if section.random == "items":
        items = _in_order(items, [item.id for item in items], seed, section.id)
    return section.model_copy(update={"items": tuple(items)})


def _item(item: Item, seed: int) -> Item:
    match item:
        case Grid(random="items"):
            rows = _in_order(item.rows, [row.id for row in item.rows], seed, item.id)
            return item.model_copy(update={"rows": tuple(rows)})
        case (
            SingleChoice(random="options")
            | MultipleChoice(random="options")
            | Ranking(random="options")
        ):
            # "other, please say" is looked for at the end
            free = [option for option in item.options if option.say is None]
            last = [option for option in item.options if option.say is not None]
            free = _in_order(free, [option.code for option in free], seed, item.id)
            return item.model_copy(update={"options": (*free, *last)})
        case _:
            return item


def _in_order(things: Sequence[_T], names: Sequence[str], seed: int, where: str) -> list[_T]:
    """Sort by a hash of the names: no generator whose next version may deal differently."""
    keys = [hashlib.sha256(f"{seed}:{where}:{name}".encode()).digest() for name in names]
    dealt = sorted(range(len(keys)), key=keys.__getitem__)
    return [things[position] for position in dealt]
