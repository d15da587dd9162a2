"""What a wave's mails say: the ready text, or what its owner wrote in its place."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, delete, exists, select, true
from sqlalchemy.orm import Session, joinedload

from surveyapp.delivery import phrases, prose, rendering
from surveyapp.delivery.rendering import Rendered
from surveyapp.errors import Conflict, NotFound
from surveyapp.models.accounts import Contact, Relationship, Stakeholder
from surveyapp.models.definitions import QuestionnaireVersion
from surveyapp.models.programmes import Programme
from surveyapp.models.reminders import MailText
from surveyapp.models.waves import Wave, WaveState
from surveyapp.questionnaires.loading import from_canonical_json
from surveyapp.questionnaires.wording import fill, locales
from surveyapp.services import audit, definitions, links, wave_lists
from surveyapp.services.mail_text_checks import check

TEMPLATES: Final = ("invitation", "reminder")


@dataclass(frozen=True, slots=True)
class Text:
    """A mail's text as an owner edits it."""

    subject: str
    body: str
    language: str
    """The language it is written in: of a ready text English, where the wanted one has none."""
    is_own: bool
    """Whether the owner wrote it; otherwise it is the ready text."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Somebody the mail might go to, for previews and tests."""

    name: str
    names: Mapping[str, str]
    """Who stands behind ``{them}`` and ``{us}``."""


def languages(session: Session, wave: Wave) -> list[str]:
    """Return the languages a wave's mail may be read in: those of its questionnaire, base first.

    A mail speaks as the questionnaire behind its link does, so it has no others.
    """
    return locales(from_canonical_json(_version(session, wave).canonical_json))


def text_of(session: Session, wave: Wave, template: str, locale: str) -> Text:
    """Return what a mail says in a language. Raises NotFound for a mail or language there is not."""
    _require_known(session, wave, template, locale)
    own = session.scalars(
        select(MailText).where(
            MailText.wave_id == wave.id, MailText.template == template, MailText.locale == locale
        )
    ).first()
    if own is not None:
        return Text(own.subject, own.body, locale, is_own=True)
    return ready_text(template, locale)


def ready_text(template: str, locale: str) -> Text:
    """Return the text a mail has unless its owner writes another."""
    language = rendering.written_in(template, locale)
    ready = rendering.ready(template, language)
    return Text(ready.subject, ready.body, language, is_own=False)


def save(
    session: Session,
    wave: Wave,
    *,
    template: str,
    locale: str,
    subject: str,
    body: str,
    by: str,
    at: datetime,
) -> MailText:
    """Replace a mail's text in one language; what has gone out already stays as it was.

    Raises
    ------
    Invalid
        A text that cannot be sent; ``problems`` name ``subject`` and ``body``.
    Conflict
        The wave is closed: no mail goes out any more.
    """
    _require_known(session, wave, template, locale)
    _require_open(wave)
    subject, body = subject.strip(), _in_order(body)
    check(subject, body)
    own = session.scalars(
        select(MailText)
        .where(
            MailText.wave_id == wave.id, MailText.template == template, MailText.locale == locale
        )
        .with_for_update()
    ).first()
    if own is None:
        own = MailText(
            programme_id=wave.programme_id, wave_id=wave.id, template=template, locale=locale
        )
        session.add(own)
    own.subject, own.body, own.updated_at = subject, body, at
    session.flush()
    _record(session, wave, "mail_text.saved", template, locale, by=by, at=at)
    return own


def reset(
    session: Session, wave: Wave, *, template: str, locale: str, by: str, at: datetime
) -> None:
    """Give a mail its ready text back."""
    _require_known(session, wave, template, locale)
    _require_open(wave)
    gone = session.scalars(
        delete(MailText)
        .where(
            MailText.wave_id == wave.id, MailText.template == template, MailText.locale == locale
        )
        .returning(MailText.id)
    ).all()
    if gone:
        _record(session, wave, "mail_text.reset", template, locale, by=by, at=at)


def preview(
    session: Session,
    wave: Wave,
    *,
    template: str,
    locale: str,
    base_url: str,
    subject: str | None = None,
    body: str | None = None,
) -> Rendered:
    """Show a mail as somebody of the wave would read it, with a link that opens nothing.

    ``subject`` and ``body`` stand for a text not saved yet. Raises Invalid as ``save`` does.
    """
    text = text_of(session, wave, template, locale)
    if subject is not None and body is not None:
        text = Text(subject.strip(), _in_order(body), locale, is_own=True)
        check(text.subject, text.body)
    someone = sample(session, wave, locale)
    return written(
        session,
        wave,
        text,
        locale=locale,
        name=someone.name,
        names=someone.names,
        link=f"{base_url}/r/preview",
        notes=[phrases.phrases(text.language).preview_note],
    )


def sample(session: Session, wave: Wave, locale: str) -> Sample:
    """Return somebody on the side the wave asks, one who reads that language if there is one."""
    someone = _first_by_name(session, wave, Contact.locale == locale)
    someone = someone or _first_by_name(session, wave, true())
    found = (
        someone
        and session.execute(
            select(Contact.name, Relationship)
            .join(Stakeholder, Stakeholder.contact_id == Contact.id)
            .join(Relationship, Relationship.id == Stakeholder.relationship_id)
            .where(Contact.id == someone, Stakeholder.side == wave_lists.side_of(wave.view))
            .options(joinedload(Relationship.buyer), joinedload(Relationship.supplier))
            .order_by(Relationship.id)
            .limit(1)
        ).first()
    )
    if not found:
        return Sample("Jo Sample", {"them": "Sample Ltd", "us": "Sample Inc"})
    name, relationship = found
    return Sample(name, links.companies_of(wave, relationship))


def _first_by_name(session: Session, wave: Wave, which: ColumnElement[bool]) -> uuid.UUID | None:
    """Walk the people in the order of an index up to the first: sorting all of them costs seconds."""
    part = exists().where(
        Stakeholder.contact_id == Contact.id, Stakeholder.side == wave_lists.side_of(wave.view)
    )
    return session.scalar(
        select(Contact.id)
        .where(Contact.programme_id == wave.programme_id, which, part.correlate(Contact))
        .order_by(Contact.name, Contact.id)
        .limit(1)
    )


def written(
    session: Session,
    wave: Wave,
    text: Text,
    *,
    locale: str,
    name: str,
    names: Mapping[str, str],
    link: str,
    notes: Sequence[str] = (),
    stop_link: str = "",
) -> Rendered:
    """Set what is true of a wave and a reader into a text."""
    programme = session.get_one(Programme, wave.programme_id)
    asked = definitions.load(_version(session, wave), locale)
    language = text.language
    return rendering.render(
        rendering.Text(text.subject, text.body),
        {
            "name": name,
            "asker": programme.asker,
            "them": names["them"],
            "title": fill(asked.title, names),
            "minutes": phrases.minutes(language, asked.minutes),
            "last_day": rendering.long_date(wave.last_day, language),
            "link": link,
            "contract": phrases.contract(language, asked.anonymity, asker=programme.asker),
        },
        language=language,
        link_label=phrases.phrases(language).open_questionnaire,
        after=_since_last(wave, language),
        notes=[*notes, _from(programme)],
        stop_link=stop_link,
    )


def _since_last(wave: Wave, language: str) -> list[str]:
    said = prose.plain(wave.since_last)
    return [phrases.phrases(language).since_last, *said] if said else []


def _from(programme: Programme) -> str:
    note = f" ({programme.data_note})" if programme.data_note else ""
    return f"{programme.name}{note}"


def _in_order(body: str) -> str:
    return body.replace("\r\n", "\n").replace("\r", "\n").strip()


def _version(session: Session, wave: Wave) -> QuestionnaireVersion:
    return session.get_one(QuestionnaireVersion, wave.questionnaire_version_id)


def _require_known(session: Session, wave: Wave, template: str, locale: str) -> None:
    if template not in TEMPLATES:
        raise NotFound(f"There is no mail {template!r}.")
    if locale not in languages(session, wave):
        raise NotFound(f"The questionnaire of {wave.slug} is not written in {locale!r}.")


def _require_open(wave: Wave) -> None:
    if wave.state == WaveState.CLOSED:
        raise Conflict(f"Wave {wave.slug} is closed: no mail goes out any more.")


def _record(
    session: Session, wave: Wave, action: str, template: str, locale: str, *, by: str, at: datetime
) -> None:
    audit.record(
        session,
        session.get_one(Programme, wave.programme_id),
        action,
        subject=f"wave:{wave.slug}",
        by=by,
        at=at,
        mail=template,
        locale=locale,
    )
