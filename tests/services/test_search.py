import pytest
from flask import Flask
from sqlalchemy.orm import Session

from surveyapp.extensions import transaction
from surveyapp.models.people import Role
from surveyapp.models.programmes import Programme
from surveyapp.services import search
from surveyapp.services.access import Actor
from surveyapp.services.search import FoundPerson, FoundRelationship
from tests import factories
from tests.services.test_contacts import member


@pytest.fixture
def app(app_on_both: Flask) -> Flask:
    return app_on_both


def people(session: Session, programme: Programme, actor: Actor, typed: str) -> list[str]:
    return [row.name for row in search.find(session, programme, typed, actor=actor).people.rows]


def test_best_matches_come_first(app: Flask) -> None:
    with app.app_context(), transaction() as session:
        programme = factories.make_programme(session)
        actor = member(session, programme)
        organisation = factories.make_organisation(session, programme, "Aldermere")
        for name in ("Anna Harvey", "Tomas Vey", "Veya Ng"):
            factories.make_contact(session, organisation, name)
        assert people(session, programme, actor, "vey") == ["Veya Ng", "Tomas Vey", "Anna Harvey"]
        assert people(session, programme, actor, "  vey   tom ") == ["Tomas Vey"]
        assert people(session, programme, actor, "tomas.vey@") == ["Tomas Vey"]


@pytest.mark.parametrize("typed", ["Øst", "ØST", "øst", "ØsT"])
def test_letters_of_every_script_are_found_in_any_case(app: Flask, typed: str) -> None:
    with app.app_context(), transaction() as session:
        programme = factories.make_programme(session)
        actor = member(session, programme)
        organisation = factories.make_organisation(session, programme, "Østergård")
        supplier = factories.make_organisation(session, programme, "青山精密")
        factories.make_relationship(session, organisation, supplier)
        [row] = search.find(session, programme, typed, actor=actor).relationships.rows
        assert row.buyer == "Østergård"
        assert search.find(session, programme, "青山 gård", actor=actor).only == row


@pytest.mark.parametrize("typed", ["%", "_", "a%c", "\\", "/", "'", "\0", "", "   "])
def test_wildcards_are_letters_like_any_other(app: Flask, typed: str) -> None:
    with app.app_context(), transaction() as session:
        programme = factories.make_programme(session)
        actor = member(session, programme)
        buyer, supplier = (
            factories.make_organisation(session, programme, name) for name in ("abc", "def")
        )
        factories.make_relationship(session, buyer, supplier)
        factories.make_contact(session, buyer, "abc")
        found = search.find(session, programme, typed, actor=actor)
        assert found.only is None
        assert (found.relationships.rows, found.people.rows) == ([], [])


def test_a_sign_that_is_a_wildcard_is_found_where_it_stands(app: Flask) -> None:
    with app.app_context(), transaction() as session:
        programme = factories.make_programme(session)
        actor = member(session, programme)
        organisation = factories.make_organisation(session, programme, "Aldermere")
        for name in ("a_b", "axb", "50% Ltd", "50 Ltd"):
            factories.make_contact(session, organisation, name)
        assert people(session, programme, actor, "a_b") == ["a_b"]
        assert people(session, programme, actor, "50%") == ["50% Ltd"]


def test_twenty_of_each_kind_are_shown_and_more_are_announced(app: Flask) -> None:
    with app.app_context(), transaction() as session:
        programme = factories.make_programme(session)
        actor = member(session, programme)
        organisation = factories.make_organisation(session, programme, "Aldermere")
        for number in range(21):
            factories.make_contact(session, organisation, f"Vey {number:02}")
        found = search.find(session, programme, "vey", actor=actor)
        assert (len(found.people.rows), found.people.has_more) == (20, True)
        assert (found.relationships.rows, found.relationships.has_more) == ([], False)


def test_a_single_hit_is_the_only_one(app: Flask) -> None:
    with app.app_context(), transaction() as session:
        programme = factories.make_programme(session)
        actor = member(session, programme)
        buyer, supplier = (
            factories.make_organisation(session, programme, name)
            for name in ("Aldermere", "Kestrin")
        )
        relation = factories.make_relationship(session, buyer, supplier)
        relation.product_line = "Cold chain"
        tomas = factories.make_contact(session, buyer, "Tomas Vey")
        session.flush()
        found = search.find(session, programme, "cold kestrin", actor=actor).only
        assert found == FoundRelationship(relation.id, "Aldermere", "Kestrin", ("Cold chain",))
        found_person = search.find(session, programme, "tomas", actor=actor).only
        assert found_person == FoundPerson(tomas.id, "Tomas Vey", tomas.email, "Aldermere")


def test_a_relationship_manager_finds_only_their_own(app: Flask) -> None:
    with app.app_context(), transaction() as session:
        programme = factories.make_programme(session)
        other = factories.make_programme(session, "other")
        manager = member(session, programme, Role.RELATIONSHIP_MANAGER)
        supplier = factories.make_organisation(session, programme, "Kestrin")
        buyers = [
            factories.make_organisation(session, programme, f"Aldermere {name}") for name in "AB"
        ]
        relations = [factories.make_relationship(session, each, supplier) for each in buyers]
        for buyer, relation in zip(buyers, relations, strict=True):
            contact = factories.make_contact(session, buyer, f"Tomas {buyer.name[-1]}")
            factories.make_part(session, contact, relation)
        elsewhere = factories.make_organisation(session, other, "Aldermere C")
        factories.make_contact(session, elsewhere, "Tomas C")
        relations[0].manager_id = manager.user_id
        session.flush()
        found = search.find(session, programme, "aldermere", actor=manager)
        assert [row.buyer for row in found.relationships.rows] == ["Aldermere A"]
        assert people(session, programme, manager, "tomas") == ["Tomas A"]
