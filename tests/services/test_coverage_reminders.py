from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select

from surveyapp.errors import Invalid, NotFound
from surveyapp.extensions import db, transaction
from surveyapp.models.accounts import Function, Relationship
from surveyapp.models.mail import MailState
from surveyapp.services import coverage_relationships, coverage_reminders, reminders
from surveyapp.services.coverage_relationships import BY_VALUE, EVERY
from surveyapp.services.coverage_reminders import Fate, Whom
from tests.services.coverage_world import (
    ANSWERED,
    DECIDER,
    NOW,
    SILENT,
    Account,
    Person,
    people,
    seen,
    write,
)

EVERY_FATE = [
    *people(4),
    Person(started=True, mail=MailState.UNCERTAIN),
    Person(saved=True),
    ANSWERED,
    replace(SILENT, bounced=True, mail=MailState.BOUNCED),
    replace(SILENT, opted_out=True),
    replace(SILENT, mail=MailState.QUEUED),
    replace(SILENT, mail=MailState.UNCERTAIN),
    replace(SILENT, reminded=12.7),
]


def test_a_preview_counts_each_person_once_and_reaches_whom_the_reminder_reaches(
    app: Flask,
) -> None:
    with transaction() as session:
        wave = write(session, [Account(EVERY_FATE)])
    sight = seen(db.session())
    chosen = coverage_reminders.choose(db.session(), sight, Whom.ALL)
    preview = coverage_reminders.preview(db.session(), sight, chosen, at=NOW)
    assert preview.fates == {
        Fate.ANSWERED: 1,
        Fate.OPTED_OUT: 1,
        Fate.BOUNCED: 1,
        Fate.WAITING: 2,
        Fate.LATELY: 1,
        Fate.REMINDED: 6,
    }
    counted = reminders.count(db.session(), wave, chosen.only, at=NOW)
    # the reminder's mail to somebody who opted out is dropped when it is claimed
    assert counted.people - preview.people in {0, 1}
    assert counted.mailed_lately == 1


def test_a_part_is_reminded_and_nobody_else(app: Flask) -> None:
    legal = replace(SILENT, function=Function.LEGAL)
    with transaction() as session:
        write(
            session,
            [
                Account([*people(3), legal], name="Silent"),
                Account([ANSWERED, legal, SILENT], name="Heard"),
                Account([DECIDER, ANSWERED], name="No decider"),
            ],
        )
    session, sight = db.session(), seen(db.session())

    def reached(whom: Whom, **part: object) -> int:
        chosen = coverage_reminders.choose(session, sight, whom, **part)  # type: ignore[arg-type]
        return coverage_reminders.preview(session, sight, chosen, at=NOW).people

    assert reached(Whom.ALL) == 7
    assert reached(Whom.SILENT) == 5
    assert reached(Whom.FUNCTION, function=Function.LEGAL) == 2
    ids = session.scalars(select(Relationship.id)).all()
    assert sorted(reached(Whom.RELATIONSHIP, relationship_id=each) for each in ids) == [1, 2, 4]


def test_a_part_too_small_to_tell_is_not_reminded_by_itself(app: Flask) -> None:
    legal = replace(SILENT, function=Function.LEGAL)
    with transaction() as session:
        write(
            session,
            [
                Account([SILENT, ANSWERED], name="Two"),
                Account([*people(3), legal], name="Four"),
                Account(people(5), name="Five"),
            ],
            anonymity="confidential",
        )
    session, sight = db.session(), seen(db.session())
    named = {
        row.name: row.relationship_id
        for row in coverage_relationships.page(session, sight, EVERY, order=BY_VALUE, number=1).rows
    }
    five = coverage_reminders.choose(
        session, sight, Whom.RELATIONSHIP, relationship_id=named["Five"]
    )
    assert five.only.relationships == (named["Five"],)
    # the difference of four people to all would tell of the two
    for name in ("Two", "Four"):
        with pytest.raises(Invalid, match="too few people"):
            coverage_reminders.choose(
                session, sight, Whom.RELATIONSHIP, relationship_id=named[name]
            )
    with pytest.raises(Invalid, match="Choose a function"):
        coverage_reminders.choose(session, sight, Whom.FUNCTION, function=Function.LEGAL)


def test_a_preview_of_everybody_says_no_number_where_everybody_is_few(app: Flask) -> None:
    with transaction() as session:
        write(session, [Account([SILENT, ANSWERED])], anonymity="confidential")
    session, sight = db.session(), seen(db.session())
    chosen = coverage_reminders.choose(session, sight, Whom.ALL)
    assert not coverage_reminders.preview(session, sight, chosen, at=NOW).is_told


def test_what_is_not_there_cannot_be_chosen(app: Flask) -> None:
    with transaction() as session:
        write(session, [Account([ANSWERED])])
        other = write(session, [Account([SILENT])], slug="other")
    session, sight = db.session(), seen(db.session())
    with pytest.raises(Invalid, match="No relationship"):
        coverage_reminders.choose(session, sight, Whom.SILENT)
    foreign = session.scalars(
        select(Relationship.id).where(Relationship.programme_id == other.programme_id)
    ).one()
    for unknown in (None, foreign):
        with pytest.raises(NotFound):
            coverage_reminders.choose(session, sight, Whom.RELATIONSHIP, relationship_id=unknown)
    with pytest.raises(Invalid, match="Choose a function"):
        coverage_reminders.choose(session, sight, Whom.FUNCTION, function=Function.SALES)
