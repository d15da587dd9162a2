"""The ABC example: data as published, sheets that import, forms read as a browser reads them."""

from collections import Counter
from pathlib import Path

import pytest

from examples import stage
from examples.abc import answers as abc_answers
from examples.abc import forms
from examples.abc import sheets as abc_sheets
from surveyapp.questionnaires import catalogue
from surveyapp.questionnaires.answers import units
from surveyapp.services import account_import
from surveyapp.services.account_import import Sheet


def test_the_data_are_those_published() -> None:
    customers = abc_answers.read()
    assert [customer.number for customer in customers] == list(range(1, 267))
    satisfied = Counter(customer.ratings.get("overall_satisfaction") for customer in customers)
    assert satisfied == {4: 118, 3: 70, 5: 38, 2: 25, 1: 11, None: 4}
    assert sum(9 - len(customer.ratings) for customer in customers) == 92
    assert sum(not customer.ratings for customer in customers) == 2


def test_every_rating_is_an_item_of_the_questionnaire() -> None:
    known = units(catalogue.find("annual-customer-survey"))
    assert set(abc_answers.RATINGS) <= set(known)


def test_the_sheets_can_be_read_for_import(tmp_path: Path) -> None:
    abc_sheets.write(abc_answers.read(), tmp_path / "accounts")
    files = {path.name: path.read_bytes() for path in (tmp_path / "accounts").iterdir()}
    tables = account_import.read_files(files)
    assert {sheet: len(table.rows) for sheet, table in tables.items()} == {
        Sheet.ORGANISATIONS: 267,
        Sheet.RELATIONSHIPS: 266,
        Sheet.CONTACTS: 266,
        Sheet.STAKEHOLDERS: 266,
    }


PAGE = """
<form action="/language" method="get"><input name="lang" value="de"></form>
<form action="/save" method="post"><input type="hidden" name="page_token" value="t&amp;t">
<input type="radio" name="q_a" value="1"><input type="radio" name="q_a" value="2" checked>
<input type="radio" name="q_b" value="1"><textarea name="q_why">so &lt;far</textarea>
<button name="action" value="continue">On</button><button name="action" value="stop">No</button></form>
"""


def test_a_form_sends_what_a_browser_would() -> None:
    form = forms.find_forms(PAGE)[1]
    assert (form.action, form.method) == ("/save", "post")
    sent = {"page_token": "t&t", "q_a": "2", "q_why": "so <far"}
    assert form.press() == sent
    form.tick("q_b", "1")
    assert form.press("continue") == sent | {"q_b": "1", "action": "continue"}


def test_only_what_the_page_offers_can_be_ticked() -> None:
    with pytest.raises(ValueError, match="offers no '3'"):
        forms.find_forms(PAGE)[1].tick("q_a", "3")


def test_the_demo_empties_its_own_folder_and_no_other(tmp_path: Path) -> None:
    folder = tmp_path / ".demo"
    with stage.fresh_folder(folder):
        (folder / "home").mkdir()
        (folder / "home" / "old").touch()
    with stage.fresh_folder(folder):
        assert [path.name for path in folder.iterdir()] == ["DEMO"]
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "thesis").touch()
    with pytest.raises(stage.CannotPlay, match="not the demo's"), stage.fresh_folder(precious):
        pass
    assert (precious / "thesis").exists()


def test_two_demos_do_not_share_a_folder(tmp_path: Path) -> None:
    with (
        stage.fresh_folder(tmp_path / ".demo"),
        pytest.raises(stage.CannotPlay, match="Another demo"),
        stage.fresh_folder(tmp_path / ".demo"),
    ):
        pass
