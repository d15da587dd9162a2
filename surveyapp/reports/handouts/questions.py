"""All the questions of a questionnaire, to be read, printed or talked over before anybody answers."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Final

from surveyapp.questionnaires import answers
from surveyapp.questionnaires.answers import Unit
from surveyapp.questionnaires.definition import (
    Anonymity,
    Assured,
    Calculated,
    Grid,
    Item,
    Questionnaire,
    Section,
    SingleChoice,
    View,
)
from surveyapp.questionnaires.wording import addressed
from surveyapp.reports.handouts import ways
from surveyapp.reports.handouts.conditions import Conditions, Place, letters
from surveyapp.reports.handouts.drawing import look, look_sha256
from surveyapp.reports.handouts.stating import direction, locale_of
from surveyapp.reports.words import Words

_TEMPLATE: Final = "questions.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question as it is read beforehand."""

    number: int
    text: str
    hint: str
    how: str
    """How it is answered, whether it must be, and what else may be said."""
    rows: tuple[str, ...]
    points: tuple[tuple[int, str], ...]
    """The points of its scale, each with its label where it has one."""
    options: tuple[tuple[str, str], ...]
    """What can be chosen, each with the letter that conditions call it by."""
    is_one: bool
    """Whether one of them is chosen, not several."""
    way_out: str
    """What may be chosen instead of an answer."""
    notes: tuple[str, ...]
    """When it is asked, and when other answers make it needed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One section."""

    title: str
    introduction: str
    notes: tuple[str, ...]
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What a list says besides the questions."""

    asker: str
    data_note: str
    contract: str
    """What is promised, in a sentence."""
    published_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Questions:
    """Everything a list of questions says; nothing in it is about one person or relationship."""

    locale: str
    """Of its own words."""
    language: str
    """Of the questionnaire's texts."""
    frame: Frame
    title: str
    introduction: str
    version: int
    takes: str
    """How long answering takes."""
    has_stand_ins: bool
    parts: tuple[Part, ...]

    @property
    def direction(self) -> str:
        """Which way the questionnaire is written."""
        return direction(self.title)

    @property
    def sha256(self) -> str:
        """Hash what it says and how it looks: what has the same hash is the same document."""
        said = json.dumps(asdict(self), sort_keys=True, default=str)
        return hashlib.sha256(f"{look_sha256()}\n{said}".encode()).hexdigest()

    def to_html(self) -> str:
        """Draw it."""
        return look().fill(_TEMPLATE, self.locale, list=self)


def listed(questionnaire: Questionnaire, view: View, frame: Frame) -> Questions:
    """Set out a questionnaire in its language, names and earlier answers told by stand-ins.

    Sections that are asked again for each answer stand there once, and say so.
    """
    words = Words(locale_of(questionnaire.language))
    places = dict(_places(questionnaire))
    names = _names(words, view)
    pipes = _pipes(words, questionnaire, places)
    told = addressed(questionnaire, names, pipes)
    # rows may hold names too
    places = dict(_places(told))
    conditions = Conditions(words, places, _units(told))
    parts = tuple(_part(told, section, conditions) for section in told.sections)
    shown = json.dumps([told.title, told.introduction, [asdict(part) for part in parts]])
    return Questions(
        locale=words.locale,
        language=questionnaire.language,
        frame=frame,
        title=told.title,
        introduction=told.introduction or "",
        version=told.version,
        takes=words.say_count(
            "It takes about one minute.", "It takes about %(count)s minutes.", told.minutes
        ),
        has_stand_ins=any(
            json.dumps(each)[1:-1] in shown for each in {*names.values(), *pipes.values()}
        ),
        parts=parts,
    )


def _names(words: Words, view: View) -> dict[str, str]:
    """Return stand-ins for names, in brackets: no language has to decline them."""
    supplier, buyer = words.say("[the supplier]"), words.say("[the buyer]")
    if view == "supplier-on-buyer":
        return {"them": buyer, "us": supplier}
    return {"them": supplier, "us": buyer}


def _pipes(words: Words, q: Questionnaire, places: Mapping[str, Place]) -> dict[str, str]:
    """Return stand-ins for the words of earlier answers."""
    found = {
        name: words.say("[your answer to question %(number)s]", number=place.number)
        for name, place in places.items()
    }
    calculated = [item.id for _section, item in q.items() if isinstance(item, Calculated)]
    found.update(dict.fromkeys(calculated, words.say("[worked out from your answers]")))
    for section in q.sections:
        if section.repeat is not None:
            number = places[section.repeat.for_each].number
            found[section.repeat.as_] = words.say(
                "[one of your answers to question %(number)s]", number=number
            )
    return found


def _asked(questionnaire: Questionnaire) -> Iterator[tuple[Section, Item]]:
    """Walk the items that are asked of somebody."""
    return (pair for pair in questionnaire.items() if not isinstance(pair[1], Calculated))


def _places(questionnaire: Questionnaire) -> Iterator[tuple[str, Place]]:
    for number, (_section, item) in enumerate(_asked(questionnaire), 1):
        yield item.id, Place(number)
        if isinstance(item, Grid):
            for row in item.rows:
                yield row.id, Place(number, row.text)


def _units(questionnaire: Questionnaire) -> dict[str, Unit]:
    return {
        unit.id: unit
        for _section, item in _asked(questionnaire)
        for unit in answers.answerable(questionnaire, item)
    }


def _part(questionnaire: Questionnaire, section: Section, conditions: Conditions) -> Part:
    say = conditions.words.say
    notes = [conditions.only_if(section.visible_if)]
    if section.repeat is not None:
        number = conditions.places[section.repeat.for_each].number
        notes.append(say("Asked once for each of your answers to question %(n)s.", n=number))
    asked = [item for item in section.items if not isinstance(item, Calculated)]
    return Part(
        title=section.title,
        introduction=section.introduction or "",
        notes=tuple(filter(None, notes)),
        questions=tuple(_question(questionnaire, item, conditions) for item in asked),
    )


def _question(questionnaire: Questionnaire, item: Item, conditions: Conditions) -> Question:
    units = answers.answerable(questionnaire, item)
    say = conditions.words.say
    unit, labels = units[0], dict(units[0].labels)
    how = [
        ways.of_item(item, conditions.words),
        say("Needs an answer.") if item.required else "",
        say("You may add a comment.") if item.comment else "",
        _stricter(questionnaire, item, conditions.words),
    ]
    notes = [
        conditions.only_if(item.visible_if),
        "" if item.required else conditions.needed_if(item.required_if),
    ]
    return Question(
        number=conditions.places[item.id].number,
        text=item.text or "",
        hint=item.hint or "",
        how=" ".join(filter(None, how)),
        rows=tuple(each.text for each in units) if isinstance(item, Grid) else (),
        points=tuple((point, labels.get(point, "")) for point in unit.points),
        options=tuple(
            (letter, ways.of_option(option, conditions.words))
            for letter, option in zip(letters(unit), unit.options, strict=True)
        ),
        is_one=isinstance(item, SingleChoice | Assured),
        way_out=unit.escape.label if unit.escape else "",
        notes=tuple(filter(None, notes)),
    )


def _stricter(questionnaire: Questionnaire, item: Item, words: Words) -> str:
    """Say that a question promises more than the others."""
    is_stricter = item.anonymity is Anonymity.ANONYMOUS is not questionnaire.anonymity
    return words.say("Anonymous once it has closed.") if is_stricter else ""
