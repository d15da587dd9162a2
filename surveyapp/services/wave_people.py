"""The frozen list, person by person: why each is on it or left off, and how far they may be seen."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from surveyapp.models.accounts import Contact, Function, Organisation
from surveyapp.models.invitations import Assignment, Invitation, Omission, OmissionReason
from surveyapp.models.mail import MailState, OutgoingMail
from surveyapp.models.waves import Wave
from surveyapp.questionnaires.items import Anonymity
from surveyapp.services import (
    contact_orders,
    contract,
    disclosure_rules,
    listing,
    positions,
    wave_jobs,
)
from surveyapp.services.listing import Order, Page, Sortable
from surveyapp.services.positions import Position

BY_NAME: Final = Order("name")
_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Invited:
    """One person on the frozen list."""

    invitation_id: uuid.UUID
    contact_id: uuid.UUID
    name: str
    email: str
    organisation: str
    reason: str
    position: Position
    """Only waiting, sent or bounced where ``tells_positions`` says no: "sent" reads "asked" there."""
    mail: MailState | None
    """Of the invitation; reminders would tell who has not answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOff:
    """One person whom the rule names and the launch left off."""

    contact_id: uuid.UUID
    name: str
    email: str
    organisation: str
    reason: OmissionReason
    details: str
    left_off_at: datetime


def tells_positions(wave: Wave) -> bool:
    """Tell whether the contract lets a page say how far one person is; counts may always be said."""
    return contract.shows_names(anonymity_of(wave))


def tells_counts(wave: Wave, people: int) -> bool:
    """Tell whether answers may be counted among so many people asked: fewer would be told apart."""
    return people >= disclosure_rules.people(wave)


def asked(session: Session, wave: Wave) -> int:
    """Count the people on the frozen list."""
    query = select(func.count()).where(Invitation.wave_id == wave.id)
    return session.scalar(query) or 0


def anonymity_of(wave: Wave) -> Anonymity:
    """Return the promise made to a wave's people; its questionnaire must be loaded."""
    return contract.of_wave(wave)


def page(
    session: Session,
    wave: Wave,
    *,
    search: str = "",
    position: Position | None = None,
    function: Function | None = None,
    order: Order = BY_NAME,
    number: int = 1,
) -> Page[Invited]:
    """Return a page of the people asked, found by name, address or company."""
    chosen = _chosen(wave, position=position, function=function)
    by_row: dict[str, Sortable] = {
        "reason": Invitation.reason,
        "position": positions.rank(wave, tells_positions=tells_positions(wave)),
    }
    words = has_words(wave, search)
    # which people first, what their rows say then: to sort all with all they say takes twice as long
    if order.column in by_row:
        if search.split():
            chosen = chosen.where(Invitation.contact_id.in_(select(Contact.id).where(words)))
        found = listing.paged(
            session, chosen, columns=by_row, order=order, number=number, tie=Invitation.contact_id
        )
    else:
        found = _by_contact(session, chosen, words, order=order, number=number)
    ids = [row[0] for row in found.rows]
    here = _rows(wave).where(Invitation.wave_id == wave.id, Invitation.contact_id.in_(ids))
    rows = {row.contact_id: _invited(row) for row in session.execute(here)}
    return found.with_rows([rows[each] for each in ids])


def _by_contact(
    session: Session,
    chosen: Select[*tuple[Any, ...]],
    words: ColumnElement[bool],
    *,
    order: Order,
    number: int,
) -> Page[Any]:
    """Go through the contacts along their index; each looked up from its row costs twice as much."""
    people = select(Contact.id).where(words)
    if order.column == "organisation":
        # looked up one by one: for the few companies of the page nobody else is
        is_one = chosen.where(Invitation.contact_id == Contact.id).correlate(Contact).exists()
        return contact_orders.by_organisation(
            session, people.where(is_one), order=order, number=number
        )
    return listing.paged(
        session,
        people.where(Contact.id.in_(chosen)),
        columns={"name": func.lower(Contact.name)},
        order=order,
        number=number,
        tie=Contact.id,
    )


def every(
    session: Session,
    wave: Wave,
    *,
    search: str = "",
    position: Position | None = None,
    function: Function | None = None,
) -> Iterator[Invited]:
    """Walk all the people that ``page`` shows, by name, without holding them in memory."""
    chosen = _chosen(wave, position=position, function=function)
    query = _rows(wave).where(Invitation.wave_id == wave.id, Invitation.contact_id.in_(chosen))
    query = query.where(has_words(wave, search)).order_by(func.lower(Contact.name), Contact.id)
    for row in session.execute(query.execution_options(yield_per=_AT_ONCE)):
        yield _invited(row)


def _place(wave: Wave) -> ColumnElement[Position]:
    return positions.position(wave) if tells_positions(wave) else positions.delivery(wave)


def _rows(wave: Wave) -> Select[*tuple[Any, ...]]:
    """Select what a line of the list says."""
    return (
        select(
            Invitation.id,
            Contact.id.label("contact_id"),
            Contact.name,
            Contact.email,
            Organisation.name.label("organisation"),
            Invitation.reason,
            _place(wave).label("position"),
            OutgoingMail.state.label("mail"),
        )
        .join(Contact, Contact.id == Invitation.contact_id)
        .join(Organisation, Organisation.id == Contact.organisation_id)
        .outerjoin(
            OutgoingMail,
            (OutgoingMail.invitation_id == Invitation.id)
            & (OutgoingMail.step == wave_jobs.INVITATION),
        )
    )


def _chosen(
    wave: Wave, *, position: Position | None, function: Function | None
) -> Select[*tuple[Any, ...]]:
    """Select the contacts asked who stand there and were asked as such."""
    query: Select[*tuple[Any, ...]] = select(Invitation.contact_id).where(
        Invitation.wave_id == wave.id
    )
    if position is not None:
        tells = tells_positions(wave)
        query = query.where(positions.is_at(wave, position, tells_positions=tells))
    if function is not None:
        theirs = select(Assignment.id).where(
            Assignment.invitation_id == Invitation.id, Assignment.function == function
        )
        query = query.where(theirs.correlate(Invitation).exists())
    return query


def has_words(wave: Wave, search: str) -> ColumnElement[bool]:
    """Say which contacts of its programme hold every word in name, address or company, in whatever case."""
    found = [Contact.programme_id == wave.programme_id]
    for word in search.split():
        # companies are looked through once
        company = select(Organisation.id).where(
            Organisation.programme_id == wave.programme_id,
            Organisation.name.icontains(word, autoescape=True),
        )
        columns = (Contact.name, Contact.email)
        own = [column.icontains(word, autoescape=True) for column in columns]
        found.append(or_(*own, Contact.organisation_id.in_(company)))
    return and_(*found)


def omissions(
    session: Session,
    wave: Wave,
    *,
    search: str = "",
    reason: OmissionReason | None = None,
    order: Order = BY_NAME,
    number: int = 1,
) -> Page[LeftOff]:
    """Return a page of the people left off, and why."""
    query: Select[*tuple[Any, ...]] = (
        select(
            Contact.id,
            Contact.name,
            Contact.email,
            Organisation.name.label("organisation"),
            Omission.reason,
            Omission.details,
            Omission.created_at,
        )
        .join(Contact, Contact.id == Omission.contact_id)
        .join(Organisation, Organisation.id == Contact.organisation_id)
        .where(Omission.wave_id == wave.id, has_words(wave, search))
    )
    if reason is not None:
        query = query.where(Omission.reason == reason)
    columns: dict[str, Sortable] = {
        "name": func.lower(Contact.name),
        "organisation": func.lower(Organisation.name),
        "reason": Omission.reason,
    }
    found = listing.paged(
        session, query, columns=columns, order=order, number=number, tie=Omission.id
    )
    return found.with_rows([_left_off(row) for row in found.rows])


def left_off(session: Session, wave: Wave) -> dict[OmissionReason, int]:
    """Count a launched wave's people left off by reason; every reason is there."""
    found = session.execute(
        select(Omission.reason, func.count())
        .where(Omission.wave_id == wave.id)
        .group_by(Omission.reason)
    )
    return dict.fromkeys(OmissionReason, 0) | {row[0]: row[1] for row in found}


def _invited(row: Row[*tuple[Any, ...]]) -> Invited:
    return Invited(
        invitation_id=row.id,
        contact_id=row.contact_id,
        name=row.name,
        email=row.email,
        organisation=row.organisation,
        reason=row.reason,
        position=row.position,
        mail=row.mail,
    )


def _left_off(row: Row[*tuple[Any, ...]]) -> LeftOff:
    return LeftOff(
        contact_id=row.id,
        name=row.name,
        email=row.email,
        organisation=row.organisation,
        reason=row.reason,
        details=row.details,
        left_off_at=row.created_at,
    )
