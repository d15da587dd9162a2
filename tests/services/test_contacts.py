from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from surveyapp.errors import Invalid, NotFound
from surveyapp.extensions import transaction
from surveyapp.models.accounts import Contact, Function, Side
from surveyapp.models.audit import AuditEvent
from surveyapp.models.invitations import Assignment
from surveyapp.models.mail import MailState, OutgoingMail
from surveyapp.models.people import Role
from surveyapp.models.programmes import Programme
from surveyapp.services import (
    access,
    contact_invitations,
    contact_lists,
    contacts,
    listing,
    members,
    organisations,
    users,
)
from surveyapp.services.contact_lists import Narrowed, Reach
from surveyapp.services.contacts import ContactFacts
from surveyapp.services.editing import ChangedMeanwhile
from surveyapp.services.listing import Order
from tests import factories
from tests.factories import AT
from tests.web.world import open_wave, questionnaire

TODAY = AT.date()


@pytest.fixture
def app(app_on_both: Flask) -> Flask:
    return app_on_both


def member(session: Session, programme: Programme, role: Role = Role.OWNER) -> access.Actor:
    user = users.create(session, email=f"{role.name}@example.com".lower(), name="Jo", at=AT)
    members.join(session, programme, user, role, by="test", at=AT)
    return access.Actor(user.id, user.name, user.email, programme.id, role)


def edited(contact: Contact, **changes: object) -> ContactFacts:
    return ContactFacts(**{**contacts.facts_of(contact).as_mapping(), **changes})


def test_a_mended_address_has_not_bounced_and_the_trail_keeps_no_address(app: Flask) -> None:
    with app.app_context(), transaction() as session:
        programme = factories.make_programme(session)
        organisation = factories.make_organisation(session, programme, "Aldermere")
        tomas = factories.make_contact(session, organisation, "Tomas Vey")
        contacts.note_bounce(session, programme, tomas, reason="550 no", by="jo", at=AT)
        assert (tomas.bounced_at, tomas.bounce) == (AT, "550 no")
        wanted = edited(tomas, email="T.Vey@example.com", locale="de_ch")
        seen = contacts.facts_of(tomas).token
        contacts.edit(session, programme, tomas, wanted, seen=seen, by="jo", at=AT)
        assert (tomas.email, tomas.locale) == ("t.vey@example.com", "de-CH")
        assert (tomas.bounced_at, tomas.bounce) == (None, "")
        event = session.scalars(
            select(AuditEvent).where(AuditEvent.action == "contact.changed")
        ).one()
        assert event.details == {"fields": "email, locale"}
        with pytest.raises(ChangedMeanwhile):
            contacts.edit(
                session, programme, tomas, edited(tomas, name="T Vey"), seen=seen, by="mo", at=AT
            )


def test_an_address_belongs_to_one_person_who_is_named(app: Flask) -> None:
    with app.app_context(), transaction() as session:
        programme = factories.make_programme(session)
        organisation = factories.make_organisation(session, programme, "Aldermere")
        tomas = factories.make_contact(session, organisation, "Tomas Vey")
        dana = factories.make_contact(session, organisation, "Dana Roth")
        taken = edited(dana, email="TOMAS.VEY@example.com")
        seen = contacts.facts_of(dana).token
        with pytest.raises(Invalid, match="Tomas Vey at Aldermere has this address already"):
            contacts.edit(session, programme, dana, taken, seen=seen, by="jo", at=AT)
        with pytest.raises(Invalid, match="Tomas Vey at Aldermere"):
            contacts.create(
                session,
                programme,
                organisation,
                name="Other",
                email=tomas.email.upper(),
                locale="",
                by="jo",
                at=AT,
            )
        assert dana.email == "dana.roth@example.com"


def test_an_address_may_be_the_same_in_another_programme(app: Flask) -> None:
    with app.app_context(), transaction() as session:
        for slug in ("kestrin", "other"):
            programme = factories.make_programme(session, slug)
            organisation = factories.make_organisation(session, programme, "Aldermere")
            made = contacts.create(
                session,
                programme,
                organisation,
                name="Tomas Vey",
                email="Tomas@example.com",
                locale="",
                by="jo",
                at=AT,
            )
            assert (made.email, made.locale) == ("tomas@example.com", "en")


def test_nobody_changes_organisation_while_a_part_there_runs(app: Flask) -> None:
    with app.app_context(), transaction() as session:
        programme = factories.make_programme(session)
        old, new = (factories.make_organisation(session, programme, name) for name in "AB")
        tomas = factories.make_contact(session, old, "Tomas Vey")
        part = factories.make_part(session, tomas, factories.make_relationship(session, old, new))
        wanted = edited(tomas, organisation_id=new.id)
        seen = contacts.facts_of(tomas).token
        with pytest.raises(
            Invalid, match="still has a part for the old organisation: A buys from B"
        ):
            contacts.edit(session, programme, tomas, wanted, seen=seen, by="jo", at=AT)
        part.until_on = TODAY - timedelta(days=1)
        session.flush()
        contacts.edit(session, programme, tomas, wanted, seen=seen, by="jo", at=AT)
        assert tomas.organisation_id == new.id


def test_opting_out_and_in_again_are_on_record_with_their_reason(app: Flask) -> None:
    with app.app_context(), transaction() as session:
        programme = factories.make_programme(session)
        organisation = factories.make_organisation(session, programme, "Aldermere")
        tomas = factories.make_contact(session, organisation, "Tomas Vey")
        for step in (contacts.opt_out, contacts.opt_out, contacts.opt_in):
            step(session, programme, tomas, reason="said so by phone", by="jo", at=AT)
        contacts.note_bounce(session, programme, tomas, reason="came back", by="jo", at=AT)
        contacts.clear_bounce(session, programme, tomas, reason="works", by="jo", at=AT)
        assert (tomas.opted_out_at, tomas.bounced_at, tomas.bounce) == (None, None, "")
        events = session.scalars(
            select(AuditEvent)
            .where(AuditEvent.subject == f"contact:{tomas.id}")
            .order_by(AuditEvent.number)
        )
        assert [(event.action, event.details["reason"]) for event in events] == [
            ("contact.opted_out", "said so by phone"),
            ("contact.opted_in", "said so by phone"),
            ("contact.bounced", "came back"),
            ("contact.bounce_cleared", "works"),
        ]


def test_the_list_narrows_and_sorts(app: Flask) -> None:
    with app.app_context(), transaction() as session:
        programme = factories.make_programme(session)
        buyer = factories.make_organisation(session, programme, "Zeta")
        supplier = factories.make_organisation(session, programme, "Alpha 50%")
        relation = factories.make_relationship(session, buyer, supplier)
        tomas = factories.make_contact(session, buyer, "tomas Vey")
        dana = factories.make_contact(session, supplier, "Dana Roth", opted_out_at=AT)
        factories.make_contact(session, supplier, "Émile Roth").bounced_at = AT
        factories.make_part(session, tomas, relation)
        sells = factories.make_part(session, dana, relation, side=Side.SUPPLIER)
        sells.function = Function.SALES
        actor = member(session, programme)
        session.flush()

        def found(narrowed: Narrowed, sort: str = "email", *, down: bool = False) -> list[str]:
            page = contact_lists.page(
                session, programme, narrowed, actor=actor, on=TODAY, order=Order(sort, down)
            )
            assert page.total == len(page.rows)
            return [line.name.split()[0] for line in page.rows]

        assert found(Narrowed()) == ["Dana", "tomas", "Émile"]
        assert found(Narrowed(), "name")[:2] == ["Dana", "tomas"]
        assert found(Narrowed(), "organisation", down=True)[0] == "tomas"
        assert found(Narrowed(text="ROTH")) == ["Dana", "Émile"]
        assert found(Narrowed(text="éMILE")) == ["Émile"]
        assert found(Narrowed(text="_")) == []
        assert found(Narrowed(organisation="alpha 50%")) == ["Dana", "Émile"]
        assert found(Narrowed(side=Side.BUYER)) == ["tomas"]
        assert found(Narrowed(function=Function.SALES)) == ["Dana"]
        assert found(Narrowed(side=Side.BUYER, function=Function.SALES)) == []
        assert found(Narrowed(is_decider=True)) == ["Dana", "tomas"]
        assert found(Narrowed(reach=Reach.OPTED_OUT)) == ["Dana"]
        assert found(Narrowed(reach=Reach.BOUNCED)) == ["Émile"]
        assert found(Narrowed(reach=Reach.REACHABLE)) == ["tomas"]


def test_a_relationship_manager_sees_the_people_of_their_relationships(app: Flask) -> None:
    with app.app_context(), transaction() as session:
        programme = factories.make_programme(session)
        supplier = factories.make_organisation(session, programme, "Kestrin")
        dana = factories.make_contact(session, supplier, "Dana Roth")
        buyers = [factories.make_organisation(session, programme, name) for name in "AB"]
        relations = [factories.make_relationship(session, each, supplier) for each in buyers]
        staff = [factories.make_contact(session, each, f"At {each.name}") for each in buyers]
        for contact, relation in zip(staff, relations, strict=True):
            factories.make_part(session, contact, relation)
            factories.make_part(session, dana, relation, side=Side.SUPPLIER)
        manager = member(session, programme, Role.RELATIONSHIP_MANAGER)
        relations[0].manager_id = manager.user_id
        session.flush()
        page = contact_lists.page(session, programme, Narrowed(), actor=manager, on=TODAY)
        assert [(line.name, line.parts) for line in page.rows] == [("At A", 1), ("Dana Roth", 1)]
        deciders = Narrowed(is_decider=True)
        assert contact_lists.page(session, programme, deciders, actor=manager, on=TODAY).total == 2
        parts = contacts.parts_of(session, programme, dana, actor=manager)
        assert [part.relationship_id for part in parts] == [relations[0].id]
        with pytest.raises(NotFound):
            contacts.find(session, programme, staff[1].id, actor=manager)
        with pytest.raises(NotFound):
            organisations.find(session, programme, buyers[1].id, actor=manager)
        assert organisations.find(session, programme, buyers[0].id, actor=manager).name == "A"


@pytest.mark.parametrize(("anonymity", "told"), [("identified", 1), ("confidential", None)])
def test_only_an_identified_questionnaire_tells_who_answered(
    app: Flask, anonymity: str, told: int | None
) -> None:
    definition = questionnaire({"anonymity": anonymity})
    open_wave(app, "Tomas Vey", definition=definition, suppliers=2)
    with app.app_context(), transaction() as session:
        programme = session.scalars(select(Programme)).one()
        tomas = session.scalars(select(Contact)).one()
        session.scalars(select(Assignment)).first().submitted_at = AT  # type: ignore[union-attr]
        session.scalars(select(OutgoingMail)).one().state = MailState.QUEUED
        session.flush()
        [asked] = contact_invitations.of_contact(
            session, programme, tomas, actor=member(session, programme)
        )
        assert (asked.questionnaires, asked.sent, asked.mail) == (2, told, MailState.QUEUED)


@pytest.mark.parametrize("number", [1, 2, 3, 99])
def test_pages_by_organisation_are_those_of_one_long_list(app: Flask, number: int) -> None:
    with app.app_context(), transaction() as session:
        programme = factories.make_programme(session)
        sizes = {"b": 49, "A": 3, "c": 1, "D": 60, "empty": 0, "e": 33}
        for name, size in sizes.items():
            organisation = factories.make_organisation(session, programme, name)
            for index in range(size):
                factories.make_contact(session, organisation, f"{name} {index:02}")
        actor = member(session, programme)
        whole = [f"{name} {index:02}" for name in "AbcDe" for index in range(sizes[name])]

        def page(order: Order, narrowed: Narrowed) -> listing.Page[contact_lists.Line]:
            return contact_lists.page(
                session, programme, narrowed, actor=actor, on=TODAY, order=order, number=number
            )

        found = page(Order("organisation"), Narrowed())
        assert (found.total, found.number) == (146, min(number, 3))
        assert [row.name for row in found.rows] == whole[found.first - 1 : found.last]
        backwards = [f"{name} {index:02}" for name in "eDcbA" for index in range(sizes[name])]
        found = page(Order("organisation", is_descending=True), Narrowed())
        assert [row.name for row in found.rows] == backwards[found.first - 1 : found.last]
        nobody = page(Order("organisation"), Narrowed(text="nobody"))
        assert (nobody.rows, nobody.total, nobody.number) == ([], 0, 1)
