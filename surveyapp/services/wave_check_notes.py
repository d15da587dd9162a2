"""The sentences of the look before a launch: what stops it, and what is thin."""

import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from operator import attrgetter
from typing import Any, Final, Literal

from babel import Locale
from sqlalchemy import Row

from surveyapp.models.accounts import Function, Influence
from surveyapp.models.invitations import OmissionReason
from surveyapp.models.waves import Wave
from surveyapp.questionnaires.definition import Anonymity, Questionnaire
from surveyapp.services import (
    contract,
    disclosure_rules,
    reader_languages,
    wave_cuts,
    wave_lists,
    wave_names,
    wave_settings,
)
from surveyapp.services.wave_lists import Rule

_ROLES: Final = frozenset({Function.EXECUTIVE_SPONSOR, Function.USER})
"""Functions that somebody is; of the others people work in them."""
_LEFT_OFF: Final[Mapping[OmissionReason, tuple[str, str]]] = {
    OmissionReason.OPTED_OUT: (
        "1 person is left off: they asked not to be asked.",
        "{n} people are left off: they asked not to be asked.",
    ),
    OmissionReason.BOUNCED: (
        "1 person is left off: their address bounced. Correct it to ask them.",
        "{n} people are left off: their addresses bounced. Correct them to ask these people.",
    ),
    OmissionReason.ASKED_LATELY: (
        "1 person is left off: they were asked in another wave within the last {days} days.",
        "{n} people are left off: they were asked in another wave within the last {days} days.",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One thing to know before the launch."""

    kind: str
    """Its name in code, such as ``nobody-to-ask`` or ``no-decider``."""
    severity: Literal["stops", "thin"]
    sentence: str
    count: int = 1
    """People or relationships it is about; the sentence says it too."""
    examples: tuple[str, ...] = ()
    """Up to five names of them."""
    relationships: tuple[uuid.UUID, ...] = ()
    """All of them, when it is about relationships."""
    omission: OmissionReason | None = None
    """Why people are left off, when it is about those."""
    locales: tuple[str, ...] = ()
    """Of the people asked whom it is about."""

    def with_examples(self, names: Sequence[str]) -> "Note":
        """Return the note with names beside it."""
        return replace(self, examples=tuple(names))


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What was found out about a wave that is to be launched."""

    wave: Wave
    rule: Rule
    questionnaire: Questionnaire
    people: int
    """Who would be asked."""
    left_off: dict[OmissionReason, int]
    why_nobody: str
    """What to do when nobody would be asked; else empty."""
    unspoken: Mapping[str, int]
    """Who would be asked of those whose language the questionnaire lacks, by locale."""
    relationships: Sequence[Row[Any]]
    """``id``, ``asked``, ``deciders`` and ``in_<FUNCTION>`` for each expected; ``has_standing`` and
    ``has_named``: whether anybody is there at all, and in a part that the rule names."""
    expected: tuple[Function, ...]
    functions: Counter[str]
    """Who would be asked, by function; empty unless results will be told apart by it."""
    unvalued: int
    at: datetime


def all_of(facts: Facts) -> list[Note]:
    """Return every note, what stops the launch first."""
    return [
        *_stops(facts),
        *_thin_relationships(facts),
        *_thin_cuts(facts),
        *_left_off(facts),
        *_languages(facts),
    ]


def _stops(facts: Facts) -> Iterator[Note]:
    wave, questionnaire = facts.wave, facts.questionnaire
    if facts.why_nobody:
        yield Note(kind="nobody-to-ask", severity="stops", sentence=facts.why_nobody)
    if max(facts.at, wave.opens_at or facts.at) >= wave.closes_at:
        sentence = f"The last day for answers, {wave.last_day}, is past. Move the closing date."
        yield Note(kind="closing-date-past", severity="stops", sentence=sentence)
    if refusal := wave_settings.missing_view(questionnaire, wave.view):
        yield Note(kind="view-missing", severity="stops", sentence=refusal)
    if refusal := contract.unkept(questionnaire):
        yield Note(kind="anonymous", severity="stops", sentence=refusal)
    yield from _too_few(facts)


def _too_few(facts: Facts) -> Iterator[Note]:
    """Say where an anonymous wave asks so few that its promise could not be kept."""
    if facts.questionnaire.anonymity is not Anonymity.ANONYMOUS:
        return
    least, people = disclosure_rules.people(facts.wave), facts.people
    if 0 < people < least:
        sentence = wave_settings.too_few(people, least)
        yield Note(kind="too-few-people", severity="stops", sentence=sentence)
    yield from _about(
        "few-people",
        [row for row in facts.relationships if 0 < row.asked < least],
        f"In 1 relationship fewer than {least} people are asked: their anonymous answers are kept only"
        " with those of others, and it gets no score of its own.",
        f"In {{n}} relationships fewer than {least} people are asked: their anonymous answers are kept"
        " only with those of others, and these get no scores of their own.",
    )


def _thin_relationships(facts: Facts) -> Iterator[Note]:
    rows, side = facts.relationships, wave_lists.side_of(facts.wave.view)
    asked = [row for row in rows if row.asked]
    yield from _about(
        "nobody-there",
        [row for row in rows if not row.has_standing],
        f"1 relationship has nobody on the {side} side now.",
        f"{{n}} relationships have nobody on the {side} side now.",
    )
    yield from _about(
        "nobody-named",
        [row for row in rows if row.has_standing and not row.has_named],
        f"1 relationship has people on the {side} side, but none in the functions and with the"
        " influence chosen.",
        f"{{n}} relationships have people on the {side} side, but none in the functions and with the"
        " influence chosen.",
    )
    yield from _about(
        "everybody-left-off",
        [row for row in rows if row.has_named and not row.asked],
        "In 1 relationship everybody is left off.",
        "In {n} relationships everybody is left off.",
    )
    if not facts.rule.influences or Influence.DECIDES in facts.rule.influences:
        yield from _about(
            "no-decider",
            [row for row in asked if not row.deciders],
            "In 1 relationship nobody who decides is asked.",
            "In {n} relationships nobody who decides is asked.",
        )
    for function in facts.expected:
        name = wave_names.function_in_sentence(function)
        nobody = f"no {name}" if function in _ROLES else f"nobody in {name}"
        asked_there = attrgetter(f"in_{function.name}")
        yield from _about(
            f"nobody-in-{function.name.lower().replace('_', '-')}",
            [row for row in asked if not asked_there(row)],
            f"In 1 relationship {nobody} is asked; you expect somebody.",
            f"In {{n}} relationships {nobody} is asked; you expect somebody.",
        )
    if facts.unvalued:
        one = "1 relationship has no annual value, so the smallest value keeps it out."
        many = f"{facts.unvalued} relationships have no annual value, so the smallest value keeps them out."
        sentence = one if facts.unvalued == 1 else many
        yield Note(kind="no-value", severity="thin", sentence=sentence, count=facts.unvalued)


def _about(kind: str, rows: Sequence[Row[Any]], one: str, many: str) -> Iterator[Note]:
    if rows:
        sentence = one if len(rows) == 1 else many.format(n=f"{len(rows):,}")
        ids = tuple(row.id for row in rows)
        yield Note(
            kind=kind, severity="thin", sentence=sentence, count=len(rows), relationships=ids
        )


def _thin_cuts(facts: Facts) -> Iterator[Note]:
    """Say which declared cuts have groups that the promise will hide."""
    least = disclosure_rules.people(facts.wave)
    for cut in wave_cuts.declared(facts.wave):
        people = facts.functions
        if column := wave_cuts.COLUMNS.get(cut):
            people = Counter()
            for row in facts.relationships:
                people[getattr(row, column.key)] += row.asked
        groups = [count for count in people.values() if count]
        small = sum(count < least for count in groups)
        if small:
            told = f"{small} of {len(groups)} groups have" if small > 1 else "1 group has"
            yield Note(
                kind=f"thin-cut-{cut.value.replace(' ', '-')}",
                severity="thin",
                sentence=f"By {cut}: {told} fewer than {least} people, too few to be shown apart.",
                count=small,
            )


def _left_off(facts: Facts) -> Iterator[Note]:
    for reason, people in facts.left_off.items():
        if people:
            one, many = _LEFT_OFF[reason]
            sentence = (one if people == 1 else many).format(
                n=f"{people:,}", days=facts.wave.guard_days
            )
            yield Note(
                kind=f"left-off-{reason.name.lower().replace('_', '-')}",
                severity="thin",
                sentence=sentence,
                count=people,
                omission=reason,
            )


def _languages(facts: Facts) -> Iterator[Note]:
    """Languages the questionnaire does not speak: its readers get it in the one it was written in."""
    questionnaire = facts.questionnaire
    spoken = Locale.parse(questionnaire.language, sep="-").get_display_name("en")
    for language in sorted({reader_languages.base(locale) for locale in facts.unspoken}):
        theirs = tuple(
            locale for locale in facts.unspoken if reader_languages.base(locale) == language
        )
        people = sum(facts.unspoken[locale] for locale in theirs)
        name = Locale.parse(language).get_display_name("en")
        readers = "1 person reads" if people == 1 else f"{people:,} people read"
        yield Note(
            kind=f"language-{language}",
            severity="thin",
            sentence=f"{readers} {name}; the questionnaire has no {name} text and comes in {spoken}.",
            count=people,
            locales=theirs,
        )
