"""Assisted mode: a member puts in what somebody says, and the mode stays with the response."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from surveyapp.clock import utcnow
from surveyapp.extensions import db, transaction
from surveyapp.models.audit import AuditEvent
from surveyapp.models.handouts import AnswerCopy
from surveyapp.models.invitations import Invitation
from surveyapp.models.people import Membership, Role
from surveyapp.models.responses import Response
from tests.conftest import Page, check_page
from tests.web.console_world import sign_in
from tests.web.walker import Walker
from tests.web.waves_world import post
from tests.web.world import Invited, change_wave, open_wave, questionnaire, sent

PEOPLE = "/p/kestrin/waves/autumn/people"


@pytest.fixture
def app(app_on_both: Flask) -> Flask:
    return app_on_both


def ask(app: Flask, **changes: object) -> Invited:
    [tomas] = open_wave(app, "Tomas Vey", definition=questionnaire(changes))
    change_wave(app, lambda wave: setattr(wave, "slug", "autumn"))
    return tomas


def address_of(app: Flask) -> str:
    with app.app_context():
        return f"{PEOPLE}/{db.session.scalars(select(Invitation.id)).one()}/assist"


@pytest.fixture
def tomas(app: Flask) -> Invited:
    return ask(app, anonymity="identified")


@pytest.fixture
def owner(app: Flask, tomas: Invited) -> FlaskClient:
    return sign_in(app, "kestrin")


def begin(app: Flask, owner: FlaskClient, tomas: Invited, mode: str = "phone") -> Walker:
    response = post(owner, address_of(app), page=address_of(app), mode=mode)
    assert (response.status_code, response.location) == (303, tomas.at("overview"))
    return Walker(owner)


def test_a_member_puts_answers_in_and_the_mode_is_kept_and_shown(
    app: Flask, page: Page, owner: FlaskClient, tomas: Invited
) -> None:
    assert page(PEOPLE, through=owner).link("Put in their answers") == address_of(app)
    walker = begin(app, owner, tomas)
    section = walker.open(tomas.at("promises"))
    assert "You put in what Tomas Vey says by phone." in section.text
    assert walker.fill(section, delivers="5").status_code == 303
    assert walker.submit(tomas).location == tomas.at("sent")
    assert sent(app, tomas.slug) == [{"delivers": 5}]
    with app.app_context():
        found = db.session.execute(select(Response.mode, Response.entered_by)).one()
        assert found == ("phone", "user:programme.owner@kestrin.example")
        actions = db.session.scalars(select(AuditEvent.action)).all()
    assert "answers.assisted" in actions
    people = page(PEOPLE, through=owner)
    assert "answered by phone" in people.text
    assert "1 person were put in by an interviewer: 1 by phone, 0 in a meeting." in people.text
    assert ",by phone" in owner.get(f"{PEOPLE}.csv").get_data(as_text=True)
    coverage = page("/p/kestrin/waves/autumn/coverage", through=owner)
    assert "An interviewer put answers in: 1 by phone, 0 in a meeting." in coverage.text
    copy = walker.open(tomas.at("copy"))
    assert "Make a PDF" not in copy.text
    forged = {"page_token": section.as_posted()["page_token"]}
    assert owner.post(tomas.at("copy/pdf"), data=forged).status_code == 400
    assert owner.get(tomas.at("copy/pdf")).status_code == 303
    alone = Walker(app.test_client())
    alone.client.post(tomas.link)
    offered = alone.open(tomas.at("copy")).as_posted()
    assert owner.post(tomas.at("copy/pdf"), data=offered).status_code == 303
    with app.app_context():
        assert db.session.scalars(select(AnswerCopy.id)).all() == [], "it is the person's alone"
    assert "An interviewer put the answers in." in alone.open(tomas.at("copy")).text
    assert "You put in what" not in alone.open(tomas.at("sent")).text


def test_the_way_in_ends_with_the_session_and_with_the_role(
    app: Flask, owner: FlaskClient, tomas: Invited
) -> None:
    walker = begin(app, owner, tomas, mode="meeting")
    assert "in a meeting" in walker.open(tomas.at("promises")).text
    with app.app_context(), transaction() as session:
        session.scalars(select(Membership)).one().role = Role.REVIEWER
    walker.open(tomas.at("promises"), status=403)
    with app.app_context(), transaction() as session:
        session.scalars(select(Membership)).one().role = Role.OWNER
    walker.open(tomas.at("promises"))
    post(owner, "/sign-out", page="/account")
    walker.open(tomas.at("promises"), status=403)


@pytest.mark.parametrize("anonymity", ["confidential", "anonymous"])
def test_nobody_hears_answers_under_a_promise(app: Flask, page: Page, anonymity: str) -> None:
    names = ["Tomas Vey", "Jun Abe", "Lea Finch", "Mika Dorn", "Ines Marl"]
    open_wave(app, *names, definition=questionnaire({"anonymity": anonymity}))
    change_wave(app, lambda wave: setattr(wave, "slug", "autumn"))
    owner = sign_in(app, "kestrin")
    assert "Put in their answers" not in page(PEOPLE, through=owner).text
    with app.app_context():
        invitation = db.session.scalars(select(Invitation.id)).first()
    refused = owner.get(f"{PEOPLE}/{invitation}/assist")
    assert "nobody sees these answers with a name" in check_page(refused, status=409).text


def test_after_the_close_and_for_those_who_may_not_there_is_no_way_in(
    app: Flask, page: Page, owner: FlaskClient, tomas: Invited
) -> None:
    analyst = sign_in(app, "kestrin", role=Role.ANALYST)
    assert analyst.get(address_of(app)).status_code == 403
    bad = check_page(post(owner, address_of(app), page=address_of(app), mode="dream"), status=422)
    assert "Problem" in bad.title
    change_wave(app, lambda wave: wave.close(at=utcnow()))
    refused = post(owner, address_of(app), page="/account", mode="phone")
    assert "takes no answers now" in check_page(refused, status=409).text
    assert "Put in their answers" not in page(PEOPLE, through=owner).text
