"""Who is asked and why, who is left off, before the launch and after; and what a contract hides."""

import csv
import io
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from surveyapp.clock import utcnow
from surveyapp.extensions import transaction
from surveyapp.models.accounts import Contact, Organisation, Relationship
from surveyapp.models.invitations import Assignment, Invitation
from surveyapp.models.people import Role
from surveyapp.services import programmes
from tests import factories
from tests.conftest import Page, check_page
from tests.web.console_world import sign_in
from tests.web.results_world import counted
from tests.web.waves_world import change, launch, make_wave, make_world, work

WAVE = "/p/kestrin/waves/autumn"


@pytest.fixture
def app(app_on_both: Flask) -> Flask:
    make_world(app_on_both)
    return app_on_both


@pytest.fixture
def owner(app: Flask) -> FlaskClient:
    return sign_in(app, "kestrin")


def opened(app: Flask, anonymity: str = "identified") -> None:
    """An open wave; Tomas Vey has answered, Dana Roth has started."""
    make_wave(app, anonymity=anonymity)
    launch(app)
    work(app)
    with app.app_context(), transaction() as session:
        for name in ("Tomas Vey", "Dana Roth"):
            theirs = select(Invitation.id).join(Invitation.contact).where(Contact.name == name)
            [invitation] = session.scalars(theirs).all()
            started = update(Invitation).where(Invitation.id == invitation)
            session.execute(started.values(started_at=utcnow()))
            if name == "Tomas Vey":
                sent = update(Assignment).where(Assignment.invitation_id == invitation)
                session.execute(sent.values(submitted_at=utcnow()))


def as_rows(client: FlaskClient, path: str) -> list[list[str]]:
    response = client.get(path)
    assert response.mimetype == "text/csv"
    return list(csv.reader(io.StringIO(response.get_data().decode("utf-8-sig"))))


def test_before_the_launch_the_list_shows_whom_it_would_ask(
    app: Flask, owner: FlaskClient, page: Page
) -> None:
    make_wave(app)
    found = page(f"{WAVE}/people", through=owner)
    assert found.h1 == "Who would be asked in Autumn 2026"
    assert "IT, influences, for Aldermere Foods (North)" in found.text
    assert "7 in all" in found.text
    assert "Otto Kern" not in found.text
    off = page(f"{WAVE}/left-off", through=owner)
    assert "otto.kern@kestrin.example Aldermere Foods opted out Legal, influences" in off.text
    assert "bela.voss@kestrin.example Larkmead Health address bounced" in off.text
    bounced = page(f"{WAVE}/left-off?reason=address+bounced", through=owner)
    assert "Bela Voss" in bounced.text
    assert "Otto Kern" not in bounced.text
    narrowed = page(f"{WAVE}/people?function=it&q=alder", through=owner)
    assert "Dana Roth" in narrowed.text
    assert "1 in all" in narrowed.text
    nobody = page(f"{WAVE}/people?q=nobody", through=owner)
    assert nobody.links[f"{WAVE}/people"].endswith("Show everybody")
    rows = as_rows(owner, f"{WAVE}/people.csv?function=it")
    assert rows[0] == ["Name", "Address", "Company", "Reason"]
    assert [row[0] for row in rows[1:]] == ["'=Sum Rao", "Dana Roth"]


def test_the_frozen_list_gives_each_persons_reason_and_place(
    app: Flask, owner: FlaskClient, page: Page
) -> None:
    opened(app)
    found = page(f"{WAVE}/people", through=owner)
    assert "Tomas Vey tomas.vey@kestrin.example" in found.text
    assert "Procurement, decides, for Aldermere Foods (North) answered" in found.text
    assert "IT, influences, for Aldermere Foods (North) started" in found.text
    answered = page(f"{WAVE}/people?position=submitted", through=owner)
    assert "Tomas Vey" in answered.text
    assert "1 in all" in answered.text
    it = page(f"{WAVE}/people?function=it&sort=-name", through=owner)
    assert it.text.index("Dana Roth") < it.text.index("=Sum Rao")
    assert "2 in all" in it.text
    page(f"{WAVE}/people?position=nonsense&function=nonsense&page=99", through=owner)
    off = page(f"{WAVE}/left-off", through=owner)
    assert "Bela Voss bela.voss@kestrin.example Larkmead Health address bounced 550" in off.text
    rows = as_rows(owner, f"{WAVE}/people.csv")
    assert rows[0] == ["Name", "Address", "Company", "Reason", "State", "Put in"]
    assert len(rows) == 8
    assert [row[4] for row in rows if row[0] in {"Tomas Vey", "Dana Roth"}] == [
        "started",
        "answered",
    ]


@pytest.mark.parametrize("tail", ["people", "people.csv"])
def test_a_promise_of_confidence_hides_who_has_answered(
    app: Flask, owner: FlaskClient, tail: str
) -> None:
    opened(app, anonymity="confidential")
    whole = owner.get(f"{WAVE}/{tail}").get_data(as_text=True)
    people = whole.count(",asked,\r\n") + len(re.findall(r"<td>\s*asked\s", whole))
    assert people == 7
    for position in ("submitted", "started", "section"):
        # a position nobody may know of narrows nothing
        narrowed = owner.get(f"{WAVE}/{tail}?position={position}").get_data(as_text=True)
        assert narrowed.count("@kestrin.example") == whole.count("@kestrin.example")
    for word in ("answered", "started", "part-way"):
        assert word not in whole.replace("Who has answered is not told", "")


def test_a_promise_of_confidence_counts_only_all_together(
    app: Flask, owner: FlaskClient, page: Page
) -> None:
    opened(app, anonymity="confidential")
    found = page(WAVE, through=owner)
    assert "1 of 7 people have answered." in found.text
    assert "no answer yet" not in found.text  # single relationships are too small to be told apart


def test_the_list_takes_as_many_queries_for_many_people_as_for_few(
    app: Flask, owner: FlaskClient
) -> None:
    make_wave(app)
    few = _queries(app, owner)
    with app.app_context(), transaction() as session:
        programme = programmes.find(session, "kestrin")
        buyer = session.scalars(
            select(Organisation).where(
                Organisation.programme_id == programme.id, Organisation.name == "Aldermere Foods"
            )
        ).one()
        relationship = session.scalars(
            select(Relationship).where(Relationship.buyer_id == buyer.id)
        ).one()
        for number in range(60):
            person = factories.make_contact(session, buyer, f"Person {number:02}")
            factories.make_part(session, person, relationship)
    assert _queries(app, owner) == few
    page = check_page(owner.get(f"{WAVE}/people?page=2"))
    assert "51 to 67 of 67" in page.text
    launch(app)
    work(app)
    many = _queries(app, owner)
    change(app, lambda s, _w: s.execute(update(Invitation).values(started_at=utcnow())))
    assert _queries(app, owner) == many


def test_reviewers_read_the_list_and_executives_do_not(app: Flask, owner: FlaskClient) -> None:
    make_wave(app)
    for path in ("people", "left-off", "people.csv"):
        reviewer = sign_in(app, "kestrin", role=Role.REVIEWER)
        assert reviewer.get(f"{WAVE}/{path}").status_code == 200
        executive = sign_in(app, "kestrin", role=Role.EXECUTIVE)
        check_page(executive.get(f"{WAVE}/{path}"), status=403)


def _queries(app: Flask, client: FlaskClient) -> list[int]:
    found = []
    for path in ("", "/people", "/left-off"):
        with counted(app) as statements:
            assert client.get(f"{WAVE}{path}").status_code == 200
        # SQLite is switched to reading as often as a connection is taken, not as rows are read
        found.append(sum(not each.startswith("PRAGMA") for each in statements))
    return found
