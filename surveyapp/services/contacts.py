"""People at organisations: found within what the asker sees, added, changed, asked no more."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, select, true
from sqlalchemy.orm import Session, contains_eager, joinedload

from surveyapp.errors import NotFound
from surveyapp.models.accounts import Contact, Organisation, Relationship, Stakeholder
from surveyapp.models.programmes import Programme
from surveyapp.services import access, audit, editing, languages, relationships, stakeholders
from surveyapp.services.editing import Facts, wrong


@dataclass(frozen=True, slots=True)
class ContactFacts(Facts):
    """What may be changed about a person."""

    name: str
    email: str
    locale: str
    organisation_id: uuid.UUID


def facts_of(contact: Contact) -> ContactFacts:
    """Return what is stored."""
    return ContactFacts(contact.name, contact.email, contact.locale, contact.organisation_id)


def visible(programme: Programme, actor: access.Actor) -> ColumnElement[bool]:
    """Say which people the asker sees: of this programme, a manager those in their relationships."""
    is_here = Contact.programme_id == programme.id
    return is_here if actor.sees_all else and_(is_here, has_part(programme, actor, true()))


def has_part(
    programme: Programme, actor: access.Actor, which: ColumnElement[bool]
) -> ColumnElement[bool]:
    """Say which people have such a part in a relationship that the asker sees."""
    parts = select(Stakeholder.contact_id).where(relationships.parts_seen(programme, actor), which)
    return Contact.id.in_(parts)


def find(
    session: Session, programme: Programme, contact_id: uuid.UUID, *, actor: access.Actor
) -> Contact:
    """Return a person that the asker sees, the organisation loaded. Raises NotFound."""
    found = session.scalars(
        select(Contact)
        .where(Contact.id == contact_id, visible(programme, actor))
        .options(joinedload(Contact.organisation))
    ).first()
    if found is None:
        raise NotFound("There is no such person.")
    return found


def by_email(session: Session, programme: Programme, email: str) -> Contact | None:
    """Return who has this address in the programme, in whatever case it is written."""
    return session.scalars(
        select(Contact)
        .where(Contact.programme_id == programme.id, Contact.email == email.lower())
        .options(joinedload(Contact.organisation))
    ).first()


def parts_of(
    session: Session, programme: Programme, contact: Contact, *, actor: access.Actor
) -> Sequence[Stakeholder]:
    """Return a person's parts in relationships that the asker sees, running ones first."""
    return session.scalars(
        select(Stakeholder)
        .join(Stakeholder.relationship)
        .where(Stakeholder.contact_id == contact.id, relationships.visible(programme, actor))
        .options(
            contains_eager(Stakeholder.relationship).joinedload(Relationship.buyer),
            contains_eager(Stakeholder.relationship).joinedload(Relationship.supplier),
        )
        .order_by(Stakeholder.until_on.desc().nulls_first(), Stakeholder.created_at, Stakeholder.id)
    ).all()


def create(
    session: Session,
    programme: Programme,
    organisation: Organisation,
    *,
    name: str,
    email: str,
    locale: str,
    by: str,
    at: datetime,
) -> Contact:
    """Add a person; without a language the programme's holds. Raises Invalid."""
    audit.take_turn(session, programme.id)
    _require_free(session, programme, email)
    contact = Contact(
        programme_id=programme.id,
        organisation_id=organisation.id,
        name=name,
        email=email.lower(),
        locale=_language(locale or programme.locale),
        created_at=at,
    )
    session.add(contact)
    session.flush()
    organisation_of = f"organisation:{organisation.id}"
    _record(
        session, programme, contact, "contact.added", by=by, at=at, at_organisation=organisation_of
    )
    return contact


def edit(
    session: Session,
    programme: Programme,
    contact: Contact,
    wanted: ContactFacts,
    *,
    seen: str,
    by: str,
    at: datetime,
) -> None:
    """Change a person's name, address, language or organisation; a new address has not bounced yet.

    Raises
    ------
    ChangedMeanwhile
        Somebody else did so since.
    Invalid
        Somebody has the address, or a part for the old organisation still runs.
    """
    audit.take_turn(session, programme.id)
    session.refresh(contact)
    wanted = ContactFacts(
        wanted.name, wanted.email.lower(), _language(wanted.locale), wanted.organisation_id
    )
    found = editing.changes(facts_of(contact), wanted, seen=seen)
    if not found:
        return
    if "email" in found:
        _require_free(session, programme, wanted.email)
        contact.bounced_at, contact.bounce = None, ""
    if "organisation_id" in found:
        _require_may_leave(session, contact, on=at.date())
    for name, fact in wanted.as_mapping().items():
        setattr(contact, name, fact)
    session.flush()
    # which fields, not their values: the trail is for good, people's data are not
    _record(
        session,
        programme,
        contact,
        "contact.changed",
        by=by,
        at=at,
        fields=", ".join(sorted(found)),
    )


def opt_out(
    session: Session, programme: Programme, contact: Contact, *, reason: str, by: str, at: datetime
) -> None:
    """Ask this person no more, in any wave of the programme; mail that waits is dropped."""
    if contact.opted_out_at is None:
        contact.opted_out_at = at
        session.flush()
        _record(session, programme, contact, "contact.opted_out", by=by, at=at, reason=reason)


def opt_in(
    session: Session, programme: Programme, contact: Contact, *, reason: str, by: str, at: datetime
) -> None:
    """Let this person be asked again, from the next launch on."""
    if contact.opted_out_at is not None:
        contact.opted_out_at = None
        session.flush()
        _record(session, programme, contact, "contact.opted_in", by=by, at=at, reason=reason)


def note_bounce(
    session: Session, programme: Programme, contact: Contact, *, reason: str, by: str, at: datetime
) -> None:
    """Note that mail to this address came back; it gets no more until the address is mended."""
    if contact.bounced_at is None:
        contact.bounced_at, contact.bounce = at, reason
        session.flush()
        _record(session, programme, contact, "contact.bounced", by=by, at=at, reason=reason)


def clear_bounce(
    session: Session, programme: Programme, contact: Contact, *, reason: str, by: str, at: datetime
) -> None:
    """Note that the address works after all."""
    if contact.bounced_at is not None:
        contact.bounced_at, contact.bounce = None, ""
        session.flush()
        _record(session, programme, contact, "contact.bounce_cleared", by=by, at=at, reason=reason)


def _require_free(session: Session, programme: Programme, email: str) -> None:
    holder = by_email(session, programme, email)
    if holder is not None:
        raise wrong(
            "email",
            f"{holder.name} at {holder.organisation.name} has this address already. An address"
            " belongs to one person: change that person, or write another address.",
        )


def _require_may_leave(session: Session, contact: Contact, *, on: date) -> None:
    """Refuse to move somebody whose part for the old organisation has not ended."""
    running = session.scalars(
        select(Stakeholder)
        .where(Stakeholder.contact_id == contact.id)
        .options(
            joinedload(Stakeholder.relationship).joinedload(Relationship.buyer),
            joinedload(Stakeholder.relationship).joinedload(Relationship.supplier),
        )
    ).all()
    kept = [part for part in running if not stakeholders.has_ended(part, on)]
    if kept:
        first = kept[0].relationship
        others = f" and {len(kept) - 1} more" if len(kept) > 1 else ""
        raise wrong(
            "organisation",
            f"{contact.name} still has a part for the old organisation: {first.buyer.name} buys from"
            f" {first.supplier.name}{others}. Give each part a last day before today first; or add"
            " the person anew with the address at the new organisation.",
        )


def _language(tag: str) -> str:
    try:
        return languages.language_tag(tag)
    except ValueError as error:
        raise wrong("locale", str(error)) from error


def _record(
    session: Session,
    programme: Programme,
    contact: Contact,
    action: str,
    *,
    by: str,
    at: datetime,
    **details: str,
) -> None:
    subject = f"contact:{contact.id}"
    audit.record(session, programme, action, subject=subject, by=by, at=at, **details)
