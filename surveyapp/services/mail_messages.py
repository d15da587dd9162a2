"""From a row to a message: text, link and reader put together when it goes, and never stored."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from surveyapp.delivery import phrases, rendering
from surveyapp.delivery.message import Message, Transport
from surveyapp.delivery.rendering import Rendered
from surveyapp.errors import Invalid
from surveyapp.models.accounts import Relationship
from surveyapp.models.invitations import Assignment, Invitation
from surveyapp.models.mail import OutgoingMail
from surveyapp.models.people import User
from surveyapp.models.programmes import Programme
from surveyapp.models.waves import Wave
from surveyapp.services import links, mail, mail_texts, reader_languages, users

_PRODUCT: Final = "surveyapp"
_TEST: Final = "test-"


@dataclass(frozen=True, slots=True)
class Sender:
    """What turns a row into a message: the transport, the keys of the links, our own address."""

    transport: Transport
    link_key: bytes
    base_url: str
    address: str
    password_link: Callable[[User], str]
    """Makes the address at which a user chooses a password."""


def to_contact(
    session: Session, row: OutgoingMail, invitation: Invitation, sender: Sender
) -> Message:
    """Write an invitation or a reminder to a contact."""
    wave, contact, programme = invitation.wave, invitation.contact, invitation.programme
    # one language throughout: the mail speaks as the questionnaire behind its link does
    locale = reader_languages.of_mail(invitation, wave.questionnaire_version)
    token = links.token_for(invitation.id, invitation.generation, link_key=sender.link_key)
    stop_link = f"{sender.base_url}/stop/{token}"
    rendered = mail_texts.written(
        session,
        wave,
        mail_texts.text_of(session, wave, template_of(row.step), locale),
        locale=locale,
        name=contact.name,
        names=_names(session, invitation, wave),
        link=f"{sender.base_url}/r/{token}",
        stop_link=stop_link,
    )
    headers = {"List-Unsubscribe": f"<{stop_link}>"}
    if sender.base_url.startswith("https://"):  # RFC 8058 knows no other
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return Message(
        key=str(row.id),
        sender=sender.address,
        sender_name=programme.asker,
        recipient=contact.email,
        recipient_name=contact.name,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        written_at=row.created_at,
        headers=headers,
    )


def to_user(
    session: Session, row: OutgoingMail, user: User, sender: Sender, *, at: datetime
) -> Message:
    """Write a mail to somebody with an account: a test of a wave's mail, or a link for a password."""
    programme = session.get(Programme, row.programme_id) if row.programme_id else None
    if row.step == mail.SET_PASSWORD:
        rendered = _about_password(row, user, sender, programme, at=at)
    else:
        rendered = _test(session, row, user, sender)
    return Message(
        key=str(row.id),
        sender=sender.address,
        sender_name=programme.asker if programme else _PRODUCT,
        recipient=user.email,
        recipient_name=user.name,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        written_at=row.created_at,
    )


def template_of(step: str) -> str:
    """Return which text a step's mail has: every reminder has the same."""
    return "reminder" if step.startswith("reminder-") else step


def _about_password(
    row: OutgoingMail, user: User, sender: Sender, programme: Programme | None, *, at: datetime
) -> Rendered:
    wanted = row.locale or (programme.locale if programme else phrases.FALLBACK)
    language = rendering.written_in(mail.SET_PASSWORD, wanted)
    return rendering.render(
        rendering.ready(mail.SET_PASSWORD, language),
        {
            "name": user.name,
            "site": sender.base_url,
            "link": sender.password_link(user),
            "last_day": rendering.long_date((at + users.LINK_LASTS).date(), language),
        },
        language=language,
        link_label=phrases.phrases(language).choose_password,
    )


def _test(session: Session, row: OutgoingMail, user: User, sender: Sender) -> Rendered:
    wave = session.get(Wave, row.wave_id) if row.wave_id else None
    template = row.step.removeprefix(_TEST)
    if wave is None or template not in mail_texts.TEMPLATES:
        raise Invalid(f"There is no mail {row.step!r} to users.")
    text = mail_texts.text_of(session, wave, template, row.locale)
    words = phrases.phrases(text.language)
    rendered = mail_texts.written(
        session,
        wave,
        text,
        locale=row.locale,
        name=user.name,
        names=mail_texts.sample(session, wave, row.locale).names,
        link=sender.base_url,
        notes=[words.test_note],
    )
    return rendered._replace(subject=f"{words.test_mark} {rendered.subject}")


def _names(session: Session, invitation: Invitation, wave: Wave) -> dict[str, str]:
    """Name the other company and the reader's own; several relationships give several names."""
    relationships = session.scalars(
        select(Relationship)
        .join(Assignment, Assignment.relationship_id == Relationship.id)
        .where(Assignment.invitation_id == invitation.id)
        .options(joinedload(Relationship.buyer), joinedload(Relationship.supplier))
    ).all()
    found = [links.companies_of(wave, each) for each in relationships]
    return {who: ", ".join(sorted({names[who] for names in found})) for who in ("them", "us")}
