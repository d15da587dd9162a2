"""Steps of an import below the pages: guesses, what is remembered, and what is refused at the end."""

import uuid
from collections.abc import Iterator, Sequence

import pytest
from flask import Flask
from sqlalchemy import func, select

from surveyapp.errors import Conflict, ImportRefused, Invalid, NotFound, Problem
from surveyapp.extensions import db, state, transaction
from surveyapp.models.accounts import Contact, Organisation
from surveyapp.models.imports import ImportBatch, ImportChange, ImportState
from surveyapp.models.programmes import Programme
from surveyapp.services import import_batches, import_columns, import_files
from surveyapp.services.account_sheets import COLUMNS, Sheet
from surveyapp.services.import_columns import guess_columns, guess_sheet, missing
from surveyapp.services.import_problems import Group, grouped
from surveyapp.tabular.writing import as_csv
from tests.factories import make_programme
from tests.services.conftest import AtOnce
from tests.services.import_files import AT, FILES
from tests.tabular.workbook_files import workbook


@pytest.fixture
def programme(app: Flask) -> Iterator[Programme]:
    with transaction() as session:
        programme = make_programme(session)
    yield programme
    db.session.remove()


def begin(programme: Programme, files: dict[str, str]) -> ImportBatch:
    """Upload and accept every guess."""
    sent = [(f"{name}.csv", text.encode()) for name, text in files.items()]
    kept = import_files.receive(state().store, sent, {})
    with transaction() as session:
        batch = import_batches.create(session, programme, kept, by="test", at=AT)
        columns = import_batches.columns_of(session, programme, batch)
        import_batches.choose_columns(session, programme, batch, columns, at=AT)
    return batch


def commit(programme: Programme, batch: ImportBatch) -> None:
    parsed = import_batches.parse(state().store, batch)
    with transaction() as session:
        import_batches.commit(session, programme, batch, parsed, by="test", at=AT)


def count(model: type) -> int:
    with db.session() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


@pytest.mark.parametrize(
    ("title", "headings", "sheet"),
    [
        ("Contacts 2026", ["x"], Sheet.CONTACTS),
        ("kestrin-organisations", ["x"], Sheet.ORGANISATIONS),
        ("Ansprechpartner", [], Sheet.CONTACTS),
        ("Sheet1", ["E-Mail", "Name", "Company"], Sheet.CONTACTS),
        ("Sheet1", ["Customer number", "Company name"], Sheet.ORGANISATIONS),
        ("Sheet1", ["Kunde", "Lieferant", "Umsatz"], Sheet.RELATIONSHIPS),
        ("Sheet1", ["E-mail", "Buyer", "Vendor", "Department", "Influence"], Sheet.STAKEHOLDERS),
        ("Sheet1", ["Colour", "Weight"], None),
        ("Contacts and organisations", ["Colour"], None),
    ],
)
def test_tables_are_recognised_by_title_or_headings(
    title: str, headings: Sequence[str], sheet: Sheet | None
) -> None:
    assert guess_sheet(title, headings, {}) == sheet


@pytest.mark.parametrize("sheet", Sheet)
def test_our_own_headings_are_all_found_in_any_spelling(sheet: Sheet) -> None:
    names = [column.name for column in COLUMNS[sheet]]
    headings = [name.replace("_", "-").upper() for name in names]
    assert guess_columns(sheet, headings, {}) == dict(zip(names, headings, strict=True))


def test_a_choice_is_stronger_than_a_name_and_a_name_than_a_synonym() -> None:
    headings = ["name", "Company", "email", "mail"]
    assert guess_columns(Sheet.CONTACTS, headings, {}) == {
        "email": "email",
        "name": "name",
        "organisation": "Company",
    }
    known = {"mail": "email", "email": "", "company": ""}
    found = guess_columns(Sheet.CONTACTS, headings, known)
    assert found == {"email": "mail", "name": "name"}
    assert missing(Sheet.CONTACTS, found) == ["organisation"]


def test_choices_are_remembered_for_each_heading_and_the_newest_counts(
    app: Flask, programme: Programme
) -> None:
    for number, (headings, columns) in enumerate(
        [
            (["Adr", "Wer", "Tel"], {"email": "Adr", "name": "Wer"}),
            (["Post", "Wer"], {"email": "Post", "name": "Wer"}),
        ]
    ):
        with transaction() as session:
            import_columns.remember(
                session,
                programme,
                Sheet.CONTACTS,
                headings=headings,
                columns=columns,
                at=AT.replace(minute=number),
            )
    known = import_columns.remembered(db.session(), programme)
    assert known == {Sheet.CONTACTS: {"tel": "", "post": "email", "wer": "name"}}


def test_a_hidden_or_second_or_unreadable_table_is_left_out_at_first(app: Flask) -> None:
    book = workbook(
        {
            "Contacts": [["email", "email"], ["a", "b"]],
            "People": [["email", "name", "organisation"], ["a@x.example", "A", "a1"]],
            "Contacts 2": [["email", "name", "organisation"], ["b@x.example", "B", "a1"]],
        }
    )
    (file,) = import_files.receive(state().store, [("a.xlsx", book)], {})
    assert [part["sheet"] for part in file["parts"]] == ["", "contacts", ""]
    assert "is there twice" in file["parts"][0]["problems"][0]


def test_of_many_commits_at_once_one_counts(
    app: Flask, programme: Programme, at_once: AtOnce[object]
) -> None:
    batch = begin(programme, FILES)
    found = at_once([lambda: commit(programme, batch)] * 4)
    assert sum(each is None for each in found) == 1, found
    assert all(each is None or isinstance(each, Conflict) for each in found), found
    assert (count(Contact), count(ImportChange)) == (2, 7)


def test_two_imports_of_the_same_rows_at_once_store_them_once(
    app: Flask, programme: Programme, at_once: AtOnce[object]
) -> None:
    batches = [begin(programme, FILES) for _ in range(3)]
    found = at_once([lambda batch=batch: commit(programme, batch) for batch in batches])  # type: ignore[misc]
    assert found == [None] * 3
    assert (count(Contact), count(ImportChange)) == (2, 7)


def test_a_check_that_fails_at_the_end_leaves_the_import_open(
    app: Flask, programme: Programme
) -> None:
    batch = begin(programme, {"contacts": FILES["contacts"]})
    with pytest.raises(ImportRefused) as caught:
        commit(programme, batch)
    assert len(caught.value.problems) == 2
    found = import_batches.find(db.session(), programme, batch.id)
    assert (found.state, found.committed_at) == (ImportState.UPLOADED, None)
    assert count(Contact) == 0


def test_columns_chosen_otherwise_meanwhile_are_not_imported_unseen(
    app: Flask, programme: Programme
) -> None:
    batch = begin(programme, {"organisations": FILES["organisations"]})
    parsed = import_batches.parse(state().store, batch)
    with transaction() as session:
        again = import_batches.find(session, programme, batch.id)
        columns = {Sheet.ORGANISATIONS: {"reference": "reference", "name": "country"}}
        import_batches.choose_columns(session, programme, again, columns, at=AT)
    with pytest.raises(Conflict, match="Check the import again"), transaction() as session:
        import_batches.commit(session, programme, batch, parsed, by="test", at=AT)
    assert count(Organisation) == 0


def test_another_programmes_import_is_not_found(app: Flask, programme: Programme) -> None:
    batch = begin(programme, {"organisations": FILES["organisations"]})
    with transaction() as session:
        other = make_programme(session, slug="other")
    for wrong in (batch.id, uuid.uuid4()):
        with pytest.raises(NotFound):
            import_batches.find(db.session(), other, wrong)
    parsed = import_batches.parse(state().store, batch)
    with pytest.raises(NotFound), transaction() as session:
        import_batches.commit(session, other, batch, parsed, by="test", at=AT)
    assert count(Organisation) == 0


def test_a_table_that_cannot_be_read_cannot_be_chosen(app: Flask, programme: Programme) -> None:
    book = workbook({"A": [["a", "a"], ["1", "2"]], "B": [["reference", "name"], ["x", "X"]]})
    kept = import_files.receive(state().store, [("a.xlsx", book)], {})
    with transaction() as session:
        batch = import_batches.create(session, programme, kept, by="test", at=AT)
    with transaction() as session:
        found = import_batches.find(session, programme, batch.id)
        with pytest.raises(Invalid, match="cannot be read"):
            import_batches.choose_sheets(session, found, ["contacts", "organisations"])


def test_equal_sentences_are_said_once_with_their_cells() -> None:
    problems = [
        *(Problem(f"a!b.xlsx!S!A{row}", "Empty.") for row in range(2, 6)),
        Problem("contacts.csv:1", "Missing."),
        Problem("contacts.csv", "Empty."),
    ]
    assert grouped(problems, cells=2) == [
        Group("a!b.xlsx!S", "Empty.", ["A2", "A3"], 4),
        Group("contacts.csv", "Missing.", ["row 1"], 1),
        Group("contacts.csv", "Empty.", [], 1),
    ]


def test_files_to_download_run_no_formula() -> None:
    rows = [("=1+1", "@x", "plain"), ("-2", "+3", "\tx")]
    text = as_csv(["a", "b", "c"], rows).decode("utf-8-sig")
    assert text == "a,b,c\r\n'=1+1,'@x,plain\r\n'-2,'+3,'\tx\r\n"
