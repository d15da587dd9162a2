"""A small wave with real answers, closed and ready to be scored."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from surveyapp.clock import utcnow
from surveyapp.extensions import reading, state, transaction
from surveyapp.models.accounts import Contact, Organisation, Relationship
from surveyapp.models.invitations import Assignment, Invitation
from surveyapp.services import responses, scoring_runs, submissions, wave_launches, waves
from tests import factories

RATINGS = ("overall_satisfaction", "would_recommend", "would_repurchase")
"""Two items of attitude, one of intent; a row of answers is points 1..5 on each."""


def closed_wave(
    answers: Mapping[str, Sequence[Sequence[int]]],
    *,
    settings: Mapping[str, Any] | None = None,
    reverse: bool = False,
    slug: str = "kestrin",
    silent: Mapping[str, int] | None = None,
) -> uuid.UUID:
    """Ask one person per row, hand their answers in, in either order, and close the wave."""
    at = utcnow()
    with transaction() as session:
        programme = factories.make_programme(session, slug, at=at)
        supplier = factories.make_organisation(session, programme, "Kestrin", at=at)
        for buyer, rows in answers.items():
            organisation = factories.make_organisation(session, programme, buyer, at=at)
            relationship = factories.make_relationship(session, organisation, supplier, at=at)
            # one person more, or as many as said, who do not answer: a silent relationship is asked too
            for number in range(len(rows) + (silent or {}).get(buyer, 1)):
                contact = factories.make_contact(session, organisation, f"{buyer} {number}", at=at)
                factories.make_part(session, contact, relationship, at=at)
        wave = factories.make_wave(session, programme, factories.annual_survey(settings), at=at)
        waves.launch(session, wave, by="test", at=at)
    wave_launches.invite_all(
        reading,
        transaction,
        wave.id,
        link_key=state().settings.link_key,
        now=utcnow,
        progress=lambda _done, _total: None,
    )
    people = [
        (f"{buyer} {n}", row) for buyer, rows in answers.items() for n, row in enumerate(rows)
    ]
    for name, row in reversed(people) if reverse else people:
        hand_in(wave.id, name, dict(zip(RATINGS, row, strict=False)))
    with transaction() as session:
        waves.close(session, waves.load(session, wave.id), by="test", at=utcnow())
    return wave.id


def hand_in(wave_id: uuid.UUID, name: str, answers: Mapping[str, int]) -> None:
    with transaction() as session:
        slug = session.scalars(
            select(Assignment.slug)
            .join(Invitation, Invitation.id == Assignment.invitation_id)
            .join(Contact, Contact.id == Invitation.contact_id)
            .where(Invitation.wave_id == wave_id, Contact.name == name)
        ).one()
        responses.save_section(session, slug, "overall", dict(answers), version=0, at=utcnow())
        submissions.submit(session, slug, at=utcnow())


def score(wave_id: uuid.UUID, *, at: datetime | None = None) -> uuid.UUID:
    found = scoring_runs.score_wave(
        reading, transaction, wave_id, state().store, by="test", at=at or utcnow()
    )
    assert found is not None
    return found


def relationship_of(buyer: str) -> Relationship:
    with reading() as session:
        return session.scalars(
            select(Relationship)
            .join(Organisation, Organisation.id == Relationship.buyer_id)
            .where(Organisation.name == buyer)
            .options(joinedload(Relationship.buyer), joinedload(Relationship.supplier))
        ).one()
