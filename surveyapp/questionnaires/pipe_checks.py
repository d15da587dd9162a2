"""Check the answers that texts name: only such as are given on an earlier page."""

from surveyapp.questionnaires.answers import answerable
from surveyapp.questionnaires.definition import Calculated, Questionnaire, Section
from surveyapp.questionnaires.strict_yaml import Document, Keys
from surveyapp.questionnaires.suggestions import did_you_mean
from surveyapp.questionnaires.texts import pipes


def check_pipes(q: Questionnaire, document: Document) -> None:
    """Note every pipe in a questionnaire's or a translation's file that will have nothing to say."""
    _walk(q, document, (), document.data)


def _walk(q: Questionnaire, document: Document, keys: Keys, data: object) -> None:
    if isinstance(data, dict):
        for key, value in data.items():
            _walk(q, document, (*keys, key), value)
    elif isinstance(data, list):
        for position, value in enumerate(data):
            _walk(q, document, (*keys, position), value)
    elif isinstance(data, str) and (named := pipes(data)):
        known = _known_at(q, keys)
        for name in named:
            if name not in known:
                document.complain(document.place(keys), _sentence(q, name, known))


def _known_at(q: Questionnaire, keys: Keys) -> set[str]:
    """List what a text at this place may name."""
    here = _section_at(q, keys)
    if here is None:
        return set()
    own = {here.repeat.as_} if here.repeat else set()
    if q.random == "sections":
        return own
    earlier = q.sections[: q.sections.index(here)]
    return own | {name for section in earlier if not section.repeat for name in _ids(q, section)}


def _section_at(q: Questionnaire, keys: Keys) -> Section | None:
    match keys:
        case ("sections", int(position), *_):
            return q.sections[position]
        case ("sections", str(name), *_):
            return next((section for section in q.sections if section.id == name), None)
        case ("items", str(name), *_):
            return next((each for each in q.sections if name in _all_ids(each)), None)
        case _:
            return None


def _ids(q: Questionnaire, section: Section) -> set[str]:
    named = {unit.id for item in section.items for unit in answerable(q, item)}
    return named | {item.id for item in section.items if isinstance(item, Calculated)}


def _all_ids(section: Section) -> set[str]:
    return {name for item in section.items for name in (item.id, *item.answer_ids)}


def _sentence(q: Questionnaire, name: str, known: set[str]) -> str:
    if any(name in _all_ids(section) for section in q.sections):
        return (
            f"{name} has no answer yet when this is read. A text names answers of earlier pages only, "
            "and none of a repeated section."
        )
    return f"There is no item {name} to name here.{did_you_mean(name, known)}"
