from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from surveyapp.extensions import db, transaction
from surveyapp.models.accounts import Contact, Function, Influence, Relationship
from surveyapp.models.mail import MailState
from surveyapp.models.people import Role
from surveyapp.models.reminders import ReminderState
from surveyapp.models.waves import Wave, WaveState
from surveyapp.services import (
    coverage,
    coverage_figures,
    coverage_money,
    coverage_relationships,
    coverage_silence,
    coverage_summary,
    positions,
)
from surveyapp.services.coverage_figures import Cut
from surveyapp.services.coverage_money import Grouping
from surveyapp.services.coverage_relationships import EVERY, Heard, Narrowing
from surveyapp.services.coverage_silence import Step
from surveyapp.services.listing import Order
from surveyapp.services.positions import Position
from tests.services import coverage_world
from tests.services.coverage_world import (
    ANSWERED,
    DECIDED,
    DECIDER,
    NOW,
    SILENT,
    Account,
    Person,
    people,
    seen,
    write,
)
from tests.web.console_world import make_user

UNCERTAIN = Person(mail=MailState.UNCERTAIN)
WAITING = Person(mail=MailState.QUEUED)
BOUNCED = Person(mail=MailState.BOUNCED, bounced=True)
STARTED = Person(started=True)
PART_WAY = Person(saved=True, function=Function.IT)


def world(session: Session, *accounts: Account, **kind: object) -> Wave:
    return write(session, accounts, **kind)  # type: ignore[arg-type]


def test_everybody_is_counted_at_each_step_they_have_taken(app: Flask) -> None:
    everybody = [SILENT, ANSWERED, UNCERTAIN, WAITING, BOUNCED, STARTED, PART_WAY]
    with transaction() as session:
        wave = world(session, Account(everybody), Account([SILENT]))
    sight = seen(db.session())
    way = coverage_figures.way(db.session(), sight)
    assert (way.people, way.sent, way.bounced, way.uncertain, way.waiting) == (8, 5, 1, 1, 1)
    assert (way.started, way.saved, way.answered, way.open) == (3, 2, 1, 7)
    # the same people by position, as reminders see them
    places = positions.counts(db.session(), wave)
    assert places[Position.SUBMITTED] == way.answered
    assert places[Position.SECTION] == (way.saved or 0) - way.answered
    assert places[Position.STARTED] == way.started - (way.saved or 0)
    assert coverage.of_wave(db.session(), wave).submitted == 1


def test_somebody_with_two_parts_has_answered_when_both_are_sent(app: Flask) -> None:
    with transaction() as session:
        wave = world(session, Account([ANSWERED, ANSWERED]), Account([ANSWERED]))
        first = session.scalars(select(Contact).order_by(Contact.email)).first()
        assert first is not None
        other = session.scalars(select(Relationship).order_by(Relationship.id)).all()
        asked = {each.organisation_id: each for each in session.scalars(select(Contact))}
        assert len(asked) == 2
        for relationship in other:
            if relationship.buyer_id != first.organisation_id:
                coverage_world.ask(session, wave, first, relationship.id, SILENT)
    sight = seen(db.session())
    groups = coverage_figures.groups(db.session(), sight)[Cut.FUNCTION]
    way = coverage_figures.way(db.session(), sight)
    assert (way.people, way.parts, way.answered, way.saved) == (3, 4, 2, 3)
    assert way.has_many_parts
    days = coverage_figures.answered_by_day(db.session(), sight, way)
    assert days == {date(2026, 10, 6): 2}
    # by function the parts are counted: three of four are sent
    assert [(group.answered, group.asked) for group in groups] == [(3, 4)]


def test_functions_say_answered_part_way_and_deciders(app: Flask) -> None:
    deciding = replace(DECIDER, function=Function.IT)
    with transaction() as session:
        world(session, Account([deciding, PART_WAY, *people(2, ANSWERED), DECIDED]))
    groups = coverage_figures.groups(db.session(), seen(db.session()))
    operations, it = groups[Cut.FUNCTION]
    assert (operations.keys, operations.answered, operations.asked) == (
        (Function.OPERATIONS,),
        3,
        3,
    )
    assert (operations.deciders_answered, operations.deciders_asked) == (1, 1)
    assert (it.answered, it.asked, it.part_way, it.needs_decider) == (0, 2, 1, True)
    assert {group.keys: group.asked for group in groups[Cut.INFLUENCE]} == {
        (Influence.INFLUENCES,): 3,
        (Influence.DECIDES,): 2,
    }


def test_money_is_never_added_up_over_currencies(app: Flask) -> None:
    with transaction() as session:
        world(
            session,
            Account([DECIDED, SILENT], value=1_000_000, segment="Core"),
            Account([DECIDER, ANSWERED], value=2_000_000, segment="Core"),
            Account([SILENT], value=500_000, currency="USD", segment="Core"),
            Account([SILENT], segment="Growth"),
        )
    sight = seen(db.session())
    unvalued, euro, dollar = coverage_money.by_currency(db.session(), sight)
    assert (unvalued.currency, unvalued.still.relationships, unvalued.all.value) == ("", 1, 0)
    assert (euro.all.relationships, euro.all.value) == (2, Decimal(3_000_000))
    assert (euro.decided.value, euro.undecided.value, euro.still.value) == (1_000_000, 2_000_000, 0)
    assert (dollar.still.relationships, dollar.heard.relationships) == (1, 0)
    page = coverage_money.by_group(
        db.session(), sight, Grouping.SEGMENT, order=Order("value", is_descending=True), number=1
    )
    assert [(line.name, line.currency, line.all.value) for line in page.rows] == [
        ("Core", "EUR", 3_000_000),
        ("Core", "USD", 500_000),
        ("Growth", "", 0),
    ]


def test_silent_are_those_where_nobody_or_no_decider_was_heard(app: Flask) -> None:
    with transaction() as session:
        world(
            session,
            Account([DECIDED, SILENT], name="Heard", value=9),
            Account([DECIDER, ANSWERED], name="No decider", value=2),
            Account([SILENT, SILENT], name="Nobody", value=3),
            Account([ANSWERED], name="Had no decider to ask", value=1),
        )
    sight = seen(db.session())
    by_value = coverage_relationships.BY_VALUE

    def names(heard: Heard | None) -> list[str]:
        page = coverage_relationships.page(
            db.session(), sight, Narrowing(heard=heard), order=by_value, number=1
        )
        return [row.name for row in page.rows]

    assert names(Heard.SILENT) == ["Nobody", "No decider"]
    assert names(Heard.NOBODY) == ["Nobody"]
    assert names(Heard.NO_DECIDER) == ["No decider"]
    assert names(Heard.SOMEBODY) == ["Heard", "No decider", "Had no decider to ask"]
    assert names(None) == ["Heard", "Nobody", "No decider", "Had no decider to ask"]
    assert len(coverage_relationships.silent_ids(db.session(), sight)) == 2


@pytest.mark.parametrize(
    ("asked", "step"),
    [
        ([DECIDER, BOUNCED], Step.ADDRESSES),
        ([WAITING, WAITING], Step.MAIL),
        ([DECIDER, ANSWERED], Step.SPONSOR),
        ([DECIDER, STARTED], Step.SPONSOR),
        ([DECIDER, SILENT], Step.CONTACT),
    ],
)
def test_the_next_step_follows_from_what_is_seen(
    app: Flask, asked: list[Person], step: Step
) -> None:
    with transaction() as session:
        world(session, Account(asked), reminders={7.0: ReminderState.DONE})
    assert _steps() == [step]


def test_a_reminder_comes_before_a_call(app: Flask) -> None:
    with transaction() as session:
        world(session, Account([DECIDER, ANSWERED]), reminders={14.0: ReminderState.PLANNED})
    assert _steps() == [Step.REMIND]


def test_after_the_close_nobody_is_reminded(app: Flask) -> None:
    with transaction() as session:
        world(session, Account([DECIDER, SILENT]), state=WaveState.CLOSED)
    assert _steps() == [Step.CONTACT]


def _steps() -> list[Step]:
    session = db.session()
    sight = seen(session)
    order = coverage_relationships.BY_VALUE
    page = coverage_relationships.page(session, sight, EVERY, order=order, number=1)
    found = coverage_silence.look(session, sight, [row.relationship_id for row in page.rows])
    reminded = coverage_silence.has_reminded(session, sight)
    return [
        coverage_silence.next_step(row, found[row.relationship_id], sight, has_reminded=reminded)
        for row in page.rows
    ]


def test_a_manager_counts_own_relationships_only(app: Flask) -> None:
    make_user(app, "manager@example.com")
    with transaction() as session:
        wave = world(
            session,
            Account([ANSWERED, DECIDER], name="Own", value=5),
            Account([ANSWERED, ANSWERED, BOUNCED], name="Other", value=7),
        )
        manager = coverage_world.make_manager(session, wave, "manager@example.com", of="Own")
    actor = coverage_world.owner(wave, role=Role.RELATIONSHIP_MANAGER, user_id=manager)
    sight = seen(db.session(), actor=actor)
    summary = coverage_summary.look(db.session(), sight, at=NOW)
    assert (summary.way.people, summary.way.answered, summary.way.bounced) == (2, 1, 0)
    assert [line.all.value for line in summary.money] == [5]
    page = coverage_relationships.page(
        db.session(), sight, EVERY, order=coverage_relationships.BY_VALUE, number=1
    )
    assert [row.name for row in page.rows] == ["Own"]
    assert summary.outlook is not None
    assert sum(summary.outlook.answered_by_day.values()) == 1
    other = db.session().scalars(
        select(Relationship.id).where(Relationship.annual_value == Decimal(7))
    )
    assert coverage_relationships.find(db.session(), sight, other.one()) is None


def test_filters_narrow_and_every_order_has_a_page(app: Flask) -> None:
    with transaction() as session:
        world(
            session,
            *(
                Account([DECIDED], value=number, segment=f"S{number % 2}", region="North")
                for number in range(1, 5)
            ),
        )
    sight = seen(db.session())
    narrowed = Narrowing(among={Grouping.SEGMENT: "S1", Grouping.REGION: "North"})
    for column in ("value", "name", "renewal", "asked", "answered", "deciders", "segment"):
        for is_descending in (False, True):
            page = coverage_relationships.page(
                db.session(), sight, narrowed, order=Order(column, is_descending), number=1
            )
            assert {row.annual_value for row in page.rows} == {1, 3}, column
    assert coverage_relationships.choices(db.session(), sight)[Grouping.SEGMENT] == ["S0", "S1"]


def test_a_wave_that_asks_nobody_counts_to_nothing(app: Flask) -> None:
    with transaction() as session:
        world(session)
    summary = coverage_summary.look(db.session(), seen(db.session()), at=NOW + timedelta(hours=1))
    assert (summary.way.people, summary.way.parts, summary.relationships) == (0, 0, 0)
    assert summary.groups[Cut.FUNCTION] == []
