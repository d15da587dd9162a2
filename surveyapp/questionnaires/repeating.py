"""Repeated sections, written out: one section for each option that may be chosen, shown when it is.

What comes out is a plain questionnaire without ``repeat``, so that paths, forms, pages and the browser
need to know nothing of it. Ids get the option's code behind an @: ``speed@berlin``.
"""

from typing import Final

from surveyapp.questionnaires.definition import Grid, Item, Questionnaire, Repeat, Section
from surveyapp.questionnaires.expressions import (
    Answer,
    Call,
    Expression,
    Junction,
    Listing,
    renamed,
)
from surveyapp.questionnaires.items import MultipleChoice, Option
from surveyapp.questionnaires.texts import Labels, piped

_RULES: Final = ("visible_if", "required_if", "valid_if", "calculate")


def expanded(q: Questionnaire) -> Questionnaire:
    """Write every repeated section out; a questionnaire without any stays as it is."""
    if all(section.repeat is None for section in q.sections):
        return q
    chosen_from = {item.id: item for _, item in q.items() if isinstance(item, MultipleChoice)}
    sections: list[Section] = []
    for section in q.sections:
        if section.repeat is None:
            sections.append(section)
        else:
            options = chosen_from[section.repeat.for_each].options
            sections += [_about(section, section.repeat, option) for option in options]
    return q.model_copy(update={"sections": tuple(sections)})


def instance_id(name: str, code: str) -> str:
    """Return what an id of a repeated section becomes for one option."""
    return f"{name}@{code}"


def _about(section: Section, repeat: Repeat, option: Option) -> Section:
    names = {
        name: instance_id(name, option.code)
        for item in section.items
        for name in {item.id, *item.answer_ids}
    }
    is_chosen: Expression = Call(
        function="any_of", arguments=(Answer(id=repeat.for_each), Listing(values=(option.code,)))
    )
    if section.visible_if is not None:
        is_chosen = Junction(node="and", parts=(is_chosen, section.visible_if))
    told = piped(section, {repeat.as_: option.label})
    return told.model_copy(
        update={
            "id": instance_id(section.id, option.code),
            "repeat": None,
            "visible_if": is_chosen,
            "items": tuple(_item(item, names) for item in told.items),
        }
    )


def _item(item: Item, names: Labels) -> Item:
    update: dict[str, object] = {"id": names[item.id]}
    for key in _RULES:
        rule: Expression | None = getattr(item, key, None)
        if rule is not None:
            update[key] = renamed(rule, names)
    if isinstance(item, Grid):
        update["rows"] = tuple(row.model_copy(update={"id": names[row.id]}) for row in item.rows)
    return item.model_copy(update=update)
