"""The import wizard through the browser's eyes: each step, its refusals, and undoing."""

import io
import re
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from surveyapp.extensions import db, transaction
from surveyapp.models.accounts import Contact, Organisation
from surveyapp.models.imports import ImportBatch, ImportChange, ImportMapping
from surveyapp.models.people import Role
from tests.conftest import Checked, check_page
from tests.factories import make_programme
from tests.services.import_files import FILES
from tests.tabular.workbook_files import workbook
from tests.web.console_world import sign_in

IMPORTS = "/p/kestrin/imports"
Files = Mapping[str, bytes | str]


@pytest.fixture
def app(app_on_both: Flask) -> Iterator[Flask]:
    with app_on_both.app_context(), transaction() as session:
        make_programme(session)
        make_programme(session, slug="other")
    return app_on_both


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return sign_in(app, "kestrin")


def csv_files() -> Files:
    return {f"{name}.csv": text for name, text in FILES.items()}


def post(client: FlaskClient, path: str, data: Mapping[str, Any] | None = None) -> TestResponse:
    """Post with the token of the page of imports."""
    html = client.get(IMPORTS).get_data(as_text=True)
    found = re.search(r'name="csrf_token"\s+value="([^"]+)"', html)
    assert found is not None
    return client.post(
        path,
        data={"csrf_token": found[1], **(data or {})},
        content_type="multipart/form-data",
    )


def send(client: FlaskClient, files: Files) -> TestResponse:
    sent = [
        (io.BytesIO(data if isinstance(data, bytes) else data.encode()), name)
        for name, data in files.items()
    ]
    return post(client, IMPORTS, {"files": sent})


def upload(client: FlaskClient, files: Files) -> str:
    """Upload and return the address of the import."""
    response = send(client, files)
    assert response.status_code == 303, response.get_data(as_text=True)[:3000]
    return response.location.removesuffix("/sheets")


def go_on(client: FlaskClient, address: str, step: str, **changes: str) -> TestResponse:
    """Post a step as it is offered, with some fields chosen otherwise."""
    shown = check_page(client.get(f"{address}/{step}"))
    return post(client, f"{address}/{step}", {**offered(shown), **changes})


def offered(page: Checked) -> dict[str, str]:
    """What the selects of a page are set to."""
    chosen = {}
    for name, inside in re.findall(
        r'<select[^>]*?name="([^"]+)".*?>(.*?)</select>', page.html, re.DOTALL
    ):
        found = re.search(r"<option[^>]*\bselected\b[^>]*>", inside)
        value = re.search(r'value="([^"]*)"', found[0]) if found else None
        chosen[name] = value[1] if value else ""
    return chosen


def import_all(client: FlaskClient, files: Files) -> str:
    address = upload(client, files)
    for step in ("sheets", "columns"):
        response = go_on(client, address, step)
        assert response.status_code == 303, response.get_data(as_text=True)[-3000:]
    response = post(client, f"{address}/commit")
    assert response.location == address, response.get_data(as_text=True)[-3000:]
    return address


def counted(app: Flask, model: type) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_four_files_go_through_every_step(app: Flask, client: FlaskClient) -> None:
    address = upload(client, csv_files())
    sheets = check_page(client.get(f"{address}/sheets"))
    assert list(offered(sheets).values()) == list(FILES)
    assert "2 rows with the headings reference, name, country." in sheets.text
    assert go_on(client, address, "sheets").location == f"{address}/columns"
    columns = check_page(client.get(f"{address}/columns"))
    assert offered(columns)["contacts-email"] == "0"
    assert offered(columns)["relationships-manager"] == ""
    assert go_on(client, address, "columns").location == f"{address}/check"
    check = check_page(client.get(f"{address}/check"))
    assert "7 rows would be new, nothing would change." in check.text
    assert counted(app, Contact) == 0, "nothing is stored before the last step"
    done = post(client, f"{address}/commit")
    assert (done.status_code, done.location) == (303, address)
    assert "Imported at" in check_page(client.get(address)).text
    assert counted(app, Contact) == 2
    overview = check_page(client.get(IMPORTS))
    assert "organisations.csv, relationships.csv" in overview.text
    assert "owner@kestrin.example" in overview.text


def test_a_workbook_with_other_words_is_recognised_and_remembered(
    app: Flask, client: FlaskClient
) -> None:
    book = workbook(
        {
            "Firmen": [["Kundennummer", "Firma", "Land"], [1200.0, "Brook", "UK"]],
            "Tabelle2": [
                ["E-Mail", "Ansprechpartner", "Kundennummer", "Phone"],
                ["bo@b.example", "Bo", 1200, "1"],
            ],
            "Notizen": [["x"], ["y"]],
        }
    )
    address = upload(client, {"Kunden.xlsx": book})
    assert list(offered(check_page(client.get(f"{address}/sheets"))).values()) == [
        "organisations",
        "contacts",
        "",
    ]
    go_on(client, address, "sheets")
    columns = check_page(client.get(f"{address}/columns"))
    assert "Not imported as it stands: Phone." in columns.text
    assert "B: Firma, as in Brook" in columns.text
    go_on(client, address, "columns", **{"organisations-country": ""})
    check = check_page(client.get(f"{address}/check"))
    assert "Kunden.xlsx!Tabelle2" in check.text
    assert "2 rows would be new" in check.text
    post(client, f"{address}/commit")
    with app.app_context():
        organisation = db.session.scalars(select(Organisation)).one()
        assert (organisation.reference, organisation.country) == ("1200", "")
    again = upload(client, {"Kunden.xlsx": book})
    go_on(client, again, "sheets")
    assert offered(check_page(client.get(f"{again}/columns")))["organisations-country"] == "", (
        "a heading that was left out is left out again"
    )
    go_on(client, again, "columns")
    check = check_page(client.get(f"{again}/check"))
    assert "Nothing would change" in check.text
    assert "/commit" not in "".join(check.forms)


def test_problems_are_grouped_by_sentence_named_by_cell_and_downloadable(
    app: Flask, client: FlaskClient
) -> None:
    lines = "".join(f"p{n},Person,nobody\n" for n in range(12))
    address = upload(client, {"contacts.csv": f"email,name,organisation\n{lines}"})
    go_on(client, address, "sheets")
    go_on(client, address, "columns")
    check = check_page(client.get(f"{address}/check"))
    assert "24 problems have to be mended first." in check.text
    assert "C2, C3, C4, C5, C6, C7, C8, C9 and 4 more" in check.text
    whole = client.get(f"{address}/problems.csv")
    assert whole.mimetype == "text/csv"
    assert len(whole.get_data(as_text=True).splitlines()) == 25
    refused = post(client, f"{address}/commit")
    assert refused.status_code == 422
    assert "Nothing was imported." in check_page(refused, status=422).text
    assert counted(app, Contact) == 0


def test_changes_are_shown_with_what_is_stored(client: FlaskClient) -> None:
    import_all(client, csv_files())
    address = upload(client, {"organisations.csv": "reference,name\na1,Aldermere plc\n"})
    go_on(client, address, "sheets")
    go_on(client, address, "columns")
    check = check_page(client.get(f"{address}/check"))
    assert "1 row would change, none would be new." in check.text
    assert "a1 name Aldermere Foods Aldermere plc" in check.text


def test_what_changed_since_the_check_is_refused_and_shown(app: Flask, client: FlaskClient) -> None:
    files = {"contacts.csv": "email,name,organisation\nbo@b.example,Bo,b1\n"}
    first = import_all(client, {"organisations.csv": "reference,name\nb1,Brook\n"})
    address = upload(client, files)
    go_on(client, address, "sheets")
    go_on(client, address, "columns")
    assert "1 row would be new" in check_page(client.get(f"{address}/check")).text
    assert post(client, f"{first}/undo").status_code == 303
    refused = check_page(post(client, f"{address}/commit"), status=422)
    assert "Something changed since the check. Nothing was imported." in refused.text
    assert "There is no organisation 'b1'." in refused.text
    assert counted(app, Contact) == 0
    assert counted(app, ImportChange) == 1, "only what the first import noted"


def test_a_second_click_imports_once(app: Flask, client: FlaskClient) -> None:
    address = import_all(client, csv_files())
    again = post(client, f"{address}/commit")
    assert (again.status_code, again.location) == (303, address)
    assert counted(app, Contact) == 2


def test_undo_says_what_it_does_and_does_it(app: Flask, client: FlaskClient) -> None:
    address = import_all(client, csv_files())
    page = check_page(client.get(f"{address}/undo"))
    assert "Contacts 2 0" in page.text
    assert counted(app, Contact) == 2, "looking changes nothing"
    assert post(client, f"{address}/undo").location == address
    assert "Undone at" in check_page(client.get(address)).text
    assert counted(app, Contact) == 0
    assert post(client, f"{address}/undo").status_code == 409


def test_an_undo_that_cannot_be_says_why(app: Flask, client: FlaskClient) -> None:
    address = import_all(client, csv_files())
    with app.app_context(), transaction() as session:
        for contact in session.scalars(select(Contact)):
            contact.name = "=HYPERLINK(1)"
    refused = check_page(post(client, f"{address}/undo"), status=409)
    assert "maren@kestrin.example was changed since: name." in refused.text
    assert "/undo" not in "".join(refused.forms)
    assert "was changed since" in client.get(f"{address}/undo.csv").get_data(as_text=True)
    assert counted(app, Contact) == 2


def test_a_discarded_import_is_over(app: Flask, client: FlaskClient) -> None:
    address = upload(client, csv_files())
    assert post(client, f"{address}/discard").location == IMPORTS
    assert "Nothing was imported yet." in check_page(client.get(IMPORTS)).text
    assert client.get(f"{address}/sheets").status_code == 409
    assert post(client, f"{address}/commit").status_code == 409
    assert counted(app, Contact) == 0


def test_another_programmes_import_does_not_exist(app: Flask, client: FlaskClient) -> None:
    address = upload(client, csv_files())
    theirs = address.replace("/p/kestrin/", "/p/other/")
    stranger = sign_in(app, "other")
    for path in ("", "/sheets", "/columns", "/check", "/problems.csv", "/undo", "/undo.csv"):
        assert stranger.get(theirs + path).status_code == 404, path
        assert stranger.get(address + path).status_code == 404, path
    token = re.search(r'csrf_token"\s+value="([^"]+)"', stranger.get("/p/other/imports").text)
    assert token is not None
    for path in ("/sheets", "/columns", "/commit", "/discard", "/undo"):
        sent = stranger.post(theirs + path, data={"csrf_token": token[1]})
        assert sent.status_code == 404, path


def test_only_owners_import_and_a_post_needs_its_token(app: Flask, client: FlaskClient) -> None:
    analyst = sign_in(app, "kestrin", role=Role.ANALYST)
    assert analyst.get(IMPORTS).status_code == 403
    sent = {"files": (io.BytesIO(b"email\na\n"), "contacts.csv")}
    assert analyst.post(IMPORTS, data=sent).status_code == 403
    sent = {"files": (io.BytesIO(b"email\na\n"), "contacts.csv")}
    assert client.post(IMPORTS, data=sent).status_code == 400
    assert app.test_client().post(IMPORTS).status_code == 404
    assert counted(app, ImportBatch) == 0


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"contacts-email": ""}, "Email (needed): Choose the heading that holds it"),
        ({"contacts-name": "0"}, "This heading stands for Email (needed) already."),
        ({"contacts-name": "99"}, "Name (needed): Not a valid choice"),
    ],
)
def test_columns_that_cannot_be_are_refused_at_the_field(
    client: FlaskClient, changes: dict[str, str], words: str
) -> None:
    address = upload(client, csv_files())
    go_on(client, address, "sheets")
    refused = check_page(go_on(client, address, "columns", **changes), status=422)
    assert words in refused.text


def test_tables_that_cannot_be_are_refused(client: FlaskClient) -> None:
    address = upload(client, csv_files())
    for changes, words in (
        ({"part-0": "contacts"}, "Two tables are marked as contacts."),
        ({f"part-{n}": "" for n in range(4)}, "Choose at least one table"),
        ({"part-0": "elephants"}, "Load the page again"),
    ):
        refused = go_on(client, address, "sheets", **changes)
        assert words in check_page(refused, status=422).text


def test_the_check_waits_for_tables_and_columns(client: FlaskClient) -> None:
    address = upload(client, csv_files())
    assert client.get(f"{address}/check").location == f"{address}/sheets"
    assert client.get(address).location == f"{address}/sheets"
    assert post(client, f"{address}/commit").status_code == 409
    assert client.get(f"{address}/undo").location == address
    assert client.get(f"{address}/undo.csv").status_code == 409
    assert post(client, f"{address}/undo").status_code == 409


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({}, "Choose at least one file."),
        ({"contacts.csv": ""}, "contacts.csv The file is empty."),
        (
            {"contacts.csv": "email,email\na,b\n"},
            "contacts.csv!B1 The column 'email' is there twice",
        ),
        ({"a.xls": b"\xd0\xcf\x11\xe0" + b"\0" * 99}, "old Excel workbook"),
        ({"a.xlsx": b"PK\x03\x04" + b"\0" * 99}, "damaged"),
        ({f"{n}.csv": "a\nb\n" for n in range(9)}, "At most 8 files"),
    ],
)
def test_files_that_cannot_be_used_are_refused_and_not_kept(
    app: Flask, client: FlaskClient, files: Files, words: str
) -> None:
    assert words in check_page(send(client, files), status=422).text
    assert counted(app, ImportBatch) == 0


def test_an_upload_may_be_larger_than_other_posts_and_its_limit_is_named(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.config["MAX_CONTENT_LENGTH"] = 50_000
    monkeypatch.setattr("surveyapp.web.imports.MAX_UPLOAD", 150_000)
    large = "email,name,organisation\n" + "a@x.example,A,a1\n" * 6_000
    assert send(client, {"contacts.csv": large}).status_code == 303
    refused = send(client, {"contacts.csv": large * 2})
    assert "together at most 40 MB" in check_page(refused, status=413).text
    assert (
        post(
            client, f"{IMPORTS}/{uuid.uuid4()}/undo", {"files": [(io.BytesIO(large.encode()), "x")]}
        ).status_code
        == 413
    )


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd.csv",
        "C:\\temp\\<script>alert(1)</script>.csv",
        "\u202egnp.csv",
        "n" * 400 + ".csv",
        ".csv",
        "/",
    ],
)
def test_names_of_files_are_harmless(app: Flask, client: FlaskClient, name: str) -> None:
    address = upload(client, {name: "email,name,organisation\na@x.example,A,a1\n"})
    shown = check_page(client.get(f"{address}/sheets"))
    assert "<script>alert" not in shown.html
    with app.app_context():
        kept = db.session.scalars(select(ImportBatch)).one().files[0]["name"]
    assert not set(kept) & set("/\\\u202e\n")
    assert 0 < len(kept) <= 120
    go_on(client, address, "sheets", **{"part-0": "contacts"})
    go_on(client, address, "columns")
    assert "There is no organisation 'a1'." in check_page(client.get(f"{address}/check")).text


def test_two_files_of_one_name_are_told_apart(client: FlaskClient) -> None:
    sent = [(io.BytesIO(b"email\na@x.example\n"), "a/contacts.csv") for _ in range(2)]
    response = post(client, IMPORTS, {"files": sent})
    shown = check_page(client.get(response.location))
    assert "contacts (2).csv" in shown.text


def test_empty_files_have_the_right_headings(client: FlaskClient) -> None:
    for sheet in FILES:
        sent = client.get(f"{IMPORTS}/templates/{sheet}.csv")
        assert sent.headers["Content-Disposition"] == f'attachment; filename="{sheet}.csv"'
        filled = sent.data + b"x" + b"," * sent.data.count(b",") + b"\r\n"
        address = upload(client, {f"{sheet}.csv": filled})
        go_on(client, address, "sheets")
        columns = check_page(client.get(f"{address}/columns"))
        assert "Not imported as it stands" not in columns.text
        assert "" not in offered(columns).values(), "every column finds its heading"
    assert client.get(f"{IMPORTS}/templates/users.csv").status_code == 404


def test_what_was_chosen_is_remembered_by_programme(app: Flask, client: FlaskClient) -> None:
    odd = {"contacts.csv": "Adr,Wer,Wo\na@x.example,A,a1\n"}
    chosen = {"contacts-email": "0", "contacts-name": "1", "contacts-organisation": "2"}
    address = upload(client, odd)
    go_on(client, address, "sheets")
    assert go_on(client, address, "columns", **chosen).status_code == 303
    assert counted(app, ImportMapping) == 1
    again = upload(client, {"Tabelle1.csv": odd["contacts.csv"]})
    assert list(offered(check_page(client.get(f"{again}/sheets"))).values()) == ["contacts"]
    go_on(client, again, "sheets")
    shown = offered(check_page(client.get(f"{again}/columns")))
    assert {name: shown[name] for name in chosen} == chosen
    other = sign_in(app, "other")
    html = other.get("/p/other/imports").text
    token = re.search(r'csrf_token"\s+value="([^"]+)"', html)
    assert token is not None
    sent = {"csrf_token": token[1], "files": (io.BytesIO(odd["contacts.csv"].encode()), "x.csv")}
    theirs = other.post("/p/other/imports", data=sent).location
    assert list(offered(check_page(other.get(theirs))).values()) == [""]
