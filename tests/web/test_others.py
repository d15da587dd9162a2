"""Not the right person, a colleague too: said behind a link, decided by an owner, mailed only then."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from surveyapp.clock import utcnow
from surveyapp.extensions import db, state
from surveyapp.models.accounts import Contact, Stakeholder
from surveyapp.models.invitations import Assignment, Invitation, Omission
from surveyapp.models.mail import OutgoingMail
from surveyapp.models.people import Role
from surveyapp.models.referrals import Referral
from surveyapp.services import links
from tests.conftest import Checked, Page, check_page
from tests.web.console_world import sign_in
from tests.web.walker import Walker
from tests.web.waves_world import post
from tests.web.world import Invited, change_wave, dump, open_wave

NAMED = "/p/kestrin/waves/autumn/named"
JO = {"kind": "instead", "name": "Jo  Abe", "email": "Jo@Aldermere.example", "function": "it"}


@pytest.fixture
def app(app_on_both: Flask) -> Flask:
    return app_on_both


@pytest.fixture
def tomas(app: Flask) -> Invited:
    tomas, _ = open_wave(app, "Tomas Vey", "Dana Roth")
    change_wave(app, lambda wave: setattr(wave, "slug", "autumn"))
    return tomas


@pytest.fixture
def owner(app: Flask, tomas: Invited) -> FlaskClient:
    return sign_in(app, "kestrin")


def tell(client: FlaskClient, tomas: Invited, status: int = 303, **said: str) -> Checked | None:
    response = client.post(f"{tomas.link}/others", data=said)
    if status == 303:
        assert (response.status_code, response.location) == (303, f"{tomas.link}/others")
        return None
    return check_page(response, status=status)


def decide(owner: FlaskClient, page: Page, button: str) -> Checked | None:
    [form, *_] = [each for each in page(NAMED, through=owner).forms if each.endswith(button)]
    response = post(owner, form, page="/account")
    if response.status_code == 303:
        assert response.location == NAMED
        return None
    return check_page(response, status=409)


def test_it_is_said_read_by_the_owner_and_mails_nobody(
    app: Flask, client: FlaskClient, page: Page, tomas: Invited, owner: FlaskClient
) -> None:
    before = dump(app)
    start = page(tomas.link)
    address = start.link("Not the right person")
    assert start.link("Do not ask me again") == f"/stop/{tomas.token}"
    assert page(address).h1 == "Who else should be asked?"
    tell(client, tomas, **JO)
    tell(client, tomas, **JO)
    assert "You are not the right person. Ask Jo Abe instead." in page(address).text
    after = dump(app)
    assert {name for name in after if after[name] != before[name]} == {"referral"}
    assert len(after["referral"]) == 1, "pressed twice is said once"
    people = page("/p/kestrin/waves/autumn/people", through=owner)
    assert "Somebody says who else should be asked." in people.text
    said = page(people.link("Decide"), through=owner).text
    assert "Tomas Vey" in said
    assert "is not the right person Jo Abe jo@aldermere.example, IT" in said


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({}, "Choose one of these."),
        ({"kind": "too", "email": "jo@x.example"}, "Write the person's name."),
        ({"kind": "too", "name": "Jo"}, "Write an address, as in jo@example.com."),
        ({"kind": "instead", "name": "Jo", "email": "jo"}, "Write an address"),
        ({"kind": "instead", "note": "x" * 501}, "Write at most 500 characters."),
    ],
)
def test_what_cannot_be_taken_is_shown_again(
    app: Flask, client: FlaskClient, tomas: Invited, said: dict[str, str], words: str
) -> None:
    found = tell(client, tomas, status=422, **said)
    assert found is not None
    assert words in found.text
    assert dump(app)["referral"] == []


def test_asked_instead_the_other_takes_over_and_the_old_link_is_gone(
    app: Flask, client: FlaskClient, page: Page, tomas: Invited, owner: FlaskClient
) -> None:
    Walker(client).start(tomas)
    Walker(client).answer(tomas.at("promises"), delivers="3")
    tell(client, tomas, **JO)
    decide(owner, page, "/ask")
    with app.app_context():
        jo = db.session.scalars(
            select(Contact).where(Contact.email == "jo@aldermere.example")
        ).one()
        invitation = db.session.scalars(
            select(Invitation).where(Invitation.contact_id == jo.id)
        ).one()
        assert invitation.reason == "Instead of Tomas Vey"
        assert db.session.scalars(
            select(Stakeholder.function).where(Stakeholder.contact_id == jo.id)
        ).all() == ["it"]
        [assignment] = db.session.scalars(
            select(Assignment).where(Assignment.invitation_id == invitation.id)
        ).all()
        assert assignment.function == "it"
        mails = db.session.scalars(
            select(OutgoingMail.state).where(OutgoingMail.invitation_id == invitation.id)
        ).all()
        assert mails == ["queued"]
        [left_off] = db.session.scalars(select(Omission)).all()
        assert left_off.reason == "somebody else is asked instead"
        assert "said they are not the right person" in left_off.details
        token = links.token_for(invitation.id, 1, link_key=state().settings.link_key)
    page(tomas.link, status=404)
    assert "Hello Jo Abe" in page(f"/r/{token}").text
    assert dump(app)["draft_answer"] == []
    assert "asked, " in page(NAMED, through=owner).text
    gone = page("/p/kestrin/waves/autumn/left-off", through=owner)
    assert "somebody else is asked instead" in gone.text


def test_asked_too_or_after_something_was_sent_both_are_asked(
    app: Flask, client: FlaskClient, page: Page, tomas: Invited, owner: FlaskClient
) -> None:
    tell(client, tomas, **{**JO, "kind": "too"})
    decide(owner, page, "/ask")
    walker = Walker(client)
    walker.start(tomas)
    walker.answer(tomas.at("promises"), delivers="3")
    walker.submit(tomas)
    tell(client, tomas, kind="instead", name="Mika", email="mika@aldermere.example")
    decide(owner, page, "/ask")
    with app.app_context():
        reasons = db.session.scalars(select(Invitation.reason)).all()
        assert {"Named by Tomas Vey", "Instead of Tomas Vey"} <= set(reasons)
        assert len(reasons) == 4
        assert db.session.scalars(select(Omission)).all() == []
    assert page(tomas.link).h1 == "You have already answered"


def test_who_cannot_be_asked_is_refused_in_words_and_nothing_changes(
    app: Flask, client: FlaskClient, page: Page, tomas: Invited, owner: FlaskClient
) -> None:
    with app.app_context():
        dana = db.session.scalars(select(Contact).where(Contact.name == "Dana Roth")).one()
    tell(client, tomas, kind="too", name="Dana", email=dana.email)
    before = dump(app)
    refused = decide(owner, page, "/ask")
    assert refused is not None
    assert "Dana Roth is asked in this wave already." in refused.text
    assert dump(app) == before
    decide(owner, page, "/dismiss")
    assert "put aside, " in page(NAMED, through=owner).text
    reviewer = sign_in(app, "kestrin", role=Role.REVIEWER)
    assert "Ask too" not in page(NAMED, through=reviewer).text


def test_nobody_says_more_than_a_few_and_nothing_after_the_close(
    app: Flask, client: FlaskClient, tomas: Invited
) -> None:
    for number in range(5):
        tell(client, tomas, kind="too", name="Jo", email=f"jo{number}@x.example")
    full = tell(client, tomas, status=409, kind="too", name="Jo", email="jo5@x.example")
    assert full is not None
    assert "You have named several people already." in full.text
    change_wave(app, lambda wave: wave.close(at=utcnow()))
    closed = tell(client, tomas, status=410, **JO)
    assert closed is not None
    assert closed.h1 == "This questionnaire is closed"
    with app.app_context():
        assert len(db.session.scalars(select(Referral.id)).all()) == 5
