"""Waves: who is asked, once; what a state allows; closing by hand and by the clock."""

import uuid
from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from surveyapp.errors import Conflict, Invalid, NotFound, WaveStateError
from surveyapp.extensions import reading, transaction
from surveyapp.models.accounts import Contact, Side, Stakeholder
from surveyapp.models.audit import AuditEvent
from surveyapp.models.invitations import Assignment, Invitation
from surveyapp.models.jobs import Job
from surveyapp.models.mail import OutgoingMail
from surveyapp.models.programmes import Programme
from surveyapp.models.waves import View, Wave, WaveState
from surveyapp.services import definitions, programmes, wave_clock, wave_launches, waves
from tests import factories
from tests.factories import AT, annual_survey

KEY = b"k" * 32
DAY = timedelta(days=1)


def nobody_watches(_done: int, _total: int) -> None:
    """Progress that goes nowhere."""


def draft(*names: str, slug: str = "kestrin") -> uuid.UUID:
    """Draft a wave among the named contacts of one buyer of one supplier."""
    with transaction() as session:
        programme = factories.make_programme(session, slug)
        buyer, supplier = (
            factories.make_organisation(session, programme, name)
            for name in ("Aldermere", "Kestrin")
        )
        relationship = factories.make_relationship(session, buyer, supplier)
        for name in names:
            contact = factories.make_contact(session, buyer, name)
            factories.make_part(session, contact, relationship)
        return factories.make_wave(session, programme, annual_survey()).id


def change(contact: str, do: Callable[[Contact, Stakeholder], None]) -> None:
    with transaction() as session:
        person = session.scalars(select(Contact).where(Contact.name == contact)).one()
        part = session.scalars(select(Stakeholder).where(Stakeholder.contact_id == person.id)).one()
        do(person, part)


def launch(wave_id: uuid.UUID) -> uuid.UUID:
    with transaction() as session:
        return waves.launch(session, waves.load(session, wave_id), by="test", at=AT).id


def invite(
    wave_id: uuid.UUID, progress: Callable[[int, int], None] = nobody_watches, **times: timedelta
) -> int:
    at = AT + times.get("after", timedelta())
    return wave_launches.invite_all(
        reading, transaction, wave_id, link_key=KEY, now=lambda: at, progress=progress
    )


def invited() -> list[str]:
    with reading() as session:
        query = select(Contact.name).join(Invitation, Invitation.contact_id == Contact.id)
        return sorted(session.scalars(query))


def state_of(wave_id: uuid.UUID) -> WaveState:
    with reading() as session:
        return waves.load(session, wave_id).state


def test_launch_skips_contacts_who_opted_out_and_parts_that_ended_or_have_not_begun(
    app: Flask,
) -> None:
    wave_id = draft("Ann", "Bo", "Cy", "Di", "Eve")
    change("Bo", lambda person, _: setattr(person, "opted_out_at", AT))
    change("Cy", lambda _, part: setattr(part, "until_on", (AT - DAY).date()))
    change("Di", lambda _, part: setattr(part, "from_on", (AT + DAY).date()))
    change(
        "Eve", lambda _, part: [setattr(part, end, AT.date()) for end in ("from_on", "until_on")]
    )
    launch(wave_id)
    assert invite(wave_id) == 2
    assert invited() == ["Ann", "Eve"]
    assert state_of(wave_id) is WaveState.OPEN


def test_who_stands_on_the_other_side_is_not_asked(app: Flask) -> None:
    wave_id = draft("Ann", "Maren")
    change("Maren", lambda _, part: setattr(part, "side", Side.SUPPLIER))
    launch(wave_id)
    invite(wave_id)
    assert invited() == ["Ann"]


def test_one_contact_of_two_relationships_gets_one_link_and_two_questionnaires(app: Flask) -> None:
    wave_id = draft("Ann")
    with transaction() as session:
        ann = session.scalars(select(Contact)).one()
        part = session.scalars(select(Stakeholder)).one()
        programme = session.scalars(select(Programme)).one()
        other = factories.make_organisation(session, programme, "Brook")
        buyer = session.get_one(type(other), ann.organisation_id)
        factories.make_part(session, ann, factories.make_relationship(session, buyer, other))
    launch(wave_id)
    assert invite(wave_id) == 1
    with reading() as session:
        assert session.scalar(select(func.count(Invitation.id))) == 1
        about = set(session.scalars(select(Assignment.relationship_id)))
        assert len(about) == 2
        assert part.relationship_id in about


@pytest.mark.parametrize("reason", ["opted_out", "ended", "not_begun"])
def test_a_wave_with_nobody_to_ask_is_not_launched(app: Flask, reason: str) -> None:
    wave_id = draft("Ann")
    changes: dict[str, Callable[[Contact, Stakeholder], None]] = {
        "opted_out": lambda person, _: setattr(person, "opted_out_at", AT),
        "ended": lambda _, part: setattr(part, "until_on", (AT - DAY).date()),
        "not_begun": lambda _, part: setattr(part, "from_on", (AT + DAY).date()),
    }
    change("Ann", changes[reason])
    with pytest.raises(Invalid, match="nobody to ask"):
        launch(wave_id)
    assert state_of(wave_id) is WaveState.DRAFT
    with reading() as session:
        assert session.scalars(select(Job)).all() == []


def test_a_wave_is_launched_once(app: Flask) -> None:
    wave_id = draft("Ann")
    launch(wave_id)
    with pytest.raises(WaveStateError, match="is launching; only a wave that is draft"):
        launch(wave_id)
    invite(wave_id)
    with pytest.raises(WaveStateError, match="is open"):
        launch(wave_id)


def test_a_wave_whose_closing_time_passed_is_not_launched(app: Flask) -> None:
    wave_id = draft("Ann")
    with (
        pytest.raises(WaveStateError, match="Move the closing date first"),
        transaction() as session,
    ):
        waves.launch(session, waves.load(session, wave_id), by="test", at=AT + 20 * DAY)


@pytest.mark.parametrize("step", [waves.launch, waves.close])
def test_of_two_who_press_at_once_one_is_told_it_is_done(
    app: Flask,
    at_once: Callable[[Sequence[Callable[[], object]]], list[object]],
    step: Callable[..., Job],
) -> None:
    wave_id = draft("Ann")
    if step is waves.close:
        launch(wave_id)
        invite(wave_id)

    def press(seconds: int) -> Job:
        with transaction() as session:
            at = AT + timedelta(seconds=seconds)
            return step(session, waves.load(session, wave_id), by="test", at=at)

    found = at_once([lambda each=each: press(each) for each in range(4)])  # type: ignore[misc] # defaults bind the number
    assert [type(each) for each in found if not isinstance(each, Job)] == [WaveStateError] * 3
    with reading() as session:
        action = "wave.launched" if step is waves.launch else "wave.closed"
        query = select(func.count(AuditEvent.id)).where(AuditEvent.action == action)
        assert session.scalar(query) == 1


def test_a_launch_killed_between_chunks_completes_with_nobody_invited_twice(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wave_launches, "CHUNK", 3)
    names = [f"Person {number:02}" for number in range(11)]
    wave_id = draft(*names)
    launch(wave_id)
    seen: list[tuple[int, int]] = []

    def die_in_the_middle(done: int, total: int) -> None:
        seen.append((done, total))
        if len(seen) in {2, 4}:
            raise KeyboardInterrupt

    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            invite(wave_id, die_in_the_middle)
        assert state_of(wave_id) is WaveState.LAUNCHING
    assert invite(wave_id, die_in_the_middle) == 11
    assert seen == [(3, 11), (6, 11), (9, 11), (11, 11)]
    assert invited() == names
    with reading() as session:
        assert session.scalar(select(func.count(Assignment.id))) == 11
        assert session.scalar(select(func.count(OutgoingMail.id))) == 11
    assert invite(wave_id) == 11, "a job that runs once more changes nothing"


def test_a_long_launch_lets_postgresql_see_how_the_tables_grow(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wave_launches, "CHUNK", 2)
    monkeypatch.setattr(wave_launches, "_LOOK_AFTER", 4)
    wave_id = draft(*(f"Person {number}" for number in range(9)))
    launch(wave_id)
    invite(wave_id)
    with reading() as session:
        assert session.scalar(select(func.count(Invitation.id))) == 9
        if session.get_bind().dialect.name == "postgresql":
            rows = text("SELECT reltuples FROM pg_class WHERE relname = 'invitation'")
            assert session.scalar(rows) == 8, "after four and after eight of nine"


def test_two_workers_inviting_at_once_invite_everybody_once(
    app: Flask,
    monkeypatch: pytest.MonkeyPatch,
    at_once: Callable[[Sequence[Callable[[], object]]], list[object]],
) -> None:
    monkeypatch.setattr(wave_launches, "CHUNK", 2)
    names = [f"Person {number:02}" for number in range(9)]
    wave_id = draft(*names)
    launch(wave_id)
    found = at_once([lambda: invite(wave_id)] * 2)
    assert found == [9, 9]
    assert invited() == names


def test_closing_time_closes_and_asks_for_the_scores(app: Flask) -> None:
    wave_id = draft("Ann")
    launch(wave_id)
    invite(wave_id)
    for at, is_over in ((AT + 20 * DAY - timedelta(seconds=1), False), (AT + 20 * DAY, True)):
        with transaction() as session:
            assert wave_clock.has_due(session, at=at) is is_over
            wave_clock.keep_time(session, at=at)
        assert (state_of(wave_id) is WaveState.CLOSED) is is_over
    with reading() as session:
        assert waves.load(session, wave_id).closed_at == AT + 20 * DAY
        assert session.scalars(select(Job.kind).where(Job.kind == "score-wave")).all() == [
            "score-wave"
        ]


def test_workers_that_notice_the_closing_time_together_close_once(
    app: Flask, at_once: Callable[[Sequence[Callable[[], object]]], list[object]]
) -> None:
    wave_id = draft("Ann")
    launch(wave_id)
    invite(wave_id)

    def notice() -> None:
        with transaction() as session:
            wave_clock.keep_time(session, at=AT + 21 * DAY)

    assert at_once([notice] * 4) == [None] * 4
    with reading() as session:
        query = select(func.count(Job.id)).where(Job.kind == "score-wave")
        assert session.scalar(query) == 1


def test_closing_by_hand_asks_for_one_scoring(app: Flask) -> None:
    wave_id = draft("Ann")
    launch(wave_id)
    invite(wave_id)
    with transaction() as session:
        wave = waves.load(session, wave_id)
        job = waves.close(session, wave, by="test", at=AT + DAY)
        again = waves.request_scores(session, wave, by="test", at=AT + DAY)
        assert again is job
    assert job.arguments == {"wave": str(wave_id), "by": "test"}


@pytest.mark.parametrize("step", [waves.close, waves.request_scores])
def test_what_a_draft_cannot_do_is_refused(app: Flask, step: Callable[..., Job]) -> None:
    wave_id = draft("Ann")
    with pytest.raises(Conflict, match="is draft"), transaction() as session:
        step(session, waves.load(session, wave_id), by="test", at=AT)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"slug": "Not a slug"}, "short name"),
        ({"slug": "autumn"}, "already a wave"),
        ({"view": View.SUPPLIER_ON_BUYER}, "is written for buyer-on-supplier"),
        ({"closes_at": AT}, "that is past"),
        ({"name": " "}, "1 to 300 characters"),
        ({"name": "x" * 301}, "1 to 300 characters"),
    ],
)
def test_a_wave_that_cannot_be_is_not_drafted(
    app: Flask, wrong: dict[str, object], words: str
) -> None:
    draft("Ann")
    given: dict[str, object] = {
        "slug": "winter",
        "name": "Winter",
        "view": View.BUYER_ON_SUPPLIER,
        "closes_at": AT + DAY,
    }

    def create() -> None:
        with transaction() as session:
            owner = programmes.find(session, "kestrin")
            version = definitions.publish(session, owner, annual_survey(), by="test", at=AT)
            waves.create(session, owner, **{**given, **wrong}, version=version, by="test", at=AT)  # type: ignore[arg-type] # wrong on purpose

    with pytest.raises((Invalid, Conflict), match=words):
        create()
    with reading() as session:
        assert session.scalar(select(func.count(Wave.id))) == 1


def test_one_programme_does_not_find_anothers_wave(app: Flask) -> None:
    draft("Ann")
    with transaction() as session:
        other = factories.make_programme(session, "other")
        with pytest.raises(NotFound, match="no wave 'autumn'"):
            waves.find(session, other, "autumn")
        with pytest.raises(NotFound):
            waves.load(session, uuid.uuid4())


def a_part_across(session: Session, here: Stakeholder, other: Programme) -> Stakeholder:
    return Stakeholder(
        programme_id=other.id,
        contact_id=here.contact_id,
        relationship_id=here.relationship_id,
        side=Side.BUYER,
        function=here.function,
        influence=here.influence,
        created_at=AT,
    )


def an_invitation_across(session: Session, here: Stakeholder, other: Programme) -> Invitation:
    wave = session.scalars(select(Wave).where(Wave.programme_id == here.programme_id)).one()
    return Invitation(
        programme_id=other.id,
        wave_id=wave.id,
        contact_id=here.contact_id,
        token_hash="0" * 64,
        reason="",
        created_at=AT,
    )


def a_wave_across(session: Session, here: Stakeholder, other: Programme) -> Wave:
    wave = session.scalars(select(Wave).where(Wave.programme_id == here.programme_id)).one()
    return Wave(
        programme_id=other.id,
        slug="theirs",
        name="Theirs",
        view=wave.view,
        questionnaire_version_id=wave.questionnaire_version_id,
        closes_at=AT + DAY,
        created_at=AT,
    )


@pytest.mark.parametrize("across", [a_part_across, an_invitation_across, a_wave_across])
def test_rows_of_two_programmes_cannot_be_linked(
    app: Flask, across: Callable[[Session, Stakeholder, Programme], object]
) -> None:
    draft("Ann")
    with transaction() as session:
        factories.make_programme(session, "other")

    def link() -> None:
        with transaction() as session:
            here = session.scalars(select(Stakeholder)).one()
            session.add(across(session, here, programmes.find(session, "other")))

    with pytest.raises(IntegrityError):
        link()


def test_a_wave_noticed_late_was_closed_at_its_closing_time(app: Flask) -> None:
    wave_id = draft("Ann")
    launch(wave_id)
    invite(wave_id)
    with reading() as session:
        told = waves.load(session, wave_id).last_day
    with transaction() as session:
        wave_clock.keep_time(session, at=AT + 40 * DAY)
    with reading() as session:
        wave = waves.load(session, wave_id)
        assert wave.closed_at == wave.closes_at
        assert wave.last_day == told
