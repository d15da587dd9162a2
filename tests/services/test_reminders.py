"""Reminders: when they go, to whom, how often, and when they no longer do."""

import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from surveyapp.errors import Conflict, Invalid, WaveStateError
from surveyapp.extensions import reading, transaction
from surveyapp.models.accounts import Contact, Function, Influence, Relationship
from surveyapp.models.audit import AuditEvent
from surveyapp.models.invitations import Invitation
from surveyapp.models.jobs import Job
from surveyapp.models.mail import MailState, OutgoingMail
from surveyapp.models.reminders import Reminder, ReminderState
from surveyapp.services import reminders, wave_reminder_writing, waves
from surveyapp.services.positions import Position
from surveyapp.services.reminders import Counted, Only
from tests.factories import AT
from tests.services.wave_world import (
    DAY,
    HOUR,
    actions,
    another,
    change_contact,
    change_part,
    change_wave,
    come_to,
    do,
    draft,
    launch,
    mail_all,
    nobody_watches,
)

LATER = AT + 3 * DAY


def open_wave(*names: str, **settings: Any) -> uuid.UUID:
    """A wave whose invitations have all gone at AT."""
    wave_id = draft(*names, **settings)
    launch(wave_id)
    mail_all(wave_id)
    return wave_id


def write(reminder: uuid.UUID, *, at: datetime = LATER, progress: Any = nobody_watches) -> int:
    return wave_reminder_writing.write(
        reading, transaction, reminder, now=lambda: at, progress=progress
    )


def remind(wave_id: uuid.UUID, *, at: datetime = LATER, **given: Any) -> uuid.UUID:
    """Ask for a reminder and do what its job does."""
    reminder: Reminder = do(wave_id, reminders.request, at=at, **given)
    write(reminder.id, at=at)
    return reminder.id


def reminded(step: str = "reminder-1") -> list[str]:
    with reading() as session:
        query = (
            select(Contact.name)
            .join(Invitation, Invitation.contact_id == Contact.id)
            .join(OutgoingMail, OutgoingMail.invitation_id == Invitation.id)
            .where(OutgoingMail.step == step)
        )
        return sorted(session.scalars(query))


def state_of(reminder: uuid.UUID) -> ReminderState:
    with reading() as session:
        return session.get_one(Reminder, reminder).state


def tick(at: datetime) -> list[uuid.UUID]:
    """Do what the worker's tick does; return the reminders whose job is newly asked for."""
    with transaction() as session:
        before = set(session.scalars(select(Job.key)))
        reminders.request_due(session, at=at)
        new = [
            job
            for job in session.scalars(select(Job).where(Job.kind == "write-reminder"))
            if job.key not in before
        ]
        return [uuid.UUID(job.arguments["reminder"]) for job in new]


def test_a_filter_reads_back_as_it_was_written() -> None:
    only = Only(
        positions=(Position.SENT,),
        functions=(Function.IT,),
        influences=(Influence.USES,),
        relationships=(uuid.uuid4(),),
    )
    assert Only.from_json(only.as_json()) == only
    assert Only().as_json() == {}


def test_who_has_not_answered_is_reminded_and_nobody_else(app: Flask) -> None:
    wave_id = open_wave("Sent", "Started", "Section", "Submitted", "Bounced", "Waiting")
    for name in ("Started", "Section", "Submitted"):
        come_to(name, name.lower())
    change_contact("Bounced", bounced_at=AT)
    with transaction() as session:
        query = select(OutgoingMail).join(OutgoingMail.invitation).join(Invitation.contact)
        mail = session.scalars(query.where(Contact.name == "Waiting")).one()
        mail.state, mail.sent_at = MailState.UNCERTAIN, None
    reminder = remind(wave_id)
    assert reminded() == ["Section", "Sent", "Started"]
    with reading() as session:
        found = session.get_one(Reminder, reminder)
        assert (found.state, found.reminded, found.number) == (ReminderState.DONE, 3, 1)
        asked = session.scalars(select(Job.key).where(Job.kind == "send-mail")).all()
        assert len(asked) == 2, "for the invitations, and now"
        event = session.scalars(
            select(AuditEvent).where(AuditEvent.action == "reminder.written")
        ).one()
        assert event.details == {"number": 1, "reminded": 3, "skipped": 0}


@pytest.mark.parametrize(
    ("only", "names"),
    [
        (Only(positions=(Position.SENT,)), ["Ann", "Bo"]),
        (Only(positions=(Position.STARTED, Position.SECTION)), ["Cy", "Di"]),
        (Only(functions=(Function.IT,)), ["Bo", "Di"]),
        (Only(influences=(Influence.DECIDES,)), ["Ann", "Bo", "Cy"]),
        (Only(functions=(Function.IT,), influences=(Influence.USES,)), ["Di"]),
    ],
)
def test_a_reminder_reaches_a_filtered_set(app: Flask, only: Only, names: list[str]) -> None:
    wave_id = draft("Ann", "Bo", "Cy", "Di")
    change_part("Bo", function=Function.IT)
    change_part("Di", function=Function.IT, influence=Influence.USES)
    launch(wave_id)
    mail_all(wave_id)
    come_to("Cy", "started")
    come_to("Di", "section")
    with reading() as session:
        counted = reminders.count(session, waves.load(session, wave_id), only, at=LATER)
    assert counted == Counted(len(names), 0)
    remind(wave_id, only=only)
    assert reminded() == names


def test_a_reminder_about_some_relationships_reaches_who_has_not_answered_about_them(
    app: Flask,
) -> None:
    wave_id = open_wave("Ann", "Bo")
    with reading() as session:
        relationship = session.scalars(select(Relationship.id)).one()
    with pytest.raises(Conflict, match="nobody to remind"):
        do(wave_id, reminders.request, only=Only(relationships=(uuid.uuid4(),)), at=LATER)
    come_to("Ann", "submitted")
    remind(wave_id, only=Only(relationships=(relationship,)))
    assert reminded() == ["Bo"]


@pytest.mark.parametrize("position", [Position.BOUNCED, Position.SUBMITTED, Position.WAITING])
def test_who_cannot_be_reminded_cannot_be_chosen(app: Flask, position: Position) -> None:
    wave_id = open_wave("Ann")
    with pytest.raises(Invalid, match=f"Nobody is reminded who is {position}"):
        do(wave_id, reminders.request, only=Only(positions=(position,)), at=LATER)


def test_a_confidential_questionnaire_keeps_positions_and_small_sets_to_itself(app: Flask) -> None:
    wave_id = draft("Ann", "Bo", "Cy", "Di", anonymity="confidential")
    change_part("Di", function=Function.IT)
    launch(wave_id)
    mail_all(wave_id)
    with pytest.raises(Invalid, match="not to tell how far somebody is"):
        do(wave_id, reminders.request, only=Only(positions=(Position.STARTED,)), at=LATER)
    for verb in (reminders.request, reminders.plan):
        given = {"due_at": LATER + DAY} if verb is reminders.plan else {}
        with pytest.raises(Invalid, match="Fewer than 3 people are asked there"):
            do(wave_id, verb, only=Only(functions=(Function.IT,)), at=LATER, **given)
    come_to("Ann", "submitted")
    come_to("Bo", "submitted")
    remind(wave_id, only=Only(functions=(Function.PROCUREMENT,)))
    assert reminded() == ["Cy"], "three are asked there, whoever has answered"


def test_a_reminder_that_may_not_be_asked_of_the_list_is_cancelled_when_it_is_due(
    app: Flask,
) -> None:
    wave_id = draft("Ann", anonymity="confidential")
    only = Only(functions=(Function.PROCUREMENT,))
    planned = do(wave_id, reminders.plan, due_at=LATER, only=only)
    launch(wave_id)
    mail_all(wave_id)
    assert tick(LATER) == []
    assert state_of(planned.id) is ReminderState.CANCELLED
    assert actions()[-1] == "reminder.cancelled"


def test_nobody_is_reminded_within_a_day_of_their_last_mail(app: Flask) -> None:
    wave_id = open_wave("Ann", "Bo")
    with pytest.raises(Conflict, match="within the last 24 hours"):
        do(wave_id, reminders.request, at=AT + 23 * HOUR)
    remind(wave_id, at=AT + 25 * HOUR)
    mail_all(wave_id, at=AT + 25 * HOUR)
    with reading() as session:
        found = waves.load(session, wave_id)
        assert reminders.count(session, found, at=AT + 48 * HOUR) == Counted(0, 2)
        assert reminders.count(session, found, at=AT + 49 * HOUR + HOUR) == Counted(2, 0)


def test_a_mail_about_another_wave_counts_as_well(app: Flask) -> None:
    wave_id = open_wave("Ann", "Bo")
    other = another("winter", guard_days=0)
    change_contact("Bo", opted_out_at=AT)
    launch(other, at=LATER)
    mail_all(other, at=LATER)
    change_contact("Bo", opted_out_at=None)
    remind(wave_id, at=LATER + HOUR)
    assert reminded() == ["Bo"]
    with reading() as session:
        event = session.scalars(
            select(AuditEvent).where(AuditEvent.action == "reminder.written")
        ).one()
        assert event.details["skipped"] == 1


def test_a_planned_reminder_goes_at_its_moment_once(app: Flask) -> None:
    wave_id = open_wave("Ann")
    planned = do(wave_id, reminders.plan, due_at=LATER)
    with reading() as session:
        assert not reminders.has_due(session, at=LATER - HOUR)
        assert reminders.has_due(session, at=LATER)
    assert tick(LATER - HOUR) == []
    assert tick(LATER) == [planned.id]
    assert tick(LATER) == []
    assert state_of(planned.id) is ReminderState.REQUESTED
    write(planned.id)
    assert reminded() == ["Ann"]
    assert actions()[-3:] == ["reminder.planned", "reminder.requested", "reminder.written"]


def test_who_answers_before_the_moment_is_not_reminded(app: Flask) -> None:
    wave_id = open_wave("Ann", "Bo")
    do(wave_id, reminders.plan, due_at=LATER)
    come_to("Ann", "submitted")
    [reminder] = tick(LATER)
    write(reminder)
    assert reminded() == ["Bo"]


def test_who_answers_between_two_chunks_is_not_reminded(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wave_reminder_writing, "CHUNK", 1)
    names = ["Ann", "Bo", "Cy"]
    wave_id = open_wave(*names)
    reminder = do(wave_id, reminders.request, at=LATER)

    def answer(_done: int, _total: int) -> None:
        for name in set(names) - set(reminded()):
            come_to(name, "submitted", at=LATER)

    assert write(reminder.id, progress=answer) == 1
    assert len(reminded()) == 1


def test_a_reminder_due_in_a_pause_waits_for_its_end(app: Flask) -> None:
    wave_id = open_wave("Ann")
    planned = do(wave_id, reminders.plan, due_at=LATER)
    do(wave_id, waves.pause)
    assert tick(LATER) == []
    assert state_of(planned.id) is ReminderState.PLANNED
    do(wave_id, waves.resume, at=LATER + DAY)
    assert tick(LATER + DAY) == [planned.id]


def test_a_pause_in_the_middle_stops_the_writing_and_its_end_goes_on_with_it(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wave_reminder_writing, "CHUNK", 1)
    wave_id = open_wave("Ann", "Bo", "Cy")
    reminder = do(wave_id, reminders.request, at=LATER)

    def pause(done: int, _total: int) -> None:
        if done == 2:
            do(wave_id, waves.pause, at=LATER)

    assert write(reminder.id, progress=pause) == 2
    assert state_of(reminder.id) is ReminderState.PLANNED
    do(wave_id, waves.resume, at=LATER + HOUR)
    assert tick(LATER + HOUR) == [reminder.id]
    seen: list[tuple[int, int]] = []
    assert write(reminder.id, at=LATER + HOUR, progress=lambda *at: seen.append(at)) == 3
    assert seen == [(3, 3)]
    assert reminded() == ["Ann", "Bo", "Cy"]
    assert state_of(reminder.id) is ReminderState.DONE


def test_a_reminder_that_dies_in_the_middle_writes_nobody_twice(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wave_reminder_writing, "CHUNK", 2)
    names = [f"Person {number}" for number in range(7)]
    wave_id = open_wave(*names)
    reminder = do(wave_id, reminders.request, at=LATER)
    seen: list[tuple[int, int]] = []

    def die_once(done: int, total: int) -> None:
        seen.append((done, total))
        if len(seen) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write(reminder.id, progress=die_once)
    assert write(reminder.id, progress=die_once) == 7
    assert seen == [(2, 7), (4, 7), (6, 7), (7, 7)]
    assert reminded() == names
    assert write(reminder.id) == 7, "a job that runs once more changes nothing"
    with reading() as session:
        event = select(AuditEvent).where(AuditEvent.action == "reminder.written")
        assert session.scalars(event).one().details["reminded"] == 7


def test_closing_cancels_what_was_planned_and_stops_what_is_written(app: Flask) -> None:
    wave_id = open_wave("Ann")
    planned = do(wave_id, reminders.plan, due_at=LATER + DAY)
    asked = do(wave_id, reminders.request, at=LATER)
    do(wave_id, waves.close, at=LATER)
    assert state_of(planned.id) is ReminderState.CANCELLED
    assert write(asked.id) == 0
    assert state_of(asked.id) is ReminderState.CANCELLED
    assert reminded() == []
    with pytest.raises(WaveStateError, match="is closed"):
        do(wave_id, reminders.plan, due_at=LATER + 2 * DAY)


@pytest.mark.parametrize("verb", [waves.pause, waves.close])
def test_reminding_now_needs_an_open_wave(app: Flask, verb: Any) -> None:
    wave_id = open_wave("Ann")
    do(wave_id, verb)
    with pytest.raises(WaveStateError, match="reminded while it is open"):
        do(wave_id, reminders.request, at=LATER)


def test_reminders_are_planned_inside_the_wave(app: Flask) -> None:
    wave_id = draft("Ann")
    for due_at, words in (
        (AT, "that is past"),
        (AT + 20 * DAY, "The last day of wave autumn is 2026-03-22"),
    ):
        with pytest.raises(Invalid, match=words):
            do(wave_id, reminders.plan, due_at=due_at)
    do(wave_id, waves.schedule, opens_at=LATER)
    with pytest.raises(Invalid, match="opens at 2026-03-05"):
        do(wave_id, reminders.plan, due_at=LATER)
    do(wave_id, reminders.plan, due_at=LATER + DAY)
    with reading() as session:
        [listed] = reminders.listed(session, waves.load(session, wave_id))
        assert (listed.due_at, listed.state) == (LATER + DAY, ReminderState.PLANNED)


def test_a_planned_reminder_is_cancelled_and_one_that_went_is_not(app: Flask) -> None:
    wave_id = open_wave("Ann")
    planned = do(wave_id, reminders.plan, due_at=LATER)
    with transaction() as session:
        found = session.get_one(Reminder, planned.id)
        reminders.cancel(session, found, by="test", at=AT)
    assert state_of(planned.id) is ReminderState.CANCELLED
    assert tick(LATER) == []
    gone = remind(wave_id)
    with (
        pytest.raises(Conflict, match="Reminder 2 is done"),
        transaction() as session,
    ):
        reminders.cancel(session, session.get_one(Reminder, gone), by="test", at=AT)


def test_reminders_count_on_and_each_is_a_mail_of_its_own(app: Flask) -> None:
    wave_id = open_wave("Ann")
    for number in (1, 2):
        at = AT + number * 2 * DAY
        remind(wave_id, at=at)
        mail_all(wave_id, at=at)
        assert reminded(f"reminder-{number}") == ["Ann"]


def test_a_due_reminder_of_a_wave_past_its_closing_time_is_left_to_the_close(app: Flask) -> None:
    wave_id = open_wave("Ann")
    planned = do(wave_id, reminders.plan, due_at=LATER)
    change_wave(wave_id, closes_at=LATER + timedelta(minutes=1))
    assert tick(LATER + HOUR) == []
    do(wave_id, waves.close, at=LATER + HOUR)
    assert state_of(planned.id) is ReminderState.CANCELLED
