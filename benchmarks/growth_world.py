"""A programme of a given size, made the way an owner makes it: an import and a launch that are measured."""

import random
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import func, select, text, update

from benchmarks import bulk, waves_at_size
from benchmarks.growth_meter import Cost, Meter
from surveyapp.clock import utcnow
from surveyapp.extensions import db, reading, state, transaction, writing_engine
from surveyapp.models.accounts import Contact, Function, Influence
from surveyapp.models.invitations import Assignment, Invitation
from surveyapp.models.programmes import Programme
from surveyapp.models.results import ScoreRun
from surveyapp.models.waves import View, Wave
from surveyapp.questionnaires import catalogue
from surveyapp.services import account_import, definitions, scoring_runs, wave_launches, waves
from tests import factories

RELATIONSHIPS, CONTACTS, ANSWERS_EACH = 80, 500, 20
"""Of a world of size 1."""
GROWN, SCORED = "grown", "scored"
_SMALL: Final = 10
"""Relationships of the rehearsal."""
_SEED: Final = 7


@dataclass(frozen=True, slots=True)
class World:
    """What was made, and what making it cost."""

    size: int
    wave_id: uuid.UUID
    """Open, half of its people have answered."""
    run_id: uuid.UUID
    """Scores of another programme's closed wave."""
    costs: dict[str, Cost]


def make(meter: Meter, size: int) -> World:
    """Import, launch and score at this size; measure each.

    A small programme goes through everything first: what is loaded and prepared once is not growth.
    """
    _rehearse(meter)
    relationships, contacts = RELATIONSHIPS * size, CONTACTS * size
    costs: dict[str, Cost] = {}
    wave_id = _asked(meter, GROWN, relationships, contacts, costs)
    _let_half_answer(wave_id)
    run_id = _scored(meter, relationships, contacts, costs)
    return World(size, wave_id, run_id, costs)


def _rehearse(meter: Meter) -> None:
    _asked(meter, "small", _SMALL, _SMALL * 2, {})
    _scored(meter, _SMALL, _SMALL * 2, {})
    with transaction() as session:
        renamed = update(Programme).where(Programme.slug == SCORED).values(slug="small-scored")
        session.execute(renamed)


def _asked(
    meter: Meter, slug: str, relationships: int, contacts: int, costs: dict[str, Cost]
) -> uuid.UUID:
    """Import accounts and launch a wave to all of them; note what it cost."""
    with transaction() as session:
        programme_id = factories.make_programme(session, slug, at=utcnow()).id
    files = _files(relationships, contacts)
    costs["import"] = meter.once(contacts, lambda: _import(programme_id, files))
    _gather_statistics()
    wave_id = _draft(programme_id)
    costs["launch"] = meter.once(contacts, lambda: _launch(wave_id))
    _check_all_are_asked(programme_id, wave_id, contacts)
    return wave_id


def _scored(meter: Meter, relationships: int, people: int, costs: dict[str, Cost]) -> uuid.UUID:
    """Score a closed wave; note what it cost, return the run."""
    with transaction() as session:
        bulk.prepare(session)
        wave_id = waves_at_size.fill(
            session,
            relationships=relationships,
            responses=people,
            at=utcnow() - timedelta(days=60),
        ).id
    db.engine.dispose()
    _gather_statistics()
    costs["scoring"] = meter.once(people * ANSWERS_EACH, lambda: _score(wave_id))
    with reading() as session:
        return session.scalars(select(ScoreRun.id).where(ScoreRun.wave_id == wave_id)).one()


def _files(relationships: int, contacts: int) -> dict[str, bytes]:
    """Return an owner's four files: every relationship has people, some people several parts."""
    chance = random.Random(_SEED)
    functions, influences = list(Function), list(Influence)
    companies = ["reference,name,country", "us,Kestrin Logistics,DE"]
    pairs = ["buyer,supplier,segment,region,annual value,currency,renewal on"]
    people = ["email,name,organisation,locale"]
    parts = ["email,buyer,supplier,region,function,influence"]
    for number in range(relationships):
        companies.append(f"c{number},Company {number},UK")
        pairs.append(
            f"c{number},us,Segment {number % 6},Region {number % 12},{number + 1000},EUR,2027-06-30"
        )
    for number in range(contacts):
        company, mail = number % relationships, f"p{number}@grown.example"
        people.append(f"{mail},Person {number},c{company},en")
        parts.append(
            f"{mail},c{company},us,Region {company % 12},"
            f"{chance.choice(functions)},{chance.choice(influences)}"
        )
    named = {"organisations": companies, "relationships": pairs}
    named |= {"contacts": people, "stakeholders": parts}
    return {f"{name}.csv": "\n".join(lines).encode() for name, lines in named.items()}


def _import(programme_id: uuid.UUID, files: dict[str, bytes]) -> None:
    parsed = account_import.parse(account_import.read_files(files))
    with reading() as session:
        planned = account_import.plan(session, session.get_one(Programme, programme_id), parsed)
    with transaction() as session:
        programme = session.get_one(Programme, programme_id)
        account_import.commit(
            session, programme, parsed, planned=planned, by="benchmark", at=utcnow()
        )


def _draft(programme_id: uuid.UUID) -> uuid.UUID:
    at = utcnow() - timedelta(days=8)
    with transaction() as session:
        programme = session.get_one(Programme, programme_id)
        version = definitions.publish(
            session, programme, catalogue.find("relationship-core"), by="benchmark", at=at
        )
        wave = waves.create(
            session,
            programme,
            slug="autumn",
            name="Autumn",
            view=View.BUYER_ON_SUPPLIER,
            version=version,
            closes_at=at + timedelta(days=30),
            by="benchmark",
            at=at,
        )
        return wave.id


def _launch(wave_id: uuid.UUID) -> None:
    with transaction() as session:
        waves.launch(session, session.get_one(Wave, wave_id), by="benchmark", at=utcnow())
    key = state().settings.link_key
    wave_launches.invite_all(
        reading, transaction, wave_id, link_key=key, now=utcnow, progress=lambda *_: None
    )


def _check_all_are_asked(programme_id: uuid.UUID, wave_id: uuid.UUID, contacts: int) -> None:
    with reading() as session:
        stored = session.scalar(select(func.count()).where(Contact.programme_id == programme_id))
        asked = session.scalar(select(func.count()).where(Invitation.wave_id == wave_id))
    if (stored, asked) != (contacts, contacts):
        raise RuntimeError(f"Of {contacts} contacts {stored} were imported and {asked} are asked.")


def _let_half_answer(wave_id: uuid.UUID) -> None:
    """Mark every other person, so that what counts has something to count on either side."""
    at = utcnow()
    half = select(Assignment.invitation_id).where(
        Assignment.wave_id == wave_id, Assignment.seed % 2 == 0
    )
    with transaction() as session:
        session.execute(update(Invitation).where(Invitation.id.in_(half)).values(started_at=at))
        session.execute(
            update(Assignment)
            .where(Assignment.wave_id == wave_id, Assignment.seed % 2 == 0)
            .values(submitted_at=at)
        )


def _score(wave_id: uuid.UUID) -> None:
    scoring_runs.score_wave(
        reading, transaction, wave_id, state().store, by="benchmark", at=utcnow()
    )


def _gather_statistics() -> None:
    """Do on PostgreSQL what autovacuum does a minute after so many rows were written."""
    if db.engine.dialect.name == "postgresql":
        with writing_engine().connect().execution_options(isolation_level="AUTOCOMMIT") as it:
            it.execute(text("ANALYZE"))
