"""A small wave at fixed moments, and the verbs of its life."""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from surveyapp.extensions import reading, transaction
from surveyapp.models.accounts import Contact, Function, Influence, Stakeholder
from surveyapp.models.audit import AuditEvent
from surveyapp.models.invitations import Assignment, Invitation
from surveyapp.models.mail import MailState, OutgoingMail
from surveyapp.models.responses import SavedSection
from surveyapp.models.waves import Wave, WaveState
from surveyapp.services import programmes, wave_launches, waves
from tests import factories
from tests.factories import AT, annual_survey

KEY = b"k" * 32
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def nobody_watches(_done: int, _total: int) -> None:
    """Progress that goes nowhere."""


def draft(*names: str, anonymity: str = "identified", **settings: Any) -> uuid.UUID:
    """Draft a wave among the named people of Aldermere, the one buyer of Kestrin."""
    with transaction() as session:
        programme = factories.make_programme(session)
        buyer, supplier = (
            factories.make_organisation(session, programme, name)
            for name in ("Aldermere", "Kestrin")
        )
        relationship = factories.make_relationship(session, buyer, supplier)
        for name in names:
            factories.make_part(session, factories.make_contact(session, buyer, name), relationship)
        survey = annual_survey({"anonymity": anonymity})
        return factories.make_wave(session, programme, survey, **settings).id


def another(slug: str, *, at: datetime = AT, **settings: Any) -> uuid.UUID:
    """Draft one more wave in the same programme."""
    with transaction() as session:
        programme = programmes.find(session, "kestrin")
        version = annual_survey({"anonymity": "identified"})
        return factories.make_wave(session, programme, version, slug=slug, at=at, **settings).id


def do(wave_id: uuid.UUID, verb: Callable[..., Any], *, at: datetime = AT, **given: Any) -> Any:
    """Carry out one verb on the wave in a transaction of its own."""
    with transaction() as session:
        return verb(session, waves.load(session, wave_id), by="test", at=at, **given)


def launch(wave_id: uuid.UUID, *, at: datetime = AT) -> None:
    """Launch the wave and write its whole list."""
    do(wave_id, waves.launch, at=at)
    write_list(wave_id, at=at)


def write_list(
    wave_id: uuid.UUID,
    *,
    at: datetime = AT,
    progress: Callable[[int, int], None] = nobody_watches,
) -> int:
    """Do what the launch job does."""
    return wave_launches.invite_all(
        reading, transaction, wave_id, link_key=KEY, now=lambda: at, progress=progress
    )


def state_of(wave_id: uuid.UUID) -> WaveState:
    with reading() as session:
        return waves.load(session, wave_id).state


def actions() -> list[str]:
    """Everything on record about waves and reminders, oldest first."""
    with reading() as session:
        query = select(AuditEvent.action).order_by(AuditEvent.number)
        return [each for each in session.scalars(query) if each.startswith(("wave.", "reminder."))]


def change_part(name: str, **values: Any) -> None:
    with transaction() as session:
        query = select(Stakeholder).join(Contact, Contact.id == Stakeholder.contact_id)
        for part in session.scalars(query.where(Contact.name == name)):
            for column, value in values.items():
                setattr(part, column, value)


def change_contact(name: str, **values: Any) -> None:
    with transaction() as session:
        contact = session.scalars(select(Contact).where(Contact.name == name)).one()
        for column, value in values.items():
            setattr(contact, column, value)


def change_wave(wave_id: uuid.UUID, **values: Any) -> None:
    with transaction() as session:
        wave = session.get_one(Wave, wave_id)
        for column, value in values.items():
            setattr(wave, column, value)


def mail_all(wave_id: uuid.UUID, *, at: datetime = AT, state: MailState = MailState.SENT) -> None:
    """Let every queued mail of the wave have gone, or bounced."""
    with transaction() as session:
        for mail in session.scalars(
            select(OutgoingMail).where(
                OutgoingMail.wave_id == wave_id, OutgoingMail.state == MailState.QUEUED
            )
        ):
            mail.state = state
            mail.sent_at = at if state is MailState.SENT else None


def come_to(name: str, place: str, *, at: datetime = AT) -> None:
    """Let somebody start, save a section, or submit everything, as the respondent's pages do."""
    with transaction() as session:
        query = select(Invitation).join(Contact, Contact.id == Invitation.contact_id)
        for invitation in session.scalars(query.where(Contact.name == name)):
            invitation.started_at = at
            for assignment in session.scalars(
                select(Assignment).where(Assignment.invitation_id == invitation.id)
            ):
                if place == "section":
                    session.add(
                        SavedSection(
                            assignment_id=assignment.id,
                            section_id="all",
                            programme_id=assignment.programme_id,
                            saved_at=at,
                        )
                    )
                elif place == "submitted":
                    assignment.submitted_at = at


def invited() -> list[str]:
    """The names on every frozen list there is."""
    with reading() as session:
        query = select(Contact.name).join(Invitation, Invitation.contact_id == Contact.id)
        return sorted(session.scalars(query))


def add_person(
    name: str,
    *,
    function: Function = Function.PROCUREMENT,
    influence: Influence = Influence.DECIDES,
    at: datetime = AT,
) -> None:
    """Add one more person of Aldermere to the relationship there is."""
    with transaction() as session:
        here = session.scalars(select(Stakeholder)).first()
        assert here is not None
        colleague = session.get_one(Contact, here.contact_id)
        contact = Contact(
            programme_id=here.programme_id,
            organisation_id=colleague.organisation_id,
            email=f"{name.lower()}@example.com",
            name=name,
            created_at=at,
        )
        session.add(contact)
        session.flush()
        session.add(
            Stakeholder(
                programme_id=here.programme_id,
                contact_id=contact.id,
                relationship_id=here.relationship_id,
                side=here.side,
                function=function,
                influence=influence,
                created_at=at,
            )
        )
