"""Where each person stands, and who may be told."""

import uuid
from collections import Counter

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from surveyapp.extensions import reading, transaction
from surveyapp.models.accounts import Contact, Stakeholder
from surveyapp.models.invitations import Assignment, Invitation
from surveyapp.models.mail import MailState, OutgoingMail
from surveyapp.models.responses import SavedSection
from surveyapp.services import positions, programmes, wave_people, wave_reminder_lists, waves
from surveyapp.services.listing import Order
from surveyapp.services.positions import Position
from surveyapp.services.wave_reminder_lists import REMINDED
from tests import factories
from tests.factories import AT
from tests.services.wave_world import (
    DAY,
    change_contact,
    come_to,
    draft,
    launch,
    mail_all,
)
from tests.web.results_world import counted as statements_of


def place_of(name: str) -> Position:
    with reading() as session:
        is_it = Invitation.contact_id == (
            select(Contact.id).where(Contact.name == name).scalar_subquery()
        )
        wave = waves.load(session, session.scalars(select(Invitation.wave_id).where(is_it)).one())
        return session.scalars(select(positions.position(wave)).where(is_it)).one()


def counted(wave_id: uuid.UUID) -> dict[Position, int]:
    with reading() as session:
        return positions.counts(session, waves.load(session, wave_id))


def test_a_person_moves_from_the_list_to_the_answer(app: Flask) -> None:
    wave_id = draft("Ann")
    launch(wave_id)
    assert place_of("Ann") is Position.WAITING
    mail_all(wave_id)
    assert place_of("Ann") is Position.SENT
    for place, expected in (
        ("started", Position.STARTED),
        ("section", Position.SECTION),
        ("submitted", Position.SUBMITTED),
    ):
        come_to("Ann", place)
        assert place_of("Ann") is expected
    assert counted(wave_id) == {**dict.fromkeys(Position, 0), Position.SUBMITTED: 1}


@pytest.mark.parametrize("state", [MailState.UNCERTAIN, MailState.FAILED, MailState.DROPPED])
def test_mail_that_is_not_known_to_have_gone_leaves_a_person_waiting(
    app: Flask, state: MailState
) -> None:
    wave_id = draft("Ann")
    launch(wave_id)
    mail_all(wave_id, state=state)
    assert place_of("Ann") is Position.WAITING


def test_a_refused_address_is_bounced_until_it_is_mended_and_mail_went(app: Flask) -> None:
    wave_id = draft("Ann")
    launch(wave_id)
    mail_all(wave_id, state=MailState.BOUNCED)
    assert place_of("Ann") is Position.BOUNCED
    change_contact("Ann", bounced_at=AT)
    assert place_of("Ann") is Position.BOUNCED


def test_an_address_that_bounced_later_is_bounced_though_mail_had_gone(app: Flask) -> None:
    wave_id = draft("Ann")
    launch(wave_id)
    mail_all(wave_id)
    change_contact("Ann", bounced_at=AT)
    assert place_of("Ann") is Position.BOUNCED
    change_contact("Ann", bounced_at=None)
    assert place_of("Ann") is Position.SENT
    change_contact("Ann", bounced_at=AT)
    come_to("Ann", "started")
    assert place_of("Ann") is Position.STARTED, "they hold the link from elsewhere"


def test_one_of_two_questionnaires_sent_is_a_section_and_both_are_submitted(app: Flask) -> None:
    wave_id = draft("Ann")
    with transaction() as session:
        part = session.scalars(select(Stakeholder)).one()
        ann = session.get_one(Contact, part.contact_id)
        programme = programmes.find(session, "kestrin")
        buyer = session.get_one(factories.Organisation, ann.organisation_id)
        other = factories.make_organisation(session, programme, "Other")
        factories.make_part(session, ann, factories.make_relationship(session, buyer, other))
    launch(wave_id)
    with transaction() as session:
        session.scalars(select(Invitation)).one().started_at = AT
        session.scalars(select(Assignment).limit(1)).one().submitted_at = AT
    assert place_of("Ann") is Position.SECTION
    come_to("Ann", "submitted")
    assert place_of("Ann") is Position.SUBMITTED


def at_every_place(*more: str, anonymity: str) -> uuid.UUID:
    people = ("Asked", "Bounced", "Section", "Started", "Submitted", *more)
    wave_id = draft(*people, anonymity=anonymity)
    launch(wave_id)
    mail_all(wave_id)
    change_contact("Bounced", bounced_at=AT)
    for name in ("Section", "Started", "Submitted"):
        come_to(name, name.lower())
    return wave_id


def test_every_position_is_counted(app: Flask) -> None:
    wave_id = at_every_place(anonymity="identified")
    with statements_of(app) as statements:
        assert counted(wave_id) == {**dict.fromkeys(Position, 1), Position.WAITING: 0}
    counts = [each for each in statements if "count(*)" in each]
    assert len(counts) == 1, "people who join between two statements would be counted in one only"


def looked_up(session: Session, invitation: Invitation) -> Position:
    """Where somebody stands, told from each of their rows."""
    parts = session.scalars(select(Assignment).filter_by(invitation_id=invitation.id)).all()
    mails = session.scalars(select(OutgoingMail).filter_by(invitation_id=invitation.id)).all()
    saved = [
        session.scalars(select(SavedSection).filter_by(assignment_id=e.id)).all() for e in parts
    ]
    if all(part.submitted_at for part in parts):
        return Position.SUBMITTED
    if invitation.started_at:
        has_more = any(saved) or any(part.submitted_at for part in parts)
        return Position.SECTION if has_more else Position.STARTED
    if session.get_one(Contact, invitation.contact_id).bounced_at:
        return Position.BOUNCED
    if any(mail.sent_at for mail in mails):
        return Position.SENT
    came_back = any(mail.state is MailState.BOUNCED for mail in mails)
    return Position.BOUNCED if came_back else Position.WAITING


def test_all_that_is_said_of_positions_agrees_with_looking_at_each_person(app: Flask) -> None:
    wave_id = at_every_place(*("Back", "Doubt"), anonymity="identified")
    with transaction() as session:
        mails = session.scalars(select(OutgoingMail).join(Invitation).join(Contact)).all()
        for mail in mails:
            name = session.get_one(
                Contact, session.get_one(Invitation, mail.invitation_id).contact_id
            ).name
            if name in {"Back", "Doubt", "Started"}:
                mail.state, mail.sent_at = MailState.BOUNCED, None
            if name == "Doubt":
                mail.state = MailState.UNCERTAIN
    with reading() as session:
        wave = waves.load(session, wave_id)
        invitations = session.scalars(select(Invitation)).all()
        plain = {each.id: looked_up(session, each) for each in invitations}
        assert set(plain.values()) == set(Position)
        told = session.execute(select(Invitation.id, positions.position(wave))).all()
        assert {row[0]: row[1] for row in told} == plain
        for place in Position:
            is_there = positions.is_at(wave, place, tells_positions=True)
            found = set(session.scalars(select(Invitation.id).where(is_there)))
            assert found == {each for each, at in plain.items() if at is place}, place
        assert positions.counts(session, wave) == Counter(plain.values())
        meant = wave_reminder_lists.is_meant(wave, wave_reminder_lists.EVERYBODY)
        reached = set(session.scalars(select(Invitation.id).where(meant)))
        assert reached == {each for each, at in plain.items() if at in REMINDED}


def listed(wave_id: uuid.UUID, **given: object) -> list[tuple[str, str]]:
    with reading() as session:
        page = wave_people.page(session, waves.load(session, wave_id), **given)  # type: ignore[arg-type] # as each test says
        return [(row.name, row.position) for row in page.rows]


def test_an_identified_list_tells_every_position_and_sorts_by_it(app: Flask) -> None:
    wave_id = at_every_place(anonymity="identified")
    by_place = listed(wave_id, order=Order("position", is_descending=True))
    assert by_place == [
        ("Submitted", "submitted"),
        ("Section", "section"),
        ("Started", "started"),
        ("Bounced", "bounced"),
        ("Asked", "sent"),
    ]
    assert listed(wave_id, position=Position.STARTED) == [("Started", "started")]


@pytest.mark.parametrize("position", [Position.STARTED, Position.SECTION, Position.SUBMITTED])
def test_a_confidential_list_tells_nothing_after_asked(app: Flask, position: Position) -> None:
    wave_id = at_every_place(anonymity="confidential")
    assert [place for _, place in listed(wave_id)] == ["sent", "bounced", "sent", "sent", "sent"]
    assert listed(wave_id, position=position) == []
    assert len(listed(wave_id, position=Position.SENT)) == 4
    with reading() as session:
        assert not wave_people.tells_positions(waves.load(session, wave_id))


def test_a_bounced_address_says_nothing_about_answering_in_a_confidential_list(
    app: Flask,
) -> None:
    wave_id = at_every_place(anonymity="confidential")
    before = listed(wave_id)
    come_to("Bounced", "submitted")
    assert listed(wave_id) == before


def test_people_are_found_by_words_in_name_address_or_company(app: Flask) -> None:
    wave_id = draft("Ann Berg", "Bo Lind", "Cy 100%")
    launch(wave_id)
    for search, names in (
        ("berg", ["Ann Berg"]),
        ("aldermere LIND", ["Bo Lind"]),
        ("@example.com", ["Ann Berg", "Bo Lind", "Cy 100%"]),
        ("100%", ["Cy 100%"]),
        ("%", ["Cy 100%"]),
        ("nobody", []),
    ):
        assert [name for name, _ in listed(wave_id, search=search)] == names


def test_a_row_of_the_list_says_who_why_and_where_the_mail_is(app: Flask) -> None:
    wave_id = draft("Ann")
    launch(wave_id)
    mail_all(wave_id, at=AT + DAY)
    with reading() as session:
        [row] = wave_people.page(session, waves.load(session, wave_id)).rows
    assert (row.email, row.organisation) == ("ann@example.com", "Aldermere")
    assert row.reason == "Procurement, decides, for Aldermere"
    assert row.mail is MailState.SENT


def test_who_is_left_off_is_listed_by_reason(app: Flask) -> None:
    wave_id = draft("Ann", "Bo", "Cy")
    change_contact("Bo", opted_out_at=AT)
    change_contact("Cy", bounced_at=AT)
    launch(wave_id)
    with reading() as session:
        wave = waves.load(session, wave_id)
        everybody = wave_people.omissions(session, wave, order=Order("reason"))
        assert [row.name for row in everybody.rows] == ["Cy", "Bo"]
        opted_out = wave_people.OmissionReason.OPTED_OUT
        assert wave_people.omissions(session, wave, reason=opted_out).total == 1
        assert wave_people.omissions(session, wave, search="cy").total == 1
