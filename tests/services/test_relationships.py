import uuid
from datetime import date, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from surveyapp.errors import Conflict, Invalid, NotFound
from surveyapp.extensions import db, transaction
from surveyapp.models.accounts import Function, Influence, Raci, Relationship, Side, Stakeholder
from surveyapp.models.people import Role
from surveyapp.models.programmes import Programme
from surveyapp.services import (
    access,
    members,
    organisations,
    relationship_filters,
    relationship_lists,
    relationships,
    stakeholder_coverage,
    stakeholders,
    users,
)
from surveyapp.services.editing import ChangedMeanwhile
from surveyapp.services.listing import Order
from surveyapp.services.organisations import OrganisationFacts
from surveyapp.services.relationship_lists import Narrowed
from surveyapp.services.relationships import RelationshipFacts
from surveyapp.services.stakeholders import PartFacts
from tests import factories
from tests.factories import AT
from tests.web.world import open_wave

TODAY = AT.date()
WORTH = RelationshipFacts(
    segment="Key accounts",
    annual_value=Decimal(4_200_000),
    currency="EUR",
    renewal_on=date(2027, 6, 30),
)
PART = PartFacts(Function.FINANCE, Influence.DECIDES, Raci.ACCOUNTABLE, None, None)


@pytest.fixture
def app(app_on_both: Flask) -> Flask:
    return app_on_both


def owner_of(session: Session, programme: Programme, role: Role = Role.OWNER) -> access.Actor:
    user = users.create(session, email=f"{role.name}@example.com".lower(), name="Jo", at=AT)
    members.join(session, programme, user, role, by="test", at=AT)
    return access.Actor(user.id, user.name, user.email, programme.id, role)


def make_pair(session: Session, programme: Programme, buyer: str = "Aldermere") -> Relationship:
    ends = [
        factories.make_organisation(session, programme, name)
        for name in (buyer, f"{buyer}'s seller")
    ]
    made = factories.make_relationship(session, *ends)
    for name, end in zip(("buyer", "supplier"), ends, strict=True):
        set_committed_value(made, name, end)
    return made


def test_an_edit_is_stored_and_leaves_old_and_new_values_on_record(app: Flask) -> None:
    with app.app_context():
        with transaction() as session:
            programme = factories.make_programme(session)
            made = make_pair(session, programme)
            seen = relationships.facts_of(made).token
            relationships.edit(session, programme, made, WORTH, seen=seen, by="jo", at=AT)
        stored = db.session.get_one(Relationship, made.id)
        assert relationships.facts_of(stored) == WORTH
        assert stored.annual_value == Decimal("4200000.00")


def test_an_edit_of_what_changed_meanwhile_overwrites_nothing(app: Flask) -> None:
    with app.app_context():
        with transaction() as session:
            programme = factories.make_programme(session)
            made = make_pair(session, programme)
            seen = relationships.facts_of(made).token
            relationships.edit(session, programme, made, WORTH, seen=seen, by="jo", at=AT)
        other = RelationshipFacts(segment="Others")
        with transaction() as session:
            again = session.get_one(Relationship, made.id)
            with pytest.raises(ChangedMeanwhile) as refused:
                relationships.edit(session, programme, again, other, seen=seen, by="mo", at=AT)
        assert refused.value.stored["segment"] == "Key accounts"
        assert relationships.facts_of(db.session.get_one(Relationship, made.id)) == WORTH
        with transaction() as session:
            again = session.get_one(Relationship, made.id)
            token = refused.value.token
            relationships.edit(session, programme, again, other, seen=token, by="mo", at=AT)
        db.session.rollback()
        assert db.session.get_one(Relationship, made.id).segment == "Others"


def test_two_people_who_want_the_same_do_not_disturb_each_other(app: Flask) -> None:
    with app.app_context(), transaction() as session:
        programme = factories.make_programme(session)
        made = make_pair(session, programme)
        seen = relationships.facts_of(made).token
        for _ in range(2):
            relationships.edit(session, programme, made, WORTH, seen=seen, by="jo", at=AT)
        assert relationships.facts_of(made) == WORTH


def test_the_same_relationship_is_not_stored_twice(app: Flask) -> None:
    with app.app_context(), transaction() as session:
        programme = factories.make_programme(session)
        first = make_pair(session, programme)
        buyer = organisations.named(session, programme, "ALDERMERE", field="buyer")
        supplier = organisations.named(session, programme, "Aldermere's seller", field="supplier")
        with pytest.raises(Invalid, match="already have a relationship"):
            relationships.create(session, programme, buyer, supplier, WORTH, by="jo", at=AT)
        narrowed = RelationshipFacts(region="North")
        second = relationships.create(session, programme, buyer, supplier, narrowed, by="jo", at=AT)
        with pytest.raises(Invalid, match="already have a relationship"):
            relationships.edit(
                session,
                programme,
                first,
                narrowed,
                seen=relationships.facts_of(first).token,
                by="jo",
                at=AT,
            )
        assert second.id != first.id


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        (RelationshipFacts(annual_value=Decimal(1)), "currency"),
        (RelationshipFacts(manager_id=uuid.uuid4()), "manager_id"),
    ],
)
def test_facts_that_cannot_be_used_name_their_field(
    app: Flask, facts: RelationshipFacts, field: str
) -> None:
    with app.app_context(), transaction() as session:
        programme = factories.make_programme(session)
        made = make_pair(session, programme)
        with pytest.raises(Invalid) as refused:
            relationships.edit(
                session,
                programme,
                made,
                facts,
                seen=relationships.facts_of(made).token,
                by="jo",
                at=AT,
            )
        assert [problem.place for problem in refused.value.problems] == [field]


def test_a_organisation_cannot_buy_from_itself(app: Flask) -> None:
    with app.app_context(), transaction() as session:
        programme = factories.make_programme(session)
        buyer = factories.make_organisation(session, programme, "Aldermere")
        with pytest.raises(Invalid, match="two organisations"):
            relationships.create(session, programme, buyer, buyer, WORTH, by="jo", at=AT)


def test_an_organisation_is_found_by_reference_then_by_its_only_name(app: Flask) -> None:
    with app.app_context(), transaction() as session:
        programme = factories.make_programme(session)
        facts = OrganisationFacts("Østergård A/S", "c-1", "Denmark")
        first = organisations.create(session, programme, facts, by="jo", at=AT)
        assert organisations.named(session, programme, " c-1 ", field="buyer").id == first.id
        assert (
            organisations.named(session, programme, "Østergård a/s", field="buyer").id == first.id
        )
        twin = OrganisationFacts("Østergård A/S", "c-2", "")
        organisations.create(session, programme, twin, by="jo", at=AT)
        with pytest.raises(Invalid, match="Several organisations"):
            organisations.named(session, programme, "Østergård A/S", field="buyer")
        with pytest.raises(Invalid, match="Did you mean Østergård A/S"):
            organisations.named(session, programme, "sterg", field="buyer")
        with pytest.raises(Invalid, match="has the reference 'c-1' already"):
            organisations.create(session, programme, facts, by="jo", at=AT)


def test_a_relationship_manager_sees_only_their_own(app: Flask) -> None:
    with app.app_context(), transaction() as session:
        programme = factories.make_programme(session)
        programme.expected_functions = {"buyer": ["finance"]}
        own, other = make_pair(session, programme), make_pair(session, programme, "Larkmead")
        for each in (own, other):
            contact = factories.make_contact(session, each.buyer, f"Tomas {each.id.hex}")
            factories.make_part(session, contact, each)
        manager = owner_of(session, programme, Role.RELATIONSHIP_MANAGER)
        own.manager_id = manager.user_id
        session.flush()
        page = relationship_lists.page(session, programme, Narrowed(), actor=manager, on=TODAY)
        assert [line.relationship_id for line in page.rows] == [own.id]
        assert page.total == 1
        offered = relationship_filters.offered(session, programme, actor=manager)
        assert offered.managers == [(manager.user_id, "Jo")]
        coverage = stakeholder_coverage.look(session, programme, actor=manager, on=TODAY)
        assert (coverage.relationships, coverage.sides[Side.BUYER][0].people) == (1, 1)
        with pytest.raises(NotFound):
            relationships.find(session, programme, other.id, actor=manager)
        assert relationships.find(session, programme, own.id, actor=manager).id == own.id


def test_the_list_narrows_and_sorts(app: Flask) -> None:
    with app.app_context(), transaction() as session:
        programme = factories.make_programme(session)
        programme.expected_functions = {"buyer": ["procurement", "finance"], "supplier": ["sales"]}
        full, empty = make_pair(session, programme, "beta"), make_pair(session, programme, "Alpha")
        full.segment, full.annual_value, full.currency = "Key", Decimal(5), "EUR"
        people = [
            (full.buyer, Side.BUYER, Function.PROCUREMENT),
            (full.buyer, Side.BUYER, Function.FINANCE),
            (full.supplier, Side.SUPPLIER, Function.SALES),
        ]
        for number, (organisation, side, function) in enumerate(people):
            contact = factories.make_contact(session, organisation, f"Person {number}")
            factories.make_part(session, contact, full, side=side).function = function
        gone = factories.make_contact(session, empty.buyer, "Gone Person")
        ended = TODAY - timedelta(days=1)
        factories.make_part(session, gone, empty, until_on=ended)
        actor = owner_of(session, programme)
        session.flush()

        def found(narrowed: Narrowed, sort: str = "buyer", *, down: bool = False) -> list[str]:
            page = relationship_lists.page(
                session, programme, narrowed, actor=actor, on=TODAY, order=Order(sort, down)
            )
            assert page.total == len(page.rows)
            return [line.buyer for line in page.rows]

        assert found(Narrowed()) == ["Alpha", "beta"]
        assert found(Narrowed(), down=True) == ["beta", "Alpha"]
        assert found(Narrowed(), "buyer_people", down=True) == ["beta", "Alpha"]
        assert found(Narrowed(), "missing", down=True) == ["Alpha", "beta"]
        assert found(Narrowed(), "value") == ["beta", "Alpha"]
        assert found(Narrowed(text="ALPHA sell")) == ["Alpha"]
        assert found(Narrowed(text="100%")) == []
        assert found(Narrowed(segment="Key")) == ["beta"]
        assert found(Narrowed(manager="nobody")) == ["Alpha", "beta"]
        assert found(Narrowed(undecided="both")) == ["Alpha"]
        assert found(Narrowed(undecided="supplier")) == ["Alpha"]
        assert found(Narrowed(is_missing=True)) == ["Alpha"]
        assert found(Narrowed(lacks=(Side.BUYER, Function.FINANCE))) == ["Alpha"]
        assert found(Narrowed(lacks=(Side.BUYER, Function.LEGAL))) == ["Alpha", "beta"]
        [alpha, beta] = relationship_lists.page(
            session, programme, Narrowed(), actor=actor, on=TODAY
        ).rows
        assert alpha.missing == [
            (Side.BUYER, Function.PROCUREMENT),
            (Side.BUYER, Function.FINANCE),
            (Side.SUPPLIER, Function.SALES),
        ]
        assert beta.missing == []
        assert (beta.sides[Side.BUYER].people, beta.sides[Side.BUYER].deciders) == (2, 2)


def test_functions_count_each_person_once_and_running_parts_only(app: Flask) -> None:
    with app.app_context(), transaction() as session:
        programme = factories.make_programme(session)
        programme.expected_functions = {"buyer": ["procurement"]}
        supplier = factories.make_organisation(session, programme, "Kestrin")
        buyer = factories.make_organisation(session, programme, "Aldermere")
        first = factories.make_relationship(session, buyer, supplier)
        second = Relationship(
            programme_id=programme.id,
            buyer_id=buyer.id,
            supplier_id=supplier.id,
            region="North",
            created_at=AT,
        )
        third = make_pair(session, programme, "Larkmead")
        session.add(second)
        session.flush()
        tomas = factories.make_contact(session, buyer, "Tomas Vey")
        for each in (first, second):
            factories.make_part(session, tomas, each)
        late = factories.make_contact(session, third.buyer, "Priya Ng")
        factories.make_part(session, late, third, from_on=TODAY + timedelta(days=1))
        coverage = stakeholder_coverage.look(
            session, programme, actor=owner_of(session, programme), on=TODAY
        )
        line = coverage.sides[Side.BUYER][0]
        assert line == stakeholder_coverage.FunctionLine(
            function=Function.PROCUREMENT,
            people=1,
            deciders=1,
            relationships=2,
            is_expected=True,
            missing=1,
        )
        assert sum(line.people for line in coverage.sides[Side.SUPPLIER]) == 0


def test_a_stakeholder_is_added_changed_ended_and_taken_out(app: Flask) -> None:
    with app.app_context(), transaction() as session:
        programme = factories.make_programme(session)
        relation = make_pair(session, programme)
        tomas = factories.make_contact(session, relation.buyer, "Tomas Vey")
        part = stakeholders.add(session, programme, relation, tomas, PART, by="jo", at=AT)
        assert part.side == Side.BUYER
        assert stakeholders.candidates(session, relation, most=9) == []
        with pytest.raises(Invalid, match="has a part in this relationship already"):
            stakeholders.add(session, programme, relation, tomas, PART, by="jo", at=AT)
        ends = PartFacts(Function.LEGAL, Influence.USES, None, None, TODAY)
        seen = stakeholders.facts_of(part).token
        stakeholders.edit(session, programme, part, ends, seen=seen, by="jo", at=AT)
        assert stakeholders.is_running(part, TODAY)
        assert stakeholders.has_ended(part, TODAY + timedelta(days=1))
        with pytest.raises(ChangedMeanwhile):
            stakeholders.edit(session, programme, part, PART, seen=seen, by="mo", at=AT)
        backwards = PartFacts(
            Function.LEGAL, Influence.USES, None, TODAY, TODAY - timedelta(days=1)
        )
        with pytest.raises(Invalid, match="is before the first"):
            stakeholders.edit(
                session,
                programme,
                part,
                backwards,
                seen=stakeholders.facts_of(part).token,
                by="jo",
                at=AT,
            )
        stakeholders.remove(
            session, programme, stakeholders.find(session, relation, part.id), by="jo", at=AT
        )
        assert stakeholders.of_relationship(session, relation) == []
        assert [each.name for each in stakeholders.candidates(session, relation, most=9)] == [
            "Tomas Vey"
        ]


def test_somebody_of_a_third_organisation_gets_no_part(app: Flask) -> None:
    with app.app_context(), transaction() as session:
        programme = factories.make_programme(session)
        relation, other = make_pair(session, programme), make_pair(session, programme, "Larkmead")
        stranger = factories.make_contact(session, other.buyer, "Priya Ng")
        with pytest.raises(Invalid, match="works at neither organisation"):
            stakeholders.add(session, programme, relation, stranger, PART, by="jo", at=AT)


def test_a_part_that_was_asked_stays(app: Flask) -> None:
    open_wave(app, "Tomas Vey")
    with app.app_context(), transaction() as session:
        part = session.scalars(select(Stakeholder)).one()
        programme = session.get_one(Programme, part.programme_id)
        relation = session.get_one(Relationship, part.relationship_id)
        part = stakeholders.find(session, relation, part.id)
        assert stakeholders.waves_asked(session, part) == ["Autumn"]
        with pytest.raises(Conflict, match="was asked about this relationship in Autumn"):
            stakeholders.remove(session, programme, part, by="jo", at=AT)
        [asked] = relationships.asked_in(session, relation)
        assert (asked.wave.slug, asked.people, asked.has_results) == ("autumn", 1, False)
