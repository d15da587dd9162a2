"""Facts through the browser's eyes: list, one KPI, definitions, and the import of values."""

import io
import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask, render_template_string
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from surveyapp.clock import today, utcnow
from surveyapp.extensions import db, transaction
from surveyapp.models.accounts import Relationship
from surveyapp.models.kpis import KpiBatch, KpiDefinition, KpiObservation
from surveyapp.models.people import Role, User
from surveyapp.services import programmes
from surveyapp.services.kpi_cells import quarter_of
from surveyapp.web.kpis import kept, shown
from tests.conftest import Checked, check_page
from tests.services.kpi_world import define, load, make_world, share
from tests.tabular.workbook_files import workbook
from tests.web.console_world import sign_in

FACTS = "/p/kestrin/facts"


def quarters(count: int) -> list[str]:
    """The last quarters that have ended, the newest first, as files name them."""
    found = []
    day = today()
    for _number in range(count):
        day = quarter_of(day).from_on - timedelta(days=1)
        found.append(f"{day.year}Q{(day.month + 2) // 3}")
    return found


HEAD = "kpi,buyer,supplier,organisation,period,numerator,denominator\n"


@pytest.fixture
def app(app_on_both: Flask) -> Iterator[Flask]:
    with app_on_both.app_context(), transaction() as session:
        make_world(session)
        make_world(session, "other")
    return app_on_both


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return sign_in(app, "kestrin")


@pytest.fixture
def facts(app: Flask) -> None:
    """On time: Aldermere late for three quarters, Brook by its supplier, Ostrow long ago."""
    with app.app_context(), transaction() as session:
        programme = programmes.find(session, "kestrin")
        define(session, programme, share(target=0.9), at=utcnow())
        lines = [
            f"on_time,Aldermere,Kestrin,,{quarter},{good},10\n"
            for quarter, good in zip(quarters(4), (6, 7, 8, 10), strict=True)
        ]
        lines.append(f"on_time,,,Kestrin,{quarters(1)[0]},95,100\n")
        lines.append("on_time,Aldermere,Ostrow,,2015Q1,1,2\n")
        load(session, programme, HEAD + "".join(lines), at=utcnow())


def post(client: FlaskClient, path: str, data: Mapping[str, Any] | None = None) -> TestResponse:
    html = client.get(f"{FACTS}/new").get_data(as_text=True)
    found = re.search(r'name="csrf_token"\s+value="([^"]+)"', html)
    assert found is not None
    return client.post(
        path, data={"csrf_token": found[1], **(data or {})}, content_type="multipart/form-data"
    )


def send(client: FlaskClient, text: bytes | str, name: str = "facts.csv") -> TestResponse:
    data = text if isinstance(text, bytes) else text.encode()
    return post(client, f"{FACTS}/imports", {"file": (io.BytesIO(data), name)})


def stored(app: Flask) -> int:
    with app.app_context(), db.engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(KpiObservation)) or 0


def opened(client: FlaskClient, path: str, *, status: int = 200) -> Checked:
    return check_page(client.get(path), status=status)


def test_an_empty_list_says_what_to_do_next(client: FlaskClient) -> None:
    page = opened(client, FACTS)
    assert page.h1 == "Facts"
    assert "No KPI is defined yet." in page.text
    assert page.link("Open the catalogue") == f"{FACTS}/catalogue"


def test_the_list_says_what_misses_its_target_and_how_fresh_it_is(
    client: FlaskClient, facts: None
) -> None:
    page = opened(client, FACTS)
    assert "On time misses its target three quarters running in 1 relationship." in page.text
    assert "1 of 3 facts is stale and not counted." in page.text
    row = page.text.partition("Service On time")[2]
    assert row.startswith(" 90% 2 1 0 1 ")


def test_one_kpi_shows_each_relationship_worst_first_with_age_and_tags(
    client: FlaskClient, facts: None
) -> None:
    page = opened(client, f"{FACTS}/kpis/on_time")
    assert "Half of 2 relationships lie between" in page.text
    assert "1 misses the target of 90%." in page.text
    order = [
        page.text.index(f"{each} and {of}")
        for each, of in (("Aldermere", "Kestrin"), ("Brook", "Kestrin"), ("Aldermere", "Ostrow"))
    ]
    assert order == sorted(order)
    assert "missed 3 quarters running" in page.text
    assert "from the organisation" in page.text
    assert "stale, not counted" in page.text
    years = (today() - date(2015, 3, 31)).days // 365.25
    assert f"{years:.0f} years old" in page.text
    names = quarters(2)
    assert f"On time: {quarters(4)[3]} 100%" in page.html
    assert f"{names[0]} 60%" in page.html
    turned = opened(client, f"{FACTS}/kpis/on_time?sort=-age")
    assert turned.text.index("and Ostrow") < turned.text.index("Brook and Kestrin")
    assert opened(client, f"{FACTS}/kpis/on_time?sort=nonsense&page=99").h1 == "On time"


def test_a_manager_sees_only_own_relationships(app: Flask, facts: None) -> None:
    manager = sign_in(app, "kestrin", role=Role.RELATIONSHIP_MANAGER, email="rm@kestrin.example")
    assert "No fact is current." in opened(manager, FACTS).text
    with app.app_context(), transaction() as session:
        user = session.scalars(select(User).where(User.email == "rm@kestrin.example")).one()
        first = session.scalars(
            select(KpiObservation.relationship_id)
            .where(KpiObservation.relationship_id.is_not(None))
            .order_by(KpiObservation.period_until_on.desc())
        ).first()
        session.execute(
            update(Relationship).where(Relationship.id == first).values(manager_id=user.id)
        )
    page = opened(manager, f"{FACTS}/kpis/on_time")
    assert "One relationship has a current value" in page.text
    assert "Brook" not in page.text
    assert manager.get(f"{FACTS}/imports").status_code == 403


def test_kpis_are_taken_from_the_catalogue(app: Flask, client: FlaskClient) -> None:
    path = f"{FACTS}/catalogue"
    assert "Delivered on time" in opened(client, path).text
    none = check_page(post(client, path), status=422)
    assert "Tick at least one KPI." in none.text
    assert post(client, path, {"slug": ["on_time", "audit_points", "made_up"]}).status_code == 303
    page = opened(client, FACTS)
    assert page.links[f"{FACTS}/kpis/on_time"] == "Delivered on time"
    assert "no data yet" in page.text
    assert page.html.count("/facts/kpis/") == 2
    again = check_page(post(client, path, {"slug": ["on_time", "growth"]}), status=422)
    assert "There is a KPI on_time already" in again.text
    with app.app_context(), db.engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(KpiDefinition)) == 2


WHOLE = {
    "name": "Mean delay",
    "slug": "delay",
    "family": "service",
    "unit": "days",
    "direction": "lower",
    "aggregation": "mean",
    "window_days": "365",
    "half_life_days": "184",
    "target": "2",
    "is_scored": "True",
}


def test_a_kpi_is_defined_by_hand_and_objections_stand_at_their_fields(
    client: FlaskClient,
) -> None:
    path = f"{FACTS}/new"
    page = check_page(post(client, path, {**WHOLE, "slug": "", "target": "soon"}), status=422)
    assert "Write a short name" in page.text
    assert "is not a number" in page.text
    page = check_page(post(client, path, {**WHOLE, "slug": "as_of"}), status=422)
    assert "a column of observation files" in page.text
    page = check_page(post(client, path, {**WHOLE, "formula": "kpi.speed"}), status=422)
    assert "Character 1: there is no KPI speed in use." in page.text
    done = post(client, path, WHOLE)
    assert done.headers["Location"] == f"{FACTS}/kpis/delay"
    page = opened(client, f"{FACTS}/kpis/delay")
    assert "after 368 days; after 184 it tells half as much" in page.text


def test_a_change_is_stored_unless_somebody_else_was_faster(
    app: Flask, client: FlaskClient
) -> None:
    post(client, f"{FACTS}/new", WHOLE)
    path = f"{FACTS}/kpis/delay/edit"
    page = opened(client, path)
    assert page.as_posted()["target"] == ["2"]
    form = {**WHOLE, "seen": page.hidden("seen"), "target": "3"}
    other = {**form, "name": "Delay in days"}
    assert post(client, path, other).status_code == 303
    refused = check_page(post(client, path, form), status=409)
    assert "Somebody else changed this meanwhile" in refused.text
    assert "Delay in days" in refused.text
    assert refused.as_posted()["target"] == ["3"]
    again = {**form, "seen": refused.hidden("seen")}
    assert post(client, path, again).status_code == 303
    assert opened(client, f"{FACTS}/kpis/delay").h1 == "Mean delay"


def test_a_kpi_is_retired_and_brought_back(client: FlaskClient, facts: None) -> None:
    assert post(client, f"{FACTS}/kpis/on_time/retire").status_code == 303
    page = opened(client, FACTS)
    assert "No KPI is defined yet." in page.text
    assert page.links[f"{FACTS}/kpis/on_time"] == "On time"
    page = opened(client, f"{FACTS}/kpis/on_time")
    assert "neither imported, shown nor scored" in page.text
    assert post(client, f"{FACTS}/kpis/on_time/retire").status_code == 303
    assert "kpi.on_time is retired." in opened(client, FACTS).text
    assert post(client, f"{FACTS}/kpis/on_time/restore").status_code == 303
    assert "is in use again" in opened(client, f"{FACTS}/kpis/on_time").text


def test_values_are_looked_at_then_stored_then_known(
    app: Flask, client: FlaskClient, facts: None
) -> None:
    before = stored(app)
    quarter = quarters(1)[0]
    sent = send(
        client,
        HEAD
        + f"on_time,Aldermere,Kestrin,,{quarter},9,10\non_time,Aldermere,Ostrow,,{quarter},9,10\n",
    )
    assert sent.status_code == 303
    page = opened(client, sent.headers["Location"])
    assert "1 value is new. 1 corrects one that is stored; both are kept." in page.text
    assert stored(app) == before, "looking stores nothing"
    form = {"upload": page.hidden("upload")}
    assert post(client, f"{FACTS}/imports/check", form).status_code == 303
    assert stored(app) == before + 2
    assert "2 values are stored." in opened(client, FACTS).text
    again = opened(client, sent.headers["Location"])
    assert "Every value is stored already." in again.text
    assert post(client, f"{FACTS}/imports/check", form).status_code == 303
    assert stored(app) == before + 2, "a second click adds nothing"


def test_problems_are_shown_with_their_cells_and_nothing_can_be_stored(
    app: Flask, client: FlaskClient, facts: None
) -> None:
    before = stored(app)
    rows = [["kpi", "organisation", "period", "value"], ["on_time", "Kestren", "2025Q9", 0.9]]
    sent = send(client, workbook({"Sheet": rows}), "facts.xlsx")
    page = opened(client, sent.headers["Location"])
    assert page.title.startswith("Problem: ")
    assert "facts.xlsx!Sheet: C2" in page.text
    assert "upload" not in page.as_posted()
    token = sent.headers["Location"].partition("upload=")[2]
    refused = post(client, f"{FACTS}/imports/check", {"upload": token})
    check_page(refused, status=422)
    assert stored(app) == before


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        ("", "facts.csv", "The file is empty"),
        (b"\xd0\xcf\x11\xe0", "facts.xls", "old Excel workbook"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_at_once(
    client: FlaskClient, facts: None, content: bytes | str, name: str, words: str
) -> None:
    page = check_page(send(client, content, name), status=422)
    assert words in page.text


def test_a_workbook_with_two_tables_is_refused_and_a_hidden_one_is_not_asked_about(
    client: FlaskClient, facts: None
) -> None:
    rows = [["kpi", "organisation", "period", "value"], ["on_time", "Kestrin", "2025Q3", 0.9]]
    page = check_page(send(client, workbook({"A": rows, "B": rows}), "two.xlsx"), status=422)
    assert "2 sheets with rows: A, B" in page.text


def test_without_a_file_or_with_a_strange_one_one_is_asked_again(
    app: Flask, client: FlaskClient, facts: None
) -> None:
    check_page(post(client, f"{FACTS}/imports"), status=422)
    assert client.get(f"{FACTS}/imports/check").status_code == 303
    assert client.get(f"{FACTS}/imports/check?upload=abc").status_code == 303
    location = send(client, HEAD + "on_time,,,Kestrin,2025Q3,1,2\n").headers["Location"]
    stranger = sign_in(app, "other", email="owner@other.example")
    theirs = stranger.get(location.replace("/p/kestrin/", "/p/other/"))
    assert theirs.status_code == 303
    assert stranger.get(location).status_code == 404


def test_an_upload_needs_the_token_of_its_page(client: FlaskClient, facts: None) -> None:
    sent = client.post(f"{FACTS}/imports", data={"file": (io.BytesIO(b"a"), "facts.csv")})
    assert sent.status_code == 400


def test_a_batch_is_withdrawn_after_a_question(
    app: Flask, client: FlaskClient, facts: None
) -> None:
    page = opened(client, f"{FACTS}/imports")
    path = page.link("Withdraw")
    assert "Nothing is deleted" in opened(client, path).text
    assert post(client, path).status_code == 303
    page = opened(client, f"{FACTS}/imports")
    assert "6 values are withdrawn." in page.text
    assert "Withdraw" not in page.links.values()
    assert "No fact is current." in opened(client, FACTS).text
    post(client, path)
    assert "withdrawn already" in opened(client, f"{FACTS}/imports").text
    with app.app_context(), db.engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(KpiBatch)) == 1


def test_the_facts_of_a_relationship_can_be_included_in_its_page(
    app: Flask, client: FlaskClient, facts: None
) -> None:
    with app.app_context():
        relationship = db.session.scalars(
            select(KpiObservation.relationship_id)
            .where(KpiObservation.relationship_id.is_not(None))
            .order_by(KpiObservation.period_until_on.desc())
        ).first()
        assert relationship is not None

    with client:
        client.get(FACTS)
        found = shown.of_relationship(relationship)
        text = render_template_string(
            '{% from "kpis/_facts.html" import facts %}{{ facts(found) }}', found=found
        )
    [fact] = found
    assert (fact.value, fact.target, fact.is_late) == ("77.5%", "90%", True)
    assert "missed 3 quarters running" in text
    assert "<title>On time:" in text
    assert 'stroke="#A13A14"' in text


def test_many_facts_are_kept_a_minute_and_counted_anew_with_each_import(
    app: Flask, client: FlaskClient, facts: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Counted at" not in opened(client, FACTS).text
    monkeypatch.setattr(kept, "LARGE", 3)
    app.extensions["coverage-figures"] = {}
    shown = opened(client, FACTS)
    assert "Counted at" in shown.text
    single = opened(client, f"{FACTS}/kpis/on_time")
    assert "Counted at" in single.text
    with app.app_context(), transaction() as session:
        session.execute(update(KpiObservation).values(value=0.5, numerator=1, denominator=2))
    # nothing that a batch or a definition says has changed
    assert opened(client, FACTS).text == shown.text
    with app.app_context(), transaction() as session:
        programme = programmes.find(session, "kestrin")
        line = f"on_time,Brook,Kestrin,,{quarters(1)[0]},1,10\n"
        load(session, programme, HEAD + line, at=utcnow())
    assert "90% 2 1 0 2 " in opened(client, FACTS).text
    assert "2 miss the target of 90%." in opened(client, f"{FACTS}/kpis/on_time").text


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("value", ("Ostrow", "Aldermere and Kestrin", "Brook")),
        ("-value", ("Brook", "Aldermere and Kestrin", "Ostrow")),
        ("worst", ("Aldermere and Kestrin", "Brook", "Ostrow")),
        ("-worst", ("Ostrow", "Brook", "Aldermere and Kestrin")),
        ("relationship", ("Aldermere and Kestrin", "Ostrow", "Brook")),
        ("-relationship", ("Brook", "Ostrow", "Aldermere and Kestrin")),
    ],
)
def test_one_kpi_is_sorted_either_way(
    client: FlaskClient, facts: None, order: str, expected: tuple[str, ...]
) -> None:
    page = opened(client, f"{FACTS}/kpis/on_time?sort={order}").text
    table = page.partition("Eight quarters")[2]
    places = [table.index(each) for each in expected]
    assert places == sorted(places)
