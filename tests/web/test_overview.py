"""A programme's first page, and the door to several programmes."""

from flask import Flask
from flask.testing import FlaskClient

from surveyapp.clock import utcnow
from surveyapp.extensions import db, transaction
from surveyapp.models.people import Role
from surveyapp.services import users
from tests import factories
from tests.conftest import check_page
from tests.web.console_world import sign_in, token_of
from tests.web.results_world import COLD, SILENT, WARM, counted, survey


def show(client: FlaskClient, slug: str = "kestrin") -> str:
    return check_page(client.get(f"/p/{slug}")).text


def test_an_empty_programme_says_where_to_begin(app: Flask) -> None:
    with app.app_context(), transaction() as session:
        factories.make_programme(session, at=utcnow())
    owner = check_page(sign_in(app, "kestrin").get("/p/kestrin"))
    assert "There are no relationships here yet." in owner.text
    assert owner.link("Import accounts") == "/p/kestrin/imports"
    reader = check_page(sign_in(app, "kestrin", role=Role.EXECUTIVE).get("/p/kestrin"))
    assert "Import accounts" not in reader.text


def test_an_open_wave_leads_to_who_has_spoken(app: Flask) -> None:
    survey(app, [COLD, WARM, SILENT], close=False)
    found = check_page(sign_in(app, "kestrin").get("/p/kestrin"))
    assert "2 of 3 questionnaires are back." in found.text
    assert found.link("See who has spoken") == "/p/kestrin/waves/autumn/coverage"


def test_a_closed_wave_leads_to_its_results(app: Flask) -> None:
    survey(app, [COLD, SILENT])
    found = check_page(sign_in(app, "kestrin").get("/p/kestrin"))
    assert "1 of 2 questionnaires came back." in found.text
    assert found.link("Read the results") == "/p/kestrin/results"


def test_a_manager_reads_no_count_of_others_relationships(app: Flask) -> None:
    survey(app, [COLD, WARM])
    said = show(sign_in(app, "kestrin", role=Role.RELATIONSHIP_MANAGER))
    assert "0 relationships" in said
    assert "0 people" in said
    assert "2" not in said.partition("Waves, newest first")[0].replace("2026", "")


def test_what_a_promise_hides_is_not_counted_on_the_first_page_either(app: Flask) -> None:
    survey(app, [COLD, SILENT], close=False, anonymity="confidential")
    client = sign_in(app, "kestrin")
    for path in ("/p/kestrin", "/p/kestrin/results"):
        said = check_page(client.get(path)).text
        assert "2 asked" in said
        assert "1 of 2" not in said


def test_the_first_page_asks_no_more_for_many_relationships_than_for_few(app: Flask) -> None:
    asked = []
    for slug, count in (("small", 1), ("large", 12)):
        survey(app, [COLD] * count, slug=slug, wave=slug, close=False)
        client = sign_in(app, slug)
        with counted(app) as sent:
            show(client, slug)
        asked.append(len(sent))
    assert asked[0] == asked[1] <= 16


def test_somebody_with_two_programmes_chooses(app: Flask) -> None:
    with app.app_context(), transaction() as session:
        for slug in ("kestrin", "other"):
            factories.make_programme(session, slug, at=utcnow())
    email = "maren@kestrin.example"
    client = sign_in(app, "kestrin", email=email)
    assert client.get("/").location == "/p/kestrin"
    sign_in(app, "other", role=Role.EXECUTIVE, email=email)
    found = check_page(client.get("/"))
    assert found.h1 == "Your programmes"
    assert {"/p/kestrin", "/p/other"} <= found.links.keys()
    assert "executive" in found.text


def test_somebody_without_a_programme_is_told_whom_to_ask(app: Flask) -> None:
    with app.app_context(), transaction() as session:
        programme = factories.make_programme(session, at=utcnow())
    client = sign_in(app, "kestrin", email="new@kestrin.example")
    sign_in(app, "kestrin", email="ivo@kestrin.example", name="Ivo Brandt")
    with app.app_context():
        user_id = users.find(db.session(), "new@kestrin.example").id
    page = f"/p/{programme.slug}/members/{user_id}"
    data = {"csrf_token": token_of(client, page)}
    assert client.post(f"{page}/remove", data=data).location == "/"
    found = check_page(client.get("/"))
    assert found.h1 == "You have no programme yet"
    assert "new@kestrin.example" in found.text
