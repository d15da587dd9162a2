"""People who do not want to be asked: recorded by the link in their mail, taken back the same way."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from surveyapp.errors import NotFound
from surveyapp.models.accounts import Contact
from surveyapp.models.invitations import Invitation
from surveyapp.models.programmes import Programme
from surveyapp.services import audit, links, reader_languages


@dataclass(frozen=True, slots=True)
class Stopping:
    """Who would be asked no more, and by whom."""

    contact: Contact
    programme: Programme
    language: str
    """The one the person reads in."""


def find(session: Session, token: str) -> Stopping:
    """Return whom a link belongs to, whatever became of its wave. Raises NotFound."""
    invitation = session.scalars(
        select(Invitation)
        .where(Invitation.token_hash == links.token_hash(token))
        .options(joinedload(Invitation.contact), joinedload(Invitation.programme))
    ).first()
    if invitation is None:
        raise NotFound("This link is not known here.")
    return Stopping(invitation.contact, invitation.programme, reader_languages.of(invitation))


def stop(session: Session, token: str, *, at: datetime) -> Stopping:
    """Ask this person no more, in any wave of the programme. Doing it again changes nothing."""
    found = find(session, token)
    if found.contact.opted_out_at is None:
        found.contact.opted_out_at = at
        _record(session, found, "contact.opted_out", at=at)
    return found


def go_on(session: Session, token: str, *, at: datetime) -> Stopping:
    """Take it back: the person may be asked again. Doing it again changes nothing."""
    found = find(session, token)
    if found.contact.opted_out_at is not None:
        found.contact.opted_out_at = None
        _record(session, found, "contact.opted_in", at=at)
    return found


def _record(session: Session, found: Stopping, action: str, *, at: datetime) -> None:
    contact = f"contact:{found.contact.id}"
    audit.record(session, found.programme, action, subject=contact, by=contact, at=at)
