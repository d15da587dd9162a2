import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from surveyapp.clock import utcnow
from surveyapp.extensions import db, transaction
from surveyapp.models.jobs import Job, JobState
from surveyapp.models.people import Role
from surveyapp.models.scorecards import Scorecard
from surveyapp.services import programmes
from tests import factories
from tests.conftest import check_page
from tests.web.console_world import sign_in, token_of
from tests.web.results_world import (
    COLD,
    NO_BASIS,
    SILENT,
    WARM,
    Surveyed,
    counted,
    survey,
    work,
)
from tests.web.world import dump


def ask(client: FlaskClient, path: str) -> None:
    response = client.post(f"{path}/documents", data={"csrf_token": token_of(client, path)})
    assert (response.status_code, response.location) == (303, path)


def make(app: Flask, client: FlaskClient, *paths: str) -> None:
    for path in paths:
        ask(client, path)
    with app.app_context():
        work()


def status(client: FlaskClient, path: str) -> int:
    with client.get(path) as answer:
        return answer.status_code


def documents(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(Scorecard)) or 0


def test_a_programme_without_a_wave_has_an_empty_overview(app: Flask) -> None:
    survey(app, [WARM])
    with app.app_context(), transaction() as session:
        factories.make_programme(session, "empty")
    checked = check_page(sign_in(app, "empty").get("/p/empty/results"))
    assert "There are no results yet." in checked.text
    assert "<table" not in checked.html


def test_the_overview_says_in_one_line_how_far_each_wave_is(app: Flask) -> None:
    kestrin = survey(app, [COLD, WARM, NO_BASIS, SILENT])
    client = sign_in(app, "kestrin")
    row = " ".join(check_page(client.get("/p/kestrin/results")).text.split())
    assert "Autumn scored" in row
    assert "report not made yet 3 of 4 4 " in row
    make(app, client, kestrin.address)
    checked = check_page(client.get("/p/kestrin/results"))
    assert " 1 of 2 3 of 4 4 " in checked.text
    assert "We expect" in checked.text
    assert re.search(r"1 customer: kestrin customer \d\. Nobody answered, so", checked.text)
    with client.get(checked.link("PDF")) as answer:
        assert answer.data.startswith(b"%PDF")
    own = sign_in(app, "kestrin", role=Role.RELATIONSHIP_MANAGER)
    assert "We expect" not in check_page(own.get("/p/kestrin/results")).text
    assert checked.link("Autumn") == kestrin.address


def test_the_overview_says_of_an_unscored_wave_what_becomes_of_it(app: Flask) -> None:
    survey(app, [SILENT], close=False)
    checked = check_page(sign_in(app, "kestrin").get("/p/kestrin/results"))
    assert "There are no results yet." in checked.text
    assert "Autumn open until" in checked.text
    assert "0 of 1" in checked.text
    assert "/p/kestrin/results/autumn" not in checked.links


def test_the_overview_tells_why_a_wave_could_not_be_scored(app: Flask) -> None:
    survey(app, [WARM], scoring=None)
    checked = check_page(sign_in(app, "kestrin").get("/p/kestrin/results"))
    assert "has no scoring, so there is no score" in checked.text


@pytest.mark.parametrize("page", [lambda made: made.address, lambda made: made.card()])
def test_a_document_is_asked_for_made_once_and_shown(
    app: Flask, page: Callable[[Surveyed], str]
) -> None:
    path = page(survey(app, [COLD, WARM]))
    client = sign_in(app, "kestrin")
    before = check_page(client.get(path))
    assert "has not been made yet" in before.text
    assert before.forms[-1] == f"{path}/documents"
    ask(client, path)
    ask(client, path)
    assert documents(app) == 1
    queued = check_page(client.get(path))
    assert "A worker is making the" in queued.text
    assert "Waits for a worker." in queued.text
    assert queued.link("Show the newest state") == path
    with app.app_context():
        work()
    ready = check_page(client.get(path))
    assert "What these numbers cannot tell" in ready.text
    ask(client, path)
    with app.app_context():
        work()
    assert documents(app) == 1
    assert check_page(client.get(path)).html.count("<svg ") == ready.html.count("<svg ")


def test_the_pages_lead_up_to_each_other(app: Flask) -> None:
    made = survey(app, [COLD, WARM])
    client = sign_in(app, "kestrin")
    pending = check_page(client.get(made.card()))
    assert pending.link("Autumn") == made.address
    make(app, client, made.address, made.card())
    wave, card = check_page(client.get(made.address)), check_page(client.get(made.card()))
    assert "/p/kestrin/results" in wave.links
    assert "/p/kestrin/results" in card.links
    assert card.link("Autumn") == made.address
    assert made.card() in wave.links


@pytest.mark.parametrize(
    ("page", "button", "name"),
    [
        (lambda made: made.address, "Portfolio PDF", "Kestrin key accounts portfolio - Autumn.pdf"),
        (lambda made: made.card(), "Scorecard PDF", "and kestrin Logistics - Autumn.pdf"),
    ],
)
def test_the_pdf_comes_under_a_name_for_people(
    app: Flask, page: Callable[[Surveyed], str], button: str, name: str
) -> None:
    path = page(survey(app, [COLD, WARM]))
    client = sign_in(app, "kestrin")
    make(app, client, path)
    address = check_page(client.get(path)).link(button)
    with client.get(address) as answer:
        assert answer.status_code == 200
        assert answer.mimetype == "application/pdf"
        assert answer.data.startswith(b"%PDF-")
        assert len(answer.data) == answer.content_length
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert name in answer.headers["Content-Disposition"]


def test_answers_without_a_score_are_not_told_as_silence(app: Flask) -> None:
    made = survey(app, [WARM, NO_BASIS, SILENT])
    client = sign_in(app, "kestrin")
    make(app, client, made.address, *map(made.card, range(3)))
    wave = check_page(client.get(made.address)).text
    assert wave.count("People answered, but nothing that can be scored.") == 1
    assert wave.count("Nobody answered, so it has no score.") == 1
    scored, no_basis, silent = (check_page(client.get(made.card(n))).text for n in range(3))
    assert "is not at risk" in scored or "cannot tell yet" in scored
    assert "answered, but nothing that can be scored" in no_basis
    assert "Climate: no answers that can be scored" in no_basis
    assert "has answered yet" in silent


def test_under_a_promise_to_hide_small_numbers_no_basis_looks_like_any_few_answers(
    app: Flask,
) -> None:
    made = survey(app, [COLD, NO_BASIS, SILENT], anonymity="confidential")
    client = sign_in(app, "kestrin")
    make(app, client, made.address, *map(made.card, range(3)))
    told = "Not shown: 3 customers with fewer than 3 answers."
    wave = check_page(client.get(made.address)).text
    assert told in wave
    assert "silent" not in wave, "who is silent is among those that are hidden"
    cold, no_basis, silent = (check_page(client.get(made.card(n))).text for n in range(3))
    kept = "Answers from fewer than 3 people are kept confidential"
    assert kept in cold
    assert kept in no_basis
    assert "nothing that can be scored" not in no_basis
    assert kept in silent, "that nobody answered is hidden where few were asked"


def test_a_document_that_failed_says_why_and_can_be_asked_for_again(app: Flask) -> None:
    made = survey(app, [WARM])
    client = sign_in(app, "kestrin")
    ask(client, made.card())
    with app.app_context(), transaction() as session:
        session.execute(
            update(Job)
            .where(Job.kind == "build-scorecard")
            .values(state=JobState.FAILED, error="The disk is full.")
        )
    failed = check_page(client.get(made.card()))
    assert "Making the scorecard failed: The disk is full." in failed.text
    assert "A worker is making" not in failed.text
    make(app, client, made.card())
    assert "What these numbers cannot tell" in check_page(client.get(made.card())).text
    assert documents(app) == 1


def finished(app: Flask, made: Surveyed) -> list[str]:
    """Make a wave's portfolio and first scorecard; return the addresses of all its pages and files."""
    client = sign_in(app, made.programme)
    make(app, client, made.address, made.card())
    pages = [made.address, made.card()]
    files = [
        next(link for link in check_page(client.get(page)).links if link.endswith(".pdf"))
        for page in pages
    ]
    return [*pages, *files]


def test_a_strangers_and_another_programmes_link_find_none_of_it(app: Flask) -> None:
    own = finished(app, survey(app, [COLD, WARM]))
    made = survey(app, [WARM], slug="other", wave="spring")
    theirs = finished(app, made)
    neighbour, stranger = sign_in(app, "other"), app.test_client()
    assert all(status(neighbour, path) == 200 for path in theirs)
    mixed = f"{made.address}/{own[1].rpartition('/')[2]}"
    before = dump(app)
    for path in [*own, mixed]:
        assert check_page(neighbour.get(path), status=404).h1 == "There is no page here"
    for path in ["/p/kestrin/results", *own, *theirs]:
        assert check_page(stranger.get(path), status=404).h1 == "There is no page here"
    token = token_of(neighbour, "/p/other/results")
    for path in [*own[:2], mixed]:
        answer = neighbour.post(f"{path}/documents", data={"csrf_token": token})
        check_page(answer, status=404)
    assert dump(app) == before


def test_looking_changes_nothing(app: Flask) -> None:
    made = survey(app, [COLD, WARM])
    client = sign_in(app, "kestrin")
    pending = [made.address, made.card()]
    before = dump(app)
    for path in ["/p/kestrin/results", *pending]:
        assert status(client, path) == 200
    assert dump(app) == before
    ready = finished(app, made)
    before = dump(app)
    for path in ["/p/kestrin/results", *ready]:
        assert status(client, path) == 200
    assert dump(app) == before


def test_a_page_asks_the_database_no_more_for_forty_relationships_than_for_three(
    app: Flask,
) -> None:
    sizes = []
    for slug, count in (("small", 3), ("large", 40)):
        made = survey(app, [COLD] * count, slug=slug, wave=slug)
        client = sign_in(app, slug)
        paths = [f"/p/{slug}/results", made.address, made.card()]
        asked = [statements(app, client, path) for path in paths]
        make(app, client, *paths[1:])
        sizes.append(asked + [statements(app, client, path) for path in paths])
    assert sizes[0] == sizes[1]
    assert max(sizes[0]) <= 12


def statements(app: Flask, client: FlaskClient, path: str) -> int:
    with counted(app) as sent:
        assert status(client, path) == 200
    return len(sent)


def test_the_overview_asks_no_more_for_three_waves_than_for_one(app: Flask) -> None:
    survey(app, [WARM], slug="one", wave="first")
    made = survey(app, [WARM], slug="three", wave="a")
    one = statements(app, sign_in(app, "one"), "/p/one/results")
    for wave in ("b", "c"):
        draft_another(app, made, wave)
    assert statements(app, sign_in(app, "three"), "/p/three/results") == one


def draft_another(app: Flask, made: Surveyed, wave: str) -> None:
    with app.app_context(), transaction() as session:
        programme = programmes.find(session, made.programme)
        factories.make_wave(session, programme, factories.annual_survey(), slug=wave, at=utcnow())


def test_asking_for_a_document_needs_the_forms_own_token(app: Flask) -> None:
    made = survey(app, [WARM])
    client = sign_in(app, "kestrin")
    for data in ({}, {"csrf_token": "forged"}):
        for path in (made.address, made.card()):
            check_page(client.post(f"{path}/documents", data=data), status=400)
    assert documents(app) == 0


@pytest.mark.parametrize(
    "path",
    [
        "/p/kestrin/results/none",
        "/p/kestrin/results/autumn/00000000-0000-0000-0000-000000000000",
        "/p/kestrin/results/autumn/x",
        "/p/kestrin/scorecards/00000000-0000-0000-0000-000000000000.pdf",
    ],
)
def test_what_is_not_there_is_not_found(app: Flask, path: str) -> None:
    survey(app, [WARM])
    check_page(sign_in(app, "kestrin").get(path), status=404)


def test_a_queued_document_has_no_file_yet(app: Flask) -> None:
    made = survey(app, [WARM])
    client = sign_in(app, "kestrin")
    ask(client, made.card())
    with app.app_context():
        document = db.session.scalars(select(Scorecard.id)).one()
    check_page(client.get(f"/p/kestrin/scorecards/{document}.pdf"), status=404)


def test_a_questionnaire_without_engagement_gets_no_sales_equity_score_and_says_so(
    app: Flask,
) -> None:
    plain = factories.annual_survey().model_dump(mode="json", by_alias=True)
    climate = [{**each, "kind": "climate"} for each in plain["dimensions"]]
    surveyed = survey(app, [COLD, WARM], dimensions=climate)
    owner = sign_in(app, surveyed.programme)
    page = check_page(owner.get(f"/p/{surveyed.programme}/results"))
    assert "asks nothing about engagement (attitude, intent)" in page.text
    assert "Something broke" not in page.text
    assert status(owner, surveyed.address) == 404
