"""Mail in an owner's words: what may stand in it, where it goes, and how the ready text comes back."""

import uuid
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from surveyapp.clock import utcnow
from surveyapp.delivery.memory import MemoryTransport
from surveyapp.errors import Conflict, Invalid, NotFound
from surveyapp.extensions import reading, state, transaction
from surveyapp.models.audit import AuditEvent
from surveyapp.models.reminders import MailText
from surveyapp.models.waves import Wave
from surveyapp.services import mail_sending, mail_text_checks, mail_texts, waves
from surveyapp.services.mail_messages import Sender
from tests.factories import annual_survey
from tests.web.world import open_wave

BODY = "Dear {name},\n\nplease: {link}\n\n{contract} Until {last_day}, {minutes}."
BASE = "https://survey.example.com"


@pytest.fixture
def wave_id(app: Flask) -> uuid.UUID:
    open_wave(app, "Ann", definition=annual_survey({"translations": {"de": {}}}))
    with reading() as session:
        return session.scalars(select(Wave.id)).one()


def save(wave_id: uuid.UUID, **changed: Any) -> None:
    given = {"template": "invitation", "locale": "en", "subject": "Please", "body": BODY} | changed
    with transaction() as session:
        wave = session.get_one(Wave, wave_id)
        mail_texts.save(session, wave, **given, by="user:jo@example.com", at=utcnow())


def text(wave_id: uuid.UUID, template: str = "invitation", locale: str = "en") -> mail_texts.Text:
    with reading() as session:
        return mail_texts.text_of(session, session.get_one(Wave, wave_id), template, locale)


def sent(wave_id: uuid.UUID) -> MemoryTransport:
    transport = MemoryTransport()
    sender = Sender(
        transport=transport,
        link_key=state().settings.link_key,
        base_url=BASE,
        address="surveys@example.com",
        password_link=lambda user: f"{BASE}/{user.id}",
    )
    mail_sending.send_due(transaction, wave_id, sender, now=utcnow, progress=lambda *_: None)
    return transport


def test_editing_starts_from_the_ready_text_which_is_one_that_may_be_saved(
    wave_id: uuid.UUID,
) -> None:
    with reading() as session:
        wave = session.get_one(Wave, wave_id)
        assert mail_texts.languages(session, wave) == ["en", "de"]
    for template in mail_texts.TEMPLATES:
        for locale in ("en", "de"):
            ready = text(wave_id, template, locale)
            assert not ready.is_own
            assert ready.language == locale
            save(wave_id, template=template, locale=locale, subject=ready.subject, body=ready.body)
            own = text(wave_id, template, locale)
            assert own == mail_texts.Text(ready.subject, ready.body, locale, is_own=True)


def test_the_owners_words_go_out_and_the_ready_ones_come_back(wave_id: uuid.UUID) -> None:
    save(wave_id, subject="An ask from {asker}", body=BODY)
    [message] = sent(wave_id).sent
    assert message.subject == "An ask from Kestrin key accounts"
    assert message.text.startswith(f"Dear Ann,\n\nplease: {BASE}/r/")
    assert "The people who run Kestrin key accounts can see your answers" in message.text
    assert message.headers["List-Unsubscribe"].startswith(f"<{BASE}/stop/")
    assert message.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    with transaction() as session:
        wave = session.get_one(Wave, wave_id)
        for _ in range(2):
            mail_texts.reset(
                session, wave, template="invitation", locale="en", by="jo", at=utcnow()
            )
    assert not text(wave_id).is_own
    with reading() as session:
        actions = session.scalars(select(AuditEvent.action).order_by(AuditEvent.number)).all()
    assert [each for each in actions if each.startswith("mail_text")] == [
        "mail_text.saved",
        "mail_text.reset",
    ]


def test_saving_again_replaces_the_text(wave_id: uuid.UUID) -> None:
    save(wave_id, subject="First")
    save(wave_id, subject="Second", body=BODY.replace("\n", "\r\n") + "\r\n")
    with reading() as session:
        [kept] = session.scalars(select(MailText)).all()
    assert (kept.subject, kept.body) == ("Second", BODY)


@pytest.mark.parametrize(
    ("changed", "field", "said"),
    [
        ({"subject": " "}, "subject", "This is empty."),
        ({"body": "\n "}, "body", "This is empty."),
        ({"body": BODY.replace("{link}", "")}, "body", "{link} is missing."),
        ({"body": BODY.replace("{contract}", "")}, "body", "{contract} is missing."),
        ({"body": BODY + "{token}"}, "body", "Nothing is known to put in place of {token}."),
        ({"body": BODY + "{Name}"}, "body", "A brace stands without"),
        ({"body": BODY + "{name"}, "body", "A brace stands without"),
        ({"body": BODY + "{{ 7 * 7 }}"}, "body", "A brace stands without"),
        ({"subject": "See {link}"}, "subject", "belongs into the text"),
        ({"subject": "x" * 201}, "subject", "This has 201 characters. At most 200 are sent."),
        ({"body": BODY + "x" * 5000}, "body", "At most 5000 are sent."),
        ({"subject": "Two\nlines"}, "subject", "characters nobody can see"),
        ({"body": BODY + "\x00"}, "body", "characters nobody can see"),
        ({"body": BODY + "\N{RIGHT-TO-LEFT OVERRIDE}"}, "body", "characters nobody can see"),
    ],
)
def test_a_text_that_cannot_be_sent_is_refused_with_its_field(
    wave_id: uuid.UUID, changed: dict[str, str], field: str, said: str
) -> None:
    with pytest.raises(Invalid) as refused:
        save(wave_id, **changed)
    assert [problem.place for problem in refused.value.problems if said in problem.message] == [
        field
    ]
    assert not text(wave_id).is_own


def test_every_problem_is_told_at_once() -> None:
    with pytest.raises(Invalid) as refused:
        mail_text_checks.check("", "{oops}")
    assert len(refused.value.problems) == 4


@pytest.mark.parametrize(("template", "locale"), [("invoice", "en"), ("invitation", "fr")])
def test_a_mail_or_language_there_is_not_is_not_found(
    wave_id: uuid.UUID, template: str, locale: str
) -> None:
    with pytest.raises(NotFound):
        text(wave_id, template, locale)
    with pytest.raises(NotFound):
        save(wave_id, template=template, locale=locale)


def test_a_closed_wave_keeps_its_texts(wave_id: uuid.UUID) -> None:
    with transaction() as session:
        waves.close(session, session.get_one(Wave, wave_id), by="test", at=utcnow())
    with pytest.raises(Conflict, match="no mail goes out any more"):
        save(wave_id)


def preview(wave_id: uuid.UUID, locale: str = "en", **typed: str) -> str:
    with reading() as session:
        wave = session.get_one(Wave, wave_id)
        shown = mail_texts.preview(
            session, wave, template="invitation", locale=locale, base_url=BASE, **typed
        )
    return f"{shown.subject}\n{shown.text}"


def test_a_preview_reads_as_somebody_of_the_wave_would_and_opens_nothing(
    app: Flask, wave_id: uuid.UUID
) -> None:
    shown = preview(wave_id)
    assert "Hello Ann," in shown
    assert "working with Kestrin going" in shown
    assert f"{BASE}/r/preview" in shown
    assert "This is a preview. Its link opens nothing." in shown
    assert app.test_client().get("/r/preview").status_code == 404
    assert "Guten Tag Ann," in preview(wave_id, "de")


def test_a_preview_shows_what_was_typed_and_keeps_nothing(wave_id: uuid.UUID) -> None:
    assert preview(wave_id, subject="Typed", body=BODY).startswith("Typed\nDear Ann,")
    with pytest.raises(Invalid):
        preview(wave_id, subject="Typed", body="No link")
    assert not text(wave_id).is_own


def test_the_languages_of_a_mail_are_those_of_its_questionnaire(app: Flask) -> None:
    open_wave(app, "Ann", locale="de", definition=annual_survey({"translations": {}}))
    with reading() as session:
        wave = session.scalars(select(Wave)).one()
        assert mail_texts.languages(session, wave) == ["en"]
    [message] = sent(wave.id).sent
    assert message.text.startswith("Hello Ann,"), "the questionnaire behind the link is English"
