"""The invitation's words: the facts in every language, escaped where that matters."""

from datetime import date

import pytest

from surveyapp.delivery.rendering import Rendered, languages, render

LINK = "https://survey.example/r/" + "a" * 43


def invitation(locale: str = "en", **changed: str) -> Rendered:
    given = {
        "contact_name": "Tomas Vey",
        "asker": "Kestrin Logistics",
        "subject_name": "Kestrin Logistics",
        "questionnaire_title": "How are we doing?",
        "link": LINK,
        "contract": "Kestrin sees your name beside your answers.",
        "programme_name": "Kestrin annual survey",
    } | changed
    return render("invitation", locale, **given, minutes=6, closes_on=date(2026, 10, 23))


@pytest.mark.parametrize("locale", languages("invitation"))
def test_every_language_states_every_fact(locale: str) -> None:
    mail = invitation(locale, data_note="sample data")
    for body in (mail.text, mail.html):
        for fact in (LINK, "Tomas Vey", "6 Min" if locale == "de" else "6 min", "2026"):
            assert fact in body
        assert "How are we doing?" in body
        assert "Kestrin sees your name beside your answers." in body
        assert "Kestrin annual survey" in body
        assert "(sample data)" in body
    assert "Kestrin Logistics" in mail.subject
    assert f'lang="{locale}"' in mail.html


def test_dates_are_spelled_in_the_readers_language() -> None:
    assert "23 October 2026" in invitation("en").text
    assert "23. Oktober 2026" in invitation("de_AT").text


def test_a_language_without_templates_gets_english() -> None:
    assert invitation("fi") == invitation("en")


def test_a_third_party_is_named_beside_the_asker() -> None:
    mail = invitation(asker="Aldermere Foods")
    assert (
        "Aldermere Foods would like to hear from you how working with Kestrin Logistics"
        in mail.text
    )


def test_names_are_escaped_in_html_and_plain_in_text() -> None:
    mail = invitation(subject_name="Smith & <Sons>", asker="Smith & <Sons>")
    assert "Smith &amp; &lt;Sons&gt;" in mail.html
    assert "Smith & <Sons>" in mail.text


def test_a_subject_is_one_line() -> None:
    assert "\n" not in invitation(subject_name="A\r\nBcc: all@x.example").subject


def test_the_link_stands_on_a_line_of_its_own() -> None:
    assert LINK in invitation().text.splitlines()
