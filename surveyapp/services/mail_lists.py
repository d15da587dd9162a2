"""The mail of a programme for its owner: what is in doubt, what failed, what to do about it."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, and_, func, not_, or_, select
from sqlalchemy.orm import Session, joinedload

from surveyapp.errors import Conflict, NotFound
from surveyapp.models.accounts import Contact
from surveyapp.models.definitions import QuestionnaireVersion
from surveyapp.models.invitations import Invitation
from surveyapp.models.mail import MailState, OutgoingMail
from surveyapp.models.people import User
from surveyapp.models.programmes import Programme
from surveyapp.models.waves import Wave, WaveState
from surveyapp.questionnaires.loading import from_canonical_json
from surveyapp.services import audit, listing, mail, matching
from surveyapp.services.listing import Order, Page

_PERSON: Final = func.coalesce(Contact.name, User.name)
_NEED_SOMEBODY: Final = frozenset({MailState.UNCERTAIN, MailState.FAILED, MailState.BOUNCED})
_SORTABLE: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "when": OutgoingMail.due_at,
        "wave": Wave.name,
        "mail": OutgoingMail.step,
        "sent": OutgoingMail.sent_at,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One message as a list shows it."""

    id: uuid.UUID
    state: MailState
    step: str
    person: str
    email: str
    contact_id: uuid.UUID | None
    """None: it goes to somebody with an account."""
    is_mended: bool
    """Whether the address that did not work was changed since."""
    wave_name: str
    wave_slug: str
    due_at: datetime
    """When it was tried last, or may be tried next."""
    sent_at: datetime | None
    said: str
    """What the server said, or why it is where it is."""


def counts(session: Session, programme: Programme) -> dict[MailState, int]:
    """Count a programme's messages by state; every state is there."""
    found = dict.fromkeys(MailState, 0)
    for state, count in session.execute(
        select(OutgoingMail.state, func.count())
        .where(OutgoingMail.programme_id == programme.id)
        .group_by(OutgoingMail.state)
    ):
        found[state] = count
    return found


def listed(
    session: Session,
    programme: Programme,
    states: Sequence[MailState],
    *,
    order: Order,
    number: int,
    to: str = "",
) -> Page[Entry]:
    """Return one page of the messages in these states; ``to`` is in the name or address of each.

    Reminders that wait or went are not listed by name in waves whose contract keeps to itself who
    answered: only who has not is reminded. What needs somebody to act is.
    """
    chosen = _chosen(session, programme, states)
    is_narrowed = bool(matching.normal(to))
    if is_narrowed:
        chosen = chosen.where(_goes_to(programme, to))
    # which rows first, what they say then; joined is only what the order needs
    found = listing.paged(
        session,
        _with_wave(chosen) if order.column == "wave" else chosen,
        columns=_SORTABLE,
        order=order,
        number=number,
        tie=OutgoingMail.id,
        # looking for people twice would cost twice
        counted=None if is_narrowed else chosen,
    )
    ids = [row.id for row in found.rows]
    rows = session.execute(_joined().where(OutgoingMail.id.in_(ids)))
    entries = {entry.id: entry for entry in map(_entry, rows)}
    # a person who named somebody else meanwhile is taken off with their mail: handing_over.py
    return found.with_rows([entries[each] for each in ids if each in entries])


def kept_quiet(session: Session, programme: Programme, states: Sequence[MailState]) -> int:
    """Count the messages in these states that are not listed by name."""
    quiet = _is_quiet(session, programme)
    counted = select(func.count()).where(
        OutgoingMail.programme_id == programme.id, OutgoingMail.state.in_(states), quiet
    )
    return session.scalar(counted) or 0


def entry(session: Session, programme: Programme, mail_id: uuid.UUID) -> Entry:
    """Return one message that may be listed. Raises NotFound."""
    may_be_seen = _chosen(session, programme, list(MailState)).where(OutgoingMail.id == mail_id)
    row = session.execute(_joined().where(OutgoingMail.id.in_(may_be_seen))).first()
    if row is None:
        raise NotFound("There is no such message in this programme.")
    return _entry(row)


def find(session: Session, programme: Programme, mail_id: uuid.UUID) -> OutgoingMail:
    """Return a programme's message, held until the commit. Raises NotFound."""
    found = session.scalars(
        select(OutgoingMail)
        .where(OutgoingMail.id == mail_id, OutgoingMail.programme_id == programme.id)
        .options(
            joinedload(OutgoingMail.invitation).joinedload(Invitation.contact),
            joinedload(OutgoingMail.invitation).joinedload(Invitation.wave),
        )
        .with_for_update(of=OutgoingMail)
    ).first()
    if found is None:
        raise NotFound("There is no such message in this programme.")
    return found


def resend(session: Session, outgoing: OutgoingMail, *, by: str, at: datetime) -> None:
    """Send a message again that is in doubt or failed; somebody decides that, never a machine.

    Raises
    ------
    Conflict
        It is neither, its address still does not work, or its wave asks nobody any more.
    """
    if outgoing.state not in {MailState.UNCERTAIN, MailState.FAILED, MailState.BOUNCED}:
        raise Conflict(f"This message is {outgoing.state} now. Load the list again.")
    invitation = outgoing.invitation
    if invitation is not None and invitation.wave.state == WaveState.CLOSED:
        raise Conflict(f"Wave {invitation.wave.name} is closed: nobody is asked any more.")
    if invitation is not None and invitation.contact.bounced_at is not None:
        raise Conflict(
            f"Mail to {invitation.contact.email} came back. Mend the address of"
            f" {invitation.contact.name} first."
        )
    outgoing.state, outgoing.error = MailState.QUEUED, ""
    outgoing.attempts, outgoing.due_at = 0, at
    session.flush()
    programme = _record(session, outgoing, "mail.resent", by=by, at=at)
    if invitation is None:
        mail.request_sending_to_user(session, outgoing, at=at)
    else:
        mail.request_sending(session, invitation.wave_id, programme=programme, at=at)


def settle(session: Session, outgoing: OutgoingMail, *, by: str, at: datetime) -> None:
    """Count a message in doubt as sent: somebody knows, or does not want it sent twice.

    Raises
    ------
    Conflict
        It is not in doubt.
    """
    if outgoing.state != MailState.UNCERTAIN:
        raise Conflict(f"This message is {outgoing.state} now. Load the list again.")
    outgoing.state, outgoing.sent_at, outgoing.error = MailState.SENT, at, ""
    session.flush()
    _record(session, outgoing, "mail.settled", by=by, at=at)


def _record(
    session: Session, outgoing: OutgoingMail, action: str, *, by: str, at: datetime
) -> Programme:
    programme = session.get_one(Programme, outgoing.programme_id)
    subject = f"mail:{outgoing.id}"
    audit.record(session, programme, action, subject=subject, by=by, at=at, step=outgoing.step)
    return programme


def _chosen(
    session: Session, programme: Programme, states: Sequence[MailState]
) -> Select[*tuple[Any, ...]]:
    """Select the messages in these states that may be listed."""
    is_shown: list[ColumnElement[bool]] = []
    if not set(states) <= _NEED_SOMEBODY:
        acts = OutgoingMail.state.in_(_NEED_SOMEBODY)
        is_shown.append(or_(acts, not_(_is_quiet(session, programme))))
    return select(OutgoingMail.id).where(
        OutgoingMail.programme_id == programme.id, OutgoingMail.state.in_(states), *is_shown
    )


def _goes_to(programme: Programme, typed: str) -> ColumnElement[bool]:
    """Say which messages go to somebody whose name or address holds what was typed.

    The people are found first: there are few, and looking up each message's person takes long.
    """
    contacts = select(Contact.id).where(
        Contact.programme_id == programme.id,
        matching.has_words(typed, (Contact.name, Contact.email)),
    )
    invitations = select(Invitation.id).where(Invitation.contact_id.in_(contacts))
    users = select(User.id).where(matching.has_words(typed, (User.name, User.email)))
    return or_(OutgoingMail.invitation_id.in_(invitations), OutgoingMail.user_id.in_(users))


def _joined() -> Select[*tuple[Any, ...]]:
    """Select what a line says."""
    rows: Select[*tuple[Any, ...]] = select(
        OutgoingMail, _PERSON, Contact, User.email, Wave.name, Wave.slug
    )
    return (
        _with_wave(rows)
        .outerjoin(Invitation, Invitation.id == OutgoingMail.invitation_id)
        .outerjoin(Contact, Contact.id == Invitation.contact_id)
        .outerjoin(User, User.id == OutgoingMail.user_id)
    )


def _with_wave(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    return query.outerjoin(Wave, Wave.id == OutgoingMail.wave_id)


def _is_quiet(session: Session, programme: Programme) -> ColumnElement[bool]:
    """Say which messages would tell who has not answered, where the contract promises not to."""
    versions = session.execute(
        select(Wave.id, QuestionnaireVersion.canonical_json)
        .join(QuestionnaireVersion, QuestionnaireVersion.id == Wave.questionnaire_version_id)
        .where(Wave.programme_id == programme.id)
    )
    promised = [
        wave_id
        for wave_id, document in versions
        if from_canonical_json(document).anonymity != "identified"
    ]
    return and_(
        OutgoingMail.invitation_id.is_not(None),
        OutgoingMail.wave_id.in_(promised),
        OutgoingMail.step.like("reminder-%"),
    )


def _entry(row: Row[*tuple[Any, ...]]) -> Entry:
    outgoing, person, contact, user_email, wave_name, wave_slug = row
    return Entry(
        id=outgoing.id,
        state=outgoing.state,
        step=outgoing.step,
        person=person or "",
        email=contact.email if contact else user_email or "",
        contact_id=contact.id if contact else None,
        is_mended=contact is not None and contact.bounced_at is None,
        wave_name=wave_name or "",
        wave_slug=wave_slug or "",
        due_at=outgoing.due_at,
        sent_at=outgoing.sent_at,
        said=outgoing.error,
    )
