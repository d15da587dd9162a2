from dataclasses import replace
from datetime import date, timedelta

from flask import Flask
from sqlalchemy import select

from surveyapp.extensions import db, transaction
from surveyapp.models.accounts import Contact, Relationship
from surveyapp.models.reminders import ReminderState
from surveyapp.models.waves import Wave, WaveState
from surveyapp.services import coverage_outlook, coverage_summary
from surveyapp.services.coverage_outlook import Outlook
from surveyapp.services.forecast import Waiting
from surveyapp.services.forecast_chances import Spell
from tests.services import coverage_world
from tests.services.coverage_world import (
    NOW,
    OPENED,
    SILENT,
    Account,
    Person,
    people,
    seen,
    spread,
    write,
)

REMINDED = Person(reminded=7.0)


def outlook() -> Outlook:
    found = coverage_summary.look(db.session(), seen(db.session()), at=NOW).outlook
    assert found is not None
    return found


def test_days_are_those_of_utc_and_sum_to_the_answers(app: Flask) -> None:
    late = (24 - 9.5) / 24  # from the opening to midnight
    with transaction() as session:
        asked = [Person(answered=late - 0.01), Person(answered=late + 0.01), Person(answered=5.0)]
        write(session, [Account([*asked, SILENT])])
    assert outlook().answered_by_day == {
        date(2026, 10, 5): 1,
        date(2026, 10, 6): 1,
        date(2026, 10, 10): 1,
    }


def test_reminders_that_went_and_those_to_come_are_named(app: Flask) -> None:
    with transaction() as session:
        write(
            session,
            [Account([SILENT])],
            reminders={
                7.0: ReminderState.DONE,
                10.0: ReminderState.CANCELLED,
                15.0: ReminderState.PLANNED,
            },
        )
    assert outlook().reminded_on == [date(2026, 10, 12)]
    assert outlook().reminders_on == [date(2026, 10, 20)]


def test_every_mail_is_followed_to_its_answer_or_to_the_next_mail(app: Flask) -> None:
    with transaction() as session:
        asked = [
            Person(answered=2.0),
            *people(3, REMINDED),
            replace(REMINDED, answered=8.0),
            replace(REMINDED, opted_out=True),
            Person(bounced=True),
            SILENT,
        ]
        write(session, [Account(asked)])
    today = NOW.date()
    ends = coverage_outlook._ends(db.session(), seen(db.session()).people())
    spells = coverage_outlook._spells(ends, before=today)
    opened, reminded = OPENED.date(), (OPENED + timedelta(days=7)).date()
    yesterday = today - timedelta(days=1)
    assert sorted(spells, key=lambda spell: (spell.mail, spell.until_on, spell.people)) == [
        Spell(0, opened, date(2026, 10, 7), is_answered=True, people=1),
        Spell(0, opened, date(2026, 10, 11), is_answered=False, people=4),
        Spell(0, opened, yesterday, is_answered=False, people=1),
        Spell(1, reminded, date(2026, 10, 13), is_answered=True, people=1),
        Spell(1, reminded, yesterday, is_answered=False, people=3),
    ]
    waiting = [Waiting(end.mail, end.from_on, end.people) for end in ends if end.is_waiting]
    assert sorted(waiting, key=lambda group: group.mail) == [
        Waiting(0, opened, 1),
        Waiting(1, reminded, 3),
    ]


def test_something_is_expected_once_there_is_something_to_go_by(app: Flask) -> None:
    with transaction() as session:
        write(session, [Account(spread(100, 30))])
    found = outlook()
    assert not found.is_too_early
    assert found.forecast is not None
    assert 30 <= found.forecast.low < found.forecast.high <= 100
    assert [day for day, _expected in found.forecast.by_day][-1] == date(2026, 10, 23)


def test_few_answers_and_a_closed_wave_expect_nothing(app: Flask) -> None:
    with transaction() as session:
        write(session, [Account(spread(100, 19))])
        write(session, [Account(spread(100, 30))], slug="other", state=WaveState.CLOSED)
    assert outlook().forecast is None
    assert outlook().is_too_early
    closed = coverage_summary.look(db.session(), seen(db.session(), slug="other"), at=NOW).outlook
    assert closed is not None
    assert (closed.forecast, closed.is_too_early) == (None, False)


def test_earlier_waves_of_the_programme_are_looked_back_at(app: Flask) -> None:
    with transaction() as session:
        wave = write(session, [Account(spread(30, 25))])
        session.add(earlier := _earlier_wave(wave))
        session.flush()
        contact = session.scalars(select(Contact)).first()
        assert contact is not None
        relationship = session.scalars(select(Relationship.id)).one()
        coverage_world.ask(session, earlier, contact, relationship, Person(answered=3.0))
    found = coverage_outlook._earlier(db.session(), wave)
    assert found == [Spell(0, OPENED.date(), date(2026, 10, 8), is_answered=True, people=1)]
    assert outlook().forecast is not None


def test_of_a_large_wave_a_fair_part_is_looked_at(app: Flask) -> None:
    with transaction() as session:
        write(session, [Account(people(200))])
    drawn = coverage_outlook._is_drawn(0.5) & seen(db.session()).people()
    ends = coverage_outlook._ends(db.session(), drawn)
    assert 60 < sum(end.people for end in ends) < 140


def _earlier_wave(wave: Wave) -> Wave:
    return Wave(
        programme_id=wave.programme_id,
        slug="spring",
        name="Spring",
        view=wave.view,
        questionnaire_version_id=wave.questionnaire_version_id,
        state=WaveState.CLOSED,
        closes_at=wave.closes_at,
        closed_at=wave.closes_at,
        created_at=OPENED,
        launched_at=OPENED,
        opened_at=OPENED,
    )
