import re
import uuid

import pytest
from flask import Flask
from flask.testing import FlaskClient

from surveyapp.clock import utcnow
from surveyapp.extensions import db, transaction
from surveyapp.models.accounts import Organisation, Relationship, Stakeholder
from surveyapp.models.people import Role
from tests import factories
from tests.conftest import check_page
from tests.web.accounts_world import World, build, events, manage, send, submit
from tests.web.console_world import sign_in, token_of
from tests.web.results_world import COLD, counted, survey, work
from tests.web.world import open_wave


@pytest.fixture
def world(app: Flask) -> World:
    return build(app)


@pytest.fixture
def owner(app: Flask, world: World) -> FlaskClient:
    return sign_in(app, world.programme)


def test_an_empty_programme_says_what_to_do(app: Flask) -> None:
    with app.app_context(), transaction() as session:
        factories.make_programme(session)
    found = check_page(sign_in(app, "kestrin").get("/p/kestrin/relationships"))
    assert "There are no relationships here yet." in found.text
    assert found.link("Import accounts") == "/p/kestrin/imports"
    reader = sign_in(app, "kestrin", role=Role.EXECUTIVE).get("/p/kestrin/relationships")
    assert "Import accounts" not in check_page(reader).text


def test_the_list_shows_money_people_and_what_is_missing(world: World, owner: FlaskClient) -> None:
    found = check_page(owner.get(f"{world.home}/relationships"))
    assert found.link("Aldermere Foods") == world.relationship
    for words in ("€4.2M", "30 June 2027", "1, 1 decides", "1, nobody decides", "nobody"):
        assert words in found.text
    narrowed = check_page(owner.get(f"{world.home}/relationships?undecided=both&sort=-value"))
    assert "Larkmead Health" in narrowed.text
    assert "Aldermere Foods" not in narrowed.text
    assert "sort=value" in narrowed.link("A year")
    assert "undecided=both" in narrowed.link("A year")
    lacking = check_page(owner.get(f"{world.home}/relationships?missing=buyer.procurement"))
    assert "Aldermere Foods" not in lacking.text


@pytest.mark.parametrize(
    "asked",
    [
        *("page=99", "page=x", "page=99999999999", "sort=nothing", "sort=-", "manager=x"),
        *("missing=x", "undecided=x", "q=%00%25", "segment=%00", "organisation=%00&side=%00"),
    ],
)
def test_an_odd_address_is_no_error(app_on_both: Flask, asked: str) -> None:
    world = build(app_on_both)
    owner = sign_in(app_on_both, world.programme)
    check_page(owner.get(f"{world.home}/relationships?{asked}"))
    check_page(owner.get(f"{world.home}/people?{asked}"))
    check_page(owner.get(f"{world.home}/search?{asked}"))


def test_lists_take_as_many_queries_for_many_rows_as_for_few(
    app: Flask, world: World, owner: FlaskClient
) -> None:
    def queries(path: str) -> int:
        with counted(app) as statements:
            check_page(owner.get(world.home + path))
        return len(statements)

    paths = (
        *("/relationships", "/relationships?missing=expected&sort=missing"),
        *("/relationships/functions", "/people?side=buyer&sort=organisation", "/search?q=a"),
    )
    few = [queries(path) for path in paths]
    with app.app_context(), transaction() as session:
        supplier = session.get_one(
            Organisation, session.get_one(Relationship, world.aldermere).supplier_id
        )
        for number in range(30):
            buyer = session.merge(
                Organisation(
                    programme_id=supplier.programme_id,
                    reference=f"a{number}",
                    name=f"a {number}",
                    created_at=utcnow(),
                )
            )
            session.flush()
            relation = factories.make_relationship(session, buyer, supplier)
            contact = factories.make_contact(session, buyer, f"a {number}")
            factories.make_part(session, contact, relation)
    assert [queries(path) for path in paths] == few


def test_a_relationship_says_who_stands_where_and_who_is_missing(
    world: World, owner: FlaskClient
) -> None:
    found = check_page(owner.get(world.relationship))
    assert found.h1 == "Aldermere Foods buys from Kestrin Logistics"
    assert "€4,200,000 a year, renewal 30 June 2027" in found.text
    assert "Missing: finance." in found.text
    assert "No wave has asked about it yet." in found.text
    assert found.link("Tomas Vey") == world.person


def test_waves_and_results_are_linked_where_there_are_any(app: Flask) -> None:
    made = survey(app, [COLD])
    client = sign_in(app, made.programme)
    found = check_page(client.get(f"/p/kestrin/relationships/{made.relationships[0]}"))
    assert "1 person asked" in found.text
    assert found.link("Results of Autumn") == made.card()
    assert client.get(made.card()).status_code == 200
    reviewer = sign_in(app, made.programme, role=Role.REVIEWER)
    seen = check_page(reviewer.get(f"/p/kestrin/relationships/{made.relationships[0]}"))
    assert "Results of Autumn" not in seen.text


def test_a_relationship_shows_its_newest_released_result_and_nothing_unreleased(app: Flask) -> None:
    made = survey(app, [COLD, COLD])
    client = sign_in(app, made.programme)
    page = f"/p/kestrin/relationships/{made.relationships[0]}"
    assert "Sales-equity score" not in check_page(client.get(page)).text
    client.post(f"{made.card()}/documents", data={"csrf_token": token_of(client, made.card())})
    with app.app_context():
        work()
    found = check_page(client.get(page))
    card = check_page(client.get(made.card()))
    assert found.link("Result of Autumn") == found.link("The whole scorecard") == made.card()
    assert "1 of 1 answered." in found.text
    [headline] = re.findall(r'<p class="lead">(.*?)</p>', card.html)
    assert headline in found.html, "the page and the card say the same"
    with client.get(found.link("as PDF")) as answer:
        assert answer.data.startswith(b"%PDF")
    other = f"/p/kestrin/relationships/{made.relationships[1]}"
    assert "Sales-equity score" not in check_page(client.get(other)).text
    reviewer = sign_in(app, made.programme, role=Role.REVIEWER)
    assert "Sales-equity score" not in check_page(reviewer.get(page)).text
    manager = sign_in(app, made.programme, role=Role.RELATIONSHIP_MANAGER)
    check_page(manager.get(page), status=404)


def test_facts_are_changed_in_place(app: Flask, world: World, owner: FlaskClient) -> None:
    submit(owner, f"{world.relationship}/edit", annual_value="125000.50", renewal_on="2028-01-31")
    found = check_page(owner.get(world.relationship))
    assert "€125,000.50 a year, renewal 31 January 2028" in found.text
    assert events(app)[-1][0] == "relationship.changed"
    assert events(app)[-1][1]["annual_value was"] == "4200000"


def test_what_is_wrong_stands_beside_its_field_and_nothing_is_lost(
    world: World, owner: FlaskClient
) -> None:
    response = submit(
        owner,
        f"{world.relationship}/edit",
        status=422,
        annual_value="12,5",
        currency="XXQ",
        renewal_on="31.1.2028",
        segment="Typed",
    )
    found = check_page(response, status=422)
    assert found.title.startswith("Problem:")
    assert "'12,5' is not an amount." in found.text
    assert "'XXQ' is not a currency." in found.text
    assert "'31.1.2028' is not a date." in found.text
    assert found.as_posted()["segment"] == ["Typed"]


def test_what_changed_meanwhile_is_shown_and_overwritten_only_knowingly(
    world: World, owner: FlaskClient
) -> None:
    edit = f"{world.relationship}/edit"
    opened = check_page(owner.get(edit))
    submit(owner, edit, segment="From Jo", region="South")
    refused = check_page(send(owner, edit, opened, status=409, segment="From Mo"), status=409)
    assert "Somebody else changed this meanwhile" in refused.text
    assert "Segment From Jo From Mo" in refused.text
    assert "Region South North" in refused.text
    assert "From Jo" in check_page(owner.get(world.relationship)).text
    send(owner, edit, refused)
    assert "From Mo" in check_page(owner.get(world.relationship)).text


def test_a_relationship_and_its_organisation_are_added_by_hand(
    app: Flask, world: World, owner: FlaskClient
) -> None:
    path = f"{world.home}/relationships"
    response = submit(owner, f"{path}/organisations/new", name="Stavely Marine", reference="c-9")
    assert response.location == f"{path}/new?buyer=c-9"
    unknown = submit(
        owner, f"{path}/new", status=422, buyer="Stavely Marin", supplier="Kestrin Logistics"
    )
    assert "There is no organisation 'Stavely Marin'." in check_page(unknown, status=422).text
    response = submit(owner, response.location, action=f"{path}/new", supplier="kestrin logistics")
    assert (
        check_page(owner.get(response.location)).h1 == "Stavely Marine buys from Kestrin Logistics"
    )
    again = submit(owner, f"{path}/new", status=422, buyer="c-9", supplier="Kestrin Logistics")
    assert "already have a relationship" in check_page(again, status=422).text


def test_a_organisation_is_renamed_in_place(app: Flask, world: World, owner: FlaskClient) -> None:
    with app.app_context():
        buyer = db.session.get_one(Relationship, world.aldermere).buyer_id
    path = f"{world.home}/relationships/organisations/{buyer}"
    opened = check_page(owner.get(path))
    submit(owner, path, name="Aldermere Group")
    assert check_page(owner.get(world.relationship)).h1.startswith("Aldermere Group buys")
    refused = check_page(send(owner, path, opened, status=409, name="Other"), status=409)
    assert "Name Aldermere Group Other" in refused.text
    taken = submit(owner, path, status=422, reference="Larkmead Health")
    assert "has the reference 'Larkmead Health' already" in check_page(taken, status=422).text


def test_somebody_known_and_somebody_new_get_a_part(
    app: Flask, world: World, owner: FlaskClient
) -> None:
    path = f"{world.relationship}/stakeholders/new"
    nobody = check_page(submit(owner, path, status=422), status=422)
    assert "Choose a person above, or write the address of somebody else." in nobody.text
    nameless = submit(owner, path, status=422, email="jo@example.com")
    assert "Write the person's name as well." in check_page(nameless, status=422).text
    submit(owner, path, email="Jo@example.com", name="Jo Ng", side="supplier", function="legal")
    found = check_page(owner.get(world.relationship))
    assert "Jo Ng" in found.text
    elsewhere = submit(owner, path, status=422, email="priya.ng@example.com")
    assert "Priya Ng works at neither organisation" in check_page(elsewhere, status=422).text
    again = submit(owner, path, status=422, email="tomas.vey@example.com")
    assert "has a part in this relationship already" in check_page(again, status=422).text
    with app.app_context(), transaction() as session:
        buyer = session.get_one(
            Organisation, session.get_one(Relationship, world.aldermere).buyer_id
        )
        known = factories.make_contact(session, buyer, "Émile Roth").id
    submit(owner, path, contact=str(known), function="finance")
    assert "Missing:" not in check_page(owner.get(world.relationship)).text
    assert [action for action, _details in events(app)][-1] == "stakeholder.added"


def test_a_part_is_changed_ended_and_taken_out(
    app: Flask, world: World, owner: FlaskClient
) -> None:
    opened = check_page(owner.get(world.part))
    submit(owner, world.part, until_on="2020-01-31", influence="uses")
    found = check_page(owner.get(world.relationship))
    assert "1 part has ended" in found.text
    assert "Missing: procurement and finance." in found.text
    refused = check_page(send(owner, world.part, opened, status=409, function="legal"), status=409)
    assert "Function Procurement Legal" in refused.text
    assert "Influence Uses Decides" in refused.text
    backwards = submit(owner, world.part, status=422, from_on="2021-01-01")
    assert "is before the first" in check_page(backwards, status=422).text
    submit(owner, world.part, action=f"{world.part}/remove")
    with app.app_context():
        assert db.session.get(Stakeholder, world.tomas_part) is None


def test_a_part_that_was_asked_cannot_be_taken_out(app: Flask) -> None:
    open_wave(app, "Tomas Vey")
    client = sign_in(app, "kestrin")
    with app.app_context():
        part = db.session.query(Stakeholder).one()
    path = f"/p/kestrin/relationships/{part.relationship_id}/stakeholders/{part.id}"
    assert "was asked in Autumn, so the part stays" in check_page(client.get(path)).text
    response = submit(client, path, action=f"{path}/remove", status=409)
    assert "Give it a last day instead." in check_page(response, status=409).text


def test_functions_lead_to_the_relationships_that_lack_them(
    world: World, owner: FlaskClient
) -> None:
    found = check_page(owner.get(f"{world.home}/relationships/functions"))
    assert "In 2 relationships nobody stands in finance" in found.text
    listed = check_page(owner.get(found.link("1")))
    assert "Larkmead Health" in listed.text


def test_a_relationship_manager_sees_no_other_relationship(app: Flask, world: World) -> None:
    manager = manage(app, world, world.larkmead)
    for path in ("/relationships", "/relationships/functions", "/relationships?q=foods"):
        text = check_page(manager.get(world.home + path)).text
        assert "Aldermere" not in text
        assert "Tomas" not in text
        assert "North" not in text
        assert "Key accounts" not in text
    assert (
        "1 relationship," in check_page(manager.get(f"{world.home}/relationships/functions")).text
    )
    check_page(manager.get(world.relationship), status=404)
    assert check_page(manager.get(f"{world.home}/relationships/{world.larkmead}")).h1


@pytest.mark.parametrize("role", [*Role, None])
def test_only_owners_change_anything(app: Flask, world: World, role: Role | None) -> None:
    """``None`` is an owner of another programme: for them there is no such page."""
    if role is None:
        build(app, "other")
        client = sign_in(app, "other")
    elif role == Role.RELATIONSHIP_MANAGER:
        client = manage(app, world, world.aldermere)
    else:
        client = sign_in(app, world.programme, role=role)
    home, person = f"{world.home}/relationships", world.person
    forms = [
        *(f"{home}/new", f"{home}/organisations/new", f"{world.relationship}/edit"),
        *(f"{world.relationship}/stakeholders/new", world.part, f"{world.home}/people/new"),
        *(f"{person}/edit", f"{world.home}/rules/edit"),
    ]
    posts = [f"{world.part}/remove", f"{person}/opted-out", f"{person}/works"]
    expected = {Role.OWNER: 200, None: 404}.get(role, 403)
    assert {path: client.get(path).status_code for path in forms} == dict.fromkeys(forms, expected)
    if role != Role.OWNER:
        token = check_page(sign_in(app, world.programme).get(f"{home}/new")).hidden("csrf_token")
        assert token
        own = check_page(client.get("/account")).hidden("csrf_token")
        sent = {
            path: client.post(path, data={"csrf_token": own}).status_code
            for path in [*forms, *posts]
        }
        assert sent == dict.fromkeys(sent, expected)


def test_another_programmes_ids_are_no_pages(app: Flask, world: World, owner: FlaskClient) -> None:
    other = build(app, "other")
    for path in (
        *(f"/relationships/{other.aldermere}", f"/relationships/{other.aldermere}/edit"),
        *(f"/relationships/{world.aldermere}/stakeholders/{other.tomas_part}",),
        *(f"/people/{other.tomas}", f"/people/{other.tomas}/edit"),
        *(f"/relationships/{uuid.uuid4()}", f"/relationships/organisations/{uuid.uuid4()}"),
    ):
        check_page(owner.get(world.home + path), status=404)
