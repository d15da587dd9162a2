"""The look before a launch: whom it would ask, what stops it, and where the list is thin."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, case, func, select, true
from sqlalchemy.orm import Session, joinedload

from surveyapp.models.accounts import Contact, Function, Influence, Relationship, Stakeholder
from surveyapp.models.invitations import OmissionReason
from surveyapp.models.programmes import Programme
from surveyapp.models.waves import Wave
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.services import (
    definitions,
    reader_languages,
    wave_audience,
    wave_check_notes,
    wave_cuts,
    wave_lists,
)
from surveyapp.services.wave_audience import Audience
from surveyapp.services.wave_check_notes import Facts, Note
from surveyapp.services.wave_cuts import Cut
from surveyapp.services.wave_names import Naming

__all__ = ["EXAMPLES", "Check", "Note", "look"]

EXAMPLES: Final = 5
"""Names beside a note; the count says how many there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What a launch at that moment would do."""

    people: int
    """Who would be asked: as many mails."""
    relationships: int
    """Relationships asked about, with at least one of these people."""
    left_off: dict[OmissionReason, int]
    """Whom the rule names and the launch leaves off; every reason is there."""
    notes: tuple[Note, ...]

    @property
    def stops(self) -> tuple[Note, ...]:
        """What must be mended first."""
        return tuple(note for note in self.notes if note.severity == "stops")

    @property
    def thin(self) -> tuple[Note, ...]:
        """What may stay as it is, once somebody has seen it."""
        return tuple(note for note in self.notes if note.severity == "thin")


def look(session: Session, wave: Wave, *, at: datetime) -> Check:
    """Say what a launch would do now, or when a scheduled wave opens. Writes nothing."""
    audience = wave_audience.of(session, wave, at=at)
    people, left_off = wave_audience.people_asked(session, audience)
    questionnaire = definitions.load(wave.questionnaire_version, "")
    expected = _expected(session, audience)
    rows = _relationships(session, audience, expected)
    facts = Facts(
        wave=wave,
        rule=audience.rule,
        questionnaire=questionnaire,
        people=people,
        left_off=left_off,
        why_nobody="" if people else wave_audience.why_nobody(session, wave, left_off),
        unspoken=_unspoken(session, audience, questionnaire),
        relationships=rows,
        expected=expected,
        functions=(
            wave_audience.by_function(session, audience)
            if Cut.FUNCTION in wave_cuts.declared(wave)
            else Counter()
        ),
        unvalued=_without_value(session, audience),
        at=at,
    )
    notes = wave_check_notes.all_of(facts)
    return Check(
        people=people,
        relationships=sum(row.asked > 0 for row in rows),
        left_off=left_off,
        notes=tuple(_with_examples(session, audience, notes)),
    )


def _expected(session: Session, audience: Audience) -> tuple[Function, ...]:
    """Return the functions that a relationship should have, of those the rule asks."""
    programme = session.get_one(Programme, audience.wave.programme_id)
    expected = [Function(each) for each in programme.expected_functions.get(audience.side, ())]
    wanted = audience.rule.functions
    return tuple(each for each in expected if not wanted or each in wanted)


def _unspoken(
    session: Session, audience: Audience, questionnaire: Questionnaire
) -> Mapping[str, int]:
    """Count whom a launch would ask whose language the questionnaire does not speak."""
    of_programme = Contact.programme_id == audience.wave.programme_id
    unspoken = [
        locale
        for locale in session.scalars(select(Contact.locale).where(of_programme).distinct())
        if not reader_languages.is_spoken(questionnaire, locale)
    ]
    if not unspoken:
        return {}
    query = (
        select(Contact.locale, func.count())
        .where(audience.names_contact, audience.asks_contact, Contact.locale.in_(unspoken))
        .group_by(Contact.locale)
    )
    return dict(session.execute(query).all())


def _relationships(
    session: Session, audience: Audience, expected: Sequence[Function]
) -> Sequence[Row[Any]]:
    """Count for each relationship who is asked and who decides; where nobody is, who stands there."""
    asked = (
        wave_audience.parts_asked(
            audience, Stakeholder.relationship_id, Stakeholder.function, Stakeholder.influence
        )
        .cte("asked")
        # else SQLite walks everybody in the order of relationships, which takes twice as long
        .prefix_with("MATERIALIZED", dialect="sqlite")
    )
    sums = (
        select(
            asked.c.relationship_id,
            func.count().label("asked"),
            func.count().filter(asked.c.influence == Influence.DECIDES).label("deciders"),
            *(
                func.count().filter(asked.c.function == each).label(f"in_{each.name}")
                for each in expected
            ),
        )
        .group_by(asked.c.relationship_id)
        .subquery()
    )
    counts = [
        func.coalesce(column, 0).label(column.name)
        for column in sums.c
        if column.name != "relationship_id"
    ]
    standing, named = (
        # looked up only where nobody is asked: where somebody is, somebody stands
        case((sums.c.asked.is_(None), each.exists()), else_=true())
        for each in wave_audience.parts_of_relationship(audience)
    )
    told: list[Any] = [
        *(Relationship.id, *_cut_columns(audience.wave), *counts),
        *(standing.label("has_standing"), named.label("has_named")),
    ]
    rows: Sequence[Row[Any]] = session.execute(
        select(*told)
        .outerjoin(sums, sums.c.relationship_id == Relationship.id)
        .where(wave_lists.relationships_named(audience.wave.programme_id, audience.rule))
    ).all()
    return rows


def _cut_columns(wave: Wave) -> list[Any]:
    """Return by what the relationships of its results will be told apart."""
    return [wave_cuts.COLUMNS[cut] for cut in wave_cuts.declared(wave) if cut in wave_cuts.COLUMNS]


def _without_value(session: Session, audience: Audience) -> int:
    """Count the relationships that only the lack of an annual value keeps out."""
    programme_id, rule = audience.wave.programme_id, audience.rule
    if rule.minimum_value is None:
        return 0
    named = wave_lists.relationships_named(programme_id, rule, but_minimum=True)
    query = select(func.count(Relationship.id)).where(named, Relationship.annual_value.is_(None))
    return session.scalar(query) or 0


def _with_examples(session: Session, audience: Audience, notes: Sequence[Note]) -> list[Note]:
    """Set names beside the notes: relationships of all notes by one query, people by one a note."""
    wanted = {each for note in notes for each in note.relationships[:EXAMPLES]}
    naming = Naming.of(session, audience.wave.programme_id)
    names = {
        relationship.id: naming.name(relationship)
        for relationship in session.scalars(
            select(Relationship)
            .where(Relationship.id.in_(wanted))
            .options(joinedload(Relationship.buyer), joinedload(Relationship.supplier))
        )
    }
    return [
        note.with_examples(
            [names[each] for each in note.relationships[:EXAMPLES]]
            or _names_of_people(session, audience, note)
        )
        for note in notes
    ]


def _names_of_people(session: Session, audience: Audience, note: Note) -> list[str]:
    """Name the first people whom a note is about, if it is about people."""
    if note.omission is None and not note.locales:
        return []
    query = select(Contact.name).where(audience.names_contact).order_by(Contact.name, Contact.id)
    if note.omission is not None:
        query = query.where(audience.omission == note.omission)
    else:
        query = query.where(audience.asks_contact, Contact.locale.in_(note.locales))
    return list(session.scalars(query.limit(EXAMPLES)))
