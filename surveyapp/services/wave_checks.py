"""The look before a launch: whom it would ask, what stops it, and where the list is thin."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, and_, func, select
from sqlalchemy.orm import Session, joinedload

from surveyapp.models.accounts import Contact, Function, Influence, Relationship, Stakeholder
from surveyapp.models.invitations import OmissionReason
from surveyapp.models.programmes import Programme
from surveyapp.models.waves import Wave
from surveyapp.services import definitions, wave_check_notes, wave_cuts, wave_lists
from surveyapp.services.wave_check_notes import Facts, Note
from surveyapp.services.wave_cuts import Cut
from surveyapp.services.wave_lists import Rule
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """A wave that is not launched yet, as it would be launched at a moment."""

    wave: Wave
    rule: Rule
    stands_there: ColumnElement[bool]
    is_named: ColumnElement[bool]
    """Which contacts; parts as in ``stands_there`` and the rule."""
    omission: ColumnElement[Any]
    is_left_off: ColumnElement[bool]
    is_reachable: ColumnElement[bool]
    expected: tuple[Function, ...]


def look(session: Session, wave: Wave, *, at: datetime) -> Check:
    """Say what a launch would do now, or when a scheduled wave opens. Writes nothing."""
    plan = _plan(session, wave, at=max(at, wave.opens_at) if wave.opens_at else at)
    people, left_off = _people(session, plan)
    rows = _relationships(session, plan)
    facts = Facts(
        wave=wave,
        rule=plan.rule,
        programme_name=session.get_one(Programme, wave.programme_id).name,
        questionnaire=definitions.load(wave.questionnaire_version, ""),
        people=people,
        left_off=left_off,
        relationships=rows,
        expected=plan.expected,
        functions=_functions(session, plan),
        unvalued=_without_value(session, plan),
        at=at,
    )
    notes = wave_check_notes.all_of(facts)
    return Check(
        people=people.total(),
        relationships=sum(row.asked > 0 for row in rows),
        left_off=left_off,
        notes=tuple(_with_examples(session, plan, notes)),
    )


def _plan(session: Session, wave: Wave, *, at: datetime) -> _Plan:
    rule, side = Rule.from_json(wave.list_rule), wave_lists.side_of(wave.view)
    programme = session.get_one(Programme, wave.programme_id)
    expected = [Function(each) for each in programme.expected_functions.get(side.value, ())]
    parts = wave_lists.parts_named(wave.programme_id, rule, side=side, on=at.date())
    named = select(Stakeholder.id).where(Stakeholder.contact_id == Contact.id, parts)
    return _Plan(
        wave=wave,
        rule=rule,
        stands_there=wave_lists.stands_there(wave.programme_id, side=side, on=at.date()),
        is_named=and_(Contact.programme_id == wave.programme_id, named.correlate(Contact).exists()),
        omission=wave_lists.omission_of(wave, launched_at=at, at=at),
        is_left_off=wave_lists.is_left_off(wave, launched_at=at, at=at),
        is_reachable=wave_lists.would_be_asked(wave, launched_at=at, at=at),
        expected=tuple(each for each in expected if not rule.functions or each in rule.functions),
    )


def _people(session: Session, plan: _Plan) -> tuple[Counter[str], dict[OmissionReason, int]]:
    """Count the people asked by language, and those left off by reason."""
    people: Counter[str] = Counter()
    left_off = dict.fromkeys(OmissionReason, 0)
    omission = plan.omission.label("omission")
    for reason, locale, count in session.execute(
        select(omission, Contact.locale, func.count())
        .where(plan.is_named)
        .group_by(omission, Contact.locale)
    ):
        if reason is None:
            people[locale] += count
        else:
            left_off[reason] += count
    return people, left_off


def _relationships(session: Session, plan: _Plan) -> Sequence[Row[Any]]:
    """Count for each relationship who stands there, whom the rule names, who is asked, who decides."""
    # few are left off, most often: looked for once, not for each part of each person
    left_off = (
        select(Contact.id)
        .where(Contact.programme_id == plan.wave.programme_id, plan.is_left_off)
        .cte("left_off")
        .prefix_with("MATERIALIZED")
    )
    parts = (
        select(
            Stakeholder.relationship_id,
            Stakeholder.function,
            Stakeholder.influence,
            wave_lists.plays_named_part(plan.rule).label("is_named"),
            left_off.c.id.is_(None).label("is_reachable"),
        )
        .outerjoin(left_off, left_off.c.id == Stakeholder.contact_id)
        .where(plan.stands_there)
        .cte("parts")
        # else SQLite works the guard out anew for every sum below
        .prefix_with("MATERIALIZED")
    )
    is_asked = parts.c.is_named & parts.c.is_reachable
    sums = (
        select(
            parts.c.relationship_id,
            func.count().label("standing"),
            func.count().filter(parts.c.is_named).label("named"),
            func.count().filter(is_asked).label("asked"),
            func.count().filter(is_asked, parts.c.influence == Influence.DECIDES).label("deciders"),
            *(
                func.count().filter(is_asked, parts.c.function == each).label(f"in_{each.name}")
                for each in plan.expected
            ),
        )
        .group_by(parts.c.relationship_id)
        .subquery()
    )
    counts = [
        func.coalesce(column, 0).label(column.name)
        for column in sums.c
        if column.name != "relationship_id"
    ]
    told: list[Any] = [Relationship.id, *wave_cuts.COLUMNS.values(), *counts]
    rows: Sequence[Row[Any]] = session.execute(
        select(*told)
        .outerjoin(sums, sums.c.relationship_id == Relationship.id)
        .where(wave_lists.relationships_named(plan.wave.programme_id, plan.rule))
    ).all()
    return rows


def _functions(session: Session, plan: _Plan) -> Counter[str]:
    """Count who would be asked by function, where results will be told apart by it."""
    if Cut.FUNCTION not in wave_cuts.declared(plan.wave):
        return Counter()
    rows = session.execute(
        select(Stakeholder.function, func.count(Stakeholder.contact_id.distinct()))
        .join(Contact, Contact.id == Stakeholder.contact_id)
        .where(plan.stands_there, wave_lists.plays_named_part(plan.rule), plan.is_reachable)
        .group_by(Stakeholder.function)
    )
    return Counter({function.value: people for function, people in rows})


def _without_value(session: Session, plan: _Plan) -> int:
    """Count the relationships that only the lack of an annual value keeps out."""
    if plan.rule.minimum_value is None:
        return 0
    named = wave_lists.relationships_named(plan.wave.programme_id, plan.rule, but_minimum=True)
    query = select(func.count(Relationship.id)).where(named, Relationship.annual_value.is_(None))
    return session.scalar(query) or 0


def _with_examples(session: Session, plan: _Plan, notes: Sequence[Note]) -> list[Note]:
    """Set names beside the notes: relationships of all notes by one query, people by one a note."""
    wanted = {each for note in notes for each in note.relationships[:EXAMPLES]}
    naming = Naming.of(session, plan.wave.programme_id)
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
            or _names_of_people(session, plan, note)
        )
        for note in notes
    ]


def _names_of_people(session: Session, plan: _Plan, note: Note) -> list[str]:
    """Name the first people whom a note is about, if it is about people."""
    if note.omission is None and not note.locales:
        return []
    query = select(Contact.name).where(plan.is_named).order_by(Contact.name, Contact.id)
    if note.omission is not None:
        query = query.where(plan.omission == note.omission)
    else:
        query = query.where(plan.is_reachable, Contact.locale.in_(note.locales))
    return list(session.scalars(query.limit(EXAMPLES)))
