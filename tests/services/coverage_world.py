"""A wave with people at chosen places between the list and the answer, as rows."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from surveyapp.models.accounts import (
    Contact,
    Function,
    Influence,
    Organisation,
    Relationship,
    Side,
)
from surveyapp.models.invitations import Assignment, Invitation
from surveyapp.models.mail import MailState, OutgoingMail
from surveyapp.models.people import Role, User
from surveyapp.models.programmes import Programme
from surveyapp.models.reminders import Reminder, ReminderState
from surveyapp.models.responses import SavedSection
from surveyapp.models.waves import Wave, WaveState
from surveyapp.services import access, coverage_promise, members, programmes, waves
from surveyapp.services.coverage_promise import Sight
from tests import factories

OPENED = datetime(2026, 10, 5, 9, 30, tzinfo=UTC)
"""A Monday."""
NOW = datetime(2026, 10, 18, 9, 10, tzinfo=UTC)
CLOSES = datetime(2026, 10, 24, tzinfo=UTC)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Person:
    """One person asked about one relationship."""

    function: Function = Function.OPERATIONS
    influence: Influence = Influence.INFLUENCES
    answered: float | None = None
    """Days after the opening."""
    started: bool = False
    saved: bool = False
    mail: MailState | None = MailState.SENT
    bounced: bool = False
    opted_out: bool = False
    reminded: float | None = None
    """Days after the opening."""


SILENT = Person()
ANSWERED = Person(answered=1.0)
DECIDER = Person(influence=Influence.DECIDES)
DECIDED = Person(influence=Influence.DECIDES, answered=1.0)


def people(count: int, person: Person = SILENT) -> list[Person]:
    return [person] * count


@dataclass(frozen=True, slots=True)
class Account:
    """One relationship and whom the wave asks about it."""

    people: Iterable[Person]
    name: str = ""
    value: int | None = None
    currency: str = "EUR"
    segment: str = ""
    region: str = ""
    manager: uuid.UUID | None = None
    renewal_on: date | None = None


def write(
    session: Session,
    accounts: Iterable[Account],
    *,
    slug: str = "kestrin",
    anonymity: str = "identified",
    state: WaveState = WaveState.OPEN,
    reminders: Mapping[float, ReminderState] | None = None,
    name: str = "Autumn 2026",
) -> Wave:
    """Write a programme with one wave; the first relationship is dearest unless values are given."""
    programme = factories.make_programme(session, slug, at=OPENED)
    supplier = factories.make_organisation(session, programme, f"{slug} Logistics", at=OPENED)
    wave = factories.make_wave(
        session,
        programme,
        factories.annual_survey({"anonymity": anonymity}),
        at=OPENED,
        closes_in=CLOSES - OPENED,
    )
    wave.name = name
    wave.state, wave.launched_at, wave.opened_at = state, OPENED, OPENED
    wave.list_rule = {"side": Side.BUYER.value, "on": OPENED.date().isoformat()}
    if state == WaveState.CLOSED:
        wave.closed_at = CLOSES
    session.flush()
    for number, (after, kind) in enumerate((reminders or {}).items(), start=1):
        session.add(
            Reminder(
                programme_id=programme.id,
                wave_id=wave.id,
                number=number,
                state=kind,
                due_at=OPENED + after * DAY,
                by="test",
                created_at=OPENED,
            )
        )
    for number, account in enumerate(accounts, start=1):
        _account(session, wave, supplier, number, account)
    session.flush()
    return wave


def _account(
    session: Session, wave: Wave, supplier: Organisation, number: int, account: Account
) -> None:
    programme = session.get_one(Programme, wave.programme_id)
    name = account.name or f"{programme.slug} customer {number}"
    buyer = factories.make_organisation(session, programme, name, at=OPENED)
    relationship = Relationship(
        programme_id=programme.id,
        buyer_id=buyer.id,
        supplier_id=supplier.id,
        annual_value=None if account.value is None else Decimal(account.value),
        currency=account.currency if account.value is not None else "",
        segment=account.segment,
        region=account.region,
        renewal_on=account.renewal_on,
        manager_id=account.manager,
        created_at=OPENED,
    )
    session.add(relationship)
    session.flush()
    for place, person in enumerate(account.people, start=1):
        contact = Contact(
            programme_id=programme.id,
            organisation_id=buyer.id,
            email=f"person{number}.{place}@{programme.slug}.example",
            name=f"Zelda Quist {number}.{place}",
            bounced_at=OPENED if person.bounced else None,
            opted_out_at=OPENED if person.opted_out else None,
            created_at=OPENED,
        )
        session.add(contact)
        session.flush()
        ask(session, wave, contact, relationship.id, person)


def ask(
    session: Session, wave: Wave, contact: Contact, relationship_id: uuid.UUID, person: Person
) -> None:
    """Invite a contact, who may be invited already, about a relationship."""
    answered_at = None if person.answered is None else OPENED + person.answered * DAY
    has_begun = person.started or person.saved or answered_at is not None
    tenant: dict[str, Any] = {"programme_id": wave.programme_id, "created_at": OPENED}
    known = select(Invitation).where(
        Invitation.wave_id == wave.id, Invitation.contact_id == contact.id
    )
    invitation = session.scalars(known).first()
    if invitation is None:
        key = uuid.uuid4()
        invitation = Invitation(
            id=key,
            wave_id=wave.id,
            contact_id=contact.id,
            token_hash=key.hex * 2,
            reason="Operations",
            started_at=OPENED if has_begun else None,
            **tenant,
        )
        session.add(invitation)
        session.flush()
        mails = {"invitation": (person.mail, OPENED)}
        if person.reminded is not None:
            mails["reminder-1"] = (MailState.SENT, OPENED + person.reminded * DAY)
        for step, (state, at) in mails.items():
            if state is not None:
                session.add(
                    OutgoingMail(
                        wave_id=wave.id,
                        invitation_id=invitation.id,
                        step=step,
                        state=state,
                        due_at=at,
                        sent_at=at if state == MailState.SENT else None,
                        **tenant,
                    )
                )
    assignment = Assignment(
        id=uuid.uuid4(),
        invitation_id=invitation.id,
        wave_id=wave.id,
        relationship_id=relationship_id,
        questionnaire_version_id=wave.questionnaire_version_id,
        slug=uuid.uuid4().hex[:22],
        seed=1,
        side=Side.BUYER,
        function=person.function,
        influence=person.influence,
        submitted_at=answered_at,
        **tenant,
    )
    session.add(assignment)
    session.flush()
    if person.saved or answered_at is not None:
        session.add(
            SavedSection(
                assignment_id=assignment.id,
                section_id="about",
                programme_id=wave.programme_id,
                saved_at=answered_at or OPENED,
            )
        )


def owner(wave: Wave, *, role: Role = Role.OWNER, user_id: uuid.UUID | None = None) -> access.Actor:
    return access.Actor(
        user_id or uuid.uuid4(), "Maren Holt", "maren@example.com", wave.programme_id, role
    )


def make_manager(session: Session, wave: Wave, email: str, *, of: str) -> uuid.UUID:
    """Make a user the manager of the relationship with that buyer."""
    user = session.scalars(select(User).where(User.email == email)).one()
    programme = session.get_one(Programme, wave.programme_id)
    members.join(session, programme, user, Role.RELATIONSHIP_MANAGER, by="test", at=OPENED)
    buyer = select(Organisation.id).where(Organisation.name == of).scalar_subquery()
    found = session.scalars(select(Relationship).where(Relationship.buyer_id == buyer)).one()
    found.manager_id = user.id
    session.flush()
    return user.id


def share_one_person(session: Session, wave: Wave, *, among: str) -> None:
    """Let one person alone be asked in all relationships whose buyer's name begins so."""
    rows = session.scalars(
        select(Assignment)
        .join(Relationship, Relationship.id == Assignment.relationship_id)
        .join(Organisation, Organisation.id == Relationship.buyer_id)
        .where(Assignment.wave_id == wave.id, Organisation.name.startswith(among))
    ).all()
    for row in rows[1:]:
        old = session.get_one(Invitation, row.invitation_id)
        row.invitation_id = rows[0].invitation_id
        session.flush()
        session.execute(delete(OutgoingMail).where(OutgoingMail.invitation_id == old.id))
        session.delete(old)
    session.flush()


def seen(session: Session, *, slug: str = "kestrin", actor: access.Actor | None = None) -> Sight:
    """The programme's wave as its owner sees it, or somebody else."""
    wave = waves.find(session, programmes.find(session, slug), "autumn")
    return coverage_promise.whole_sight(session, wave, actor or owner(wave))


def spread(
    count: int, answered: int, *, base: Person = SILENT, until: float = 12.5
) -> list[Person]:
    """Some people, the first of whom have answered on days that lie closer at the beginning."""
    return [
        replace(base, answered=until * ((place + 1) / answered) ** 2) if place < answered else base
        for place in range(count)
    ]
