"""Other languages, and names in texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveyapp.questionnaires.answers import units
from surveyapp.questionnaires.catalogue import find
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.questionnaires.texts import unknown_placeholders
from surveyapp.questionnaires.wording import addressed, fill, locales, localised


def test_every_text_is_translated_and_nothing_else_changes(every_kind: Questionnaire) -> None:
    german = localised(every_kind, "de")
    base, other = units(every_kind), units(german)
    assert german.language == "de"
    assert german.title == "Jede Art von Frage"
    assert [section.title for section in german.sections] == ["Erstens", "Zweitens", "Drittens"]
    assert [dimension.label for dimension in german.dimensions] == ["Vertrauen", "Tempo"]
    assert other["late"].text == "{them} sind spät."
    assert other["late"].short == "Nicht spät"
    assert other["honest"].labels == ((1, "Nein"), (5, "Ja"))
    assert other["recommend"].labels == ((0, "Nie"), (10, "Immer"))
    assert [option.label for option in other["renew"].options] == ["Ja", "Nein", "Vielleicht"]
    for key, unit in base.items():
        translated = other[key]
        assert translated.text != unit.text
        assert translated.points == unit.points
        assert [o.code for o in translated.options] == [o.code for o in unit.options]
        if unit.escape:
            assert translated.escape is not None
            assert translated.escape.code == unit.escape.code
            assert translated.escape.label != unit.escape.label


@pytest.mark.parametrize(
    ("asked", "given"),
    [("de", "de"), ("de-AT", "de"), ("en", "en"), ("en-GB", "en"), ("fr", "en"), ("", "en")],
)
def test_the_nearest_language_is_chosen(every_kind: Questionnaire, asked: str, given: str) -> None:
    assert localised(every_kind, asked).language == given


def test_languages_are_listed_with_the_base_first(every_kind: Questionnaire) -> None:
    assert locales(every_kind) == ["en", "de"]
    assert locales(find("annual-customer-survey")) == ["en", "de"]


def test_names_are_set_in() -> None:
    names = {"them": "Kestrin", "us": "Halm"}
    assert fill("{them} tell {us} early.", names) == "Kestrin tell Halm early."
    assert fill("{them} and {then}", names) == "Kestrin and {then}"
    assert fill("{them}", {}) == "{them}"


@given(st.text())
def test_braces_in_a_name_are_only_letters(name: str) -> None:
    assert fill("{them} tell us.", {"them": name, "us": "X"}) == f"{name} tell us."


def test_a_name_cannot_reach_into_python() -> None:
    assert fill("{them}", {"them": "{us.__class__}", "us": "X"}) == "{us.__class__}"
    assert fill("{them.__class__}", {"them": "X"}) == "{them.__class__}"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("{them} and {us}", []),
        ("{they}", ["they"]),
        ("{them", ["{"]),
        ("them}", ["}"]),
        ("{{ item.label }} and {{item.label}}", []),
        ("{{ item.value }}", ["{", "}"]),
        ("{{ Item.label }}", ["{", "}"]),
        ("{0}", ["{", "}"]),
    ],
)
def test_other_braces_are_found(text: str, found: list[str]) -> None:
    assert unknown_placeholders(text) == found


def test_a_questionnaire_can_be_addressed_as_a_whole(every_kind: Questionnaire) -> None:
    q = addressed(localised(every_kind, "de"), {"them": "Kestrin", "us": "Halm"})
    assert q.introduction == "Alles, was die Sprache kann, über Kestrin."
    assert q.sections[0].introduction == "Über Sie und Halm."
    assert units(q)["late"].text == "Kestrin sind spät."
    assert "{" not in "".join(unit.text for unit in units(q).values())
    assert q.sections[1].visible_if == every_kind.sections[1].visible_if


@pytest.mark.parametrize("questionnaire_id", ["annual-customer-survey", "relationship-core"])
def test_no_placeholder_is_left_in_the_library_once_addressed(questionnaire_id: str) -> None:
    q = find(questionnaire_id)
    for locale in locales(q):
        text = addressed(localised(q, locale), {"them": "A", "us": "B"}).model_copy(
            update={"translations": {}}
        )
        assert "{them}" not in text.model_dump_json()
        assert "{us}" not in text.model_dump_json()
