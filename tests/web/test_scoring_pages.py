"""Reference sets and rules on the web: imported, retired, tried, approved; only by who may."""

import json
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from surveyapp.clock import utcnow
from surveyapp.extensions import transaction
from surveyapp.models.people import Role
from surveyapp.reports import packs
from surveyapp.services import programmes, results, scorecards, waves
from tests.conftest import check_page
from tests.services.references import given
from tests.web.console_world import sign_in, token_of
from tests.web.results_world import COLD, SILENT, WARM, Surveyed, survey, work

HOME = "/p/kestrin/scoring"


def post(client: FlaskClient, path: str, form: dict[str, str], *, see: str = HOME) -> int:
    answer = client.post(path, data={"csrf_token": token_of(client, see), **form})
    return answer.status_code


def release_portfolio(app: Flask, made: Surveyed) -> None:
    with app.app_context():
        with transaction() as session:
            programme = programmes.find(session, made.programme)
            run = results.latest_run(session, waves.find(session, programme, made.wave))
            scorecards.request(
                session, run, None, pack=packs.find("portfolio"), locale="en", by="test",
                at=utcnow(),
            )  # fmt: skip
        work()


@pytest.fixture
def made(app: Flask) -> Surveyed:
    return survey(app, [COLD, 3, WARM, SILENT])


def test_a_reference_set_is_pasted_read_and_retired(app: Flask, made: Surveyed) -> None:
    owner = sign_in(app, "kestrin")
    assert "There is none yet." in check_page(owner.get(HOME)).text
    see = f"{HOME}/references/import"
    wrong = owner.post(
        see, data={"csrf_token": token_of(owner, see), "content": json.dumps(given(name="X"))}
    )
    checked = check_page(wrong, status=422)
    assert "The set: name: Write 2 to 63 small letters" in checked.text
    assert "Association of suppliers" in checked.html, "what was typed is kept"
    assert post(owner, see, {"content": json.dumps(given())}, see=see) == 303
    listed = check_page(owner.get(HOME))
    assert "industry-2026" in listed.text
    assert "mean, spread and tails" in listed.text
    address = re.search(rf"{HOME}/references/[0-9a-f-]{{36}}", listed.html)
    assert address is not None
    shown = check_page(owner.get(address[0]))
    assert "412 relationships" in shown.text
    assert post(owner, f"{address[0]}/retire", {}, see=address[0]) == 303
    assert "retired" in check_page(owner.get(HOME)).text
    assert post(owner, f"{address[0]}/retire", {}, see=HOME) == 409


def test_weights_are_tried_looked_at_and_approved_with_a_reason(app: Flask, made: Surveyed) -> None:
    owner = sign_in(app, "kestrin")
    see = f"{HOME}/try/autumn"
    form = check_page(owner.get(see))
    assert 'value="60"' in form.html, "the weights in force are filled in"
    trial = {"weight_0": "20", "weight_1": "80", "cut_set": "seed-words 1"}
    assert post(owner, see, trial, see=see) == 409, "the portfolio report is not made yet"
    release_portfolio(app, made)
    bad = {**trial, "weight_1": "70"}
    refused = owner.post(see, data={"csrf_token": token_of(owner, see), **bad})
    told = check_page(refused, status=422)
    assert "The weights add up to 90" in told.text
    assert 'value="70"' in told.html
    new = {**trial, "cut_set": "new", "low": "x", "middle": "50", "high": "60"}
    refused = owner.post(see, data={"csrf_token": token_of(owner, see), **new})
    told = check_page(refused, status=422)
    assert "Write a number." in told.text
    assert "Name the new cuts." in told.text
    new |= {"low": "41,5", "cut_name": "ours"}
    both = {**new, "cut_set": "seed-words 1"}
    refused = owner.post(see, data={"csrf_token": token_of(owner, see), **both})
    assert "New cuts are written below." in check_page(refused, status=422).text
    answer = owner.post(see, data={"csrf_token": token_of(owner, see), **new})
    assert answer.status_code == 303
    proposal = answer.location
    assert "A worker is trying it." in check_page(owner.get(proposal)).text
    with app.app_context():
        work()
    found = check_page(owner.get(proposal))
    assert "What if: Attitude 20, Intent 80" in found.text
    assert "1 relationship is left out" in found.text, "nobody answered there"
    assert "Attitude 24" in found.text
    path = f"{proposal}/approve"
    assert post(owner, path, {"reason": "short"}, see=proposal) == 422
    assert post(owner, path, {"reason": "The board agreed in May."}, see=proposal) == 303
    index = check_page(owner.get(HOME)).text
    assert "annual-customer-survey, rule 1" in index
    assert "The board agreed in May." in index
    assert "ours 1" in index
    assert "Approved: later runs" in check_page(owner.get(proposal)).text
    assert post(owner, path, {"reason": "Once more, please."}, see=see) == 409


def test_an_analyst_tries_and_an_owner_approves(app: Flask, made: Surveyed) -> None:
    release_portfolio(app, made)
    analyst = sign_in(app, "kestrin", role=Role.ANALYST)
    see = f"{HOME}/try/autumn"
    trial = {"weight_0": "100", "weight_1": "0", "cut_set": "seed-shares 1"}
    answer = analyst.post(see, data={"csrf_token": token_of(analyst, see), **trial})
    with app.app_context():
        work()
    page = check_page(analyst.get(answer.location))
    assert "A programme owner can approve it." in page.text
    assert "Each weight a fifth" not in page.text, "one weight of 100 has no other"
    path = f"{answer.location}/approve"
    assert post(analyst, path, {"reason": "Because I say so."}, see=see) == 403
    assert post(analyst, f"{HOME}/references/import", {"content": "x"}, see=see) == 403


def test_a_trial_that_fails_says_why(app: Flask, made: Surveyed) -> None:
    release_portfolio(app, made)
    owner = sign_in(app, "kestrin")
    see = f"{HOME}/try/autumn"
    trial = {"weight_0": "20", "weight_1": "80", "cut_set": "seed-words 1"}
    answer = owner.post(see, data={"csrf_token": token_of(owner, see), **trial})
    with app.app_context():
        with transaction() as session:
            programme = programmes.find(session, made.programme)
            run = results.latest_run(session, waves.find(session, programme, made.wave))
            run.posterior_hash = ""
        work()
    told = check_page(owner.get(answer.location)).text
    assert "It could not be tried." in told
    assert "Score the wave again." in told
