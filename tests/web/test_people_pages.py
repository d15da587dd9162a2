import pytest
from flask import Flask
from flask.testing import FlaskClient

from surveyapp.models.people import Role
from tests.conftest import check_page
from tests.web.accounts_world import World, build, contact, events, manage, send, submit
from tests.web.console_world import sign_in
from tests.web.world import open_wave, questionnaire


@pytest.fixture
def world(app: Flask) -> World:
    return build(app)


@pytest.fixture
def owner(app: Flask, world: World) -> FlaskClient:
    return sign_in(app, world.programme)


def test_the_list_is_narrowed_by_its_form(world: World, owner: FlaskClient) -> None:
    found = check_page(owner.get(f"{world.home}/people?side=supplier&function=sales"))
    assert found.link("Dana Roth").endswith(str(world.dana))
    assert "Tomas" not in found.text
    nobody = check_page(owner.get(f"{world.home}/people?q=nobody"))
    assert "Nobody fits." in nobody.text
    deciders = check_page(owner.get(f"{world.home}/people?decides=1&state=can+be+asked"))
    assert "Tomas Vey" in deciders.text
    assert "Dana Roth" not in deciders.text


def test_a_person_is_added_and_changed(app: Flask, world: World, owner: FlaskClient) -> None:
    path = f"{world.home}/people/new"
    unknown = submit(owner, path, status=422, name="Jo", email="jo@example.com", organisation="No")
    assert "There is no organisation 'No'." in check_page(unknown, status=422).text
    empty = check_page(submit(owner, path, status=422), status=422)
    assert "Write the person's name." in empty.text
    made = submit(
        owner, path, name="Jo Ng", email="Jo@example.com", organisation="aldermere foods"
    ).location
    assert "jo@example.com, in English" in check_page(owner.get(made)).text
    wrong = submit(owner, f"{made}/edit", status=422, email="tomas.vey@example.com", locale="xx9")
    assert "'xx9' is not a language tag" in check_page(wrong, status=422).text
    taken = submit(owner, f"{made}/edit", status=422, email="tomas.vey@example.com")
    assert "Tomas Vey at Aldermere Foods has this address" in check_page(taken, status=422).text
    submit(owner, f"{made}/edit", locale="de", organisation="Larkmead Health")
    assert "At Larkmead Health. jo@example.com, in German" in check_page(owner.get(made)).text


def test_what_changed_meanwhile_is_shown_with_the_organisation(
    world: World, owner: FlaskClient
) -> None:
    edit = f"{world.person}/edit"
    opened = check_page(owner.get(edit))
    submit(owner, edit, name="Tomas Veyron")
    refused = check_page(send(owner, edit, opened, status=409, locale="de"), status=409)
    assert "Name Tomas Veyron Tomas Vey" in refused.text
    assert "Language en de" in refused.text
    assert "Organisation Aldermere" not in refused.text
    send(owner, edit, refused, name="Tomas Veyron")
    assert "in German" in check_page(owner.get(world.person)).text


def test_nobody_leaves_a_organisation_while_a_part_runs(world: World, owner: FlaskClient) -> None:
    response = submit(owner, f"{world.person}/edit", status=422, organisation="Larkmead Health")
    text = check_page(response, status=422).text
    assert "still has a part for the old organisation: Aldermere Foods buys from Kestrin" in text
    assert "Give each part a last day before today first" in text


def test_opting_out_and_bounces_are_noted_with_a_reason(
    app: Flask, world: World, owner: FlaskClient
) -> None:
    def mark(step: str, reason: str, status: int = 303) -> str:
        address = f"{world.person}/{step}"
        changes = {f"{step}-reason": reason}
        response = submit(owner, world.person, action=address, status=status, **changes)
        return check_page(response, status=status).text if status != 303 else ""

    assert "Write the reason." in mark("opted-out", "", 422)
    mark("opted-out", "said so")
    mark("bounced", "550 no such user")
    found = check_page(owner.get(world.person))
    assert "Opted out on" in found.text
    assert "It came back with: 550 no such user" in found.text
    listed = check_page(owner.get(f"{world.home}/people?state=opted+out"))
    assert "Tomas Vey" in listed.text
    assert "opted out" in check_page(owner.get(world.relationship)).text
    mark("opted-in", "asked to be asked")
    mark("works", "tried it")
    assert contact(app, world.tomas).bounced_at is None
    assert contact(app, world.tomas).opted_out_at is None
    assert ("contact.opted_in", {"reason": "asked to be asked"}) in events(app)


@pytest.mark.parametrize(
    ("anonymity", "words"),
    [("identified", "not yet"), ("confidential", "not shown: the questionnaire promises")],
)
def test_who_answered_is_shown_only_where_the_contract_allows(
    app: Flask, anonymity: str, words: str
) -> None:
    open_wave(app, "Tomas Vey", definition=questionnaire({"anonymity": anonymity}))
    client = sign_in(app, "kestrin")
    person = check_page(client.get("/p/kestrin/people")).link("Tomas Vey")
    assert words in check_page(client.get(person)).text
    reviewer = check_page(sign_in(app, "kestrin", role=Role.REVIEWER).get(person))
    assert "Answered" not in reviewer.text
    assert "Autumn" in reviewer.text


def test_a_relationship_manager_sees_only_the_people_of_their_relationships(
    app: Flask, world: World
) -> None:
    manager = manage(app, world, world.larkmead)
    text = check_page(manager.get(f"{world.home}/people")).text
    assert "Priya Ng" in text
    assert "Tomas" not in text
    assert "Dana" not in text
    check_page(manager.get(world.person), status=404)
    check_page(manager.get(f"{world.home}/people/{world.dana}"), status=404)
    assert check_page(manager.get(f"{world.home}/people/{world.priya}")).h1 == "Priya Ng"
    nothing = check_page(manager.get(f"{world.home}/search?q=tomas"))
    assert "Nothing found." in nothing.text


def test_a_manager_of_one_relationship_sees_no_part_in_another(app: Flask, world: World) -> None:
    manager = manage(app, world, world.aldermere)
    found = check_page(manager.get(f"{world.home}/people/{world.dana}"))
    assert "Aldermere Foods buys from Kestrin Logistics" in found.text
    assert "Larkmead" not in found.text
