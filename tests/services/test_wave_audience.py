"""Whom a launch would ask, counted by the database and, beside it, one person at a time."""

import random
import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select

from surveyapp.extensions import reading, transaction
from surveyapp.models.accounts import (
    Contact,
    Function,
    Influence,
    Organisation,
    Relationship,
    Side,
    Stakeholder,
)
from surveyapp.models.invitations import Invitation, OmissionReason
from surveyapp.services import programmes, wave_audience, wave_checks, waves
from surveyapp.services.wave_cuts import Cut
from surveyapp.services.wave_lists import Rule
from surveyapp.services.wave_names import Naming
from tests import factories
from tests.factories import AT
from tests.services.wave_world import DAY, another, change_wave, draft, launch

TODAY = AT.date()
RULES = {
    "everybody": Rule(),
    "some relationships": Rule(segments=("North",)),
    "valuable relationships": Rule(minimum_value=Decimal(100), segments=("North", "")),
    "some parts": Rule(functions=(Function.IT, Function.SALES), influences=(Influence.DECIDES,)),
    "both": Rule(segments=("South",), functions=(Function.IT, Function.PROCUREMENT)),
    "nobody": Rule(segments=("East",)),
}


@dataclass(frozen=True)
class Plain:
    """What a launch would do, worked out in the plainest way there is."""

    people: int
    left_off: Mapping[OmissionReason, int]
    asked: Counter[uuid.UUID]
    """Parts that are asked, by relationship."""
    nobody_there: set[uuid.UUID]
    nobody_named: set[uuid.UUID]
    everybody_left_off: set[uuid.UUID]
    functions: Counter[str]


def fill() -> uuid.UUID:
    """Write relationships with up to six people each, and a wave that asked some of them; draft one more."""
    wave_id = draft("Ann")
    chance = random.Random(7)  # noqa: S311 the same world each time
    earlier = another("spring", rule=Rule(influences=(Influence.USES,)))
    with transaction() as session:
        supplier = session.scalars(select(Organisation).filter_by(name="Kestrin")).one()
        programme = programmes.find(session, "kestrin")
        programme.expected_functions = {"buyer": ["it", "procurement"], "supplier": []}
        people: list[Contact] = []
        for number in range(24):
            buyer = factories.make_organisation(session, programme, f"Buyer {number}")
            relationship = factories.make_relationship(
                session,
                buyer,
                supplier,
                segment=chance.choice(["North", "South", ""]),
                annual_value=chance.choice([None, Decimal(50), Decimal(500)]),
            )
            theirs = [
                factories.make_contact(session, buyer, f"P {number} {each}")
                for each in range(chance.randrange(6))
            ]
            # one person may stand in several relationships
            theirs += chance.sample(people, min(len(people), 1))
            people += theirs
            for contact in dict.fromkeys(theirs):
                factories.make_part(
                    session,
                    contact,
                    relationship,
                    side=Side.BUYER if chance.random() < 0.9 else Side.SUPPLIER,
                    function=chance.choice([Function.IT, Function.SALES, Function.PROCUREMENT]),
                    influence=chance.choice(list(Influence)),
                    from_on=chance.choice([None, None, TODAY + 2 * DAY]),
                    until_on=chance.choice([None, None, TODAY + 2 * DAY, TODAY + 3 * DAY]),
                )
    launch(earlier)
    with transaction() as session:
        for contact in session.scalars(select(Contact).order_by(Contact.name)):
            contact.opted_out_at = AT if chance.random() < 0.1 else None
            contact.bounced_at = AT if chance.random() < 0.1 else None
            contact.locale = chance.choice(["en", "en", "fr"])
    return wave_id


def plainly(wave_id: uuid.UUID) -> Plain:
    """Look at each part and each person by itself."""
    with reading() as session:
        wave = waves.load(session, wave_id)
        rule = Rule.from_json(wave.list_rule)
        wanted = {
            each.id for each in session.scalars(select(Relationship)) if _is_wanted(rule, each)
        }
        contacts = {each.id: each for each in session.scalars(select(Contact))}
        guarded = {
            each.contact_id for each in session.scalars(select(Invitation)) if wave.guard_days > 0
        }
        standing = [
            part
            for part in session.scalars(select(Stakeholder))
            if part.side is Side.BUYER
            and (part.from_on is None or part.from_on <= TODAY)
            and (part.until_on is None or part.until_on >= TODAY)
            and part.relationship_id in wanted
        ]
    named = [
        part
        for part in standing
        if (not rule.functions or part.function in rule.functions)
        and (not rule.influences or part.influence in rule.influences)
    ]
    reasons = {part.contact_id: _reason(contacts[part.contact_id], guarded) for part in named}
    asked = [part for part in named if reasons[part.contact_id] is None]
    there, chosen, reached = (
        {part.relationship_id for part in parts} for parts in (standing, named, asked)
    )
    return Plain(
        people=len({part.contact_id for part in asked}),
        left_off={each: list(reasons.values()).count(each) for each in OmissionReason},
        asked=Counter(part.relationship_id for part in asked),
        nobody_there=wanted - there,
        nobody_named=there - chosen,
        everybody_left_off=chosen - reached,
        functions=Counter(
            function.value for function, _ in {(part.function, part.contact_id) for part in asked}
        ),
    )


def _is_wanted(rule: Rule, relationship: Relationship) -> bool:
    value = relationship.annual_value
    return (not rule.segments or relationship.segment in rule.segments) and (
        rule.minimum_value is None or (value is not None and value >= rule.minimum_value)
    )


def _reason(contact: Contact, guarded: set[uuid.UUID]) -> OmissionReason | None:
    if contact.opted_out_at:
        return OmissionReason.OPTED_OUT
    if contact.bounced_at:
        return OmissionReason.BOUNCED
    return OmissionReason.ASKED_LATELY if contact.id in guarded else None


def test_a_launch_is_counted_as_if_each_person_were_looked_at(app: Flask) -> None:
    wave_id = fill()
    seen: Counter[str] = Counter()
    for guard_days in (0, 90):
        for name, rule in RULES.items():
            change_wave(
                wave_id,
                list_rule=rule.as_json(),
                guard_days=guard_days,
                cuts=[Cut.FUNCTION.value, Cut.SEGMENT.value],
            )
            plain = plainly(wave_id)
            with reading() as session:
                wave = waves.load(session, wave_id)
                count = wave_audience.count(session, wave, at=AT)
                check = wave_checks.look(session, wave, at=AT)
                audience = wave_audience.of(session, wave, at=AT)
                functions = wave_audience.by_function(session, audience)
            where = f"{name}, {guard_days} days"
            assert (count.people, count.left_off) == (plain.people, plain.left_off), where
            assert (check.people, check.left_off) == (plain.people, plain.left_off), where
            assert count.relationships == check.relationships == len(plain.asked), where
            assert bool(count.why_nobody) is (plain.people == 0), where
            assert functions == plain.functions, where
            told = {each.kind: each for each in check.notes}
            for kind in ("nobody_there", "nobody_named", "everybody_left_off"):
                expected = getattr(plain, kind)
                found = told.get(kind.replace("_", "-"))
                assert (found.count if found else 0) == len(expected), f"{where}: {kind}"
                assert set(found.relationships if found else ()) <= expected, f"{where}: {kind}"
                seen[kind] += len(expected)
            seen.update({str(each): number for each, number in plain.left_off.items()})
    # the world has some of everything, so that agreeing means something
    assert {each for each, number in seen.items() if number} >= {
        *("nobody_there", "nobody_named", "everybody_left_off"),
        *("opted out", "address bounced", "asked lately"),
    }


@pytest.mark.parametrize("another_supplier", [False, True])
def test_companies_that_are_in_every_relationship_are_known(
    app: Flask, *, another_supplier: bool
) -> None:
    with transaction() as session:
        programme = factories.make_programme(session)
        ends = [factories.make_organisation(session, programme, name) for name in "ABCD"]
        assert Naming.of(session, programme.id) == Naming(
            has_one_buyer=False, has_one_supplier=False
        )
        factories.make_relationship(session, ends[0], ends[1])
        assert Naming.of(session, programme.id) == Naming(has_one_buyer=True, has_one_supplier=True)
        factories.make_relationship(session, ends[2], ends[3 if another_supplier else 1])
        assert Naming.of(session, programme.id) == Naming(
            has_one_buyer=False, has_one_supplier=not another_supplier
        )
