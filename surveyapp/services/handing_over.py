"""Asking whom somebody named: instead of them, when nothing of theirs is sent, or as well."""

import secrets
import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session, joinedload

from surveyapp.errors import Conflict
from surveyapp.models.accounts import Contact, Function, Influence, Relationship, Stakeholder
from surveyapp.models.invitations import Assignment, Invitation, Omission, OmissionReason
from surveyapp.models.mail import MailState, OutgoingMail
from surveyapp.models.referrals import Referral, ReferralKind, ReferralState
from surveyapp.models.responses import DraftAnswer, HeldPage, SavedSection
from surveyapp.models.uploads import UploadedFile
from surveyapp.models.waves import Wave
from surveyapp.services import (
    contacts,
    links,
    mail,
    referrals,
    stakeholders,
    wave_jobs,
    wave_rows,
)
from surveyapp.services.stakeholders import PartFacts

Gone = dict[uuid.UUID, list[str]]
"""Hashes of files nobody names any more, by assignment: to be erased after the commit."""


def ask(
    session: Session,
    wave: Wave,
    referral_id: uuid.UUID,
    *,
    link_key: bytes,
    by: str,
    at: datetime,
) -> Gone:
    """Ask the person named: they become a stakeholder, get an invitation, and mail goes out.

    Named instead of somebody who has sent nothing, they take that person's place: the old link is
    unknown from then on, drafts are deleted, and the list says who was left off and why.

    Raises
    ------
    Conflict
        The wave takes no answers now, nobody is named, or the person cannot be asked; in words.
    """
    wave_rows.hold(session, wave)
    said = referrals.find_open(session, wave, referral_id)
    if not wave.accepts_answers(at):
        raise Conflict(f"Wave {wave.slug} takes no answers now, so nobody can be added to it.")
    before = session.scalars(
        select(Invitation)
        .where(Invitation.id == said.invitation_id)
        .options(joinedload(Invitation.contact).joinedload(Contact.organisation))
    ).one()
    contact = _contact(session, wave, said, before.contact, by=by, at=at)
    theirs = session.scalars(
        select(Assignment)
        .where(Assignment.invitation_id == before.id)
        .options(joinedload(Assignment.relationship))
        .with_for_update(of=Assignment)
    ).all()
    _give_parts(session, wave, said, contact, theirs, by=by, at=at)
    is_instead = said.kind is ReferralKind.INSTEAD
    invitation = _invite(session, wave, contact, said, link_key=link_key, at=at)
    if is_instead and not any(each.submitted_at for each in theirs):
        gone = _move(session, theirs, before, invitation, said.function)
        _leave_off(session, wave, before, at=at)
    else:
        gone = {}
        _copy(session, theirs, invitation, said.function, at=at)
    mail.queue(session, invitation, step=wave_jobs.INVITATION, at=at)
    referrals.decide(session, wave, said, ReferralState.ASKED, by=by, at=at)
    mail.request_sending(session, wave.id, programme=wave_rows.programme_of(session, wave), at=at)
    return gone


def _contact(
    session: Session, wave: Wave, said: Referral, teller: Contact, *, by: str, at: datetime
) -> Contact:
    """Find or add the person. Raises Conflict when they cannot be asked."""
    if not said.email:
        raise Conflict(f"{said.said_by} named no address. Add the person under People first.")
    programme = wave_rows.programme_of(session, wave)
    found = contacts.by_email(session, programme, said.email)
    if found is None:
        return contacts.create(
            session,
            programme,
            teller.organisation,
            name=said.name,
            email=said.email,
            locale=teller.locale,
            by=by,
            at=at,
        )
    if found.organisation_id != teller.organisation_id:
        raise Conflict(
            f"{found.name} works at {found.organisation.name}, not where {said.said_by} does."
        )
    if found.opted_out_at is not None:
        raise Conflict(f"{found.name} does not want to be asked.")
    if found.bounced_at is not None:
        raise Conflict(f"Mail to {found.name} came back. Mend the address first.")
    is_asked = select(Invitation.id).where(
        Invitation.wave_id == wave.id, Invitation.contact_id == found.id
    )
    if session.scalars(is_asked).first() is not None:
        raise Conflict(f"{found.name} is asked in this wave already.")
    return found


def _give_parts(
    session: Session,
    wave: Wave,
    said: Referral,
    contact: Contact,
    theirs: Sequence[Assignment],
    *,
    by: str,
    at: datetime,
) -> None:
    """Make the person a stakeholder wherever they are asked and are not one."""
    programme = wave_rows.programme_of(session, wave)
    for each in theirs:
        has_part = select(Stakeholder.id).where(
            Stakeholder.contact_id == contact.id,
            Stakeholder.relationship_id == each.relationship_id,
            Stakeholder.side == each.side,
        )
        if session.scalars(has_part).first() is None:
            influence = each.influence if said.kind is ReferralKind.INSTEAD else Influence.USES
            facts = PartFacts(said.function or each.function, influence, None, at.date(), None)
            about = session.get_one(Relationship, each.relationship_id)
            stakeholders.add(session, programme, about, contact, facts, by=by, at=at)


def _invite(
    session: Session, wave: Wave, contact: Contact, said: Referral, *, link_key: bytes, at: datetime
) -> Invitation:
    key = uuid.uuid4()
    how = "Instead of" if said.kind is ReferralKind.INSTEAD else "Named by"
    invitation = Invitation(
        id=key,
        programme_id=wave.programme_id,
        wave_id=wave.id,
        contact_id=contact.id,
        generation=1,
        token_hash=links.token_hash(links.token_for(key, 1, link_key=link_key)),
        reason=f"{how} {said.said_by}"[:300],
        created_at=at,
    )
    session.add(invitation)
    session.flush()
    return invitation


def _move(
    session: Session,
    theirs: Sequence[Assignment],
    before: Invitation,
    invitation: Invitation,
    function: Function | None,
) -> Gone:
    """Give the questionnaires to the other: new addresses, nothing of what was begun."""
    ids = [each.id for each in theirs]
    gone: Gone = {}
    for file in session.scalars(select(UploadedFile).where(UploadedFile.assignment_id.in_(ids))):
        gone.setdefault(file.assignment_id, []).append(file.sha256)
    for model in (DraftAnswer, HeldPage, SavedSection, UploadedFile):
        session.execute(
            delete(model)
            .where(model.assignment_id.in_(ids))
            .execution_options(synchronize_session=False)
        )
    for each in theirs:
        each.invitation_id, each.slug = invitation.id, secrets.token_urlsafe(16)
        each.function = function or each.function
    session.execute(
        update(Referral)
        .where(Referral.invitation_id == before.id)
        .values(invitation_id=invitation.id)
        .execution_options(synchronize_session="fetch")
    )
    session.flush()
    return gone


def _leave_off(session: Session, wave: Wave, before: Invitation, *, at: datetime) -> None:
    """Take the invitation back, and write down that this person was asked first."""
    is_going_out = select(OutgoingMail.id).where(
        OutgoingMail.invitation_id == before.id, OutgoingMail.state == MailState.CLAIMED
    )
    if session.scalars(is_going_out).first() is not None:
        raise Conflict(f"A mail to {before.contact.name} is just going out. Try again in a minute.")
    session.execute(
        delete(OutgoingMail)
        .where(OutgoingMail.invitation_id == before.id)
        .execution_options(synchronize_session=False)
    )
    invited_on = before.created_at
    session.add(
        Omission(
            programme_id=wave.programme_id,
            wave_id=wave.id,
            contact_id=before.contact_id,
            reason=OmissionReason.HANDED_OVER,
            details=f"Invited on {invited_on.day} {invited_on:%B %Y}; said they are not the right person.",
            created_at=at,
        )
    )
    session.delete(before)
    session.flush()


def _copy(
    session: Session,
    theirs: Sequence[Assignment],
    invitation: Invitation,
    function: Function | None,
    *,
    at: datetime,
) -> None:
    """Ask the other the same questions about the same relationships."""
    for each in theirs:
        session.add(
            Assignment(
                programme_id=each.programme_id,
                invitation_id=invitation.id,
                wave_id=each.wave_id,
                relationship_id=each.relationship_id,
                questionnaire_version_id=each.questionnaire_version_id,
                slug=secrets.token_urlsafe(16),
                seed=secrets.randbits(31),
                side=each.side,
                function=function or each.function,
                influence=each.influence,
                created_at=at,
            )
        )
    session.flush()
