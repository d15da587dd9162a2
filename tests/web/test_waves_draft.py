"""Drafting a wave on its guided page: what is offered, counted, stored and refused."""

from datetime import timedelta
from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from surveyapp.clock import today
from surveyapp.extensions import db
from surveyapp.models.accounts import Function, Influence
from surveyapp.models.definitions import QuestionnaireVersion
from surveyapp.models.people import Role
from surveyapp.models.waves import View, WaveState
from surveyapp.services.wave_lists import Rule
from tests.conftest import Page, check_page
from tests.web.console_world import sign_in
from tests.web.waves_world import change, find, launch, make_wave, make_world, post
from tests.web.world import dump

NEW = "/p/kestrin/new-wave"
ANNUAL = "annual-customer-survey/1/buyer-on-supplier"
CORE = "relationship-core/1/buyer-on-supplier"


@pytest.fixture
def owner(app: Flask) -> FlaskClient:
    make_world(app)
    return sign_in(app, "kestrin")


def fields(**changes: object) -> dict[str, object]:
    return {
        "name": "Autumn 2026",
        "asks": ANNUAL,
        "closes_on": (today() + timedelta(days=20)).isoformat(),
        "guard_days": "90",
        **changes,
    }


def test_an_empty_draft_says_whom_it_would_ask_and_offers_only_views_there_are(
    owner: FlaskClient, page: Page
) -> None:
    found = page(NEW, through=owner)
    assert "This asks 7 people about 3 relationships." in found.text
    assert "1 person: opted out 1 person: address bounced" in found.text
    asked = [given["value"] for tag, given in found.fields if given.get("name") == "asks"]
    assert asked == [
        ANNUAL,
        "collaboration-maturity/1/buyer-on-supplier",
        "collaboration-maturity/1/supplier-on-buyer",
        "moment-of-truth/1/buyer-on-supplier",
        "practices/1/buyer-on-supplier",
        CORE,
        "relationship-pulse/1/buyer-on-supplier",
        "self-view/1/supplier-on-itself",
        "supplier-rates-buyer/1/supplier-on-buyer",
    ]
    assert "2 minutes, English and German, identified: names stay with the answers" in found.text
    assert "People at the buyer are asked about the supplier" in found.text
    assert "Product line" not in found.text  # no relationship has one: nothing to choose
    assert found.as_posted()["closes_on"] == [(today() + timedelta(days=28)).isoformat()]
    assert found.as_posted()["guard_days"] == ["90"]


def test_a_draft_is_stored_with_its_rule_and_its_questionnaire_published(
    app: Flask, owner: FlaskClient
) -> None:
    response = post(
        owner,
        NEW,
        **fields(
            segments=["Enterprise"],
            regions=["North", "South"],
            minimum_value="100,000.50",
            functions=["procurement", "it"],
            influences=["decides"],
            guard_days="0",
            asks=CORE,
        ),
    )
    assert response.status_code == 303
    assert response.location == "/p/kestrin/waves/autumn-2026/check"
    wave = find(app, "autumn-2026")
    assert (wave.name, wave.view, wave.guard_days) == ("Autumn 2026", View.BUYER_ON_SUPPLIER, 0)
    assert wave.last_day == today() + timedelta(days=20)
    assert Rule.from_json(wave.list_rule) == Rule(
        segments=("Enterprise",),
        regions=("North", "South"),
        minimum_value=Decimal("100000.50"),
        functions=(Function.PROCUREMENT, Function.IT),
        influences=(Influence.DECIDES,),
    )
    assert wave.questionnaire_version.questionnaire_id == "relationship-core"


def test_counting_again_counts_what_is_ticked_and_stores_nothing(
    app: Flask, owner: FlaskClient
) -> None:
    before = dump(app)
    typed = fields(name="", functions=["it"], regions=[""], count="1")
    found = check_page(owner.post(NEW, data={"csrf_token": _token(owner), **typed}))
    assert "This asks 1 person about 1 relationship." in found.text
    assert found.as_posted()["functions"] == ["it"]
    assert found.as_posted()["regions"] == [""]
    assert "Something needs putting right" not in found.text
    assert dump(app) == before


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": " "}, "Name: Give the wave a name."),
        ({"asks": "relationship-core/1/supplier-on-buyer"}, "Choose what is asked, and of whom."),
        ({"asks": ""}, "Choose what is asked, and of whom."),
        ({"closes_on": "2020-01-01"}, "That day is past. Choose today or a later day."),
        ({"closes_on": "soon"}, "This is no day. Write it as year-month-day"),
        ({"closes_on": "9999-12-31"}, "That is too far away."),
        ({"guard_days": "-1"}, "Write a number from 0 to 3650."),
        ({"guard_days": ""}, "Write a number of days; 0 for no limit."),
        ({"minimum_value": "NaN"}, "Write a plain amount, such as 250000 or 250,000.00."),
        ({"minimum_value": "1.234,56"}, "Write a plain amount"),
        ({"functions": ["gardening"]}, "Function: "),
        ({"segments": ["Nowhere"]}, "Segment: "),
        ({"slug": "Höher!"}, "cannot be a wave's short name"),
    ],
)
def test_what_cannot_be_used_is_said_and_what_was_typed_is_kept(
    app: Flask, owner: FlaskClient, wrong: dict[str, object], said: str
) -> None:
    before = dump(app)
    found = check_page(post(owner, NEW, **fields(**wrong)), status=422)
    assert found.title.startswith("Problem: ")
    assert said in found.text
    if "name" not in wrong:
        assert found.as_posted()["name"] == ["Autumn 2026"]
    assert dump(app) == before


def test_a_short_name_is_made_from_the_name_and_numbered_where_it_is_taken(
    app: Flask, owner: FlaskClient
) -> None:
    places = [
        post(owner, NEW, **fields(name=name)).location
        for name in ("Été à Zürich 2026!", "Été à Zürich 2026", "日本", "x" * 300)
    ]
    assert places[:3] == [
        "/p/kestrin/waves/ete-a-zurich-2026/check",
        "/p/kestrin/waves/ete-a-zurich-2026-2/check",
        "/p/kestrin/waves/wave/check",
    ]
    assert places[3] == f"/p/kestrin/waves/{'x' * 56}/check"
    taken = check_page(post(owner, NEW, **fields(slug="wave")), status=422)
    assert "There is already a wave 'wave'" in taken.text


def test_the_next_draft_begins_with_what_was_asked_last(
    app: Flask, owner: FlaskClient, page: Page
) -> None:
    post(owner, NEW, **fields(asks=CORE))
    assert page(NEW, through=owner).as_posted()["asks"] == [CORE]


def test_a_draft_is_changed(app: Flask, owner: FlaskClient, page: Page) -> None:
    make_wave(app)
    change(
        app,
        lambda _s, wave: setattr(
            wave, "list_rule", Rule(segments=("Gone",), functions=(Function.IT,)).as_json()
        ),
    )
    shown = page("/p/kestrin/waves/autumn/edit", through=owner)
    assert shown.as_posted()["segments"] == ["Gone"]  # can be taken out, though nobody has it now
    assert shown.as_posted()["functions"] == ["it"]
    assert "Short name: autumn. It cannot be changed." in shown.text
    response = post(
        owner, "/p/kestrin/waves/autumn/edit", **fields(name="Winter", segments=["Enterprise"])
    )
    assert response.location == "/p/kestrin/waves/autumn/check"
    wave = find(app)
    assert wave.name == "Winter"
    assert Rule.from_json(wave.list_rule) == Rule(segments=("Enterprise",))


def test_a_draft_launched_meanwhile_is_not_changed(app: Flask, owner: FlaskClient) -> None:
    make_wave(app)
    launch(app)
    found = check_page(post(owner, "/p/kestrin/waves/autumn/edit", **fields()), status=409)
    assert "Wave autumn is launching" in found.text
    assert found.links["/p/kestrin/waves/autumn"] == "Look at how it is now"
    assert find(app).state == WaveState.LAUNCHING


def test_a_library_changed_after_publishing_still_offers_what_was_published(
    app: Flask, owner: FlaskClient, page: Page
) -> None:
    make_wave(app)
    with app.app_context():
        version = db.session.scalars(select(QuestionnaireVersion)).one()
    change(app, lambda s, _w: setattr(s.get(QuestionnaireVersion, version.id), "sha256", "0" * 64))
    found = page(NEW, through=owner)
    assert "The library holds other content under this version now." in found.text
    assert post(owner, NEW, **fields(name="Second")).status_code == 303
    assert find(app, "second").questionnaire_version_id == version.id


def test_an_older_published_version_stays_on_offer(
    app: Flask, owner: FlaskClient, page: Page
) -> None:
    make_wave(app, slug="old", anonymity="confidential")
    found = page(NEW, through=owner)
    assert "confidential: shown for 3 or more people together" in found.text
    response = post(owner, NEW, **fields(asks="confidential/1/buyer-on-supplier"))
    assert response.status_code == 303


@pytest.mark.parametrize("role", [Role.ANALYST, Role.REVIEWER, Role.EXECUTIVE])
def test_only_owners_draft(app: Flask, owner: FlaskClient, role: Role) -> None:
    make_wave(app)
    member = sign_in(app, "kestrin", role=role)
    before = dump(app)
    for path in (NEW, "/p/kestrin/waves/autumn/edit"):
        check_page(member.get(path), status=403)
        check_page(post(member, path, **fields()), status=403)
    assert dump(app) == before


def _token(client: FlaskClient) -> str:
    return check_page(client.get("/account")).hidden("csrf_token")


def test_a_draft_is_deleted_with_its_texts_once_asked_and_a_launched_wave_never(
    app: Flask, owner: FlaskClient, page: Page
) -> None:
    make_wave(app)
    here = "/p/kestrin/waves/autumn/discard"
    post(
        owner,
        "/p/kestrin/waves/autumn/texts/invitation/en",
        subject="Please",
        body="{link} {contract}",
    )
    assert "Nobody was asked" in page(here, through=owner).text
    assert post(owner, here).location == "/p/kestrin/waves"
    assert owner.get("/p/kestrin/waves/autumn").status_code == 404
    make_wave(app)
    launch(app)
    before = dump(app)
    assert post(owner, here).status_code == 409
    assert dump(app) == before
